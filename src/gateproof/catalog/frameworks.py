"""Frameworks and their controls: what an id means, how people spell it, what is related to it.

A canonical id is ``framework@version:id`` (``soc2@2017:CC6.1``, ``nist-800-53@5:SC-28(1)``), without the version where
the framework has none (``hipaa:164.312(b)``). The data are JSON files in ``data/``, read when first asked for; each
says where its ids come from. ``shipped()`` is the Catalog of all of them; a team's own frameworks are added with
``Catalog.plus``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import islice
from pathlib import Path

import msgspec

from gateproof.catalog.enforcement import topics
from gateproof.errors import PolicyError

_DATA = Path(__file__).parent / "data"
_MAX_PROBLEMS = 20
"""More would be no help, and the nearest known ids of each take a while to find."""
_FILES = ("soc2.json", "nist-800-53.json", "pci-dss.json", "hipaa.json")

_NAMES = (
    r"(?i:(?P<soc2>soc[ -]?2|tsc)"
    r"|(?P<nist>nist(?:[ -](?:sp[ -]?)?800-53)?|800-53)"
    r"|(?P<pci>pci(?:[ -]?dss)?)"
    r"|(?P<hipaa>hipaa))"
    r"(?:@(?P<version>[^:\s]+))?[\s:/-]+"
)
_FRAMEWORK_OF = {"soc2": "soc2", "nist": "nist-800-53", "pci": "pci-dss", "hipaa": "hipaa"}
_Key = tuple[str | int, ...]

ID = r"[A-Za-z0-9][A-Za-z0-9 ._()-]{0,63}"
"""What an id of a control may look like."""
NAME = r"[a-z0-9][a-z0-9._-]{0,99}"
"""What an id of a framework may look like."""
VERSION = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}"
"""What a version of a framework may look like."""

_OLDER_NUMBERS: dict[tuple[str, _Key], _Key] = {("pci-dss", (3, 4)): (3, 5, 1)}
"""Numbers of older editions that are still in use where no version is named (PCI DSS 3.2.1 had 3.4)."""


class Control(msgspec.Struct, frozen=True):
    """A requirement of a framework. ``id`` is ``framework@version:id``; ``related`` are its crosswalk."""

    id: str
    title: str
    related: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A control as its framework's file has it.

    ``designation``: what the framework says about its force (``required``, ``addressable``). ``heading``: it only
    groups others. ``aliases``: other ids of it. ``related``: controls of other frameworks, in any spelling.
    ``not_by_gate``: why no executable gate can enforce it.
    """

    id: str
    title: str
    baselines: tuple[str, ...] = ()
    designation: str = ""
    heading: bool = False
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    not_by_gate: str = ""


