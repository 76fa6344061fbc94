"""What is known about the types of variables and of the documents below ``data``, at one point of a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateproof.rego.syntax import Array, Node, Object, Scalar, SetLiteral
from gateproof.rego.types import ANY, STRING, FunctionType, Key, ObjectType, SetType, Type, Types, UnionType

COMPUTED: Key = ("computed", None)
"""Stands for a key that is not known."""


class Scope:
    """The variables of a body, over those of the bodies around it."""

    __slots__ = ("above", "types")

    def __init__(self, above: Scope | None = None) -> None:
        self.above = above
        self.types: dict[str, Type | None] = {}

    def get(self, name: str) -> Type | None:
        """The type of a variable."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.types:
                return scope.types[name]
            scope = scope.above
        return None


class Place:
    """A place below ``data``: the type of what a rule gives there, or places below it, or both."""

    __slots__ = ("children", "type")

    def __init__(self) -> None:
        self.type: Type | None = None
        self.children: dict[Key, Place] = {}

    def at(self, path: Sequence[Key]) -> Place:
        """The place at ``path`` below this one, made where it is not there."""
        place = self
        for key in path:
            place = place.children.setdefault(key, Place())
        return place

    def extent(self, types: Types) -> Type:
        """The type of the whole document: documents that rules do not give may be there beside those that they do."""
        if self.type is not None:
            return self.type
        members: dict[Key, Type | None] = {}
        for key, child in self.children.items():
            if isinstance(key, str) or (isinstance(key, tuple) and key[0] in ("number", "boolean")):
                members[key] = child.extent(types)
        return types.object_type(members, (STRING, ANY))

    def insert(self, path: Sequence[Key], type_: Type, types: Types) -> None:
        """Add what one more clause gives at ``path``."""
        place = self
        for number, key in enumerate(path):
            child = place.children.get(key)
            if child is None:
                child = place.children[key] = Place()
            elif isinstance(child.type, ObjectType) and number + 1 < len(path):
                child.type = _with_member(child.type, path[number + 1 :], type_, types)
            place = child
        place.type = _merged(place.type, type_, types)
        if isinstance(type_, ObjectType) and place.children:
            for below, other in list(place._leaves(())):
                if isinstance(place.type, ObjectType):
                    place.type = _with_member(place.type, below, other, types)

    def _leaves(self, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Type]]:
        for key, child in self.children.items():
            if child.type is not None:
                yield (*path, key), child.type
            else:
                yield from child._leaves((*path, key))


def _with_member(type_: ObjectType, path: Sequence[Key], member: Type, types: Types) -> ObjectType:
    """An object that may also have ``member`` at ``path``."""
    key = None if path[0] == COMPUTED else types.type_of(path[0])
    if len(path) > 1:
        member = _with_member(types.object_type({}), path[1:], member, types)
    dynamic = type_.dynamic or (None, None)
    return types.object_type(type_.static, (types.union([dynamic[0], key]), types.union([dynamic[1], member])))


def _merged(before: Type | None, type_: Type | None, types: Types) -> Type | None:
    """What either of two clauses gives. Sets, and objects of computed keys, become one; all others a union."""
    if before is None or type_ is None:
        return before or type_
    if isinstance(before, UnionType) and not isinstance(type_, UnionType):
        before, type_ = type_, before
    if isinstance(before, FunctionType) and isinstance(type_, UnionType):
        return ANY  # a clause with an error stands beside this one
    if isinstance(before, SetType) and isinstance(type_, SetType):
        return types.set_type(types.union([before.of, type_.of]))
    mine = _computed(before)
    if mine is not None:
        other = _computed(type_)
        if other is not None:
            return types.object_type({}, (types.union([mine[0], other[0]]), _merged(mine[1], other[1], types)))
        if isinstance(type_, UnionType):
            return _joined(mine, type_, types) or types.union([before, type_])
    return types.union([before, type_])


def _computed(type_: Type) -> tuple[Type | None, Type | None] | None:
    return type_.dynamic if isinstance(type_, ObjectType) and not type_.static else None


def _joined(mine: tuple[Type | None, Type | None], union: UnionType, types: Types) -> Type | None:
    """``union`` with an object of computed keys joined to the one that is in it."""
    for one in union.members:
        other = _computed(one)
        if other is not None:
            both = types.object_type({}, (types.union([other[0], mine[0]]), types.union([other[1], mine[1]])))
            return types.union([*(union.members - {one}), both])
    return None


def constant_key(node: Node) -> Key | None:
    """A term without variables as a key; None for any other. Strings are themselves, so no key is None."""
    if isinstance(node, Scalar):
        return node.value if isinstance(node.value, str) else (_scalar_kind(node.value), node.value)
    if isinstance(node, (Array, SetLiteral)):
        items = tuple(constant_key(item) for item in node.items)
        return None if None in items else ("array" if isinstance(node, Array) else "set", items)
    if isinstance(node, Object):
        pairs = tuple((constant_key(name), constant_key(value)) for name, value in node.pairs)
        return None if any(None in pair for pair in pairs) else ("object", pairs)
    return None


def _scalar_kind(value: object) -> str:
    return "null" if value is None else "boolean" if isinstance(value, bool) else "number"
