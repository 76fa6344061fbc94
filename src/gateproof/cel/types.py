"""Static types: what is known of an expression before it is evaluated, and what may be given where."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec


class Type(msgspec.Struct, frozen=True):
    """A type: ``int``, ``list(A)``, ``map(string, dyn)``, ``kubernetes.Quantity`` … A capital letter is any type.

    ``depth``: how many types are inside each other.
    """

    name: str
    params: tuple[Type, ...] = ()
    depth: int = 0

    @property
    def is_variable(self) -> bool:
        """Whether it stands for a type that a call decides."""
        return len(self.name) == 1 and self.name.isupper()

    def __str__(self) -> str:
        if self.name == "dyn":
            return self.name
        return f"{self.name}({', '.join(map(str, self.params))})" if self.params else self.name


class Signature(msgspec.Struct, frozen=True):
    """``(int, int) int`` of a function, or ``string.(int) string`` of one that has a target, its first parameter."""

    params: tuple[Type, ...]
    result: Type
    member: bool


DYN: Final = Type("dyn")
UNKNOWN: Final = Type("dyn", (Type("unknown"),))
"""That of the elements of an empty literal: it fits every type."""
BOOL: Final = Type("bool")
NULL: Final = Type("null")
_NULLABLE: Final = frozenset({"null", "timestamp", "duration", "optional_type", "dyn"})
_PIECE = re.compile(r"[A-Za-z_.]*[A-Za-z_]|[(),.]")

Bound = dict[str, Type]
"""What the variables of a signature stand for in a call."""


_DEEPEST: Final = 8
"""Types inside each other, so that there are few in a type; what is deeper may be anything."""


def compound(name: str, params: tuple[Type, ...]) -> Type:
    """The type of that name and ``params``."""
    depth = 1 + max(param.depth for param in params)
    if depth > _DEEPEST:
        return Type(name, (UNKNOWN,) * len(params), 1)
    return Type(name, params, depth)


def list_of(item: Type) -> Type:
    """The type of lists of ``item``."""
    return compound("list", (item,))


def map_of(key: Type, value: Type) -> Type:
    """The type of maps from ``key`` to ``value``."""
    return compound("map", (key, value))


def optional_of(value: Type) -> Type:
    """The type of optional values of the type ``value``."""
    return compound("optional_type", (value,))


@lru_cache(maxsize=1024)
def signature(text: str) -> Signature:
    """The signature that ``text`` notates."""
    pieces: list[str] = _PIECE.findall(text)
    pieces.reverse()
    target = () if pieces[-1] == "(" else (_type(pieces),)
    if target:
        pieces.pop()
    return Signature((*target, *_types(pieces)), _type(pieces), bool(target))


def _type(pieces: list[str]) -> Type:
    name = pieces.pop()
    return compound(name, _types(pieces)) if pieces and pieces[-1] == "(" else Type(name)


def _types(pieces: list[str]) -> tuple[Type, ...]:
    """Types in brackets, with commas."""
    pieces.pop()
    found: list[Type] = []
    while pieces[-1] != ")":
        found.append(_type(pieces))
        if pieces[-1] == ",":
            pieces.pop()
    pieces.pop()
    return tuple(found)


def assignable(given: Type, wanted: Type, bound: Bound) -> bool:
    """Whether a value of the type ``given`` may stand where ``wanted`` is; ``bound`` learns what variables are."""
    if wanted.is_variable:
        before = bound.get(wanted.name)
        if before is None or before == UNKNOWN:
            bound[wanted.name] = given
            return True
        if not assignable(given, before, bound):
            return False
        bound[wanted.name] = most_general(given, before)
        return True
    if given.name == "dyn" or wanted.name == "dyn":
        return True
    if given.name != wanted.name:
        return (given == NULL and _nullable(wanted)) or (wanted == NULL and _nullable(given))
    pairs = zip(given.params, wanted.params, strict=False)
    return given.name == "type" or all(assignable(one, other, bound) for one, other in pairs)


def _nullable(type_: Type) -> bool:
    return type_.name in _NULLABLE or "." in type_.name


def most_general(left: Type, right: Type) -> Type:
    """The type that holds both, which are assignable to each other: dyn wherever one of them is."""
    if UNKNOWN in (left, right):
        return right if left == UNKNOWN else left
    if DYN in (left, right):
        return DYN
    if left.name != right.name:
        return right if left == NULL else left
    params = zip(left.params, right.params, strict=False)
    if not left.params:
        return left
    return compound(left.name, tuple(most_general(one, other) for one, other in params))


def substituted(type_: Type, bound: Bound) -> Type:
    """``type_`` with what its variables stand for; unknown where nothing says."""
    if type_.is_variable:
        return bound.get(type_.name, UNKNOWN)
    if not type_.params:
        return type_
    return compound(type_.name, tuple(substituted(param, bound) for param in type_.params))
