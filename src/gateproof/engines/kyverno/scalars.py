"""One value against one scalar pattern: types, null, wildcards, operators, ranges, quantities, durations.

Kyverno's rules (its documentation, "Validate rules: operators"): ``|`` joins alternatives and ``&`` conditions; each
may begin with ``>``, ``<``, ``>=``, ``<=`` or ``!``, or be a range ``1-5`` or ``1!-5``. Both sides are tried as
durations, then as quantities, then as text with wildcards.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

from gateproof.engines.kyverno import measures, wildcard
from gateproof.inputs.redact import is_redacted

Scalar = str | int | float | bool | None
_Numbers = Sequence[tuple[Callable[[str], Fraction | int | None], Fraction | int]]
"""Ways to read a text as a number, and what a pattern's operand is in each."""

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


Test = Callable[[Any], bool]
"""Whether a value (any JSON value; a missing one is None) satisfies a pattern. Raises UndecidableError."""


def holds(value: Any, pattern: Scalar) -> bool:
    """Whether ``value`` satisfies the scalar ``pattern``, see ``compile_scalar``."""
    return compile_scalar(pattern)(value)


def compile_scalar(pattern: Scalar) -> Test:
    """The test that the scalar ``pattern`` is.

    It raises UndecidableError for a redacted value, unless the pattern is itself a commitment.
    """
    if isinstance(pattern, bool):
        return partial(_is_bool, pattern)
    if isinstance(pattern, int):
        return partial(_is_number, _INTEGER, int, pattern)
    if isinstance(pattern, float):
        return partial(_is_number, _FLOAT, float, pattern)
    if pattern is None:
        return _is_null
    if is_redacted(pattern):
        return partial(operator.eq, pattern)
    # Policies hold few patterns; what variables make of patterns may be long, and of many kinds.
    return _cached(pattern) if len(pattern) <= _LONGEST_CACHED else _compile_text(pattern)


def _seen(value: Any) -> Any:
    """The value as a cluster reads it. Raises UndecidableError where it is hidden."""
    if isinstance(value, str):
        if is_redacted(value):
            raise UndecidableError("the value is sensitive and was replaced before judging")
    elif isinstance(value, int) and not -(2**63) < value < 2**63:
        return float(value) if abs(value) < 2**1023 else float("inf")
    return value


def is_range(pattern: str) -> bool:
    """Whether ``pattern`` is a range that values are to be in."""
    return not _operator_of(pattern) and _IN_RANGE.fullmatch(pattern) is not None


def _is_bool(wanted: bool, value: Any) -> bool:
    return _seen(value) is wanted


def _is_number(written: re.Pattern[str], read: Callable[[str], float], wanted: float, value: Any) -> bool:
    value = _seen(value)
    if isinstance(value, str):
        return written.fullmatch(value) is not None and read(value) == wanted
    return isinstance(value, int | float) and not isinstance(value, bool) and value == wanted


def _is_null(value: Any) -> bool:
    return not _seen(value) and not isinstance(value, dict | list)


def _compile_text(pattern: str) -> Test:
    alternatives = (alternative.strip(" ").split("&") for alternative in pattern.split("|"))
    test = _any([_all([_condition(part.strip(" ")) for part in parts]) for parts in alternatives])
    return partial(_holds_text, pattern, test)


_cached = lru_cache(maxsize=4096)(_compile_text)


def _holds_text(pattern: str, test: Test, value: Any) -> bool:
    return value == pattern or test(_seen(value))


def _any(tests: Sequence[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _all(tests: Sequence[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _condition(text: str) -> Test:
    symbol = _operator_of(text)
    if not symbol:
        if outside := _NOT_IN_RANGE.fullmatch(text):
            return _any([_comparison(outside[1], "<"), _comparison(outside[2], ">")])
        if inside := _IN_RANGE.fullmatch(text):
            return _all([_comparison(inside[1], ">="), _comparison(inside[2], "<=")])
    return _comparison(text[len(symbol) :].strip(), symbol)


def _comparison(operand: str, symbol: str) -> Test:
    """The test of a value against ``operand``: as numbers in the ways in which it can be read, or else as texts."""
    as_text = partial(_is_text, wildcard.compile(operand), symbol == "") if symbol in ("", "!") else _never
    short = len(operand) <= measures.LONGEST
    ways = ((read, read(operand)) for read in (measures.duration, measures.quantity)) if short else ()
    numbers = tuple((read, wanted) for read, wanted in ways if wanted is not None)
    return partial(_compare, operand, _COMPARISONS[symbol], numbers, as_text) if numbers else as_text


def _never(_: Any) -> bool:
    return False


def _is_text(matches: Callable[[str], bool], wanted: bool, value: Any) -> bool:
    text = value if isinstance(value, str) else _text(value)
    return text is not None and matches(text) is wanted


def _compare(operand: str, compare: Callable[[Any, Any], bool], numbers: _Numbers, as_text: Test, value: Any) -> bool:
    number = _number_text(value)
    if number is not None:
        if len(number) > measures.LONGEST:
            raise UndecidableError(f"a text of {len(number)} characters is compared with the number {operand}")
        for read, wanted in numbers:
            found = read(number)
            if found is not None:
                return compare(found, wanted)
    return as_text(value)


def _operator_of(condition: str) -> str:
    if len(condition) < 2:
        return ""
    return next((symbol for symbol in _COMPARISONS if symbol and condition.startswith(symbol)), "")


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
    """What wildcards match of no text; floats as Go's ``strconv.FormatFloat(value, 'E', -1, 64)`` writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        digits = len(Decimal(repr(value)).normalize().as_tuple().digits)
        return f"{value:.{digits - 1}E}"
    return None
