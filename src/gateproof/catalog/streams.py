"""YAML files of many documents, as sources of policies that need only some of these."""

from __future__ import annotations

from collections.abc import Iterable

from gateproof.catalog.policy import Source


def joined(sources: Iterable[Source]) -> tuple[Source, ...]:
    """``sources`` with those of one name as one stream, so that each has a name of its own.

    A source that is a part of a file has as many empty lines before it as keep it on its lines in the file; so have the
    parts of a stream, unless they are of two files that have the same name.
    """
    texts: dict[str, list[str]] = {}
    for source in sources:
        texts.setdefault(source.name, []).append(source.text)
    return tuple(Source(name, _stream(found)) for name, found in texts.items())


def _stream(texts: list[str]) -> str:
    first, *rest = sorted(dict.fromkeys(texts), key=_start)
    for text in rest:
        first = _after(first, text)
    return first


def _start(text: str) -> int:
    """The number of lines before the first that says anything."""
    return next((number for number, line in enumerate(text.split("\n")) if line.strip()), 0)


def _after(text: str, more: str) -> str:
    lines, others, start = text.rstrip("\n").split("\n"), more.split("\n"), _start(more)
    if start > len(lines):
        empty = [""] * (start - 1 - len(lines))
        return "\n".join([*lines, *empty, "---", *others[start:]])
    if start == len(lines) and others[start][:1] in (" ", "\t"):  # what stood on the line of the dashes
        return "\n".join([*lines, f"---{others[start]}", *others[start + 1 :]])
    return "\n".join([*lines, "---", *others[start:]])
