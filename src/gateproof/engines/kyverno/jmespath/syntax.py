"""Text of a JMESPath expression → nodes, as Kyverno's fork of go-jmespath reads it.

The grammar is that of https://jmespath.org/specification.html. As Go's parser does and others do not: a literal between
backticks must be JSON, and the commas between the arguments of a function may be left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from gateproof.engines.kyverno.jmespath.errors import JmespathError

LONGEST = 16_384
_DEEPEST = 100

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>-?[0-9]+)
    |\$(?P<binding>[A-Za-z_][A-Za-z0-9_]*)
    |"(?P<quoted>(?:\\.|[^"\\])*)"
    |'(?P<raw>(?:\\'|[^'])*)'
    |`(?P<literal>(?:\\.|[^`\\])*)`
    |(?P<sign>\[\?|\[\]|\|\||&&|<=|>=|==|!=|[.*,:{}()\[\]@|<>!&])""",
    re.VERBOSE | re.DOTALL,
)
_END = "end"
_NAME, _QUOTED, _NUMBER, _VALUE, _BINDING = "name", "quoted", "number", "value", "binding"
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_POWERS = {
    "|": 1,
    "||": 2,
    "&&": 3,
    **dict.fromkeys(_COMPARISONS, 5),
    "[]": 9,
    "*": 20,
    "[?": 21,
    ".": 40,
    "!": 45,
    "{": 50,
    "[": 55,
    "(": 60,
}
# What ends the right side of a projection: whatever binds less than this.
_PROJECTION_ENDS = 10


class Token(msgspec.Struct, frozen=True):
    """``kind`` is ``name``, ``quoted``, ``number``, ``value``, ``end``, or the sign itself; ``at`` counts from 0."""

    kind: str
    value: Any
    at: int


class Node(msgspec.Struct, frozen=True):
    """``kind`` as in the specification's grammar; ``value`` is a name, a number, a literal or a comparison."""

    kind: str
    children: tuple[Node, ...] = ()
    value: Any = None
    depth: int = 1


def parse(text: str, *, bindings: bool = False) -> Node:
    """The tree of an expression; with ``bindings``, ``$name`` may stand in it. Raises JmespathError."""
    if len(text) > LONGEST:
        raise JmespathError(f"the expression is longer than {LONGEST} characters")
    return _Parser(text, bindings=bindings).whole()


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise JmespathError(f"{text!r}: {text[at]!r} at position {at} is not understood")
        kind, shown = str(found.lastgroup), found[str(found.lastgroup)]
        if kind == "sign":
            yield Token(shown, shown, at)
        elif kind == _NUMBER:
            yield Token(kind, int(shown), at)
        elif kind == "raw":
            yield Token(_VALUE, shown.replace("\\'", "'"), at)
        elif kind == "literal":
            yield Token(_VALUE, _json(shown.replace("\\`", "`"), text, at), at)
        elif kind == _QUOTED:
            yield Token(kind, _json(f'"{shown}"', text, at), at)
        elif kind in (_NAME, _BINDING):
            yield Token(kind, shown, at)
        at = found.end()
    yield Token(_END, None, at)


def _json(literal: str, text: str, at: int) -> Any:
    try:
        return json.loads(literal)
    except (ValueError, RecursionError):
        raise JmespathError(f"{text!r}: {literal!r} at position {at} is not JSON") from None


def _node(kind: str, *children: Node, value: Any = None) -> Node:
    depth = 1 + max((child.depth for child in children), default=0)
    if depth > _DEEPEST:
        raise JmespathError(f"the expression is nested more than {_DEEPEST} deep")
    return Node(kind, children, value, depth)


_IDENTITY = Node("current")


