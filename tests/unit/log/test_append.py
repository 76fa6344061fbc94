"""Append: receipts, refusals before the first write, and what it costs."""

from __future__ import annotations

import threading

import msgspec
import pytest

from gateproof.documents import canonical
from gateproof.errors import LogError, StoreError
from gateproof.log import entry as entries
from gateproof.log import note
from gateproof.log.append import append, restore_pointers
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.fsck import fsck
from gateproof.log.lock import CHECKPOINT, LOCK, recover
from gateproof.log.note import VerifierKey
from gateproof.log.reader import open_log
from gateproof.log.receipt import Receipt, verify_receipt
from gateproof.testing import LogSigner, MemoryStore
from gateproof.testing.log import RacingStore, WriteHook, numbered_entries

NOW = "2026-11-23T05:00:00Z"
SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)


def add(store: MemoryStore, first: int, count: int, attempts: int = 8) -> list[Receipt]:
    new, blobs = numbered_entries(first, count)
    return append(store, new, blobs, SIGNER, now=NOW, attempts=attempts)


def test_every_entry_of_an_append_gets_a_receipt_that_verifies() -> None:
    store = MemoryStore()
    first = 0
    for count in (1, 2, 256, 257, 1):
        new, _ = numbered_entries(first, count)
        receipts = add(store, first, count)
        assert [receipt.index for receipt in receipts] == list(range(first, first + count))
        for entry, receipt in zip(new, receipts, strict=True):
            assert verify_receipt(receipt, entries.encode(entry), KEY).size == first + count
            assert receipt.retention == "none (memory)"
        first += count
    assert fsck(store, KEY).problems == ()


def test_a_receipt_survives_json() -> None:
    [receipt] = add(MemoryStore(), 0, 1)
    assert msgspec.json.decode(canonical.encode(receipt), type=Receipt) == receipt


def test_a_receipt_holds_for_nothing_else() -> None:
    store = MemoryStore()
    receipt = add(store, 0, 3)[1]
    leaf = entries.encode(numbered_entries(1, 1)[0][0])
    other = entries.encode(numbered_entries(2, 1)[0][0])
    verify_receipt(receipt, leaf, KEY)
    with pytest.raises(LogError, match="other bytes"):
        verify_receipt(receipt, other, KEY)
    for field, value in (("index", 0), ("proof", receipt.proof[:1]), ("checkpoint", receipt.checkpoint[:-3])):
        with pytest.raises(LogError):
            verify_receipt(msgspec.structs.replace(receipt, **{field: value}), leaf, KEY)
    with pytest.raises(LogError, match="0 signatures"):
        verify_receipt(receipt, leaf, VerifierKey(SIGNER.name, LogSigner(SIGNER.name, 2).public_key))


def test_nothing_to_add_adds_nothing() -> None:
    store = MemoryStore()
    assert add(store, 0, 0) == []
    assert store.objects == {}


def test_what_is_not_fit_is_refused_before_anything_is_written() -> None:
    store = MemoryStore()
    [entry], blobs = numbered_entries(0, 1)
    [other], _ = numbered_entries(1, 1)
    digest = next(iter(blobs))
    for new, given, message in (
        ([msgspec.structs.replace(entry, kind="?")], blobs, "has a kind"),
        ([entry], {**blobs, digest: b"altered"}, "has the digest"),
        ([other], blobs, "no entry refers to it"),
        ([entry], {}, "it is not in the store"),
        (
            [entry, msgspec.structs.replace(other, pointers=entry.pointers)],
            {**blobs, **numbered_entries(1, 1)[1]},
            "leads",
        ),
    ):
        with pytest.raises(LogError, match=message):
            append(store, new, given, SIGNER, now=NOW)
    with pytest.raises(LogError, match="time of an append"):
        append(store, [entry], blobs, SIGNER, now="today")
    assert store.objects == {}


def test_a_blob_that_is_stored_already_need_not_be_given_unless_it_was_altered() -> None:
    store = MemoryStore()
    add(store, 0, 1)
    [entry], _ = numbered_entries(0, 1)
    again = msgspec.structs.replace(entry, kind="replay")
    [receipt] = append(store, [again], {}, SIGNER, now=NOW)
    assert receipt.index == 1
    store.objects[entries.blob_name(entry.envelope)] = b"altered"
    with pytest.raises(LogError, match="was altered"):
        append(store, [again], {}, SIGNER, now=NOW)


