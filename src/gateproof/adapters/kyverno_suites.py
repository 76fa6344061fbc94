"""Kyverno's tests from files: ``kyverno-test.yaml`` (of whatever name) and the files that they name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gateproof.adapters.files import as_text, read
from gateproof.catalog.policy import Source
from gateproof.errors import DocumentError, InputError, PolicyError, placed

if TYPE_CHECKING:
    from gateproof.engines.kyverno.suite import KyvernoTest

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
    from gateproof.engines.kyverno.suite import is_test

    shown = as_text(os.path.normpath(path))
    try:
        documents = read_documents(raw, Format.YAML)
    except DocumentError as error:
        error.where = error.where or shown
        raise
    return [_test(document.value, path, shown) for document in documents if is_test(document.value)]


def _test(value: dict[str, object], path: str, shown: str) -> KyvernoTest:
    from gateproof.engines.kyverno.suite import KyvernoTest, paths_in

    files: dict[str, tuple[Source, ...]] = {}
    unreadable: dict[str, str] = {}
    with placed(shown):
        names = paths_in(value)
    for name in dict.fromkeys(names):
        if "://" in name:
            unreadable[name] = f"{name} is an address: nothing is fetched, so put the file beside the test"
            continue
        place = os.path.normpath(os.path.join(os.path.dirname(path), name))
        try:
            files[name] = tuple(map(_source, _files(place)))
        except (InputError, PolicyError) as error:
            unreadable[name] = error.one_line
        except UnicodeDecodeError as error:
            unreadable[name] = f"{as_text(place)}: not UTF-8 at byte {error.start}"
    return KyvernoTest(value=value, file=shown, files=files, unreadable=unreadable)


def _files(place: str) -> list[str]:
    if not os.path.isdir(place):
        return [place]
    names = sorted(name for name in os.listdir(place) if name.endswith(_SUFFIXES))
    return [path for name in names if os.path.isfile(path := os.path.join(place, name))]


def _source(path: str) -> Source:
    return Source(as_text(path), read(Path(path)).decode("utf-8"))
