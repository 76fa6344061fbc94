"""``glob.match``: globs as the Go module gobwas/glob reads them, matched as regular expressions.

``*`` is any run of characters but delimiters, ``**`` any run, ``?`` one character but a delimiter, ``[abc]``,
``[a-z]`` and ``[!a-z]`` one of (or none of) these, ``{a,b}`` either; ``\\`` takes the meaning from what follows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.operands import array, fail, string, wrong_element, wrong_type
from gateproof.rego.builtins.quoting import well_formed
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value

_SPECIAL = "*?\\[]{}"
_MAX_DEPTH = 200


def glob_match(ctx: Context, pattern: Value, delimiters: Value, text: Value) -> bool:
    """Whether all of ``text`` matches; the delimiters of ``[]`` are ``["."]``, null is none."""
    glob = string(pattern, 1)
    separators = _delimiters(delimiters)
    whole = string(text, 3)
    ctx.spend(1 + (len(glob) + len(whole)) // 16)
    compiled = _compiled(glob, separators)
    if isinstance(compiled, str):
        raise fail(compiled)
    ctx.spend((1 + len(whole) // 64) * (compiled.programsize // 64))
    return compiled.search(well_formed(whole)) is not None


def _delimiters(value: Value) -> str:
    if value is None:
        return ""
    if type(value) is not list:
        raise wrong_type(2, value, "array", "null")
    for item in array(value, 2):
        if type(item) is not str:
            raise wrong_element(2, value, item, "string")
        if len(item) != 1:
            raise wrong_element(2, value, item, "rune")
    return "".join(value) or "."


def glob_quote_meta(ctx: Context, text: Value) -> str:
    ctx.spend(len(string(text, 1)) // 16)
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


@lru_cache(maxsize=128)
def _compiled(glob: str, separators: str) -> Any:
    """The expression that does what ``glob`` does, or why it is no glob."""
    import re2

    try:
        expression = _Reader(glob, separators).read()
    except BuiltinError as error:
        return error.message
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(rf"(?s)\A(?:{expression})\z", options)
    except re2.error:
        raise EvaluationError("a glob is too large", hint="split it into several") from None


class _Reader:
    """A glob, character by character, as a regular expression."""

    def __init__(self, glob: str, separators: str) -> None:
        self.glob = well_formed(glob)
        self.at = 0
        self.one = f"[^{''.join(map(_literal, separators))}]" if separators else "."

    def read(self) -> str:
        pieces: list[str] = []
        level = 0
        while self.at < len(self.glob):
            char = self._next()
            if char == "{":
                level += 1
                if level > _MAX_DEPTH:
                    raise EvaluationError("a glob is nested too deeply", hint="write the alternatives out")
                pieces.append("(?:")
            elif char == "}" and level:
                level -= 1
                pieces.append(")")
            elif char == "," and level:
                pieces.append("|")
            elif char == "*":
                pieces.append(self._star())
            elif char == "?":
                pieces.append(self.one)
            elif char == "[":
                pieces.append(self._set())
            elif char == "\\":
                pieces.append(_literal(self._next()) if self.at < len(self.glob) else "")
            else:
                pieces.append(_literal(char))
        return "".join(pieces) + ")" * level

    def _next(self) -> str:
        if self.at >= len(self.glob):
            raise fail("unexpected end of input")
        self.at += 1
        return self.glob[self.at - 1]

    def _star(self) -> str:
        if self.glob.startswith("*", self.at):
            self.at += 1
            return ".*"
        return f"{self.one}*"

    def _set(self) -> str:
        negation = ""
        if self.glob.startswith("!", self.at):
            self.at += 1
            negation = "^"
        if self.glob.startswith("-", self.at + 1):
            low, high = self._next(), (self._next(), self._next())[1]
            if high < low:
                raise fail(f"hi character '{high}' should be greater than lo '{low}'")
            members = f"{_literal(low)}-{_literal(high)}"
        else:
            members = self._members()
        if self._next() != "]":
            raise fail("expected close range character")
        if not members:
            raise fail("could not parse range")
        return f"[{negation}{members}]"

    def _members(self) -> str:
        members: list[str] = []
        while self.at < len(self.glob) and self.glob[self.at] != "]":
            char = self._next()
            if char == "\\" and self.at < len(self.glob):
                char = self._next()
            members.append(_literal(char))
        return "".join(members)


def _literal(char: str) -> str:
    """``char`` as itself, inside and outside of brackets."""
    return char if char.isalnum() or char == " " else rf"\x{{{ord(char):x}}}"
