"""The parts of a compiled glob, as the Go module gobwas/glob matches them, whose shortcuts show in what matches.

A part can match a whole stretch of the text (``match``), or look for itself in one: ``index`` says at which byte it
begins, and the lengths that it can have there. Some of these lengths are wrong where characters are not ASCII, or
where parts overlap; they are the same here, for a glob that OPA lets match must match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

import msgspec

from gateproof.errors import EvaluationError
from gateproof.rego.context import Context

_ANY_LENGTH = -1
_REPLACEMENT = 0xFFFD

Found = tuple[int, Sequence[int]] | None


class Search:
    """One search: the text, what it may still cost, and what is known of its stretches."""

    __slots__ = ("ctx", "is_ascii", "known", "text")

    def __init__(self, ctx: Context, text: bytes) -> None:
        self.ctx = ctx
        self.text = text
        self.is_ascii = text.isascii()
        self.known: dict[tuple[int, int, int], bool] = {}

    def runes(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Where each character of a stretch begins (from its start), its code, and how many bytes it takes.

        A byte that is no character is U+FFFD, as for Go.
        """
        self.ctx.spend((end - start) // 16)
        found: list[tuple[int, int, int]] = []
        at = 0
        for char in self.text[start:end].decode("utf-8", "surrogateescape"):
            is_broken = "\ud800" <= char <= "\udfff"
            width = 1 if is_broken else len(char.encode())
            found.append((at, _REPLACEMENT if is_broken else ord(char), width))
            at += width
        return found

    def ends(self, start: int, end: int) -> Sequence[int]:
        """The ends of the characters of a stretch, as Go works them out: what is no character has three bytes."""
        if self.is_ascii:
            return range(1, end - start + 1)
        return [at + (3 if code == _REPLACEMENT else width) for at, code, width in self.runes(start, end)]

    def starts(self, start: int, end: int) -> Sequence[int]:
        """The beginnings of the characters of a stretch, and its end."""
        if self.is_ascii:
            return range(end - start + 1)
        return [*(at for at, _, _ in self.runes(start, end)), end - start]

    def count(self, start: int, end: int) -> int:
        return end - start if self.is_ascii else len(self.runes(start, end))

    def first(self, start: int, end: int) -> tuple[int, int]:
        """The code and the width of the first character of a stretch; nothing is U+FFFD of no width."""
        if start >= end:
            return _REPLACEMENT, 0
        _, code, width = self.runes(start, min(end, start + 4))[0]
        return code, width

    def find(self, part: bytes, start: int, end: int) -> int:
        """Where ``part`` is in a stretch, from its start; -1 where it is not."""
        self.ctx.spend((end - start) // 64)
        at = self.text.find(part, start, end)
        return at - start if at >= 0 else -1

    def find_any(self, parts: Iterable[bytes], start: int, end: int) -> int:
        """Where the first of ``parts`` that there is is; not the leftmost of them."""
        return next((at for part in parts if (at := self.find(part, start, end)) >= 0), -1)


class Nothing(msgspec.Struct, frozen=True):
    """The empty text."""

    length: ClassVar[int] = 0

    def match(self, _search: Search, start: int, end: int) -> bool:
        return start == end

    def index(self, _search: Search, _start: int, _end: int) -> Found:
        return 0, (0,)


class Super(msgspec.Struct, frozen=True):
    """Any text."""

    length: ClassVar[int] = _ANY_LENGTH

    def match(self, _search: Search, _start: int, _end: int) -> bool:
        return True

    def index(self, search: Search, start: int, end: int) -> Found:
        return 0, search.starts(start, end)


class Any(msgspec.Struct, frozen=True):
    """Any text without separators."""

    separators: tuple[bytes, ...]
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        return search.find_any(self.separators, start, end) < 0

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find_any(self.separators, start, end)
        return 0, search.starts(start, end if found < 0 else start + found)


class One(msgspec.Struct, frozen=True):
    """One character that is ``accepted``; ``name`` tells apart and compares what the parts are."""

    name: tuple[object, ...]
    accepted: Callable[[int], bool]
    length: ClassVar[int] = 1

    def match(self, search: Search, start: int, end: int) -> bool:
        code, width = search.first(start, end)
        return end - start <= width and self.accepted(code)

    def index(self, search: Search, start: int, end: int) -> Found:
        if search.is_ascii:
            for at in range(start, end):
                if self.accepted(search.text[at]):
                    return at - start, (1,)
                search.ctx.spend(1)
            return None
        for at, code, width in search.runes(start, end):
            if self.accepted(code):
                return at, (3 if code == _REPLACEMENT else width,)
        return None


class Text:
    """A text."""

    __slots__ = ("length", "text")

    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self.length = len(text)

    def match(self, search: Search, start: int, end: int) -> bool:
        return end - start == len(self.text) and search.text.startswith(self.text, start)

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find(self.text, start, end)
        return None if found < 0 else (found, (len(self.text),))


class Prefix(msgspec.Struct, frozen=True):
    """A text and then any, or (with ``separators``) any without these."""

    prefix: bytes
    separators: tuple[bytes, ...] = ()
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        if not search.text.startswith(self.prefix, start, end):
            return False
        return search.find_any(self.separators, start + len(self.prefix), end) < 0

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find(self.prefix, start, end)
        if found < 0:
            return None
        size = len(self.prefix)
        rest = start + found + size
        stop = search.find_any(self.separators, rest, end)
        ends = search.ends(rest, end if stop < 0 else rest + stop)
        return found, [size, *(size + each for each in ends)]


class Suffix(msgspec.Struct, frozen=True):
    """Any text and then this one."""

    suffix: bytes
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        return search.text.endswith(self.suffix, start, end)

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find(self.suffix, start, end)
        return None if found < 0 else (0, (found + len(self.suffix),))


class SuffixAny(msgspec.Struct, frozen=True):
    """Any text without separators and then this one."""

    suffix: bytes
    separators: tuple[bytes, ...]
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        if not search.text.endswith(self.suffix, start, end):
            return False
        return search.find_any(self.separators, start, end - len(self.suffix)) < 0

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find(self.suffix, start, end)
        if found < 0:
            return None
        begin = self._behind_the_last(search, start, start + found)
        return begin, (found + len(self.suffix) - begin,)

    def _behind_the_last(self, search: Search, start: int, end: int) -> int:
        """Behind the last one of the first separator that there is; of one that is not ASCII behind the first."""
        for separator in self.separators:
            look = search.text.rfind if len(separator) == 1 else search.text.find
            found = look(separator, start, end)
            if found >= 0:
                return found - start + 1
        return 0


class PrefixSuffix(msgspec.Struct, frozen=True):
    """A text, any, and another text, which may overlap the first."""

    prefix: bytes
    suffix: bytes
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        text = search.text
        return text.startswith(self.prefix, start, end) and text.endswith(self.suffix, start, end)

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find(self.prefix, start, end)
        if found < 0:
            return None
        begin = start + found
        if not self.suffix:
            return found, (end - begin,)
        lengths: list[int] = []
        stop = end
        while (at := search.text.rfind(self.suffix, begin, stop)) >= 0:
            search.ctx.spend(1)
            lengths.append(at - begin + len(self.suffix))
            stop = at
        return (found, lengths[::-1]) if lengths else None


class Contains(msgspec.Struct, frozen=True):
    """A text that has (or has not) another in it."""

    needle: bytes
    is_absent: bool
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        return (search.find(self.needle, start, end) >= 0) != self.is_absent

    def index(self, search: Search, start: int, end: int) -> Found:
        found = search.find(self.needle, start, end)
        if self.is_absent:
            return 0, search.starts(start, end if found < 0 else start + found)
        if found < 0:
            return None
        offset = found + len(self.needle)
        return 0, [offset + each for each in search.starts(start + offset, end)]


class Between(msgspec.Struct, frozen=True):
    """At least and (where it is not None) at most so many characters, without a ``needle`` (where there is one)."""

    least: int
    most: int | None
    needle: bytes
    length: ClassVar[int] = _ANY_LENGTH

    def match(self, search: Search, start: int, end: int) -> bool:
        count = search.count(start, end)
        if count < self.least or (self.most is not None and count > self.most):
            return False
        return not self.needle or search.find(self.needle, start, end) < 0

    def index(self, search: Search, start: int, end: int) -> Found:
        ends = search.ends(start, end)
        lengths: list[int] | Sequence[int] = ends[self.least - 1 :]
        if end - start < self.least or not lengths:
            return None
        if self.most is not None:
            allowed = {0, *ends[: self.most]}
            lengths = [each for each in lengths if each in allowed]
        if self.needle:
            found = search.find(self.needle, start, end)
            allowed = set(search.starts(start, end if found < 0 else start + found))
            lengths = [each for each in lengths if each in allowed]
        search.ctx.spend(len(lengths) // 4)
        return (0, lengths) if lengths else None


class AnyOf(msgspec.Struct, frozen=True):
    """What any of its parts matches."""

    parts: tuple[Part, ...]

    @property
    def length(self) -> int:
        """What the parts have in common; -1 from any but the first may be made up for by the next."""
        common = _ANY_LENGTH
        for part in self.parts:
            if common == _ANY_LENGTH:
                common = part.length
            elif part.length != common:
                return _ANY_LENGTH
        return common

    def match(self, search: Search, start: int, end: int) -> bool:
        search.ctx.spend(len(self.parts))
        return any(part.match(search, start, end) for part in self.parts)

    def index(self, search: Search, start: int, end: int) -> Found:
        search.ctx.spend(len(self.parts))
        best: Found = None
        for part in self.parts:
            found = part.index(search, start, end)
            if found is None:
                continue
            if best is None or found[0] < best[0]:
                best = found
            elif found[0] == best[0]:
                search.ctx.spend((len(best[1]) + len(found[1])) // 4)
                best = best[0], sorted({*best[1], *found[1]})
        return best


class Row(msgspec.Struct, frozen=True):
    """Parts of known lengths, one behind another."""

    parts: tuple[Part, ...]
    length: int

    def match(self, search: Search, start: int, end: int) -> bool:
        return search.count(start, end) == self.length and self._match_all(search, start, end)

    def index(self, search: Search, start: int, end: int) -> Found:
        for at in search.starts(start, end)[:-1]:
            if end - start - at < self.length:
                break
            if self._match_all(search, start + at, end):
                return at, (self.length,)
        return None

    def _match_all(self, search: Search, start: int, end: int) -> bool:
        """Each part by its number of characters, of the last of which only a byte is looked at."""
        at = start
        for part in self.parts:
            search.ctx.spend(1)
            starts = search.starts(at, end)[:-1] if not search.is_ascii else range(end - at)
            if len(starts) < part.length:
                return False
            last = starts[part.length - 1] if starts else 0
            if at + last + 1 > end:
                raise EvaluationError("a glob with empty alternatives", hint="write it without {,}")
            if not part.match(search, at, at + last + 1):
                return False
            at += last + 1
        return True


class Tree(msgspec.Struct, frozen=True):
    """A part with what is left of it and what is right of it, either of which may be missing."""

    value: Part
    left: Part | None
    right: Part | None
    length: int

    def match(self, search: Search, start: int, end: int) -> bool:
        place = id(self), start, end
        known = search.known.get(place)
        if known is None:
            known = search.known[place] = self._match(search, start, end)
        return known

    def index(self, _search: Search, _start: int, _end: int) -> Found:
        return None  # gobwas does not look for trees

    def _match(self, search: Search, start: int, end: int) -> bool:
        if self.length > end - start:
            return False
        at = start + (max(self.left.length, 0) if self.left is not None else 0)
        limit = end - (max(self.right.length, 0) if self.right is not None else 0)
        while at < limit:
            search.ctx.spend(1)
            found = self.value.index(search, at, limit)
            if found is None:
                return False
            at += found[0]
            if (start == at) if self.left is None else self.left.match(search, start, at):
                for length in reversed(found[1]):
                    search.ctx.spend(1)
                    rest = min(at + length, end)
                    if (rest == end) if self.right is None else self.right.match(search, rest, end):
                        return True
            at += search.first(at, end)[1]
        return False


Part = (
    Nothing
    | Super
    | Any
    | One
    | Text
    | Prefix
    | Suffix
    | SuffixAny
    | PrefixSuffix
    | Contains
    | Between
    | AnyOf
    | Row
    | Tree
)
