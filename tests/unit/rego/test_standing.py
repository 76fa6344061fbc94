"""Rules that depend on nothing but the program: evaluated once, and nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego
from gateproof.errors import BudgetError
from gateproof.rego.errors import EvalError
from gateproof.rego.program import Program
from gateproof.rego.values import RegoSet

POLICY = """package p

import rego.v1

base := {"a": {1, 2}, "b": {3}}

squares := {name: {m | some n in numbers; m := n * n} | some name, numbers in base}

of(name) := squares[name]

chosen := of("a")

given := squares[input.name]

known := data.table

later := time.now_ns()

drawn := rand.intn("x", 10)

told := 1 if print("said")

clash := {"k": n | some n in [1, 2]}

replaced := x if x := squares["b"] with data.p.base as {"b": {5}}
"""


def _set(members: list[int]) -> RegoSet:
    return RegoSet({member: member for member in members})


@pytest.fixture
def program() -> Program:
    return rego.compile({"p.rego": POLICY})


def test_only_what_nothing_given_changes_is_standing(program: Program) -> None:
    names = {program.plan.rules[number].path[-1] for number in program.plan.standing}
    assert names == {"base", "squares", "chosen", "clash"}


def test_values_are_those_of_every_evaluation(program: Program) -> None:
    for _ in range(2):
        assert program.evaluate("data.p.chosen") == _set([1, 4])
        assert program.evaluate("data.p.given", {"name": "b"}) == _set([9])


def test_with_replaces_what_they_use(program: Program) -> None:
    for _ in range(2):
        assert program.evaluate("data.p.replaced") == _set([25])
        assert program.evaluate("data.p.squares")["b"] == _set([9])


def _ends(program: Program, path: str, steps: int, given: Any = None) -> bool:
    try:
        program.evaluate(path, given, limits=rego.Limits(steps=steps, steps_per_member=0))
    except BudgetError:
        return False
    return True


@pytest.mark.parametrize("path", ["data.p.chosen", "data.p.squares", "data.p.given"])
def test_budgets_mean_the_same_every_time(path: str) -> None:
    given = {"name": "b"}
    fewest = next(n for n in range(1, 500) if _ends(rego.compile({"p.rego": POLICY}), path, n, given))
    used = rego.compile({"p.rego": POLICY})
    for _ in range(2):
        assert _ends(used, path, fewest, given)
        assert not _ends(used, path, fewest - 1, given)


def test_errors_come_every_time(program: Program) -> None:
    for _ in range(2):
        with pytest.raises(EvalError, match="object keys must be unique"):
            program.evaluate("data.p.clash")


def test_large_values_are_not_kept() -> None:
    program = rego.compile({"p.rego": "package p\nx := [n | some n in numbers.range(1, 20000)]\n"})
    first, second = program.evaluate("data.p.x"), program.evaluate("data.p.x")
    assert first == second
    assert first is not second
