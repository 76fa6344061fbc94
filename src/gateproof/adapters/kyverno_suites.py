"""Kyverno's tests from files: ``kyverno-test.yaml`` (of whatever name) and the files that they name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gateproof.adapters.files import as_text, read
from gateproof.catalog.policy import Source
from gateproof.errors import DocumentError, InputError, PolicyError, placed

if TYPE_CHECKING:
    from gateproof.engines.kyverno.suite_files import KyvernoTest

FOLDER = ".kyverno-test"
"""Where tests stand that nobody is to see; other folders whose names begin with a dot are left alone."""
_MARK = b"cli.kyverno.io/"
_SUFFIXES = (".yaml", ".yml", ".json")


def may_be_suite(raw: bytes) -> bool:
    """Whether YAML speaks of tests at all: most need not be read any further."""
    return _MARK in raw


def tests_in(path: str) -> list[KyvernoTest]:
    """The tests in a YAML file. What they name and cannot be read is a problem of the cases that need it.

    Raises InputError, DocumentError and PolicyError.
    """
    raw = read(Path(path))
    if not may_be_suite(raw):
        return []
    from gateproof.documents import Format
    from gateproof.documents import read as read_documents
    from gateproof.engines.kyverno.suite_files import is_test

    shown = as_text(os.path.normpath(path))
    try:
        documents = read_documents(raw, Format.YAML)
    except DocumentError as error:
        error.where = error.where or shown
        raise
    return [_test(document.value, path, shown) for document in documents if is_test(document.value)]


def _test(value: dict[str, object], path: str, shown: str) -> KyvernoTest:
    from gateproof.engines.kyverno.suite_files import KyvernoTest, definitions_in, paths_in

    test = KyvernoTest(value=value, file=shown, files={}, unreadable={})
    with placed(shown):
        _read(paths_in(value), path, test)
    clusters = [source for name in test.paths("clusterResources") for source in test.files.get(name, ())]
    _read(definitions_in(clusters), path, test)
    return test


def _read(names: Iterable[str], path: str, test: KyvernoTest) -> None:
    """Put the files of these names beside the test at ``path``; what cannot be read is unreadable."""
    for name in dict.fromkeys(names):
        if "://" in name:
            test.unreadable[name] = f"{name} is an address: nothing is fetched, so put the file beside the test"
            continue
        place = os.path.normpath(os.path.join(os.path.dirname(path), name))
        try:
            test.files[name] = tuple(map(_source, _files(place)))
        except (InputError, PolicyError) as error:
            test.unreadable[name] = error.one_line
        except UnicodeDecodeError as error:
            test.unreadable[name] = f"{as_text(place)}: not UTF-8 at byte {error.start}"


def _files(place: str) -> list[str]:
    if not os.path.isdir(place):
        return [place]
    names = sorted(name for name in os.listdir(place) if name.endswith(_SUFFIXES))
    return [path for name in names if os.path.isfile(path := os.path.join(place, name))]


def _source(path: str) -> Source:
    return Source(as_text(path), read(Path(path)).decode("utf-8"))
