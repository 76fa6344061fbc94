"""Nodes → functions that evaluate them, as Kyverno's fork of go-jmespath does.

It differs from the specification in what is missing: where an object lacks a key, evaluation ends with an error, unless
what is around it makes null of that. ``||``, ``|``, comparisons, arguments of functions, projections and selections do;
``a.b`` alone and the right side of ``&&`` do not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from gateproof.engines.kyverno.jmespath.errors import HiddenValueError, JmespathError
from gateproof.engines.kyverno.jmespath.functions import Function, Reference, find
from gateproof.engines.kyverno.jmespath.interface import hides
from gateproof.engines.kyverno.jmespath.syntax import Node
from gateproof.engines.kyverno.jmespath.values import equal, is_number, weigh
from gateproof.rego.context import Context

Evaluate = Callable[[Any, Context], Any]

BINDINGS = "JMESPath bindings"
"""In the cache of an evaluation: what gives the value of ``$name``, or raises JmespathError."""
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Unknown:
    """What an evaluation gives that ended at a missing key. It is a value, since most of them are expected."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key


def build(node: Node) -> Evaluate:
    """The function that evaluates ``node``. Raises JmespathError for functions that there are not."""
    return _BUILDERS[node.kind](node)


def is_false(value: Any) -> bool:
    """What counts as false: false, null, and empty texts, lists and objects; 0 does not."""
    return not value and not is_number(value)


def _or_null(evaluate: Evaluate) -> Evaluate:
    """``evaluate``, with null where a key is missing."""

    def run(value: Any, ctx: Context) -> Any:
        found = evaluate(value, ctx)
        return None if found.__class__ is Unknown else found

    return run


def _field(node: Node) -> Evaluate:
    key = node.value
    unknown = Unknown(key)

    def run(value: Any, _: Context) -> Any:
        return value.get(key, unknown) if value.__class__ is dict else None

    return run


def _path(keys: tuple[str, ...]) -> Evaluate:
    """Several fields, one below the other."""
    steps = tuple((key, Unknown(key)) for key in keys)

    def run(value: Any, _: Context) -> Any:
        for key, unknown in steps:
            if value.__class__ is not dict:
                return None
            value = value.get(key, unknown)
            if value is unknown:
                return unknown
        return value

    return run


def _fields(node: Node) -> tuple[str, ...] | None:
    """The keys of a node that is nothing but ``a.b.c``."""
    if node.kind == "field":
        return (node.value,)
    if node.kind == "subexpression":
        left, right = map(_fields, node.children)
        return left + right if left and right else None
    return None


def _subexpression(node: Node) -> Evaluate:
    if keys := _fields(node):
        return _path(keys)
    left, right = map(build, node.children)

    def run(value: Any, ctx: Context) -> Any:
        found = left(value, ctx)
        return found if found.__class__ is Unknown else right(found, ctx)

    return run


def _pipe(node: Node) -> Evaluate:
    left, right = (_or_null(build(child)) for child in node.children)
    return lambda value, ctx: right(left(value, ctx), ctx)


def _index(node: Node) -> Evaluate:
    at = node.value

    def run(value: Any, _: Context) -> Any:
        return value[at] if value.__class__ is list and -len(value) <= at < len(value) else None

    return run


def _slice(node: Node) -> Evaluate:
    part = node.value
    return lambda value, _: value[part] if value.__class__ is list else None


def _project(ctx: Context, elements: list[Any], right: Evaluate) -> list[Any]:
    ctx.spend(len(elements))
    found = []
    for element in elements:
        current = right(element, ctx)
        if current is not None and current.__class__ is not Unknown:
            found.append(current)
    return found


def _projection(node: Node) -> Evaluate:
    left, right = map(build, node.children)

    def run(value: Any, ctx: Context) -> Any:
        elements = left(value, ctx)
        return _project(ctx, elements, right) if elements.__class__ is list else None

    return run


def _or_nothing(evaluate: Evaluate) -> Evaluate:
    """``evaluate``, with null where it ends with an error, as go-jmespath has it to the left of ``[]`` and ``[?``."""

    def run(value: Any, ctx: Context) -> Any:
        try:
            return evaluate(value, ctx)
        except HiddenValueError:
            raise
        except JmespathError:
            return None

    return run


def _flatten(node: Node) -> Evaluate:
    left = _or_nothing(build(node.children[0]))

    def run(value: Any, ctx: Context) -> Any:
        elements = left(value, ctx)
        if elements.__class__ is not list:
            return None
        flat: list[Any] = []
        for element in elements:
            if element.__class__ is list:
                ctx.spend(len(element))
                flat += element
            else:
                flat.append(element)
        return flat

    return run


