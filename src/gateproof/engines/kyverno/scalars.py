"""One value against one scalar pattern: types, null, wildcards, operators, ranges, quantities, durations.

Kyverno's rules (its documentation, "Validate rules: operators"): ``|`` joins alternatives and ``&`` conditions; each
may begin with ``>``, ``<``, ``>=``, ``<=`` or ``!``, or be a range ``1-5`` or ``1!-5``. Both sides are tried as
durations, then as quantities, then as text with wildcards.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from gateproof.engines.kyverno import measures, wildcard
from gateproof.inputs.redact import is_redacted

Scalar = str | int | float | bool | None

_BOUND = r"([-+]?[0-9]+(?:\.[0-9]+)?[A-Za-z]*)"
_IN_RANGE = re.compile(f"{_BOUND}-{_BOUND}")
_NOT_IN_RANGE = re.compile(f"{_BOUND}!-{_BOUND}")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "!": operator.ne,
    "": operator.eq,
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_LONGEST_CACHED = 256
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class UndecidableError(Exception):
    """A value that the pattern needs is hidden or cannot be compared: neither a match nor a mismatch."""


def holds(value: Any, pattern: Scalar) -> bool:
    """Whether ``value`` (any JSON value; a missing one is None) satisfies the scalar ``pattern``.

    Raises UndecidableError for a redacted value, unless the pattern is itself a commitment.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        value = float(value) if abs(value) < 2**1023 else float("inf")  # as a cluster reads integers beyond 64 bits
    if is_redacted(value) and not is_redacted(pattern):
        raise UndecidableError("the value is sensitive and was replaced before judging")
    if isinstance(pattern, bool):
        return isinstance(value, bool) and value == pattern
    if isinstance(pattern, int):
        return _holds_integer(value, pattern)
    if isinstance(pattern, float):
        return _holds_float(value, pattern)
    if pattern is None:
        return not isinstance(value, dict | list) and not value
    if value == pattern:
        return True
    # Policies hold few patterns and meet many values; what variables make of patterns may be long.
    alternatives = _cached(pattern) if len(pattern) <= _LONGEST_CACHED else _alternatives(pattern)
    return any(all(_holds_condition(value, each) for each in conditions) for conditions in alternatives)


def is_range(pattern: str) -> bool:
    """Whether ``pattern`` is a range that values are to be in."""
    return not _operator_of(pattern) and _IN_RANGE.fullmatch(pattern) is not None


def _holds_integer(value: Any, pattern: int) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return _INTEGER.fullmatch(value) is not None and int(value) == pattern
    return isinstance(value, int | float) and value == pattern


def _holds_float(value: Any, pattern: float) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return _FLOAT.fullmatch(value) is not None and float(value) == pattern
    return isinstance(value, int | float) and value == pattern


class _Comparison(NamedTuple):
    """``symbol`` of ``_COMPARISONS`` with ``operand``, which is read as a number in these ways."""

    symbol: str
    operand: str
    numbers: tuple[tuple[Callable[[str], Fraction | int | None], Fraction | int], ...]


class _Condition(NamedTuple):
    """Comparisons that all are to hold, or for what lies outside of a range, any of them."""

    outside: bool
    comparisons: tuple[_Comparison, ...]


def _alternatives(pattern: str) -> tuple[tuple[_Condition, ...], ...]:
    return tuple(
        tuple(_condition(part.strip(" ")) for part in alternative.strip(" ").split("&"))
        for alternative in pattern.split("|")
    )


_cached = lru_cache(maxsize=4096)(_alternatives)


def _condition(text: str) -> _Condition:
    symbol = _operator_of(text)
    if not symbol:
        if outside := _NOT_IN_RANGE.fullmatch(text):
            return _Condition(True, (_comparison(outside[1], "<"), _comparison(outside[2], ">")))
        if inside := _IN_RANGE.fullmatch(text):
            return _Condition(False, (_comparison(inside[1], ">="), _comparison(inside[2], "<=")))
    return _Condition(False, (_comparison(text[len(symbol) :].strip(), symbol),))


def _comparison(operand: str, symbol: str) -> _Comparison:
    short = len(operand) <= measures.LONGEST
    ways = ((read, read(operand)) for read in (measures.duration, measures.quantity)) if short else ()
    return _Comparison(symbol, operand, tuple((read, wanted) for read, wanted in ways if wanted is not None))


def _holds_condition(value: Any, condition: _Condition) -> bool:
    held = (_compare(value, each) for each in condition.comparisons)
    return any(held) if condition.outside else all(held)


def _operator_of(condition: str) -> str:
    if len(condition) < 2:
        return ""
    return next((symbol for symbol in _COMPARISONS if symbol and condition.startswith(symbol)), "")


def _compare(value: Any, comparison: _Comparison) -> bool:
    symbol, pattern, numbers = comparison
    number = _number_text(value) if numbers else None
    if number is not None:
        if len(number) > measures.LONGEST:
            raise UndecidableError(f"a text of {len(number)} characters is compared with the number {pattern}")
        for read, wanted in numbers:
            found = read(number)
            if found is not None:
                return _COMPARISONS[symbol](found, wanted)
    text = _text(value)
    if text is None or symbol not in ("", "!"):
        return False
    return wildcard.matches(pattern, text) == (symbol == "")


def _number_text(value: Any) -> str | None:
    """What is read as a number: a missing value counts as 0."""
    if value is None:
        return "0"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:f}"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    """What wildcards are matched with; floats as Go's ``strconv.FormatFloat(value, 'E', -1, 64)`` writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        digits = len(Decimal(repr(value)).normalize().as_tuple().digits)
        return f"{value:.{digits - 1}E}"
    return None
