"""Policy files: from the working tree, or as they stand at a git ref."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from gateproof.adapters import git
from gateproof.adapters.files import as_text, read
from gateproof.errors import InputError, PolicyError

_SUFFIXES = (".rego", ".yaml", ".yml")
_MAX_BYTES = 4 * 1024 * 1024


def read_tree(path: Path) -> dict[str, str]:
    """Name → text of the policy file ``path``, or of every policy file in the folder. Raises PolicyError."""
    files = [path]
    if path.is_dir():
        files = [
            Path(folder) / name
            for folder, _, names in sorted(os.walk(path, onerror=_refuse))
            for name in sorted(names)
            if name.endswith(_SUFFIXES)
        ]
    if not files:
        raise PolicyError(
            "there are no policies in this folder", where=str(path), hint="policies are .rego, .yaml and .yml files"
        )
    try:
        return {as_text(str(file.relative_to(path.parent))): _text(str(file), read(file, _MAX_BYTES)) for file in files}
    except InputError as error:
        raise PolicyError(error.message, where=error.where, hint="check the policy's path") from None


def read_ref(path: Path, ref: str) -> dict[str, str]:
    """The same as ``path`` stood at ``ref``. Raises PolicyError when there is nothing."""
    found = {}
    for name in git.files(path.parent, ref, path.name):
        raw = git.show(path.parent, ref, name) if name.endswith(_SUFFIXES) else None
        if raw is not None:
            found[name] = _text(f"{ref}:{name}", raw)
    if not found:
        raise PolicyError("there are no policies at this ref", where=f"{ref}:{path.name}", hint="check policies.paths")
    return found


def _text(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(f"not UTF-8 at byte {error.start}", where=name, hint="save the policy as UTF-8") from None


def _refuse(error: OSError) -> NoReturn:
    """A folder that cannot be listed could hold the policy that denies: it is never passed over."""
    raise PolicyError(f"cannot be listed: {error.strerror}", where=str(error.filename), hint="check its permissions")
