"""Optional values: https://github.com/google/cel-spec/wiki/proposal-246."""

from __future__ import annotations

from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import NONE, Duration, Optional, Timestamp, Uint, Value


def of(value: Value) -> Optional:
    """``optional.of(x)``."""
    return Optional(value)


def none() -> Optional:
    """``optional.none()``."""
    return NONE


_ZEROS = frozenset({bool, int, Uint, float, str, bytes, list, dict})


def of_non_zero(value: Value) -> Optional:
    """``optional.ofNonZeroValue(x)``: none for null, false, 0, and what is empty."""
    kind = type(value)
    empty = value is None or (kind in _ZEROS and not value) or (kind is Optional and not value.present)
    if kind is Duration or kind is Timestamp:
        empty = kind is Duration and value.nanos == 0
    return NONE if empty else Optional(value)


def value(optional: Optional) -> Value:
    """``x.value()``."""
    if not optional.present:
        raise EvaluationError("optional.none() dereference", hint="use orValue(), or ask hasValue() first")
    return optional.value


def has_value(optional: Optional) -> bool:
    """``x.hasValue()``."""
    return bool(optional.present)


def or_(optional: Optional, other: Optional) -> Optional:
    """``x.or(y)``."""
    return optional if optional.present else other


def or_value(optional: Optional, other: Value) -> Value:
    """``x.orValue(y)``."""
    return optional.value if optional.present else other
