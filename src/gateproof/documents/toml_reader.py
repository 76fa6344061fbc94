"""TOML 1.0, read by ``tomllib``. Dates and times become RFC 3339 strings; infinite and NaN numbers are refused.

Positions are those of keys and table headers: what stands inside an inline table or an array has the position of the
key that it belongs to.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from gateproof.documents.interface import Document, Format, Limits, Path, Position
from gateproof.documents.places import Wanted, look_up
from gateproof.documents.refusals import too_deep, unreadable
from gateproof.documents.text import place

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BARE_OR_QUOTED = r"""(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DOTTED_KEY = rf"{_BARE_OR_QUOTED}(?:[ \t]*+\.[ \t]*+{_BARE_OR_QUOTED})"
_HINT = "correct the TOML at this place"


def read(text: str, limits: Limits) -> tuple[Document, ...]:
    """Read one TOML document."""
    # tomllib's time grows with the square of a dotted key's length.
    long_key = re.search(rf"{_DOTTED_KEY}{{{limits.max_depth},}}", text)
    if long_key:
        raise too_deep(limits.max_depth, place(text, long_key.start()))
    try:
        value = tomllib.loads(text)
    except RecursionError:
        raise too_deep(limits.max_depth) from None
    except ValueError as error:
        problem, at = _explain(text, str(error))
        raise unreadable(Format.TOML, problem, _HINT, at) from None
    return (Document(_as_json(value, (), text, limits), Format.TOML),)


def locate(text: str, roots: Mapping[int, Wanted]) -> None:
    """Set the offset of every wanted value that a key or a table header names."""
    root = roots.get(0)
    if root is None:
        return
    root.offset = 0
    table: Path = ()
    lengths: dict[Path, int] = {}  # of the arrays of tables so far
    for offset, header, key in _statements(text):
        path = _current(key, lengths) if header else (*table, *key)
        if header == "[[":
            index = lengths.get(path, 0)
            lengths[path] = index + 1
            _mark(root, path, offset)
            path = (*path, index)
        if header:
            table = path
        _mark(root, path, offset)


def _mark(root: Wanted, path: Path, offset: int) -> None:
    node: Wanted | None = root
    for step in path:
        node = node.children.get(step) if node else None
        if node is None:
            return
        if node.offset is None:
            node.offset = offset


def _current(key: Path, lengths: Mapping[Path, int]) -> Path:
    """A header's path: each array of tables on the way means its last element."""
    path: Path = ()
    for number, step in enumerate(key):
        path = (*path, step)
        if number < len(key) - 1 and path in lengths:
            path = (*path, lengths[path] - 1)
    return path


_KEY_PART = re.compile(_BARE_OR_QUOTED)
_BETWEEN = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_HEADER = re.compile(r"\[\[?+")
_VALUE_PIECE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}+'
    r"|'''(?:[^']|'(?!''))*+'{3,5}+"
    r"""|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|#[^\n]*+|[\[\]{}\n]|[^"'#\[\]{}\n]++""",
    re.DOTALL,
)


def _statements(text: str) -> Iterator[tuple[int, str, Path]]:
    """Every table header (``[`` or ``[[``) and key of a document that was read, with its offset."""
    at = _end(_BETWEEN, text, 0)
    while at < len(text):
        start = at
        bracket = _HEADER.match(text, at)
        header = bracket[0] if bracket else ""
        key, at = _dotted_key(text, at + len(header))
        yield start, header, key
        at = _after_statement(text, at + len(header))
        at = _end(_BETWEEN, text, at)


def _dotted_key(text: str, at: int) -> tuple[Path, int]:
    parts: list[str | int] = []
    while True:
        while text[at : at + 1] in (" ", "\t", "."):
            at += 1
        match = _KEY_PART.match(text, at)
        if not match:
            return tuple(parts), at
        # A quoted key is a TOML value itself: tomllib knows its escapes.
        parts.append(tomllib.loads(f"k={match[0]}")["k"] if match[0][0] in "\"'" else match[0])
        at = match.end()


def _after_statement(text: str, at: int) -> int:
    """Behind the line end that closes the statement: one outside strings, arrays and inline tables."""
    depth = 0
    while at < len(text):
        piece = _VALUE_PIECE.match(text, at)
        if not piece:
            return len(text)
        at = piece.end()
        if piece[0] in ("[", "{"):
            depth += 1
        elif piece[0] in ("]", "}"):
            depth -= 1
        elif piece[0] == "\n" and depth <= 0:
            return at
    return at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else len(text)


def _as_json(value: Any, path: Path, text: str, limits: Limits) -> Any:
    if isinstance(value, dict | list) and len(path) > limits.max_depth:
        raise too_deep(limits.max_depth)
    if isinstance(value, dict):
        return {key: _as_json(child, (*path, key), text, limits) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_json(child, (*path, index), text, limits) for index, child in enumerate(value)]
    if isinstance(value, dt.datetime) and value.utcoffset() == dt.timedelta(0):
        return value.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        at = look_up([(0, path)], text, locate)[0, path]
        raise unreadable(Format.TOML, "infinite and NaN numbers cannot be written as JSON", "write a finite number", at)
    return value


def _explain(text: str, message: str) -> tuple[str, Position]:
    found = _PLACE.search(message)
    if not found:
        return message, Position(1, 1)
    if found[1] is None:
        return message[: found.start()] + " at the end", place(text, len(text))
    return message[: found.start()], Position(int(found[1]), int(found[2]))
