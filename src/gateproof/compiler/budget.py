"""What an evaluation may use up, counted the same way on every machine.

A step is an iteration, a call, a few operations of generated code or a unit of a builtin's work: about the time in
which a loop goes round once, and never more than some ten times that. Nothing here looks at a clock: the same policy on
the same input ends at the same step everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gateproof.errors import BudgetError

_HINT = "raise the limit if the policy is trusted; otherwise look for a loop over a product of collections"
_HINT_SIZE = (
    "raise the limit if the policy is trusted; otherwise look for text or a collection that doubles again and again"
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Ceilings of one evaluation.

    ``steps``: iterations, calls and units of builtins' work. ``steps_per_member``: what each member of the input and
    of the data, at any depth, adds to them, so that what is enough for a file is enough for ten. ``size``: characters
    or members of any single value made. ``depth``: nesting of calls and of values. ``output``: members of the whole
    answer.
    """

    steps: int = 4_000_000
    steps_per_member: int = 5
    size: int = 4_194_304
    depth: int = 150
    output: int = 1_000_000


class Budget:
    """The steps that are left; shared by everything that one evaluation does."""

    __slots__ = ("_given", "_members", "allowed", "depth", "limits", "steps")

    def __init__(self, limits: Limits, members: Callable[[Any], int] | None = None, given: object = None) -> None:
        """``members`` counts those of ``given``, what is judged; it is asked only when the steps are used up."""
        self.limits = limits
        self.steps = self.allowed = limits.steps
        self.depth = 0
        self._members = members
        self._given = given

    @property
    def spent(self) -> int:
        """The steps that were taken."""
        return self.allowed - self.steps

    @property
    def allowance(self) -> int:
        """The steps that may be taken in all; of a large input, this takes a while to count."""
        more = self._members(self._given) if self._members is not None else 0
        return self.allowed + more * self.limits.steps_per_member

    def spend(self, steps: int) -> None:
        """Take ``steps``; raise :class:`BudgetError` when none are left."""
        self.steps -= steps
        if self.steps < 0:
            self._extend()

    def _extend(self) -> None:
        """Add what the size of the input allows; raise :class:`BudgetError` if that was done, or is not enough."""
        members, self._members = self._members, None
        if members is not None and self.limits.steps_per_member:
            more = members(self._given) * self.limits.steps_per_member
            self.allowed += more
            self.steps += more
        if self.steps < 0:
            raise BudgetError(f"evaluation needs more than {self.allowed} steps", hint=_HINT)

    def check_size(self, size: int) -> None:
        """Raise :class:`BudgetError` when a value of ``size`` characters or members may not be made."""
        if size > self.limits.size:
            raise BudgetError(f"a value is larger than {self.limits.size} characters or members", hint=_HINT_SIZE)
