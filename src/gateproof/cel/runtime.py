"""What generated code calls: variables, selection, operators, and iteration.

Every function is pure, raises :class:`EvaluationError` where CEL has an error, and charges what Kubernetes charges
beyond the constant cost of its node, which generated code has charged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isnan
from typing import Any, Final

from gateproof.cel.budget import MOST_MEMBERS, Meter, check_characters, check_members
from gateproof.cel.errors import EvaluationError, no_such_key, no_such_overload
from gateproof.cel.values import (
    FALSE_KEY,
    NONE,
    NUMBERS,
    TRUE_KEY,
    Duration,
    Lazy,
    Optional,
    Timestamp,
    Uint,
    Value,
    equal,
    integer,
    key_of,
    order_numbers,
    type_name,
    unkey,
    unsigned,
)


class Context:
    """One evaluation: its variables, and what it may still cost."""

    __slots__ = ("bindings", "budget")

    def __init__(self, bindings: Mapping[str, Value], budget: Meter) -> None:
        self.bindings = bindings
        self.budget = budget


_ABSENT: Final = object()


# Variables and selection


def fetch(ctx: Context, name: str) -> Value:
    """The value of a variable."""
    value = ctx.bindings.get(name, _ABSENT)
    if type(value) is Lazy:
        return value.force()
    if value is _ABSENT:
        raise EvaluationError(f"no such attribute(s): {name}", hint="give the variable a value")
    return value


def held(value: Value) -> Value:
    """The value of ``cel.bind``, or its error, which is raised where it is needed."""
    if isinstance(value, EvaluationError):
        raise value
    return value


def select(value: Value, name: str) -> Value:
    """``value.name``."""
    kind = type(value)
    if kind is dict:
        found = value.get(name, _ABSENT)
        if found is _ABSENT:
            raise no_such_key(name)
        return found.force() if type(found) is Lazy else found
    if kind is Optional:
        return select_optional(value, name)
    if kind is list:
        raise EvaluationError("unsupported index type 'string' in list")
    if isinstance(value, Mapping) and name in value:
        found = value[name]
        return found.force() if type(found) is Lazy else found
    raise no_such_key(name)


def walk(value: Value, *names: str) -> Value:
    """``value.a.b.c``."""
    for name in names:
        if type(value) is dict:
            try:
                value = value[name]
            except KeyError:
                raise no_such_key(name) from None
            if type(value) is Lazy:
                value = value.force()
        else:
            value = select(value, name)
    return value


def select_optional(value: Value, name: str) -> Value:
    """``value.?name``: an optional."""
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    if not has(value, name):
        return NONE
    found = select(value, name)
    return found if type(found) is Optional else Optional(found)


def has(value: Value, name: str) -> bool:
    """``has(value.name)``: whether a map has it; nothing else has fields."""
    kind = type(value)
    if kind is dict:
        return name in value
    if kind is Optional:
        return bool(value.present) and has(value.value, name)
    if kind is list:
        raise EvaluationError("unsupported index type 'string' in list")
    return isinstance(value, Mapping) and name in value


def index(value: Value, at: Value) -> Value:
    """``value[at]``."""
    kind = type(value)
    if kind is dict:
        found = value.get(_lookup(at), _ABSENT)
        if found is _ABSENT:
            raise no_such_key(shown(at))
        return found.force() if type(found) is Lazy else found
    if kind is list:
        place = _place(at)
        if 0 <= place < len(value):
            return value[place]
        raise EvaluationError(f"index out of bounds: {place}", hint="compare with size() first")
    if kind is Optional:
        return index_optional(value, at)
    raise no_such_key(shown(at))


def index_optional(value: Value, at: Value) -> Value:
    """``value[?at]``: an optional."""
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    if type(value) is dict:
        found = value.get(_lookup(at), _ABSENT)
        if found is _ABSENT:
            return NONE
        found = found.force() if type(found) is Lazy else found
    elif type(value) is list:
        place = _place(at)
        if not 0 <= place < len(value):
            return NONE
        found = value[place]
    else:
        return NONE
    return found if type(found) is Optional else Optional(found)


def _lookup(at: Value) -> Any:
    """The key of a dict under which ``at`` would be; one that no dict has where it cannot be a key."""
    kind = type(at)
    if kind is str or kind is int or kind is Uint:
        return at
    if kind is bool:
        return TRUE_KEY if at else FALSE_KEY
    if kind is float and at.is_integer():
        return int(at)
    return _ABSENT


def _place(at: Value) -> int:
    """The number of an element of a list."""
    kind = type(at)
    if kind is int or kind is Uint:
        return int(at)
    if kind is float:
        if at.is_integer():
            return int(at)
        raise EvaluationError(f"unsupported index value {shown(at)} in list", hint="indices are integers")
    raise EvaluationError(f"unsupported index type '{type_name(at)}' in list", hint="indices are integers")


def shown(value: Value) -> str:
    """``value`` in a message."""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value)


# Logic and iteration


def truth(value: Value) -> bool:
    """``value``, which must be a boolean; an error is raised."""
    if value is True or value is False:
        return value
    if isinstance(value, EvaluationError):
        raise value
    raise no_such_overload()


def negation(value: Value) -> bool:
    """``!value``."""
    if value is True or value is False:
        return not value
    raise no_such_overload()


def elements(value: Value) -> Iterable[Value]:
    """What a macro of one variable goes through: elements of a list, keys of a map."""
    if type(value) is list:
        return value
    if type(value) is dict:
        return list(map(unkey, value))
    raise no_such_overload()


def pairs(value: Value) -> Iterable[tuple[Value, Value]]:
    """What a macro of two variables goes through: indices and elements, or keys and values."""
    if type(value) is list:
        return enumerate(value)
    if type(value) is dict:
        return [(unkey(key), held(member.force() if type(member) is Lazy else member)) for key, member in value.items()]
    raise no_such_overload()


def insert(target: dict[Any, Value], key: Value, value: Value) -> None:
    """Add a member to a map that is being made."""
    form = key_of(key)
    if form in target:
        raise EvaluationError(f"insert failed: key {shown(key)} already exists", hint="make the keys distinct")
    target[form] = value
    check_members(len(target))


def insert_all(target: dict[Any, Value], source: Value) -> None:
    """Add the members of a map to one that is being made."""
    if type(source) is not dict:
        raise no_such_overload()
    for key, value in source.items():
        insert(target, unkey(key), value)


def entry(target: dict[Any, Value], key: Value, value: Value) -> None:
    """Add the entry of a map literal."""
    form = key_of(key)
    if form in target:
        raise EvaluationError(f"Failed with repeated key: {shown(key)}", hint="make the keys distinct")
    target[form] = value


def entry_optional(target: dict[Any, Value], key: Value, value: Value) -> None:
    """Add the entry of a map literal where its value is there."""
    if type(value) is not Optional:
        raise EvaluationError(f"cannot initialize optional entry '{shown(key)}' from non-optional value")
    if value.present:
        entry(target, key, value.value)


def item_optional(target: list[Value], value: Value) -> None:
    """Add the item of a list literal where it is there."""
    if type(value) is not Optional:
        raise EvaluationError("cannot initialize optional list element from non-optional value")
    if value.present:
        target.append(value.value)


def unwrapped(value: Value) -> Value:
    """``value``, which must be optional."""
    if type(value) is not Optional:
        raise no_such_overload()
    return value


def single(found: list[Value]) -> bool:
    """Whether exactly one element was found."""
    return len(found) == 1


def items_of(value: Value) -> list[Value]:
    """``value``, which must be a list."""
    if type(value) is not list:
        raise no_such_overload()
    return value


def sorted_by(ctx: Context, values: list[Value], keys: list[Value]) -> list[Value]:
    """``values`` in the order of their ``keys``, which must be of one type."""
    ctx.budget.spend(self_comparison(keys))
    return [value for _, value in ordered(list(zip(keys, values, strict=True)))]


CALL_COST: Final = 1
LIST_COST: Final = 10


def self_comparison(values: list[Value]) -> int:
    """What comparing each of ``values`` with each other costs."""
    if not values:
        return CALL_COST + LIST_COST
    factor = 2.1 if type(values[0]) in (str, bytes) else 2.0
    return int(len(values) ** 2 * factor) + CALL_COST + LIST_COST


def ordered(pairs: list[tuple[Value, Value]]) -> list[tuple[Value, Value]]:
    """``pairs`` in the order of their first members; those that are equal keep their places."""
    kinds = {type(key) for key, _ in pairs}
    if not kinds:
        return pairs
    if len(kinds) > 1 or not kinds <= _SORTABLE:
        raise EvaluationError("list elements must have the same type", hint="sort values of one type")
    return sorted(pairs, key=lambda pair: pair[0])


def optional(value: Value) -> Optional:
    """``value`` as an optional that is there."""
    return Optional(value)


# Comparison


def equals(ctx: Context, left: Value, right: Value) -> bool:
    """``left == right``."""
    if type(left) is str and type(right) is str:
        ctx.budget.spend((min(len(left), len(right)) + 9) // 10)
        return bool(left == right)
    ctx.budget.spend((min(size_of(left), size_of(right)) + 9) // 10)
    if type(left) in _DEEP:
        ctx.budget.work(extent(left, MOST_MEMBERS))
    return equal(left, right)


def differs(ctx: Context, left: Value, right: Value) -> bool:
    """``left != right``."""
    return not equals(ctx, left, right)


_DEEP: Final = frozenset({list, dict, Optional})


def extent(value: Value, limit: int) -> int:
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


def _charge_order(ctx: Context, left: Value, right: Value) -> int:
    kind = type(left)
    if (kind is str or kind is bytes) and type(right) is kind:
        ctx.budget.spend((min(len(left), len(right)) + 9) // 10)
    else:
        ctx.budget.spend(1)
    return order(left, right)


def less(ctx: Context, left: Value, right: Value) -> bool:
    """``left < right``."""
    return _charge_order(ctx, left, right) < 0


def at_most(ctx: Context, left: Value, right: Value) -> bool:
    """``left <= right``."""
    return _charge_order(ctx, left, right) <= 0


def greater(ctx: Context, left: Value, right: Value) -> bool:
    """``left > right``."""
    return _charge_order(ctx, left, right) > 0


def at_least(ctx: Context, left: Value, right: Value) -> bool:
    """``left >= right``."""
    return _charge_order(ctx, left, right) >= 0


def contains(ctx: Context, wanted: Value, collection: Value) -> bool:
    """``wanted in collection``."""
    kind = type(collection)
    if kind is dict:
        ctx.budget.spend(1)
        return _lookup(wanted) in collection
    if kind is not list:
        raise no_such_overload()
    ctx.budget.spend(len(collection))
    if type(wanted) is str:
        return wanted in collection
    if type(wanted) in _DEEP:
        ctx.budget.work(extent(wanted, MOST_MEMBERS) * len(collection))
    return any(equal(wanted, item) for item in collection)


# Arithmetic


def add(ctx: Context, left: Value, right: Value) -> Value:
    """``left + right``."""
    kind, other = type(left), type(right)
    if kind is not other:
        ctx.budget.spend(1)
        if kind is Timestamp and other is Duration:
            return moment(left.nanos + right.nanos)
        if kind is Duration and other is Timestamp:
            return moment(left.nanos + right.nanos)
        raise no_such_overload()
    if kind is str or kind is bytes:
        count = len(left) + len(right)
        ctx.budget.spend((count + 9) // 10)
        ctx.budget.work(count // 100)
        check_characters(count)
        return left + right
    ctx.budget.spend(1)
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
        return span(left.nanos + right.nanos)
    raise no_such_overload()


def subtract(ctx: Context, left: Value, right: Value) -> Value:
    """``left - right``."""
    ctx.budget.spend(1)
    kind, other = type(left), type(right)
    if kind is other:
        if kind is int:
            return integer(left - right)
        if kind is float:
            return left - right
        if kind is Uint:
            return unsigned(int(left) - int(right))
        if kind is Timestamp or kind is Duration:
            return span(left.nanos - right.nanos)
    elif kind is Timestamp and other is Duration:
        return moment(left.nanos - right.nanos)
    raise no_such_overload()


def multiply(ctx: Context, left: Value, right: Value) -> Value:
    """``left * right``."""
    ctx.budget.spend(1)
    kind = type(left)
    if kind is type(right):
        if kind is int:
            return integer(left * right)
        if kind is float:
            return left * right
        if kind is Uint:
            return unsigned(int(left) * int(right))
    raise no_such_overload()


def divide(ctx: Context, left: Value, right: Value) -> Value:
    """``left / right``; of integers, towards zero."""
    ctx.budget.spend(1)
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


def modulo(ctx: Context, left: Value, right: Value) -> Value:
    """``left % right``, with the sign of ``left``."""
    ctx.budget.spend(1)
    kind = type(left)
    if kind is type(right) and (kind is int or kind is Uint):
        if not right:
            raise EvaluationError("modulus by zero", hint="compare the divisor with 0 first")
        if right == -1 and left == -(2**63):
            raise EvaluationError("integer overflow", hint="keep within 64 bits")
        rest = abs(left) % abs(right)
        return Uint(rest) if kind is Uint else (-rest if left < 0 else rest)
    raise no_such_overload()


def negate(ctx: Context, value: Value) -> Value:
    """``-value``."""
    ctx.budget.spend(1)
    if type(value) is int:
        return integer(-value)
    if type(value) is float:
        return -value
    raise no_such_overload()


_FIRST: Final = -62_135_596_800 * 10**9
_LAST: Final = 253_402_300_800 * 10**9


def moment(nanos: int) -> Timestamp:
    """The timestamp of ``nanos``. Raises EvaluationError outside the years 1 to 9999."""
    if _FIRST <= nanos < _LAST:
        return Timestamp(nanos)
    raise EvaluationError("timestamp overflow", hint="keep within the years 1 to 9999")


def span(nanos: int) -> Duration:
    """The duration of ``nanos``. Raises EvaluationError where it does not fit 64 bits."""
    if -(2**63) <= nanos < 2**63:
        return Duration(nanos)
    raise EvaluationError("duration overflow", hint="keep within some 290 years")


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
    "negate": negate,
}
NAMESPACE: Final[dict[str, Any]] = {
    **{function.__name__: function for function in OPERATORS.values()},
    **{
        function.__name__: function
        for function in (
            fetch, held, walk, select_optional, has, index, index_optional, truth, negation, elements, pairs, insert,
            insert_all, entry, entry_optional, item_optional, unwrapped, optional, single, items_of, sorted_by,
        )
    },
    "fault": EvaluationError,
    "none": NONE,
    "UNDEFINED": None,
}  # fmt: skip
