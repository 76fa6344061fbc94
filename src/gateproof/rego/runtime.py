"""What generated code may call: nothing else is in its namespace.

All functions take Rego values and are total: what has no result is UNDEFINED. Whatever loops charges
the budget with the number of items before it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from gateproof.errors import BudgetError
from gateproof.rego import arithmetic
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError, EvalError
from gateproof.rego.values import (
    UNDEFINED,
    RegoSet,
    Value,
    compare,
    equal,
    key,
    object_keys,
)

CONFLICT = "eval_conflict_error"
_EMPTY: tuple[()] = ()
_GUESS = 64


# References and iteration


def get(value: Value, index: Value) -> Value:
    """``value[index]``."""
    kind = type(value)
    if kind is dict:
        return value.get(index if type(index) is str else key(index), UNDEFINED)
    if kind is list:
        if type(index) is int and 0 <= index < len(value):
            return value[index]
        return UNDEFINED
    if kind is RegoSet:
        return value.items.get(key(index), UNDEFINED) if index is not UNDEFINED else UNDEFINED
    return UNDEFINED


def get_base(value: Value, index: Value) -> Value:
    """``value[index]`` of base data, whose objects find numbers under their decimal text."""
    found = get(value, index)
    if found is UNDEFINED and type(value) is dict and type(index) is int:
        return value.get(str(index), UNDEFINED)
    return found


def items(ctx: Context, value: Value) -> Iterable[tuple[Value, Value]]:
    """Keys (or indices, or elements) and values of a collection, in Rego's order."""
    kind = type(value)
    if kind is list:
        _charge(ctx, len(value))
        return enumerate(value)
    if kind is dict:
        _charge(ctx, len(value))
        if {type(name) for name in value} <= {str}:
            return [(name, value[name]) for name in sorted(value)]
        return [(name, value[key(name)]) for name in object_keys(value)]
    if kind is RegoSet:
        _charge(ctx, len(value.items))
        return [(item, item) for item in value.ordered()]
    return _EMPTY


def values(ctx: Context, value: Value) -> Iterable[Value]:
    """The values of a collection, in Rego's order of their keys."""
    kind = type(value)
    if kind is list:
        _charge(ctx, len(value))
        return cast("list[Value]", value)
    if kind is RegoSet:
        _charge(ctx, len(value.items))
        return cast(RegoSet, value).ordered()
    return [item for _, item in items(ctx, value)]


def iterable(value: Value) -> bool:
    """Whether `every` can range over ``value``."""
    return type(value) in (list, dict, RegoSet)


def member(ctx: Context, *operands: Value) -> bool:
    """``value in collection`` or ``key, value in collection``."""
    collection = operands[-1]
    kind = type(collection)
    if len(operands) == 3:
        found = get(collection, operands[0])
        return found is not UNDEFINED and equal(found, operands[1])
    wanted = operands[0]
    if kind is RegoSet:
        return key(wanted) in collection.items
    if kind is dict:
        collection = collection.values()
    elif kind is not list:
        return False
    _charge(ctx, len(collection))
    if type(wanted) is str:
        return wanted in collection
    return any(equal(wanted, item) for item in collection)


def related(ctx: Context, relation: Callable[..., Iterable[Value]], *args: Value) -> Iterable[Value]:
    """The results of a builtin that has many."""
    try:
        for result in relation(ctx, *args):
            _charge(ctx, 1)
            yield result
    except BuiltinError:
        if ctx.strict:
            raise


def _charge(ctx: Context, steps: int) -> None:
    budget = ctx.budget
    budget.steps -= steps + 1
    if budget.steps < 0:
        budget.spend(0)


def step(ctx: Context) -> None:
    """Charge a call of a function."""
    _charge(ctx, 0)


# Comparison


def less(left: Value, right: Value) -> bool:
    """``left < right`` in Rego's total order."""
    kind = type(left)
    if kind is type(right) and (kind is int or kind is float or kind is str):
        return bool(left < right)
    return compare(left, right) < 0


def at_most(left: Value, right: Value) -> bool:
    """``left <= right``."""
    return not less(right, left)


def greater(left: Value, right: Value) -> bool:
    """``left > right``."""
    return less(right, left)


def at_least(left: Value, right: Value) -> bool:
    """``left >= right``."""
    return not less(left, right)


# Building


def set_of(elements: dict[Any, Value]) -> RegoSet:
    """The set of elements that generated code has collected by key."""
    return RegoSet(elements)


