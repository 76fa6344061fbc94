"""The types of Rego values, as OPA's static checker infers them: what two types have in common, keys and values.

None stands for a type that is not known yet. Equal types are one object of a :class:`Types`, so that comparing is
cheap however often a type is nested in others.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final

from gateproof.rego.errors import Unsupported

Key = Hashable
"""A constant key of an object: a string, or the kind and the value of anything else."""

_MAX_STEPS = 2_000_000


class Type:
    """A type; ``unknown`` says whether some part of it is not known. As it is: null, boolean, number or string."""

    __slots__ = ("kind", "unknown")

    def __init__(self, kind: str, *, unknown: bool = False) -> None:
        self.kind = kind
        self.unknown = unknown


class ArrayType(Type):
    """The types of the first items, and of all others if there may be any."""

    __slots__ = ("dynamic", "static")

    def __init__(self, static: tuple[Type | None, ...], dynamic: Type | None) -> None:
        super().__init__("array", unknown=any(map(unknown, static)) or (dynamic is not None and dynamic.unknown))
        self.static = static
        self.dynamic = dynamic


class ObjectType(Type):
    """The types of the members with constant keys, and of the keys and values of all others if there may be any."""

    __slots__ = ("dynamic", "static")

    def __init__(self, static: dict[Key, Type | None], dynamic: tuple[Type | None, Type | None] | None) -> None:
        super().__init__("object", unknown=any(map(unknown, (*static.values(), *(dynamic or ())))))
        self.static = static
        self.dynamic = dynamic


class SetType(Type):
    """The type of the members."""

    __slots__ = ("of",)

    def __init__(self, of: Type | None) -> None:
        super().__init__("set", unknown=unknown(of))
        self.of = of


class UnionType(Type):
    """Any of ``members``; without members, anything."""

    __slots__ = ("members",)

    def __init__(self, members: frozenset[Type]) -> None:
        super().__init__("any")
        self.members = members


class FunctionType(Type):
    """The types of the arguments and the result."""

    __slots__ = ("args", "result")

    def __init__(self, args: tuple[Type | None, ...], result: Type | None) -> None:
        super().__init__("function", unknown=any(map(unknown, (*args, result))))
        self.args = args
        self.result = result


def unknown(type_: Type | None) -> bool:
    """Whether some part of a type is not known."""
    return type_ is None or type_.unknown


NULL = Type("null")
BOOLEAN = Type("boolean")
NUMBER = Type("number")
STRING = Type("string")
ANY = UnionType(frozenset())
SCALARS: Final = {"null": NULL, "boolean": BOOLEAN, "number": NUMBER, "string": STRING}


class Types:
    """Makes and compares the types of one program. Raises :class:`Unsupported` where that takes far too long."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Type] = {}
        self._keys: dict[Type | None, Type | None] = {}
        self._values: dict[Type | None, Type | None] = {}
        self._unified: dict[tuple[Type, Type], bool] = {}
        self._steps = _MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        """Charge work: the types of a small program can be far larger than the program."""
        self._steps -= steps
        if self._steps < 0:
            raise Unsupported("the types of the policy are too complex", hint="split its largest literals and rules")

    # Making

    def array_type(self, static: Iterable[Type | None], dynamic: Type | None = None) -> ArrayType:
        """An array of ``static`` items, followed by any number of ``dynamic`` ones."""
        items = tuple(static)
        self.spend(len(items))
        form = ("array", items, dynamic)
        found = self._made.get(form)
        if found is None:
            found = self._made[form] = ArrayType(items, dynamic)
        return found  # type: ignore[return-value]  # the form tells the kind

    def object_type(
        self, static: dict[Key, Type | None], dynamic: tuple[Type | None, Type | None] | None = None
    ) -> ObjectType:
        """An object of ``static`` members and any number of ``dynamic`` ones."""
        self.spend(len(static))
        form = ("object", frozenset(static.items()), dynamic)
        found = self._made.get(form)
        if found is None:
            found = self._made[form] = ObjectType(static, dynamic)
        return found  # type: ignore[return-value]  # the form tells the kind

    def set_type(self, of: Type | None) -> SetType:
        """A set of ``of``."""
        form = ("set", of)
        found = self._made.get(form)
        if found is None:
            found = self._made[form] = SetType(of)
        return found  # type: ignore[return-value]  # the form tells the kind

    def function_type(self, args: Iterable[Type | None], result: Type | None) -> FunctionType:
        """A function."""
        return FunctionType(tuple(args), result)

    def union(self, types: Iterable[Type | None]) -> Type | None:
        """What is of any of ``types``; None if none of them is known."""
        members: set[Type] = set()
        for one in types:
            self.spend()
            if isinstance(one, UnionType):
                self.spend(len(one.members))
                if not one.members:
                    return ANY
                members |= one.members
            elif one is not None:
                members.add(one)
        if len(members) < 2:
            return next(iter(members), None)
        functions = [one for one in members if isinstance(one, FunctionType)]
        if functions:
            return self._either(functions) if len(functions) == len(members) else None
        form = frozenset(members)
        found = self._made.get(form)
        if found is None:
            found = self._made[form] = UnionType(form)
        return found

    def _either(self, functions: list[FunctionType]) -> Type | None:
        """One function that takes what any of ``functions`` does."""
        if len({len(one.args) for one in functions}) > 1:
            return None
        args = [self.union(types) for types in zip(*(one.args for one in functions), strict=True)]
        return self.function_type(args, self.union(one.result for one in functions))

    # Taking apart

    def keys(self, type_: Type | None) -> Type | None:
        """The type of what can stand in the brackets after a value; None for what has no members."""
        if type_ not in self._keys:
            self._keys[type_] = self._keys_of(type_)
        return self._keys[type_]

    def _keys_of(self, type_: Type | None) -> Type | None:
        if isinstance(type_, ArrayType):
            return NUMBER
        if isinstance(type_, ObjectType):
            self.spend(len(type_.static))
            dynamic = type_.dynamic[0] if type_.dynamic else None
            return self.union([*{self.type_of(key) for key in type_.static}, dynamic])
        if isinstance(type_, SetType):
            return type_.of
        if isinstance(type_, UnionType):
            return self.union(map(self.keys, type_.members)) if type_.members else ANY
        return None

    def values(self, type_: Type | None) -> Type | None:
        """The type of the members of a value; None for what has none."""
        if type_ not in self._values:
            self._values[type_] = self._values_of(type_)
        return self._values[type_]

    def _values_of(self, type_: Type | None) -> Type | None:
        if isinstance(type_, ArrayType):
            return self.union([*type_.static, type_.dynamic])
        if isinstance(type_, ObjectType):
            return self.union([*type_.static.values(), type_.dynamic[1] if type_.dynamic else None])
        if isinstance(type_, SetType):
            return type_.of
        if isinstance(type_, UnionType):
            return self.union(map(self.values, type_.members)) if type_.members else ANY
        return None

    def select(self, type_: Type | None, key: Key) -> Type | None:
        """The type of the member with a constant key; None if there cannot be such a member."""
        self.spend()
        if isinstance(type_, ArrayType):
            return self._item(type_, key)
        if isinstance(type_, ObjectType):
            if key in type_.static:
                return type_.static[key]
            if type_.dynamic and self._contains(type_.dynamic[0], self.type_of(key)):
                return type_.dynamic[1]
            return None
        if isinstance(type_, SetType):
            found = self.type_of(key)
            return found if self._contains(type_.of, found) else None
        if isinstance(type_, UnionType):
            return self.union(self.select(one, key) for one in type_.members) if type_.members else ANY
        return None

    def _item(self, type_: ArrayType, key: Key) -> Type | None:
        match key:
            case ("number", int() as index) if index >= 0:
                return self.item(type_, index)
        return None

    def item(self, type_: ArrayType, index: int) -> Type | None:
        """The type of an item of an array."""
        return type_.static[index] if index < len(type_.static) else type_.dynamic

    def _contains(self, type_: Type | None, other: Type) -> bool:
        if isinstance(type_, UnionType):
            return not type_.members or other in type_.members
        return type_ is other

    def type_of(self, key: Key) -> Type:
        """The type of a constant key."""
        match key:
            case str():
                return STRING
            case ("array", tuple() as items):
                return self.array_type([self.type_of(item) for item in items])
            case ("object", tuple() as pairs):
                return self.object_type({name: self.type_of(member) for name, member in pairs})
            case ("set", tuple() as items):
                return self.set_type(self.union([self.type_of(item) for item in items]) or ANY)
            case (str() as kind, _):
                return SCALARS[kind]
        raise TypeError(f"not a key: {key!r}")

    # Comparing

    def unifies(self, left: Type | None, right: Type | None) -> bool:
        """Whether a value can be of both types."""
        if left is None or right is None:
            return False
        if left.kind == right.kind and left.kind in SCALARS:
            return True
        form = (left, right)
        found = self._unified.get(form)
        if found is None:
            self.spend()
            found = self._unified[form] = self._unifies(left, right)
        return found

    def _unifies(self, left: Type, right: Type) -> bool:
        if isinstance(left, UnionType) or isinstance(right, UnionType):
            return self._member_unifies(left, right) or self._member_unifies(right, left)
        if isinstance(left, ArrayType) and isinstance(right, ArrayType):
            longest = range(max(len(left.static), len(right.static)))
            return all(self.unifies(self.item(left, n), self.item(right, n)) for n in longest) and (
                left.dynamic is None or right.dynamic is None or self.unifies(left.dynamic, right.dynamic)
            )
        if isinstance(left, ObjectType) and isinstance(right, ObjectType):
            return self._objects_unify(left, right)
        if isinstance(left, SetType) and isinstance(right, SetType):
            return self.unifies(left.of, right.of)
        if isinstance(left, FunctionType) and isinstance(right, FunctionType):
            return len(left.args) == len(right.args) and all(map(self.unifies, left.args, right.args))
        return False

    def _member_unifies(self, union: Type, other: Type) -> bool:
        if not isinstance(union, UnionType) or isinstance(other, FunctionType):
            return False
        return not union.members or any(self.unifies(member, other) for member in union.members)

    def _objects_unify(self, left: ObjectType, right: ObjectType) -> bool:
        mine = left.dynamic[1] if left.dynamic else None
        other = right.dynamic[1] if right.dynamic else None
        for one, another in ((left, right), (right, left)):
            for key, type_ in one.static.items():
                found = self.select(another, key)
                if found is None and (mine is not None or other is not None):
                    continue
                if not self.unifies(type_, found):
                    return False
        return mine is None or other is None or self.unifies(mine, other)
