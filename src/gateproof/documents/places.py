"""The paths that somebody asks about, as trees that a reader walks beside the text in one forward pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateproof.documents.interface import Path, Position


class Wanted:
    """A value that is asked about, or lies on the way to one. A reader that meets it sets ``offset``."""

    __slots__ = ("children", "offset")

    def __init__(self) -> None:
        self.offset: int | None = None
        self.children: dict[str | int, Wanted] = {}

    def forget(self) -> None:
        """Take back what was met, for a value that a later one of the same name replaces."""
        self.offset = None
        for child in self.children.values():
            child.forget()


Request = tuple[int, Path]
"""A document's index in its stream, and a path in it."""


def plant(requests: Iterable[Request]) -> dict[int, Wanted]:
    """One tree for each document that is asked about, by its index."""
    roots: dict[int, Wanted] = {}
    for index, path in requests:
        node = roots.setdefault(index, Wanted())
        for step in path:
            node = node.children.setdefault(step, Wanted())
    return roots


def offsets(roots: Mapping[int, Wanted]) -> list[int]:
    """Every offset that was met."""
    met: list[int] = []
    stack = list(roots.values())
    while stack:
        node = stack.pop()
        if node.offset is not None:
            met.append(node.offset)
        stack.extend(node.children.values())
    return met


def answer(
    requests: Iterable[Request], roots: Mapping[int, Wanted], at: Mapping[int, Position]
) -> dict[Request, Position]:
    """The position of each request: its own, or that of the nearest ancestor that was met."""
    answers: dict[Request, Position] = {}
    for request in requests:
        index, path = request
        node = roots[index]
        offset = node.offset
        for step in path:
            node = node.children[step]
            if node.offset is None:
                break
            offset = node.offset
        answers[request] = Position(1, 1) if offset is None else at[offset]
    return answers
