"""Kubernetes' quantities, such as ``1.5Gi``: as apimachinery reads and compares them."""

from __future__ import annotations

import re
from functools import lru_cache, total_ordering
from typing import ClassVar, Final

from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import INT_MAX, INT_MIN, Opaque, as_double

_TEXT = re.compile(r"([+-]?)([0-9]*)(?:(\.)([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)")
_DECIMAL: Final = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)")
_FORMAT = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_LARGEST_EXPONENT: Final = 1000
_LONGEST: Final = 1000
_DIGITS: Final = 18
_NANO: Final = -9
_LARGEST_POWER: Final = 308


@total_ordering
class Quantity(Opaque, frozen=True, eq=False):
    """``unscaled`` times 10 to the ``scale``. ``small``: kept in 64 bits, as only such can be integers."""

    cel_type: ClassVar[str] = "kubernetes.Quantity"

    unscaled: int
    scale: int
    small: bool

    def _aligned(self, other: Quantity) -> tuple[int, int, int]:
        """Both as multiples of one power of ten, and its exponent."""
        scale = min(self.scale, other.scale)
        return self.unscaled * 10 ** (self.scale - scale), other.unscaled * 10 ** (other.scale - scale), scale

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        left, right, _ = self._aligned(other)
        return left == right

    def __lt__(self, other: Quantity) -> bool:
        left, right, _ = self._aligned(other)
        return left < right

    def __hash__(self) -> int:
        return 0

    def plus(self, other: Quantity) -> Quantity:
        """The sum."""
        if self.small and other.small:
            if not other.unscaled:
                return self
            if not self.unscaled:
                return other
        left, right, scale = self._aligned(other)
        fits = all(INT_MIN <= each <= INT_MAX for each in (left, right, left + right))
        return Quantity(left + right, scale, self.small and other.small and fits)

    def integer(self) -> int | None:
        """The integer that it is, if it was written as one."""
        if not self.small or self.scale < 0:
            return None
        whole = self.unscaled * 10**self.scale
        return whole if INT_MIN <= whole <= INT_MAX else None


def _failed(message: str) -> EvaluationError:
    return EvaluationError(message, hint="write a quantity such as 500m or 1.5Gi; isQuantity() tells")


def _wrong_format() -> EvaluationError:
    return _failed(f"quantities must match the regular expression '{_FORMAT}'")


@lru_cache(maxsize=1024)
def quantity(text: str) -> Quantity:
    """``quantity(text)``."""
    match = _TEXT.fullmatch(text) if 0 < len(text) <= _LONGEST else None
    if match is None:
        raise _wrong_format()
    sign, whole, _, fraction, suffix = match.groups()
    number, digits = whole.lstrip("0"), fraction or ""
    exponent, binary = _suffix(suffix)
    number = number or "0"
    value = int(number + digits)
    scale = -len(digits)
    if binary:
        quick = not digits and 15 - len(number) - exponent * 3 // 10 - 1 >= 0
        value <<= exponent
        small = quick and value <= INT_MAX
    else:
        scale += exponent
        small = _DIGITS - len(number) - len(digits) >= 0 and scale >= _NANO
    if not small and not whole and not fraction:
        raise _failed("unable to parse numeric part of quantity")
    if not small:
        value, scale = _capped(value, scale, binary=binary)
    return Quantity(-value if sign == "-" else value, scale, small)


def _suffix(suffix: str) -> tuple[int, bool]:
    """The exponent, and whether it is one of 2."""
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], False
    if suffix in _BINARY:
        return _BINARY[suffix], True
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None or len(exponent[1]) > _LARGEST_EXPONENT:
        raise _failed("unable to parse quantity's suffix")
    found = int(exponent[1])
    if abs(found) > _LARGEST_EXPONENT:
        raise _failed("unable to parse quantity's suffix")
    return found, False


def _capped(value: int, scale: int, *, binary: bool) -> tuple[int, int]:
    """Rounded up to nanos, and not more than 64 bits where it is binary."""
    if not value:
        return value, scale
    value = -(-value // 10 ** (_NANO - scale)) if scale < _NANO else value * 10 ** (scale - _NANO)
    scale = _NANO
    if binary and value > INT_MAX * 10**-scale:
        return INT_MAX, 0
    return value, scale


def is_quantity(text: str) -> bool:
    """``isQuantity(text)``."""
    try:
        quantity(text)
    except EvaluationError:
        return False
    return True


def sign(value: Quantity) -> int:
    """``sign(value)``: -1, 0 or 1."""
    return (value.unscaled > 0) - (value.unscaled < 0)


def is_greater_than(value: Quantity, other: Quantity) -> bool:
    """``value.isGreaterThan(other)``."""
    return value > other


def is_less_than(value: Quantity, other: Quantity) -> bool:
    """``value.isLessThan(other)``."""
    return value < other


def compare_to(value: Quantity, other: Quantity) -> int:
    """``value.compareTo(other)``: -1, 0 or 1."""
    return int(value > other) - int(value < other)


def as_approximate_float(value: Quantity) -> float:
    """``value.asApproximateFloat()``."""
    base = as_double(value.unscaled)
    if not value.scale:
        return base
    return base * _power(value.scale)


def _power(exponent: int) -> float:
    """10 to the ``exponent``, with the rounding of Go's ``math.Pow10``."""
    if exponent > _LARGEST_POWER:
        return float("inf")
    large, small = divmod(abs(exponent), 32)
    one, other = float(f"1e{'-' if exponent < 0 else ''}{large * 32}"), float(f"1e{small}")
    return one / other if exponent < 0 else one * other


def is_integer(value: Quantity) -> bool:
    """``value.isInteger()``."""
    return value.integer() is not None


def as_integer(value: Quantity) -> int:
    """``value.asInteger()``."""
    found = value.integer()
    if found is None:
        raise EvaluationError("cannot convert value to integer", hint="ask isInteger() first")
    return found


def add(value: Quantity, other: Quantity) -> Quantity:
    """``value.add(other)``."""
    return value.plus(other)


def add_int(value: Quantity, other: int) -> Quantity:
    """``value.add(other)``."""
    return value.plus(Quantity(other, 0, True))


def sub(value: Quantity, other: Quantity) -> Quantity:
    """``value.sub(other)``."""
    return value.plus(Quantity(-other.unscaled, other.scale, other.small))


def sub_int(value: Quantity, other: int) -> Quantity:
    """``value.sub(other)``."""
    return value.plus(Quantity(-other, 0, True))
