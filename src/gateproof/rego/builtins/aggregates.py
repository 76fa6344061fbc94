"""Aggregates over collections."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce

from gateproof.rego import arithmetic, values
from gateproof.rego.builtins.operands import collection, wrong_element, wrong_type
from gateproof.rego.context import Context
from gateproof.rego.runtime import calculated, ordered, weight
from gateproof.rego.values import UNDEFINED, RegoSet, Undefined, Value

_WORD = 2**63
_SIMPLE = ({str}, {int}, {float}, {int, float})


def count(value: Value) -> int:
    """The number of members, or of code points of a string."""
    if type(value) in (list, dict, RegoSet, str):
        return len(value)
    raise wrong_type(1, value, "array", "object", "set", "string")


def sum_(ctx: Context, numbers: Value) -> int | float:
    items = _numbers(ctx, numbers)
    return sum(items) if _all_short(items) else _fold(ctx, arithmetic.plus, items, 0)


def product(ctx: Context, numbers: Value) -> int | float:
    return _fold(ctx, arithmetic.mul, _numbers(ctx, numbers), 1)


def _numbers(ctx: Context, value: Value) -> list[int | float]:
    items = collection(value, 1)
    ctx.spend(len(items))
    for item in items:
        if type(item) is not int and type(item) is not float:
            raise wrong_element(1, value, item, "number")
    return items


def _all_short(items: list[int | float]) -> bool:
    return all(type(item) is int and -_WORD < item < _WORD for item in items)


def _fold(ctx: Context, operator: Callable[[Value, Value], Value], items: list[int | float], start: int) -> int | float:
    result: int | float = reduce(partial(calculated, ctx, operator), items, start)
    return result


def max_(ctx: Context, items: Value) -> Value | Undefined:
    """The last in Rego's order; undefined for nothing."""
    return _extreme(ctx, items, -1)


def min_(ctx: Context, items: Value) -> Value | Undefined:
    """The first in Rego's order; undefined for nothing. OPA passes over null in a set that has anything else."""
    if type(items) is RegoSet and None in items.items and len(items) > 1:
        return sort(ctx, items)[1]
    return _extreme(ctx, items, 0)


def _extreme(ctx: Context, items: Value, place: int) -> Value | Undefined:
    if type(items) is list:
        ctx.spend(1 + len(items) // 4)
        kinds = {type(item) for item in items}
        if items and kinds in _SIMPLE:
            return max(items) if place else min(items)
    members = sort(ctx, items)
    return members[place] if members else UNDEFINED


def sort(ctx: Context, items: Value) -> list[Value]:
    """The members in Rego's order."""
    if type(items) is RegoSet:
        return list(ordered(ctx, items))
    members = collection(items, 1)
    rounds = len(members).bit_length()
    nested = not values.COLLECTIONS.isdisjoint(map(type, members))
    ctx.spend(weight(ctx, members) * rounds // 4 if nested else len(members) * max(rounds // 4, 1))
    return values.sort(members)


def all_(ctx: Context, items: Value) -> bool:
    return all(item is True for item in _truths(ctx, items))


def any_(ctx: Context, items: Value) -> bool:
    return any(item is True for item in _truths(ctx, items))


def _truths(ctx: Context, items: Value) -> list[Value]:
    if type(items) is not list and type(items) is not RegoSet:
        raise wrong_type(1, items, "array", "set")
    ctx.spend(len(items))
    return collection(items, 1)
