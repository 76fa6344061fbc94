"""What evaluation may cost, in the units and within the limits of Kubernetes.

A unit is about the time of reading a variable. The limits are those of an API server for admission policies.
"""

from __future__ import annotations

from typing import Any, Final

from gateproof.errors import BudgetError

EXPRESSION_COST: Final = 1_000_000
"""What one expression may cost, each time that it is evaluated."""
POLICY_COST: Final = 10_000_000
"""What all expressions of a policy may cost together, for a request."""
MATCH_CONDITIONS_COST: Final = 2_500_000
"""What the match conditions of a policy may cost together, for a request."""
MOST_WORK: Final = 1_000_000
"""Members of collections looked at, or characters made, that Kubernetes does not count and may be one evaluation's."""
MOST_MEMBERS: Final = 1_000_000
"""Of a list or map that is made."""
MOST_CHARACTERS: Final = 16_000_000
"""Of a string that is made."""


class Budget:
    """What is left for the expressions of a policy; shared by all of them."""

    __slots__ = ("expression", "left")

    def __init__(self, cost: int = POLICY_COST, expression: int = EXPRESSION_COST) -> None:
        """``cost``: for all together. ``expression``: for each evaluation of one."""
        self.left = cost
        self.expression = expression


class Meter:
    """What is left for one evaluation.

    ``steps`` is its cost as Kubernetes counts it; generated code takes from it. ``patterns``: the regular expressions
    that it has paid for.
    """

    __slots__ = ("_allowed", "_work", "patterns", "steps")

    def __init__(self, allowed: int) -> None:
        self._allowed = self.steps = allowed
        self._work = MOST_WORK
        self.patterns: dict[str, Any] = {}

    @property
    def spent(self) -> int:
        """The cost so far."""
        return self._allowed - self.steps

    def spend(self, cost: int) -> None:
        """Take ``cost``; raise :class:`BudgetError` when none is left."""
        self.steps -= cost
        if self.steps < 0:
            raise BudgetError(
                "operation cancelled: actual cost limit exceeded",
                hint=f"the expression may cost {self._allowed}: go through fewer elements, or shorter strings",
            )

    def work(self, amount: int) -> None:
        """Note work that Kubernetes does not count; raise :class:`BudgetError` when it is too much."""
        self._work -= amount
        if self._work < 0:
            raise BudgetError(
                f"evaluation looks at more than {MOST_WORK} members or characters",
                hint="compare and build smaller lists, maps and strings",
            )


def check_members(count: int) -> None:
    """Raise :class:`BudgetError` when a list or map may not have ``count`` members."""
    if count > MOST_MEMBERS:
        raise BudgetError(f"a list or map has more than {MOST_MEMBERS} members", hint="build smaller ones")


def check_characters(count: int) -> None:
    """Raise :class:`BudgetError` when a string may not have ``count`` characters."""
    if count > MOST_CHARACTERS:
        raise BudgetError(f"a string has more than {MOST_CHARACTERS} characters", hint="build shorter ones")
