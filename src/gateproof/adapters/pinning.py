"""The digest of a policy bundle, written into a ``gateproof.yaml`` that names its repository; the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateproof.adapters.files import read, write_whole
from gateproof.catalog.oci import DIGEST, SCHEME, TAG, Reference
from gateproof.errors import ConfigError, InputError

_MAX_BYTES = 1024 * 1024


@contextmanager
def pinned(path: Path, reference: Reference) -> Iterator[str]:
    """Every ``oci:`` of the reference's repository in the file names its digest; gives what was done, in words.

    The file is as it was where the block fails. Raises ConfigError where the file does not name the repository.
    """
    lines = f"policies:\n  bundles:\n    - oci: {_spelled(reference)}"
    try:
        text = read(path, _MAX_BYTES).decode()
    except InputError as error:
        raise ConfigError(error.message, where=error.where, hint=f"write into it\n{lines}") from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8", where=str(path), hint="save it as UTF-8") from None
    name = re.escape(reference.name)
    named = rf"(?m)(\boci:[ \t]*[\"']?)(?:{re.escape(SCHEME)})?{name}(?::{TAG})?(?:@{DIGEST})?(?=[\"'\s}},]|\Z)"
    changed, count = re.subn(named, lambda match: f"{match[1]}{_spelled(reference)}", text)
    if not count:
        raise ConfigError(
            f"it names no bundle of {reference.name}", where=str(path), hint=f"add it to policies.bundles:\n{lines}"
        )
    if changed == text:
        yield f"{path}: pinned to this already"
        return
    write_whole(path, changed.encode())
    try:
        yield f"{path}: pinned to {reference.digest}"
    except BaseException:
        write_whole(path, text.encode())
        raise


def _spelled(reference: Reference) -> str:
    return f"{reference.name}@{reference.digest}"