class Framework(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One framework's file. ``source`` and ``note`` say where it comes from and what is left out."""

    id: str
    version: str
    title: str
    source: str
    note: str
    controls: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """What stands before the colon of its canonical ids."""
        return f"{self.id}@{self.version}" if self.version else self.id


class _Crosswalk(msgspec.Struct, frozen=True):
    note: str
    related: dict[str, tuple[str, ...]]


class _Group(msgspec.Struct, frozen=True):
    reason: str
    controls: tuple[str, ...]


class _NotByGate(msgspec.Struct, frozen=True):
    note: str
    groups: tuple[_Group, ...]


class Catalog:
    """Frameworks with everything that is known about their controls. Immutable; what is derived is kept."""

    def __init__(self, frameworks: Iterable[Framework], own: Iterable[Framework] = ()) -> None:
        self._shipped = tuple(frameworks)
        self.own = tuple(own)
        self.frameworks = (*self._shipped, *self.own)

    def plus(self, own: Iterable[Framework]) -> Catalog:
        """This catalogue with a team's ``own`` frameworks.

        Raises PolicyError with every problem: a framework whose name is taken, two controls that cannot be told apart,
        an alias that is taken, a related control that there is not.
        """
        extended = Catalog(self._shipped, (*self.own, *own))
        problems = [*islice(_taken(extended.frameworks), _MAX_PROBLEMS)]
        problems += islice(extended._unknown_relations(), _MAX_PROBLEMS)
        if problems:
            raise PolicyError(
                "the frameworks do not make a catalogue", problems=problems, hint="correct them and run again"
            )
        return extended

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every control as its file has it, by canonical id, in the order of the files."""
        return {f"{each.name}:{entry.id}": entry for each in self.frameworks for entry in each.controls}

    @cached_property
    def controls(self) -> Mapping[str, Control]:
        """Every control by canonical id, with the related ones: the crosswalk, read both ways."""
        related = _related(self._pairs())
        return {
            key: Control(key, entry.title, tuple(sorted(related.get(key, ())))) for key, entry in self.entries.items()
        }

    @cached_property
    def not_by_gate(self) -> Mapping[str, str]:
        """Why no executable gate can enforce a control, by canonical id, for those of which it is known."""
        groups = msgspec.json.decode((_DATA / "not-by-a-gate.json").read_bytes(), type=_NotByGate).groups
        reasons = {pattern: group.reason for group in groups for pattern in group.controls}
        starts = tuple((pattern[:-1], reason) for pattern, reason in reasons.items() if pattern.endswith("*"))
        found = {}
        for key, entry in self.entries.items():
            reason = (
                entry.not_by_gate or reasons.get(key) or next((why for at, why in starts if key.startswith(at)), "")
            )
            if reason and not entry.heading:
                found[key] = reason
        return found

    def control(self, text: str) -> Control:
        """The control that ``text`` spells, see ``resolve``."""
        return self.controls.get(text) or self.controls[self.resolve(text)]

    def resolve(self, text: str) -> str:
        """The canonical id of the control that ``text`` spells.

        Case, dashes, blanks and leading zeros do not matter (``CC-6.1``, ``soc2:cc6.1``, ``NIST SC-28``, ``sc-28.1``
        for SC-28(1)); the framework may be left out for ids that begin with letters and are no heading, where a shipped
        one goes before an own one. Raises PolicyError with the nearest known ids when there is no such control, or none
        of the version named.
        """
        found = self.spelled(text)
        if found is None:
            raise PolicyError(f"there is no control {text[:60]!r}", hint=self._nearest(text))
        return found

    def pattern(self, text: str) -> str:
        """The canonical id that ``text`` spells, or ``text`` itself where it ends in ``*`` and some control begins so.

        Raises PolicyError when there is none.
        """
        if not text.endswith("*"):
            return self.resolve(text)
        if not any(known.startswith(text[:-1]) for known in self.entries):
            raise PolicyError(f"no control matches {text[:60]!r}", hint="write the framework too: soc2@2017:CC6.*")
        return text

    def spelled(self, text: str) -> str | None:
        """The canonical id of the control that ``text`` spells, or None; see ``resolve``."""
        text = text.strip()
        name, colon, number = text.partition(":")
        if colon and name.lower() in self._names:
            return self._find(name.lower(), number.strip())
        named = re.match(_NAMES, text)
        if named is None:
            return self._find("", text)
        framework = next(known for name, known in _FRAMEWORK_OF.items() if named[name])
        return self._find(f"{framework}@{named['version']}" if named["version"] else framework, text[named.end() :])

    def _find(self, framework: str, number: str) -> str | None:
        if not re.fullmatch(ID, number):
            return None
        key = _key(number)
        key = _OLDER_NUMBERS.get((framework, key), key)
        return self._by_key.get((framework, key))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name.lower() for each in self.frameworks for name in (each.id, each.name))

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, _Key], str]:
        """Canonical ids by (framework with and without its version, key), and by key alone under the framework ''."""
        found: dict[tuple[str, _Key], str] = {}
        for framework in self.frameworks:
            for entry in framework.controls:
                canonical = f"{framework.name}:{entry.id}"
                for key in map(_key, (entry.id, *entry.aliases)):
                    found.setdefault((framework.id.lower(), key), canonical)
                    found.setdefault((framework.name.lower(), key), canonical)
                    if isinstance(key[0], str) and not entry.heading:
                        found.setdefault(("", key), canonical)
        return found

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Which controls are related: those of the crosswalk, those of one topic, and what own frameworks say."""
        crosswalk = msgspec.json.decode((_DATA / "crosswalk.json").read_bytes(), type=_Crosswalk)
        for one, others in crosswalk.related.items():
            yield from ((one, other) for other in others)
        for topic in topics():
            yield from (
                (one, other)
                for one in topic.controls
                for other in topic.controls
                if one.partition(":")[0] != other.partition(":")[0]
            )
        for framework in self.own:
            for entry in framework.controls:
                yield from ((f"{framework.name}:{entry.id}", self.resolve(other)) for other in entry.related)

    def _unknown_relations(self) -> Iterator[str]:
        for framework in self.own:
            for entry in framework.controls:
                for other in entry.related:
                    if self.spelled(other) is None:
                        yield (
                            f"{framework.name}:{entry.id}: there is no control {other[:60]!r}; {self._nearest(other)}"
                        )

    def _nearest(self, text: str) -> str:
        from difflib import get_close_matches

        ids = {canonical.partition(":")[2]: canonical for canonical in reversed([*self.entries])}
        number = text.strip()[:200].rpartition(":")[2].rpartition(" ")[2].upper()[:40]
        near = get_close_matches(number, ids, n=3, cutoff=0.5)
        if not near:
            return "ids look like soc2@2017:CC6.1 or nist-800-53@5:SC-28"
        return "the nearest known ids are " + ", ".join(ids[name] for name in near)


@cache
def shipped() -> Catalog:
    """The catalogue of the frameworks that are shipped."""
    decoder = msgspec.json.Decoder(Framework)
    return Catalog(decoder.decode((_DATA / name).read_bytes()) for name in _FILES)


def frameworks() -> tuple[Framework, ...]:
    """Every framework that is shipped."""
    return shipped().frameworks


def controls() -> Mapping[str, Control]:
    """Every control that is shipped, by canonical id."""
    return shipped().controls


def control(text: str) -> Control:
    """The shipped control that ``text`` spells, see ``Catalog.resolve``.

    For a canonical id only the index is read, so that judging with the built-in policies needs no catalogue.
    """
    known = _index().get(text)
    return msgspec.json.decode(known, type=Control) if known is not None else shipped().control(text)


def index() -> bytes:
    """The text of ``data/index.json``: every shipped control by canonical id, as ``control`` gives it."""
    lines = (f"{_json(key)}: {_json(each)}" for key, each in shipped().controls.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def resolve(text: str) -> str:
    """The canonical id of the shipped control that ``text`` spells, see ``Catalog.resolve``."""
    return shipped().resolve(text)


def spelled(text: str) -> str | None:
    """The same, or None."""
    return shipped().spelled(text)


@cache
def _index() -> dict[str, msgspec.Raw]:
    return msgspec.json.decode((_DATA / "index.json").read_bytes(), type=dict[str, msgspec.Raw])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _key(number: str) -> _Key:
    """What is compared: runs of letters and numbers. ``CC-6.1`` is ``CC6.1``, and ``AC-2(1)`` is not ``AC-21``."""
    parts = re.findall(r"[a-z]+|[0-9]+", number.lower())
    return tuple(int(part) if part.isdecimal() else part for part in parts) or ("",)


def _related(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    both: dict[str, set[str]] = {}
    for one, other in pairs:
        if one == other:
            continue
        both.setdefault(one, set()).add(other)
        both.setdefault(other, set()).add(one)
    return both


def _taken(frameworks: Iterable[Framework]) -> Iterator[str]:
    """Names and ids that stand for two things."""
    names: set[str] = set()
    for framework in frameworks:
        if framework.name.lower() in names:
            yield f"{framework.name}: there are two frameworks of this id and version"
            continue
        names.add(framework.name.lower())
        ids: dict[_Key, str] = {}
        for entry in framework.controls:
            for spelling in (entry.id, *entry.aliases):
                other = ids.setdefault(_key(spelling), entry.id)
                if other is not entry.id:
                    yield f"{framework.name}: {spelling!r} cannot be told from {other!r}"
