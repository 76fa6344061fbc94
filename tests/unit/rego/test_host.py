"""Builtins of the host: what they return is Rego, or an error that names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof import rego
from gateproof.errors import BudgetError
from gateproof.rego.errors import BuiltinError, CompileError, EvalError


def answer(function: Callable[..., Any], rule: str = "x := my.s(input)", given: Any = None, **options: Any) -> Any:
    program = rego.compile({"a.rego": f"package a\n\n{rule}\n"}, builtins={"my.s": (1, function)})
    return program.evaluate("data.a.x", given, **options)


@pytest.mark.parametrize(
    ("returned", "value"),
    [
        ({1, 2}, [1, 2]),
        (frozenset({"a"}), ["a"]),
        ((1, (2, {3})), [1, [2, [3]]]),
        ({"a": {1}}, {"a": [1]}),
        ({True: 1}, {"true": 1}),
        (None, None),
        ([1.5, True, ""], [1.5, True, ""]),
    ],
)
def test_what_python_has_for_rego(returned: Any, value: Any) -> None:
    assert rego.to_json(answer(lambda _: returned)) == value


def test_a_set_of_python_is_one_of_rego() -> None:
    assert rego.to_json(answer(lambda _: {1, 2}, "x contains y if some y in my.s(1)")) == [1, 2]
    assert answer(lambda _: {1, 2}, "x := count(my.s(1))") == 2
    assert isinstance(answer(lambda _: {1, 2}), rego.RegoSet)


def test_values_come_back_as_they_went() -> None:
    rule = "given := {1: {true: 1}, [1]: 2, {2}: {3}, null: 4, {5: 6}: 1.5}\nx if my.s(given) == given"
    assert answer(lambda value: value, rule) is True


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (b"x", "my.s returned a value of the type bytes"),
        (object(), "a value of the type object"),
        (float("nan"), "my.s returned nan"),
        ([float("inf")], "my.s returned inf"),
        ({b"a": 1}, "a value of the type bytes"),
        ({frozenset({1}): 1}, "an object with a set as a key"),
        pytest.param(1 << 20_000, "an integer of more than 16,384 bits", id="long"),
    ],
)
def test_what_is_no_value(returned: Any, reason: str) -> None:
    with pytest.raises(EvalError, match=reason) as caught:
        answer(lambda _: returned)
    assert not isinstance(caught.value, BuiltinError)
    assert caught.value.hint


def test_a_value_without_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(EvalError, match=r"my\.s: what it returned is nested too deeply"):
        answer(lambda _: endless)


def test_what_is_returned_is_paid_for() -> None:
    with pytest.raises(BudgetError):
        answer(lambda _: [0] * 1000, limits=rego.Limits(steps=500))


def test_what_is_returned_is_a_copy() -> None:
    kept = [1]
    value = answer(lambda _: kept)
    kept.append(2)
    assert value == [1]


def test_an_exception_says_only_where_it_is_from() -> None:
    def fails(_: Any) -> Any:
        raise RuntimeError("password=hunter2")

    with pytest.raises(EvalError, match=r"my\.s: the host's function failed \(RuntimeError\)") as caught:
        answer(fails)
    assert "hunter2" not in str(caught.value)


def test_errors_of_builtins_are_undefined_unless_strict() -> None:
    def fails(_: Any) -> Any:
        raise BuiltinError("eval_type_error", "my.s: operand 1 must be string")

    assert answer(fails) is rego.UNDEFINED
    with pytest.raises(BuiltinError):
        answer(fails, strict=True)
    assert answer(lambda _: rego.UNDEFINED) is rego.UNDEFINED


@pytest.mark.parametrize("rule", ["my.s(y) := 5", "my.s(y) if y", "my.s := 1"])
def test_a_rule_of_the_same_name(rule: str) -> None:
    with pytest.raises(CompileError) as caught:
        answer(lambda _: 1, f"{rule}\nx := 1")
    assert "rule my.s has the name of a builtin of the host" in "".join(caught.value.problems)
