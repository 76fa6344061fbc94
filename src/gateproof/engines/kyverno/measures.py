"""Numbers with units as Kubernetes and Go write them: quantities (``500m``, ``4Gi``) and durations (``1h30m``)."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import msgspec

# The longest text that is read as a number: far more than any real quantity, and cheap to compute with.
LONGEST = 256
_LARGEST_EXPONENT = 999

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)"
    r"(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]+))?"
)
_SUFFIXES: dict[str, Fraction] = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "k": Fraction(10**3),
    **{name: Fraction(10 ** (3 * power)) for power, name in enumerate("MGTPE", start=2)},
    **{f"{name}i": Fraction(1024**power) for power, name in enumerate("KMGTPE", start=1)},
}
_DECIMAL_POWERS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIXES = {power: suffix for suffix, power in _DECIMAL_POWERS.items()}
_LEAST_POWER, _MOST_POWER = -9, 18
_BINARY_SUFFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")

_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+")
_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


def quantity(text: str) -> Fraction | None:
    """The value of a Kubernetes quantity, or None if ``text`` is none (resource.ParseQuantity of apimachinery)."""
    found = _QUANTITY.fullmatch(text)
    return None if found is None else _value(found)


def _value(found: re.Match[str]) -> Fraction:
    value = Fraction(Decimal(found["number"]))
    if found["suffix"]:
        value *= _SUFFIXES[found["suffix"]]
    elif found["exponent"]:
        exponent = max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, int(found["exponent"])))
        value *= Fraction(10) ** exponent
    return -value if found["sign"] == "-" else value


class Form(Enum):
    """How a quantity is written: with decimal or binary suffixes, or with an exponent."""

    DECIMAL = "k"
    BINARY = "Ki"
    EXPONENT = "e3"


class Quantity(msgspec.Struct, frozen=True):
    """A quantity to compute with: its value, the decimal places in which it was written, and its form."""

    value: Fraction
    places: int
    form: Form

    @classmethod
    def parse(cls, text: str) -> Quantity | None:
        """Read a quantity, or None if ``text`` is none."""
        found = _QUANTITY.fullmatch(text)
        if found is None:
            return None
        places = len(found["number"].partition(".")[2])
        suffix = found["suffix"] or ""
        if suffix.endswith("i"):
            return cls(_value(found), 0, Form.BINARY)
        if found["exponent"]:
            return cls(_value(found), places - int(found["exponent"]), Form.EXPONENT)
        power = _DECIMAL_POWERS[suffix]
        return cls(_value(found), places - power, Form.DECIMAL)

    def text(self) -> str | None:
        """The canonical form (Quantity.String of apimachinery), or None where it has none."""
        if not self.value:
            return "0"
        if self.form is Form.BINARY and abs(self.value) >= 1024 and self.value.denominator == 1:
            number, power = int(self.value), 0
            while number % 1024 == 0 and power < len(_BINARY_SUFFIXES) - 1:
                number, power = number // 1024, power + 1
            return f"{number}{_BINARY_SUFFIXES[power]}"
        power = _LEAST_POWER
        number, rest = divmod(abs(self.value) * 10**-power, 1)
        if rest:
            return None
        while number % 1000 == 0 and power < _MOST_POWER:
            number, power = number // 1000, power + 3
        suffix = f"e{power}" if self.form is Form.EXPONENT and power else _DECIMAL_SUFFIXES[power]
        return f"{'-' if self.value < 0 else ''}{number}{suffix}"


def duration_text(nanoseconds: int) -> str:
    """Go's ``Duration.String``: ``1h30m0s``, ``1.5s``, ``250ms``."""
    size, sign = abs(nanoseconds), "-" if nanoseconds < 0 else ""
    if size == 0:
        return "0s"
    for unit in ("ns", "µs", "ms"):
        if size < 1000 * _NANOSECONDS[unit]:
            return f"{sign}{_decimal(size, _NANOSECONDS[unit])}{unit}"
    hours, rest = divmod(size, _NANOSECONDS["h"])
    minutes, rest = divmod(rest, _NANOSECONDS["m"])
    seconds = f"{_decimal(rest, _NANOSECONDS['s'])}s"
    return sign + (f"{hours}h{minutes}m{seconds}" if hours else f"{minutes}m{seconds}" if minutes else seconds)


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    digits = f"{rest:0{round(math.log10(unit))}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def duration(text: str) -> int | None:
    """The nanoseconds of a Go duration, or None if ``text`` is none (time.ParseDuration: every number has a unit)."""
    if text in ("0", "+0", "-0"):
        return 0
    if _DURATION.fullmatch(text) is None:
        return None
    total = sum(int(Fraction(Decimal(number)) * _NANOSECONDS[unit]) for number, unit in _DURATION_PART.findall(text))
    if total >= 2**63:
        return None
    return -total if text.startswith("-") else total
