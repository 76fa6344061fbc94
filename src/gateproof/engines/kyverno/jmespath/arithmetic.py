"""Kyverno's arithmetic: on numbers, on quantities and on durations, and on those with numbers where it makes sense."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import msgspec

from gateproof.engines.kyverno import measures
from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.engines.kyverno.jmespath.interface import Function
from gateproof.engines.kyverno.jmespath.values import is_number
from gateproof.engines.kyverno.measures import Quantity
from gateproof.rego.context import Context

_SECOND = 10**9
_MOST_DECIMALS = 15


class Duration(msgspec.Struct, frozen=True):
    """A duration of Go."""

    nanoseconds: int


Operand = float | Quantity | Duration


def _operand(name: str, value: Any) -> Operand:
    if is_number(value):
        return _float(name, value)
    if isinstance(value, str) and len(value) <= measures.LONGEST:
        if (quantity := Quantity.parse(value)) is not None:
            return quantity
        if (nanoseconds := measures.duration(value)) is not None:
            return Duration(nanoseconds)
    raise JmespathError(f"{name}(): {str(value)[:80]!r} is no number, quantity or duration")


def _float(name: str, value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise JmespathError(f"{name}(): the number is out of range")
    return number


def _written(name: str, result: float | Quantity | Duration) -> Any:
    if isinstance(result, Quantity):
        text = result.text()
        if text is None:
            raise JmespathError(f"{name}(): the quantity is out of range")
        return text
    if isinstance(result, Duration):
        if abs(result.nanoseconds) >= 2**63:
            raise JmespathError(f"{name}(): the duration is out of range")
        return measures.duration_text(result.nanoseconds)
    return _float(name, result)


def _function(name: str, compute: Callable[[Any, Any], Any]) -> Function:
    """``compute`` gives None for operands that do not go together."""
    return Function(name, ("any", "any"), lambda _, left, right: _computed(name, compute, left, right))


def _computed(name: str, compute: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    result = compute(_operand(name, left), _operand(name, right))
    if result is None:
        raise JmespathError(f"{name}(): the types of {str(left)[:40]!r} and {str(right)[:40]!r} do not go together")
    return _written(name, result)


def _add(left: Operand, right: Operand) -> Operand | None:
    match left, right:
        case float(), float():
            return left + right
        case Quantity(), Quantity():
            return Quantity(left.value + right.value, max(left.places, right.places), _form(left, right))
        case Duration(), Duration():
            return Duration(left.nanoseconds + right.nanoseconds)
    return None


def _subtract(left: Operand, right: Operand) -> Operand | None:
    match right:
        case float():
            return _add(left, -right)
        case Quantity():
            return _add(left, Quantity(-right.value, right.places, right.form))
        case Duration():
            return _add(left, Duration(-right.nanoseconds))


def _form(left: Quantity, right: Quantity) -> measures.Form:
    return left.form if left.value else right.form


def _multiply(left: Operand, right: Operand) -> Operand | None:
    match left, right:
        case float(), float():
            return left * right
        case (Quantity() as quantity, float() as factor) | (float() as factor, Quantity() as quantity):
            return Quantity(quantity.value * _exact(factor), 0, quantity.form)
        case (Duration() as duration, float() as factor) | (float() as factor, Duration() as duration):
            return _of_seconds(duration.nanoseconds / _SECOND * factor)
    return None


def _exact(number: float) -> Fraction:
    """The number as it is written in decimal digits."""
    return Fraction(Decimal(repr(number)))


def _of_seconds(seconds: float) -> Duration:
    return Duration(int(_float("multiply", seconds * _SECOND)))


def _divide(left: Operand, right: Operand) -> Operand | None:
    if not (right if isinstance(right, float) else right.value if isinstance(right, Quantity) else right.nanoseconds):
        raise JmespathError("divide(): the divisor is zero")
    match left, right:
        case float(), float():
            return left / right
        case Quantity(), Quantity():
            return float(left.value) / float(right.value)
        case Duration(), Duration():
            return (left.nanoseconds / _SECOND) / (right.nanoseconds / _SECOND)
        case Quantity(), float():
            places = max(left.places, -int(Decimal(repr(right)).normalize().as_tuple().exponent))
            return Quantity(_cut(left.value / _exact(right), places), places, left.form)
        case Duration(), float():
            return _of_seconds(left.nanoseconds / _SECOND / right)
    return None


def _cut(value: Fraction, places: int) -> Fraction:
    """``value`` rounded towards zero to so many decimal places (of a negative number of them: tens, hundreds …)."""
    unit = Fraction(10) ** -places
    return unit * math.trunc(value / unit)


def _modulo(left: Operand, right: Operand) -> Operand | None:
    match left, right:
        case float(), float():
            return float(_remainder(left, right))
        case Quantity(), Quantity():
            return Quantity(Fraction(_remainder(left.value, right.value)), 0, left.form)
        case Duration(), Duration():
            return Duration(_remainder(left.nanoseconds, right.nanoseconds))
    return None


def _remainder(left: float | Fraction, right: float | Fraction) -> int:
    """With the sign of ``left``."""
    if left != int(left) or right != int(right):
        raise JmespathError("modulo(): only integers have a remainder")
    if not right:
        raise JmespathError("modulo(): the divisor is zero")
    remainder = abs(int(left)) % abs(int(right))
    return -remainder if left < 0 else remainder


def _sum(ctx: Context, elements: list[Any]) -> Any:
    if not elements:
        raise JmespathError("sum(): at least one element is needed")
    ctx.spend(10 * len(elements))
    return reduce(lambda left, right: _computed("sum", _add, left, right), elements)


def _round(_: Context, number: float, places: float) -> float:
    """Halves are rounded away from zero."""
    if places != int(places) or not 0 <= places <= _MOST_DECIMALS:
        raise JmespathError(f"round(): the number of places is an integer from 0 to {_MOST_DECIMALS}")
    shift = 10.0 ** int(places)
    scaled = _float("round", number) * shift
    return _float("round", math.copysign(math.floor(abs(scaled) + 0.5), scaled) / shift)


FUNCTIONS = (
    _function("add", _add),
    _function("divide", _divide),
    _function("modulo", _modulo),
    _function("multiply", _multiply),
    Function("round", ("number", "number"), _round),
    _function("subtract", _subtract),
    Function("sum", ("array",), _sum),
)
