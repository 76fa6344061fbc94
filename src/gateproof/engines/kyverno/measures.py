"""Numbers with units as Kubernetes and Go write them: quantities (``500m``, ``4Gi``) and durations (``1h30m``)."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

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
    if found is None:
        return None
    value = Fraction(Decimal(found["number"]))
    if found["suffix"]:
        value *= _SUFFIXES[found["suffix"]]
    elif found["exponent"]:
        exponent = max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, int(found["exponent"])))
        value *= Fraction(10) ** exponent
    return -value if found["sign"] == "-" else value


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
