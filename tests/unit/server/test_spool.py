"""The spool: what is told to be durable can be read, whatever became of the process and of the disk."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateproof.errors import StoreError
from gateproof.server import spool
from gateproof.server.spool import BLOB, MAGIC, RECORD, Spool, SpoolFullError


class Told:
    """What the spool tells, and a wait for it."""

    def __init__(self) -> None:
        self.durable: list[object] = []
        self.failed: list[tuple[object, str]] = []
        self._changed = threading.Condition()

    def __call__(self, tokens: Sequence[Any], problem: StoreError | None) -> None:
        with self._changed:
            if problem is None:
                self.durable += tokens
            else:
                self.failed += [(token, problem.message) for token in tokens]
            self._changed.notify()

    def wait_for(self, count: int) -> None:
        """Until so many were told, well or ill."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.durable) + len(self.failed) >= count, 30)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def opened(tmp_path: Path, told: Told) -> Iterator[Spool]:
    one = Spool(tmp_path / "spool", 1 << 20, told, segment_bytes=1000)
    yield one
    one.close()


def _frames(folder: Path) -> list[tuple[bytes, bytes]]:
    return [(each.kind, each.content) for _, path in spool.segments(folder) for each in spool.frames(path)]


def _blob(content: bytes) -> dict[str, bytes]:
    return {spool.digest_of(content): content}


def test_what_was_held_is_there_when_it_is_told(opened: Spool, told: Told) -> None:
    for number in range(20):
        opened.hold(b"record %d" % number, {}, number)
        opened.flush()
        told.wait_for(number + 1)
        assert (RECORD, b"record %d" % number) in _frames(opened.folder)
    assert told.durable == list(range(20))


def test_a_blob_is_written_once_in_each_segment_and_before_its_records(opened: Spool, told: Told) -> None:
    for number in range(30):
        opened.hold(b"r" * 100, _blob(b"shared"), number)
        opened.flush()
        told.wait_for(number + 1)
    found = spool.segments(opened.folder)
    assert len(found) > 1
    for _, path in found:
        kinds = [each.kind for each in spool.frames(path)]
        assert kinds[0] == BLOB
        assert kinds.count(BLOB) == 1


def test_many_callers_share_a_flush(tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    first, go = threading.Event(), threading.Event()

    def flush(descriptor: int) -> None:
        flushed.append(descriptor)
        first.set()
        assert go.wait(30)

    monkeypatch.setattr(os, "fdatasync", flush)
    one = Spool(tmp_path / "spool", 1 << 20, told)
    one.hold(b"first", {}, 0)
    one.flush()
    assert first.wait(30)
    for number in range(1, 50):
        one.hold(b"another", {}, number)
        one.flush()
    assert told.durable == []
    go.set()
    told.wait_for(50)
    one.close()
    assert len(flushed) == 2
    assert told.durable == list(range(50))


def test_what_nobody_asks_to_flush_is_flushed_with_what_somebody_does(opened: Spool, told: Told) -> None:
    for number in range(30):  # more than a segment has room for
        opened.hold(b"r" * 100, {}, number)
    time.sleep(0.05)
    assert told.durable == []
    opened.flush()
    told.wait_for(30)
    assert len(spool.segments(opened.folder)) > 1


def test_full(tmp_path: Path, told: Told) -> None:
    one = Spool(tmp_path / "spool", 2000, told)
    one.hold(b"x" * 1900, {}, 0)
    with pytest.raises(SpoolFullError, match="is full"):
        one.hold(b"x" * 1900, {}, 1)
    one.flush()
    told.wait_for(1)
    for _, path in spool.segments(one.folder):
        path.unlink()
    one.measure()
    one.hold(b"x" * 1900, {}, 2)
    one.flush()
    told.wait_for(2)
    one.close()
    assert told.durable == [0, 2]


def test_a_disk_that_fails_is_told_and_nothing_follows_what_it_left(
    tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Spool(tmp_path / "spool", 1 << 20, told)
    one.hold(b"before", _blob(b"shared"), "before")
    one.flush()
    told.wait_for(1)

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, f"no space for {descriptor}")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", fail)
        one.hold(b"lost", _blob(b"other"), "lost")
        one.flush()
        told.wait_for(2)
    assert told.failed == [("lost", "the spool cannot be written: no space for " + told.failed[0][1].split()[-1])]
    assert one.problem
    one.hold(b"after", _blob(b"other"), "after")
    one.flush()
    told.wait_for(3)
    one.close()
    assert one.problem == ""
    assert told.durable == ["before", "after"]
    found = spool.segments(one.folder)
    # What was not told to be durable is gone; what follows has all that it refers to in a segment of its own.
    assert [content for _, content in _frames(one.folder)] == [b"shared", b"before", b"other", b"after"]
    assert len(found) == 2


def test_one_process_writes(opened: Spool, told: Told) -> None:
    with pytest.raises(StoreError, match="another process") as caught:
        Spool(opened.folder, 1 << 20, told)
    assert caught.value.hint


def test_a_new_process_begins_a_new_segment(tmp_path: Path, told: Told) -> None:
    for turn in range(3):
        one = Spool(tmp_path / "spool", 1 << 20, told)
        one.hold(b"turn %d" % turn, {}, turn)
        one.close()
    assert [number for number, _ in spool.segments(tmp_path / "spool")] == [1, 2, 3]
    assert [content for _, content in _frames(tmp_path / "spool")] == [b"turn 0", b"turn 1", b"turn 2"]


def test_frames_end_where_one_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "segment-0000000000000001"
    first, second = spool.frame(RECORD, b"first"), spool.frame(RECORD, b"second")
    whole = MAGIC + first + second
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        expected = [b"first"] * (length >= len(MAGIC + first)) + [b"second"] * (length == len(whole))
        assert [each.content for each in spool.frames(path)] == expected


def test_bytes_that_were_altered_are_no_frame(tmp_path: Path) -> None:
    path = tmp_path / "segment-0000000000000001"
    whole = MAGIC + spool.frame(RECORD, b"first") + spool.frame(RECORD, b"second")
    for place in range(len(MAGIC), len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 0x40
        path.write_bytes(altered)
        contents = [each.content for each in spool.frames(path)]
        assert contents == ([] if place < len(MAGIC) + len(spool.frame(RECORD, b"first")) else [b"first"])


def test_zeros_are_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "segment-0000000000000001"
    path.write_bytes(MAGIC + spool.frame(RECORD, b"first") + bytes(4096))
    assert [each.content for each in spool.frames(path)] == [b"first"]


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "segment-0000000000000001"
    path.write_bytes(MAGIC + b"".join(spool.frame(RECORD, b"%d" % number) for number in range(5)))
    ends = [each.end for each in spool.frames(path)]
    for number, end in enumerate(ends):
        assert [each.content for each in spool.frames(path, end)] == [b"%d" % later for later in range(number + 1, 5)]


def test_what_is_no_segment_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "segment-0000000000000001"
    path.write_bytes(b"something else, and rather long")
    with pytest.raises(StoreError, match="no segment"):
        list(spool.frames(path))


def test_a_frame_has_a_limit() -> None:
    with pytest.raises(StoreError, match="too large"):
        spool.frame(RECORD, bytes(spool.MAX_FRAME))
