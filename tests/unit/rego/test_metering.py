"""What an evaluation takes: the same steps each time, and memory that grows with the work."""

from __future__ import annotations

import tracemalloc

import pytest

from gateproof import rego
from gateproof.errors import BudgetError
from gateproof.rego.metering import metered

PROGRAM = rego.compile({"a.rego": "package a\nx := [n | some n in numbers.range(1, input.n)]\n"})


def taken(n: int) -> tuple[int, int]:
    return metered(PROGRAM, lambda meter: PROGRAM.evaluate("data.a.x", {"n": n}, observer=meter))


def test_steps_are_the_same_each_time_and_grow_with_the_work() -> None:
    small, large = taken(10)[0], taken(1_000)[0]
    assert (small, large) == (taken(10)[0], taken(1_000)[0])
    assert 10 <= small < 1_000 <= large


def test_the_budget_is_what_it_says() -> None:
    steps, _ = taken(1_000)
    PROGRAM.evaluate("data.a.x", {"n": 1_000}, limits=rego.Limits(steps=steps, steps_per_member=0))
    with pytest.raises(BudgetError):
        PROGRAM.evaluate("data.a.x", {"n": 1_000}, limits=rego.Limits(steps=steps - 1, steps_per_member=0))


def test_memory_is_what_the_evaluation_held() -> None:
    assert taken(10)[1] < taken(100_000)[1] > 800_000
    assert not tracemalloc.is_tracing()
