"""A dump in pieces that can be read one at a time: JSON Lists item by item, YAML streams document by document.

What `kubectl get -o json` prints is one JSON document as large as the cluster. Its ``items`` are cut out one by one and
nothing else of it is kept. A List in YAML is one document and read as a whole: that is what JSON is for.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

from gateproof.errors import DocumentError, LimitError

MAX_PIECE = 64 * 1024 * 1024
"""Characters of one object, or of one YAML document. An API server takes objects of 3 MiB at most."""

_BLANK = " \t\r\n"
_OF_NUMBERS = "0123456789+-.eE"
_HINT = "make the dump again, whole: kubectl get … -o json > dump.json"


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a dump, given in chunks of any size, into objects (JSON) or documents (YAML), in their order.

    What a piece says is not looked at: that is for who reads it. Raises DocumentError where JSON breaks off or is none,
    and LimitError for a piece that is too large; the pieces before it have been given by then.
    """
    source = _Source(chunks)
    if source.peek() == "{":
        yield from _json(source)
    else:
        yield from _yaml(source)


class _Source:
    """Text that is read as far as it is needed, and forgotten as far as it is used."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._ended = False
        self.text = ""
        self.position = 0

    def more(self) -> bool:
        """Read on; whether there was anything. The text at least doubles, so that looking again stays linear."""
        wanted = max(len(self.text) - self.position, 1)
        if wanted > MAX_PIECE:
            raise LimitError(f"one object of the dump has no end within {MAX_PIECE:,} characters", hint=_HINT)
        read: list[str] = []
        while wanted > 0 and not self._ended:
            read.append(self._next())
            wanted -= len(read[-1])
        self.text = self.text[self.position :] + "".join(read)
        self.position = 0
        return any(read)

    def peek(self) -> str:
        """The next character that is not blank, without taking it; empty at the end."""
        while True:
            while self.position < len(self.text):
                if self.text[self.position] not in _BLANK:
                    return self.text[self.position]
                self.position += 1
            if not self.more():
                return ""

    def take(self, expected: str) -> None:
        """Take the next character that is not blank, which is one of ``expected``."""
        if (found := self.peek()) not in expected or not found:
            raise _broken(f"{expected[0]!r} was expected, and {found!r} found" if found else "it breaks off")
        self.position += 1

    def value(self) -> tuple[Any, str]:
        """Take the next JSON value: what it is, and its text."""
        self.peek()
        while True:
            try:
                found, end = _decode(self.text, self.position)
            except json.JSONDecodeError as error:
                if not self.more():
                    raise _broken(f"it breaks off, or is no JSON: {error.msg}") from None
            except RecursionError:
                raise LimitError("one object of the dump is too deep", hint=_HINT) from None
            else:
                # A number could go on in what was not read yet; anything else has its end.
                open_ended = isinstance(found, int | float) and not self.text[end:].lstrip(_OF_NUMBERS)
                if not (open_ended and self.more()):
                    text = self.text[self.position : end]
                    self.position = end
                    return found, text

    def lines(self) -> Iterator[str]:
        """Every line from here on, with its end."""
        while True:
            end = self.text.find("\n", self.position) + 1
            if end:
                yield self.text[self.position : end]
                self.position = end
            elif not self.more():
                if rest := self.text[self.position :]:
                    yield rest
                return

    def _next(self) -> str:
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        try:
            return self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError:
            raise _broken("it is not in UTF-8") from None


_decode = json.JSONDecoder().raw_decode


def _json(source: _Source) -> Iterator[bytes]:
    """The objects of JSON documents that follow each other."""
    while source.peek():
        yield from _document(source)


def _document(source: _Source) -> Iterator[bytes]:
    """One document: the items of a List, as they come; anything else as it is."""
    source.take("{")
    members: list[str] = []
    kind: Any = None
    listed = False
    size = 0
    while source.peek() != "}":
        if members or listed:
            source.take(",")
        name, spelled = source.value()
        if not isinstance(name, str):
            raise _broken("the name of a member is no text")
        source.take(":")
        if name == "items" and source.peek() == "[":
            if members and kind is not None and not _is_list(kind):
                raise _broken(f"a {str(kind)[:40]} has items, and is no List")
            listed = True
            yield from _items(source)
            continue
        value, text = source.value()
        kind = value if name == "kind" else kind
        members.append(f"{spelled}:{text}")
        size += len(members[-1])
        if size > MAX_PIECE:
            raise LimitError(f"one object of the dump is larger than {MAX_PIECE:,} characters", hint=_HINT)
    source.take("}")
    if not listed:
        yield f"{{{','.join(members)}}}".encode()
    elif not _is_list(kind):
        raise _broken("it has items, and its kind is not that of a List")


def _items(source: _Source) -> Iterator[bytes]:
    source.take("[")
    first = True
    while source.peek() != "]":
        if not first:
            source.take(",")
        first = False
        yield source.value()[1].encode()
    source.take("]")


def _is_list(kind: object) -> bool:
    return isinstance(kind, str) and kind.endswith("List")


def _yaml(source: _Source) -> Iterator[bytes]:
    """Documents of a YAML stream: `---` at the start of a line separates them, whatever it stands in."""
    lines: list[str] = []
    size = 0
    filled = False
    for line in source.lines():
        if filled and line.startswith("---") and line[3:4] in ("", " ", "\t", "\r", "\n"):
            yield "".join(lines).encode()
            lines, size, filled = [], 0, False
        lines.append(line)
        size += len(line)
        if size > MAX_PIECE:
            hint = "a List in YAML is read as a whole: dump it as JSON (-o json)"
            raise LimitError(f"one document of the dump is larger than {MAX_PIECE:,} characters", hint=hint)
        filled = filled or _says_something(line)
    if filled:
        yield "".join(lines).encode()


def _says_something(line: str) -> bool:
    """Whether a line is more than a comment, a directive, a separator, or blank."""
    rest = line[3:] if line.startswith(("---", "...")) else line
    said = rest.split("#", 1)[0] if rest is not line or line.lstrip().startswith("#") else rest
    return bool(said.strip()) and not line.startswith("%")


def _broken(why: str) -> DocumentError:
    return DocumentError(f"the dump cannot be read: {why}", hint=_HINT)
