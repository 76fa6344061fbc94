"""What is cut short for the commonest types gives what the whole call gives, for all of them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from gateproof import rego
from gateproof.errors import BudgetError
from gateproof.rego import runtime
from gateproof.rego.builtins import BUILTINS, resolve
from gateproof.rego.context import Context

VALUES: list[Any] = [None, True, False, 0, 1, 1.0, -2.5, 2**70, "", "a", "ab", [], ["a"], [1], {}, {"a": 1}]
VALUES.append({"a": True})
OPERATORS = {"equal": "==", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "plus": "+", "minus": "-"}
SUMS = ("plus", "minus")
NUMBERS = ["1", "0", "1.0"]
CONSTANTS = ['"a"', '""', "true", "null", *NUMBERS]


def outcomes(expression: str) -> list[tuple[list[Any], str]]:
    """What an expression of ``input.a`` and ``input.b`` gives for all pairs of values."""
    program = rego.compile({"p.rego": f"package p\nx := {expression}"}, v0=False)
    pairs = [list(pair) for pair in itertools.product(VALUES, VALUES)]
    return [(pair, repr(program.evaluate("data.p.x", dict(zip("ab", pair, strict=True))))) for pair in pairs]


def called(name: str, *args: Any) -> str:
    """What the builtin ``name`` gives when it is called."""
    return repr(runtime.wrapped(resolve(name), context=BUILTINS[name].context)(Context(), *args))


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name: str) -> None:
    for (left, right), found in outcomes(f"input.a {OPERATORS[name]} input.b"):
        assert found == called(name, left, right), (left, right)


@pytest.mark.parametrize(
    ("name", "constant"), [(name, each) for name in OPERATORS for each in (NUMBERS if name in SUMS else CONSTANTS)]
)
def test_operators_with_a_constant(name: str, constant: str) -> None:
    value = rego.compile({"p.rego": f"package p\nx := {constant}"}, v0=False).evaluate("data.p.x")
    for (left, _), found in outcomes(f"input.a {OPERATORS[name]} {constant}"):
        assert found == called(name, left, value), left
    for (right, _), found in outcomes(f"{constant} {OPERATORS[name]} input.a"):
        assert found == called(name, value, right), right


@pytest.mark.parametrize("name", ["startswith", "endswith"])
def test_texts(name: str) -> None:
    for (text, part), found in outcomes(f"{name}(input.a, input.b)"):
        assert found == called(name, text, part), (text, part)
    for (text, _), found in outcomes(f'{name}(input.a, "a")'):
        assert found == called(name, text, "a"), text


@pytest.mark.parametrize("name", ["count", "is_array", "is_boolean", "is_object", "is_string"])
def test_kinds(name: str) -> None:
    for (value, _), found in outcomes(f"{name}(input.a)"):
        assert found == called(name, value), value


def test_members() -> None:
    for (value, index), found in outcomes("object.get(input.a, input.b, 7)"):
        assert found == called("object.get", value, index, 7), (value, index)
    for (value, index), found in outcomes("input.a[input.b]"):
        assert found == repr(runtime.get(value, index)), (value, index)


@pytest.mark.parametrize("form", ["%v and %s", "%s%v", "%v%%", "%v", "%d %v", "{a} %v%v", "none", "%v %v %v"])
def test_formats(form: str) -> None:
    for (left, right), found in outcomes(f'sprintf("{form}", [input.a, input.b])'):
        assert found == called("sprintf", form, [left, right]), (left, right)


def test_a_text_that_is_put_together_is_charged_by_its_length() -> None:
    program = rego.compile({"p.rego": 'package p\nx := sprintf("%v%v", [input, input])'}, v0=False)
    assert len(program.evaluate("data.p.x", "a" * 50_000, limits=rego.Limits(steps=10_000))) == 100_000
    with pytest.raises(BudgetError):
        program.evaluate("data.p.x", "a" * 50_000, limits=rego.Limits(steps=1_000))
    with pytest.raises(BudgetError):
        program.evaluate("data.p.x", "a" * 50_000, limits=rego.Limits(size=60_000))


def test_what_has_a_member_of_some_value_may_be_a_set() -> None:
    """A member of a set is what it is looked up by; only what has another value there is an object for certain."""
    body = """
        x contains r if { some r in input; r.type == "type"; not r.other }
        x contains r.other if { some r in input; r.type == "type" }
        x contains r.other if { some r in input; r.type == "kind" }
        x contains r.other if { some r in [{"type", "other"}, {"type"}, ["type"], "type"]; r.type == "type" }
    """
    program = rego.compile({"p.rego": f"package p\n{body}"}, v0=False)
    given = [
        {"type": "type", "other": 1},
        {"type": "kind", "other": 2},
        {"type": "kind"},
        ["type"],
        "type",
        {"type": "type"},
    ]
    assert rego.to_json(program.evaluate("data.p.x", given)) == [1, 2, "other", {"type": "type"}]
