"""The spool: decisions on their way to the log, durable before anybody is answered.

A spool is a folder of numbered segments that are only ever appended to. A segment begins with ``MAGIC`` and holds
frames::

    length (4 bytes, big endian) | CRC-32 of length and payload (4 bytes) | payload: kind (1 byte), content

A blob is told by the digest of its content. Whatever a record refers to stands before it in the same segment, so every
segment can be read alone, and one that is in the log can be deleted. What is held by several callers before a flush, or
while the disk is busy with another, is flushed together (group commit): the rate does not depend on how long a flush
takes, only the delay does.

What can be read ends where a frame is not whole: those bytes were never promised to anybody, since nobody is told
before the flush. One process writes to a spool, and one (which may be another) drains it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gateproof.errors import StoreError

MAGIC = b"gateproof spool 1\n"
MAX_FRAME = 64 * 1024 * 1024
SEGMENT_BYTES = 16 * 1024 * 1024
"""A segment that has grown beyond this is followed by another."""

BLOB, RECORD = b"B", b"R"
LOCK = "lock"

_HEADER = struct.Struct(">II")
_SEGMENT = re.compile(r"segment-([0-9]{16})")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC

Told = Callable[[Sequence[Any], StoreError | None], None]
"""Called by the spool's own thread: what was held for these is durable, or why it is not."""


class SpoolFullError(StoreError):
    """The spool holds as much as it may."""


class Frame(NamedTuple):
    """One frame of a segment: its kind, its content, and where the next one begins."""

    kind: bytes
    content: bytes
    end: int


class _Pending(NamedTuple):
    segment: int
    data: bytes
    token: Any


