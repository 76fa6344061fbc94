"""For tests of stores and of the log: stores whose process dies or is outrun at a write, and entries by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateproof.documents import canonical
from gateproof.log.entry import Entry
from gateproof.log.interface import MAX_OBJECT_BYTES, Store
from gateproof.testing import NOW


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
                at=NOW,
                references=(reference,),
                pointers=(f"evidence/soc2@2017:CC6.1/2026-11-23/v1/{number}.json",),
            )
        )
    return entries, blobs
