"""Hostile policies and inputs end, within their budget, with a clear error."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateproof import rego
from gateproof.compiler.budget import Budget
from gateproof.errors import BudgetError, EvaluationError, PolicyError
from gateproof.rego.metering import Meter


def _hostile() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostile_policies", Path(__file__).with_name("hostile.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOSTILE = _hostile()
LIMITS = rego.Limits(steps=60_000, steps_per_member=0, size=200_000, output=20_000)


def evaluate(body: str, given: Any = None) -> Any:
    program = rego.compile({"p.rego": f"package p\n{body}"}, v0=False)
    return program.evaluate("data.p.x", given, limits=LIMITS)


@pytest.mark.parametrize("case", HOSTILE.CASES, ids=[case.name for case in HOSTILE.CASES])
def test_evaluation_ends(case: Any) -> None:
    program = rego.compile({"p.rego": case.source}, v0=False)
    given = case.given()
    taken = []
    began = time.process_time()
    for _ in range(2):
        meter = Meter(program)
        with pytest.raises(EvaluationError, match=case.gist) as caught:
            program.evaluate("data.p.x", given, now_ns=0, limits=LIMITS, observer=meter)
        assert caught.value.hint
        taken.append(meter.steps)
    print(f"{(time.process_time() - began) / 2:.3f} s")  # noqa: T201 - for who runs it with -s
    assert taken[0] == taken[1]


def test_squaring_ends() -> None:
    """Whether its budget or the length of numbers ends it, it has no value."""
    body = HOSTILE.doubling("NEXT := LAST * LAST", "1000000007")
    program = rego.compile({"p.rego": f"package p\n{body}"}, v0=False)
    assert program.evaluate("data.p.x") is rego.UNDEFINED


@pytest.mark.parametrize(
    "body",
    [
        "x := " + "[" * 5000 + "]" * 5000,
        "x := " + "[" * 5000,
        "x := " + "{" * 5000,
        "x := " + "(" * 5000 + "1" + ")" * 5000,
        "x := " + "1 - " * 5000 + "1",
        "x := " + "9" * 100_000,
        "x := 1e999999999",
        "x := input" + ".a" * 5000,
        "x if { " + "; ".join(["input"] * 5000) + " }",
        "x := 1" + " " * 1_000_000,
        "x := " + '$"{' * 500,
        'x := "unterminated',
        "x := 1 if { false }" + " else := 2 if { false }" * 2000,
        "x if { " + "; ".join(f"some a{n} in input" for n in range(40)) + " }",
        "x if { " + "every a in input { " * 40 + "true" + " }" * 40 + " }",
    ],
)
def test_compilation_ends(body: str) -> None:
    with pytest.raises(PolicyError):
        evaluate(body)


def test_nested_comprehensions_compile_in_reasonable_work() -> None:
    assert evaluate("x := " + "[y | y := " * 15 + "1" + "]" * 15) is not rego.UNDEFINED


def test_deep_input_ends() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BudgetError):
        evaluate("x if { y := {input}; count(y) == 1 }", deep)


def test_the_same_budget_ends_at_the_same_step() -> None:
    program = rego.compile({"p.rego": "package p\nx := count([1 | some a in input; some b in input])"}, v0=False)
    given = list(range(30))

    def fits(steps: int) -> bool:
        try:
            program.evaluate("data.p.x", given, limits=rego.Limits(steps=steps, steps_per_member=0))
        except BudgetError:
            return False
        return True

    needed = next(steps for steps in range(2000) if fits(steps))
    assert not fits(needed - 1)
    assert fits(needed)
    assert 900 <= needed <= 1100


def test_a_larger_input_allows_more() -> None:
    program = rego.compile({"p.rego": "package p\nx := count([1 | some a in input; a.b >= 0])"}, v0=False)
    limits = rego.Limits(steps=100, steps_per_member=5)
    assert program.evaluate("data.p.x", [{"b": n} for n in range(1000)], limits=limits) == 1000
    with pytest.raises(BudgetError, match="more than 100 steps"):
        program.evaluate("data.p.x", [{"b": n} for n in range(1000)], limits=rego.Limits(steps=100, steps_per_member=0))


def test_the_budget_is_extended_once_by_what_is_given() -> None:
    budget = Budget(rego.Limits(steps=10, steps_per_member=2), len, [1, 2, 3])
    assert budget.allowance == 16
    budget.spend(12)
    assert (budget.spent, budget.steps, budget.allowance) == (12, 4, 16)
    with pytest.raises(BudgetError, match="more than 16 steps"):
        budget.spend(5)


def test_input_that_shares_its_members_is_counted_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateproof.rego.context._MOST_MEMBERS", 10_000)
    shared: Any = [1]
    for _ in range(60):
        shared = [shared, shared]
    program = rego.compile({"p.rego": "package p\nx if input == [input]"}, v0=False)
    with pytest.raises(BudgetError):
        program.evaluate("data.p.x", shared, limits=rego.Limits(steps=1000, steps_per_member=1))
