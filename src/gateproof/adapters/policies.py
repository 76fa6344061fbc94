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
        files = []
        for folder, folders, names in os.walk(path, onerror=_refuse):
            folders.sort()
            for name in folders:
                if os.path.islink(link := os.path.join(folder, name)):
                    raise _left_out("a link to a folder", link)
            files += [Path(folder) / name for name in sorted(names) if name.endswith(_SUFFIXES)]
    if not files:
        raise PolicyError(
            "there are no policies in this folder", where=str(path), hint="policies are .rego, .yaml and .yml files"
        )
    try:
        return {as_text(str(file.relative_to(path.parent))): _text(str(file), read(file, _MAX_BYTES)) for file in files}
    except InputError as error:
        raise PolicyError(error.message, where=error.where, hint="check the policy's path") from None


def read_ref(path: Path, commit: str) -> dict[str, str]:
    """The same as ``path`` stood at ``commit``. Raises PolicyError when there is nothing, or something else."""
    found = {}
    for entry in git.entries(path.parent, commit, path.name):
        name = f"{commit[:12]}:{entry.name}"
        if not entry.is_file:
            raise _left_out("a link" if entry.mode == "120000" else "a submodule", name)
        if entry.name.endswith(_SUFFIXES):
            found[entry.name] = _text(name, git.content(path.parent, commit, entry))
    if not found:
        raise PolicyError(
            "there are no policies at this commit", where=f"{commit[:12]}:{path.name}", hint="check policies.paths"
        )
    return found


def _left_out(what: str, where: str) -> PolicyError:
    """What is not followed could lead to the policy that denies: it is never passed over."""
    return PolicyError(
        f"{what} among the policies is not followed", where=where, hint="put the policies themselves there"
    )


def _text(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(f"not UTF-8 at byte {error.start}", where=name, hint="save the policy as UTF-8") from None


def _refuse(error: OSError) -> NoReturn:
    """A folder that cannot be listed could hold the policy that denies: it is never passed over."""
    raise PolicyError(f"cannot be listed: {error.strerror}", where=str(error.filename), hint="check its permissions")
