"""gator's suites from files: ``suite.yaml`` (of whatever name) and the files that its tests name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gateproof.adapters.files import as_text, read
from gateproof.catalog.gatekeeper import TESTS
from gateproof.catalog.policy import Source
from gateproof.errors import DocumentError, InputError, PolicyError

if TYPE_CHECKING:
    from gateproof.engines.gatekeeper.suite import Suite


def may_be_suite(raw: bytes) -> bool:
    """Whether YAML speaks of suites at all: most need not be read any further."""
    return f"{TESTS}/".encode() in raw


def suite_in(path: str) -> Suite | None:
    """The suite in a YAML file, as `gator verify` finds it in its first document; None where there is none.

    What it names and cannot be read is a problem of the cases that need it. Raises InputError and PolicyError.
    """
    raw = read(Path(path))
    if not may_be_suite(raw):
        return None
    import msgspec

    from gateproof.documents import Format
    from gateproof.documents import read as read_documents
    from gateproof.engines.gatekeeper.suite import is_suite
    from gateproof.engines.gatekeeper.suite import read as read_suite

    shown = as_text(os.path.normpath(path))
    try:
        documents = read_documents(raw, Format.YAML)
    except DocumentError as error:
        error.where = error.where or shown
        raise
    if not documents or not is_suite(documents[0].value):
        return None
    suite = read_suite(documents[0].value, shown)
    files: dict[str, Source] = {}
    unreadable: dict[str, str] = {}
    for name in dict.fromkeys(name for test in suite.tests or () for name in test.files):
        # As gator joins them: a path that looks absolute is below the suite's folder, too.
        place = os.path.normpath(os.path.join(os.path.dirname(path), name.lstrip("/")))
        try:
            files[name] = Source(as_text(place), read(Path(place)).decode("utf-8"))
        except (InputError, PolicyError) as error:
            unreadable[name] = error.one_line
        except UnicodeDecodeError as error:
            unreadable[name] = f"{as_text(place)}: not UTF-8 at byte {error.start}"
    return msgspec.structs.replace(suite, files=files, unreadable=unreadable)
