"""Whatever is changed in a store, fsck says so, and says where."""

from __future__ import annotations

import pytest

from gateproof.log.append import append
from gateproof.log.fsck import FsckReport, fsck
from gateproof.log.lock import CHECKPOINT, LOCK
from gateproof.log.note import VerifierKey
from gateproof.testing import CrashingStore, LogSigner, MemoryStore, SimulatedCrash, numbered_entries

NOW = "2026-11-23T05:00:00Z"
SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)


def log_of(*counts: int, signer: LogSigner = SIGNER) -> MemoryStore:
    """A log that grew by these batches."""
    store, first = MemoryStore(), 0
    for count in counts:
        new, blobs = numbered_entries(first, count)
        append(store, new, blobs, signer, now=NOW)
        first += count
    return store


def names(report: FsckReport) -> set[str]:
    return {problem.name for problem in report.problems}


def test_a_sound_log_has_no_problems_and_every_object_is_counted() -> None:
    store = log_of(1, 255, 300)
    report = fsck(store, KEY)
    assert report.problems == ()
    # Two checkpoints, three staging bundles, and tiles: entry bundles 000, 000.p/1, 001, 002.p/44, the same of level 0,
    # and of level 1 one for 256 and one for 556 entries.
    assert report.counts == {
        "blobs": 2 * 556,
        "checkpoints": 2,
        "entries": 556,
        "pointers": 556,
        "staging": 3,
        "tiles": 4 + 4 + 2,
    }
    assert sum(report.counts.values()) - report.counts["entries"] == len(store.objects)


def test_an_empty_store_is_sound() -> None:
    assert fsck(MemoryStore(), KEY) == FsckReport((), {})


@pytest.mark.parametrize("key", [KEY, None])
def test_every_flipped_byte_of_every_file_is_reported(key: VerifierKey | None) -> None:
    store = log_of(1, 1)
    intact = dict(store.objects)
    assert fsck(store, key).problems == ()
    tried = reported = named = 0
    for name, raw in intact.items():
        for place in range(len(raw)):
            changed = bytearray(raw)
            changed[place] ^= 1 << (place % 8)
            store.objects[name] = bytes(changed)
            problems = fsck(store, key).problems
            tried += 1
            reported += bool(problems)
            named += name in {problem.name for problem in problems}
        store.objects[name] = raw
    assert tried == sum(map(len, intact.values()))
    assert reported == tried
    if key is not None:  # without a key, nobody can tell which of two checkpoints that differ is the right one
        assert named == tried


def test_every_missing_truncated_or_extended_file_is_reported() -> None:
    store = log_of(1, 255, 3)
    intact = dict(store.objects)
    kept = [name for name in intact if name.startswith("log/")]
    kept += [name for name in intact if not name.startswith("log/")][::100]
    for name in kept:
        raw = intact[name]
        for damaged in (None, b"", raw[:-1], raw[: len(raw) // 2], raw + b"\0"):
            if damaged is None:
                del store.objects[name]
            else:
                store.objects[name] = damaged
            assert name in names(fsck(store, KEY)), name
            assert fsck(store).problems
        store.objects[name] = raw
    assert fsck(store, KEY).problems == ()


def test_a_damaged_tile_or_bundle_alone_is_blamed() -> None:
    store = log_of(1, 255, 300)
    intact = dict(store.objects)
    for name in (name for name in intact if name.startswith(("log/tile/entries", "log/tile/0", "blobs", "evidence"))):
        raw = intact[name]
        store.objects[name] = raw[:5] + bytes([raw[5] ^ 1]) + raw[6:]
        assert names(fsck(store, KEY)) == {name}
        store.objects[name] = raw
        if name.startswith(("blobs", "evidence")):
            break


def test_all_problems_are_listed_at_once() -> None:
    store = log_of(1, 255, 300)
    damaged = ["log/tile/0/000.p/1", "log/tile/entries/002.p/44", next(store.names("blobs/")), CHECKPOINT]
    for name in damaged:
        store.objects[name] = b"?"
    assert names(fsck(store, KEY)) >= set(damaged)


def test_files_that_do_not_belong_to_the_log_are_reported() -> None:
    store = log_of(2)
    strange = {
        "log/tile/0/000.p/1": b"x" * 32,
        "log/tile/0/00": b"",
        "log/other": b"",
        "log/staging/x": b"",
        "blobs/sha256/aa/x": b"",
        "evidence/a/b/c/d": b"{}",
        "notes.txt": b"",
    }
    store.objects.update(strange)
    report = fsck(store, KEY)
    assert names(report) == strange.keys()


def test_what_a_dying_writer_left_is_no_problem_but_an_unfinished_append_is() -> None:
    new, blobs = numbered_entries(1, 1)
    for crash_at in range(1, 9):
        store = log_of(1)
        with pytest.raises(SimulatedCrash):
            append(CrashingStore(store, crash_at), new, blobs, SIGNER, now=NOW)
        report = fsck(store, KEY)
        if crash_at <= 4:  # two blobs, the staging bundle, the lock
            assert report.problems == ()
            assert report.counts.get("orphans", 0) == crash_at - 1
        else:
            assert CHECKPOINT in names(report)
            assert any("did not finish" in problem.message for problem in report.problems)


def test_a_store_made_anew_under_another_key_is_reported() -> None:
    report = fsck(log_of(3, signer=LogSigner(SIGNER.name, 2)), KEY)
    assert names(report) == {LOCK, CHECKPOINT}
    assert fsck(log_of(3, signer=LogSigner(SIGNER.name, 2))).problems == ()


def test_a_broken_chain_still_lets_the_tiles_be_checked() -> None:
    store = log_of(1, 1, 1)
    gone = sorted(store.names("log/staging/"))
    for name in gone:
        del store.objects[name]
    assert len(names(fsck(store, KEY)) - {LOCK}) == 1  # nothing is left that would name the others
    raw = store.objects["log/tile/0/000.p/2"]
    store.objects["log/tile/0/000.p/2"] = bytes(len(raw))
    assert "log/tile/0/000.p/2" in names(fsck(store, KEY))


def test_lost_tile_and_bundle_together_are_reported_and_end_the_walk() -> None:
    store = log_of(300)
    for name in ("log/tile/0/000", "log/tile/entries/000"):
        del store.objects[name]
    report = fsck(store, KEY)
    assert "log/tile/entries/000" in names(report)
    assert any("nothing after them can be checked" in problem.message for problem in report.problems)
