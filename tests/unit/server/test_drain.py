"""From the spool into the log: each decision once, whatever dies in between, and nothing dropped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.conftest import LATER, Company
from tests.unit.server import reviews

from gateproof import flow
from gateproof.errors import GateproofError, LogError, StoreError
from gateproof.flow import Grounds, Judged
from gateproof.log import LogView, VerifierKey, open_log
from gateproof.server import drain, spool
from gateproof.server.admission import Reviewed, Served, review
from gateproof.server.drain import BATCH, Drain
from gateproof.server.held import Packer
from gateproof.server.spool import Spool
from gateproof.testing import NOW, MemoryStore
from gateproof.testing.log import SimulatedCrash


class Recorder:
    """Records in a store as the server's does; ``fails`` decides about an attempt to, before or after it is done."""

    def __init__(self, company: Company, store: MemoryStore) -> None:
        self._company = company
        self._store = store
        self.before: list[GateproofError] = []
        self.after: list[BaseException] = []
        self.refused = ""
        self.batches: list[int] = []

    def record(self, judged: Sequence[Judged], grounds: Grounds, *, at: str) -> object:
        if self.before:
            raise self.before.pop()
        if any(self.refused and self.refused in each.name for each in judged):
            raise LogError("no log takes this", hint="none")
        self.batches.append(len(judged))
        receipts = flow.record(judged, grounds, self._company.ci, self._company.sequencer, self._store, now=at)
        if self.after:
            raise self.after.pop()
        return receipts

    def log(self) -> LogView | None:
        if not self._store.objects:
            return None
        key = self._company.sequencer
        return open_log(self._store, VerifierKey(key.name, key.public_key))


class Site:
    """A spool with its store: what a server leaves, and drains of it."""

    def __init__(self, folder: Path, company: Company) -> None:
        self.folder = folder
        self.store = MemoryStore()
        self.recorder = Recorder(company, self.store)
        self.served = reviews.served()
        self._packer = Packer()

    def hold(self, *names: str, served: Served | None = None, segment_bytes: int = spool.SEGMENT_BYTES) -> None:
        """What a server that has reviewed these Pods leaves behind."""
        writing = Spool(self.folder, 1 << 30, lambda *_: None, segment_bytes=segment_bytes)
        for name in names:
            one = self.reviewed(name, served)
            writing.hold(*self._packer.pack(one.judged, one.grounds), name)
        writing.close()

    def reviewed(self, name: str, served: Served | None = None) -> Reviewed:
        """The review of a Pod."""
        return review(reviews.review(reviews.pod(name)), served or self.served, NOW)

    def drained(self, steps: int = 100) -> Drain:
        """A drain that has ended, after so many steps at most."""
        one = Drain(self.folder, lambda: self.recorder, lambda: LATER)
        try:
            for _ in range(steps):
                if not one.step():
                    break
        finally:
            one.close()
        return one

    def logged(self) -> list[str]:
        """Digests of the decisions in the log, in its order."""
        log = self.recorder.log()
        entries = [entry for _, entry in log.entries() if entry.kind == "decision"] if log else []
        known = {self.reviewed(f"web-{number}").judged.decision.digest: number for number in range(300)}
        return [f"web-{known[digest]}" for entry in entries for digest in entry.references if digest in known]


@pytest.fixture
def site(tmp_path: Path, company: Company) -> Site:
    return Site(tmp_path / "spool", company)


def _names(count: int, first: int = 0) -> list[str]:
    return [f"web-{number}" for number in range(first, first + count)]


def test_everything_gets_into_the_log_in_order(site: Site) -> None:
    site.hold(*_names(150))
    status = site.drained().status
    assert status == drain.Status(recorded=150)
    assert site.logged() == _names(150)
    assert max(site.recorder.batches) == BATCH
    assert drain.status_of(site.folder) == status


def test_a_second_drain_finds_nothing_to_do(site: Site) -> None:
    site.hold(*_names(3))
    site.drained()
    assert site.drained().status.recorded == 0
    assert site.logged() == _names(3)


def test_segments_that_are_in_the_log_are_deleted_but_for_the_newest(site: Site) -> None:
    for turn in range(3):
        site.hold(*_names(10, 10 * turn), segment_bytes=20_000)
    assert len(spool.segments(site.folder)) > 3
    site.drained()
    assert len(spool.segments(site.folder)) == 1
    assert site.logged() == _names(30)


def test_a_process_that_dies_after_the_append_records_nothing_twice(site: Site) -> None:
    site.hold(*_names(5))
    site.recorder.after = [SimulatedCrash()]
    with pytest.raises(SimulatedCrash):
        site.drained()
    site.hold(*_names(5, 5))
    status = site.drained().status
    assert (status.recorded, status.repeated) == (5, 5)
    assert site.logged() == _names(10)


def test_a_store_that_fails_after_the_append_records_nothing_twice(site: Site) -> None:
    site.hold(*_names(5))
    site.recorder.after = [StoreError("gone", hint="none")]
    one = site.drained(steps=1)
    assert one.status.problem == "gone"
    assert one.status.waiting_since == NOW
    assert site.drained().status.repeated == 5
    assert site.logged() == _names(5)


