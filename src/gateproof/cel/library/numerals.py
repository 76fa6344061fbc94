"""Numbers as Go reads and writes them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = re.compile(r"[+-]?(?:inf(?:inity)?|nan)", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]{1,5}")
_DIVIDED = re.compile(r"([0-9a-fA-FxX])_")
_MISPLACED = re.compile(r"^_|_$|__|[+.pP-]_|_[+.pP-]|^[+-]?(?!0[xX]).*(?:[eE]_|_[eE])")
"""Underscores that are not between digits."""
_LONGEST: Final = 1000


def integer(text: str) -> int | None:
    """The integer in decimal that ``text`` is; None where it is none."""
    return int(text) if _INTEGER.fullmatch(text) else None


def double(text: str) -> float | None:
    """The double that ``text`` is, as ``strconv.ParseFloat`` reads it; None where it is none or out of range."""
    if len(text) > _LONGEST:
        return None
    if "_" in text:
        text = _DIVIDED.sub(r"\1", text) if not _MISPLACED.search(text) else ""
    if _SPECIAL.fullmatch(text):
        return float(text)
    try:
        found = float(text) if _DOUBLE.fullmatch(text) else _of_hexadecimal(text)
    except (ValueError, OverflowError):
        return None
    return None if found is None or found in (float("inf"), float("-inf")) else found


def _of_hexadecimal(text: str) -> float | None:
    return float.fromhex(text) if _HEXADECIMAL.fullmatch(text) else None


def special(value: float) -> str | None:
    """``NaN``, ``+Inf`` or ``-Inf``; None for other numbers."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    return None


def shortest(value: float) -> str:
    """``value`` as ``%g`` shows it: the fewest digits, with an exponent that is below -4 or above 5."""
    said = special(value)
    if said is not None:
        return said
    if value == 0:
        return "-0" if str(value)[0] == "-" else "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    power = len(digits) + int(exponent) - 1
    text = "".join(map(str, digits))
    before = "-" if sign else ""
    if power < -4 or power > 5:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        return f"{before}{text[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return before + plain(text, power)


def plain(digits: str, power: int) -> str:
    """The digits of a number with its point, where the first is worth 10 to the ``power``."""
    if power < 0:
        return f"0.{'0' * (-power - 1)}{digits}"
    whole = digits[: power + 1].ljust(power + 1, "0")
    rest = digits[power + 1 :]
    return f"{whole}.{rest}" if rest else whole
