"""Sets of sets. (``&``, ``|`` and ``-`` are operators.)"""

from __future__ import annotations

from typing import Any

from gateproof.rego.builtins.operands import set_
from gateproof.rego.context import Context
from gateproof.rego.values import RegoSet, Value


def union(ctx: Context, sets: Value) -> RegoSet:
    items: dict[Any, Value] = {}
    for each in set_(sets, 1).items.values():
        ctx.spend(2 + 2 * len(set_(each, 1)))
        items.update(each.items)
        ctx.check_size(len(items))
    return RegoSet(items)


def intersection(ctx: Context, sets: Value) -> RegoSet:
    every = list(set_(sets, 1).items.values())
    ctx.spend(sum(1 + len(set_(each, 1)) for each in every))
    if not every:
        return RegoSet({})
    smallest, *others = sorted(every, key=len)
    return RegoSet({form: item for form, item in smallest.items.items() if all(form in s.items for s in others)})


def set_diff(ctx: Context, left: Value, right: Value) -> RegoSet:
    minuend, subtrahend = set_(left, 1), set_(right, 2)
    ctx.spend(len(minuend))
    return RegoSet({form: item for form, item in minuend.items.items() if form not in subtrahend.items})
