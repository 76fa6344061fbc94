"""The language itself: operators, macros, conversions, and errors that are absorbed or not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gateproof import cel

OBJECT = {
    "metadata": {"name": "web", "labels": {"app": "web", "tier": "1"}},
    "spec": {"replicas": 3, "containers": [{"name": "a", "image": "nginx:1"}, {"name": "b", "image": "redis:latest"}]},
}


def value_of(source: str, **bindings: object) -> Any:
    return cel.compile(source, set(bindings), libraries=cel.EVERYTHING).evaluate(bindings)


def said(source: str, **bindings: object) -> str:
    with pytest.raises(cel.EvaluationError) as caught:
        value_of(source, **bindings)
    return caught.value.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7u / 2u", cel.Uint(3)),
        ("1.5 * 2.0", 3.0),
        ("1.0 / 0.0", math.inf),
        ("-9223372036854775808", -(2**63)),
        ("0x1F + 0x01", 32),
        ("'a' + \"b\" + '''c'''", "abc"),
        (r"'\x41\u0042\103\n' + r'\n'", "ABC\n\\n"),
        (r"b'\xff' + b'a'", b"\xffa"),
        ("[1] + [2, 3]", [1, 2, 3]),
        ("{'a': dyn(1), 'b': {'c': [true]}}", {"a": 1, "b": {"c": [True]}}),
        ("{true: 1, false: 2}[true] + {true: 1, 1: 5}.size() + {1: 2}[dyn(1u)]", 5),
        ("!!true && !(false || false)", True),
        ("2 < 3 ? 'yes' : 'no'", "yes"),
        ("dyn(1) == 1.0 && dyn(1u) == 1 && dyn(1) != '1'", True),
        ("[1, 2] == [1, 2] && {'a': [1]} == {'a': [1]} && [1] != [2]", True),
        ("dyn([1]) == [1.0] && dyn([true]) != [1]", True),
        ("1 < 1.5 && 2u > 1 && 'a' < 'b' && b'a' <= b'a' && false < true", True),
        ("2 in [1, 2] && 'a' in {'a': 1} && !('b' in {'a': 1})", True),
        ("[10, 20][1] + {'a': 5}['a'] + {'a': 5}.a", 30),
        ("size('héllo') + size([1]) + {'a': 1}.size() + b'ab'.size()", 9),
        ("type(1) == int && type('') == string && type([]) == list && type(null) == null_type", True),
        ("type(type(1)) == type && type({}) == map && type(1u) != type(1)", True),
        ("'hello'.startsWith('he') && 'hello'.endsWith('lo') && 'hello'.contains('ll')", True),
        ("'hello'.matches('^h.*o$') && matches('x', '[a-z]')", True),
    ],
)
def test_values(source: str, expected: object) -> None:
    found = value_of(source)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object.spec.containers.all(c, c.image.contains(':'))", True),
        ("object.spec.containers.exists(c, c.image.endsWith(':latest'))", True),
        ("object.spec.containers.exists_one(c, c.name == 'a')", True),
        ("object.spec.containers.map(c, c.name)", ["a", "b"]),
        ("object.spec.containers.map(c, c.name == 'b', c.image)", ["redis:latest"]),
        ("object.spec.containers.filter(c, c.name == 'a')[0].image", "nginx:1"),
        ("object.metadata.labels.all(k, k.size() > 2)", True),
        ("has(object.spec.replicas) && !has(object.spec.paused)", True),
        ("object.metadata.labels.exists(k, v, k == 'tier' && v == '1')", True),
        ("object.spec.containers.transformList(i, c, string(i) + c.name)", ["0a", "1b"]),
        ("object.metadata.labels.transformMap(k, v, k != 'app', v + '!')", {"tier": "1!"}),
        ("object.metadata.labels.transformMapEntry(k, v, {v: k})", {"web": "app", "1": "tier"}),
        ("cel.bind(n, object.spec.replicas, n + n)", 6),
        ("object.?spec.?paused.orValue(false)", False),
        ("object.?spec.replicas.hasValue()", True),
        ("object.spec.containers[?5].?name.orValue('none')", "none"),
        ("object.?spec.?replicas.optMap(n, n * 2).value()", 6),
        ("[?object.?spec.?paused, ?optional.of(1)]", [1]),
        ("{?'a': optional.none(), ?'b': optional.of(2)}", {"b": 2}),
        ("object.spec.containers.map(c, object.spec.containers.map(d, c.name + d.name))", [["aa", "ab"], ["ba", "bb"]]),
    ],
)
def test_objects(source: str, expected: object) -> None:
    assert value_of(source, object=OBJECT) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("int('42') + int(3.9) + int(7u)", 52),
        ("uint(3) + uint('4')", cel.Uint(7)),
        ("double('1e3') + double(1)", 1001.0),
        ("string(1.5) + string(1234567.0) + string(true) + string(3u)", "1.51.234567e+06true3"),
        ("bool('true') && !bool('f')", True),
        ("string(bytes('é')) + string(b'abc')", "éabc"),
        ("duration('1h30m') == duration('5400s')", True),
        ("string(duration('1h0.5s'))", "3600.5s"),
        ("duration('3730s').getHours() + duration('3730s').getMinutes()", 63),
        ("string(timestamp('2026-11-23T05:00:00.120Z'))", "2026-11-23T05:00:00.12Z"),
        ("timestamp('2026-11-23T05:00:00Z') + duration('1h') > timestamp('2026-11-23T05:30:00Z')", True),
        ("timestamp('2026-11-23T05:00:00Z').getHours('America/New_York')", 0),
        ("timestamp('2026-11-23T05:00:00Z').getMinutes('+05:30')", 30),
        ("timestamp('2026-11-23T05:00:00Z').getDayOfWeek()", 1),
        ("int(timestamp('1970-01-01T00:01:00Z'))", 60),
    ],
)
def test_conversions_and_times(source: str, expected: object) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("9223372036854775807 + 1", "integer overflow"),
        ("-9223372036854775808 / -1", "integer overflow"),
        ("0u - 1u", "unsigned integer overflow"),
        ("1 / 0", "division by zero"),
        ("1 % 0", "modulus by zero"),
        ("dyn(1) + 1.0", "no such overload"),
        ("dyn(1) < 'a'", "no such overload"),
        ("object.spec.nothing", "no such key: nothing"),
        ("object.metadata.name.first", "no such key: first"),
        ("object.spec.containers[2]", "index out of bounds: 2"),
        ("{'a': 1}['b']", "no such key: b"),
        ("{object.metadata.labels: 1}", "unsupported key type: map"),
        ("int(object.metadata.name)", "type conversion error from 'string' to 'int'"),
        ("int(object.spec.replicas * 1000000000000000000000.0)", "no such overload"),
        ("int(double(object.spec.replicas) * 1e30)", "integer overflow"),
        ("timestamp(object.metadata.name)", "type conversion error from 'string' to 'google.protobuf.Timestamp'"),
        ("optional.none().value()", "optional.none() dereference"),
        ("dyn(1) ? true : false", "no such overload"),
        ("[1].all(x, dyn(x))", "no such overload"),
        ("'a'.matches('(' + object.metadata.name)", "error parsing regexp: missing ): (web"),
        ("object.metadata.name.all(c, true)", "got 'types.String', expected iterable type"),
    ],
)
def test_errors(source: str, message: str) -> None:
    assert said(source, object=OBJECT) == message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 0 == 1 || true", True),
        ("true || 1 / 0 == 1", True),
        ("1 / 0 == 1 && false", False),
        ("dyn(1) && false", False),
        ("[0, 1].exists(x, 1 / x == 1)", True),
        ("[1, 0].all(x, 1 / x == 2)", False),
        ("true ? 1 : 1 / 0", 1),
        ("cel.bind(x, 1 / 0, false && x == 1)", False),
        ("object.nothing == 1 || has(object.spec)", True),
    ],
)
def test_errors_are_absorbed(source: str, expected: object) -> None:
    assert value_of(source, object=OBJECT) == expected


@pytest.mark.parametrize("source", ["1 / 0 == 1 || false", "1 / 0 == 1 && true", "[0, 2].exists(x, 1 / x == 1)"])
def test_errors_are_not_absorbed_where_nothing_decides(source: str) -> None:
    assert said(source) == "division by zero"


def test_all_problems_are_reported_with_their_places() -> None:
    with pytest.raises(cel.CompileError) as caught:
        cel.compile("1 + 'a' == y &&\n  nothing(2) || [1, 'b'] == []", ["object"], where="policy.yaml")
    assert [(each.line, each.column) for each in caught.value.found] == [(1, 3), (1, 12), (2, 3), (2, 21)]
    assert str(caught.value) == (
        "policy.yaml: the CEL expression does not compile (and 3 more)\n"
        "  1:3: found no matching overload for '_+_' applied to '(int, string)'\n"
        "  1:12: undeclared reference to 'y'\n"
        "  2:3: undeclared reference to 'nothing'\n"
        "  2:21: expected type 'int' but found 'string'"
    )


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("int('x')", "1:1: type conversion error from 'string' to 'int'"),
        ("timestamp('yesterday')", "1:1: type conversion error from 'string' to 'google.protobuf.Timestamp'"),
        ("'a'.matches('(')", "1:5: error parsing regexp: missing ): ("),
        ("has(object)", "1:5: has() needs a field, such as has(object.spec)"),
        ("[1].all(x.y, true)", "1:10: expected the name of a variable"),
        ("[1].all(1, true)", "1:9: expected the name of a variable"),
        ("'abc'.all(x, true)", "1:1: expression of type 'string' cannot be range of a comprehension"),
        ("1.size()", "1:3: found no matching overload for 'size' applied to 'int.()'"),
        ("'a'.startsWith()", "1:5: found no matching overload for 'startsWith' applied to 'string.()'"),
        ("object.startsWith(1)", "1:8: found no matching overload for 'startsWith' applied to 'dyn.(int)'"),
        ("true ? 1 : 'a'", "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"),
        ("1 && true", "1:1: expected type 'bool' but found 'int'"),
        ("1.foo", "1:2: type 'int' does not support field selection"),
        ("authorizer.path('/').check('get').allowed()", "undeclared reference to 'authorizer.path': the authorizer"),
        ("google.protobuf.Int32Value{value: 1}", "1:27: messages are not supported"),
        ("object.`a-b`", "1:8: identifiers in backquotes are not supported"),
        ("let", "1:1: 'let' is a reserved word"),
        ("negate(1)", "1:1: undeclared reference to 'negate'"),
        ("-'a'", "1:1: found no matching overload for '-_' applied to '(string)'"),
        ("9223372036854775808", "1:1: invalid int literal"),
        ("'abc", "1:1: a string that does not end"),
        ("1 +", "1:4: expected an expression, found the end of the expression"),
        ("1 2", "1:3: expected an operator or the end, found 2"),
        ("", "1:1: expected an expression, found the end of the expression"),
    ],
)
def test_what_does_not_compile(source: str, problem: str) -> None:
    with pytest.raises(cel.CompileError) as caught:
        cel.compile(source, ["object"])
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("cel.bind(x, 1, x)", "undeclared reference to 'cel.bind': the library 'bindings' is not enabled"),
        ("math.abs(-1)", "undeclared reference to 'math.abs': the library 'math' is not enabled"),
        ("[object.a, 'b']", "1:12: expected type 'dyn' but found 'string'"),
    ],
)
def test_what_an_api_server_does_not_have_compiles_only_where_it_is_asked_for(source: str, problem: str) -> None:
    with pytest.raises(cel.CompileError) as caught:
        cel.compile(source, ["object"])
    assert problem in str(caught.value)
    cel.compile(source, ["object"], libraries=cel.EVERYTHING)


def test_references_are_the_variables_that_are_read() -> None:
    program = cel.compile("object.spec.all(params, has(params.x)) && request.x == 1", ["object", "params", "request"])
    assert program.references == {"object", "request"}


def test_lazy_values_are_made_once_and_only_when_needed() -> None:
    made: list[str] = []

    def make() -> int:
        made.append("made")
        return 3

    variables = {"a": cel.Lazy(make), "b": cel.Lazy(lambda: made.append("not needed"))}
    program = cel.compile("variables.a + variables.a", ["variables"])
    assert program.evaluate({"variables": variables}) == 6
    assert made == ["made"]


def test_a_lazy_value_that_needs_itself_is_an_error() -> None:
    variables: dict[str, object] = {}
    program = cel.compile("variables.a", ["variables"])
    variables["a"] = cel.Lazy(lambda: program.evaluate({"variables": variables}))
    with pytest.raises(cel.EvaluationError, match="depends on itself"):
        program.evaluate({"variables": variables})


def test_functions_of_the_host() -> None:
    functions = {
        "verify": cel.Function(lambda image, *_: image == "good", arguments={1, 2}, cost=100),
        "http.Get": cel.Function(lambda url: {"url": url}, arguments={1}),
    }
    budget = cel.Budget()
    source = "verify(image) && image.verify('key') && http.Get('u').url == 'u'"
    program = cel.compile(source, ["image"], functions=functions)
    assert program.evaluate({"image": "good"}, budget) is True
    assert 200 < cel.POLICY_COST - budget.left < 220
    with pytest.raises(cel.CompileError, match=r"found no matching overload for 'http\.Get' applied to 2 operands"):
        cel.compile("http.Get(image, 1)", ["image"], functions=functions)
    with pytest.raises(cel.CompileError, match="undeclared reference to 'verify'"):
        cel.compile("verify(image)", ["image"])


def test_the_cost_of_an_expression_and_of_a_policy_is_limited() -> None:
    program = cel.compile("items.all(x, items.all(y, x == y || x != y))", ["items"])
    with pytest.raises(cel.BudgetError, match="cost limit exceeded"):
        program.evaluate({"items": list(range(1000))})
    budget = cel.Budget(cost=3)
    assert cel.compile("1 + 1", []).evaluate({}, budget) == 2
    assert budget.left == 2
    with pytest.raises(cel.BudgetError):
        cel.compile("1 + 1 + 1 + 1", []).evaluate({}, budget)
    assert budget.left == 0
