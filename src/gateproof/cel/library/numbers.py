"""cel-go's extension of mathematics."""

from __future__ import annotations

import math
from typing import Final

from gateproof.cel.errors import EvaluationError, no_such_overload
from gateproof.cel.operators import order
from gateproof.cel.values import INT_MAX, NUMBERS, UINT_MAX, Uint, Value, integer

_WORD: Final = 64
_MASK: Final = UINT_MAX


def _numbers(args: tuple[Value, ...]) -> list[Value]:
    """The operands, or the members of the only one, which must be numbers."""
    values = args[0] if len(args) == 1 and type(args[0]) is list else list(args)
    if not values:
        raise EvaluationError("math.@max(list) argument must not be empty", hint="give at least one number")
    if any(type(value) not in NUMBERS for value in values):
        raise no_such_overload()
    return values


def greatest(*args: Value) -> Value:
    """``math.greatest(…)``: the first of those that are equal."""
    best, *others = _numbers(args)
    for other in others:
        if order(best, other) < 0:
            best = other
    return best


def least(*args: Value) -> Value:
    """``math.least(…)``: the first of those that are equal."""
    best, *others = _numbers(args)
    for other in others:
        if order(best, other) > 0:
            best = other
    return best


def _whole(value: float, rounded: float | int) -> float:
    """``rounded`` with the sign of ``value``, which tells zeros apart."""
    return math.copysign(float(rounded), value)


def ceil(value: float) -> float:
    """``math.ceil(value)``."""
    return _whole(value, math.ceil(value)) if math.isfinite(value) else value


def floor(value: float) -> float:
    """``math.floor(value)``."""
    return _whole(value, math.floor(value)) if math.isfinite(value) else value


def trunc(value: float) -> float:
    """``math.trunc(value)``."""
    return _whole(value, math.trunc(value)) if math.isfinite(value) else value


def round(value: float) -> float:
    """``math.round(value)``: halves away from zero."""
    if not math.isfinite(value) or abs(value) >= 2**52:
        return value
    whole = math.floor(abs(value))
    return _whole(value, whole + (abs(value) - whole >= 0.5))


def is_inf(value: float) -> bool:
    """``math.isInf(value)``."""
    return math.isinf(value)


def is_nan(value: float) -> bool:
    """``math.isNaN(value)``."""
    return math.isnan(value)


def is_finite(value: float) -> bool:
    """``math.isFinite(value)``."""
    return math.isfinite(value)


def abs_(value: Value) -> Value:
    """``math.abs(value)``."""
    return integer(abs(value)) if type(value) is int else value if type(value) is Uint else abs(value)


def sign(value: Value) -> Value:
    """``math.sign(value)``: -1, 0 or 1 of the same type."""
    if type(value) is float and math.isnan(value):
        return value
    found = int(value > 0) - int(value < 0)
    return float(found) if type(value) is float else Uint(found) if type(value) is Uint else found


def sqrt(value: Value) -> float:
    """``math.sqrt(value)``: NaN of what is negative."""
    return math.sqrt(value) if value >= 0 else math.nan


def _wrapped(kind: type, bits: int) -> Value:
    """The 64 bits as an int or uint."""
    bits &= _MASK
    return Uint(bits) if kind is Uint else bits - (1 << _WORD) if bits > INT_MAX else bits


def bit_and(left: Value, right: Value) -> Value:
    """``math.bitAnd(left, right)``."""
    return _wrapped(type(left), int(left) & int(right))


def bit_or(left: Value, right: Value) -> Value:
    """``math.bitOr(left, right)``."""
    return _wrapped(type(left), int(left) | int(right))


def bit_xor(left: Value, right: Value) -> Value:
    """``math.bitXor(left, right)``."""
    return _wrapped(type(left), int(left) ^ int(right))


def bit_not(value: Value) -> Value:
    """``math.bitNot(value)``."""
    return _wrapped(type(value), ~int(value))


def bit_shift_left(value: Value, by: int) -> Value:
    """``math.bitShiftLeft(value, by)``."""
    if by < 0:
        raise EvaluationError(f"math.bitShiftLeft() negative offset: {by}", hint="shift right instead")
    return _wrapped(type(value), int(value) << by) if by < _WORD else _wrapped(type(value), 0)


def bit_shift_right(value: Value, by: int) -> Value:
    """``math.bitShiftRight(value, by)``: zeros come from the left."""
    if by < 0:
        raise EvaluationError(f"math.bitShiftRight() negative offset: {by}", hint="shift left instead")
    return _wrapped(type(value), (int(value) & _MASK) >> by) if by < _WORD else _wrapped(type(value), 0)
