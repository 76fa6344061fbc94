"""Arrays."""

from __future__ import annotations

from gateproof.rego.builtins.operands import array, machine_integer
from gateproof.rego.context import Context
from gateproof.rego.values import Value


def array_concat(ctx: Context, left: Value, right: Value) -> list[Value]:
    first, second = array(left, 1), array(right, 2)
    _make(ctx, len(first) + len(second))
    return first + second


def array_flatten(ctx: Context, nested: Value) -> list[Value]:
    """One level of nesting less."""
    items = array(nested, 1)
    _make(ctx, sum(len(item) if type(item) is list else 1 for item in items))
    flat: list[Value] = []
    for item in items:
        if type(item) is list:
            flat += item
        else:
            flat.append(item)
    return flat


def array_reverse(ctx: Context, items: Value) -> list[Value]:
    _make(ctx, len(array(items, 1)))
    return array(items, 1)[::-1]


def array_slice(ctx: Context, items: Value, start: Value, stop: Value) -> list[Value]:
    """From ``start`` up to ``stop``, both moved into the array where they lie outside."""
    whole = array(items, 1)
    first, last = max(machine_integer(start, 2), 0), max(machine_integer(stop, 3), 0)
    _make(ctx, max(min(last, len(whole)) - first, 0))
    return whole[first:last]


def _make(ctx: Context, size: int) -> None:
    budget = ctx.budget
    budget.check_size(size)
    budget.spend(size // 4)  # in time it would be less, but every member takes memory
