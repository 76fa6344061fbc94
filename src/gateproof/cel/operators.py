"""CEL's operators, and what order and equality need.

Every function is pure and raises :class:`EvaluationError` where CEL has an error. What an operator costs beyond its
node is charged here: for equality always, and where it is known that it is of strings or a list.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any, Final

from gateproof.cel.budget import MOST_WORK, check_characters, check_members
from gateproof.cel.context import Context
from gateproof.cel.errors import EvaluationError, no_such_overload
from gateproof.cel.values import (
    FALSE_KEY,
    NUMBERS,
    TRUE_KEY,
    Duration,
    Optional,
    Timestamp,
    Uint,
    Value,
    equal,
    integer,
    order_numbers,
    unsigned,
)

ABSENT: Final = object()


def lookup(at: Value) -> Any:
    """The key of a dict under which ``at`` would be; one that no dict has where it cannot be one."""
    kind = type(at)
    if kind is str or kind is int or kind is Uint:
        return at
    if kind is bool:
        return TRUE_KEY if at else FALSE_KEY
    if kind is float and at.is_integer():
        return int(at)
    return ABSENT


def ordered(pairs: list[tuple[Value, Value]]) -> list[tuple[Value, Value]]:
    """``pairs`` in the order of their first members; those that are equal keep their places."""
    kinds = {type(key) for key, _ in pairs}
    if not kinds:
        return pairs
    if len(kinds) > 1 or not kinds <= _SORTABLE:
        raise EvaluationError("list elements must have the same type", hint="sort values of one type")
    return sorted(pairs, key=lambda pair: pair[0])


CALL_COST: Final = 1
LIST_COST: Final = 10


def self_comparison(values: list[Value]) -> int:
    """What comparing each of ``values`` with each other costs."""
    if not values:
        return CALL_COST + LIST_COST
    factor = 2.1 if type(values[0]) in (str, bytes) else 2.0
    return int(len(values) ** 2 * factor) + CALL_COST + LIST_COST


def equals(ctx: Context, left: Value, right: Value) -> bool:
    """``left == right``."""
    if type(left) is str and type(right) is str:
        ctx.budget.spend((min(len(left), len(right)) + 9) // 10)
        return bool(left == right)
    ctx.budget.spend((min(size_of(left), size_of(right)) + 9) // 10)
    if type(left) in _DEEP:
        ctx.budget.work(extent(left))
    return equal(left, right)


def differs(ctx: Context, left: Value, right: Value) -> bool:
    """``left != right``."""
    return not equals(ctx, left, right)


_DEEP: Final = frozenset({list, dict, Optional})


def extent(value: Value, limit: int = MOST_WORK) -> int:
    """The number of members of ``value`` at any depth; counting ends above ``limit``."""
    count = 0
    waiting = [value]
    while waiting and count <= limit:
        each = waiting.pop()
        kind = type(each)
        if kind is list:
            count += len(each)
            waiting += [member for member in each if type(member) in _DEEP]
        elif kind is dict:
            count += len(each)
            waiting += [member for member in each.values() if type(member) in _DEEP]
        elif kind is Optional:
            count += 1
            waiting.append(each.value)
    return count


_SIZED: Final = frozenset({str, bytes, list, dict})


def size_of(value: Value) -> int:
    """The size that costs are made of: 1 for what has none."""
    kind = type(value)
    if kind in _SIZED:
        return len(value)
    if kind is Optional and value.present:
        return size_of(value.value)
    return int(getattr(value, "size", 1))


_ORDERED: Final = frozenset({str, bytes, bool, Timestamp, Duration})
_SORTABLE: Final = _ORDERED | NUMBERS


def order(left: Value, right: Value) -> int:
    """-1, 0 or 1 as ``left`` comes before, with or after ``right``."""
    kind, other = type(left), type(right)
    if kind in NUMBERS and other in NUMBERS:
        found = order_numbers(left, right)
        if found is None:
            raise EvaluationError("NaN values cannot be ordered")
        return found
    if kind is other and kind in _ORDERED:
        return int(left > right) - int(left < right)
    raise no_such_overload()


def less(_: Context, left: Value, right: Value) -> bool:
    """``left < right``."""
    return order(left, right) < 0


def at_most(_: Context, left: Value, right: Value) -> bool:
    """``left <= right``."""
    return order(left, right) <= 0


def greater(_: Context, left: Value, right: Value) -> bool:
    """``left > right``."""
    return order(left, right) > 0


def at_least(_: Context, left: Value, right: Value) -> bool:
    """``left >= right``."""
    return order(left, right) >= 0


def contains(ctx: Context, wanted: Value, collection: Value) -> bool:
    """``wanted in collection``."""
    kind = type(collection)
    if kind is dict:
        return lookup(wanted) in collection
    if kind is not list:
        raise no_such_overload()
    if type(wanted) is str:
        return wanted in collection
    if type(wanted) in _DEEP:
        ctx.budget.work(extent(wanted) * len(collection))
    return any(equal(wanted, item) for item in collection)


def add(ctx: Context, left: Value, right: Value) -> Value:
    """``left + right``."""
    kind, other = type(left), type(right)
    if kind is not other:
        if kind is Timestamp and other is Duration:
            return moment(left.nanos + right.nanos, left.offset)
        if kind is Duration and other is Timestamp:
            return moment(left.nanos + right.nanos, right.offset)
        raise no_such_overload()
    if kind is str or kind is bytes:
        count = len(left) + len(right)
        ctx.budget.work(count // 100)
        check_characters(count)
        return left + right
    if kind is int:
        return integer(left + right)
    if kind is list:
        count = len(left) + len(right)
        ctx.budget.work(count)
        check_members(count)
        return left + right
    if kind is float:
        return left + right
    if kind is Uint:
        return unsigned(int(left) + int(right))
    if kind is Duration:
        return Duration(integer(left.nanos + right.nanos))
    raise no_such_overload()


def subtract(_: Context, left: Value, right: Value) -> Value:
    """``left - right``."""
    kind, other = type(left), type(right)
    if kind is other:
        if kind is int:
            return integer(left - right)
        if kind is float:
            return left - right
        if kind is Uint:
            return unsigned(int(left) - int(right))
        if kind is Duration:
            return Duration(integer(left.nanos - right.nanos))
        if kind is Timestamp:
            return span(left.nanos - right.nanos)
    elif kind is Timestamp and other is Duration:
        return moment(left.nanos - right.nanos, left.offset)
    raise no_such_overload()


def multiply(_: Context, left: Value, right: Value) -> Value:
    """``left * right``."""
    kind = type(left)
    if kind is type(right):
        if kind is int:
            return integer(left * right)
        if kind is float:
            return left * right
        if kind is Uint:
            return unsigned(int(left) * int(right))
    raise no_such_overload()


def divide(_: Context, left: Value, right: Value) -> Value:
    """``left / right``; of integers, towards zero."""
    kind = type(left)
    if kind is type(right):
        if kind is float:
            return _quotient(left, right)
        if kind is int or kind is Uint:
            if not right:
                raise EvaluationError("division by zero", hint="compare the divisor with 0 first")
            whole = abs(left) // abs(right)
            return Uint(whole) if kind is Uint else integer(whole if (left < 0) == (right < 0) else -whole)
    raise no_such_overload()


def _quotient(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or isnan(left) or isnan(right):
        return float("nan")
    negative = (left < 0) != (str(right)[0] == "-")
    return float("-inf") if negative else float("inf")


def modulo(_: Context, left: Value, right: Value) -> Value:
    """``left % right``, with the sign of ``left``."""
    kind = type(left)
    if kind is type(right) and (kind is int or kind is Uint):
        if not right:
            raise EvaluationError("modulus by zero", hint="compare the divisor with 0 first")
        if right == -1 and left == -(2**63):
            raise EvaluationError("integer overflow", hint="keep within 64 bits")
        rest = abs(left) % abs(right)
        return Uint(rest) if kind is Uint else (-rest if left < 0 else rest)
    raise no_such_overload()


def negate(_: Context, value: Value) -> Value:
    """``-value``."""
    if type(value) is int:
        return integer(-value)
    if type(value) is float:
        return -value
    raise no_such_overload()


_FIRST: Final = -62_135_596_800 * 10**9
_LAST: Final = 253_402_300_800 * 10**9


def moment(nanos: int, offset: int = 0) -> Timestamp:
    """The timestamp of ``nanos``, written with ``offset``. Raises EvaluationError outside the years 1 to 9999."""
    if _FIRST <= nanos < _LAST:
        return Timestamp(nanos, offset)
    raise EvaluationError("timestamp overflow", hint="keep within the years 1 to 9999")


def span(nanos: int) -> Duration:
    """The duration of ``nanos``. Raises EvaluationError where it does not fit 64 bits."""
    if -(2**63) <= nanos < 2**63:
        return Duration(nanos)
    raise EvaluationError("duration overflow", hint="keep within some 290 years")


def _tenth_of_less(left: Value, right: Value) -> int:
    """What comparing two strings costs."""
    return (min(size_of(left), size_of(right)) + 9) // 10


def _sized(operator: Callable[[Context, Value, Value], Value], cost: Callable[[Value, Value], int]) -> Operator:
    def charged(ctx: Context, left: Value, right: Value) -> Value:
        ctx.budget.spend(cost(left, right))
        return operator(ctx, left, right)

    return charged


Operator = Callable[[Context, Value, Value], Value]

OPERATORS: Final[dict[str, Callable[..., Value]]] = {
    "==": equals,
    "!=": differs,
    "<": less,
    "<=": at_most,
    ">": greater,
    ">=": at_least,
    "in": contains,
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
    "-_": negate,
}
SIZED: Final[dict[str, Operator]] = {
    "less_sized": _sized(less, _tenth_of_less),
    "at_most_sized": _sized(at_most, _tenth_of_less),
    "greater_sized": _sized(greater, _tenth_of_less),
    "at_least_sized": _sized(at_least, _tenth_of_less),
    "contains_sized": _sized(contains, lambda _, collection: size_of(collection)),
    "add_sized": _sized(add, lambda left, right: (size_of(left) + size_of(right) + 9) // 10),
}
"""Operators of which it is known that they are of strings, bytes or a list, and so cost what these are large."""