class Spool:
    """The writing end of the spool in ``folder``, which is made if need be. At most ``max_bytes`` are held.

    ``told`` is called once for all that was flushed together, with the tokens that they were given with. Raises
    StoreError where the folder cannot be written, or another process writes to it.
    """

    def __init__(self, folder: Path, max_bytes: int, told: Told, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self._told = told
        self.max_bytes = max_bytes
        self.problem = ""
        """Why the last flush failed; empty when it did not."""
        self._segment_bytes = min(segment_bytes, max(max_bytes // 8, 1))
        self._lock = locked(folder, LOCK)
        # What an earlier process has begun is left to the drain: its end may be torn.
        self._segment = max((number for number, _ in segments(folder)), default=0) + 1
        self._known: set[str] = set()
        self._size = 0
        self._held = held_bytes(folder)
        self._pending: list[_Pending] = []
        self._changed = threading.Condition()
        self._asked = False
        self._closed = False
        self._file = _File(folder)
        self._thread = threading.Thread(target=self._flush_all, name="spool", daemon=True)
        self._thread.start()

    @property
    def held(self) -> int:
        """Bytes that are not in the log yet."""
        return self._held

    def hold(self, record: bytes, blobs: Mapping[str, bytes], token: object) -> None:
        """Keep ``record`` and the ``blobs`` (by digest) that it refers to for ``flush``, which tells ``token``.

        Raises SpoolFullError at once where there is no room, and StoreError for a record that is too large.
        """
        with self._changed:
            if self._size > self._segment_bytes:
                self._next_segment()
            new = {digest: raw for digest, raw in blobs.items() if digest not in self._known}
            data = b"".join((*(frame(BLOB, raw) for raw in new.values()), frame(RECORD, record)))
            if self._held + len(data) > self.max_bytes:
                raise SpoolFullError(
                    f"the spool is full: {self._held:,} of {self.max_bytes:,} bytes wait for the log",
                    where=str(self.folder),
                    hint="see to it that the evidence store can be written",
                )
            self._known.update(new)
            self._size += len(data)
            self._held += len(data)
            self._pending.append(_Pending(self._segment, data, token))

    def flush(self) -> None:
        """Have what is held made durable; this does not wait for it."""
        with self._changed:
            self._asked = True
            self._changed.notify()

    def measure(self) -> None:
        """Take notice of what the drain has deleted."""
        with self._changed:
            waiting = sum(len(each.data) for each in self._pending)
            self._held = held_bytes(self.folder) + waiting

    def close(self) -> None:
        """Flush what is held and give the folder free."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self._file.close()
        os.close(self._lock)

    def _next_segment(self) -> None:
        self._segment += 1
        self._size = 0
        self._known.clear()

    def _flush_all(self) -> None:
        while True:
            with self._changed:
                while not (self._pending and self._asked) and not self._closed:
                    self._changed.wait()
                if not self._pending:
                    return
                number = self._pending[0].segment
                batch = [each for each in self._pending if each.segment == number]
                self._pending = self._pending[len(batch) :]
                self._asked = bool(self._pending)
            self._flush(number, batch)

    def _flush(self, number: int, batch: list[_Pending]) -> None:
        problem = None
        try:
            self._file.append(number, b"".join(each.data for each in batch))
        except OSError as error:
            problem = self._unwritable(error)
            with self._changed:
                # Nothing may follow bytes of which nobody knows whether they are there.
                batch += [each for each in self._pending if each.segment == number]
                self._pending = [each for each in self._pending if each.segment != number]
                self._held -= sum(len(each.data) for each in batch)
                if self._segment == number:
                    self._next_segment()
        self.problem = problem.message if problem else ""
        self._told([each.token for each in batch], problem)

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"the spool cannot be written: {error.strerror}",
            where=str(self.folder),
            hint="check the volume that it is on: space, mount, permissions",
        )


class _File:
    """The segment that is written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._descriptor = -1
        self._durable = 0

    def append(self, number: int, data: bytes) -> None:
        """Write ``data`` to segment ``number`` and flush it. Raises OSError; then the segment ends before it."""
        if number != self._number:
            self._begin(number)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fdatasync(self._descriptor)
        except OSError:
            self._cut()
            raise
        self._durable += len(data)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1
        self._number = 0

    def _begin(self, number: int) -> None:
        self.close()
        self._descriptor = os.open(_name(self._folder, number), _NEW_FILE, 0o600)
        self._number, self._durable = number, 0
        try:
            os.write(self._descriptor, MAGIC)
            os.fsync(self._descriptor)
            _flush_folder(self._folder)
        except OSError:
            self._cut()
            raise
        self._durable = len(MAGIC)

    def _cut(self) -> None:
        """Take back what was not flushed, as far as that goes; the next append begins another segment."""
        try:
            os.ftruncate(self._descriptor, self._durable)
        except OSError:
            pass  # a reader finds out where the frames end
        finally:
            self.close()


def frame(kind: bytes, content: bytes) -> bytes:
    """A frame. Raises StoreError where ``content`` is larger than readers take."""
    length = len(content) + 1
    if length > MAX_FRAME:
        raise StoreError(
            f"a frame of {length:,} bytes is too large for the spool; it takes {MAX_FRAME:,}",
            hint="give fewer or smaller facts",
        )
    return _HEADER.pack(length, _checksum(length, kind, content)) + kind + content


def frames(path: Path, start: int = 0) -> Iterator[Frame]:
    """The whole frames of a segment from byte ``start`` (0: the first) on. Raises StoreError where it is no segment."""
    try:
        with open(path, "rb") as file:
            magic = file.read(len(MAGIC))
            if magic != MAGIC:
                if MAGIC.startswith(magic):
                    return  # torn at its very beginning
                raise StoreError("this is no segment of a spool", where=str(path), hint="move it away, and look at it")
            end = max(start, len(MAGIC))
            file.seek(end)
            while (header := file.read(_HEADER.size)) and len(header) == _HEADER.size:
                length, checksum = _HEADER.unpack(header)
                payload = file.read(length) if 0 < length <= MAX_FRAME else b""
                kind, content = payload[:1], payload[1:]
                if not payload or len(payload) != length or _checksum(length, kind, content) != checksum:
                    return
                end += _HEADER.size + length
                yield Frame(kind, content, end)
    except OSError as error:
        raise StoreError(
            f"a segment of the spool cannot be read: {error.strerror}", where=str(path), hint="check the volume"
        ) from None


def segments(folder: Path) -> list[tuple[int, Path]]:
    """Number and path of every segment, oldest first. Raises StoreError."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise _unusable(folder, error) from None
    found = [(int(match[1]), folder / name) for name in names if (match := _SEGMENT.fullmatch(name))]
    return sorted(found)


def held_bytes(folder: Path) -> int:
    """Bytes of all segments. Raises StoreError."""
    total = 0
    for _, path in segments(folder):
        try:
            total += path.stat().st_size
        except OSError:  # drained just now
            continue
    return total


def digest_of(content: bytes) -> str:
    """The digest that names a blob."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def locked(folder: Path, name: str) -> int:
    """A descriptor that holds the lock ``name`` of the spool in ``folder`` until it is closed. Raises StoreError."""
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(folder, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise StoreError(
            "another process uses this spool",
            where=str(folder / name),
            hint="give every server a spool of its own with --spool",
        ) from None
    return descriptor


def _checksum(length: int, kind: bytes, content: bytes) -> int:
    """CRC-32, https://www.rfc-editor.org/rfc/rfc1952#section-8, over length and payload: zeros are no frame."""
    return zlib.crc32(content, zlib.crc32(kind, zlib.crc32(length.to_bytes(4, "big"))))


def _name(folder: Path, number: int) -> Path:
    return folder / f"segment-{number:016d}"


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the spool cannot be used: {error.strerror}", where=str(folder), hint="name a folder of a volume with --spool"
    )
