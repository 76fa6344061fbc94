"""Kyverno's overlay patterns: maps, lists and scalars with anchors, against an object.

Anchors (Kyverno's documentation, "Validate rules: anchors") stand around keys:

    (key)    conditional   where it does not match, the rule does not apply to this map
    <(key)   global        where it does not match, the rule does not apply to the whole object
    =(key)   equality      if the key is there, its value must match
    ^(key)   existence     if the list is there, one of its elements must match
    X(key)   negation      the key must not be there

A list pattern has one element, which every element of the object's list must match. A pattern is compiled once, when
its policy is loaded, to a function of the value; one with variables, each time that they have got their values. Places
are put together only where something does not match, on the way back from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.scalars import Scalar, Test, UndecidableError, compile_scalar

_ANCHOR = re.compile(r"([+<=X^]?)\((.+)\)", re.DOTALL)
_PHASE_ONE = ("()", "^", "=", "X")
_ABSENT = object()


class PatternError(ValueError):
    """A pattern that cannot be compiled; the message names the construct and its place."""


class HiddenError(UndecidableError):
    """A value that is needed is hidden; ``path`` leads to it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{_at(path)}: {why}")
        self.path = path
        self.why = why

    def below(self, step: str | int) -> HiddenError:
        """The same, seen from one level further up."""
        return HiddenError((step, *self.path), self.why)


class Kind(Enum):
    """What a mismatch means."""

    FAIL = "the object violates the pattern"
    ANCHOR = "an anchor says that the rule does not apply"
    GROUP = "anchors further down say so for every part"


class Mismatch(msgspec.Struct, frozen=True):
    """Where and why an object does not match. ``said`` has ``{}`` for the place, which few are asked for."""

    said: str
    kind: Kind = Kind.FAIL
    path: Path = ()

    @property
    def message(self) -> str:
        """The place, and what is wrong there."""
        return self.said.replace("{}", _at(self.path), 1)

    @property
    def skips(self) -> bool:
        """Whether the rule does not apply, rather than fail."""
        return self.kind is not Kind.FAIL

    def below(self, step: str | int) -> Mismatch:
        """The same, seen from one level further up."""
        return Mismatch(self.said, self.kind, (step, *self.path))

    def meaning(self, kind: Kind) -> Mismatch:
        """The same, and what it means to the map or list that it is in."""
        return Mismatch(self.said, kind, self.path)


Matcher = Callable[[Any], Mismatch | None]
"""None when the value matches, else the first mismatch in the order of evaluation. Raises HiddenError."""

_NO_OBJECT = Mismatch("{} is not an object")
_NO_LIST = Mismatch("{} is not a list")
_NO_LISTS = Mismatch("{}: the anchor ^ needs a list of objects on both sides")
_NO_ELEMENT = Mismatch("no element of {} matches")
_NOT_ALLOWED = Mismatch("{} is not allowed")
_NOT_THERE = Mismatch("{} is not there", Kind.ANCHOR)
_MISSING = Mismatch("{} is missing")


class _Entry(NamedTuple):
    """A key of a map pattern and its anchor (one of ``() < = ^ X``, or empty).

    ``match`` is given what stands there, or ``default``; ``anchored``: whether there are anchors below.
    """

    anchor: str
    key: str
    match: Matcher
    anchored: bool

    @property
    def spelling(self) -> str:
        """The key as it is written; entries are evaluated in this order."""
        if not self.anchor:
            return self.key
        return f"{self.anchor.removesuffix('()')}({self.key})"

    @property
    def step(self) -> _Step:
        """What is evaluated of it."""
        return (self.key, _ABSENT if self.anchor else None, self.match)


_Step = tuple[str, object, Matcher]
"""A key, what its matcher is given where the key is not there, and the matcher."""


def compile_pattern(raw: Any) -> Matcher:
    """Compile the JSON value ``raw``. Raises PatternError."""
    return _compile(raw, ())[0]