def test_a_store_that_is_down_loses_nothing(site: Site) -> None:
    site.hold(*_names(5))
    site.recorder.before = [StoreError("down", hint="none") for _ in range(3)]
    for _ in range(3):
        assert site.drained(steps=1).status.problem == "down"
    assert site.logged() == []
    status = site.drained().status
    assert (status.recorded, status.problem, status.waiting_since) == (5, "", "")
    assert site.logged() == _names(5)


def test_a_full_disk_is_emptied(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for turn in range(3):
        site.hold(*_names(10, 10 * turn), segment_bytes=20_000)

    def fail(path: Path, *_: object, **__: object) -> None:
        raise StoreError("no space", where=str(path), hint="none")

    with monkeypatch.context() as patched:
        patched.setattr(drain, "_write", fail)
        assert site.drained().status.recorded == 30
    assert len(spool.segments(site.folder)) == 1
    assert site.drained().status.recorded == 0
    assert site.logged() == _names(30)


def test_what_no_log_takes_is_set_aside_and_the_rest_goes_on(site: Site) -> None:
    site.hold(*_names(5))
    site.recorder.refused = "web-3"
    status = site.drained().status
    assert (status.recorded, status.aside) == (4, 1)
    assert site.logged() == ["web-0", "web-1", "web-2", "web-4"]
    kept = sorted((site.folder / drain.ASIDE).iterdir())
    assert [path.suffix for path in kept] == ["", ".txt"]
    assert kept[1].read_text() == "no log takes this"


def test_a_log_that_takes_nothing_sets_nothing_aside(site: Site) -> None:
    site.hold(*_names(5))
    site.recorder.refused = "web-"
    status = site.drained().status
    assert (status.recorded, status.aside) == (0, 0)
    assert status.problem


@pytest.mark.parametrize("cut", [1, 7, 8, 100, 2000])
def test_a_torn_end_is_kept_and_what_is_before_it_counts(site: Site, cut: int) -> None:
    site.hold(*_names(3))
    (_, path), *_ = spool.segments(site.folder)
    path.write_bytes(path.read_bytes()[:-cut])
    site.hold(*_names(2, 3))
    status = site.drained().status
    assert site.logged() == ["web-0", "web-1", "web-3", "web-4"]
    assert status.aside == 1
    assert (site.folder / drain.ASIDE / path.name).exists()


def test_a_torn_end_of_the_newest_segment_waits(site: Site) -> None:
    site.hold(*_names(3))
    (_, path), *_ = spool.segments(site.folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    one = Drain(site.folder, lambda: site.recorder, lambda: LATER)
    assert one.step() == 2
    assert one.step() == 0
    path.write_bytes(whole)
    assert one.step() == 1
    one.close()
    assert site.logged() == _names(3)


def test_an_empty_segment_is_left_behind(site: Site) -> None:
    site.hold(*_names(1))
    for number, content in ((7, b""), (8, spool.MAGIC[:4]), (9, spool.MAGIC)):
        (site.folder / f"segment-{number:016d}").write_bytes(content)
    site.hold(*_names(1, 1))
    status = site.drained().status
    assert (status.recorded, status.aside) == (2, 0)
    assert len(spool.segments(site.folder)) == 1


def test_one_decision_held_twice_is_recorded_once(site: Site) -> None:
    site.hold("web-1", "web-2", "web-1")
    assert site.drained().status == drain.Status(recorded=2, repeated=1)
    site.hold("web-2")
    assert site.drained().status.repeated + site.drained().status.recorded <= 1
    assert site.logged()[:2] == ["web-1", "web-2"]


def test_other_grounds_are_another_append(site: Site) -> None:
    other = msgspec.structs.replace(site.served, grounds=reviews.served(rule=f"{reviews.RULE}\n# newer").grounds)
    site.hold("web-1", "web-2")
    site.hold("web-3", served=other)
    site.drained()
    assert site.recorder.batches == [2, 1]


def test_a_record_that_cannot_be_read_is_set_aside(site: Site) -> None:
    writing = Spool(site.folder, 1 << 30, lambda *_: None)
    writing.hold(b"\xc1", {}, 0)
    one = site.reviewed("web-1")
    writing.hold(*Packer().pack(one.judged, one.grounds), 1)
    writing.close()
    status = site.drained().status
    assert (status.recorded, status.aside) == (1, 1)


def test_a_cursor_that_is_lost_repeats_nothing(site: Site) -> None:
    site.hold(*_names(3))
    site.drained()
    (site.folder / drain.CURSOR).unlink()
    assert site.drained().status.repeated == 3
    assert site.logged() == _names(3)


def test_a_cursor_that_is_no_cursor_is_an_error(site: Site) -> None:
    site.hold(*_names(1))
    (site.folder / drain.CURSOR).write_bytes(b"[]")
    with pytest.raises(StoreError, match="cannot be read") as caught:
        site.drained()
    assert caught.value.hint


def test_one_process_drains(site: Site) -> None:
    site.hold(*_names(1))
    one = Drain(site.folder, lambda: site.recorder, lambda: LATER)
    with pytest.raises(StoreError, match="another process"):
        site.drained()
    one.close()
