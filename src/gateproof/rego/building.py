"""What generated code calls to build values: collections, and documents to which several rules contribute."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gateproof.rego.context import Context
from gateproof.rego.errors import EvalError
from gateproof.rego.runtime import charge, key_of, same
from gateproof.rego.values import COLLECTIONS, UNDEFINED, RegoSet, Value

CONFLICT = "eval_conflict_error"
_GUESS = 16


def set_of(elements: dict[Any, Value]) -> RegoSet:
    """The set of elements that generated code has collected by key."""
    return RegoSet(elements)


def constant_set(elements: dict[Any, Value]) -> RegoSet:
    """A set that is the same in every evaluation: sorted by none of them."""
    result = RegoSet(elements)
    result.ordered()
    return result


def made(ctx: Context, value: Value) -> Value:
    """``value``, a collection just built, after its whole extent has been charged.

    Values are shared, never copied, so nested literals could stand for exponentially many members.
    A member that is a collection weighs what it weighed when it was made, or a fixed guess.
    """
    kind = type(value)
    members = value if kind is list else value.values() if kind is dict else value.items.values()
    return value if COLLECTIONS.isdisjoint(map(type, members)) else made_of(ctx, value, members)


def made_of(ctx: Context, value: Value, members: Collection[Value]) -> Value:
    """``value``, as :func:`made` has it; nothing in it but some of ``members`` is a collection."""
    weights = ctx.weights
    total = 0
    for member in members:
        if type(member) in COLLECTIONS:
            known = weights.get(id(member))
            total += _GUESS if known is None else known[0]
    if total > _GUESS:
        budget = ctx.budget
        if total > budget.limits.size:
            budget.check_size(total)
        budget.steps -= len(value) >> 2
        if budget.steps < 0:
            budget.spend(0)
        weights[id(value)] = (total, value)
    return value


def made_of_one(ctx: Context, value: Value, member: Value) -> Value:
    """``value``, as :func:`made` has it; nothing in it but ``member`` can be a collection."""
    known = ctx.weights.get(id(member))
    return value if known is None or known[0] <= _GUESS else made_of(ctx, value, [member])


def put(ctx: Context, target: dict[Any, Value], name: Value, value: Value) -> None:
    """Add a member to an object; a second value for the same key is a conflict."""
    if type(name) is not str:
        name = key_of(ctx, name)
    existing = target.get(name, UNDEFINED)
    if existing is not UNDEFINED and not same(ctx, existing, value):
        raise EvalError(CONFLICT, "object keys must be unique")
    target[name] = value


def agree(ctx: Context, before: Value, value: Value) -> Value:
    """``value``, which must be what was found before, if anything was."""
    if before is not UNDEFINED and not same(ctx, before, value):
        raise EvalError(CONFLICT, "complete rules and functions must not produce multiple outputs")
    return value


def single(ctx: Context, before: Value, value: Value) -> Value:
    """The one value of an expression in a template."""
    if before is not UNDEFINED and not same(ctx, before, value):
        raise EvalError(CONFLICT, "an expression in a template or print must not produce multiple outputs")
    return value


class Branch(dict[Any, Any]):
    """An inner place of a document that several rules build."""


class Members(dict[Any, Value]):
    """A set that several rules build."""


def contribute(ctx: Context, out: Branch, path: list[Value], value: Value) -> None:
    """Put ``value`` at ``path`` below ``out``."""
    place = _place(ctx, out, path)
    name = key_of(ctx, path[-1])
    existing = place.get(name, UNDEFINED)
    if existing is not UNDEFINED and (type(existing) in (Branch, Members) or not same(ctx, existing, value)):
        raise EvalError(CONFLICT, "object keys must be unique")
    place[name] = value


def contribute_member(ctx: Context, out: Branch, path: list[Value], value: Value) -> None:
    """Add ``value`` to the set at ``path`` below ``out``."""
    place = _place(ctx, out, path)
    members = place.setdefault(key_of(ctx, path[-1]), Members())
    if type(members) is not Members:
        raise EvalError(CONFLICT, "object keys must be unique")
    members[key_of(ctx, value)] = value


def _place(ctx: Context, out: Branch, path: list[Value]) -> Branch:
    charge(ctx, len(path))  # an object at every step of the way
    place = out
    for name in path[:-1]:
        place = place.setdefault(key_of(ctx, name), Branch())
        if type(place) is not Branch:
            raise EvalError(CONFLICT, "object keys must be unique")
    return place


def finished(place: Any) -> Value:
    """The Rego value of what rules have built."""
    if type(place) is Branch:
        return {name: finished(member) for name, member in place.items()}
    if type(place) is Members:
        return RegoSet(dict(place))
    return place