class Threaded(MemoryStore):
    """A store that takes blobs from several threads, and from which of them it was."""

    is_concurrent = True

    def __init__(self, refused: str = "") -> None:
        super().__init__()
        self.threads: set[int] = set()
        self._refused = refused
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes) -> None:
        with self._lock:
            self.threads.add(threading.get_ident())
            if name == self._refused:
                raise StoreError("no room", where=name, hint="none")
            super().put(name, data)


def test_many_blobs_are_put_at_once_and_give_the_same_log() -> None:
    new, blobs = numbered_entries(0, 40)
    one_by_one, at_once = MemoryStore(), Threaded()
    for store in (one_by_one, at_once):
        append(store, new, blobs, SIGNER, now=NOW)
    assert at_once.objects == one_by_one.objects
    assert at_once.threads - {threading.get_ident()}


def test_a_blob_that_cannot_be_put_stops_the_append() -> None:
    new, blobs = numbered_entries(0, 40)
    store = Threaded(entries.blob_name(max(blobs)))
    with pytest.raises(StoreError, match="no room"):
        append(store, new, blobs, SIGNER, now=NOW)
    assert LOCK not in store.objects


def test_a_pointer_never_moves_to_other_evidence() -> None:
    store = MemoryStore()
    add(store, 0, 1)
    [entry], _ = numbered_entries(0, 1)
    [other], blobs = numbered_entries(1, 1)
    with pytest.raises(LogError, match="already leads to") as caught:
        append(store, [msgspec.structs.replace(other, pointers=entry.pointers)], blobs, SIGNER, now=NOW)
    assert caught.value.hint is not None
    add(store, 0, 1)  # the same evidence again: the pointer stays with the first entry
    assert entries.decode_pointer(store.objects[entry.pointers[0]]).entry == 0
    assert fsck(store, KEY).problems == ()


def test_pointers_are_made_again_from_the_entries() -> None:
    store = MemoryStore()
    add(store, 0, 5)
    intact = dict(store.objects)
    for name in list(store.names("evidence/"))[1:3]:
        del store.objects[name]
    assert restore_pointers(store, open_log(store, KEY)) == 2
    assert store.objects == intact


def test_a_strange_object_in_the_place_of_a_pointer_does_not_stop_the_log() -> None:
    store = MemoryStore()
    [entry], blobs = numbered_entries(0, 1)

    def squat() -> None:
        store.objects[entry.pointers[0]] = b"squatter"

    append(RacingStore(store, 5, squat), [entry], blobs, SIGNER, now=NOW)
    add(store, 1, 1)
    assert [problem.name for problem in fsck(store, KEY).problems] == [entry.pointers[0]]


def test_another_key_cannot_go_on_with_a_log() -> None:
    store = MemoryStore()
    add(store, 0, 1)
    new, blobs = numbered_entries(1, 1)
    for stranger in (LogSigner(SIGNER.name, 2), LogSigner("example.org/other", 1)):
        with pytest.raises(LogError, match="0 signatures by the key"):
            append(store, new, blobs, stranger, now=NOW)


def test_an_altered_head_is_not_built_upon() -> None:
    for name in ("log/tile/0/000.p/2", "log/tile/entries/000.p/2", LOCK):
        store = MemoryStore()
        add(store, 0, 2)
        raw = store.objects[name]
        store.objects[name] = raw[:40] + bytes([raw[40] ^ 1]) + raw[41:]
        with pytest.raises(LogError):
            add(store, 2, 1)


def test_a_store_that_was_rolled_back_or_forked_is_not_written_to() -> None:
    store, fork = MemoryStore(), MemoryStore()
    add(store, 0, 2)
    before = dict(store.objects)
    add(store, 2, 1)
    seen = open_log(store, KEY).checkpoint
    new, blobs = numbered_entries(3, 1)
    store.objects = before
    with pytest.raises(LogError, match="rolled back"):
        append(store, new, blobs, SIGNER, now=NOW, last_seen=seen)
    add(fork, 7, 4)
    with pytest.raises(LogError, match="forked"):
        append(fork, new, blobs, SIGNER, now=NOW, last_seen=seen)
    with pytest.raises(LogError, match="rolled back"):
        append(MemoryStore(), new, blobs, SIGNER, now=NOW, last_seen=seen)
    with pytest.raises(LogError, match="is of the log 'x'"):
        append(fork, new, blobs, SIGNER, now=NOW, last_seen=Checkpoint("x", 1, seen.root))


