"""Files of a team's own frameworks: from the working tree, or as they stand at a commit."""

from __future__ import annotations

from pathlib import Path

from gateproof.adapters import git
from gateproof.adapters.files import read
from gateproof.catalog.framework_file import MAX_BYTES, parse
from gateproof.catalog.frameworks import Framework
from gateproof.errors import InputError, PolicyError


def read_framework(path: Path, commit: str = "") -> Framework:
    """The framework in the file ``path``, with a ``commit`` as it, and whatever it imports, stands there.

    Raises PolicyError for a file that is missing or is no framework, ConfigError where git cannot say.
    """
    return parse(str(path), (lambda name: _at(Path(name), commit)) if commit else _here)


def _here(name: str) -> bytes:
    try:
        return read(Path(name), MAX_BYTES)
    except InputError as error:
        raise PolicyError(error.message, where=error.where, hint="check the path of the framework") from None


def _at(path: Path, commit: str) -> bytes:
    raw = git.show(path.parent, commit, path.name)
    if raw is None:
        raise PolicyError(
            "there is no such file at this commit",
            where=f"{commit[:12]}:{path.name}",
            hint="check catalog.frameworks, and commit what a profile imports",
        )
    return raw