def _compile(raw: Any, path: Path, *, wild: bool = False) -> tuple[Matcher, bool]:
    """The matcher, and whether there are anchors in it. ``wild``: keys of a map may have wildcards."""
    if isinstance(raw, dict):
        return _compile_map(raw, path, wild=wild)
    if isinstance(raw, list):
        return _compile_list(raw, path)
    return partial(_match_scalar, compile_scalar(raw), Mismatch("{} does not match " + _shown(raw))), False


def _compile_map(raw: dict[str, Any], path: Path, *, wild: bool) -> tuple[Matcher, bool]:
    entries: list[_Entry] = []
    # No comprehension, here and for lists: what variables bring may be deep, and it would be one frame more a level.
    for spelled, value in raw.items():
        entries.append(_entry(spelled, value, path))
    anchored = any(entry.anchor or entry.anchored for entry in entries)
    if wild and any(wildcard.has_wildcard(entry.key) for entry in entries):
        return partial(_match_wild, entries), anchored
    return _ordered(entries), anchored


def _entry(spelled: str, value: Any, path: Path) -> _Entry:
    found = _ANCHOR.fullmatch(spelled.strip())
    anchor, key = (found[1] or "()", found[2]) if found else ("", spelled)
    if anchor == "+":
        raise PatternError(f"the add anchor +({key}), which is for mutate rules, at {_at(path)}")
    # Only the keys of labels and annotations may have wildcards.
    wild = key in ("labels", "annotations") and path[-1:] == ("metadata",)
    if anchor == "^" and isinstance(value, list) and value and isinstance(value[0], dict):
        [(match, anchored)] = _elements(value, (*path, key))
        return _Entry(anchor, key, partial(_match_existence, match), anchored)
    match, anchored = _compile(value, (*path, key), wild=wild)
    match anchor:
        case "X":
            match = _match_negation
        case "^":
            match = _match_no_existence
        case "()":
            match = partial(_match_condition, match)
        case "<":
            match = partial(_match_global, match)
        case "=":
            match = partial(_match_equality, match)
        case _ if value == "*":
            match = _match_presence
    return _Entry(anchor, key, match, anchored)


def _compile_list(raw: list[Any], path: Path) -> tuple[Matcher, bool]:
    elements = _elements(raw, path)
    anchored = any(of_element for _, of_element in elements)
    if isinstance(raw[0], list):
        return partial(_match_list, None, tuple(match for match, _ in elements)), anchored
    [(match, _)] = elements
    return partial(_match_list, match, ()) if isinstance(raw[0], dict) else partial(_match_scalars, match), anchored


def _elements(raw: list[Any], path: Path) -> list[tuple[Matcher, bool]]:
    if not raw:
        raise PatternError(f"an empty list at {_at(path)}")
    elements: list[tuple[Matcher, bool]] = []
    for index, element in enumerate(raw):
        elements.append(_compile(element, (*path, index)))
    if len(raw) > 1 and not isinstance(raw[0], list):
        # Kyverno reads the first alone; silently dropping the others would not be what the author meant.
        raise PatternError(f"a list with {len(raw)} elements, of which Kyverno reads the first, at {_at(path)}")
    return elements


def _ordered(entries: Iterable[_Entry]) -> Matcher:
    """Entries in the order of evaluation: it decides whether a failure or a skip is met first."""
    entries = sorted(entries, key=lambda entry: entry.spelling)
    anchored = tuple(partial(_match_plain, (entry.step,)) for entry in entries if entry.anchor in _PHASE_ONE)
    first: list[_Step] = []
    last: list[_Step] = []
    for entry in entries:
        if entry.anchor not in _PHASE_ONE:
            (first if entry.anchor == "<" or entry.anchored else last).append(entry.step)
    plain = (*reversed(first), *last)
    return partial(_match_anchored, anchored, plain) if anchored else partial(_match_plain, plain)


def _match_wild(entries: Sequence[_Entry], value: Any) -> Mismatch | None:
    """Keys with wildcards stand for the first key that they match (Kyverno takes any one of them)."""
    if not isinstance(value, dict):
        return _NO_OBJECT
    return _ordered(entry._replace(key=_found(entry.key, value)) for entry in entries)(value)


