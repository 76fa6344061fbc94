"""Frameworks and their controls: what an id means, how people spell it, what is related to it.

A canonical id is ``framework@version:id`` (``soc2@2017:CC6.1``, ``nist-800-53@5:SC-28(1)``), without the version where
the framework has none (``hipaa:164.312(b)``). The data are JSON files in ``data/``, read when first asked for; each
says where its ids come from.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from gateproof.errors import PolicyError

_DATA = Path(__file__).parent / "data"
_FILES = ("soc2.json", "nist-800-53.json", "pci-dss.json", "hipaa.json")

_NAMES = (
    r"(?i:(?P<soc2>soc[ -]?2|tsc)"
    r"|(?P<nist>nist(?:[ -](?:sp[ -]?)?800-53)?|800-53)"
    r"|(?P<pci>pci(?:[ -]?dss)?)"
    r"|(?P<hipaa>hipaa))"
    r"(?:@(?P<version>[^:\s]+))?[\s:/-]+"
)
_FRAMEWORK_OF = {"soc2": "soc2", "nist": "nist-800-53", "pci": "pci-dss", "hipaa": "hipaa"}
_ID = r"[A-Za-z0-9 ._()-]{1,40}"
_Key = tuple[str | int, ...]

_OLDER_NUMBERS: dict[tuple[str, _Key], _Key] = {("pci-dss", (3, 4)): (3, 5, 1)}
"""Numbers of older editions that are still in use where no version is named (PCI DSS 3.2.1 had 3.4)."""


class Control(msgspec.Struct, frozen=True):
    """A requirement of a framework. ``id`` is ``framework@version:id``; ``related`` are its crosswalk."""

    id: str
    title: str
    related: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """A control as its framework's file has it."""

    id: str
    title: str
    baselines: tuple[str, ...] = ()


class Framework(msgspec.Struct, frozen=True):
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


@cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework that is shipped."""
    decoder = msgspec.json.Decoder(Framework)
    return tuple(decoder.decode((_DATA / name).read_bytes()) for name in _FILES)


@cache
def controls() -> dict[str, Control]:
    """Every control by canonical id, related ones (the crosswalk, read both ways) with it."""
    related = _crosswalk()
    return {
        (key := f"{framework.name}:{entry.id}"): Control(key, entry.title, tuple(sorted(related.get(key, ()))))
        for framework in frameworks()
        for entry in framework.controls
    }


def control(text: str) -> Control:
    """The control that ``text`` spells, see ``resolve``."""
    known = controls()
    return known.get(text) or known[resolve(text)]


def resolve(text: str) -> str:
    """The canonical id of the control that ``text`` spells.

    Case, dashes, blanks and leading zeros do not matter (``CC-6.1``, ``soc2:cc6.1``, ``NIST SC-28``, ``sc-28.1`` for
    SC-28(1)); the framework may be left out for ids that begin with letters. Raises PolicyError with the nearest known
    ids when there is no such control, or none of the version named.
    """
    found = spelled(text)
    if found is None:
        raise PolicyError(f"there is no control {text[:60]!r}", hint=_nearest(text))
    return found


def spelled(text: str) -> str | None:
    """The canonical id of the control that ``text`` spells, or None; see ``resolve``."""
    text = text.strip()
    named = re.match(_NAMES, text)
    if named is None:
        return _find("", text, versioned=False)
    framework = next(known for name, known in _FRAMEWORK_OF.items() if named[name])
    version = named["version"]
    found = _find(framework, text[named.end() :], versioned=version is not None)
    if found and version is not None and not found.startswith(f"{framework}@{version}:"):
        return None
    return found


def _find(framework: str, number: str, *, versioned: bool) -> str | None:
    if not re.fullmatch(_ID, number):
        return None
    key = _key(number)
    if not framework:
        return _by_key().get(("", key)) if isinstance(key[0], str) else None
    if not versioned:
        key = _OLDER_NUMBERS.get((framework, key), key)
    return _by_key().get((framework, key))


def _key(number: str) -> _Key:
    """What is compared: runs of letters and numbers. ``CC-6.1`` is ``CC6.1``, and ``AC-2(1)`` is not ``AC-21``."""
    parts = re.findall(r"[a-z]+|[0-9]+", number.lower())
    return tuple(int(part) if part.isdecimal() else part for part in parts) or ("",)


@cache
def _by_key() -> dict[tuple[str, _Key], str]:
    """Canonical ids by (framework, key), and by key alone under the framework ''."""
    found: dict[tuple[str, _Key], str] = {}
    for framework in frameworks():
        for entry in framework.controls:
            canonical, key = f"{framework.name}:{entry.id}", _key(entry.id)
            found[framework.id, key] = canonical
            found.setdefault(("", key), canonical)
    return found


def _nearest(text: str) -> str:
    from difflib import get_close_matches

    ids = {canonical.partition(":")[2]: canonical for canonical in controls()}
    number = text.strip()[:200].rpartition(":")[2].rpartition(" ")[2].upper()[:40]
    near = get_close_matches(number, ids, n=3, cutoff=0.5)
    if not near:
        return "ids look like soc2@2017:CC6.1 or nist-800-53@5:SC-28"
    return "the nearest known ids are " + ", ".join(ids[name] for name in near)


def _crosswalk() -> dict[str, set[str]]:
    both: dict[str, set[str]] = {}
    crosswalk = msgspec.json.decode((_DATA / "crosswalk.json").read_bytes(), type=_Crosswalk)
    for one, others in crosswalk.related.items():
        for other in others:
            both.setdefault(one, set()).add(other)
            both.setdefault(other, set()).add(one)
    return both
