"""The syntax tree of Rego. Every node knows its offset in the source (``at``); places are computed from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Node(msgspec.Struct):
    """A piece of source that starts at offset ``at``."""

    at: int


class Scalar(Node):
    """null, a boolean, a number or a string."""

    value: bool | int | float | str | None


class Var(Node):
    """A variable, or a name that the resolver turns into a reference."""

    name: str


class Ref(Node):
    """``head[path0][path1]…``; dots are brackets around strings."""

    head: Node
    path: list[Node]


class Array(Node):
    """``[a, b]``."""

    items: list[Node]


class SetLiteral(Node):
    """``{a, b}`` or ``set()``."""

    items: list[Node]


class Object(Node):
    """``{k: v}``."""

    pairs: list[tuple[Node, Node]]


class Comprehension(Node):
    """``[value | body]``, ``{value | body}`` or ``{key: value | body}``; ``kind`` is array, set or object."""

    kind: str
    key: Node | None
    value: Node
    body: list[Literal]


class Call(Node):
    """``function(args)``; operators are calls of their names (``plus``, ``eq``, ``assign`` …)."""

    function: Node
    args: list[Node]


class Builtin(Node):
    """A builtin named as a value: what `with` replaces, or replaces by."""

    name: str


class Template(Node):
    """``$"text {term}"``: text and terms in turn."""

    parts: list[str | Node]


class Some(Node):
    """``some x, y``."""

    names: list[Var]


class SomeIn(Node):
    """``some key, value in collection``."""

    key: Node | None
    value: Node
    collection: Node


class Every(Node):
    """``every key, value in collection { body }``."""

    key: Node | None
    value: Node
    collection: Node
    body: list[Literal]


class Not(Node):
    """``not { body }`` or ``not expression``, where the module imports `future.keywords.not`."""

    body: list[Literal]
    braced: bool


class With(Node):
    """``with target as value``."""

    target: Node
    value: Node


class Literal(Node):
    """One expression of a body."""

    term: Node
    negated: bool
    withs: list[With]


class Rule(Node):
    """One clause of a rule.

    ``path`` is the reference of the head inside its package; ``kind`` is ``complete`` (``value`` at
    ``path``), ``set`` (``key`` is a member of the set at ``path``) or ``function``.
    """

    path: list[Node]
    kind: str
    args: list[Node]
    key: Node | None
    value: Node | None
    body: list[Literal]
    otherwise: Rule | None
    default: bool
    assigned: bool


class Import(Node):
    """``import path as alias``."""

    path: list[str]
    alias: str | None


class Comment(Node):
    """A ``#`` comment; ``text`` starts after the ``#``."""

    text: str


class Module(msgspec.Struct):
    """One file: its package, imports and rules in the order of the source."""

    file: str
    source: str
    package: list[str]
    package_at: int
    imports: list[Import]
    rules: list[Rule]
    comments: list[Comment]
    v1: bool

    def place(self, at: int) -> str:
        """``file:line:column`` of an offset, both counted from 1."""
        return place(self.file, self.source, at)


def place(file: str, source: str, at: int) -> str:
    """``file:line:column`` of an offset in ``source``, both counted from 1."""
    line = source.count("\n", 0, at) + 1
    return f"{file}:{line}:{at - source.rfind(chr(10), 0, at)}"


def children(node: Any) -> Iterator[Node]:
    """The nodes directly below ``node``, in the order of the source."""
    for name in node.__struct_fields__:
        yield from _nodes(getattr(node, name))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif type(value) is list or type(value) is tuple:
        for item in value:
            yield from _nodes(item)
