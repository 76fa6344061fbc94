"""A writer may die, or lose against another one, at every single write, and the log goes on."""

from __future__ import annotations

import contextlib
import functools

import pytest

from gateproof.log import entry as entries
from gateproof.log import merkle
from gateproof.log.append import append
from gateproof.log.fsck import fsck
from gateproof.log.lock import recover
from gateproof.log.note import VerifierKey
from gateproof.log.reader import open_log
from gateproof.log.receipt import Receipt, verify_receipt
from gateproof.testing import LogSigner, MemoryStore
from gateproof.testing.log import CrashingStore, RacingStore, SimulatedCrash, WriteHook, numbered_entries

NOW = "2026-11-23T05:00:00Z"
SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)

# Batches of many entries write many blobs and pointers, all alike: of those, a sample is enough.
SIZES = {1: 1, 2: 1, 256: 41, 257: 41}


def add(store: MemoryStore | WriteHook, first: int, count: int) -> list[Receipt]:
    new, blobs = numbered_entries(first, count)
    return append(store, new, blobs, SIGNER, now=NOW)


@functools.cache
def _begun(before: int) -> tuple[dict[str, bytes], list[Receipt]]:
    store = MemoryStore()
    receipts = add(store, 0, before)
    return store.objects, receipts


def begun(before: int) -> tuple[MemoryStore, list[Receipt]]:
    """A store with a log of ``before`` entries, and their receipts."""
    objects, receipts = _begun(before)
    store = MemoryStore()
    store.objects = dict(objects)
    return store, list(receipts)


def write_names(before: int, count: int) -> list[str]:
    """The names that an append of ``count`` entries writes, in order."""
    names: list[str] = []

    class Recording(MemoryStore):
        def put(self, name: str, data: bytes) -> None:
            names.append(name)
            super().put(name, data)

        def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
            names.append(name)
            return super().swap(name, expected, new)

    store = Recording()
    store.objects = begun(before)[0].objects
    add(store, before, count)
    return names


def points(before: int, count: int) -> list[int]:
    """Numbers of the writes to try: all of those to the log, and a sample of those beside it."""
    step = SIZES[count]
    names = enumerate(write_names(before, count), 1)
    return [number for number, name in names if name.startswith("log/") or number % step == 0]


def check(store: MemoryStore, receipts: list[Receipt], first: int) -> None:
    """The log verifies, holds everything that has a receipt, and takes the next entry."""
    recover(store, KEY)
    if receipts:
        view = open_log(store, KEY)
        leaves = dict(view.leaves())
        assert len(leaves) == len(view)
        assert all(merkle.leaf_hash(leaves[receipt.index]) == receipt.leaf_hash for receipt in receipts)
        for receipt in (receipts[0], receipts[-1]):
            verify_receipt(receipt, leaves[receipt.index], KEY)
    [receipt] = add(store, first, 1)
    view = open_log(store, KEY)
    assert receipt.index == len(view) - 1
    assert view.leaf(receipt.index) == entries.encode(numbered_entries(first, 1)[0][0])
    assert fsck(store, KEY).problems == ()


def test_the_order_of_the_writes_is_the_documented_one() -> None:
    kinds: list[str] = []
    for name in write_names(0, 2):
        kind = "/".join(name.split("/")[:2]) if name.startswith("log/") else name.split("/")[0]
        if kind not in kinds[-1:]:
            kinds.append(kind)
    assert kinds == ["blobs", "log/staging", "log/lock", "log/tile", "evidence", "log/checkpoint"]


@pytest.mark.parametrize("before", [0, 3, 255])
@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_write_loses_nothing(before: int, count: int, after: bool) -> None:
    tried = 0
    for number in points(before, count):
        store, receipts = begun(before)
        crashing = CrashingStore(store, number, after=after)
        with pytest.raises(SimulatedCrash):
            add(crashing, before, count)
        assert crashing.writes == number
        check(store, receipts, 10_000)
        tried += 1
    assert tried >= 6


@pytest.mark.parametrize("before", [0, 255])
@pytest.mark.parametrize("count", SIZES)
def test_a_writer_that_loses_at_any_write_still_succeeds(before: int, count: int) -> None:
    for number in points(before, count):
        store, receipts = begun(before)

        def compete(store: MemoryStore = store, receipts: list[Receipt] = receipts) -> None:
            receipts.extend(add(store, 5_000, 2))

        receipts.extend(add(RacingStore(store, number, compete), before, count))
        assert len(receipts) == before + count + 2
        check(store, receipts, 10_000)


@pytest.mark.parametrize("before", [0, 3])
def test_a_writer_that_loses_and_then_dies_anywhere_loses_nothing(before: int) -> None:
    writes = len(write_names(before, 2))
    for race in range(1, writes + 1):
        for crash in range(race, 2 * writes):
            store, receipts = begun(before)

            def compete(store: MemoryStore = store, receipts: list[Receipt] = receipts) -> None:
                receipts.extend(add(store, 5_000, 2))

            racing = RacingStore(store, race, compete)
            with contextlib.suppress(SimulatedCrash):
                receipts.extend(add(CrashingStore(racing, crash), before, 2))
            check(store, receipts, 10_000)


def test_a_second_crash_during_recovery_loses_nothing() -> None:
    for first in range(1, 12):
        for second in range(1, 12):
            store, receipts = begun(3)
            for number, crash in enumerate((first, second)):
                try:
                    receipts.extend(add(CrashingStore(store, crash), 100 + number, 1))
                except SimulatedCrash:
                    continue
            check(store, receipts, 10_000)
