"""Types as text, in the notation of OPA's messages: ``(number, set[any]) => any<number, string>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateproof.rego.types import (
    ANY,
    SCALARS,
    ArrayType,
    FunctionType,
    Key,
    ObjectType,
    SetType,
    Type,
    Types,
    UnionType,
)

_MAX_TEXT = 160
_MAX_NAMES = 9
_MAX_DEPTH = 4
_WORD = re.compile(r"\w+|=>|[<>\[\](),:]")
_ORDER = ("null", "boolean", "number", "string", "array", "object", "set", "any", "function")


def declared(text: str, types: Types) -> FunctionType:
    """The type of a function that is written as text."""
    return _Reader(text, types).function()


class _Reader:
    def __init__(self, text: str, types: Types) -> None:
        self._words: Iterator[str] = iter(_WORD.findall(text))
        self._types = types
        self._word = next(self._words)

    def function(self) -> FunctionType:
        args = self._list(")")
        self._next()
        return self._types.function_type(args, self._type())

    def _next(self) -> str:
        word, self._word = self._word, next(self._words, "")
        return word

    def _list(self, closing: str) -> list[Type | None]:
        """The types between brackets, the first of which is the current word."""
        found: list[Type | None] = []
        self._next()
        while self._word != closing:
            found.append(self._type())
            if self._word in (",", ":"):
                self._next()
        self._next()
        return found

    def _members(self) -> dict[Key, Type | None]:
        found: dict[Key, Type | None] = {}
        self._next()
        while self._word != ">":
            name = self._next()
            self._next()
            found[name] = self._type()
            if self._word == ",":
                self._next()
        self._next()
        return found

    def _type(self) -> Type | None:
        kind = self._next()
        if kind == "object":
            members = self._members() if self._word == "<" else {}
            rest = self._list("]") if self._word == "[" else []
            return self._types.object_type(members, (rest[0], rest[1]) if rest else None)
        if kind not in ("array", "set", "any"):
            return SCALARS.get(kind)
        static = self._list(">") if self._word == "<" else []
        rest = self._list("]") if self._word == "[" else []
        if kind == "array":
            return self._types.array_type(static, rest[0] if rest else None)
        return self._types.set_type(rest[0]) if kind == "set" else self._types.union(static) or ANY


def described(type_: Type | None) -> str:
    """A type for people, as OPA writes it; a long one is cut short."""
    text = "".join(_pieces(type_))
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _pieces(type_: Type | None, depth: int = 0) -> Iterator[str]:
    if type_ is None:
        yield "???"
    elif depth > _MAX_DEPTH:
        yield "…"
    elif isinstance(type_, UnionType):
        members = sorted(type_.members, key=lambda one: _ORDER.index(one.kind))[:_MAX_NAMES]
        names = sorted(("".join(_pieces(one, depth + 1)) for one in members), key=_rank)
        yield f"any<{', '.join(names)}>" if names else "any"
    elif isinstance(type_, ArrayType):
        rest = _text(type_.dynamic, depth) if type_.dynamic else ""
        yield _spelled("array", [_text(one, depth) for one in type_.static[:_MAX_NAMES]], rest)
    elif isinstance(type_, ObjectType):
        names = [f"{spelled(key)}: {_text(one, depth)}" for key, one in [*type_.static.items()][:_MAX_NAMES]]
        more = ": ".join(_text(one, depth) for one in type_.dynamic) if type_.dynamic else ""
        yield _spelled("object", sorted(names), more)
    elif isinstance(type_, SetType):
        yield f"set[{_text(type_.of, depth)}]"
    elif isinstance(type_, FunctionType):
        result = _text(type_.result, depth) if type_.result else ""
        yield f"({', '.join(_text(one, depth) for one in type_.args)}) => {result}"
    else:
        yield type_.kind


def _text(type_: Type | None, depth: int) -> str:
    return "".join(_pieces(type_, depth + 1))


def _spelled(kind: str, static: list[str], dynamic: str) -> str:
    return kind + (f"<{', '.join(static)}>" if static else "") + (f"[{dynamic}]" if dynamic else "")


def _rank(text: str) -> tuple[int, str]:
    return _ORDER.index(re.split(r"\W", text, maxsplit=1)[0] or "function"), text


def spelled(key: Key) -> str:
    """A constant key for people."""
    return key if isinstance(key, str) else str(key[1]) if isinstance(key, tuple) else str(key)
