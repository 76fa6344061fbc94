"""Budgets count and end."""

from __future__ import annotations

import pytest

from gateproof.compiler import Budget, Limits
from gateproof.errors import BudgetError


def test_steps_end_at_the_limit_and_not_before() -> None:
    budget = Budget(Limits(steps=10))
    budget.spend(4)
    budget.spend(6)
    with pytest.raises(BudgetError, match="more than 10 steps"):
        budget.spend(1)


def test_sizes_are_checked_one_value_at_a_time() -> None:
    budget = Budget(Limits(size=5))
    budget.check_size(5)
    budget.check_size(5)
    with pytest.raises(BudgetError, match="larger than 5"):
        budget.check_size(6)
