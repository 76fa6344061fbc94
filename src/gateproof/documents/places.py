"""The paths that somebody asks about, as trees that a reader walks beside the text in one forward pass."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from gateproof.documents.interface import Path, Place, Position
from gateproof.documents.text import places

AnyText = TypeVar("AnyText", str, bytes)


class Wanted:
    """A value that is asked about, or lies on the way to one. A reader that meets it sets ``offset``."""

    __slots__ = ("children", "offset")

    def __init__(self) -> None:
        self.offset: int | None = None
        self.children: dict[str | int, Wanted] = {}

    def forget(self) -> None:
        """Take back what was met, for a value that a later one of the same name replaces."""
        stack = [self]
        while stack:
            node = stack.pop()
            node.offset = None
            stack.extend(node.children.values())


def look_up(
    requests: Collection[Place], text: AnyText, locate: Callable[[AnyText, Mapping[int, Wanted]], None]
) -> dict[Place, Position]:
    """The position of each request in ``text``: its own, or that of the nearest ancestor that ``locate`` met."""
    roots = _plant(requests)
    locate(text, roots)
    at = places(text, _offsets(roots))
    return {(index, path): _nearest(roots[index], path, at) for index, path in requests}


def _plant(requests: Iterable[Place]) -> dict[int, Wanted]:
    """One tree for each document that is asked about, by its index."""
    roots: dict[int, Wanted] = {}
    for index, path in requests:
        node = roots.setdefault(index, Wanted())
        for step in path:
            node = node.children.setdefault(step, Wanted())
    return roots


def _offsets(roots: Mapping[int, Wanted]) -> list[int]:
    """Every offset that was met."""
    met: list[int] = []
    stack = list(roots.values())
    while stack:
        node = stack.pop()
        if node.offset is not None:
            met.append(node.offset)
        stack.extend(node.children.values())
    return met


def _nearest(node: Wanted, path: Path, at: Mapping[int, Position]) -> Position:
    offset = node.offset
    for step in path:
        node = node.children[step]
        if node.offset is None:
            break
        offset = node.offset
    return Position(1, 1) if offset is None else at[offset]