def _found(key: str, value: dict[str, Any]) -> str:
    if not wildcard.has_wildcard(key):
        return key
    return next((name for name in sorted(value) if wildcard.matches(key, name)), key)


def _match_plain(entries: Sequence[_Step], value: Any) -> Mismatch | None:
    if not isinstance(value, dict):
        return _NO_OBJECT
    for key, default, match in entries:
        try:
            mismatch = match(value.get(key, default))
        except HiddenError as error:
            raise error.below(key) from None
        if mismatch is not None:
            return mismatch.below(key)
    return None


def _match_anchored(anchored: Sequence[Matcher], plain: Sequence[_Step], value: Any) -> Mismatch | None:
    """A map with anchors: ``anchored`` match it entry by entry, and say whether the others count."""
    skips: list[Mismatch] = []
    applied = 0
    for match in anchored:
        mismatch = match(value)
        if mismatch is None:
            applied += 1
        elif mismatch.skips:
            skips.append(mismatch)
        elif not _skipped_here(skips):
            return mismatch
    if skips and (not applied or _skipped_here(skips)):
        return skips[0].meaning(Kind.GROUP)
    return _match_plain(plain, value)


def _skipped_here(skips: list[Mismatch]) -> bool:
    return any(skip.kind is Kind.ANCHOR for skip in skips)


def _match_presence(found: Any) -> Mismatch | None:
    return _MISSING if found is None else None


def _match_negation(found: Any) -> Mismatch | None:
    return None if found is _ABSENT else _NOT_ALLOWED


def _match_condition(match: Matcher, found: Any) -> Mismatch | None:
    if found is _ABSENT:
        return _NOT_THERE
    mismatch = match(found)
    return mismatch and mismatch.meaning(Kind.ANCHOR)


def _match_global(match: Matcher, found: Any) -> Mismatch | None:
    return None if found is _ABSENT else _match_condition(match, found)


def _match_equality(match: Matcher, found: Any) -> Mismatch | None:
    return None if found is _ABSENT else match(found)


def _match_existence(match: Matcher, found: Any) -> Mismatch | None:
    if found is _ABSENT:
        return None
    if not isinstance(found, list):
        return _NO_LISTS
    for index, element in enumerate(found):
        try:
            if match(element) is None:
                return None
        except HiddenError as error:
            raise error.below(index) from None
    return _NO_ELEMENT


def _match_no_existence(found: Any) -> Mismatch | None:
    return None if found is _ABSENT else _NO_LISTS


def _match_list(every: Matcher | None, each: Sequence[Matcher], values: Any) -> Mismatch | None:
    """Each element with ``every``, or index by index: the first failure; or, where all skip, the first of them."""
    if not isinstance(values, list):
        return _NO_LIST
    if len(values) < len(each):
        return Mismatch(f"{{}} has fewer than {len(each)} elements")
    skip: Mismatch | None = None
    applied = False
    for index, element in enumerate(values if every else values[: len(each)]):
        try:
            mismatch = (every or each[index])(element)
        except HiddenError as error:
            raise error.below(index) from None
        if mismatch is None:
            applied = True
        elif not mismatch.skips:
            return mismatch.below(index)
        elif skip is None:
            skip = mismatch.below(index)
    return None if skip is None or applied else skip.meaning(Kind.GROUP)


def _match_scalars(match: Matcher, values: Any) -> Mismatch | None:
    return match(values) if isinstance(values, list) else _NO_LIST


def _match_scalar(holds: Test, mismatch: Mismatch, value: Any) -> Mismatch | None:
    """A scalar pattern on a list is matched with each element, and holds for an empty one."""
    try:
        matched = all(map(holds, value)) if isinstance(value, list) else holds(value)
    except UndecidableError as error:
        raise HiddenError((), str(error)) from None
    return None if matched else mismatch


def _shown(value: Scalar) -> str:
    return msgspec.json.encode(value).decode()


def _at(path: Path) -> str:
    return ".".join(str(step) for step in path) or "the object"
