"""What `gateproof test` and `gateproof eval` read: Rego, base data, policies with samples, tests of other tools."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from gateproof.adapters import gator_suites, kyverno_suites
from gateproof.adapters.files import as_text, read
from gateproof.engines.samples import Expected, Sample
from gateproof.errors import InputError, PolicyError, UsageError

_DATA = ("data.json", "data.yaml", "data.yml")
_YAML = (".yaml", ".yml")
_DOCUMENTS = (".json", *_YAML)
_KINDS = tuple(Expected)
_LIBRARY = "data.gateproof.lib"


class PolicyFolder(msgspec.Struct, frozen=True):
    """A policy with samples. ``name`` is how its folder was named; ``sources`` are its files, named ``<id>/…``."""

    name: str
    sources: dict[str, str]
    samples: tuple[Sample, ...]


class Suite(msgspec.Struct, frozen=True):
    """Everything below some paths. ``library`` are the shipped modules that ``modules`` refer to and do not have.

    ``yaml``: paths of YAML that is no base data; suites of other tools may be among it.
    """

    modules: dict[str, str]
    data: dict[str, Any]
    folders: tuple[PolicyFolder, ...]
    library: dict[str, str] = {}
    yaml: tuple[str, ...] = ()

    @property
    def program(self) -> dict[str, str]:
        """All modules that are compiled together."""
        return {**self.library, **self.modules}


def gather(paths: Sequence[str]) -> Suite:
    """Read files by their names, and folders with all below them. Raises UsageError, PolicyError and InputError.

    In a folder, base data are the files data.json, data.yaml and data.yml, each at the place below ``data`` that its
    folder has; a file that was named itself is data at the root. A folder with policy.rego and allowed/, denied/ or
    undecided/ is a policy with samples. A file that was named and may be a test of gator or Kyverno is no data.
    """
    gatherer = _Gatherer()
    for path in paths:
        gatherer.add(path)
    library = _library(gatherer.modules)
    return Suite(gatherer.modules, gatherer.data, tuple(gatherer.folders), library, tuple(gatherer.yaml))


def document(name: str) -> Any:
    """The one JSON or YAML document of a file, or of standard input (``-``). Raises InputError and DocumentError."""
    from gateproof.adapters.files import load

    source = load(name)
    if source.problem:
        raise InputError(source.problem, where=source.name, hint="check the path")
    return _parsed(source.name, source.raw)


def _library(modules: Mapping[str, str]) -> dict[str, str]:
    """The shipped library, named ``lib/…`` as policies have it, where it is referred to and not among ``modules``."""
    if not any(_LIBRARY in text for text in modules.values()):
        return {}
    from gateproof.catalog.pack import POLICIES

    shipped = {f"lib/{path.name}": path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("lib/*.rego"))}
    present = set(modules.values())
    return {} if any(text in present for text in shipped.values()) else shipped


def _may_be_suite(raw: bytes) -> bool:
    return gator_suites.may_be_suite(raw) or kyverno_suites.may_be_suite(raw)


class _Gatherer:
    def __init__(self) -> None:
        self.modules: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.folders: list[PolicyFolder] = []
        self.yaml: list[str] = []

    def add(self, path: str) -> None:
        """Add a file, or a folder and all below it."""
        if os.path.isdir(path):
            self._folder(path)
        elif path.endswith(".rego"):
            self._module(path)
        elif path.endswith(_YAML) and _may_be_suite(read(Path(path))):
            self.yaml.append(path)
        elif path.endswith(_DOCUMENTS):
            self._data(path, ())
        else:
            hint = "name folders, .rego files, and .json or .yaml files with base data"
            raise UsageError("not a Rego file, and no data", where=path, hint=hint)

    def _folder(self, top: str) -> None:
        for folder, folders, names in os.walk(top, onerror=_refuse):
            folders[:] = sorted(name for name in folders if name[0] != "." or name == kyverno_suites.FOLDER)
            kinds = [name for name in folders if name in _KINDS]
            if "policy.rego" in names and kinds:
                self._policy(folder, kinds)
                folders[:] = [name for name in folders if name not in kinds]
            for name in sorted(names):
                path = os.path.normpath(os.path.join(folder, name))
                if name.endswith(".rego"):
                    self._module(path)
                elif name in _DATA:
                    below = Path(folder).relative_to(top).parts
                    self._data(path, below)
                elif name.endswith(_YAML):
                    self.yaml.append(path)

    def _module(self, path: str) -> None:
        self.modules[as_text(path)] = text_of(path)

    def _data(self, path: str, below: tuple[str, ...]) -> None:
        value = _parsed(as_text(path), read(Path(path)))
        for name in reversed(below):
            value = {name: value}
        if not isinstance(value, dict):
            raise InputError("base data is not an object", where=path, hint="the root of data is an object")
        _merge(self.data, value, path)

    def _policy(self, folder: str, kinds: list[str]) -> None:
        files = [name for name in sorted(os.listdir(folder)) if name.endswith(".rego")]
        own = Path(folder).resolve().name
        sources = {f"{own}/{name}": text_of(os.path.join(folder, name)) for name in files}
        samples: list[Sample] = []
        for kind in kinds:
            found = sample_files(os.path.join(folder, kind))
            samples += [Sample(as_text(os.path.normpath(path)), Expected(kind), read(Path(path))) for path in found]
        self.folders.append(PolicyFolder(as_text(os.path.normpath(folder)), sources, tuple(samples)))


def sample_files(folder: str) -> Iterator[str]:
    """Paths of the samples in ``folder`` and below, in order. Raises UsageError."""
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(place, name) for name in sorted(names) if not name.startswith("."))


def _merge(place: dict[str, Any], value: dict[str, Any], path: str) -> None:
    for name, member in value.items():
        there = place.get(name)
        if isinstance(there, dict) and isinstance(member, dict):
            _merge(there, member, path)
        elif name in place:
            raise InputError(f"{name!r} is in other base data, too", where=path, hint="give each value in one file")
        else:
            place[name] = member


def _parsed(name: str, raw: bytes) -> Any:
    from gateproof.documents import Format
    from gateproof.documents import read as read_documents
    from gateproof.errors import DocumentError

    try:
        form = Format.JSON if name.endswith(".json") else Format.YAML
        documents = read_documents(raw, form)
    except DocumentError as error:
        error.where = error.where or name
        raise
    if len(documents) != 1:
        raise InputError(f"{len(documents)} documents where one is wanted", where=name, hint="split the file")
    return documents[0].value


def text_of(path: str) -> str:
    """The text of a policy's file. Raises PolicyError and InputError."""
    try:
        return read(Path(path)).decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(f"not UTF-8 at byte {error.start}", where=path, hint="save the policy as UTF-8") from None


def _refuse(error: OSError) -> NoReturn:
    raise UsageError(f"cannot be listed: {error.strerror}", where=str(error.filename), hint="check its permissions")
