"""Rounding and ranges."""

from __future__ import annotations

import math

from gateproof.rego.builtins.operands import fail, integer, number
from gateproof.rego.context import Context
from gateproof.rego.values import Value


def abs_(value: Value) -> int | float:
    return abs(number(value, 1))


def ceil(value: Value) -> int:
    """The next integer above; OPA's answer between -1 and 0 is 1, and so it is here."""
    exact = number(value, 1)
    return 1 if -1 < exact < 0 else math.ceil(exact)


def floor(value: Value) -> int:
    """The next integer below; OPA's answer between -1 and 0 is 0, and so it is here."""
    exact = number(value, 1)
    return 0 if -1 < exact < 0 else math.floor(exact)


def round_(value: Value) -> int:
    """The nearest integer; halves go away from zero."""
    exact = number(value, 1)
    if type(exact) is int:
        return exact
    whole = math.floor(abs(exact))
    whole += abs(exact) - whole >= 0.5
    return -whole if exact < 0 else whole


def numbers_range(ctx: Context, start: Value, stop: Value) -> list[Value]:
    """The integers from ``start`` to ``stop``, both included, upwards or downwards."""
    return _range(ctx, integer(start, 1), integer(stop, 2), 1)


def numbers_range_step(ctx: Context, start: Value, stop: Value, step: Value) -> list[Value]:
    first, last, distance = integer(start, 1), integer(stop, 2), integer(step, 3)
    if distance <= 0:
        raise fail("numbers.range_step: step must be a positive integer")
    return _range(ctx, first, last, distance)


def _range(ctx: Context, first: int, last: int, step: int) -> list[Value]:
    size = abs(last - first) // step + 1
    ctx.check_size(size)
    ctx.spend(size)
    return list(range(first, last + 1, step) if first <= last else range(first, last - 1, -step))
