"""What every check of the Pod Security Standards takes and gives: a Pod's parts, what they must not be, a Check."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from gateproof.documents.interface import Path

NEWEST = 37
"""The minor version of Kubernetes that ``latest`` stands for: later ones have changed no check that is known here."""

_VERSION = re.compile(r"v1\.(0|[1-9][0-9]{0,5})")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class Level(StrEnum):
    """The levels of the standards, each with everything that the one before it asks for."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


class MalformedPodError(ValueError):
    """A part of the Pod is of a type that no cluster reads; the message says where and what was expected."""


class BadField(msgspec.Struct, frozen=True):
    """A field that a check forbids or misses; ``path`` begins at the Pod.

    ``value`` is what it is set to (texts as a list where several are at fault); None where a value is missing
    (``required``) or it is the field's being there that is wrong.
    """

    path: Path
    value: bool | int | str | tuple[str, ...] | None = None
    required: bool = False

    @property
    def shown(self) -> str:
        """The path as Kubernetes writes it: ``spec.containers[0].securityContext.privileged``."""
        text = ""
        for place, step in enumerate(self.path):
            inside = isinstance(step, int) or self.path[place - 1] == "annotations"
            text += f"[{step}]" if inside else f".{step}"
        return text.removeprefix(".")


class Violation(msgspec.Struct, frozen=True):
    """What a check has against a Pod: its id, and reason and detail in the words of Kubernetes' admission."""

    check: str
    reason: str
    detail: str
    fields: tuple[BadField, ...]


class Forbidden(NamedTuple):
    """A Violation before it is known which check it is of."""

    reason: str
    detail: str
    fields: list[BadField]


class Part(NamedTuple):
    """An object inside of the Pod and where it stands. Null counts as absent, as a cluster reads it.

    Every reader raises MalformedPodError when what is there is of another type.
    """

    value: Mapping[str, Any]
    path: Path

    def at(self, *steps: str) -> Path:
        """The path of something inside."""
        return (*self.path, *steps)

    def object(self, name: str) -> Part | None:
        """The object ``name``; None when it is absent."""
        found = self._typed(name, dict, "an object")
        return None if found is None else Part(found, (*self.path, name))

    def objects(self, name: str) -> Iterator[Part]:
        """The elements of the list ``name``, which are objects."""
        for index, one in enumerate(self._typed(name, list, "a list") or ()):
            if not isinstance(one, dict):
                raise self._wrong(f"{name}[{index}]", "an object")
            yield Part(one, (*self.path, name, index))

    def text(self, name: str) -> str:
        """The text ``name``; empty when it is absent."""
        return self._typed(name, str, "a text") or ""

    def texts(self, name: str) -> list[str]:
        """The texts in the list ``name``."""
        found: list[Any] = self._typed(name, list, "a list") or []
        if not all(isinstance(one, str) for one in found):
            raise self._wrong(name, "a list of texts")
        return found

    def flag(self, name: str) -> bool | None:
        """The boolean ``name``; None when it is absent."""
        found: bool | None = self._typed(name, bool, "true or false")
        return found

    def number(self, name: str) -> int | None:
        """The integer ``name``; None when it is absent."""
        found: int | None = self._typed(name, int, "an integer")
        if isinstance(found, bool):
            raise self._wrong(name, "an integer")
        return found

    def _typed(self, name: str, type: type, expected: str) -> Any:
        found = self.value.get(name)
        if found is not None and not isinstance(found, type):
            raise self._wrong(name, expected)
        return found

    def _wrong(self, name: str, expected: str) -> MalformedPodError:
        return MalformedPodError(f"{BadField((*self.path, name)).shown} is not {expected}")


class Pod(NamedTuple):
    """A Pod, or the template of one: its annotations and its ``spec``."""

    annotations: Mapping[str, str]
    spec: Part

    @classmethod
    def of(cls, metadata: Mapping[str, Any] | None, spec: Mapping[str, Any]) -> Pod:
        """The Pod with this metadata and spec. Raises MalformedPodError."""
        annotations = Part(metadata or {}, ("metadata",)).object("annotations")
        for name, value in annotations.value.items() if annotations else ():
            if not isinstance(value, str):
                raise MalformedPodError(f"metadata.annotations[{name}] is not a text")
        return cls(annotations.value if annotations else {}, Part(spec, ("spec",)))

    @property
    def context(self) -> Part | None:
        """The security context of the whole Pod."""
        return self.spec.object("securityContext")

    @property
    def is_windows(self) -> bool:
        """Whether it says that it is for Windows, where some fields cannot be set."""
        found = self.spec.object("os")
        return found is not None and found.text("name") == "windows"

    @property
    def has_user_namespace(self) -> bool:
        """Whether its users are none of the host's."""
        return self.spec.flag("hostUsers") is False

    def containers(self) -> Iterator[Part]:
        """Init containers, containers and ephemeral containers."""
        for name in _CONTAINERS:
            yield from self.spec.objects(name)


CheckPod = Callable[[Pod], Forbidden | None]


class Revision(NamedTuple):
    """A check as it is from the minor version ``since`` on; ``replaces`` are baseline checks it takes the place of."""

    since: int
    check: CheckPod
    replaces: tuple[str, ...] = ()


class Check(NamedTuple):
    """One check: its id, the lowest level that has it, and its revisions, oldest first."""

    id: str
    level: Level
    revisions: tuple[Revision, ...]

    def revision(self, minor: int) -> Revision | None:
        """What it is in the minor version ``minor``; None before there was any."""
        return next((one for one in reversed(self.revisions) if one.since <= minor), None)


def parse_version(text: str) -> int:
    """The minor version of ``v1.N``, and NEWEST for ``latest``. Raises ValueError."""
    if text == "latest":
        return NEWEST
    found = _VERSION.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is no version (expected latest, or v1.25 and the like)")
    return int(found[1])