def _filter(node: Node) -> Evaluate:
    left, right = _or_nothing(build(node.children[0])), build(node.children[1])
    condition = _or_null(build(node.children[2]))

    def run(value: Any, ctx: Context) -> Any:
        elements = left(value, ctx)
        if elements.__class__ is not list:
            return None
        ctx.spend(len(elements))
        return _project(ctx, [one for one in elements if not is_false(condition(one, ctx))], right)

    return run


def _values(node: Node) -> Evaluate:
    left, right = _or_nothing(build(node.children[0])), build(node.children[1])

    def run(value: Any, ctx: Context) -> Any:
        members = left(value, ctx)
        if members.__class__ is not dict:
            return None
        # go-jmespath evaluates the right side on as many nulls first: some functions fail on that.
        nulls = _project(ctx, [None], right) * len(members) if members else []
        return nulls + _project(ctx, [members[key] for key in sorted(members)], right)

    return run


def _comparison(node: Node) -> Evaluate:
    left, right = (_or_null(build(child)) for child in node.children)
    if node.value in ("==", "!="):
        wanted = node.value == "=="
        return lambda value, ctx: _same(left(value, ctx), right(value, ctx), ctx) is wanted
    compare = _ORDERINGS[node.value]

    def run(value: Any, ctx: Context) -> Any:
        one, other = left(value, ctx), right(value, ctx)
        return compare(one, other) if is_number(one) and is_number(other) else None

    return run


def _same(left: Any, right: Any, ctx: Context) -> bool:
    weigh(ctx, left, right)
    # Whether there is a value at all can be asked of a hidden one, too.
    if (hides(left) and right is not None) or (hides(right) and left is not None):
        raise HiddenValueError("a value that is compared is sensitive and was replaced before judging")
    return equal(left, right)


def _or(node: Node) -> Evaluate:
    left, right = (_or_null(build(child)) for child in node.children)

    def run(value: Any, ctx: Context) -> Any:
        found = left(value, ctx)
        return right(value, ctx) if is_false(found) else found

    return run


def _and(node: Node) -> Evaluate:
    left, right = _or_null(build(node.children[0])), build(node.children[1])

    def run(value: Any, ctx: Context) -> Any:
        found = left(value, ctx)
        return found if is_false(found) else right(value, ctx)

    return run


def _not(node: Node) -> Evaluate:
    operand = _or_null(build(node.children[0]))
    return lambda value, ctx: is_false(operand(value, ctx))


def _select_list(node: Node) -> Evaluate:
    members = [_or_null(build(child)) for child in node.children]

    def run(value: Any, ctx: Context) -> Any:
        if value is None:
            return None
        ctx.spend(len(members))
        return [member(value, ctx) for member in members]

    return run


def _select_hash(node: Node) -> Evaluate:
    members = [(name, _or_null(build(child))) for name, child in zip(node.value, node.children, strict=True)]

    def run(value: Any, ctx: Context) -> Any:
        if value is None:
            return None
        ctx.spend(len(members))
        return {name: member(value, ctx) for name, member in members}

    return run


def _literal(node: Node) -> Evaluate:
    value = node.value
    return lambda _, __: value


def _current(_: Node) -> Evaluate:
    return lambda value, _: value


def _binding(node: Node) -> Evaluate:
    name = node.value
    return lambda _, ctx: ctx.cache[BINDINGS](name)


def _reference(node: Node) -> Evaluate:
    reference = Reference(_or_null(build(node.children[0])))
    return lambda _, __: reference


def _function(node: Node) -> Evaluate:
    function: Function = find(node.value)
    arguments = [_or_null(build(child)) for child in node.children]
    function.check_count(len(arguments))

    def run(value: Any, ctx: Context) -> Any:
        ctx.spend(1)
        return function.call(ctx, [argument(value, ctx) for argument in arguments])

    return run


_BUILDERS: dict[str, Callable[[Node], Evaluate]] = {
    "and": _and,
    "binding": _binding,
    "comparison": _comparison,
    "current": _current,
    "field": _field,
    "filter": _filter,
    "flatten": _flatten,
    "function": _function,
    "index": _index,
    "literal": _literal,
    "not": _not,
    "or": _or,
    "pipe": _pipe,
    "projection": _projection,
    "reference": _reference,
    "select_hash": _select_hash,
    "select_list": _select_list,
    "slice": _slice,
    "subexpression": _subexpression,
    "values": _values,
}
