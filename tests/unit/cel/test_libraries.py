"""The libraries of Kubernetes and of cel-go: values as an API server 1.36 gives them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gateproof import cel


def value_of(source: str, **bindings: object) -> Any:
    return cel.compile(source, set(bindings), libraries=cel.EVERYTHING).evaluate(bindings)


def said(source: str, **bindings: object) -> str:
    with pytest.raises(cel.EvaluationError) as caught:
        value_of(source, **bindings)
    return caught.value.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'tacocat'.charAt(3) + 'a'.charAt(1)", "o"),
        ("'hello mellow'.indexOf('ello', 2)", 7),
        ("'hello mellow'.lastIndexOf('ello', 6) + 'abc'.lastIndexOf('')", 4),
        ("'TacoCÆt Xii'.lowerAscii() + 'tacoCÆt'.upperAscii()", "tacocÆt xiiTACOCÆT"),
        ("'hello hello'.replace('he', 'we', 1) + 'ab'.replace('', '-')", "wello hello-a-b-"),
        (
            "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'a'.split('', 0) == []",
            True,
        ),
        ("'tacocat'.substring(4) + 'tacocat'.substring(0, 4)", "cattaco"),
        ("'  \\u2003trim\\n '.trim()", "trim"),
        ("['x', 'y'].join('-') + ['x'].join()", "x-yx"),
        (r"strings.quote('a\"b\n')", r'"a\"b\n"'),
        ("'%s is %d, %.2f, %x, %b, %o%%'.format(['a', 1, 2.5, 255, true, 8])", "a is 1, 2.50, ff, 1, 10%"),
        (
            "'%s'.format([[1.0, 'é', b'x', null, duration('1h'), int]])",
            '[1.000000, "é", b"x", null, duration("3600s"), int]',
        ),
        ("'%s'.format([{'b': 1, 'a': [true]}])", '{"a":[true], "b":1}'),
        ("'%f %e'.format([1234567.891, 1052033.4])", "1,234,567.891000 1.052033×10⁰⁶"),
        ("'%X %x'.format(['hi', -26])", "6869 -1a"),
    ],
)
def test_strings(source: str, expected: object) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("'abc'.charAt(n)", "index out of range: 7"),
        ("'abc'.substring(n)", "index out of range: 7"),
        ("'abc'.substring(2, 1)", "invalid substring range. start: 2, end: 1"),
        ("[n].join()", "no such overload: join(list)"),
        ("['a', n].join()", "join: invalid input: 7"),
        ("'%d'.format([s])", "error during formatting: decimal clause can only be used on integers, was given string"),
        ("(s + '%q').format([1])", 'could not parse formatting clause: unrecognized formatting clause "q"'),
        ("(s + '%').format([1])", "unexpected end of string"),
        ("(s + '%d %d').format([1])", "index 1 out of range"),
    ],
)
def test_strings_that_fail(source: str, message: str) -> None:
    assert said(source, n=7, s="x") == message


@pytest.mark.parametrize(
    "source", ["'%d'.format(['x'])", "'%d %d'.format([1])", "'%d'.format([1, 2])", "'%q'.format([1])"]
)
def test_formats_are_checked_where_they_are_literal(source: str) -> None:
    with pytest.raises(cel.CompileError):
        cel.compile(source, [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[1, 2, 2].isSorted() && !['b', 'a'].isSorted()", True),
        ("[1, 2].sum() + [3].min() + [4, 5].max()", 11),
        ("[1.5, 2.0].sum()", 3.5),
        ("[duration('1h'), duration('1m')].sum() == duration('61m')", True),
        ("[1u, 2u].sum()", cel.Uint(3)),
        ("['a', 'b', 'a'].lastIndexOf('a') + ['a'].indexOf('b')", 1),
        ("[1, 2, 3, 4].slice(1, 3)", [2, 3]),
        ("[[1], [2, 3]].flatten()", [1, 2, 3]),
        ("[[1, [2]], [3]].flatten(2)", [1, 2, 3]),
        ("[1, 2, 1, 2.0].distinct()", [1, 2]),
        ("['b', 'a'].sort() + ['x', 'y'].reverse()", ["a", "b", "y", "x"]),
        ("[{'n': 2}, {'n': 1}].sortBy(e, e.n).map(e, e.n)", [1, 2]),
        ("lists.range(3)", [0, 1, 2]),
        ("[1, 2].first().value() + [1, 2].last().value()", 3),
        ("[].first().hasValue()", False),
        ("sets.contains(dyn([1, 2]), [1.0]) && !sets.contains([1], [2])", True),
        ("sets.equivalent([1, 1], [1]) && sets.intersects([1], [2, 1])", True),
        ("'abc 123'.find('[0-9]+') + 'x'.find('y')", "123"),
        ("'a1b2'.findAll('[0-9]') + 'a1b2'.findAll('[0-9]', 1)", ["1", "2", "1"]),
        ("'abc'.findAll('x*')", ["", "", "", ""]),
    ],
)
def test_lists_and_regular_expressions(source: str, expected: object) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("url('https://user@example.com:80/a%20b?x=1&x=2&y#f').getQuery()", {"x": ["1", "2"], "y": [""]}),
        (
            "url('https://example.com:80/').getHost() + url('https://example.com:80/').getHostname()",
            "example.com:80example.com",
        ),
        ("url('https://[::1]:8080/').getHostname() + url('https://[::1]:8080/').getPort()", "::18080"),
        ("url('HTTP://a/b c').getEscapedPath() + url('HTTP://a').getScheme()", "/b%20chttp"),
        ("isURL('/path') && isURL('https://a') && !isURL('a/b') && !isURL('') && !isURL('https://a b/')", True),
        ("url('https://a/b') == url('https://a/b')", True),
        ("quantity('1.5Gi').compareTo(quantity('1536Mi'))", 0),
        ("quantity('50k').asInteger() + quantity('1Ki').asInteger()", 51024),
        ("quantity('50m').isInteger() || quantity('1.0').isInteger()", False),
        ("quantity('50m').asApproximateFloat()", 0.05),
        ("quantity('1000000000000000000').asApproximateFloat()", 1.0000000000000001e18),
        ("isURL('http://[::1%25eth0]/') && !isURL('http://[:1]/') && !isURL('http://a:1:2')", True),
        ("isURL('x://a:b:2')", True),
        ("double(dyn('1_000')) + double(dyn('0x1p-1'))", 1000.5),
        ("timestamp('9999-12-31T23:00:00Z').getHours('+05:30') + timestamp(-62135596800).getFullYear('-01:00')", 4),
        ("quantity('1k').add(5).sub(quantity('5')) == quantity('1000')", True),
        ("sign(quantity('-1')) + sign(quantity('0'))", -1),
        ("isQuantity('1Mi') && isQuantity('1e3') && !isQuantity('1Q') && !isQuantity('')", True),
        ("ip('192.0.2.1').family() + ip('2001:db8::1').family()", 10),
        ("ip('127.0.0.1').isLoopback() && ip('169.254.1.1').isLinkLocalUnicast()", True),
        ("ip('10.0.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()", True),
        ("ip('224.0.0.1').isLinkLocalMulticast() && ip('::').isUnspecified()", True),
        (
            "isIP('::1') && !isIP('1.2.3') && !isIP('fe80::1%eth0') && !isIP('::ffff:1.2.3.4') && !isIP('01.2.3.4')",
            True,
        ),
        ("ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')", True),
        ("cidr('10.1.0.0/8').containsIP('10.2.3.4') && !cidr('10.0.0.0/8').containsIP(ip('::1'))", True),
        (
            "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))",
            True,
        ),
        ("string(cidr('10.1.2.3/8').masked()) + string(cidr('10.1.2.3/8').ip())", "10.0.0.0/810.1.2.3"),
        ("isCIDR('::/0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0/255.0.0.0')", True),
        ("cidr('::/64').prefixLength()", 64),
        ("semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && semver('v1.2', true).minor() == 2", True),
        ("semver('1.10.0').isGreaterThan(semver('1.9.9')) && semver('1.0.0+a') != semver('1.0.1')", True),
        ("isSemver('1.2.3') && !isSemver('v1.2.3') && isSemver('v1.2.3', true) && !isSemver('1.02.3')", True),
        ("semver('1.0.0-alpha.1').compareTo(semver('1.0.0-alpha.beta'))", -1),
        ("format.dns1123Label().validate('a-b').hasValue() || format.uuid().validate('x').value() == []", False),
        ("format.named('nothing').hasValue()", False),
        ("format.named('dns1123Subdomain').value().validate('a.b') == optional.none()", True),
        ("format.dns1123Label().validate('a.b').value()", ["must not contain dots"]),
        ("format.qualifiedName().validate('example.com/name') == optional.none()", True),
        ("format.datetime().validate('2026-11-23T05:00:00Z') == format.date().validate('2026-11-23')", True),
        ("format.byte().validate('aGk=').hasValue() || format.uri().validate('https://a').hasValue()", False),
        ("type(quantity('1')) != type(ip('::1')) && type(ip('::1')) == net.IP", True),
    ],
)
def test_kubernetes(source: str, expected: object) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("quantity('1Em')", "unable to parse quantity's suffix"),
        ("quantity('0.5').asInteger()", "cannot convert value to integer"),
        ("ip('1.2.3.4%eth0')", 'IP address "1.2.3.4%eth0" with zone value is not allowed'),
        ("semver('1')", '"1" is not a semantic version'),
        ("dyn(ip('1.2.3.4')) == '1.2.3.4'", "no such overload"),
        ("[].max()", "max called on empty list"),
        ("[1, 2].slice(1, 5)", "cannot slice(1, 5), list is length 2"),
    ],
)
def test_kubernetes_that_fails(source: str, message: str) -> None:
    assert said(source) == message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("math.greatest(1, 2.5, 2u) == 2.5 && math.least([3, 1]) == 1", True),
        ("math.ceil(1.2) + math.floor(1.8) + math.round(-2.5) + math.trunc(-1.9)", -1.0),
        ("math.abs(-3) + math.sign(-9)", 2),
        ("math.bitAnd(6, 3) + math.bitOr(6, 3) + math.bitXor(6, 3) + math.bitNot(0)", 13),
        ("math.bitShiftLeft(1, 63) == -9223372036854775808 && math.bitShiftRight(-1, 60) == 15", True),
        ("math.isNaN(math.sqrt(-1)) && math.isInf(1.0 / 0.0) && math.isFinite(1.0)", True),
        ("base64.encode(b'hello') + string(base64.decode('aGk'))", "aGVsbG8=hi"),
        ("regex.replace('ab12', '([a-z]+)([0-9]+)', '\\\\2\\\\1')", "12ab"),
        ("regex.extract('id: 7', 'id: (\\\\d)').value() + regex.extractAll('a1b2', '[a-z]\\\\d').join()", "7a1b2"),
    ],
)
def test_what_an_api_server_does_not_have(source: str, expected: object) -> None:
    assert value_of(source) == expected


def test_infinite_and_huge_doubles_become_no_integers() -> None:
    for number in (math.inf, -math.inf, math.nan, 2.0**63):
        assert said("int(x)", x=number) == "integer overflow"