def test_lock_and_public_checkpoint_that_contradict_each_other_stop_the_log() -> None:
    store = MemoryStore()
    add(store, 0, 1)
    old = store.objects[LOCK]
    add(store, 1, 1)
    newer = dict(store.objects)
    store.objects[LOCK] = old
    with pytest.raises(LogError, match="rolled back or replaced"):
        add(store, 2, 1)
    del store.objects[LOCK]
    with pytest.raises(LogError, match="log/lock is missing"):
        add(store, 2, 1)
    other = MemoryStore()
    add(other, 5, 2)
    store.objects = {**newer, CHECKPOINT: other.objects[CHECKPOINT]}
    with pytest.raises(LogError, match="forked"):
        add(store, 2, 1)


def test_a_staging_bundle_that_does_not_fit_its_lock_is_not_used() -> None:
    def unfinished() -> MemoryStore:
        store = MemoryStore()
        add(store, 0, 1)
        first = store.objects[CHECKPOINT]
        add(store, 1, 1)
        store.objects[CHECKPOINT] = first
        return store

    def point_to(store: MemoryStore, raw: bytes) -> None:
        digest = canonical.digest(raw)
        lock = msgspec.json.decode(store.objects[LOCK])
        store.objects["log/staging/" + digest.removeprefix("sha256:")] = raw
        store.objects[LOCK] = canonical.encode({**lock, "staging": digest})

    store = unfinished()
    lock = msgspec.json.decode(store.objects[LOCK])
    name = "log/staging/" + lock["staging"].removeprefix("sha256:")
    good = msgspec.json.decode(store.objects[name])
    for raw, message in (
        (b"{}", "cannot be read"),
        (canonical.encode({**good, "size": 10**15}), "does not hold the tiles"),
        (canonical.encode({**good, "start": -1}), "does not hold the tiles"),
        (canonical.encode({**good, "tiles": {"log/lock": "", **good["tiles"]}}), "does not hold the tiles"),
        (canonical.encode({**good, "root": "A" * 43 + "="}), "of another tree"),
    ):
        store = unfinished()
        point_to(store, raw)
        with pytest.raises(LogError, match=message):
            recover(store, KEY)
    store = unfinished()
    store.objects[name] += b" "
    with pytest.raises(LogError, match="was altered"):
        recover(store, KEY)
    del store.objects[name]
    with pytest.raises(LogError, match="is missing"):
        recover(store, KEY)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[" * 5000, b'{"checkpoint":"","staging":"x"}', b"\xff"])
def test_a_lock_that_cannot_be_read_stops_the_log(raw: bytes) -> None:
    store = MemoryStore()
    store.objects[LOCK] = raw
    with pytest.raises(LogError, match="log/lock"):
        recover(store, KEY)


def test_a_writer_that_always_loses_gives_up_and_says_so() -> None:
    class Losing(MemoryStore):
        def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
            return super().swap(name, b"not " + (expected or b""), new)

    store = Losing()
    with pytest.raises(LogError, match="quicker 3 times"):
        add(store, 0, 1, attempts=3)
    assert not list(store.names("log/tile"))


def test_a_checkpoint_that_a_witness_cosigned_is_left_as_it_is() -> None:
    store = MemoryStore()
    add(store, 0, 1)
    signed = note.parse(store.objects[CHECKPOINT])
    line = note.Signature("witness.example/w1", b"abcd", bytes(72))
    cosigned = note.Note(signed.text, (*signed.signatures, line)).encode()
    store.objects[CHECKPOINT] = cosigned
    assert recover(store, KEY) is not None
    assert store.objects[CHECKPOINT] == cosigned
    assert fsck(store, KEY).problems == ()


def test_the_cost_of_an_append_does_not_grow_with_the_log() -> None:
    class Counting(MemoryStore):
        reads = 0

        def get(self, name: str, max_bytes: int = 1 << 28) -> bytes | None:
            self.reads += 1
            return super().get(name, max_bytes)

    costs = []
    for size in (300, 3000):
        store = Counting()
        add(store, 0, size)
        store.reads = 0
        hook = WriteHook(store, 0, lambda: None)
        new, blobs = numbered_entries(size, 1)
        append(hook, new, blobs, SIGNER, now=NOW)
        costs.append((store.reads, hook.writes))
    assert costs[0] == costs[1]


def test_a_public_checkpoint_that_keeps_changing_is_given_up_on_but_the_entries_are_in() -> None:
    class Contended(MemoryStore):
        def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
            return name != CHECKPOINT and super().swap(name, expected, new)

    store = Contended()
    with pytest.raises(LogError, match="kept changing") as caught:
        add(store, 0, 1)
    assert "are in the log" in str(caught.value.hint)
    calm = MemoryStore()
    calm.objects = store.objects
    assert add(calm, 1, 1)[0].index == 1
