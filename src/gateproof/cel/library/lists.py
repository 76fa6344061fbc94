"""Functions of lists: Kubernetes' and cel-go's, and those of lists as sets."""

from __future__ import annotations

from itertools import pairwise

from gateproof.cel.budget import check_members
from gateproof.cel.errors import EvaluationError, no_such_overload
from gateproof.cel.operators import order, ordered, span
from gateproof.cel.values import NONE, Duration, Optional, Uint, Value, equal, integer, unsigned


def _order(left: Value, right: Value) -> int:
    """As ``order``; 0 for values that have none between them."""
    try:
        return order(left, right)
    except EvaluationError:
        return 0


def is_sorted(values: list[Value]) -> bool:
    """``values.isSorted()``."""
    return all(_order(one, other) != 1 for one, other in pairwise(values))


def minimum(values: list[Value]) -> Value:
    """``values.min()``."""
    return _best(values, "min", 1)


def maximum(values: list[Value]) -> Value:
    """``values.max()``."""
    return _best(values, "max", -1)


def _best(values: list[Value], name: str, worse: int) -> Value:
    if not values:
        raise EvaluationError(f"{name} called on empty list", hint="compare size() with 0 first")
    best = values[0]
    for value in values[1:]:
        if _order(best, value) == worse:
            best = value
    return best


def _all_of(values: list[Value], kind: type) -> list[Value]:
    if any(type(value) is not kind for value in values):
        raise no_such_overload()
    return values


def sum_int(values: list[Value]) -> int:
    """``values.sum()`` of ints."""
    total = 0
    for value in _all_of(values, int):
        total = integer(total + value)
    return total


def sum_uint(values: list[Value]) -> Uint:
    """``values.sum()`` of uints."""
    return unsigned(sum(map(int, _all_of(values, Uint))))


def sum_double(values: list[Value]) -> float:
    """``values.sum()`` of doubles, from left to right."""
    total = 0.0
    for value in _all_of(values, float):
        total += value
    return total


def sum_duration(values: list[Value]) -> Duration:
    """``values.sum()`` of durations."""
    total = 0
    for value in _all_of(values, Duration):
        total = span(total + value.nanos).nanos
    return Duration(total)


def index_of(values: list[Value], wanted: Value) -> int:
    """``values.indexOf(wanted)``; -1 where it is not there."""
    return next((number for number, value in enumerate(values) if equal(value, wanted)), -1)


def last_index_of(values: list[Value], wanted: Value) -> int:
    """``values.lastIndexOf(wanted)``; -1 where it is not there."""
    return next((number for number in range(len(values) - 1, -1, -1) if equal(values[number], wanted)), -1)


def slice(values: list[Value], start: int, end: int) -> list[Value]:
    """``values.slice(start, end)``."""
    said = f"cannot slice({start}, {end}), "
    hint = "compare with size() first"
    if start < 0 or end < 0:
        raise EvaluationError(f"{said}negative indexes not supported", hint=hint)
    if start > end:
        raise EvaluationError(f"{said}start index must be less than or equal to end index", hint=hint)
    if len(values) < end:
        raise EvaluationError(f"{said}list is length {len(values)}", hint=hint)
    return values[start:end]


def flatten(values: list[Value], depth: int = 1) -> list[Value]:
    """``values.flatten(depth)``: lists in it, and in those up to that depth, are replaced by their elements."""
    if depth < 0:
        raise EvaluationError("level must be non-negative", hint="flatten by 1 or more")
    flat: list[Value] = []
    waiting = [(iter(values), depth)]
    while waiting:
        source, left = waiting[-1]
        for value in source:
            if type(value) is list and left > 0:
                waiting.append((iter(value), left - 1))
                break
            flat.append(value)
            check_members(len(flat))
        else:
            waiting.pop()
    return flat


def distinct(values: list[Value]) -> list[Value]:
    """``values.distinct()``: the first of those that are equal."""
    found: list[Value] = []
    seen: set[str] = set()
    for value in values:
        if type(value) is str:
            if value not in seen:
                seen.add(value)
                found.append(value)
        elif not any(equal(value, other) for other in found):
            found.append(value)
    return found


def reverse(values: list[Value]) -> list[Value]:
    """``values.reverse()``."""
    return values[::-1]


def sort(values: list[Value]) -> list[Value]:
    """``values.sort()``: of values of one type."""
    return [value for value, _ in ordered([(value, None) for value in values])]


def numbers(count: int) -> list[Value]:
    """``lists.range(count)``: from 0."""
    check_members(count)
    return list(range(count))


def first(values: list[Value]) -> Optional:
    """``values.first()``."""
    return Optional(values[0]) if values else NONE


def last(values: list[Value]) -> Optional:
    """``values.last()``."""
    return Optional(values[-1]) if values else NONE


def _in(value: Value, values: list[Value]) -> bool:
    return value in values if type(value) is str else any(equal(value, other) for other in values)


def sets_contains(values: list[Value], others: list[Value]) -> bool:
    """``sets.contains(values, others)``: whether all others are among them."""
    return all(_in(other, values) for other in others)


def sets_equivalent(values: list[Value], others: list[Value]) -> bool:
    """``sets.equivalent(values, others)``: whether the same are in both."""
    return sets_contains(values, others) and sets_contains(others, values)


def sets_intersects(values: list[Value], others: list[Value]) -> bool:
    """``sets.intersects(values, others)``: whether any is in both."""
    return any(_in(value, others) for value in values)
