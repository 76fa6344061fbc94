"""Terms: their types, and what unifying them with a type or with each other says about their variables."""

from __future__ import annotations

from gateproof.rego.syntax import Array, Comprehension, Node, Object, Ref, Scalar, SetLiteral, Template, Var
from gateproof.rego.type_environment import Scope, constant_key
from gateproof.rego.typed_refs import References
from gateproof.rego.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    ArrayType,
    Key,
    ObjectType,
    SetType,
    Type,
    Types,
    UnionType,
    unknown,
)


class Terms(References):
    """Types of terms. ``comprehensions`` are those that have been checked, by identity."""

    def __init__(self) -> None:
        super().__init__(Types())
        self.comprehensions: dict[int, Type | None] = {}

    def term(self, scope: Scope, node: Node) -> Type | None:
        """The type of a term; None, or a type that is unknown in part, while its variables have none."""
        if isinstance(node, Scalar):
            value = node.value
            if isinstance(value, str):
                return STRING
            return NULL if value is None else BOOLEAN if isinstance(value, bool) else NUMBER
        if isinstance(node, Var):
            return scope.get(node.name)
        if isinstance(node, Ref):
            return self.reference(scope, node)
        if isinstance(node, Array):
            return self.types.array_type([self.term(scope, item) for item in node.items], None if node.items else ANY)
        if isinstance(node, SetLiteral):
            return self.types.set_type(self.types.union([self.term(scope, item) for item in node.items]) or ANY)
        if isinstance(node, Object):
            return self._object(scope, node)
        if isinstance(node, Comprehension):
            return self.comprehensions.get(id(node))
        return STRING if isinstance(node, Template) else None

    def _object(self, scope: Scope, node: Object) -> Type:
        static: dict[Key, Type | None] = {}
        computed: list[tuple[Type | None, Type | None]] = []
        for name, value in node.pairs:
            key = constant_key(name)
            if key is None:
                computed.append((self.term(scope, name), self.term(scope, value)))
            else:
                static[key] = self.term(scope, value)
        if computed:
            names, values = zip(*computed, strict=True)
            return self.types.object_type(static, (self.types.union(names), self.types.union(values)))
        return self.types.object_type(static, None if static else (ANY, ANY))

    def key_unifies(self, scope: Scope, part: Node, keys: Type) -> bool:
        """Whether a collection can be a key."""
        return self.matches(scope, part, keys, union=False)

    # A term and a type

    def matches(self, scope: Scope, node: Node, type_: Type | None, *, union: bool) -> bool:
        """Whether a term can be of a type; its variables become what the type says.

        ``union``: the type is one of several, each of which widens the types of the variables.
        """
        self.types.spend()
        if isinstance(node, Var):
            return self._variable(scope, node, type_, union=union)
        if not isinstance(node, (Array, Object, SetLiteral)):
            return self.types.unifies(self.term(scope, node), type_)
        if isinstance(type_, UnionType):
            if type_ is ANY:
                for part in _parts(node):
                    self.matches(scope, part, ANY, union=True)
                return True
            found = [self.matches(scope, node, one, union=True) for one in type_.members]
            return True in found  # each member has its say about the variables
        if isinstance(node, Array):
            return isinstance(type_, ArrayType) and self._items(scope, node, type_, union=union)
        if isinstance(node, Object):
            return isinstance(type_, ObjectType) and self._members(scope, node, type_, union=union)
        return isinstance(type_, SetType) and all(
            self.matches(scope, item, type_.of, union=union) for item in node.items
        )

    def _variable(self, scope: Scope, node: Var, type_: Type | None, *, union: bool) -> bool:
        existing = scope.get(node.name)
        if union:
            scope.types[node.name] = self.types.union([existing, type_])
        elif existing is not None:
            return self.types.unifies(existing, type_)
        else:
            scope.types[node.name] = type_
        return True

    def _items(self, scope: Scope, node: Array, type_: ArrayType, *, union: bool) -> bool:
        if len(node.items) != len(type_.static) and type_.dynamic is None:
            return False
        items = enumerate(node.items)
        return all(self.matches(scope, item, self.types.item(type_, n), union=union) for n, item in items)

    def _members(self, scope: Scope, node: Object, type_: ObjectType, *, union: bool) -> bool:
        if len(node.pairs) != len(type_.static) and (type_.dynamic is None or type_.dynamic[1] is None):
            return False
        for name, value in node.pairs:
            key = constant_key(name)
            if key is None:
                self.matches(scope, value, ANY, union=union)
                continue
            member = self.types.select(type_, key)
            if member is None or not self.matches(scope, value, member, union=union):
                return False
        return True

    # Two terms

    def unify(self, scope: Scope, left: Node, mine: Type | None, right: Node, other: Type | None) -> bool:
        """Whether two terms of the types ``mine`` and ``other`` can be equal; types go from one to the other."""
        if unknown(mine) and not unknown(other):
            return self.matches(scope, left, other, union=False)
        if unknown(other) and not unknown(mine):
            return self.matches(scope, right, mine, union=False)
        if not unknown(mine):
            return self.types.unifies(mine, other)
        if isinstance(left, Array) or (isinstance(left, Var) and isinstance(right, Array)):
            return self._arrays(scope, *((left, right) if isinstance(left, Array) else (right, left)))
        if isinstance(left, Object) or (isinstance(left, Var) and isinstance(right, Object)):
            return self._objects(scope, *((left, right) if isinstance(left, Object) else (right, left)))
        if isinstance(left, Var) and isinstance(right, Var):
            return self._from(scope, left, right)
        if isinstance(left, Var) and mine is None and other is not None:
            return self.matches(scope, left, other, union=False)
        if isinstance(right, Var) and other is None and mine is not None:
            return self.matches(scope, right, mine, union=False)
        return False

    def _from(self, scope: Scope, left: Node, right: Node) -> bool:
        """Two terms of which nothing is known can be anything."""
        return self.matches(scope, left, ANY, union=False) and self.matches(
            scope, right, self.term(scope, left), union=False
        )

    def _arrays(self, scope: Scope, left: Node, right: Node) -> bool:
        if isinstance(right, Var):
            return self._from(scope, left, right)
        if not (isinstance(left, Array) and isinstance(right, Array) and len(left.items) == len(right.items)):
            return False
        return all(self._pair(scope, a, b) for a, b in zip(left.items, right.items, strict=True))

    def _objects(self, scope: Scope, left: Node, right: Node) -> bool:
        if isinstance(right, Var):
            return self._from(scope, left, right)
        if not (isinstance(left, Object) and isinstance(right, Object)):
            return False
        mine, others = _by_key(left), _by_key(right)
        return mine.keys() == others.keys() and all(self._pair(scope, mine[key], others[key]) for key in mine)

    def _pair(self, scope: Scope, left: Node, right: Node) -> bool:
        return self.unify(scope, left, self.term(scope, left), right, self.term(scope, right))


def _parts(node: Array | Object | SetLiteral) -> list[Node]:
    return [part for pair in node.pairs for part in pair] if isinstance(node, Object) else node.items


def _by_key(node: Object) -> dict[object, Node]:
    return {("var", name.name) if isinstance(name, Var) else constant_key(name): value for name, value in node.pairs}
