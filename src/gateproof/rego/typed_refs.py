"""References: what they lead to, and those that cannot lead anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from gateproof.rego.syntax import Array, Node, Object, Ref, Scalar, SetLiteral, Var
from gateproof.rego.type_environment import COMPUTED, Place, Scope, constant_key
from gateproof.rego.type_notation import described, spelled
from gateproof.rego.types import ANY, STRING, FunctionType, ObjectType, Type, Types, UnionType

_MAX_NAMES = 8


class References:
    """Types of references, and problems with them. ``input`` is the type of the input."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.input: Type = ANY
        self.data = Place()

    def reference(self, scope: Scope, ref: Ref) -> Type | None:
        """The type of what ``ref`` leads to; None where that is not known, or nothing."""
        name = ref.head.name if isinstance(ref.head, Var) else ""
        if name == "data":
            return self._document(ref.path)
        return self._followed(self.input if name == "input" else scope.get(name), ref.path)

    def problem(self, scope: Scope, ref: Ref) -> str | None:
        """Why ``ref`` cannot lead to anything, if it cannot; its variables become the keys of what they iterate."""
        name = ref.head.name if isinstance(ref.head, Var) else ""
        if name == "data":
            if isinstance(self._document(ref.path), FunctionType):
                return ""
            return self._document_problem(scope, ref)
        if name == "input":
            return self._step_problem(scope, self.input, ref, 0)
        if scope.get(name) is None:
            scope.types[name] = ANY
        return self._step_problem(scope, scope.get(name), ref, 0)

    def _document(self, path: Sequence[Node]) -> Type | None:
        place = self.data
        if not place.children:
            return ANY
        for number, part in enumerate(path):
            key = constant_key(part)
            child = place.children.get(key) if key is not None else None
            if place.type is not None and child is None:
                return self._followed(place.type, path[number:])
            if key is None:
                return self._followed(place.extent(self.types), path[number:])
            if child is None:
                return ANY
            place = child
        return place.extent(self.types)

    def _followed(self, type_: Type | None, path: Sequence[Node]) -> Type | None:
        for part in path:
            if type_ is None:
                return None
            if isinstance(part, Scalar):
                type_ = self.types.select(type_, constant_key(part))
            else:
                type_ = self.types.values(type_)
        return type_

    def _document_problem(self, scope: Scope, ref: Ref) -> str | None:
        """Documents are known as far as rules make them; what is below them can be data of the host's."""
        place = self.data
        if not place.children:
            return self._step_problem(scope, ANY, ref, 0)
        for number, part in enumerate(ref.path):
            named = isinstance(part, Var) or (isinstance(part, Scalar) and isinstance(part.value, str))
            if number < 2 and not named:
                return _undefined(ref, number, _have(part), STRING, place.children)
            if isinstance(part, Var):
                keys = self.types.keys(place.extent(self.types))
                if not self._agree(scope, part, keys):
                    return _undefined(ref, number, described(scope.get(part.name)), keys, place.children)
            child = place.children.get(constant_key(part))
            if child is None:
                return self._step_problem(scope, ANY, ref, 0)
            if child.type is not None:
                return self._step_problem(scope, child.type, ref, number + 1)
            place = child
        return None

    def _step_problem(self, scope: Scope, type_: Type | None, ref: Ref, start: int) -> str | None:
        for number in range(start, len(ref.path)):
            part = ref.path[number]
            keys = self.types.keys(type_)
            if keys is None:
                return f"undefined ref: {_written(ref, number)} has no members (have: {described(type_)})"
            if isinstance(part, Scalar):
                found = self.types.select(type_, constant_key(part))
                if found is None:
                    return _undefined(ref, number, _have(part), keys, _names(type_))
                type_ = found
                continue
            if isinstance(part, Var) and not self._agree(scope, part, keys):
                return _undefined(ref, number, described(scope.get(part.name)), keys, _names(type_))
            if isinstance(part, (Array, Object, SetLiteral)) and not self.key_unifies(scope, part, keys):
                return _undefined(ref, number, "a collection", keys, ())
            type_ = self.types.values(type_)
        return None

    def key_unifies(self, scope: Scope, part: Node, keys: Type) -> bool:
        """Whether a collection can be a key; implemented where terms are unified."""
        raise NotImplementedError

    def _agree(self, scope: Scope, part: Var, keys: Type | None) -> bool:
        """Whether a variable can be one of the keys; one without a type gets theirs."""
        existing = scope.get(part.name)
        if existing is None:
            scope.types[part.name] = keys
            return True
        return self.types.unifies(existing, keys)


def _have(part: Node) -> str:
    return spelled(constant_key(part)) if isinstance(part, Scalar) else "a collection"


def _names(type_: Type | None) -> Sequence[object]:
    if isinstance(type_, ObjectType):
        return list(type_.static)
    if isinstance(type_, UnionType):
        return [name for one in type_.members for name in _names(one)]
    return ()


def _undefined(ref: Ref, number: int, have: str, want: Type | None, names: object) -> str:
    known = sorted({spelled(name) for name in names if name != COMPUTED}) if isinstance(names, (dict, list)) else []
    shown = ", ".join(known[:_MAX_NAMES]) + (", …" if len(known) > _MAX_NAMES else "")
    wanted = f"one of: {shown}" if known else f"type: {described(want)}"
    return f"undefined ref: {_written(ref, number + 1)} (have: {have}, want {wanted})"


def _written(ref: Ref, length: int) -> str:
    """The first ``length`` parts of a reference as they are written."""
    text = (ref.head.name.partition("#")[0] if isinstance(ref.head, Var) else "") or "(…)"
    for part in ref.path[:length]:
        if isinstance(part, Scalar) and isinstance(part.value, str):
            text += f".{part.value}" if part.value.isidentifier() else f'["{part.value}"]'
        elif isinstance(part, Scalar):
            text += f"[{spelled(constant_key(part))}]"
        else:
            text += f"[{part.name.partition('#')[0] or '_'}]" if isinstance(part, Var) else "[…]"
    return text