def made(ctx: Context, value: Value) -> Value:
    """``value``, a collection just built, after its whole extent has been charged.

    Values are shared, never copied, so nested literals could stand for exponentially many members.
    A member that is a collection weighs what it weighed when it was made, or a fixed guess.
    """
    weights = ctx.weights
    total = 0
    kind = type(value)
    for member in value if kind is list else value.values() if kind is dict else value.items.values():
        kind = type(member)
        if kind is list or kind is dict or kind is RegoSet:
            total += weights[id(member)][0] if id(member) in weights else _GUESS
    if total > _GUESS:
        ctx.check_size(total)
        ctx.spend(total // 4)
        weights[id(value)] = (total, value)
    return value


def put(target: dict[Any, Value], name: Value, value: Value) -> None:
    """Add a member to an object; a second value for the same key is a conflict."""
    name = key(name)
    existing = target.get(name, UNDEFINED)
    if existing is not UNDEFINED and not equal(existing, value):
        raise EvalError(CONFLICT, "object keys must be unique")
    target[name] = value


def agree(before: Value, value: Value) -> Value:
    """``value``, which must be what was found before, if anything was."""
    if before is not UNDEFINED and not equal(before, value):
        raise EvalError(CONFLICT, "complete rules and functions must not produce multiple outputs")
    return value


def single(before: Value, value: Value) -> Value:
    """The one value of an expression in a template."""
    if before is not UNDEFINED and not equal(before, value):
        raise EvalError(CONFLICT, "an expression in a template or print must not produce multiple outputs")
    return value


class Branch(dict[Any, Any]):
    """An inner place of a document that several rules build."""


class Members(dict[Any, Value]):
    """A set that several rules build."""


def contribute(out: Branch, path: list[Value], value: Value) -> None:
    """Put ``value`` at ``path`` below ``out``."""
    place = _place(out, path)
    name = key(path[-1])
    existing = place.get(name, UNDEFINED)
    if existing is not UNDEFINED and (type(existing) in (Branch, Members) or not equal(existing, value)):
        raise EvalError(CONFLICT, "object keys must be unique")
    place[name] = value


def contribute_default(out: Branch, path: list[Value], value: Value) -> None:
    """Put ``value`` at ``path`` below ``out`` where nothing is."""
    place = _place(out, path)
    place.setdefault(key(path[-1]), value)


def contribute_member(out: Branch, path: list[Value], value: Value) -> None:
    """Add ``value`` to the set at ``path`` below ``out``."""
    place = _place(out, path)
    members = place.setdefault(key(path[-1]), Members())
    if type(members) is not Members:
        raise EvalError(CONFLICT, "object keys must be unique")
    members[key(value)] = value


def _place(out: Branch, path: list[Value]) -> Branch:
    place = out
    for name in path[:-1]:
        place = place.setdefault(key(name), Branch())
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


# Text


def rendered(value: Value) -> str:
    """``value`` as a template string shows it."""
    if value is UNDEFINED:
        return "<undefined>"
    return value if type(value) is str else text(value)


def text(value: Value) -> str:
    """``value`` as Rego source."""
    kind = type(value)
    if kind is list:
        return "[" + ", ".join([text(item) for item in value]) + "]"
    if kind is RegoSet:
        return "{" + ", ".join([text(item) for item in value]) + "}" if len(value) else "set()"
    if kind is dict:
        return "{" + ", ".join([f"{text(n)}: {text(value[key(n)])}" for n in object_keys(value)]) + "}"
    import json

    if kind is float and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def joined(ctx: Context, parts: list[str]) -> str:
    """The text of a template string."""
    size = sum(map(len, parts))
    ctx.check_size(size)
    ctx.spend(size // 64 + len(parts))
    return "".join(parts)


def print_(ctx: Context, *parts: Value) -> None:
    """Hand a line to the host."""
    _charge(ctx, len(parts))
    if ctx.sink is not None:
        ctx.sink(" ".join([rendered(part) for part in parts]))


# Calls and `with`


def wrapped(function: Callable[..., Value], *, context: bool) -> Callable[..., Value]:
    """A builtin as generated code calls it: a failure is UNDEFINED unless errors are strict."""

    def call(ctx: Context, *args: Value) -> Value:
        budget = ctx.budget
        budget.steps -= 1
        if budget.steps < 0:
            budget.spend(0)
        try:
            result = function(ctx, *args) if context else function(*args)
        except BuiltinError:
            if ctx.strict:
                raise
            return UNDEFINED
        if type(result) is str and len(result) > 4096:
            budget.check_size(len(result))
            budget.spend(len(result) >> 6)
        return result

    return call


def _quick(function: Callable[[Value, Value], Value]) -> Callable[..., Value]:
    return wrapped(function, context=False)


def mocked(ctx: Context, name: str, function: Callable[..., Value], *args: Value) -> Value:
    """A call of a function that `with` may have replaced; inside the replacement nothing is replaced."""
    replacement = ctx.mocks.get(name)
    if replacement is None:
        return function(ctx, *args)
    ctx = ctx.fork()
    ctx.mocks = {}
    return replacement(ctx, *args)


def always(value: Value) -> Callable[..., Value]:
    """A function that gives ``value`` whatever it is asked."""

    def constant(_ctx: Context, *_args: Value) -> Value:
        return value

    return constant


def unavailable(name: str) -> Callable[..., Value]:
    """A builtin that exists only where `with` replaces it."""

    def call(_ctx: Context, *_args: Value) -> Value:
        raise EvalError("eval_builtin_error", f"builtin {name} is not supported here")

    return call


def replaced(ctx: Context, replacements: list[list[Any]]) -> Context:
    """The context in which `with` evaluates its expression."""
    result = ctx.fork()
    for what, where, value in replacements:
        if what == "function":
            result.mocks = {**result.mocks, where: value}
        elif what == "input":
            result.input = _with_path(result.input, where, value)
        else:
            result.data = _with_path(result.data, where, value)
            _override(result, tuple(where), value)
    result.memo = dict(result.overrides)
    return result


def _with_path(document: Value, path: list[str], value: Value) -> Value:
    if not path:
        return value
    copy = dict(document) if type(document) is dict else {}
    copy[path[0]] = _with_path(copy.get(path[0]), path[1:], value)
    return copy


def _override(ctx: Context, path: tuple[str, ...], value: Value) -> None:
    """Rules at or below ``path`` have the values that ``value`` gives them; one above has a part replaced."""
    overrides = dict(ctx.overrides)
    for number, rule in enumerate(ctx.tables.paths):
        if rule[: len(path)] == path:
            found = value
            for part in rule[len(path) :]:
                found = get(found, part)
            overrides[number] = found
        elif path[: len(rule)] == rule:
            ctx.memo = dict(overrides)
            before = ctx.tables.rules[number](ctx)
            overrides[number] = _with_path(before, list(path[len(rule) :]), value)
    ctx.overrides = overrides


# Documents


class Tables:
    """What the runtime knows of a program: its rules by number, and where they stand below ``data``."""

    __slots__ = ("nodes", "paths", "rules", "tree")

    def __init__(self, tree: dict[str, Any], nodes: list[list[str]], paths: list[tuple[str, ...]]) -> None:
        self.tree = tree
        self.nodes = nodes
        self.paths = paths
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


def complete_rule(
    number: int, clauses: list[Callable[..., Value]], default: Callable[..., Value] | None, *, uniform: bool
) -> Callable[[Context], Value]:
    """A rule with one value; if ``uniform``, the first clause that holds decides."""

    def compute(ctx: Context) -> Value:
        value: Value = UNDEFINED
        for clause in clauses:
            found = clause(ctx)
            if found is not UNDEFINED:
                value = agree(value, found)
                if uniform:
                    break
        return default(ctx) if value is UNDEFINED and default else value

    return _remembered(number, compute)


def collecting_rule(number: int, kind: str, clauses: list[Callable[..., Value]]) -> Callable[[Context], Value]:
    """A rule whose clauses add to a set, an object or a deeper document."""

    def compute(ctx: Context) -> Value:
        out: dict[Any, Value] = Branch() if kind == "tree" else {}
        for clause in clauses:
            clause(ctx, out)
        return made(ctx, RegoSet(out) if kind == "set" else finished(out))

    return _remembered(number, compute)


def _remembered(number: int, compute: Callable[[Context], Value]) -> Callable[[Context], Value]:
    """Evaluate a rule once in a context."""

    def rule(ctx: Context) -> Value:
        memo = ctx.memo
        if number in memo:
            return memo[number]
        budget = ctx.budget
        budget.depth += 1
        if budget.depth > budget.limits.depth:
            raise BudgetError(f"rules call each other deeper than {budget.limits.depth} levels")
        _charge(ctx, 0)
        value = memo[number] = compute(ctx)
        budget.depth -= 1
        return value

    return rule


def function_of(clauses: list[Callable[..., Value]], default: Callable[..., Value] | None) -> Callable[..., Value]:
    """A function of several clauses, which must agree."""
    if len(clauses) == 1 and default is None:
        return clauses[0]

    def call(ctx: Context, *args: Value) -> Value:
        value: Value = UNDEFINED
        for clause in clauses:
            found = clause(ctx, *args)
            if found is not UNDEFINED:
                value = agree(value, found)
        return default(ctx, *args) if value is UNDEFINED and default else value

    return call


NAMESPACE: dict[str, Any] = {
    "UNDEFINED": UNDEFINED,
    "agree": agree,
    "always": always,
    "and_": _quick(arithmetic.intersection),
    "at_least": at_least,
    "at_most": at_most,
    "contribute": contribute,
    "contribute_default": contribute_default,
    "contribute_member": contribute_member,
    "dict": dict,
    "div_": _quick(arithmetic.div),
    "document": document,
    "equal": equal,
    "get": get,
    "get_base": get_base,
    "greater": greater,
    "items": items,
    "iterable": iterable,
    "joined": joined,
    "key": key,
    "len": len,
    "less": less,
    "list": list,
    "lookup": lookup,
    "made": made,
    "member": member,
    "minus_": _quick(arithmetic.minus),
    "mocked": mocked,
    "mul_": _quick(arithmetic.mul),
    "or_": _quick(arithmetic.union),
    "plus_": _quick(arithmetic.plus),
    "print_": print_,
    "put": put,
    "related": related,
    "rem_": _quick(arithmetic.rem),
    "rendered": rendered,
    "replaced": replaced,
    "set_of": set_of,
    "single": single,
    "step": step,
    "str": str,
    "type": type,
    "values": values,
}
