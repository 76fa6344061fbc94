"""A store in a directory of a POSIX file system. The promises are those of gateproof.log.interface.

An object is written to a temporary file, flushed, and then linked (``put``) or renamed (``swap``) to its name, and the
directory is flushed. Swaps exclude each other by ``flock`` on a file beside the objects, which the system releases when
a process dies. Temporary files of processes that died are removed before the next write.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateproof.errors import StoreError
from gateproof.log.interface import MAX_OBJECT_BYTES, check_name

_TEMPORARY = ".tmp-"
_SWAP_LOCK = ".swap.lock"
_WRITE_LOCK = ".write.lock"
_OWN_FILES = (_TEMPORARY, _SWAP_LOCK, _WRITE_LOCK)

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK_FILE = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class FileSystemStore:
    """A Store in the directory ``root``, which the first write makes. Several processes and threads may share it.

    Links inside ``root`` are refused wherever they point; ``root`` itself may be one. Every method raises StoreError.
    """

    is_concurrent = True
    """Whether several threads may put at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._swept = False
        self._flushed: set[str] = set()

    def put(self, name: str, data: bytes) -> None:
        """Create the immutable object ``name``."""
        self._check(name, data)
        with self._translated(name), self._writing() as root:
            if self._is_stored(root, name, data):
                return
            with self._directory_of(root, name, create=True) as (directory, last), _temporary(root, data) as temporary:
                try:
                    os.link(temporary, last, src_dir_fd=root, dst_dir_fd=directory)
                except FileExistsError:
                    if not self._is_stored(root, name, data):  # gone again, or no regular file
                        raise
                os.fsync(directory)

    def get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        """The bytes of ``name``, None where there is no such object."""
        check_name(name)
        with self._translated(name):
            try:
                root = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            try:
                return self._read(root, name, max_bytes)
            finally:
                os.close(root)

    def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
        """Replace the bytes of ``name`` if they are ``expected`` (None: absent). Whether they were."""
        self._check(name, new)
        with self._translated(name), self._writing() as root, _locked(root, _SWAP_LOCK, fcntl.LOCK_EX):
            if self._read(root, name, MAX_OBJECT_BYTES) != expected:
                return False
            with self._directory_of(root, name, create=True) as (directory, last), _temporary(root, new) as temporary:
                os.rename(temporary, last, src_dir_fd=root, dst_dir_fd=directory)
                os.fsync(directory)
            return True

    def names(self, prefix: str = "") -> Iterator[str]:
        """Every object whose name starts with ``prefix``, and whatever else lies there, sorted."""
        with self._translated(prefix):
            if not self.root.exists():
                return
            ahead = [""]
            while ahead:
                name = ahead.pop()
                if name and not name.endswith("/"):
                    yield name
                    continue
                with os.scandir(self.root / name) as found:
                    below = [name + item.name + "/" * item.is_dir(follow_symlinks=False) for item in found]
                ahead.extend(
                    sorted((item for item in below if _is_listed(item, prefix)), reverse=True),
                )

    def retention(self, name: str) -> str:
        """Nothing: whoever may write to the directory may delete from it."""
        check_name(name)
        return "none (file system)"

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """The root, open, while no other process removes temporary files."""
        if not self.root.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            for made in (self.root, *self.root.resolve().parents):
                _flush_path(made)
        root = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if not self._swept:
                _sweep(root)
                self._swept = True
            with _locked(root, _WRITE_LOCK, fcntl.LOCK_SH):
                yield root
        finally:
            os.close(root)

    @contextmanager
    def _directory_of(self, root: int, name: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
        """The directory of ``name``, open, and the last part of ``name``. No part of the way may be a link."""
        *parts, last = name.split("/")
        directory = os.dup(root)
        try:
            for depth, part in enumerate(parts, 1):
                way = "/".join(parts[:depth])
                if create:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=directory)
                inner = os.open(part, _DIRECTORY, dir_fd=directory)
                try:
                    if create and way not in self._flushed:  # perhaps made by a process that died before flushing it
                        os.fsync(directory)
                        self._flushed.add(way)
                finally:
                    os.close(directory)
                    directory = inner
            yield directory, last
        finally:
            os.close(directory)

    def _read(self, root: int, name: str, max_bytes: int) -> bytes | None:
        try:
            with self._directory_of(root, name) as (directory, last):
                descriptor = os.open(last, _FILE, dir_fd=directory)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EISDIR, "not a regular file")
            data = file.read(max_bytes + 1) if status.st_size <= max_bytes else None
        if data is None or len(data) > max_bytes:
            raise StoreError(
                f"the object has {status.st_size} bytes; at most {max_bytes} are read",
                where=str(self.root / name),
                hint="it was not written by gateproof, or was altered; restore it from a copy",
            )
        return data

    def _is_stored(self, root: int, name: str, data: bytes) -> bool:
        """Whether ``name`` holds ``data``, durably. Raises StoreError where it holds other bytes."""
        stored = self._read(root, name, MAX_OBJECT_BYTES)
        if stored is None:
            return False
        if stored != data:
            raise StoreError(
                f"the object exists already with other bytes ({len(stored)}, not the {len(data)} to be written)",
                where=str(self.root / name),
                hint="objects never change; run `gateproof log fsck` to see whether the stored one was altered",
            )
        with self._directory_of(root, name, create=True) as (directory, _):
            os.fsync(directory)  # the process that linked it may not have come so far
        return True

    def _check(self, name: str, data: bytes) -> None:
        check_name(name)
        if len(data) > MAX_OBJECT_BYTES:
            raise StoreError(
                f"an object of {len(data)} bytes is too large; a store takes at most {MAX_OBJECT_BYTES}",
                where=str(self.root / name),
                hint="split the evidence, or judge a smaller input",
            )

    @contextmanager
    def _translated(self, name: str) -> Iterator[None]:
        """Errors of the system as StoreErrors that say what to do."""
        try:
            yield
        except OSError as error:
            what, hint = _EXPLAINED.get(error.errno or 0, (error.strerror or str(error), "check the directory"))
            raise StoreError(f"the store: {what}", where=str(self.root / name), hint=hint) from None


