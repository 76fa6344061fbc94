"""Whatever is changed in a store, fsck says so, and says where."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from gateproof.adapters.filesystem import FileSystemStore
from gateproof.documents import canonical
from gateproof.errors import LogError
from gateproof.log import entry as entries
from gateproof.log import note
from gateproof.log.append import append
from gateproof.log.fsck import FsckReport, fsck
from gateproof.log.lock import CHECKPOINT, LOCK
from gateproof.log.note import VerifierKey
from gateproof.testing import LogSigner, MemoryStore
from gateproof.testing.log import CrashingStore, SimulatedCrash, numbered_entries

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


@pytest.mark.parametrize(
    "prefix",
    ["log/tile/entries/", "log/tile/0/", "log/tile/1/", "log/staging/", "blobs/", "evidence/", LOCK, CHECKPOINT],
)
def test_the_damaged_file_alone_is_blamed(prefix: str) -> None:
    store = log_of(1, 255, 3)
    for name in list(store.names(prefix))[:5]:
        raw = store.objects[name]
        for place in (5, len(raw) - 2):
            store.objects[name] = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            assert names(fsck(store, KEY)) == {name}
        store.objects[name] = raw


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


def test_a_history_that_does_not_fit_the_entries_is_reported() -> None:
    store = log_of(1, 1, 1)
    intact = dict(store.objects)
    lock = msgspec.json.decode(store.objects[LOCK])
    staging = msgspec.json.decode(store.objects["log/staging/" + lock["staging"].removeprefix("sha256:")])
    first = canonical.digest(log_of(1).objects[next(log_of(1).names("log/staging/"))])
    for field, value, message in (
        ("root", "A" * 43 + "=", "its root is not that of the first 3 entries"),
        ("previous", first, "leads to 1 entries, the next starts from 2"),
        ("previous", "", "ends at 2 entries"),
        ("previous", "../lock", "is not a name of a store"),
    ):
        raw = canonical.encode({**staging, field: value})
        digest = canonical.digest(raw)
        store.objects = {**intact, "log/staging/" + digest.removeprefix("sha256:"): raw}
        store.objects[LOCK] = canonical.encode({**lock, "staging": digest})
        assert any(message in problem.message for problem in fsck(store, KEY).problems)


def test_a_checkpoint_of_another_history_is_reported() -> None:
    store, fork = log_of(3), MemoryStore()
    new, blobs = numbered_entries(7, 3)
    append(fork, new, blobs, SIGNER, now=NOW)
    for name in (LOCK, CHECKPOINT):
        store.objects[name] = fork.objects[name]
    store.objects.update({name: fork.objects[name] for name in fork.names("log/staging/")})
    report = fsck(store, KEY)
    assert any(problem.name == CHECKPOINT and "its root is not" in problem.message for problem in report.problems)


def test_an_entry_that_is_no_entry_is_reported_although_the_log_committed_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    new, blobs = numbered_entries(0, 2)
    with monkeypatch.context() as patch:
        patch.setattr(entries, "encode", lambda _entry: b"{}")
        with pytest.raises(LogError, match="cannot be read"):  # an append by a program that is not this one
            append(store, new, blobs, SIGNER, now=NOW)
    assert any("entry 1" in problem.message for problem in fsck(store, KEY).problems)


def test_a_lost_signature_of_the_lock_is_reported_without_a_key() -> None:
    store = log_of(1)
    signed = note.parse(store.objects[CHECKPOINT])
    other = note.Signature("other", b"abcd", bytes(64))
    store.objects[CHECKPOINT] = note.Note(signed.text, (other,)).encode()
    assert any("signatures of log/lock" in problem.message for problem in fsck(store).problems)


def test_links_and_other_strange_things_in_a_directory_are_reported(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path)
    new, blobs = numbered_entries(0, 2)
    append(store, new, blobs, SIGNER, now=NOW)
    for name in sorted(store.names()):
        kept = tmp_path / "kept"
        (tmp_path / name).rename(kept)
        (tmp_path / name).symlink_to(kept)
        assert {name, "kept"} <= names(fsck(store, KEY))
        (tmp_path / name).unlink()
        (tmp_path / name).mkdir()
        assert {name, "kept"} <= names(fsck(store, KEY))
        (tmp_path / name).rmdir()
        kept.rename(tmp_path / name)
    (tmp_path / "log" / ".hidden").write_bytes(b"")
    (tmp_path / "log" / os.fsdecode(b"\xff\n")).write_bytes(b"")
    assert len(names(fsck(store, KEY))) == 2


def test_a_store_that_cannot_be_listed_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    [problem] = fsck(FileSystemStore(tmp_path / "file"), KEY).problems
    assert "where something else should be" in problem.message
