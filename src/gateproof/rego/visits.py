"""What a traced program did, for people: the rules that it entered, and each expression with the values around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from gateproof.rego.failures import Explainer
from gateproof.rego.tracing import Attempt, Frame, Trace

_DEEPEST = 30


class Evaluated(msgspec.Struct, frozen=True):
    """An expression that was evaluated ``times`` times and held ``held`` times; values and visits are of the last.

    ``notes`` are what it said with ``trace`` or ``print``, each time.
    """

    expression: str
    place: str
    times: int
    held: int
    values: tuple[tuple[str, str], ...]
    visits: tuple[Visit, ...]
    notes: tuple[str, ...] = ()


class Visit(msgspec.Struct, frozen=True):
    """A rule that was entered, or a function with its arguments; ``held`` says whether its body did.

    ``visits`` are those of its head.
    """

    rule: str
    place: str
    arguments: tuple[str, ...]
    held: bool
    expressions: tuple[Evaluated, ...]
    visits: tuple[Visit, ...] = ()


def visits(trace: Trace, refused: Mapping[int, str] | None = None, hidden: Collection[str] = ()) -> tuple[Visit, ...]:
    """What the evaluations since the last restart of ``trace`` did, in order.

    ``refused``: what builtins complained of, by the expression that called them. ``hidden``: texts not to show.
    """
    reader = _Reader(trace, Explainer(trace, refused, hidden))
    return reader.visits(trace.frames, 0)


class _Reader:
    def __init__(self, trace: Trace, explainer: Explainer) -> None:
        self._trace = trace
        self._explainer = explainer

    def visits(self, frames: list[Frame], depth: int) -> tuple[Visit, ...]:
        if depth > _DEEPEST:
            return ()
        return tuple(self._visit(frame, attempt, depth) for frame in frames for attempt in frame.attempts)

    def _visit(self, frame: Frame, attempt: Attempt, depth: int) -> Visit:
        branch = self._trace.branches[attempt.branch]
        expressions = tuple(self._evaluated(attempt, number, depth) for number in attempt.steps)
        arguments = tuple(map(self._explainer.brief, frame.args))
        place = self._explainer.place(branch.module, branch.at)
        inner = self.visits(attempt.calls, depth + 1)
        return Visit(branch.rule, place, arguments, attempt.concluded > 0, expressions, inner)

    def _evaluated(self, attempt: Attempt, number: int, depth: int) -> Evaluated:
        expression, step = self._trace.expressions[number], attempt.steps[number]
        text = self._explainer.text(expression.module).literal(expression.at)
        place = self._explainer.place(expression.module, expression.at)
        values = tuple(self._explainer.values(number, step))
        inner = self.visits(step.calls, depth + 1)
        return Evaluated(
            text, place, step.reached, step.held, values, inner, tuple(map(self._explainer.hide, step.notes))
        )
