"""YAML as a Kubernetes cluster reads it, from libyaml's events.

Scalars: see ``yaml_scalars``. Merge keys (``<<``) are applied where they stand, so that they override what was written
before them in the same mapping, as go-yaml v2 does; other parsers let the written key win, hence the note. Duplicate
keys: the last one wins, with a note. Keys become strings. Null documents are dropped but counted.

Stricter than a cluster: tags of an application (``!foo``) are refused, where a cluster would silently read a string.
Wider than kubectl: every document of the stream is read, also one that kubectl would overlook because something
follows its ``---`` on the same line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from msgspec import Struct
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from yaml.reader import ReaderError

from gateproof.documents.interface import Document, Format, Limits, Note, Position
from gateproof.documents.refusals import shown, too_deep, too_many, unreadable
from gateproof.documents.text import place
from gateproof.documents.yaml_scalars import (
    COLLECTION_TAGS,
    MERGE,
    SCALAR_TAGS,
    Scalar,
    as_key,
    as_value,
    resolve,
    resolve_tagged,
)
from gateproof.errors import DocumentError

_MOST_NOTES = 100  # for each document


def read(text: str, limits: Limits) -> tuple[Document, ...]:
    """Read every document of a YAML stream."""
    try:
        return tuple(_Reader(text, limits).documents())
    except YAMLError as error:
        raise refusal(text, error) from None


def event_source(text: str) -> Callable[[], Any]:
    """A function that gives the next event of a YAML stream at each call."""
    return CParser(text).get_event


def offset_of(event: Event) -> int:
    """Where an event starts in the text, in characters."""
    mark = event.start_mark
    return mark.index if mark else 0


class _Anchor(Struct, frozen=True):
    """What an alias stands for: the value, and how many nodes and further levels it brings with it.

    ``event`` is what it started with: as a key, a scalar is read in another way than as a value.
    """

    event: NodeEvent
    value: Any
    nodes: int
    levels: int


class _Reader:
    """One pass over the events of a stream. Recursion is bounded by ``limits.max_depth``."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._next = event_source(text)
        self._anchors: dict[str | None, _Anchor | None] = {}  # None: its value is still being read
        self._notes: list[Note] = []
        self._trail: list[str | int] = []
        self._nodes = 0
        self._aliases = 0
        self._deepest = 0

    def documents(self) -> Iterator[Document]:
        self._next()  # the start of the stream
        index = 0
        while type(self._next()) is DocumentStartEvent:
            self._anchors, self._notes = {}, []
            value = self._node(self._next(), 0)
            self._next()  # the end of the document
            if value is not None:
                yield Document(value, Format.YAML, index, tuple(self._notes))
            index += 1

    def _node(self, event: NodeEvent, depth: int) -> Any:
        """The value that starts with ``event``; a container of it is ``depth`` levels below the root."""
        self._nodes += 1
        if self._nodes > self._limits.max_nodes:
            raise too_many("values", self._limits.max_nodes, self._place(event))
        if type(event) is AliasEvent:
            return self._alias(event, depth).value
        outer = self._open(event, depth) if event.anchor is not None else None
        value: Any
        if type(event) is ScalarEvent:
            value = self._scalar_value(event)
        else:
            self._enter(event, depth)
            value = self._mapping(depth) if type(event) is MappingStartEvent else self._sequence(depth)
        if outer is not None:
            self._close(event, value, depth, outer)
        return value

    def _scalar_value(self, event: ScalarEvent) -> Scalar:
        if _is_literal(event):
            return event.value
        try:
            return as_value(self._scalar(event))
        except ValueError as error:
            self._refuse(event, str(error), "write a value that JSON has, or quote it")

    def _enter(self, event: NodeEvent, depth: int) -> None:
        """Refuse a container that is too deep or has a tag of its own."""
        if depth > self._limits.max_depth:
            raise too_deep(self._limits.max_depth, self._place(event))
        self._deepest = max(self._deepest, depth)
        tag = event.tag if isinstance(event, CollectionStartEvent) else None
        if tag is not None and tag not in COLLECTION_TAGS:
            self._refuse_tag(event, tag)

    def _sequence(self, depth: int) -> list[Any]:
        result: list[Any] = []
        while type(event := self._next()) is not SequenceEndEvent:
            self._trail.append(len(result))
            result.append(self._node(event, depth + 1))
            self._trail.pop()
        return result

    def _mapping(self, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: set[str] = set()  # what only merges have set so far
        while type(event := self._next()) is not MappingEndEvent:
            if _is_merge(event):
                self._merge(event, depth, result, merged)
                continue
            key = self._key(event)
            self._trail.append(key)
            if key in result and key not in merged:
                self._note(event, f"duplicate key {shown(key)}: the last one counts")
            merged.discard(key)
            result[key] = self._node(self._next(), depth + 1)
            self._trail.pop()
        return result

    def _merge(self, event: Event, depth: int, result: dict[str, Any], merged: set[str]) -> None:
        source = self._node(self._next(), depth + 1)
        parts = source if isinstance(source, list) else [source]
        if not all(isinstance(part, dict) for part in parts):
            self._refuse(event, "a merge needs a mapping or a list of mappings", "correct the value of this <<")
        for part in reversed(parts):
            for key, value in part.items():
                if key in result and key not in merged:
                    self._trail.append(key)
                    self._note(
                        event, f"the merge overrides {shown(key)}, which stands before it; other parsers keep that"
                    )
                    self._trail.pop()
                else:
                    merged.add(key)
                result[key] = value

    def _key(self, event: NodeEvent) -> str:
        self._nodes += 1
        if type(event) is AliasEvent:
            event = self._alias(event, 0).event
        elif event.anchor is not None and type(event) is ScalarEvent:
            self._close(event, self._scalar_value(event), 0, self._open(event, 0))
        if type(event) is not ScalarEvent:
            self._refuse(event, "a mapping or a list cannot be a key", "write the key as a string")
        if _is_literal(event):
            return event.value
        try:
            return as_key(self._scalar(event))
        except ValueError as error:
            self._refuse(event, str(error), "write the key as a string")

    def _scalar(self, event: ScalarEvent) -> Scalar:
        if event.tag is None:
            return resolve(event.value)
        if event.tag not in SCALAR_TAGS:
            self._refuse_tag(event, event.tag)
        return resolve_tagged(event.value, event.tag)

    def _open(self, event: NodeEvent, depth: int) -> tuple[int, int]:
        """Start counting what an anchored value holds; gives the counts so far."""
        self._anchors[event.anchor] = None
        counts = self._nodes, self._deepest
        self._deepest = depth
        return counts

    def _close(self, event: NodeEvent, value: Any, depth: int, outer: tuple[int, int]) -> None:
        """Keep an anchored value with what its aliases will need to know about it."""
        nodes, deepest = outer
        self._anchors[event.anchor] = _Anchor(event, value, self._nodes - nodes, self._deepest - depth)
        self._deepest = max(self._deepest, deepest)

    def _alias(self, event: AliasEvent, depth: int) -> _Anchor:
        """What the alias stands for, counted as though it were written out here."""
        name = event.anchor or ""
        if name not in self._anchors:
            self._refuse(event, f"the alias {shown(name)} has no anchor", "define the anchor before it is used")
        anchor = self._anchors[name]
        if anchor is None:
            self._refuse(event, f"the anchor {shown(name)} contains itself", "write the value out")
        self._aliases += 1
        self._nodes += anchor.nodes
        if self._aliases > self._limits.max_aliases:
            raise too_many("aliases", self._limits.max_aliases, self._place(event))
        if self._nodes > self._limits.max_nodes:
            raise too_many("values once aliases are expanded", self._limits.max_nodes, self._place(event))
        if depth + anchor.levels > self._limits.max_depth:
            raise too_deep(self._limits.max_depth, self._place(event))
        self._deepest = max(self._deepest, depth + anchor.levels)
        return anchor

    def _note(self, event: Event, message: str) -> None:
        if len(self._notes) < _MOST_NOTES:
            last = len(self._notes) == _MOST_NOTES - 1
            message += "; further notes are left out" if last else ""
            self._notes.append(Note(message, tuple(self._trail), self._place(event)))

    def _place(self, event: Event) -> Position:
        return place(self._text, offset_of(event))

    def _refuse(self, event: Event, problem: str, hint: str) -> NoReturn:
        raise unreadable(Format.YAML, problem, hint, self._place(event))

    def _refuse_tag(self, event: Event, tag: str) -> NoReturn:
        self._refuse(
            event, f"the tag {shown(tag)} is an application's own", "render the file with that application first"
        )


def _is_literal(event: ScalarEvent) -> bool:
    """Whether it is its own text: quoted or a block, and without a tag."""
    return event.tag is None and not event.implicit[0]


def _is_merge(event: Event) -> bool:
    return (
        type(event) is ScalarEvent
        and event.value == "<<"
        and (event.tag == MERGE or (event.tag is None and event.implicit[0]))
    )


def refusal(text: str, error: YAMLError) -> DocumentError:
    """Translate libyaml's refusal; its offsets are characters."""
    problem, offset = "it is not a YAML stream", 0
    if isinstance(error, MarkedYAMLError):
        problem = error.problem or error.context or problem
        mark = error.problem_mark or error.context_mark
        offset = mark.index if mark else 0
    elif isinstance(error, ReaderError):
        problem, offset = error.reason, error.position
    at = place(text, min(offset, len(text)))
    return unreadable(Format.YAML, problem, "correct the YAML at this place, or just before it", at)
