"""Conversions between types: section "Standard Definitions" of the language definition."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Final

from gateproof.cel.errors import EvaluationError
from gateproof.cel.library import numerals
from gateproof.cel.library.times import rfc3339
from gateproof.cel.operators import moment, span
from gateproof.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    Duration,
    Timestamp,
    Uint,
    as_double,
    integer,
    unsigned,
)

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def _failed(wanted: str, given: str = "string") -> EvaluationError:
    return EvaluationError(f"type conversion error from '{given}' to '{wanted}'", hint="check the text before")


def bool_of_string(text: str) -> bool:
    """``bool(text)``."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise _failed("bool")


def bytes_of_string(text: str) -> bytes:
    """``bytes(text)``: its UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def double_of_number(number: int) -> float:
    """``double(number)``: the nearest double."""
    return as_double(number)


def double_of_string(text: str) -> float:
    """``double(text)``."""
    found = numerals.double(text)
    if found is None:
        raise _failed("double")
    return found


def int_of_uint(number: Uint) -> int:
    """``int(number)``."""
    return integer(int(number))


def int_of_double(number: float) -> int:
    """``int(number)``: towards zero."""
    if number != number or not INT_MIN < number < INT_MAX:
        raise EvaluationError("integer overflow", hint="keep within 64 bits")
    return int(number)


def int_of_string(text: str) -> int:
    """``int(text)``: of decimal digits."""
    found = numerals.integer(text)
    if found is None or not INT_MIN <= found <= INT_MAX:
        raise _failed("int")
    return found


def int_of_timestamp(time: Timestamp) -> int:
    """``int(time)``: seconds since 1970."""
    return time.nanos // 10**9


def int_of_duration(duration: Duration) -> int:
    """``int(duration)``: nanoseconds."""
    return duration.nanos


def uint_of_int(number: int) -> Uint:
    """``uint(number)``."""
    return unsigned(number)


def uint_of_double(number: float) -> Uint:
    """``uint(number)``: towards zero."""
    if number != number or not 0 <= number < UINT_MAX:
        raise EvaluationError("unsigned integer overflow", hint="keep within 64 bits")
    return Uint(number)


def uint_of_string(text: str) -> Uint:
    """``uint(text)``: of decimal digits."""
    found = numerals.integer(text) if text[:1] not in ("+", "-") else None
    if found is None or found > UINT_MAX:
        raise _failed("uint")
    return Uint(found)


def string_of_bool(value: bool) -> str:
    """``string(value)``."""
    return "true" if value else "false"


def string_of_bytes(value: bytes) -> str:
    """``string(value)``, which must be UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EvaluationError("invalid UTF-8 in bytes, cannot convert to string") from None


def string_of_double(value: float) -> str:
    """``string(value)``: the fewest digits that give it."""
    return numerals.shortest(value)


def string_of_int(value: int) -> str:
    """``string(value)``."""
    return str(int(value))


def string_of_timestamp(time: Timestamp) -> str:
    """``string(time)``: RFC 3339."""
    return rfc3339(time)


def string_of_duration(duration: Duration) -> str:
    """``string(duration)``: seconds."""
    return seconds(duration.nanos)


def seconds(nanos: int) -> str:
    """``nanos`` as decimal seconds and an s, with as many digits as a double has."""
    value = (
        float(nanos // 10**9) + nanos % 10**9 / 1e9 if nanos >= 0 else -(float(-nanos // 10**9) + -nanos % 10**9 / 1e9)
    )
    text = format(value, "f") if value == int(value) else repr(value)
    if "e" in text:
        from decimal import Decimal

        text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".") + "s" if "." in text else text + "s"


def timestamp_of_int(number: int) -> Timestamp:
    """``timestamp(number)``: of seconds since 1970."""
    return moment(number * 10**9)


_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def timestamp_of_string(text: str) -> Timestamp:
    """``timestamp(text)``: of RFC 3339."""
    from datetime import datetime

    match = _RFC3339.fullmatch(text)
    if match is None:
        raise _failed("google.protobuf.Timestamp")
    *numbers, fraction, sign, hours, minutes = match.groups()
    offset = (int(hours or 0) * 60 + int(minutes or 0)) * 60
    if int(minutes or 0) > 59 or int(hours or 0) > 24:
        raise _failed("google.protobuf.Timestamp")
    try:
        time = datetime(*map(int, numbers), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six of them
    except ValueError:
        raise _failed("google.protobuf.Timestamp") from None
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    offset = -offset if sign == "-" else offset
    whole = (time - epoch) // (datetime.resolution * 10**6) - offset
    return moment(whole * 10**9 + int((fraction or "")[:9].ljust(9, "0")), offset)


_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile("([0-9]*)(?:\\.([0-9]*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)")
_DURATION = re.compile(f"[+-]?(?:0|(?:{_PART.pattern.replace('(', '(?:').replace('(?:?:', '(?:')})+)")


def duration_of_string(text: str) -> Duration:
    """``duration(text)``: such as ``1h30m`` or ``-1.5s``."""
    if len(text) > 1000 or not _DURATION.fullmatch(text):
        raise _failed("google.protobuf.Duration")
    nanos = 0
    for whole, fraction, unit in _PART.findall(text):
        if not whole and not fraction:
            raise _failed("google.protobuf.Duration")
        nanos += int(whole or 0) * _UNITS[unit]
        if fraction:
            nanos += int(fraction) * _UNITS[unit] // 10 ** len(fraction)
    nanos = -nanos if text[0] == "-" else nanos
    if not INT_MIN <= nanos <= INT_MAX:
        raise _failed("google.protobuf.Duration")
    return span(nanos)
