"""Where values stand in JSON text, found in one forward pass that builds nothing.

Only the containers on the way to a wanted value are entered. Everything else is skipped by regular expressions that
run at C speed: ``_FLAT`` takes text, whole strings and whole containers up to a few levels deep in one match, so that
Python sees only what is nested deeper. All of them are possessive: time is linear, on one line or on a million.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from gateproof.documents.places import Wanted

_LEVELS = 5
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SPACE = re.compile(rb"[ \t\n\r]*+")
_ATOM = re.compile(rb"[^\s,\]}]*+")


def _flat() -> bytes:
    string = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
    inside = rb'[^"{}\[\]]*+(?:' + string + rb'[^"{}\[\]]*+)*+'
    for _ in range(_LEVELS):
        inside = rb'[^"{}\[\]]*+(?:(?:' + string + rb"|[{\[](?>" + inside + rb')[}\]])[^"{}\[\]]*+)*+'
    return inside


_FLAT = re.compile(_flat(), re.DOTALL)


def locate(data: bytes, roots: Mapping[int, Wanted]) -> None:
    """Set the byte offset of every wanted value that exists. ``data`` is UTF-8 that the reader accepted."""
    if 0 in roots:
        _visit(data, _space(data, 0), roots[0])


def _visit(data: bytes, start: int, wanted: Wanted) -> int:
    """Mark the value at ``start`` and what is wanted inside it; give the offset behind the value."""
    if wanted.offset is None:
        wanted.offset = start
    opening = data[start : start + 1]
    if wanted.children and opening == b"{":
        return _visit_object(data, start, wanted.children)
    if wanted.children and opening == b"[":
        return _visit_array(data, start, wanted.children)
    return _skip(data, start)


def _visit_object(data: bytes, start: int, children: dict[str | int, Wanted]) -> int:
    at = _space(data, start + 1)
    while data[at : at + 1] == b'"':
        key_at, at = at, _end(_STRING, data, at)
        key = _key(data[key_at:at])
        child = children.get(key) if key is not None else None
        at = _space(data, _space(data, at) + 1)  # over the colon
        if child is None:
            at = _skip(data, at)
        else:
            child.offset = key_at
            at = _visit(data, at, child)
        at = _space(data, at)
        if data[at : at + 1] == b",":
            at = _space(data, at + 1)
    return at + 1


def _visit_array(data: bytes, start: int, children: dict[str | int, Wanted]) -> int:
    index = 0
    at = _space(data, start + 1)
    while data[at : at + 1] not in (b"]", b""):
        child = children.get(index)
        at = _space(data, _skip(data, at) if child is None else _visit(data, at, child))
        if data[at : at + 1] == b",":
            at = _space(data, at + 1)
        index += 1
    return at + 1


def _key(token: bytes) -> str | None:
    try:
        return msgspec.json.decode(token, type=str)
    except msgspec.DecodeError:  # not a document that was read
        return None


def _skip(data: bytes, start: int) -> int:
    """The offset behind the value at ``start``."""
    opening = data[start : start + 1]
    if opening == b'"':
        return _end(_STRING, data, start)
    if opening not in (b"{", b"["):
        return _end(_ATOM, data, start)
    depth, at = 1, start + 1
    while depth and at < len(data):
        at = _end(_FLAT, data, at)
        depth += 1 if data[at : at + 1] in (b"{", b"[") else -1
        at += 1
    return at


def _space(data: bytes, start: int) -> int:
    return _end(_SPACE, data, start)


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    """Where the match at ``start`` ends. A document that was read has one; anything else ends the walk."""
    match = pattern.match(data, start)
    return match.end() if match else len(data)
