"""JSON (RFC 8259), read strictly: one value, no duplicate keys, no NaN, nothing that would become infinite.

``jiter`` does the work. It detects duplicate keys, which ``msgspec`` and ``json`` do not, and is as quick and takes
less memory. What it lets through and JSON cannot hold is a number beyond the range of a double, such as ``1e400``:
``_may_overflow`` rules that out for nearly every document at a fraction of the cost of reading it. Looking for either
is spared where writing a document gives its bytes again: both would have been lost. Machines mostly write such.
"""

from __future__ import annotations

import math
import re
from typing import Any

import jiter
import msgspec

from gateproof.documents.interface import Document, Format, Limits, Path, Position
from gateproof.documents.refusals import too_deep, unreadable
from gateproof.documents.text import places
from gateproof.errors import DocumentError

_JITER_DEPTH = 200  # jiter refuses anything deeper by itself
_LARGE = 1 << 20  # from here on the quicker regular expressions are worth their import
_STRIDE = 25
_LONGEST_MESSAGE = 200  # it quotes a duplicate key

_HINTS = {
    "Detected duplicate key": "keep one of the members: readers disagree about which of them counts",
    "trailing characters": "a JSON document is one value: remove what follows it",
    "EOF while parsing": "the document ends too early: produce it again",
    "surrogate": "write the character itself, or both halves of its surrogate pair",
    "invalid unicode code point": "save the file as UTF-8",
}


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
# What Go escapes in strings, so that HTML may hold them, and others write as they are.
_GO_ESCAPES = ((rb"\u003c", b"<"), (rb"\u003e", b">"), (rb"\u0026", b"&"))


def read(data: bytes, limits: Limits) -> tuple[Document, ...]:
    """Read one JSON value from UTF-8 without a byte order mark."""
    document = _as_written(data) or _strictly(data)
    if limits.max_depth < _JITER_DEPTH:
        _refuse_deep(document.value, limits.max_depth)
    return (document,)


def _strictly(data: bytes) -> Document:
    try:
        value = jiter.from_json(data, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys")
    except ValueError as error:
        raise _refusal(data, str(error)) from None
    if _may_overflow(data):
        _refuse_infinite(data, value)
    return Document(value, Format.JSON)


def _as_written(data: bytes) -> Document | None:
    """The document, when writing it gives ``data`` again, but for Go's escapes and what is blank at the end; else None.

    A member that is there twice would have been written once, and an infinite number as null.
    """
    if data[1:2].isspace() or b'": ' in data[:64]:  # laid out for people to read
        return None
    try:
        value = _quickly(data)
        written = _encode(value)
    except (ValueError, OverflowError, RecursionError):
        return None
    text = data
    if rb"\u00" in data:
        for escape, character in _GO_ESCAPES:
            text = text.replace(escape, character)
    if not text.startswith(written) or text[len(written) :].strip(b" \t\r\n"):
        return None
    return Document(value, Format.JSON, text=text[: len(written)])


def _quickly(data: bytes) -> Any:
    """The value of ``data``, whatever it repeats. Raises ValueError, and RecursionError for what is nested too deep.

    Below some size ``msgspec`` takes half the time of ``jiter``, above it more memory; it knows no limit of depth.
    """
    if len(data) < _LARGE and data.count(b"{") + data.count(b"[") < _JITER_DEPTH:
        return _decode(data)
    return jiter.from_json(data, allow_inf_nan=False, cache_mode="keys")


def _may_overflow(data: bytes) -> bool:
    """Whether any number could exceed a double (about 1.8e308). Never wrong about "no".

    Such a number has an exponent of three digits or more, or an exponent below 100 after more than 200 digits. The
    quick searches rule out most documents; the exact ones ask that it stands where a number can. A run of 200 digits
    shows in every 25th byte as at least eight digits in a row.
    """
    engine: Any = re
    if len(data) >= _LARGE:
        import re2

        engine = re2
    exponent = engine.search(rb"e\+?[0-9]{3}", data) or engine.search(rb"E\+?[0-9]{3}", data)
    digits = engine.search(rb"[0-9]{8}", data[::_STRIDE])
    return bool(
        (exponent and engine.search(rb"(?:^|[:,\[\s])-?[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]{3}", data))
        or (digits and engine.search(rb"(?:^|[:,\[\s])-?[0-9]{200}", data))
    )


def _refuse_infinite(data: bytes, value: Any) -> None:
    from gateproof.documents.json_positions import locate
    from gateproof.documents.places import look_up

    stack: list[tuple[Path, Any]] = [((), [value])]
    while stack:
        path, container = stack.pop()
        for step, child in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(child, dict | list):
                stack.append(((*path, step), child))
            elif isinstance(child, float) and math.isinf(child):
                problem = "the number is too large for a double, and readers disagree about its value"
                hint = "write it as a string, or as a number below 1.8e308"
                found = (0, (*path, step)[1:])  # the first step is into the list put around the root
                raise unreadable(Format.JSON, problem, hint, look_up([found], data, locate)[found])


def _refuse_deep(value: Any, max_depth: int) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(max_depth + 1):
        children = (node.values() if isinstance(node, dict) else node for node in level)
        level = [child for group in children for child in group if isinstance(child, dict | list)]
    if level:
        raise too_deep(max_depth)


def _refusal(data: bytes, message: str) -> DocumentError:
    """Say what jiter says, with its byte column turned into characters and the next step."""
    found = re.search(r" at line (\d+) column (\d+)$", message)
    at = Position(1, 1)
    if found:
        message = message[: min(found.start(), _LONGEST_MESSAGE)]
        start = 0
        for _ in range(int(found[1]) - 1):
            start = data.find(b"\n", start) + 1
        offset = min(start + max(int(found[2]) - 1, 0), len(data))
        if message.startswith("Detected duplicate key"):
            offset = _key_before(data, offset)
        at = places(data, (offset,))[offset]
    if message.startswith("recursion limit"):
        return too_deep(_JITER_DEPTH, at)
    if not data.strip():
        message, hint = "the document is empty", "pass the file that the producing command was meant to write"
    else:
        hint = next((hint for part, hint in _HINTS.items() if part in message), "correct the JSON at this place")
    return unreadable(Format.JSON, message, hint, at)


def _key_before(data: bytes, offset: int) -> int:
    """Where the member's key starts whose colon is just before ``offset``."""
    start = data.rfind(b'"', 0, data.rfind(b'"', 0, offset))
    while start > 0 and _backslashes(data, start) % 2:
        start = data.rfind(b'"', 0, start)
    return max(start, 0)


def _backslashes(data: bytes, end: int) -> int:
    """How many backslashes stand directly before ``end``."""
    count = 0
    while count < end and data[end - count - 1] == 0x5C:
        count += 1
    return count
