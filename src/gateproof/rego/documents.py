"""Virtual documents: rules evaluated once each, over base data, and what `with` puts in their places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gateproof.compiler.budget import Limits
from gateproof.errors import BudgetError
from gateproof.rego.building import Branch, finished, made
from gateproof.rego.context import Context
from gateproof.rego.errors import EvalError
from gateproof.rego.runtime import charge, get, get_base
from gateproof.rego.values import COLLECTIONS, UNDEFINED, RegoSet, Value, extent

_OF_A_CONTEXT = 8
"""Steps for the context in which `with` evaluates."""
_OF_A_REPLACEMENT = 4
_MOST_KEPT = 10_000
"""Members of a value that is kept from one evaluation to the next."""
_ALONE = Limits(steps=50_000, steps_per_member=0, size=65_536, depth=20)
"""What such a value may take."""


class Tables:
    """What the runtime knows of a program: its rules by number, and where they stand below ``data``.

    ``unwatched`` says of each of its sites that nobody watches it.
    """

    __slots__ = ("nodes", "paths", "rules", "tree", "unwatched")

    def __init__(
        self, tree: dict[str, Any], nodes: list[list[str]], paths: list[tuple[str, ...]], unwatched: Sequence[bool]
    ) -> None:
        self.tree = tree
        self.nodes = nodes
        self.paths = paths
        self.unwatched = unwatched
        self.rules: list[Callable[[Context], Value]] = []


def document(ctx: Context, number: int) -> Value:
    """The document at an inner place of ``data``: rules over base data."""
    name = ("document", number)
    value = ctx.memo.get(name, UNDEFINED)
    if value is UNDEFINED:
        place, base = locate(ctx, ctx.tables.nodes[number])
        value = ctx.memo[name] = assembled(ctx, place, base)
    return value


def lookup(ctx: Context, number: int, path: list[Value]) -> Value:
    """What stands at ``path`` below an inner place of ``data``; nothing beside the path is evaluated."""
    place, base = locate(ctx, ctx.tables.nodes[number])
    for position, name in enumerate(path):
        if type(place) is not dict or type(name) is not str or name not in place:
            value = assembled(ctx, place, base) if type(place) is int else base
            for rest in path[position:]:
                value = get_base(value, rest)
            return value
        place = place[name]
        base = get(base, name)
    return assembled(ctx, place, base)


def locate(ctx: Context, path: Iterable[str]) -> tuple[Any, Value]:
    """What the rules have at ``path`` (a number, a tree or None), and what the base data has."""
    place: Any = ctx.tables.tree
    base = ctx.data
    for name in path:
        place = place.get(name) if type(place) is dict else None
        base = get(base, name)
    return place, base


def assembled(ctx: Context, place: Any, base: Value) -> Value:
    """The value of a rule, or of a tree of rules over base data."""
    if type(place) is int:
        return ctx.tables.rules[place](ctx)
    if base is not UNDEFINED and type(base) is not dict:
        return base
    result = dict(base) if type(base) is dict else {}
    for name, below in place.items():
        given = result.get(name, UNDEFINED)
        if type(below) is int and given is not UNDEFINED and below not in ctx.overrides:
            continue
        value = assembled(ctx, below, given)
        if value is not UNDEFINED:
            result[name] = value
    return result


# Rules


def rule_of(
    number: int, kind: str, clauses: Sequence[Callable[..., Value]], *, standing: bool = False
) -> Callable[[Context], Value]:
    """A rule, evaluated once in a context: one with one value, or one whose clauses add to a set or an object.

    ``standing``: it depends on nothing but the program.
    """

    def collected(ctx: Context) -> Value:
        out: dict[Any, Value] = Branch() if kind == "tree" else {}
        for clause in clauses:
            clause(ctx, out)
        return made(ctx, RegoSet(out) if kind == "set" else finished(out))

    compute = clauses[0] if kind == "complete" else collected
    if standing:
        compute = _kept(compute)

    def rule(ctx: Context) -> Value:
        memo = ctx.memo
        if number in memo:
            return memo[number]
        budget = ctx.budget
        budget.depth += 1
        if budget.depth > budget.limits.depth:
            raise BudgetError(
                f"rules call each other deeper than {budget.limits.depth} levels", hint="join rules that only pass on"
            )
        budget.steps -= 3
        if budget.steps < 0:
            budget.spend(0)
        value = memo[number] = compute(ctx)
        budget.depth -= 1
        return value

    return rule


def _kept(compute: Callable[[Context], Value]) -> Callable[[Context], Value]:
    """A rule that depends on nothing but the program: evaluated once, wherever nothing interferes.

    Each evaluation that uses it is charged what that takes by itself, so that budgets mean the same every time. What
    takes much by itself is not kept.
    """
    found: list[tuple[Value, int, int] | None] = []

    def evaluate(ctx: Context) -> Value:
        limits = ctx.budget.limits
        if limits is _ALONE or ctx.strict or ctx.mocks or ctx.overrides or ctx.watch is not None:
            return compute(ctx)
        if ctx.budget.depth + _ALONE.depth > limits.depth or limits.size < _ALONE.size:
            return compute(ctx)
        if not found:
            found.append(_alone(compute, ctx.tables))
        if found[0] is None:
            return compute(ctx)
        value, steps, members = found[0]
        ctx.budget.spend(steps)
        if members:
            ctx.weights[id(value)] = (members, value)
        return value

    return evaluate


def _alone(compute: Callable[[Context], Value], tables: Tables) -> tuple[Value, int, int] | None:
    """What a rule comes to in a context of its own, the steps that it takes, and its members; None if it does not."""
    ctx = Context(limits=_ALONE, tables=tables)
    try:
        value = compute(ctx)
    except (BudgetError, EvalError):
        return None
    members = extent(value, _MOST_KEPT) if type(value) in COLLECTIONS else 0
    return (value, ctx.budget.spent, members) if members <= _MOST_KEPT else None


# With


def replaced(ctx: Context, replacements: list[list[Any]]) -> Context:
    """The context in which `with` evaluates its expression."""
    charge(ctx, _OF_A_CONTEXT + sum(_OF_A_REPLACEMENT + len(where) for _, where, _ in replacements))
    result = ctx.fork()
    charge(ctx, len(result.overrides) // 4)
    for what, where, value in replacements:
        if what == "function":
            result.mocks = {**result.mocks, where: value}
        elif what == "input":
            result.input = _with_path(ctx, result.input, where, value)
        else:
            result.data = _with_path(ctx, result.data, where, value)
            _override(result, tuple(where), value)
    result.memo = dict(result.overrides)
    return result


def _with_path(ctx: Context, document: Value, path: list[str], value: Value) -> Value:
    if not path:
        return value
    copy = dict(document) if type(document) is dict else {}
    charge(ctx, len(copy) // 4)
    copy[path[0]] = _with_path(ctx, copy.get(path[0]), path[1:], value)
    return copy


def _override(ctx: Context, path: tuple[str, ...], value: Value) -> None:
    """Rules at or below ``path`` have the values that ``value`` gives them, or none."""
    charge(ctx, len(ctx.tables.paths) // 4)
    overrides = dict(ctx.overrides)
    for number, rule in enumerate(ctx.tables.paths):
        if rule[: len(path)] == path:
            found = value
            for part in rule[len(path) :]:
                found = get(found, part)
            overrides[number] = found
    ctx.overrides = overrides
