"""Kubernetes objects in the YAML of a policy, and problems with them at their lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gateproof.catalog.policy import Source
from gateproof.documents.interface import Format, Path, Position
from gateproof.documents.reading import positions, read
from gateproof.errors import DocumentError, PolicyError

HINT = "correct what is listed, or run this policy with the engine that it was written for"


class Manifest(msgspec.Struct, frozen=True):
    """An object with apiVersion and kind, and where it stands: a source, and the index of its document in it."""

    value: dict[str, Any]
    source: Source
    index: int

    @property
    def group(self) -> str:
        """Its API group."""
        return str(self.value["apiVersion"]).rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version of its API."""
        return str(self.value["apiVersion"]).rpartition("/")[2]

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.value["kind"])

    @property
    def name(self) -> str:
        """``metadata.name``; empty where there is none."""
        metadata = self.value.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        return name if isinstance(name, str) else ""

    def line(self, path: Path) -> int:
        """The line of what stands at ``path``, or of what is nearest to it; from 1."""
        return self._place(path).line

    def at(self, path: Path) -> str:
        """``file:line:column`` of what stands at ``path``, or of what is nearest to it."""
        place = self._place(path)
        return f"{self.source.name}:{place.line}:{place.column}"

    def _place(self, path: Path) -> Position:
        return positions(self.source.text.encode(), Format.YAML, [(self.index, path)])[self.index, path]


class Problems:
    """Collects what is wrong with manifests, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, manifest: Manifest, path: Path, message: str) -> None:
        """``message`` is about what stands at ``path`` of ``manifest``."""
        shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
        self.found.append(f"{manifest.at(path)}: {shown}: {message}" if shown else f"{manifest.at(path)}: {message}")

    def about(self, what: str) -> PolicyError:
        """The error that says all of them, about ``what``."""
        return PolicyError(f"{what} cannot be used", hint=HINT, problems=self.found)


def manifests(sources: Iterable[Source]) -> list[Manifest]:
    """Every object in ``sources``. Raises PolicyError for text that is no YAML, or a document that is no object."""
    found, problems = [], []
    for source in sources:
        try:
            documents = read(source.text.encode(), Format.YAML)
        except DocumentError as error:
            problems.append(f"{source.name}:{error.line or 1}:{error.column or 1}: {error.message}")
            continue
        for document in documents:
            value = document.value
            if isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("apiVersion", "kind")):
                found.append(Manifest(value, source, document.index))
            else:
                problems.append(f"{source.name}: document {document.index + 1} has no apiVersion and kind")
    if problems:
        raise PolicyError("the policy cannot be read", hint="correct the YAML", problems=problems)
    return found
