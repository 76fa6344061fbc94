"""The nouns of reading: formats, limits, places, documents. Every reader imports these and nothing of the others."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

Path = tuple[str | int, ...]
"""Steps from a document's root to a value: member names and list indices (from 0)."""

Place = tuple[int, Path]
"""Where a value stands in a stream: its document's index, and the path in it."""


class Format(StrEnum):
    """How bytes are read."""

    JSON = "json"
    YAML = "yaml"
    TOML = "toml"
    HCL = "hcl"
    DOCKERFILE = "dockerfile"


class Limits(Struct, frozen=True):
    """What a reader takes on. All are counts, so the same bytes are refused on every machine.

    ``max_bytes``: size of the input as given. ``max_depth``: containers on the way from the root (itself depth 0)
    to the innermost one; JSON is never read deeper than 200. ``max_aliases`` and ``max_nodes``: alias uses, and
    values after every alias is expanded, in one YAML stream.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_depth: int = 200
    max_aliases: int = 10_000
    max_nodes: int = 4_000_000


DEFAULT_LIMITS = Limits()


class Position(Struct, frozen=True):
    """A place in the decoded text. Lines end at LF and count from 1; columns are Unicode characters, from 1."""

    line: int
    column: int


class Note(Struct, frozen=True):
    """Something legal that readers disagree about, such as a duplicate YAML key. ``path`` is where it was met."""

    message: str
    path: Path
    position: Position


class Document(Struct, frozen=True):
    """One document's value as JSON types (dict, list, str, int, float, bool, None), read and never to be changed.

    ``index`` counts the documents of the stream from 0, empty ones included. ``text`` is ``value`` as JSON in UTF-8,
    as msgspec writes it, where reading has found that out; else it is empty.
    """

    value: Any
    format: Format
    index: int = 0
    notes: tuple[Note, ...] = ()
    text: bytes = b""
