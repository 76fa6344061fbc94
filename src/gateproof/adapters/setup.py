"""What a diagnosis looks at on this machine: the key's file, the evidence's place, waivers, git's own clock."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from gateproof.adapters.files import as_text, read
from gateproof.adapters.keyfiles import public_path, read_public_key
from gateproof.errors import InputError, TrustError
from gateproof.onboarding.diagnosis import KeyFile, StorePlace
from gateproof.trust.keys import fingerprint

_MAX_BYTES = 1024 * 1024
MAX_WAIVERS = 1_000
_GIT_WRITES = ("HEAD", "FETCH_HEAD", "index", "ORIG_HEAD")


def git_is_there() -> bool:
    """Whether git can be run."""
    import shutil

    return shutil.which("git") is not None


def is_shallow(top: Path) -> bool:
    """Whether the clone whose top this is has only part of the history."""
    return (top / ".git" / "shallow").exists()


def git_wrote(top: Path) -> str:
    """When git last wrote in the repository, RFC 3339 UTC; empty where that cannot be told."""
    times = []
    for name in _GIT_WRITES:
        try:
            times.append((top / ".git" / name).stat().st_mtime)
        except OSError:
            continue
    try:
        return datetime.fromtimestamp(max(times), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if times else ""
    except (OverflowError, ValueError, OSError):
        return ""


def key_file(path: str, top: Path | None) -> KeyFile:
    """The key at ``path``; ``top`` is that of the repository."""
    try:
        status = os.stat(path)
        mode = stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else None
    except (OSError, ValueError):
        mode = None
    try:
        own = fingerprint(read_public_key(public_path(Path(path))))
    except TrustError:
        own = ""
    return KeyFile(path, mode, _is_inside(path, top), own)


def store_place(path: str, top: Path | None) -> StorePlace:
    """The evidence store at ``path``. Nothing is made: a folder that is not there is writable where it could be."""
    place = Path(os.path.abspath(path))
    nearest = next((each for each in (place, *place.parents) if each.exists()), place)
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return StorePlace(path, writable, _is_inside(path, top))


def waiver_files(paths: Iterable[Path]) -> tuple[dict[str, bytes], list[str]]:
    """Name → bytes of the waivers that files, folders and patterns name; and those that cannot be read, with why."""
    found: dict[str, bytes] = {}
    problems: list[str] = []
    for path in map(str, paths):
        names = list(islice(_named(path), MAX_WAIVERS + 1))
        if not names and not os.path.isdir(path):
            problems.append(f"{as_text(path)}: there is no such waiver")
        if len(names) > MAX_WAIVERS:
            problems.append(f"{as_text(path)}: only the first {MAX_WAIVERS} waivers are looked at")
        for name in sorted(names[:MAX_WAIVERS]):
            try:
                found[as_text(name)] = read(Path(name), _MAX_BYTES)
            except InputError as error:
                problems.append(str(error))
    return found, problems


def _named(path: str) -> Iterator[str]:
    """The files that ``path`` means: itself, those of a folder, or those that match it."""
    if os.path.isdir(path):
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".json"))
    elif os.path.lexists(path):
        yield path
    else:
        yield from glob.iglob(path)


def _is_inside(path: str, top: Path | None) -> bool:
    return top is not None and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top))
