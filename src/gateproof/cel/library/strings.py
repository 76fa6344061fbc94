"""cel-go's extension of strings. Positions count characters."""

from __future__ import annotations

from typing import Final

from gateproof.cel.budget import check_characters, check_members
from gateproof.cel.errors import EvaluationError
from gateproof.cel.runtime import shown
from gateproof.cel.values import Value

_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_ALL_SPACES: Final = _SPACES + "\u2028\u2029\u202f\u205f\u3000"
_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_QUOTED: Final = {
    7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\", 34: '\\"'
}  # fmt: skip


def _outside(position: int) -> EvaluationError:
    return EvaluationError(f"index out of range: {position}", hint="compare the position with size() first")


def char_at(text: str, position: int) -> str:
    """``text.charAt(position)``: empty right after the end."""
    if not 0 <= position <= len(text):
        raise _outside(position)
    return text[position : position + 1]


def index_of(text: str, part: str, start: int = 0) -> int:
    """``text.indexOf(part)``, from ``start``; -1 where it is not found."""
    if not part:
        return start
    if start < 0:
        raise _outside(start)
    return text.find(part, start)


def last_index_of(text: str, part: str, last: int | None = None) -> int:
    """``text.lastIndexOf(part)``, beginning at ``last`` at the latest; -1 where it is not found."""
    if last is None:
        return text.rfind(part)
    if not part:
        return last
    if last < 0:
        raise _outside(last)
    return text.rfind(part, 0, last + len(part)) if last < len(text) else -1


def lower_ascii(text: str) -> str:
    """``text.lowerAscii()``."""
    return text.translate(_LOWER)


def upper_ascii(text: str) -> str:
    """``text.upperAscii()``."""
    return text.translate(_UPPER)


def replace(text: str, old: str, new: str, most: int = -1) -> str:
    """``text.replace(old, new)``, ``most`` times; all where that is negative."""
    found = text.count(old) if old else len(text) + 1
    times = found if most < 0 else min(found, most)
    check_characters(len(text) + times * (len(new) - len(old)))
    return text.replace(old, new, max(most, -1))


def split(text: str, separator: str, most: int = -1) -> list[str]:
    """``text.split(separator)`` into ``most`` parts; all where that is negative. Into characters without separator."""
    if most == 0:
        return []
    check_members(text.count(separator) + 1 if most < 0 else min(most, len(text) + 1))
    if separator:
        return text.split(separator, most - 1 if most > 0 else -1)
    if most < 0 or most >= len(text):
        return list(text)
    return [*text[: most - 1], text[most - 1 :]]


def substring(text: str, start: int, end: int | None = None) -> str:
    """``text.substring(start, end)``."""
    last = len(text) if end is None else end
    if end is not None and start > end:
        raise EvaluationError(f"invalid substring range. start: {start}, end: {end}", hint="end before start")
    for position in (start, last):
        if not 0 <= position <= len(text):
            raise _outside(position)
    return text[start:last]


def trim(text: str) -> str:
    """``text.trim()``: without white space around it."""
    return text.strip(_ALL_SPACES)


def quote(text: str) -> str:
    """``strings.quote(text)``."""
    return f'"{text.translate(_QUOTED)}"'


def join(parts: list[Value], separator: str = "") -> str:
    """``parts.join(separator)``."""
    for part in parts:
        if type(part) is not str:
            raise EvaluationError(f"join: invalid input: {shown(part)}", hint="join strings only")
    check_characters(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)
