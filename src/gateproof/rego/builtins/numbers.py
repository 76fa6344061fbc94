"""Rounding and ranges."""

from __future__ import annotations

import math

from gateproof.rego.builtins.operands import fail, integer, number
from gateproof.rego.context import Context
from gateproof.rego.values import Value

_EXACT = 2**53
"""Up to here every whole number is a double, and calculations agree whatever their precision."""


def abs_(value: Value) -> int | float:
    exact = number(value, 1)
    if abs(exact) <= _EXACT:
        return int(abs(exact)) if float(exact).is_integer() else abs(exact)
    from fractions import Fraction

    from gateproof.rego.extended import shown

    return int(shown(Fraction(_wide(abs(exact)))))


def ceil(value: Value) -> int:
    """The next integer above; OPA's answer between -1 and 0 is 1, and so it is here."""
    exact = number(value, 1)
    if abs(exact) > _EXACT:
        return _wide(exact)
    return 1 if -1 < exact < 0 else math.ceil(exact)


def floor(value: Value) -> int:
    """The next integer below; OPA's answer between -1 and 0 is 0, and so it is here."""
    exact = number(value, 1)
    if abs(exact) > _EXACT:
        return _wide(exact)
    return 0 if -1 < exact < 0 else math.floor(exact)


def round_(value: Value) -> int:
    """The nearest integer; halves go away from zero."""
    exact = number(value, 1)
    if abs(exact) > _EXACT:
        return _wide(exact, half=True)
    if type(exact) is int:
        return exact
    whole = math.floor(abs(exact))
    whole += abs(exact) - whole >= 0.5
    return -whole if exact < 0 else whole


def _wide(value: int | float, *, half: bool = False) -> int:
    """``value``, or what is a half further from zero, with 64 significant bits as in OPA; such numbers are whole."""
    from fractions import Fraction

    from gateproof.rego.extended import operand, rounded

    found = operand(value)
    if half:
        found = rounded(found + Fraction(1 if value > 0 else -1, 2))
    return int(found)


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
