"""Source text to tokens (OPA's lexical grammar, template strings included)."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from gateproof.rego.errors import PARSE_ERROR, CompileError, Unsupported
from gateproof.rego.syntax import Comment, place

MAX_SOURCE = 1_000_000
_MAX_NUMBER = 4_000
_WHOLE = 2**53
_EXACT_DIGITS = 15  # so many decimal digits are never too many for a double


class Token(NamedTuple):
    """``kind`` is ``name``, ``number``, ``string``, ``template``, ``end`` or the operator itself.

    ``value`` is the name, the number, the text or, for a template, its parts. ``spaced`` and ``line``
    say whether blanks or a line break stand before the token.
    """

    kind: str
    value: Any
    at: int
    spaced: bool
    line: bool


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<comment>\#[^\n]*)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<raw>`[^`]*`)
      | (?P<template>\$["`])
      | (?P<operator>:=|==|!=|<=|>=|[-+*/%&|=<>:;,.(){}\[\]])
    """,
    re.VERBOSE,
)


_SURROGATE = re.compile("[\ud800-\udfff]")


class Lexer:
    """Turns one source into tokens; ``comments`` are collected on the side."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.source = source
        self.comments: list[Comment] = []

    def tokens(self) -> list[Token]:
        """All tokens of the source, with an ``end`` token last."""
        if len(self.source) > MAX_SOURCE:
            raise CompileError(PARSE_ERROR, f"a policy is larger than {MAX_SOURCE} characters", where=self.file)
        tokens, _ = self._scan(0, nested=False)
        return tokens

    def _scan(self, at: int, *, nested: bool) -> tuple[list[Token], int]:
        """Tokens from ``at`` to the end, or to the ``}`` that closes a template's expression."""
        source, match = self.source, _TOKEN.match
        tokens: list[Token] = []
        spaced = line = False
        depth = 0
        while at < len(source):
            found = match(source, at)
            if found is None:
                raise self._error("unexpected character", at)
            group = found.lastgroup
            text = found[0]
            end = found.end()
            if group == "space" or group == "comment":
                spaced = True
                line = line or "\n" in text
                if group == "comment":
                    self.comments.append(Comment(at, text[1:]))
                at = end
                continue
            if group == "operator":
                if nested and text == "}" and depth == 0:
                    tokens.append(Token("end", "", at, spaced, line))
                    return tokens, end
                depth += (text == "{") - (text == "}")
                tokens.append(Token(text, text, at, spaced, line))
            elif group == "name":
                tokens.append(Token("name", text, at, spaced, line))
            elif group == "template":
                parts, end = self._template(end, text[1])
                tokens.append(Token("template", parts, at, spaced, line))
            else:
                kind = "number" if group == "number" else "string"
                tokens.append(Token(kind, self._literal(group or "", text, at), at, spaced, line))
                if kind == "number" and (source[end : end + 1].isalnum() or source[end : end + 1] == "_"):
                    raise self._error("illegal number format", at)
            spaced = line = False
            at = end
        if nested:
            raise self._error("unterminated template expression", at)
        tokens.append(Token("end", "", at, spaced, True))
        return tokens, at

    def _literal(self, group: str, text: str, at: int) -> Any:
        if group == "number":
            return self._number(text, at)
        if group == "raw":
            return text[1:-1]
        return self._unescape(text, at)

    def _unescape(self, text: str, at: int) -> str:
        if "\\" not in text:
            return text[1:-1]
        try:
            value = str(json.loads(text))
        except ValueError:
            raise self._error("invalid escape in a string", at) from None
        # Half of a surrogate pair is no character; Go, and so OPA, reads it as the replacement character.
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)

    def _number(self, text: str, at: int) -> int | float:
        if len(text) > _MAX_NUMBER:
            raise self._error("number is too long", at)
        if text.isdigit():
            return int(text)
        if len(text) <= _EXACT_DIGITS and text.replace(".", "").isdigit():
            return float(text)
        from decimal import Decimal

        number, exact = float(text), Decimal(text)
        if number == float("inf"):
            raise Unsupported("numbers larger than a double, unless written as integers", where=self._where(at))
        if abs(number) >= _WHOLE and exact == exact.to_integral_value():
            return int(exact)
        if Decimal(repr(number)) != exact:
            raise Unsupported(f"{text} has more digits than a double keeps", where=self._where(at))
        return number

    def _template(self, at: int, quote: str) -> tuple[list[str | list[Token]], int]:
        """The parts of a template string: text, and the tokens of each ``{expression}``."""
        source = self.source
        start = at
        parts: list[str | list[Token]] = []
        text: list[str] = []
        while at < len(source):
            char = source[at]
            if char == quote:
                self._flush(parts, text, quote, start)
                return parts, at + 1
            if char == "{":
                self._flush(parts, text, quote, start)
                tokens, at = self._scan(at + 1, nested=True)
                parts.append(tokens)
            elif char == "\\" and source[at + 1 : at + 2] == "{":
                text.append("{")
                at += 2
            elif char == "\\" and quote == '"':
                text.append(source[at : at + 2])
                at += 2
            elif char == "\n" and quote == '"':
                break
            else:
                text.append(char)
                at += 1
        raise self._error("non-terminated string", start)

    def _flush(self, parts: list[str | list[Token]], text: list[str], quote: str, at: int) -> None:
        if text:
            piece = "".join(text)
            parts.append(self._unescape(f'"{piece}"', at) if quote == '"' else piece)
            text.clear()

    def _where(self, at: int) -> str:
        return place(self.file, self.source, at)

    def _error(self, message: str, at: int) -> CompileError:
        where = self._where(at)
        return CompileError(PARSE_ERROR, message, where=where, problems=[f"{where}: {PARSE_ERROR}: {message}"])
