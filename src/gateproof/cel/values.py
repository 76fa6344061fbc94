"""CEL's values as Python's.

null, bool, int, double, string, bytes, list and map are None, bool, int, float, str, bytes, list and dict; what Python
lacks is here. The keys of a map are the keys of its dict, but for booleans, which :func:`key_of` makes distinct from
0 and 1. Values are not changed once they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import total_ordering
from typing import Any, ClassVar, Final, final

import msgspec

from gateproof.cel.errors import EvaluationError, no_such_overload

Value = Any
"""A CEL value."""

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1


@final
class Uint(int):
    """An unsigned integer of 64 bits."""

    __slots__ = ()


@total_ordering
class Timestamp(msgspec.Struct, frozen=True, eq=False):
    """A point in time between the years 1 and 9999: nanoseconds since 1970-01-01T00:00:00Z.

    ``offset``: seconds east of UTC that it was written with, in which only ``string()`` shows it.
    """

    nanos: int
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.nanos == other.nanos

    def __lt__(self, other: Timestamp) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)


class Duration(msgspec.Struct, frozen=True, order=True):
    """A span of time in nanoseconds, of 64 bits."""

    nanos: int


class Optional(msgspec.Struct, frozen=True):
    """``optional.of(value)``, or ``optional.none()`` where there is none."""

    value: Value
    present: bool = True


NONE: Final = Optional(None, present=False)


class TypeValue(msgspec.Struct, frozen=True):
    """A type as a value, as ``type(x)`` gives it."""

    name: str


class BooleanKey:
    """The form of a boolean as the key of a map: Python's True is equal to 1, CEL's is not."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value


TRUE_KEY: Final = BooleanKey(True)
FALSE_KEY: Final = BooleanKey(False)


class Lazy:
    """A value that is made when it is first asked for, and at most once; so is the error of making it."""

    __slots__ = ("_error", "_make", "_value")

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make: Callable[[], Value] | None = make
        self._value: Value = None
        self._error: EvaluationError | None = None

    def force(self) -> Value:
        """The value. Raises what making it raised; a value that needs itself is an EvaluationError."""
        make, self._make = self._make, None
        if make is not None:
            self._error = EvaluationError("the value depends on itself", hint="break the cycle of variables")
            try:
                self._value = make()
            except EvaluationError as error:
                self._error = error
                raise
            except BaseException:
                self._make, self._error = make, None
                raise
            self._error = None
        if self._error is not None:
            raise self._error
        return self._value


class Opaque(msgspec.Struct, frozen=True):
    """Base of the values that libraries and hosts add; ``cel_type`` is their type's name."""

    cel_type: ClassVar[str] = "opaque"


_TYPE_NAMES: Final[dict[type, str]] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    type(None): "null_type",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    TypeValue: "type",
    Optional: "optional_type",
}
NUMBERS: Final = frozenset({int, float, Uint})


def type_name(value: Value) -> str:
    """The name of the type of ``value``."""
    name = _TYPE_NAMES.get(type(value))
    return name if name is not None else str(getattr(value, "cel_type", type(value).__name__))


def key_of(value: Value) -> Hashable:
    """The form of ``value`` as the key of a dict. Raises EvaluationError for what cannot be a key."""
    kind = type(value)
    if kind is str or kind is int or kind is Uint:
        return value  # type: ignore[no-any-return]  # of the kind just found
    if kind is bool:
        return TRUE_KEY if value else FALSE_KEY
    if kind is float and value.is_integer():
        return int(value)
    raise EvaluationError(f"unsupported key type: {type_name(value)}", hint="keys are strings, integers and booleans")


def unkey(key: Hashable) -> Value:
    """The value that ``key``, of a dict, stands for."""
    return key.value if type(key) is BooleanKey else key


def equal(left: Value, right: Value) -> bool:
    """Whether CEL calls two values equal: numbers across their types, values of other types never."""
    kind, other = type(left), type(right)
    if kind is str:
        return bool(left == right)
    if kind is other:
        if kind is list:
            return len(left) == len(right) and all(map(equal, left, right))
        if kind is dict:
            return len(left) == len(right) and _same_members(left, right)
        if kind is Optional:
            return left.present == right.present and equal(left.value, right.value)
        return bool(left == right)
    if kind in NUMBERS and other in NUMBERS:
        return order_numbers(left, right) == 0
    if isinstance(left, Opaque):
        raise no_such_overload()
    return False


_MISSING: Final = object()


def _same_members(left: dict[Any, Value], right: dict[Any, Value]) -> bool:
    for key, member in left.items():
        found = right.get(key, _MISSING)
        if found is _MISSING or not equal(member, found):
            return False
    return True


def order_numbers(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None where one is NaN. An integer is compared with a double as the nearest double."""
    if type(left) is float and type(right) is not float:
        right = as_double(right)
    elif type(right) is float and type(left) is not float:
        left = as_double(left)
    if left == right:
        return 0
    if left < right:
        return -1
    return 1 if left > right else None


def as_double(value: int) -> float:
    """The double nearest to ``value``, which bindings may make larger than any."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def integer(value: int) -> int:
    """``value`` as an int of 64 bits. Raises EvaluationError where it does not fit."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise EvaluationError("integer overflow", hint="keep within 64 bits")


def unsigned(value: int) -> Uint:
    """``value`` as a uint of 64 bits. Raises EvaluationError where it does not fit."""
    if 0 <= value <= UINT_MAX:
        return Uint(value)
    raise EvaluationError("unsigned integer overflow", hint="keep within 64 bits")
