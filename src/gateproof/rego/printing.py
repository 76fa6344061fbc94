"""What `print` hands to the host: a line, and to those that show it the place that it comes from."""

from __future__ import annotations

from collections.abc import Callable

from gateproof.rego.context import Context
from gateproof.rego.runtime import charge, rendered
from gateproof.rego.values import Value


class Placed:
    """An ``on_print`` that learns where each line comes from: ``say`` gets ``file:line`` and the line."""

    __slots__ = ("say",)

    def __init__(self, say: Callable[[str, str], object]) -> None:
        self.say = say

    def __call__(self, line: str) -> None:
        """A line that comes from nowhere, such as one of `trace`."""
        self.say("", line)


def print_(ctx: Context, place: str, *parts: Value) -> None:
    """Hand a line to the host."""
    charge(ctx, len(parts))
    if ctx.sink is not None:
        line = " ".join([rendered(ctx, part) for part in parts])
        ctx.check_size(len(line))
        charge(ctx, len(line) >> 3)
        if isinstance(ctx.sink, Placed):
            ctx.sink.say(place, line)
        else:
            ctx.sink(line)
