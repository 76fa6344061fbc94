"""What an evaluation takes: steps of its budget, which are the same on every machine, and memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gateproof.rego.vacuity import Watch

if TYPE_CHECKING:
    from gateproof.compiler.budget import Budget
    from gateproof.rego.context import Context
    from gateproof.rego.plan import Plan
    from gateproof.rego.program import Program


class Meter(Watch):
    """Sees the budget of one evaluation."""

    budget: Budget

    def attach(self, ctx: Context, plan: Plan) -> None:
        super().attach(ctx, plan)
        self.budget = ctx.budget

    @property
    def steps(self) -> int:
        """The steps that were taken."""
        return self.budget.spent


def metered(program: Program, evaluate: Callable[[Meter], object]) -> tuple[int, int]:
    """The steps of one evaluation of ``program``, and the bytes that Python held at most beyond those before it.

    ``evaluate`` passes the meter on as the observer.
    """
    import tracemalloc

    meter = Meter(program)
    others = tracemalloc.is_tracing()
    if not others:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        evaluate(meter)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        if not others:
            tracemalloc.stop()
    return meter.steps, peak - before
