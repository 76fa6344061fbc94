"""The log on a real file system, with real processes that are killed or that race."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateproof.adapters.filesystem import FileSystemStore
from gateproof.log import merkle
from gateproof.log.append import append
from gateproof.log.fsck import fsck
from gateproof.log.interface import Store
from gateproof.log.note import VerifierKey
from gateproof.log.reader import open_log
from gateproof.log.receipt import Receipt
from gateproof.testing import LogSigner
from gateproof.testing.log import WriteHook, numbered_entries

pytestmark = pytest.mark.integration

SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)

# The calls with which the store changes the file system, or makes a change durable; opening only where it creates.
SYSTEM_CALLS = ("mkdir", "open", "fsync", "link", "rename", "unlink")


def add(store: Store, first: int, count: int) -> list[Receipt]:
    new, blobs = numbered_entries(first, count)
    return append(store, new, blobs, SIGNER, now="2026-11-23T05:00:00Z")


def in_child(action: Callable[[], object]) -> int:
    """Run ``action`` in a process of its own; gives its number."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        action()
        status = 0
    except BaseException as error:  # noqa: BLE001 - the child must never return into the test runner
        sys.stderr.write(f"{error!r}\n")
    finally:
        os._exit(status)


def is_killed(child: int) -> bool:
    """Whether the child was killed; False where it ended well. Anything else fails the test."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def check(root: Path, receipts: list[Receipt], first: int) -> None:
    """The next append succeeds, and then the log verifies and holds all that has a receipt."""
    store = FileSystemStore(root)
    receipts = [*receipts, *add(store, first, 1)]
    assert fsck(store, KEY).problems == ()
    leaves = dict(open_log(store, KEY).leaves())
    assert all(merkle.leaf_hash(leaves[receipt.index]) == receipt.leaf_hash for receipt in receipts)
    assert not list(root.glob(".tmp-*"))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("before", [0, 2])
def test_killed_at_any_write_to_the_store(tmp_path: Path, before: int, after: bool) -> None:
    killed = 0
    while True:
        root = tmp_path / str(killed)
        receipts = add(FileSystemStore(root), 0, before)
        store = WriteHook(FileSystemStore(root), killed + 1, kill_self, after=after)
        if not is_killed(in_child(lambda store=store: add(store, before, 2))):  # type: ignore[misc]
            break
        check(root, receipts, 100)
        killed += 1
    # 4 blobs, a staging bundle, the lock, a tile and an entry bundle, 2 pointers, the public checkpoint
    assert killed == 11


def _killing_system(at: int) -> None:
    """Make this process kill itself just before system call number ``at`` of those that change the file system."""
    done, opening = 0, os.open

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            nonlocal done
            reads = call is opening and not arguments[1] & os.O_CREAT
            done += not reads
            if done == at and not reads:
                kill_self()
            return call(*arguments, **options)

        return counting

    for name in SYSTEM_CALLS:
        setattr(os, name, counted(getattr(os, name)))


def test_killed_at_any_system_call_that_changes_the_file_system(tmp_path: Path) -> None:
    killed = 0
    while True:
        root = tmp_path / str(killed)
        receipts = add(FileSystemStore(root), 0, 1)

        def run(at: int = killed + 1, root: Path = root) -> None:
            _killing_system(at)
            add(FileSystemStore(root), 1, 1)

        if not is_killed(in_child(run)):
            break
        check(root, receipts, 100)
        killed += 1
    assert killed > 60


def test_two_processes_append_at_the_same_time(tmp_path: Path) -> None:
    root = tmp_path / "store"

    def run(first: int) -> None:
        store = FileSystemStore(root)
        for number in range(first, first + 50):
            [receipt] = add(store, number, 1)
            assert open_log(store, KEY).receipt(receipt.index).leaf_hash == receipt.leaf_hash

    children = [in_child(lambda first=first: run(first)) for first in (0, 1000)]  # type: ignore[misc]
    assert [is_killed(child) for child in children] == [False, False]
    store = FileSystemStore(root)
    view = open_log(store, KEY)
    assert len(view) == 100
    expected = [entry for first in (0, 1000) for entry in numbered_entries(first, 50)[0]]
    assert sorted(entry.envelope for _, entry in view.entries()) == sorted(entry.envelope for entry in expected)
    report = fsck(store, KEY)
    assert report.problems == ()
