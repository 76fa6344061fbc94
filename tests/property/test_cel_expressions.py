"""CEL: whatever the text, an expression compiles or is refused; whatever the values, it has one or an error."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateproof import cel

TOKENS = st.sampled_from(
    [
        *"()[]{},:.?+-*/%!<>`\\'\"\n",
        *(
            "?.",
            ".?",
            "[?",
            "&&",
            "||",
            "==",
            "!=",
            "<=",
            ">=",
            "//",
            "in",
            "true",
            "null",
            "1",
            "-1",
            "1u",
            "0x1f",
            "1.5",
        ),
        *("1e3", "'a'", '"b"', r"r'\d'", r"b'\xff'", "'''c'''", "object", "x", "size", "has", "all", "exists", "map"),
        *("exists_one", "filter", "sortBy", "optMap", "cel.bind", "int", "string", "type", "dyn", "let", "timestamp"),
        *("duration", "quantity", "optional.of", "orValue", "matches", "format", "`a`"),
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OPERATORS = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "in", "&&", "||"]


def outcome(source: str, **bindings: Any) -> Any:
    """The value, or the error's message."""
    try:
        return cel.compile(source, bindings.keys(), libraries=cel.EVERYTHING).evaluate(bindings)
    except (cel.EvaluationError, cel.BudgetError) as error:
        return error.message


@given(st.lists(TOKENS, max_size=25).map(" ".join) | st.text(alphabet=string.printable, max_size=40))
def test_text_compiles_or_is_refused(source: str) -> None:
    try:
        program = cel.compile(source, ["object", "x"], libraries=cel.EVERYTHING)
    except cel.CompileError as error:
        places = [(problem.line, problem.column) for problem in error.found]
    else:
        places = []
        assert program.references <= {"object", "x"}
        outcome(source, object={"a": [1]}, x=1)
    lines = source.count("\n") + 1
    assert all(1 <= line <= lines and column >= 1 for line, column in places)


@given(st.sampled_from(OPERATORS), VALUES, VALUES)
def test_operators_have_a_value_or_an_error(operator: str, a: Any, b: Any) -> None:
    outcome(f"a {operator} b", a=a, b=b)


@given(VALUES)
def test_equality_is_reflexive_but_for_nan(a: Any) -> None:
    assume("nan" not in repr(a))
    assert outcome("a == a && !(a != a) && a in [a]", a=a) is True


@given(VALUES, VALUES)
def test_equality_is_symmetric(a: Any, b: Any) -> None:
    assert outcome("(a == b) == (b == a)", a=a, b=b) is True


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_integers_are_exact_or_overflow(a: int, b: int) -> None:
    for operator, exact in (("+", a + b), ("-", a - b), ("*", a * b)):
        expected = exact if -(2**63) <= exact < 2**63 else "integer overflow"
        assert outcome(f"a {operator} b", a=a, b=b) == expected
    if b and not (a == -(2**63) and b == -1):
        assert outcome("a / b * b + a % b", a=a, b=b) == a


@given(st.text(max_size=20))
def test_literals_of_text_are_read_back(text: str) -> None:
    quoted = outcome("strings.quote(text)", text=text)
    assume("\x00" not in text and "\r" not in text)
    assert outcome(quoted) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_are_written_so_that_they_are_read_back(number: float) -> None:
    assert outcome("double(string(x)) == x", x=number) is True


@given(st.booleans(), st.booleans(), st.sampled_from(["true", "false", "1/0 == 1"]), st.sampled_from(["a", "b"]))
def test_chains_are_decided_in_any_order(a: bool, b: bool, other: str, name: str) -> None:
    for operator in ("&&", "||"):
        first = outcome(f"{name} {operator} {other} {operator} a", a=a, b=b)
        assert first == outcome(f"a {operator} {name} {operator} {other}", a=a, b=b)
        assert first == outcome(f"{other} {operator} ({name} {operator} a)", a=a, b=b)


@given(st.lists(st.integers(-3, 3), max_size=6), st.integers(-3, 3))
def test_macros_are_what_python_has(numbers: list[int], n: int) -> None:
    answers = {
        "xs.all(x, x < n)": all(x < n for x in numbers),
        "xs.exists(x, x == n)": n in numbers,
        "xs.exists_one(x, x == n)": numbers.count(n) == 1,
        "xs.filter(x, x > n)": [x for x in numbers if x > n],
        "xs.map(x, x + n)": [x + n for x in numbers],
        "xs.map(x, x != n, x * 2)": [x * 2 for x in numbers if x != n],
        "xs.transformList(i, x, i + x)": [i + x for i, x in enumerate(numbers)],
        "xs.transformMap(i, x, x)": dict(enumerate(numbers)),
        "xs.sort() == xs.sortBy(x, x)": True,
        "xs.sum()": sum(numbers),
        "xs.map(x, xs.filter(y, y == x).size())": [numbers.count(x) for x in numbers],
    }
    for source, expected in answers.items():
        assert outcome(source, xs=numbers, n=n) == expected, source


@given(st.lists(st.sampled_from(["&&", "||"]), min_size=30, max_size=60), st.data())
def test_deep_logic_is_evaluated_in_parts(operators: list[str], data: st.DataObject) -> None:
    """Attempts inside each other, more than Python nests, become functions of their own."""
    source, expected = "true", True
    for operator in operators[:45]:
        value = data.draw(st.booleans())
        source = f"(v{'1' if value else '0'} {operator} {source})"
        expected = (value and expected) if operator == "&&" else (value or expected)
    assert outcome(source, v0=False, v1=True) is expected


@pytest.mark.parametrize("cost", [0, 1, 10, 100])
def test_the_budget_is_never_overdrawn(cost: int) -> None:
    budget = cel.Budget(cost)
    source = "[1, 2, 3].map(x, string(x)).join(',').size() > 1 && 'a'.matches('a') || has(object.a)"
    program = cel.compile(source, ["object"])
    while budget.left >= 50:
        program.evaluate({"object": {}}, budget)
    with pytest.raises(cel.BudgetError):
        program.evaluate({"object": {}}, budget)
    assert budget.left == 0
