"""Bytes to text, and offsets in it to lines and columns.

Encodings: UTF-8, UTF-16 and UTF-32 in both byte orders, with or without a byte order mark. Without one, the zero
bytes of the first characters tell the encoding, as RFC 4627 section 3 and YAML 1.2 section 5.2 describe: every
format here starts with an ASCII character.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable

from gateproof.documents.interface import Position
from gateproof.errors import DocumentError

_MARKS = (  # UTF-32 before UTF-16: the little-endian mark of the one starts with that of the other
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LONGEST_LINE = 200


def decode_text(raw: bytes) -> str:
    """Decode ``raw`` to text without its byte order mark; ``DocumentError`` with the byte offset where it cannot be."""
    mark, encoding = _encoding(raw)
    try:
        return raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        offset = len(mark) + error.start
        before = raw[len(mark) : offset].decode(encoding, "replace")
        at = place(before, len(before))
        raise DocumentError(
            f"not valid {encoding.upper()} text at byte offset {offset}: {error.reason}",
            hint="save the file as UTF-8; if it is not a text file, do not pass it here",
            line=at.line,
            column=at.column,
        ) from None


def to_utf8(raw: bytes) -> bytes:
    """Give ``raw`` as UTF-8 without a byte order mark: the same object when it already claims to be.

    Bytes that claim to be UTF-8 are not validated here: the reader that needs the copy saved does it.
    """
    mark, encoding = _encoding(raw)
    if encoding != "utf-8":
        return decode_text(raw).encode()
    return raw[len(mark) :] if mark else raw


def place(text: str, offset: int) -> Position:
    """The line and column of the character at ``offset``."""
    return places(text, (offset,))[offset]


def places(text: str | bytes, offsets: Iterable[int]) -> dict[int, Position]:
    """The lines and columns of many offsets, in one forward pass.

    Offsets into ``bytes`` are byte offsets of UTF-8; columns are characters all the same.
    """
    newline: str | bytes = "\n"
    width: Callable[[int, int], int] = _distance
    if isinstance(text, bytes):
        newline = b"\n"
        if not text.isascii():
            data = text
            width = lambda start, end: len(data[start:end].decode("utf-8", "replace"))  # noqa: E731
    found: dict[int, Position] = {}
    line = column = 1
    previous = 0
    for offset in sorted(set(offsets)):
        breaks = text.count(newline, previous, offset)  # type: ignore[arg-type]
        if breaks:
            line += breaks
            column = 1
            previous = text.rfind(newline, previous, offset) + 1  # type: ignore[arg-type]
        column += width(previous, offset)
        previous = offset
        found[offset] = Position(line, column)
    return found


def lines_around(raw: bytes, position: Position, context: int = 2) -> list[tuple[int, str]]:
    """The numbered lines about ``position``, for a report; lines over 200 characters are cut with ``…``.

    The line of the position is cut around its column, the others at their end. The text is the input's own:
    a renderer must still neutralise it. Bytes that are not text come out as U+FFFD.
    """
    data = to_utf8(raw)
    first = max(1, position.line - context)
    start = 0
    for _ in range(first - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            return []
    lines: list[tuple[int, str]] = []
    for number in range(first, position.line + context + 1):
        end = data.find(b"\n", start)
        stop = len(data) if end < 0 else end
        column = position.column if number == position.line else 1
        lines.append((number, _cut(data, start, stop, column)))
        if end < 0:
            break
        start = end + 1
    return lines


def _cut(data: bytes, start: int, stop: int, column: int) -> str:
    """The line ``data[start:stop]``, or a window of it that holds ``column``; never decodes much more than that."""
    if stop - start <= _LONGEST_LINE:
        return data[start:stop].decode("utf-8", "replace").rstrip("\r")
    left = max(0, column - 1 - _LONGEST_LINE // 2)
    if left and not data.isascii():  # only decoding tells where that character is
        text = data[start:stop].decode("utf-8", "replace")
        left = min(left, len(text))
        piece = text[left : left + _LONGEST_LINE + 1]
    else:
        # Four bytes hold any character: enough of them are decoded, the rest of the line is left alone.
        end = min(stop, start + left + 4 * (_LONGEST_LINE + 1))
        piece = data[start + left : end].decode("utf-8", "replace")
    more = len(piece) > _LONGEST_LINE
    return ("…" if left else "") + piece[:_LONGEST_LINE].rstrip("\r") + ("…" if more else "")


def _encoding(raw: bytes) -> tuple[bytes, str]:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return mark, encoding
    zeros = tuple(byte == 0 for byte in raw[:4])
    if zeros == (True, True, True, False):
        return b"", "utf-32-be"
    if zeros == (False, True, True, True):
        return b"", "utf-32-le"
    if zeros[:2] == (True, False):
        return b"", "utf-16-be"
    if zeros[:2] == (False, True):
        return b"", "utf-16-le"
    return b"", "utf-8"


def _distance(start: int, end: int) -> int:
    return end - start
