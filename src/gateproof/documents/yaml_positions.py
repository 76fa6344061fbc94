"""Where values stand in a YAML stream, from the same events that the reader reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from yaml.error import YAMLError
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gateproof.documents.places import Wanted
from gateproof.documents.yaml_reader import event_source, offset_of, refusal
from gateproof.documents.yaml_scalars import as_key, resolve, resolve_tagged

_Next = Callable[[], Any]


def locate(text: str, roots: Mapping[int, Wanted]) -> None:
    """Set the offset, in characters, of every wanted value that stands in the text itself."""
    next_event = event_source(text)
    try:
        next_event()  # the start of the stream
        index = 0
        while type(next_event()) is DocumentStartEvent:
            _visit(next_event, next_event(), roots.get(index))
            next_event()  # the end of the document
            index += 1
    except YAMLError as error:
        raise refusal(text, error) from None


def _visit(next_event: _Next, event: Event, wanted: Wanted | None) -> None:
    """Mark the value that starts with ``event`` and what is wanted inside it; leave the events behind it."""
    if wanted is not None and wanted.offset is None:
        wanted.offset = offset_of(event)
    if wanted is not None and wanted.children and type(event) is MappingStartEvent:
        _visit_mapping(next_event, wanted.children)
    elif wanted is not None and wanted.children and type(event) is SequenceStartEvent:
        _visit_sequence(next_event, wanted.children)
    elif isinstance(event, CollectionStartEvent):
        _skip(next_event)


def _visit_mapping(next_event: _Next, children: dict[str | int, Wanted]) -> None:
    while type(event := next_event()) is not MappingEndEvent:
        if isinstance(event, CollectionStartEvent):
            _skip(next_event)
        key = _key(event) if isinstance(event, ScalarEvent) else None
        child = children.get(key) if key is not None else None
        if child is not None:
            child.forget()
            child.offset = offset_of(event)
        _visit(next_event, next_event(), child)


def _visit_sequence(next_event: _Next, children: dict[str | int, Wanted]) -> None:
    index = 0
    while type(event := next_event()) is not SequenceEndEvent:
        _visit(next_event, event, children.get(index))
        index += 1


def _skip(next_event: _Next) -> None:
    """Pass over the rest of a collection that has just been opened."""
    depth = 1
    while depth:
        event = next_event()
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1


def _key(event: ScalarEvent) -> str | None:
    try:
        if event.tag is not None:
            return as_key(resolve_tagged(event.value, event.tag))
        return as_key(resolve(event.value)) if event.implicit[0] else event.value
    except ValueError:  # not a stream that was read
        return None
