"""Kyverno's overlay patterns: maps, lists and scalars with anchors, against an object.

Anchors (Kyverno's documentation, "Validate rules: anchors") stand around keys:

    (key)    conditional   where it does not match, the rule does not apply to this map
    <(key)   global        where it does not match, the rule does not apply to the whole object
    =(key)   equality      if the key is there, its value must match
    ^(key)   existence     if the list is there, one of its elements must match
    X(key)   negation      the key must not be there

A list pattern has one element, which every element of the object's list must match. A pattern is compiled once, when
its policy is loaded; one with variables, each time that they have got their values.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.scalars import Scalar, UndecidableError, holds

_ANCHOR = re.compile(r"([+<=X^]?)\((.+)\)", re.DOTALL)
_PHASE_ONE = ("()", "^", "=", "X")


class PatternError(ValueError):
    """A pattern that cannot be compiled; the message names the construct and its place."""


class Kind(Enum):
    """What a mismatch means."""

    FAIL = "the object violates the pattern"
    ANCHOR = "an anchor says that the rule does not apply"
    GROUP = "anchors further down say so for every part"


class Mismatch(msgspec.Struct, frozen=True):
    """Where and why an object does not match. ``said`` has ``{}`` for the place, which few are asked for."""

    path: Path
    said: str
    kind: Kind = Kind.FAIL
    inner: Mismatch | None = None

    @property
    def message(self) -> str:
        """The place, and what is wrong there."""
        return self.inner.message if self.inner else self.said.replace("{}", _at(self.path), 1)

    @property
    def skips(self) -> bool:
        """Whether the rule does not apply, rather than fail."""
        return self.kind is not Kind.FAIL


class Leaf(msgspec.Struct, frozen=True):
    """A scalar pattern."""

    value: Scalar


class Sequence(msgspec.Struct, frozen=True):
    """A list pattern; ``elements`` are matched index by index, ``every`` is matched with each element."""

    every: Node | None
    elements: tuple[Node, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """A key of a map pattern, its anchor (one of ``() < = ^ X``, or empty) and its pattern."""

    anchor: str
    key: str
    node: Node

    @property
    def spelling(self) -> str:
        """The key as it is written; entries are evaluated in this order."""
        if not self.anchor:
            return self.key
        return f"{self.anchor.removesuffix('()')}({self.key})"


class Map(msgspec.Struct, frozen=True):
    """A map pattern: first the anchored entries, then the others. ``wild``: keys may have wildcards."""

    anchored: tuple[Entry, ...]
    plain: tuple[Entry, ...]
    wild: bool = False


Node = Leaf | Sequence | Map


def compile_pattern(raw: Any, path: Path = (), *, wild: bool = False) -> Node:
    """Compile the JSON value ``raw``. Raises PatternError."""
    if isinstance(raw, dict):
        return _compile_map(raw, path, wild=wild)
    if isinstance(raw, list):
        return _compile_list(raw, path)
    return Leaf(raw)


def _compile_map(raw: dict[str, Any], path: Path, *, wild: bool) -> Map:
    entries = []
    for spelled, value in raw.items():
        found = _ANCHOR.fullmatch(spelled.strip())
        anchor, key = (found[1] or "()", found[2]) if found else ("", spelled)
        here = (*path, key)
        if anchor == "+":
            raise PatternError(f"the add anchor +({key}), which is for mutate rules, at {_at(path)}")
        # Only the keys of labels and annotations may have wildcards.
        below = _holds_wild_keys(path, key)
        entries.append(Entry(anchor, key, compile_pattern(value, here, wild=below)))
    return _ordered(entries, wild=wild and any(wildcard.has_wildcard(entry.key) for entry in entries))


def _holds_wild_keys(path: Path, key: str) -> bool:
    """Whether the map under ``path``/``key`` holds labels or annotations."""
    return key in ("labels", "annotations") and path[-1:] == ("metadata",)


def _compile_list(raw: list[Any], path: Path) -> Sequence:
    if not raw:
        raise PatternError(f"an empty list at {_at(path)}")
    elements = tuple(compile_pattern(element, (*path, index)) for index, element in enumerate(raw))
    if isinstance(elements[0], Sequence):
        return Sequence(None, elements)
    if len(elements) > 1:
        # Kyverno reads the first alone; silently dropping the others would not be what the author meant.
        raise PatternError(f"a list with {len(elements)} elements, of which Kyverno reads the first, at {_at(path)}")
    return Sequence(elements[0])


def _ordered(entries: list[Entry], *, wild: bool) -> Map:
    """Entries in the order of evaluation: it decides whether a failure or a skip is met first."""
    entries.sort(key=lambda entry: entry.spelling)
    anchored = tuple(entry for entry in entries if entry.anchor in _PHASE_ONE)
    first: list[Entry] = []
    last: list[Entry] = []
    for entry in entries:
        if entry.anchor not in _PHASE_ONE:
            (first if entry.anchor == "<" or _has_anchors(entry.node) else last).append(entry)
    return Map(anchored, (*reversed(first), *last), wild)


def _has_anchors(node: Node) -> bool:
    if isinstance(node, Map):
        return bool(node.anchored) or any(entry.anchor or _has_anchors(entry.node) for entry in node.plain)
    if isinstance(node, Sequence):
        return any(_has_anchors(element) for element in (node.every, *node.elements) if element is not None)
    return False


def match(node: Node, value: Any, path: Path = ()) -> Mismatch | None:
    """None when ``value`` matches, else the first mismatch in the order of evaluation.

    Raises UndecidableError, with the place, when a value that is needed is hidden.
    """
    if isinstance(node, Map):
        if not isinstance(value, dict):
            return Mismatch(path, "{} is not an object")
        return _match_map(_expanded(node, value) if node.wild else node, value, path)
    if isinstance(node, Sequence):
        if not isinstance(value, list):
            return Mismatch(path, "{} is not a list")
        return _match_list(node, value, path)
    try:
        # A scalar pattern on a list is matched with each element, and holds for an empty one.
        matched = all(holds(one, node.value) for one in (value if isinstance(value, list) else (value,)))
    except UndecidableError as error:
        raise UndecidableError(f"{_at(path)}: {error}") from None
    return None if matched else Mismatch(path, "{} does not match " + _shown(node.value))


def _expanded(node: Map, value: dict[str, Any]) -> Map:
    """Replace keys with wildcards by the first key that they match (Kyverno takes any one of them)."""
    entries = []
    for entry in (*node.anchored, *node.plain):
        key = entry.key
        if wildcard.has_wildcard(key):
            key = next((name for name in sorted(value) if wildcard.matches(key, name)), key)
        entries.append(Entry(entry.anchor, key, entry.node))
    return _ordered(entries, wild=False)


def _match_map(node: Map, value: dict[str, Any], path: Path) -> Mismatch | None:
    skips: list[Mismatch] = []
    applied = 0
    for entry in node.anchored:
        mismatch = _match_entry(entry, value, path)
        if mismatch is None:
            applied += 1
        elif mismatch.skips:
            skips.append(mismatch)
        elif not _skipped_here(skips):
            return mismatch
    if skips and (not applied or _skipped_here(skips)):
        return Mismatch(path, "", Kind.GROUP, skips[0])
    for entry in node.plain:
        mismatch = _match_entry(entry, value, path)
        if mismatch is not None:
            return mismatch
    return None


def _skipped_here(skips: list[Mismatch]) -> bool:
    return any(skip.kind is Kind.ANCHOR for skip in skips)


def _match_entry(entry: Entry, value: dict[str, Any], path: Path) -> Mismatch | None:
    here = (*path, entry.key)
    present = entry.key in value
    if entry.anchor == "X":
        return Mismatch(here, "{} is not allowed") if present else None
    if entry.anchor == "()" and not present:
        return Mismatch(here, "{} is not there", Kind.ANCHOR)
    if entry.anchor and not present:
        return None
    found = value.get(entry.key)
    if entry.anchor == "^":
        return _match_existence(entry.node, found, here)
    if not entry.anchor and entry.node == Leaf("*"):
        return Mismatch(here, "{} is missing") if found is None else None
    mismatch = match(entry.node, found, here)
    if mismatch is not None and entry.anchor in ("()", "<"):
        return Mismatch(mismatch.path, "", Kind.ANCHOR, mismatch)
    return mismatch


def _match_existence(node: Node, value: Any, path: Path) -> Mismatch | None:
    if not isinstance(node, Sequence) or not isinstance(node.every, Map) or not isinstance(value, list):
        return Mismatch(path, "{}: the anchor ^ needs a list of objects on both sides")
    if any(match(node.every, element, (*path, index)) is None for index, element in enumerate(value)):
        return None
    return Mismatch(path, "no element of {} matches")


def _match_list(node: Sequence, values: list[Any], path: Path) -> Mismatch | None:
    if isinstance(node.every, Leaf):
        return match(node.every, values, path)
    if node.every is None and len(values) < len(node.elements):
        return Mismatch(path, f"{{}} has fewer than {len(node.elements)} elements")
    pairs = zip(node.elements, values, strict=False) if node.every is None else ((node.every, one) for one in values)
    skips: list[Mismatch] = []
    applied = 0
    for index, (pattern, element) in enumerate(pairs):
        mismatch = match(pattern, element, (*path, index))
        if mismatch is None:
            applied += 1
        elif mismatch.skips:
            skips.append(mismatch)
        else:
            return mismatch
    return Mismatch(path, "", Kind.GROUP, skips[0]) if skips and not applied else None


def _shown(value: Scalar) -> str:
    return msgspec.json.encode(value).decode()


def _at(path: Path) -> str:
    return ".".join(str(step) for step in path) or "the object"