_FULL = ("the disk or quota is full", "free some space and run the command again; nothing was half-written")
_READ_ONLY = ("no permission to write or read here", "check owner, mode and mount of the directory")
_KIND = (
    "a file, a directory or a link is where something else should be",
    "the store holds plain files and directories only; look at this path, and move away what does not belong there",
)
_EXPLAINED = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: ("the file system is read-only", "mount it for writing, or use another store"),
    errno.ELOOP: ("links are not followed", "replace the link by what it points to, or move it away"),
    errno.ENOTDIR: _KIND,
    errno.EISDIR: _KIND,
    errno.EEXIST: _KIND,
    errno.EMFILE: ("too many open files", "raise the limit with `ulimit -n`"),
}


def _is_listed(name: str, prefix: str) -> bool:
    """Whether ``name``, which ends with a slash if it is a directory, can lead to names with this prefix."""
    if "/" not in name and name.startswith(_OWN_FILES):
        return False
    return name.startswith(prefix) or (name.endswith("/") and prefix.startswith(name))


@contextmanager
def _temporary(root: int, data: bytes) -> Iterator[str]:
    """The name of a flushed temporary file in ``root``; removed afterwards, unless it was renamed."""
    name = _TEMPORARY + os.urandom(8).hex()
    try:
        with os.fdopen(os.open(name, _NEW_FILE, 0o644, dir_fd=root), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield name
    finally:
        with suppress(OSError):
            os.unlink(name, dir_fd=root)


@contextmanager
def _locked(root: int, name: str, operation: int) -> Iterator[None]:
    """Hold a lock of the system on the file ``name`` in ``root``."""
    descriptor = os.open(name, _LOCK_FILE, 0o644, dir_fd=root)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)


def _sweep(root: int) -> None:
    """Remove the temporary files of processes that died. Where somebody is writing, leave it to a later time."""
    with suppress(BlockingIOError), _locked(root, _WRITE_LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for name in os.listdir(root):
            if name.startswith(_TEMPORARY):
                os.unlink(name, dir_fd=root)


def _flush_path(directory: Path) -> None:
    """Make the entries of a directory durable, where we may open it."""
    with suppress(PermissionError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
