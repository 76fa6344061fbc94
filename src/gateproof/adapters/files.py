"""Paths of the command line → bytes to judge. Folders are walked in order; `-` is standard input.

Of a folder everything counts that `kubectl apply -R -f` would take, so names that begin with a dot do as well. What is
in `.git` is nothing that a change holds.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

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
    shown = "standard input" if name == "-" else as_text(name)
    try:
        raw = _standard_input() if name == "-" else read(Path(name))
    except InputError as error:
        return Source(shown, problem=f"{error.message} ({error.hint})" if error.hint else error.message, named=named)
    return Source(shown, raw, named=named)


def as_text(name: str) -> str:
    """``name`` of a file as text that can be stored: bytes of it that are not UTF-8 become escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Bytes of a file, or of a pipe that somebody writes to. Raises InputError when there are none to be had.

    Devices are refused, and a pipe without a writer is not waited for.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
                raise InputError("a device where a file should be", where=str(path), hint="name a file")
            if status.st_size > limit:
                raise _too_large(str(path), status.st_size, limit)
            os.set_blocking(file.fileno(), True)
            raw = file.read(status.st_size + 1)
            if len(raw) > status.st_size:  # a pipe, or a file that grows; asking for the limit would first reserve it
                raw += file.read(limit + 1 - len(raw))
    except IsADirectoryError:
        hint = "name a file; a folder that a link leads to is judged when it is named"
        raise InputError("a directory where a file should be", where=str(path), hint=hint) from None
    except ValueError:  # a NUL in the path
        raise InputError("this is no path", where=str(path), hint="check the path") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint="check the path") from None
    if len(raw) > limit:
        raise _too_large(str(path), len(raw), limit)
    if not raw and stat.S_ISFIFO(status.st_mode):
        raise InputError("a pipe that nobody writes to", where=str(path), hint="start its writer first, or name a file")
    return raw


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _expand(path: str) -> Iterator[tuple[str, bool]]:
    if path == "-":
        yield path, True
    elif os.path.isdir(path):
        for folder, folders, names in os.walk(path, onerror=_refuse):
            folders[:] = sorted(name for name in folders if name != ".git")
            yield from ((link, False) for link in _links_outside(path, folder, folders))
            for name in sorted(names):
                if name.endswith(_SUFFIXES):
                    yield os.path.join(folder, name), False
    elif os.path.lexists(path):
        yield path, True
    else:
        yield from ((match, True) for match in _matches(path))


def _matches(pattern: str) -> list[str]:
    import glob

    if not glob.has_magic(pattern):
        raise UsageError("there is no such file or folder", where=pattern, hint=_HINT_EMPTY)
    return [match for match in sorted(glob.glob(pattern, recursive=True)) if not os.path.isdir(match)]


def _links_outside(top: str, folder: str, folders: list[str]) -> list[str]:
    """Links to folders outside ``top``: they are not followed, so that they count as files that cannot be read."""
    inside = os.path.join(os.path.realpath(top), "")
    links = [path for name in folders if os.path.islink(path := os.path.join(folder, name))]
    return [path for path in links if not os.path.join(os.path.realpath(path), "").startswith(inside)]


def _refuse(error: OSError) -> NoReturn:
    """A folder that cannot be listed could hold anything: it is never passed over."""
    raise UsageError(f"cannot be listed: {error.strerror}", where=str(error.filename), hint="check its permissions")


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise InputError("standard input is closed", hint="pipe the document in, or name a file")
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


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make ``folder`` with ``files`` (names with ``/``). Raises UsageError where there is anything of that name."""
    if os.path.lexists(folder):
        raise UsageError("there is something of this name", where=str(folder), hint="choose another, or move it")
    try:
        folder.mkdir(parents=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as file:
                file.write(content)
    except OSError as error:
        hint = "name a folder that exists and is writable"
        raise UsageError(f"cannot be written: {error.strerror}", where=str(folder), hint=hint) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` so that it holds all of ``data`` or what it held before. Raises UsageError."""
    with WholeFile(path) as file:
        file.write(data)


class WholeFile:
    """A file that gets all of its content at once or stays as it was; ``with`` finds out whether it can be written.

    Links are followed, and pipes and devices written to as they are. Raises UsageError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = ""
        self._descriptor = -1

    def __enter__(self) -> WholeFile:
        import tempfile

        with self._translated():
            if self._path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if self._path.exists() and not self._path.is_file():
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                os.set_blocking(self._descriptor, True)
            else:
                self._path = Path(os.path.realpath(self._path))
                folder, prefix = self._path.parent, f".{self._path.name[:100]}."
                self._descriptor, self._temporary = tempfile.mkstemp(dir=folder, prefix=prefix)
        return self

    def write(self, data: bytes) -> None:
        """Give the file its content; once."""
        with self._translated():
            with open(self._descriptor, "wb", closefd=False) as file:
                file.write(data)
            if self._temporary:
                os.fchmod(self._descriptor, 0o644)
                os.replace(self._temporary, self._path)
                self._temporary = ""

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        if self._temporary:
            with suppress(OSError):
                os.unlink(self._temporary)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"cannot be written: {error.strerror}",
                where=str(self._path),
                hint="name a file in a folder that exists and is writable",
            ) from None
