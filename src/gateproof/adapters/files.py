"""Paths of the command line → bytes to judge. Folders are walked in order; `-` is standard input."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from gateproof.errors import InputError, UsageError

MAX_BYTES = 256 * 1024 * 1024
"""A larger file is refused before it is read."""

_SUFFIXES = (".json", ".yaml", ".yml")
_HINT_EMPTY = "name a file, a folder with .json, .yaml or .yml files, a quoted pattern, or - for standard input"


class Source(msgspec.Struct, frozen=True):
    """One thing to judge. ``problem`` says why it could not be read; ``named``, that it was asked for by name."""

    name: str
    raw: bytes = b""
    problem: str = ""
    named: bool = True


def gather(paths: Sequence[str]) -> list[tuple[str, bool]]:
    """The files that ``paths`` mean, sorted within each path, each once, with whether they were named themselves.

    Raises UsageError when a path or pattern matches nothing.
    """
    found: dict[str, bool] = {}
    for path in paths:
        matches = list(_expand(path))
        if not matches:
            raise UsageError("nothing to judge here", where=path, hint=_HINT_EMPTY)
        for name, named in matches:
            found[name] = found.get(name, False) or named
    return list(found.items())


def load(name: str, *, named: bool = True) -> Source:
    """Read one file (or `-`, standard input) up to the limit; whatever prevents it is the Source's ``problem``."""
    try:
        raw = _standard_input() if name == "-" else read(Path(name))
    except InputError as error:
        return Source(name, problem=f"{error.message} ({error.hint})" if error.hint else error.message, named=named)
    return Source("standard input" if name == "-" else name, raw, named=named)


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Bytes of a regular file. Raises InputError when it is missing, no regular file, too large or unreadable."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > limit:
                raise _too_large(str(path), status.st_size, limit)
            raw = file.read(limit + 1)
    except IsADirectoryError:
        raise InputError("a directory where a file should be", where=str(path), hint="name a file") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint="check the path") from None
    if len(raw) > limit:
        raise _too_large(str(path), len(raw), limit)
    return raw


def _expand(path: str) -> Iterator[tuple[str, bool]]:
    if path == "-":
        yield path, True
    elif os.path.isdir(path):
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if name.endswith(_SUFFIXES) and not name.startswith("."):
                    yield os.path.join(folder, name), False
    elif os.path.lexists(path):
        yield path, True
    elif glob.has_magic(path):
        for match in sorted(glob.glob(path, recursive=True)):
            if not os.path.isdir(match):
                yield match, True
    else:
        raise UsageError("there is no such file or folder", where=path, hint=_HINT_EMPTY)


def _standard_input() -> bytes:
    raw = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise _too_large("standard input", len(raw), MAX_BYTES)
    return raw


def _too_large(where: str, size: int, limit: int) -> InputError:
    return InputError(
        f"{size:,} bytes, more than the {limit:,} that are read",
        where=where,
        hint="split it, or judge the module that it comes from by itself",
    )


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` so that it holds all of ``data`` or what it held before. Raises UsageError."""
    import tempfile

    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o644)
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(path), hint="choose a folder that exists and is writable"
        ) from None
