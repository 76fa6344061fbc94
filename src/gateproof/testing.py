"""Parts for tests, ours and those of embedders: a store in memory, stores that fail, a signer with a known key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gateproof.documents import canonical
from gateproof.errors import StoreError
from gateproof.log.entry import Entry
from gateproof.log.interface import MAX_OBJECT_BYTES, Store, check_name

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class MemoryStore:
    """A Store in a dictionary, ``objects``, which tests may read and damage. Not safe for concurrent threads."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        if len(data) > MAX_OBJECT_BYTES:
            raise StoreError(f"{len(data)} bytes are too many", where=name)
        if self.objects.setdefault(check_name(name), data) != data:
            raise StoreError("exists with other bytes", where=name)

    def get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        data = self.objects.get(check_name(name))
        if data is not None and len(data) > max_bytes:
            raise StoreError(f"has {len(data)} bytes; at most {max_bytes} are read", where=name)
        return data

    def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
        if self.objects.get(check_name(name)) != expected:
            return False
        self.objects[name] = new
        return True

    def names(self, prefix: str = "") -> Iterator[str]:
        yield from sorted(name for name in self.objects if name.startswith(prefix))

    def retention(self, name: str) -> str:
        check_name(name)
        return "none (memory)"


class SimulatedCrash(BaseException):
    """The process dies here. Not an Exception, so that no handler takes it for an error that it could treat."""


class WriteHook:
    """A Store that counts its writes and does something at the one numbered ``at`` (from 1).

    ``action`` runs just before the write takes effect, or just after it where ``after`` is true.
    """

    def __init__(self, inner: Store, at: int, action: Callable[[], None], *, after: bool = False) -> None:
        self.inner = inner
        self.writes = 0
        self._at = at
        self._action = action
        self._after = after

    def put(self, name: str, data: bytes) -> None:
        self._begin()
        self.inner.put(name, data)
        self._end()

    def get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        return self.inner.get(name, max_bytes)

    def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
        self._begin()
        swapped = self.inner.swap(name, expected, new)
        self._end()
        return swapped

    def names(self, prefix: str = "") -> Iterator[str]:
        return self.inner.names(prefix)

    def retention(self, name: str) -> str:
        return self.inner.retention(name)

    def _begin(self) -> None:
        self.writes += 1
        if self.writes == self._at and not self._after:
            self._action()

    def _end(self) -> None:
        if self.writes == self._at and self._after:
            self._action()


class CrashingStore(WriteHook):
    """A Store whose process dies at write number ``crash_at``, before or after the write takes effect."""

    def __init__(self, inner: Store, crash_at: int, *, after: bool = False) -> None:
        def crash() -> None:
            raise SimulatedCrash

        super().__init__(inner, crash_at, crash, after=after)


class RacingStore(WriteHook):
    """A Store in which another writer, ``competitor``, is quicker at write number ``race_at``."""

    def __init__(self, inner: Store, race_at: int, competitor: Callable[[], None]) -> None:
        super().__init__(inner, race_at, competitor)


class LogSigner:
    """A NoteSigner with a key that is derived from ``seed``: for tests only, the key is no secret."""

    def __init__(self, name: str, seed: int = 0) -> None:
        self.name = name
        self._seed = seed

    @property
    def public_key(self) -> bytes:
        return self._key().public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key().sign(message)

    def _key(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._seed.to_bytes(32, "big"))


def numbered_entries(first: int, count: int) -> tuple[list[Entry], dict[str, bytes]]:
    """``count`` entries that differ by their number, each with one reference and one pointer; and their blobs."""
    entries: list[Entry] = []
    blobs: dict[str, bytes] = {}
    for number in range(first, first + count):
        raw = [f"{what} {number}".encode() for what in ("envelope", "input")]
        envelope, reference = (canonical.digest(blob) for blob in raw)
        blobs.update(zip((envelope, reference), raw, strict=True))
        entries.append(
            Entry(
                kind="decision",
                envelope=envelope,
                at="2026-11-23T05:00:00Z",
                references=(reference,),
                pointers=(f"evidence/soc2@2017:CC6.1/2026-11-23/v1/{number}.json",),
            )
        )
    return entries, blobs
