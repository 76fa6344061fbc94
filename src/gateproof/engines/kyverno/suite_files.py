"""A test of Kyverno with the files that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.catalog.policy import Source
from gateproof.documents.interface import Format
from gateproof.documents.reading import read as read_documents
from gateproof.errors import DocumentError, PolicyError

GROUP = "cli.kyverno.io/"
HINT = "see `kyverno test`"
_MANY = ("policies", "resources", "targetResources", "paramResources", "exceptions", "clusterResources")
_ONE = ("variables", "userinfo", "context")
_KEYS = {
    *("apiVersion", "kind", "metadata", "name", "results", "values", "apiCallResponses", "globalContextEntries"),
    *(*_MANY, *_ONE),
}


class KyvernoTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test. ``file`` is its own; ``files`` are those that it names, by path; or ``unreadable``, and why."""

    value: dict[str, Any]
    file: str
    files: dict[str, tuple[Source, ...]] = {}
    unreadable: dict[str, str] = {}

    def paths(self, key: str) -> Sequence[str]:
        """The paths under one of the keys that name any."""
        raw = self.value.get(key)
        return [raw] if isinstance(raw, str) else raw or []

    def sources(self, paths: Iterable[str]) -> list[Source]:
        """The files at these paths. Raises PolicyError."""
        found: list[Source] = []
        for path in paths:
            if path not in self.files:
                raise PolicyError(self.unreadable.get(path, f"{path} is missing"), where=self.file, hint=HINT)
            found += self.files[path]
        return found

    def documents(self, paths: Iterable[str]) -> list[dict[str, Any]]:
        """The objects in these files. Raises PolicyError."""
        return [value for source in self.sources(paths) for value in objects_in(source)]


def is_test(value: Any) -> bool:
    """Whether a document is a test of Kyverno."""
    return isinstance(value, dict) and value.get("kind") == "Test" and str(value.get("apiVersion")).startswith(GROUP)


def check_keys(test: KyvernoTest) -> None:
    """Raises PolicyError for what is not known of a test, by name."""
    if unknown := sorted(str(key) for key in test.value.keys() - _KEYS):
        raise PolicyError(f"{', '.join(unknown)} of a test is not supported", where=test.file, hint=HINT)


def paths_in(value: Mapping[str, Any]) -> list[str]:
    """Every path that a test names. Raises PolicyError for a part that is of a wrong type."""
    many = [path for key in _MANY for path in _texts(value.get(key), key)]
    return [*many, *(path for key in _ONE if (path := _text(value.get(key), key)))]


def definitions_in(sources: Iterable[Source]) -> list[str]:
    """The paths of custom kinds' definitions in files of cluster resources; what cannot be read names none."""
    found: list[str] = []
    for source in sources:
        try:
            specs = [one.get("spec") for one in objects_in(source)]
        except PolicyError:
            continue
        listed = [spec.get("crds") for spec in specs if isinstance(spec, dict)]
        found += [path for paths in listed if isinstance(paths, list) for path in paths if isinstance(path, str)]
    return found


def objects_in(source: Source) -> list[dict[str, Any]]:
    """The objects in a file of YAML, lists flattened. Raises PolicyError."""
    try:
        documents = read_documents(source.text.encode(), Format.YAML)
    except DocumentError as error:
        raise PolicyError(str(error), where=source.name, hint="correct the file") from None
    found: list[dict[str, Any]] = []
    for document in documents:
        value = document.value
        items = value.get("items") if isinstance(value, dict) and str(value.get("kind")).endswith("List") else None
        found += items if isinstance(items, list) else [value]
    if not all(isinstance(one, dict) for one in found):
        raise PolicyError("a document in it is no object", where=source.name, hint="correct the file")
    return found


def _text(raw: Any, key: str) -> str:
    if not isinstance(raw, str | None):
        raise PolicyError(f"{key} of a test must be a path", hint=HINT)
    return raw or ""


def _texts(raw: Any, key: str) -> Sequence[str]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise PolicyError(f"{key} of a test must be a list of paths", hint=HINT)
    return raw
