"""What it costs to go through a value once."""

from __future__ import annotations

from gateproof.rego.context import Context
from gateproof.rego.values import RegoSet, Value, unkey

__all__ = ["charge_for"]


def charge_for(ctx: Context, value: Value) -> None:
    """Charge for a walk through all of ``value``, and refuse it where its text would be too long.

    Members that are shared count each time that they are met, as whoever writes them out meets them.
    """
    size = 0
    waiting = [value]
    while waiting:
        each = waiting.pop()
        kind = type(each)
        weight = 1
        if kind is str:
            weight += len(each) // 16
            size += len(each)
        elif kind is list:
            waiting += each
        elif kind is dict:
            waiting += each.values()
            waiting += map(unkey, each)
        elif kind is RegoSet:
            waiting += each.items.values()
        size += 1
        ctx.spend(weight)
        ctx.check_size(size)
