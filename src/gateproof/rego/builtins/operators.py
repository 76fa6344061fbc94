"""The operators under their names as functions: ``plus(1, 2)`` is ``1 + 2``."""

from __future__ import annotations

from gateproof.rego.arithmetic import div, intersection, minus, mul, plus, rem, union
from gateproof.rego.values import Value, compare
from gateproof.rego.values import equal as are_equal

__all__ = ["and_", "div", "equal", "gt", "gte", "lt", "lte", "minus", "mul", "neq", "or_", "plus", "rem"]

and_ = intersection
or_ = union


def equal(left: Value, right: Value) -> bool:
    return are_equal(left, right)


def neq(left: Value, right: Value) -> bool:
    return not are_equal(left, right)


def lt(left: Value, right: Value) -> bool:
    return compare(left, right) < 0


def lte(left: Value, right: Value) -> bool:
    return compare(left, right) <= 0


def gt(left: Value, right: Value) -> bool:
    return compare(left, right) > 0


def gte(left: Value, right: Value) -> bool:
    return compare(left, right) >= 0
