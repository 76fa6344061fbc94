"""Folders of policies written for gateproof, for those who review them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gateproof.adapters import git
from gateproof.adapters.files import as_text, read
from gateproof.adapters.suites import sample_files, text_of
from gateproof.engines.linting.interface import MAIN, PolicyFiles
from gateproof.engines.samples import Expected, Sample
from gateproof.errors import PolicyError, UsageError

_MAX_README = 1024 * 1024


def find(paths: Sequence[str]) -> tuple[PolicyFiles, ...]:
    """Every policy at or below ``paths``: folders, or files called policy.rego. Raises UsageError and PolicyError."""
    folders: dict[str, None] = {}
    for path in paths:
        found = _below(path)
        if not found:
            raise UsageError(
                "there is no policy.rego here",
                where=path,
                hint="a policy is a folder with policy.rego: `policy new` makes one",
            )
        folders |= dict.fromkeys(found)
    return tuple(map(_folder, folders))


def base_commit(files: PolicyFiles, ref: str) -> str:
    """The commit that ``ref`` names in the repository of a policy. Raises UsageError."""
    commit = git.resolve(Path(files.name).resolve(), ref)
    if commit is None:
        hint = "fetch it; short hashes and short names of tags do not count"
        raise UsageError(f"git knows no commit {ref[:80]!r} here", where="--base", hint=hint)
    return commit


def _below(path: str) -> list[str]:
    if os.path.basename(path) == MAIN and os.path.isfile(path):
        return [os.path.dirname(path) or "."]
    if not os.path.isdir(path):
        raise UsageError("there is no such folder", where=path, hint="name a policy's folder, or one with policies")
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if MAIN in names:
            found.append(os.path.normpath(folder))
    return found


def _folder(folder: str) -> PolicyFiles:
    names = sorted(os.listdir(folder))
    samples = [
        Sample(as_text(os.path.normpath(file)), kind, read(Path(file)))
        for kind in Expected
        if os.path.isdir(place := os.path.join(folder, kind))
        for file in sample_files(place)
    ]
    readme = os.path.join(folder, "README.md")
    return PolicyFiles(
        name=as_text(folder),
        id=Path(folder).resolve().name,
        rego={name: text_of(os.path.join(folder, name)) for name in names if name.endswith(".rego")},
        readme=_readme(readme) if os.path.isfile(readme) else None,
        samples=tuple(samples),
    )


def _readme(path: str) -> str:
    try:
        return read(Path(path), _MAX_README).decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(f"not UTF-8 at byte {error.start}", where=path, hint="save it as UTF-8") from None
