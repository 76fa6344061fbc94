"""The little of DER (X.690) that is needed to cut certificates into the parts that they were signed as."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Element", "elements", "object_identifier"]


class Element(NamedTuple):
    """``raw`` is the whole element, ``content`` what is inside of it."""

    tag: int
    raw: bytes
    content: bytes


def elements(data: bytes) -> list[Element]:
    """The elements that follow each other in ``data``; ValueError where it is no DER."""
    found: list[Element] = []
    at = 0
    while at < len(data):
        tag, length, start = data[at], *_length(data, at + 1)
        end = start + length
        if end > len(data) or tag & 0x1F == 0x1F:
            raise ValueError("truncated or unusual DER")
        found.append(Element(tag, data[at:end], data[start:end]))
        at = end
    return found


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The length that is written at ``at`` and where the content starts."""
    if at >= len(data):
        raise ValueError("truncated DER")
    if data[at] < 0x80:
        return data[at], at + 1
    size = data[at] & 0x7F
    if not 1 <= size <= 4 or at + 1 + size > len(data):
        raise ValueError("a length that DER does not have")
    return int.from_bytes(data[at + 1 : at + 1 + size]), at + 1 + size


def object_identifier(content: bytes) -> list[int]:
    """The arcs of an object identifier."""
    arcs: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2) if arcs else 0
    return [first, arcs[0] - 40 * first, *arcs[1:]] if arcs else []