class _Parser:
    """Top-down operator precedence: each token may begin an expression, or go on with one."""

    def __init__(self, text: str, *, bindings: bool) -> None:
        self._text = text
        self._all = list(_tokens(text))
        self._at = 0
        self._nesting = 0
        self._prefixes: dict[str, Callable[[Token], Node]] = {
            _NAME: lambda token: _node("field", value=token.value),
            _QUOTED: self._quoted,
            _VALUE: lambda token: _node("literal", value=token.value),
            "@": lambda _: _IDENTITY,
            "*": self._all_values,
            "[?": lambda _: self._filter(_IDENTITY),
            "{": lambda _: self._select_hash(),
            "[]": lambda _: self._flatten(_IDENTITY),
            "[": self._bracket,
            "&": lambda _: _node("reference", self._expression(0)),
            "!": lambda _: _node("not", self._expression(_POWERS["!"])),
            "(": self._parenthesized,
        }
        if bindings:
            self._prefixes[_BINDING] = lambda token: _node("binding", value=token.value)
        self._infixes: dict[str, Callable[[Node], Node]] = {
            ".": self._dot,
            "|": lambda left: _node("pipe", left, self._expression(_POWERS["|"])),
            "||": lambda left: _node("or", left, self._expression(_POWERS["||"])),
            "&&": lambda left: _node("and", left, self._expression(_POWERS["&&"])),
            "[?": self._filter,
            "[]": self._flatten,
            "[": self._index_or_projection,
            "(": self._call,
            **{sign: self._comparison(sign) for sign in _COMPARISONS},
        }

    def whole(self) -> Node:
        node = self._expression(0)
        if self._kind != _END:
            raise self._unexpected()
        return node

    @property
    def _token(self) -> Token:
        return self._all[self._at]

    @property
    def _kind(self) -> str:
        return self._token.kind

    def _next_kind(self) -> str:
        return self._all[self._at + 1].kind if self._at + 1 < len(self._all) else _END

    def _take(self, *kinds: str) -> Token:
        token = self._token
        if token.kind not in kinds:
            raise self._unexpected()
        self._at += 1
        return token

    def _unexpected(self) -> JmespathError:
        token = self._token
        what = "the end" if token.kind == _END else repr(token.value)
        return JmespathError(f"{self._text!r}: {what} is not expected at position {token.at}")

    def _expression(self, power: int) -> Node:
        self._nesting += 1
        if self._nesting > _DEEPEST:
            raise JmespathError(f"the expression is nested more than {_DEEPEST} deep")
        if self._kind not in self._prefixes:
            raise self._unexpected()
        token = self._take(self._kind)
        node = self._prefixes[token.kind](token)
        while power < _POWERS.get(self._kind, 0):
            if self._kind not in self._infixes:
                raise self._unexpected()
            node = self._infixes[self._take(self._kind).kind](node)
        self._nesting -= 1
        return node

    def _quoted(self, token: Token) -> Node:
        if self._kind == "(":
            raise self._unexpected()
        return _node("field", value=token.value)

    def _parenthesized(self, _: Token) -> Node:
        node = self._expression(0)
        self._take(")")
        return node

    def _all_values(self, _: Token) -> Node:
        right = _IDENTITY if self._kind == "]" else self._projected(_POWERS["*"])
        return _node("values", _IDENTITY, right)

    def _bracket(self, _: Token) -> Node:
        if self._kind in (_NUMBER, ":"):
            return self._index_or_projection(_IDENTITY)
        if self._kind == "*" and self._next_kind() == "]":
            return self._index_or_projection(_IDENTITY)
        return self._select_list()

    def _index_or_projection(self, left: Node) -> Node:
        if self._kind == "*":
            self._take("*")
            self._take("]")
            return _node("projection", left, self._projected(_POWERS["*"]))
        if self._kind == ":" or self._next_kind() == ":":
            sliced = _node("subexpression", left, self._slice())
            return _node("projection", sliced, self._projected(_POWERS["*"]))
        index = _node("index", value=self._take(_NUMBER).value)
        self._take("]")
        return _node("subexpression", left, index)

    def _slice(self) -> Node:
        parts: list[int | None] = [None, None, None]
        part = 0
        while self._kind != "]" and part < 3:
            token = self._take(":", _NUMBER)
            if token.kind == ":":
                part += 1
            else:
                parts[part] = token.value
        self._take("]")
        if parts[2] == 0:
            raise JmespathError(f"{self._text!r}: the step of a slice cannot be 0")
        return _node("slice", value=slice(*parts))

    def _flatten(self, left: Node) -> Node:
        return _node("projection", _node("flatten", left), self._projected(_POWERS["[]"]))

    def _filter(self, left: Node) -> Node:
        condition = self._expression(0)
        self._take("]")
        right = _IDENTITY if self._kind == "[]" else self._projected(_POWERS["[?"])
        return _node("filter", left, right, condition)

    def _projected(self, power: int) -> Node:
        """What is taken of each element of a projection."""
        if _POWERS.get(self._kind, 0) < _PROJECTION_ENDS:
            return _IDENTITY
        if self._kind in ("[", "[?"):
            return self._expression(power)
        self._take(".")
        return self._after_dot(power)

    def _dot(self, left: Node) -> Node:
        if self._kind == "*":
            self._take("*")
            return _node("values", left, self._projected(_POWERS["."]))
        return _node("subexpression", left, self._after_dot(_POWERS["."]))

    def _after_dot(self, power: int) -> Node:
        if self._kind in (_NAME, _QUOTED, "*"):
            return self._expression(power)
        return self._select_list() if self._take("[", "{").kind == "[" else self._select_hash()

    def _select_list(self) -> Node:
        members = [self._expression(0)]
        while self._take(",", "]").kind == ",":
            members.append(self._expression(0))
        return _node("select_list", *members)

    def _select_hash(self) -> Node:
        names, members = [], []
        while True:
            names.append(self._take(_NAME, _QUOTED).value)
            self._take(":")
            members.append(self._expression(0))
            if self._kind == ",":
                self._take(",")
            elif self._kind == "}":
                self._take("}")
                return _node("select_hash", *members, value=tuple(names))

    def _comparison(self, sign: str) -> Callable[[Node], Node]:
        return lambda left: _node("comparison", left, self._expression(_POWERS[sign]), value=sign)

    def _call(self, left: Node) -> Node:
        if left.kind != "field":
            raise self._unexpected()
        arguments = []
        while self._kind != ")":
            arguments.append(self._expression(0))
            if self._kind == ",":
                self._take(",")
        self._take(")")
        return _node("function", *arguments, value=left.value)
