"""Numbers as text, and text as numbers, by Go's rules (package ``strconv``)."""

from __future__ import annotations

import math
import re

from gateproof.errors import BudgetError

__all__ = ["MAX_DIGITS", "decimal", "format_float", "number_text", "parse_float", "parse_number"]

MAX_DIGITS = 5_000
"""Decimal digits of the largest integer that is written or read: conversion takes quadratic time."""

_CHUNK = 4000
_MAX_BITS = int(MAX_DIGITS * math.log2(10))
_FLOAT = re.compile(
    r"[+-]?(?:(?P<hex>0[xX](?:[0-9a-fA-F_]+\.?[0-9a-fA-F_]*|\.[0-9a-fA-F_]+)[pP][+-]?[0-9]+)"
    r"|(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:[eE][+-]?[0-9]+)?|(?P<special>inf|infinity|nan))",
    re.IGNORECASE | re.ASCII,
)
_MISPLACED_UNDERSCORE = re.compile(r"(?<![0-9a-fA-FxX])_|_(?![0-9a-fA-F])")


def decimal(value: int) -> str:
    """``value`` in base 10. Python refuses to write long integers at once; they are written in pieces."""
    if value.bit_length() <= 13_000:
        return str(value)
    if value.bit_length() > _MAX_BITS:
        raise BudgetError(f"a number has more than {MAX_DIGITS} digits", hint="compare numbers without printing them")
    sign, rest = ("-", -value) if value < 0 else ("", value)
    pieces: list[str] = []
    while rest >= 10**_CHUNK:
        rest, low = divmod(rest, 10**_CHUNK)
        pieces.append(str(low).rjust(_CHUNK, "0"))
    return sign + str(rest) + "".join(reversed(pieces))


def number_text(value: float) -> str:
    """``value`` as JSON usually writes it.

    OPA keeps the text of a number as it was read, ``1.0`` as ``1.0``; arithmetic there (and here) gives whole
    results as integers, so that a float that is whole was read with its point.
    """
    digits, exponent, sign = _shortest(value)
    if not -7 <= exponent < 21:
        return sign + _scientific(digits, exponent, "e")
    return sign + _positional(digits, exponent + 1) + (".0" if value.is_integer() else "")


def format_float(value: float, verb: str, precision: int = -1) -> str:
    """``strconv.FormatFloat`` for 64 bits: ``verb`` is e, E, f, g or G; precision -1 asks for the shortest."""
    if precision >= 0:
        return f"{value:.{precision}{verb}}"
    digits, exponent, sign = _shortest(value)
    if verb in "eE" or (verb in "gG" and not -4 <= exponent < 6):
        return sign + _scientific(digits, exponent, "E" if verb in "EG" else "e")
    return sign + _positional(digits, exponent + 1)


def _shortest(value: float) -> tuple[str, int, str]:
    """The fewest digits that read back as ``value``, the exponent of the first, and the sign."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    return (digits.rstrip("0"), point - 1, sign) if digits else ("0", 0, sign)


def _scientific(digits: str, exponent: int, letter: str) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}{letter}{exponent:+03d}"


def _positional(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    whole = digits[:point].ljust(point, "0")
    return f"{whole}.{digits[point:]}" if len(digits) > point else whole


def parse_float(text: str) -> float | None:
    """``strconv.ParseFloat`` for 64 bits: None for what it refuses; may be infinite or not a number."""
    match = _FLOAT.fullmatch(text)
    if match is None or _MISPLACED_UNDERSCORE.search(text):
        return None
    plain = text.replace("_", "")
    if match["hex"]:
        return float.fromhex(plain)
    if not match["special"] and not any(char.isdigit() for char in plain):
        return None
    value = float(plain)
    return value if match["special"] or math.isfinite(value) else None


def parse_number(text: str) -> int | float | None:
    """The number that ``text`` writes, integers exactly; None where Go reads no finite number."""
    value = parse_float(text)
    if value is None or not math.isfinite(value):
        return None
    plain = text.replace("_", "")
    if not re.fullmatch(r"[+-]?[0-9]+", plain):
        return value
    if len(plain) > MAX_DIGITS:
        raise BudgetError(f"a number has more than {MAX_DIGITS} digits", hint="pass such numbers as strings")
    return _parse_digits(plain)


def _parse_digits(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    total = 0
    for start in range(0, len(digits), _CHUNK):
        piece = digits[start : start + _CHUNK]
        total = total * 10 ** len(piece) + int(piece)
    return sign * total
