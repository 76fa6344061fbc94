"""A process may die, or lose against another one, at every write of ``record``: the evidence goes on."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateproof.adapters.filesystem import FileSystemStore
from gateproof.errors import LogError
from gateproof.flow import replay
from gateproof.log.interface import Store
from gateproof.log.note import VerifierKey
from gateproof.log.receipt import Receipt, verify_receipt
from gateproof.testing import MemoryStore
from gateproof.testing.log import CrashingStore, RacingStore, SimulatedCrash, WriteHook

if TYPE_CHECKING:
    from tests.conftest import Company

pytestmark = pytest.mark.integration

# What the record in question writes: the input, core and envelopes of two decisions, and what both were decided by
# (bundle, waiver, trust record, trust policy, roster), 13 blobs; a staging bundle, the lock, a tile and an entry
# bundle, a pointer for each decision, the public checkpoint. Stores put again what they hold already, so it is as many
# in a store that knows the trust policy.
WRITES = 13 + 1 + 1 + 2 + 2 + 1


def record(company: Company, store: Store) -> list[Receipt]:
    """The record that is interrupted: a decision that a waiver covers, and an ALLOW."""
    grounds = company.grounds(company.waiver())
    return company.record(
        store,
        grounds,
        company.judged("waived.json", company.plan(site="public-read"), grounds),
        company.judged("private.json", company.plan(site="private"), grounds),
    )


def record_more(company: Company, store: Store, name: str = "next.json") -> list[Receipt]:
    """Another record, of whoever comes next or is quicker."""
    grounds = company.grounds()
    return company.record(store, grounds, company.judged(name, company.plan(name="private"), grounds))


def check(company: Company, store: Store, receipts: list[Receipt], cores: set[str]) -> None:
    """The next record succeeds; then all of it verifies, nothing with a receipt is lost, replays give the same bytes.

    ``cores`` are digests of decisions that must be there, or may: those of an interrupted record are all there or none.
    """
    receipts = [*receipts, *record_more(company, store)]
    assert company.verify(store) == ""
    reader = company.open(store)
    key = VerifierKey(company.sequencer.name, company.sequencer.public_key)
    for receipt in receipts:
        verify_receipt(receipt, reader.view.leaf(receipt.index), key)
    records = list(reader.records())
    assert all(replay(reader, one.entry).same for one in records)
    assert cores.issubset({one.digest for one in records}) or cores.isdisjoint({one.digest for one in records})


def begun(company: Company, store: Store, *, empty: bool) -> list[Receipt]:
    return [] if empty else company.fill(store)


def interrupted_cores(company: Company) -> set[str]:
    store = MemoryStore()
    record(company, store)
    return {one.digest for one in company.open(store).records()}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("empty", [False, True])
def test_a_crash_at_any_write(company: Company, empty: bool, after: bool) -> None:
    cores, crashed = interrupted_cores(company), 0
    while True:
        store = MemoryStore()
        receipts = begun(company, store, empty=empty)
        crashing = CrashingStore(store, crashed + 1, after=after)
        try:
            record(company, crashing)
        except SimulatedCrash:
            crashed += 1
            check(company, store, receipts, cores)
        else:
            break
    assert crashed == WRITES


@pytest.mark.parametrize("empty", [False, True])
def test_what_can_be_read_right_after_a_crash_is_whole(company: Company, empty: bool) -> None:
    """Before anybody repairs anything: a reader sees the log as it was, or as it is to be."""
    sizes = []
    for crash_at in range(1, WRITES + 1):
        store = MemoryStore()
        begun(company, store, empty=empty)
        with pytest.raises(SimulatedCrash):
            record(company, CrashingStore(store, crash_at, after=True))
        if empty and crash_at < WRITES:
            with pytest.raises(LogError, match="no finished log"):
                company.open(store)
            continue
        reader = company.open(store)
        assert all(replay(reader, one.entry).same for one in reader.records())
        sizes.append(reader.seen.size)
    assert sizes == ([4] if empty else [6] * (WRITES - 1) + [10])


@pytest.mark.parametrize("empty", [False, True])
def test_a_quicker_writer_at_any_write(company: Company, empty: bool) -> None:
    cores, raced = interrupted_cores(company), 0
    while True:
        store = MemoryStore()
        receipts = begun(company, store, empty=empty)
        quicker: list[Receipt] = []

        def compete(store: MemoryStore = store, quicker: list[Receipt] = quicker) -> None:
            quicker.extend(record_more(company, store, "quicker.json"))

        racing = RacingStore(store, raced + 1, compete)
        late = record(company, racing)
        if not quicker:
            break
        raced += 1
        # Both are in the log: neither lost anything, whoever came first.
        check(company, store, [*receipts, *quicker, *late], cores)
        assert len({receipt.index for receipt in (*receipts, *quicker, *late)}) == len(receipts) + 3
    assert raced == WRITES


def in_child(action: Callable[[], object]) -> int:
    """Run ``action`` in a process of its own, and give its exit code: minus the number of the signal that ended it."""
    child = os.fork()
    if not child:
        status = 1
        try:
            action()
            status = 0
        except BaseException as error:  # noqa: BLE001 - the child must never return into the test runner
            sys.stderr.write(f"{error!r}\n")
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("after", [False, True])
def test_a_process_killed_at_any_write(company: Company, tmp_path: Path, after: bool) -> None:
    cores, killed = interrupted_cores(company), 0
    receipts = company.fill(FileSystemStore(tmp_path / "begun"))
    while True:
        root = tmp_path / str(killed)
        shutil.copytree(tmp_path / "begun", root)
        store = WriteHook(FileSystemStore(root), killed + 1, kill_self, after=after)
        status = in_child(lambda store=store: record(company, store))  # type: ignore[misc]
        if status == 0:
            break
        assert status == -signal.SIGKILL
        check(company, FileSystemStore(root), receipts, cores)
        killed += 1
    assert killed == WRITES


def test_a_process_killed_while_it_verifies_harms_nothing(company: Company, tmp_path: Path) -> None:
    """Reading writes nothing: there is no write to be killed at."""
    store = FileSystemStore(tmp_path)
    receipts = company.fill(store)
    hook = WriteHook(store, 1, kill_self)
    assert in_child(lambda: company.verify(hook)) == 0
    assert in_child(lambda: [replay(company.open(hook), one.entry) for one in company.open(hook).records()]) == 0
    check(company, store, receipts, set())
