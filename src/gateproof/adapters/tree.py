"""A folder → the files of it that an inventory reads, in order, within limits, and what was left out.

Links are never followed, neither to files nor to folders; devices and pipes are not opened; nothing is run. What comes
first by name is read first, so that the same folder gives the same files again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path

from gateproof.adapters.files import as_text
from gateproof.errors import UsageError
from gateproof.onboarding.inventory import File, LeftOut

MAX_ENTRIES = 200_000
"""Names that are looked at in one repository."""
MAX_READ = 20_000
"""Files that are read."""
MAX_TOTAL = 128 * 1024 * 1024
"""Bytes that are read."""
MAX_DEPTH = 40
_SEARCH_DEPTH = 3
_MOST_REPOSITORIES = 500


def repositories(folder: Path, skipped: Collection[str]) -> list[Path]:
    """The repositories that ``folder`` is or, at most three levels down, has; itself where it has none.

    Raises UsageError for what is no folder, or has too many.
    """
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder), hint="name the folder of a repository")
    if _is_repository(folder):
        return [folder]
    found: list[Path] = []
    level = [folder]
    for _ in range(_SEARCH_DEPTH):
        below = [Path(entry.path) for place in level for entry in _folders(place) if entry.name not in skipped]
        found += [place for place in below if _is_repository(place)]
        level = [place for place in below if not _is_repository(place)][:MAX_ENTRIES]
    if len(found) > _MOST_REPOSITORIES:
        raise UsageError(
            f"{len(found)} repositories are more than the {_MOST_REPOSITORIES} that are looked at in one run",
            where=str(folder),
            hint="name fewer folders",
        )
    return sorted(found) or [folder]


def look(folder: Path, limit: Callable[[str], int], skipped: Collection[str]) -> Iterator[File | LeftOut]:
    """The files below ``folder`` for whose path ``limit`` is not 0, read up to that many bytes, sorted by folder.

    Folders called as one of ``skipped`` are not gone into.
    """
    entries = read = total = 0
    waiting = [(folder, "", 0)]
    while waiting:
        place, shown, depth = waiting.pop()
        try:
            with os.scandir(place) as listing:
                found = sorted(islice(listing, MAX_ENTRIES - entries + 1), key=lambda entry: entry.name)
        except OSError:
            yield LeftOut("a folder that cannot be listed", shown or ".")
            continue
        entries += len(found)
        if entries > MAX_ENTRIES:
            yield LeftOut(f"this and all that follows: more than {MAX_ENTRIES:,} names", shown or ".")
            return
        below = []
        for entry in found:
            path = f"{shown}/{as_text(entry.name)}".lstrip("/")
            if entry.name == ".git":
                continue
            if entry.is_symlink():
                if limit(path):
                    yield LeftOut("a link", path)
            elif entry.is_dir(follow_symlinks=False):
                if why := _left_out(entry, depth, skipped):
                    yield LeftOut(why, path)
                else:
                    below.append((Path(entry.path), path, depth + 1))
            elif most := limit(path):
                if read == MAX_READ or total > MAX_TOTAL:
                    yield LeftOut(
                        f"this and all that follows: more than {MAX_READ:,} files or {MAX_TOTAL:,} bytes", path
                    )
                    return
                file = _read(entry.path, path, most)
                yield file
                if isinstance(file, File):
                    read, total = read + 1, total + len(file.raw)
        waiting += reversed(below)


def _left_out(entry: os.DirEntry[str], depth: int, skipped: Collection[str]) -> str:
    if entry.name in skipped:
        return "a folder of what was fetched or made"
    if _is_repository(Path(entry.path)):
        return "a repository of its own"
    return "too deep" if depth == MAX_DEPTH else ""


def _is_repository(folder: Path) -> bool:
    return os.path.lexists(folder / ".git")


def _folders(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as listing:
            found = [entry for entry in islice(listing, MAX_ENTRIES) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(found, key=lambda entry: entry.name)


def _read(path: str, shown: str, limit: int) -> File | LeftOut:
    """The file's first ``limit`` bytes, if it is one and can be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return LeftOut("a device or pipe", shown)
            raw = file.read(limit + 1)
    except OSError:
        return LeftOut("cannot be read", shown)
    return File(shown, raw[:limit], whole=len(raw) <= limit)
