"""JMESPath as Kyverno has it: what has a value and which, what has none, and that hostile expressions end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateproof.compiler import Limits
from gateproof.engines.kyverno.jmespath import HiddenValueError, JmespathError, UnknownKeyError, compile
from gateproof.engines.kyverno.jmespath.values import Int64, encode, equal, plain_number, shown
from gateproof.errors import BudgetError
from gateproof.rego.context import Context

NOW_NS = 1_700_000_000 * 10**9
HIDDEN = "redacted:sha256:" + "0" * 64
DATA: dict[str, Any] = {
    "a": {"b": [{"c": 1, "n": "x"}, {"c": 3, "n": "y"}], "nothing": None},
    "text": "Hello",
    "labels": {"app.io/name": "z", "team": "pay"},
    "password": HIDDEN,
    "deep": [[1], [2, [3]]],
}


KNOWN = json.loads(Path(__file__).with_name("expressions.json").read_text(encoding="utf-8"))
"""What Kyverno makes of expressions; the interop tests ask it."""


def search(expression: str) -> Any:
    return compile(expression).search(DATA, Context(now_ns=NOW_NS))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a.b[].c", [1, 3]),
        ("a.b[*].n", ["x", "y"]),
        ("a.b[?c>`1`].n | [0]", "y"),
        ("a.b[-1].n", "y"),
        ("a.b[::-1].c", [3, 1]),
        ("a.b[9]", None),
        ("deep[]", [1, 2, [3]]),
        ("deep[?@]", [[1], [2, [3]]]),
        ('labels."app.io/name"', "z"),
        ("labels.*", ["z", "pay"]),
        ("{x: a.b[0].c, y: zz}", {"x": 1, "y": None}),
        ("[text, zz]", ["Hello", None]),
        ("a.nothing.deeper", None),
        ("zz || 'q'", "q"),
        ("zz | @", None),
        ("a.nothing || `[]`", []),
        ("`0` || 'zero is true'", 0),
        ("zz == `null`", True),
        ("text < 'Z'", None),
        ("a.b[0].c < `2`", True),
        ("!zz && text", "Hello"),
        (r"'it\'s'", "it's"),
        ("length(zz || `[]`)", 0),
        ("a.length(b)", 2),
        ("contains(labels.*, 'pay')", True),
        ("sort_by(a.b, &n)[0].n", "x"),
        ("add('1Gi', '512Mi')", "1536Mi"),
        ("add('1h', '30s')", "1h0m30s"),
        ("subtract('1h', '90s')", "58m30s"),
        ("multiply('100m', `3`)", "300m"),
        ("divide('10Mi', `3`)", "3495253"),
        ("divide('1Gi', '1Mi')", 1024.0),
        ("modulo('10s', '3s')", "1s"),
        ("sum(`[1, 2]`)", 3),
        ("round(`2.5`, `0`)", 3),
        ("regex_replace_all('(l+)', text, '<$1>')", "He<ll>o"),
        ("regex_replace_all_literal('l', text, '$1')", "He$1$1o"),
        ("path_canonicalize('//a/../b/')", "/b"),
        ("time_now_utc()", "2023-11-14T22:13:20Z"),
        ("time_since('', '2023-11-14T22:13:00Z', '')", "20s"),
        ("time_truncate('2021-01-02T15:04:05+05:30', '1h')", "2021-01-02T14:30:00+05:30"),
        ("image_normalize('nginx')", "docker.io/nginx:latest"),
        ("items(labels, 'k', 'v')[0]", {"k": "app.io/name", "v": "z"}),
        ("lookup(deep, `1`)", [2, [3]]),
        ("not_null(zz, password) == `null`", False),
        ("length([password])", 1),
    ],
)
def test_values(expression: str, value: Any) -> None:
    assert equal(search(expression), value)


@pytest.mark.parametrize("expression", KNOWN["values"])
def test_the_values_that_kyverno_finds(expression: str) -> None:
    value = compile(expression).search(KNOWN["document"], Context())
    assert equal(int(value) if isinstance(value, Int64) else value, KNOWN["values"][expression])


@pytest.mark.parametrize("expression", KNOWN["without"])
def test_where_kyverno_finds_none(expression: str) -> None:
    with pytest.raises(JmespathError):
        compile(expression).search(KNOWN["document"], Context())


@pytest.mark.parametrize("expression", ["zz", "a.zz", "zz.deeper", "text && zz", "a.b[0].zz"])
def test_a_missing_key_ends_what_makes_no_null_of_it(expression: str) -> None:
    with pytest.raises(UnknownKeyError, match="there is no key 'zz'"):
        search(expression)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("length(zz)", r"length\(\): argument 1 is not of type"),
        ("length()", "takes 1 arguments, and is given 0"),
        ("nonesuch(@)", r"there is no function nonesuch\(\)"),
        ("random('[a-z]')", "is not the same when a decision is repeated"),
        ("labels.*.length(@)", "argument 1 is not of type"),
        ("add('1h', '30m')", "do not go together"),
        ("divide(`1`, `0`)", "the divisor is zero"),
        ("add('x', `1`)", "no number, quantity or duration"),
        ("semver_compare('latest', '>1.0.0')", "is no semantic version"),
        ("regex_match('(', text)", "error parsing regexp"),
        ("is_external_url('https://example.com')", "names are not resolved here"),
        ("avg(`[]`)", "the list is empty"),
        ("parse_json('{')", "invalid JSON"),
        ("time_add('2021-01-02', '1h')", "no time in RFC 3339"),
        ("time_utc('9999-12-31T23:59:59-10:00')", "outside of the years"),
        ("a[", "the end is not expected"),
        ("a b", "'b' is not expected at position 2"),
        ("`{`", "is not JSON"),
        ("a.b[0:1:0]", "step of a slice cannot be 0"),
        ("#", "is not understood"),
        ("&a", "an expression without a value"),
    ],
)
def test_what_has_no_value(expression: str, problem: str) -> None:
    with pytest.raises(JmespathError, match=problem):
        search(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "password == 'x'",
        "length(password)",
        "to_upper(password)",
        "contains([password], 'x')",
        "join('', [password])",
        "to_string([password])",
    ],
)
def test_nothing_is_computed_from_what_is_hidden(expression: str) -> None:
    with pytest.raises(HiddenValueError):
        search(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "[a, a]" + " | [@, @]" * 40 + " | to_string(@)",
        "[a, a]" + " | [@, @][]" * 40,
        "[a, a]" + " | [@, @]" * 30 + "[]" * 30,
        "'" + "a" * 4000 + "'" + " | replace_all(@, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaa')" * 5,
        "'" + "a" * 4000 + "'" + " | join(@, split(@, 'a'))" * 3,
        "'" + "a" * 4000 + "'" + " | [@, @]" * 12 + " | to_string(@)",
        "[[a, a]" + " | [@, @]" * 30 + ", [a, a]" + " | [@, @]" * 30 + "] | [0] == [1]",
        "[a, a]" + " | [@, @]" * 40 + " | contains([@], @)",
    ],
    ids=["to_string", "flatten", "nested flatten", "replace_all", "join", "large texts", "equal", "contains"],
)
def test_what_doubles_again_and_again_ends(expression: str) -> None:
    with pytest.raises((BudgetError, JmespathError)):
        compile(expression).search(DATA, Context(limits=Limits(steps=100_000, size=100_000)))


@pytest.mark.parametrize(
    "expression", ["(" * 5000 + "a" + ")" * 5000, "!" * 5000 + "a", "a" + ".b" * 5000, "a" + "|b" * 3000, "[" * 9000]
)
def test_what_is_nested_too_deeply_is_refused(expression: str) -> None:
    with pytest.raises(JmespathError):
        compile(expression)


def test_which_variables_an_expression_speaks_of() -> None:
    expression = compile('items.names[?name == other].x | contains(@, "my-var".y)')
    assert expression.speaks_of("items")
    assert expression.speaks_of("other")
    assert expression.speaks_of("my-var")
    assert not expression.speaks_of("names")
    assert not expression.speaks_of("item")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1000000, "1e+06"),
        (Int64(1000000), "1000000"),
        (8080, "8080"),
        (0.5, "0.5"),
        (True, "true"),
        (None, "<nil>"),
        (["a", 1], "[a 1]"),
        ({"b": 1, "a": "x"}, "map[a:x b:1]"),
        (float("inf"), "+Inf"),
    ],
)
def test_how_go_shows_values(value: Any, text: str) -> None:
    assert shown(value) == text


def test_how_go_writes_json() -> None:
    assert (
        encode(Context(), {"b": 1.0, "a": ["<", None, True, 1e21, 1e-7]})
        == '{"a":["\\u003c",null,true,1e+21,1e-7],"b":1}'
    )
    assert plain_number(123456789) == "123456790"
    with pytest.raises(JmespathError):
        encode(Context(), float("nan"))
