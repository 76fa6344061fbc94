"""The syntax tree of an expression, macros expanded to what they mean.

``at`` is the place of a node: characters from the start of the source. Nodes are compared by identity.
"""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from gateproof.cel.values import Uint


class Literal(msgspec.Struct, frozen=True, eq=False):
    """A constant."""

    value: bool | int | Uint | float | str | bytes | None
    at: int


class Ident(msgspec.Struct, frozen=True, eq=False):
    """A variable, or a type; ``rooted`` where a dot stands before it."""

    name: str
    at: int
    rooted: bool = False


class Select(msgspec.Struct, frozen=True, eq=False):
    """``operand.field``; ``operand.?field`` where ``optional``; ``has(operand.field)`` where ``test``."""

    operand: Node
    field: str
    at: int
    optional: bool = False
    test: bool = False


class Index(msgspec.Struct, frozen=True, eq=False):
    """``operand[index]``; ``operand[?index]`` where ``optional``."""

    operand: Node
    index: Node
    at: int
    optional: bool = False


class Call(msgspec.Struct, frozen=True, eq=False):
    """``function(args)`` or ``target.function(args)``; operators are functions named after themselves."""

    function: str
    target: Node | None
    args: list[Node]
    at: int


class Chain(msgspec.Struct, frozen=True, eq=False):
    """``a && b && c`` or the same of ``||``."""

    operator: OneOf["&&", "||"]
    terms: list[Node]
    at: int


class Choice(msgspec.Struct, frozen=True, eq=False):
    """``test ? yes : no``."""

    test: Node
    yes: Node
    no: Node
    at: int


class ListOf(msgspec.Struct, frozen=True, eq=False):
    """``[a, ?b]``; each item with whether it is optional."""

    items: list[tuple[Node, bool]]
    at: int


class MapOf(msgspec.Struct, frozen=True, eq=False):
    """``{k: v, ?k: v}``; each entry with whether it is optional."""

    entries: list[tuple[Node, Node, bool]]
    at: int


class Comprehension(msgspec.Struct, frozen=True, eq=False):
    """A macro that goes through a list or map.

    ``macro``: ``all``, ``exists``, ``exists_one``, ``filter``, ``map``, ``transformList``, ``transformMap`` or
    ``transformMapEntry``. ``names``: the variable of the element, or those of index (or key) and value. ``test`` says
    which elements count; ``result`` is what each becomes.
    """

    macro: str
    range: Node
    names: tuple[str, ...]
    test: Node | None
    result: Node | None
    at: int


class Bind(msgspec.Struct, frozen=True, eq=False):
    """``cel.bind(name, value, body)``: the value is made at most once, when the body first asks for it."""

    name: str
    value: Node
    body: Node
    at: int


class Unwrap(msgspec.Struct, frozen=True, eq=False):
    """``target.optMap(name, body)``; ``optFlatMap`` where the body is an optional itself (``flat``)."""

    target: Node
    name: str
    body: Node
    at: int
    flat: bool


class SortBy(msgspec.Struct, frozen=True, eq=False):
    """``target.sortBy(name, key)``."""

    target: Node
    name: str
    key: Node
    at: int


Node = (
    Literal | Ident | Select | Index | Call | Chain | Choice | ListOf | MapOf | Comprehension | Bind | Unwrap | SortBy
)


def children(node: Node) -> list[Node]:
    """The nodes right below ``node``."""
    match node:
        case Select(operand=operand):
            return [operand]
        case Index(operand=operand, index=index):
            return [operand, index]
        case Call(target=target, args=args):
            return args if target is None else [target, *args]
        case Chain(terms=terms):
            return terms
        case Choice(test=test, yes=yes, no=no):
            return [test, yes, no]
        case ListOf(items=items):
            return [item for item, _ in items]
        case MapOf(entries=entries):
            return [part for key, value, _ in entries for part in (key, value)]
        case Comprehension():
            return [part for part in (node.range, node.test, node.result) if part is not None]
        case Bind(value=value, body=body):
            return [value, body]
        case Unwrap(target=target, body=body):
            return [target, body]
        case SortBy(target=target, key=key):
            return [target, key]
    return []


def height(tree: Node) -> int:
    """How many nodes are below each other, at most."""
    highest = 0
    waiting = [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        highest = max(highest, level)
        waiting += [(child, level + 1) for child in children(node)]
    return highest
