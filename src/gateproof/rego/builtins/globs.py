"""``glob.match``: globs as the Go module gobwas/glob reads them, matched as regular expressions.

``*`` is any run of characters but delimiters, ``**`` any run, ``?`` one character but a delimiter, ``[abc]``,
``[a-z]`` and ``[!a-z]`` one of (or none of) these, ``{a,b}`` either; ``\\`` takes the meaning from what follows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.operands import array, fail, string, wrong_element, wrong_type
from gateproof.rego.builtins.quoting import well_formed
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value

_SPECIAL = "*?\\[]{}"
_MAX_DEPTH = 200
_REMEMBERED = 128
_COMPILING = 20
_REPLACEMENT = "\ufffd"


def glob_match(ctx: Context, pattern: Value, delimiters: Value, text: Value) -> bool:
    """Whether all of ``text`` matches; the delimiters of ``[]`` are ``["."]``, null is none."""
    glob = string(pattern, 1)
    separators = _delimiters(delimiters)
    whole = string(text, 3)
    ctx.spend(1 + (len(glob) + len(whole)) // 16)
    compiled = _known(ctx, glob, separators)
    if isinstance(compiled, str):
        raise fail(compiled)
    ctx.spend((1 + len(whole) // 64) * (compiled.expression.programsize // 16))
    if not whole and compiled.lone:
        return True
    return compiled.expression.search(well_formed(whole).encode()) is not None


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


class _Compiled(NamedTuple):
    """``lone``: the glob is a single ``?`` or set, alone or as an alternative: gobwas lets it match nothing, too."""

    expression: Any
    lone: bool


def _known(ctx: Context, glob: str, separators: str) -> _Compiled | str:
    """The compiled ``glob``, which is paid for where it is not among the last of this evaluation."""
    recent: dict[tuple[str, str], _Compiled | str] = ctx.cache.setdefault(_known, {})
    compiled = recent.pop((glob, separators), None)
    if compiled is None:
        ctx.spend(_COMPILING + 2 * len(glob))
        compiled = _compiled(glob, separators)
        if isinstance(compiled, _Compiled):
            ctx.spend(compiled.expression.programsize // 2)
        if len(recent) >= _REMEMBERED:
            del recent[next(iter(recent))]
    recent[glob, separators] = compiled
    return compiled


@lru_cache(maxsize=_REMEMBERED)
def _compiled(glob: str, separators: str) -> _Compiled | str:
    """The expression that does what ``glob`` does, or why it is no glob."""
    import re2

    reader = _Reader(glob, separators)
    try:
        expression = reader.read()
    except BuiltinError as error:
        return error.message
    options = re2.Options()
    options.log_errors = False
    try:
        return _Compiled(re2.compile(rf"(?s)\A(?:{expression})\z", options), reader.lone)
    except re2.error:
        raise EvaluationError("a glob is too large", hint="split it into several") from None


class _Sequence:
    """What is known of the sequence of elements that is being read; ``any_lone``: of one in the same braces."""

    __slots__ = ("any_lone", "elements", "lone")

    def __init__(self) -> None:
        self.elements = 0
        self.lone = self.any_lone = False

    def add(self, *, lone: bool = False) -> None:
        self.elements += 1
        self.lone = lone

    def end(self) -> None:
        self.any_lone |= self.lone and self.elements == 1
        self.elements = 0


class _Reader:
    """A glob, character by character, as a regular expression."""

    def __init__(self, glob: str, separators: str) -> None:
        self.glob = well_formed(glob)
        self.at = 0
        self.one = f"[^{''.join(map(_literal, separators))}]" if separators else "."
        self.open = [_Sequence()]  # the whole, and for each brace that is open the alternative in it
        self.lone = False

    def read(self) -> str:
        pieces: list[str] = []
        while self.at < len(self.glob):
            pieces.append(self._element(self._next()))
        while len(self.open) > 1:
            pieces.append(self._close())
        self.open[0].end()
        self.lone = self.open[0].any_lone
        return "".join(pieces)

    def _element(self, char: str) -> str:
        if char == "}" and len(self.open) > 1:
            return self._close()
        sequence = self.open[-1]
        if char == "," and len(self.open) > 1:
            sequence.end()
            return "|"
        sequence.add(lone=char == "?")
        if char == "{":
            if len(self.open) > _MAX_DEPTH:
                raise EvaluationError("a glob is nested too deeply", hint="write the alternatives out")
            self.open.append(_Sequence())
            return "(?:"
        if char == "*":
            return self._star()
        if char == "?":
            return self.one
        if char == "[":
            return self._set(sequence)
        if char == "\\":
            return _literal(self._next()) if self.at < len(self.glob) else ""
        return _literal(char)

    def _close(self) -> str:
        alternatives = self.open.pop()
        alternatives.end()
        self.open[-1].lone = alternatives.any_lone
        return ")"

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

    def _set(self, sequence: _Sequence) -> str:
        negation = ""
        if self.glob.startswith("!", self.at):
            self.at += 1
            negation = "^"
        if self.glob.startswith("-", self.at + 1):
            low, high = self._next(), (self._next(), self._next())[1]
            if high < low:
                raise fail(f"hi character '{high}' should be greater than lo '{low}'")
            members = f"{_literal(low)}-{_literal(high)}"
            has_replacement = low <= _REPLACEMENT <= high
        else:
            listed = self._members()
            members = "".join(map(_literal, listed))
            has_replacement = _REPLACEMENT in listed
        if self._next() != "]":
            raise fail("expected close range character")
        if not members:
            raise fail("could not parse range")
        sequence.lone = has_replacement != bool(negation)  # what gobwas reads where nothing is left
        return f"[{negation}{members}]"

    def _members(self) -> str:
        members: list[str] = []
        while self.at < len(self.glob) and self.glob[self.at] != "]":
            char = self._next()
            if char == "\\" and self.at < len(self.glob):
                char = self._next()
            members.append(char)
        return "".join(members)


def _literal(char: str) -> str:
    """``char`` as itself, inside and outside of brackets."""
    return char if char.isalnum() or char == " " else rf"\x{{{ord(char):x}}}"
