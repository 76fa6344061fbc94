"""Whether two simple expressions can match the same text: the question behind ``regex.globs_match``.

An expression is a sequence of characters, ``.`` and ``[sets]``, each of which may carry ``*`` or ``+``; ``\\``
takes the meaning from what follows. The answers, also where they are surprising, are those of the Go module
``glob-intersection`` that OPA asks.
"""

from __future__ import annotations

from typing import NamedTuple

from gateproof.rego.builtins.operands import fail
from gateproof.rego.context import Context

_FLAGS = "*+"


class Token(NamedTuple):
    """``chars`` None is any character; ``flag`` is ``*``, ``+`` or empty."""

    chars: frozenset[str] | None
    flag: str


def may_both_match(ctx: Context, left: str, right: str) -> bool:
    one, other = _simplify(_tokens(ctx, left)), _simplify(_tokens(ctx, right))
    trimmed = _trim(ctx, one, other)
    return trimmed is not None and _Intersection(ctx).normal(*trimmed)


class _Intersection:
    """The search; what two rests have answered once is remembered, so that it takes polynomial time."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.known: dict[tuple[tuple[Token, ...], tuple[Token, ...]], bool] = {}

    def normal(self, one: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
        answer = self.known.get((one, other))
        if answer is None:
            self.ctx.spend(1 + len(one) + len(other))
            answer = self.known[one, other] = self._normal(one, other)
        return answer

    def _normal(self, one: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
        for place, (a, b) in enumerate(zip(one, other, strict=False)):
            if a.flag or b.flag:
                rests = (one[place:], other[place:]) if a.flag else (other[place:], one[place:])
                return self._star(*rests) if rests[0][0].flag == "*" else self._plus(*rests)
            if not _overlap(a, b):
                return False
        return len(one) == len(other)

    def _plus(self, plussed: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
        if not _overlap(plussed[0], other[0]):
            return False
        return self._star(plussed, other[1:]) or (bool(other[0].flag) and self.normal(plussed[1:], other))

    def _star(self, starred: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
        """The first token of ``starred`` takes tokens of ``other`` until the second can go on."""
        after = starred[1] if len(starred) > 1 else None
        for place, token in enumerate(other):
            self.ctx.spend(1)
            if after and _overlap(token, after) and self.normal(starred[1:], other[place:]):
                return True
            if not _overlap(token, starred[0]):
                return False
        return after is None


def _overlap(one: Token, other: Token) -> bool:
    return one.chars is None or other.chars is None or not one.chars.isdisjoint(other.chars)


def _simplify(tokens: list[Token]) -> list[Token]:
    """Neighbours with flags and the same characters are one."""
    simple: list[Token] = []
    for token in tokens:
        if simple and token.flag and simple[-1].flag and token.chars == simple[-1].chars:
            simple[-1] = Token(token.chars, "+" if "+" in token.flag + simple[-1].flag else "*")
        else:
            simple.append(token)
    return simple


def _trim(ctx: Context, one: list[Token], other: list[Token]) -> tuple[tuple[Token, ...], tuple[Token, ...]] | None:
    """Both without the plain tokens that they share at the ends (but one); None where these differ."""
    ctx.spend(len(one) + len(other))
    start = 0
    while start < min(len(one), len(other)) and not one[start].flag and not other[start].flag:
        if not _overlap(one[start], other[start]):
            return None
        start += 1
    start = max(start - 1, 0)
    last, final = len(one) - 1, len(other) - 1
    while last >= start and final >= start and not one[last].flag and not other[final].flag:
        if not _overlap(one[last], other[final]):
            return None
        last, final = last - 1, final - 1
    if last < len(one) - 1:
        last, final = last + 1, final + 1
    return tuple(one[start : last + 1]), tuple(other[start : final + 1])


def _tokens(ctx: Context, text: str) -> list[Token]:
    ctx.spend(len(text))
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        char, escaped, at = _rune(text, at)
        chars: frozenset[str] | None = frozenset(char)
        if not escaped:
            if char == "]":
                raise _invalid(text, at, "set-close ']' with no preceding '['")
            if char in _FLAGS:
                raise _invalid(text, at, f"flag '{char}' must be preceded by a non-flag")
            if char == ".":
                chars = None
            elif char == "[":
                chars, at = _set(ctx, text, at)
        flag = text[at] if at < len(text) and text[at] in _FLAGS else ""
        at += len(flag)
        tokens.append(Token(chars, flag))
    return tokens


def _set(ctx: Context, text: str, at: int) -> tuple[frozenset[str], int]:
    chars: set[str] = set()
    previous = None
    while at < len(text):
        char, escaped, at = _rune(text, at)
        if char == "]" and not escaped:
            return frozenset(chars), at
        if char == "-" and not escaped:
            if previous is None or at >= len(text) - 1:
                raise _invalid(text, at, "range character '-' must stand between two characters")
            char, escaped, at = _rune(text, at)
            if char < previous or (char in "]-" and not escaped):
                raise _invalid(text, at, "range is out of order")
            ctx.spend(ord(char) - ord(previous))
            chars.update(map(chr, range(ord(previous), ord(char) + 1)))
            previous = None
        else:
            chars.add(char)
            previous = char
    raise _invalid(text, at, "found [ without matching ]")


def _rune(text: str, at: int) -> tuple[str, bool, int]:
    if text[at] == "\\":
        if at + 1 == len(text):
            raise _invalid(text, at, "input ends with a \\ that escapes nothing")
        return text[at + 1], True, at + 2
    return text[at], False, at + 1


def _invalid(text: str, at: int, complaint: str) -> Exception:
    return fail(f"input:{text}, pos:{at}, {complaint}: the input provided is invalid")
