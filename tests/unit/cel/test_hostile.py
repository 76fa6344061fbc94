"""Expressions that mean harm end, with an error of ours, within their budgets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateproof import cel
from gateproof.errors import GateproofError

MANY = list(range(2000))
DEEP: object = 1
for _ in range(5000):
    DEEP = [DEEP]
SHARED: object = [1, 1]
for _ in range(40):
    SHARED = [SHARED, SHARED]
ITEMS = {
    "many": MANY,
    "deep": DEEP,
    "shared": SHARED,
    "text": "a" * 100_000,
    "x": {"a": 1},
    "huge": 10**5000,
    "surrogate": "\ud800",
}


def nested(opening: str, inner: str, closing: str, times: int) -> str:
    return opening * times + inner + closing * times


def doubling(operation: str, first: str, times: int) -> str:
    source = f"x{times - 1}"
    for number in reversed(range(times)):
        before = f"x{number - 1}" if number else first
        source = f"cel.bind(x{number}, {operation.replace('X', before)}, {source})"
    return source


HOSTILE: dict[str, Callable[[], str]] = {
    "brackets": lambda: nested("(", "1", ")", 100_000 // 2 - 1),
    "lists": lambda: nested("[", "1", "]", 5_000),
    "maps": lambda: nested("{'a': ", "1", "}", 5_000),
    "calls": lambda: nested("dyn(", "1", ")", 5_000),
    "negations": lambda: nested("!(", "true", ")", 5_000),
    "choices": lambda: "true ? 1 : " * 5_000 + "1",
    "selections": lambda: "x" + ".a" * 40_000,
    "indices": lambda: "x" + "['a']" * 15_000,
    "sums": lambda: "+".join(["1"] * 40_000),
    "methods": lambda: "'a'" + ".trim()" * 10_000,
    "macros inside each other": lambda: nested("many.all(a, ", "true", ")", 40),
    "loops over loops": lambda: "many.all(a, many.all(b, many.all(c, a + b + c < 100000)))",
    "maps of loops": lambda: "many.map(a, many.map(b, [a, b, many]))",
    "filters of loops": lambda: "many.filter(a, many.exists(b, b < 0))",
    "loops by index": lambda: "many.transformMap(i, a, many.transformList(j, b, i * j))",
    "a list that doubles": lambda: doubling("X + X", "many", 20),
    "text that doubles": lambda: doubling("X + X", "text", 20),
    "text replaced by text": lambda: "text.replace('', text)",
    "text joined by text": lambda: "many.map(a, text).join(text)",
    "text formatted": lambda: "'%s%s%s'.format([text, text, text]).replace('a', text)",
    "a product of text": lambda: "text.contains(text + 'b') && text.contains('b' + text)",
    "a large regular expression": lambda: "text.matches('((a{0,500}){0,500}){0,500}')",
    "a regular expression that backtracks": lambda: "many.all(a, text.matches('(a*)*(a*)*(a*)*b') || true)",
    "many large regular expressions": lambda: "many.all(a, ''.matches('[^a]{1000}' + string(a)) || true)",
    "many that are too large": lambda: "many.all(a, ''.matches('\\\\p{L}{1000}' + string(a)) || true)",
    "values that are shared": lambda: "shared == shared",
    "values that are shared, shown": lambda: "'%s'.format([shared])",
    "values that are shared, in a list": lambda: "[[shared]].flatten(100) == [1]",
    "values that are deep": lambda: "deep == deep",
    "values that are deep, shown": lambda: "'%s'.format([deep])",
    "sorting": lambda: "many.map(a, many).flatten().sort() == many",
    "a place in shared values": lambda: "shared.indexOf(1)",
    "distinct shared values": lambda: "[shared, shared].distinct().size() == 1",
    "a set of shared values": lambda: "sets.contains([shared], [shared])",
    "shared values among others": lambda: "shared in [shared, shared]",
    "distinct members": lambda: "many.map(a, [a]).distinct().size() == 1",
    "sets": lambda: "many.all(a, sets.contains(many, many))",
    "a range": lambda: "lists.range(9223372036854775807)",
    "a wide format": lambda: "'%.999999999f'.format([1.5])",
    "a quantity of many digits": lambda: "quantity('1e999999999').isGreaterThan(quantity('1'))",
    "digits": lambda: "9" * 90_000,
    "digits in text": lambda: "int('" + "9" * 90_000 + "')",
    "an exponent": lambda: "double('1e" + "9" * 5_000 + "')",
    "a duration of many parts": lambda: "duration('" + "1h" * 40_000 + "')",
    "quotes": lambda: '"""' + '\\"""' * 20_000,
    "a string without end": lambda: "'" + "a" * 90_000,
    "types that double": lambda: doubling("{X: X}", "1", 40).replace("x39)", "x39 == x38)"),
    "an integer without bounds": lambda: "string(huge) == '' || huge + 1 > 0",
    "text that is no Unicode": lambda: "surrogate.matches('a')",
    "too long": lambda: "1+" * 60_000 + "1",
    "errors of many places": lambda: "&&".join(f"v{number}" for number in range(5_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_ends_with_an_error_of_ours(name: str) -> None:
    source = HOSTILE[name]()
    with pytest.raises(GateproofError) as caught:
        cel.compile(source, ITEMS.keys(), libraries=cel.EVERYTHING).evaluate(ITEMS)
    assert len(caught.value.message) < 1000


def test_what_looks_alike_and_is_harmless_works() -> None:
    assert cel.compile(nested("(", "1", ")", 40), []).evaluate({}) == 1
    assert cel.compile("+".join(["1"] * 100), []).evaluate({}) == 100
    assert cel.compile("&&".join(["true"] * 2_000), []).evaluate({}) is True
    assert cel.compile(nested("[1].all(a, ", "true", ")", 12), []).evaluate({}) is True
    assert cel.compile("text.matches('(a*)*b')", ["text"]).evaluate(ITEMS) is False


def test_the_cost_of_a_failure_is_taken_from_the_policy() -> None:
    budget = cel.Budget()
    program = cel.compile("many.all(a, many.all(b, many.all(c, true)))", ["many"])
    for _ in range(10):
        with pytest.raises(cel.BudgetError):
            program.evaluate(ITEMS, budget)
    assert budget.left == 0
    with pytest.raises(cel.BudgetError):
        cel.compile("1 + 1", []).evaluate({}, budget)
