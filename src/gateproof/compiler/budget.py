"""What an evaluation may use up, counted the same way on every machine.

A step is an iteration, a call or a unit of a builtin's work. Nothing here looks at a clock: the same
policy on the same input ends at the same step everywhere.
"""

from __future__ import annotations

import msgspec

from gateproof.errors import BudgetError

_HINT = "raise the limit if the policy is trusted; otherwise look for a loop over a product of collections"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Ceilings of one evaluation.

    ``steps``: iterations, calls and units of builtins' work. ``size``: characters or members of any
    single value made. ``depth``: nesting of calls and of values. ``output``: members of the whole answer.
    """

    steps: int = 20_000_000
    size: int = 16_777_216
    depth: int = 150
    output: int = 5_000_000


class Budget:
    """The steps that are left; shared by everything that one evaluation does."""

    __slots__ = ("depth", "limits", "steps")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.depth = 0

    def spend(self, steps: int) -> None:
        """Take ``steps``; raise :class:`BudgetError` when none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetError(f"evaluation needs more than {self.limits.steps} steps", hint=_HINT)

    def check_size(self, size: int) -> None:
        """Raise :class:`BudgetError` when a value of ``size`` characters or members may not be made."""
        if size > self.limits.size:
            raise BudgetError(f"a value is larger than {self.limits.size} characters or members", hint=_HINT)
