"""The store in a directory: its promises, and what it says when the directory does not let it keep them."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateproof.adapters import filesystem
from gateproof.adapters.filesystem import FileSystemStore
from gateproof.errors import StoreError
from gateproof.log import interface
from gateproof.log.interface import Store
from gateproof.testing import MemoryStore


@pytest.fixture(params=["file system", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Every kind of store that fulfils the contract here."""
    return FileSystemStore(tmp_path / "made" / "store") if request.param == "file system" else MemoryStore()


def test_an_object_is_put_once_and_never_changes(store: Store) -> None:
    assert store.get("a/b/c") is None
    store.put("a/b/c", b"one")
    store.put("a/b/c", b"one")
    with pytest.raises(StoreError, match="other bytes"):
        store.put("a/b/c", b"two")
    assert store.get("a/b/c") == b"one"
    store.put("empty", b"")
    assert store.get("empty") == b""


def test_a_swap_happens_only_from_the_expected_bytes(store: Store) -> None:
    assert not store.swap("log/lock", b"one", b"two")
    assert store.get("log/lock") is None
    assert store.swap("log/lock", None, b"one")
    assert not store.swap("log/lock", None, b"two")
    assert not store.swap("log/lock", b"other", b"two")
    assert store.get("log/lock") == b"one"
    assert store.swap("log/lock", b"one", b"two")
    assert store.get("log/lock") == b"two"


def test_names_are_sorted_and_filtered_by_prefix(store: Store) -> None:
    names = ["a-b/c", "a.b", "a/b", "a/b.p/7", "a/c/d", "ab", "b/a"]
    for name in reversed(names):
        store.put(name, name.encode())
    assert list(store.names()) == sorted(names) == names
    for prefix in ("a", "a/", "a/b", "a/c/d", "a/c/d/e", "x/", "b"):
        assert list(store.names(prefix)) == [name for name in names if name.startswith(prefix)]


def test_reading_is_limited(store: Store) -> None:
    store.put("a", b"12345")
    assert store.get("a", 5) == b"12345"
    with pytest.raises(StoreError, match="5 bytes; at most 4 are read"):
        store.get("a", 4)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "../a",
        ".hidden",
        "a/.b",
        "a\n",
        "a\0",
        "a b",
        "ä",
        "a\\b",
        "a" * 201,
        "a" + "/a" * 16,
    ],
)
def test_a_name_outside_the_grammar_is_refused_everywhere(store: Store, name: str) -> None:
    uses: list[Callable[[], object]] = [
        lambda: store.put(name, b""),
        lambda: store.get(name),
        lambda: store.swap(name, None, b""),
        lambda: store.retention(name),
    ]
    for use in uses:
        with pytest.raises(StoreError, match="not a name of a store"):
            use()
    assert list(store.names()) == []


def test_an_object_that_is_too_large_is_refused_before_it_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(filesystem, "MAX_OBJECT_BYTES", 3)
    store = FileSystemStore(tmp_path / "store")
    for write in (lambda: store.put("a", b"1234"), lambda: store.swap("a", None, b"1234")):
        with pytest.raises(StoreError, match="4 bytes is too large"):
            write()
    assert not (tmp_path / "store").exists()
    assert interface.MAX_OBJECT_BYTES > 3


def test_reading_makes_nothing(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path / "store")
    assert store.get("a") is None
    assert list(store.names()) == []
    assert store.retention("a") == "none (file system)"
    assert list(tmp_path.iterdir()) == []


def test_no_temporary_file_stays_and_those_of_the_dead_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".tmp-0123").write_bytes(b"half")
    store = FileSystemStore(tmp_path)
    assert list(store.names()) == []
    store.put("a", b"1")
    store.swap("b", None, b"2")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".swap.lock", ".write.lock", "a", "b"]


def test_a_temporary_file_of_the_living_is_left_alone(tmp_path: Path) -> None:
    writing = FileSystemStore(tmp_path)
    with writing._writing() as root, filesystem._temporary(root, b"half") as temporary:
        FileSystemStore(tmp_path).put("a", b"1")
        assert (tmp_path / temporary).read_bytes() == b"half"
    assert list(FileSystemStore(tmp_path).names()) == ["a"]


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[tuple[FileSystemStore, Path]]:
    """A store with links in it, and the directory outside that they point to."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    root = tmp_path / "store"
    root.mkdir()
    (root / "file").symlink_to(outside / "secret")
    (root / "directory").symlink_to(outside)
    (root / "dangling").symlink_to(outside / "new")
    yield FileSystemStore(root), outside
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize("name", ["file", "dangling", "directory/secret", "directory/new"])
def test_links_are_not_followed(linked: tuple[FileSystemStore, Path], name: str) -> None:
    store, _ = linked
    uses: list[Callable[[], object]] = [
        lambda: store.get(name),
        lambda: store.put(name, b"secret"),
        lambda: store.swap(name, None, b"x"),
        lambda: store.swap(name, b"secret", b"x"),
    ]
    for use in uses:
        with pytest.raises(StoreError) as caught:
            use()
        assert caught.value.hint
        assert name in str(caught.value)


def test_links_are_listed_but_not_entered(linked: tuple[FileSystemStore, Path]) -> None:
    assert list(linked[0].names()) == ["dangling", "directory", "file"]


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    FileSystemStore(tmp_path / "link").put("a/b", b"1")
    assert (tmp_path / "real/a/b").read_bytes() == b"1"


def test_a_directory_for_a_file_and_a_file_for_a_directory_are_errors(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path)
    store.put("a/b", b"1")
    for name in ("a", "a/b/c"):
        uses: list[Callable[[], object]] = [
            lambda name=name: store.get(name),  # type: ignore[misc]
            lambda name=name: store.put(name, b"2"),  # type: ignore[misc]
            lambda name=name: store.swap(name, None, b"2"),  # type: ignore[misc]
        ]
        for use in uses:
            with pytest.raises(StoreError, match="where something else should be") as caught:
                use()
            assert caught.value.hint
    (tmp_path / "root").write_bytes(b"")
    with pytest.raises(StoreError, match="where something else should be"):
        FileSystemStore(tmp_path / "root").put("a", b"1")
    with pytest.raises(StoreError, match="where something else should be"):
        FileSystemStore(tmp_path / "root").get("a")


def test_a_pipe_is_no_object_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="where something else should be"):
        FileSystemStore(tmp_path).get("pipe")


def test_a_file_that_grows_while_it_is_read_is_still_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileSystemStore(tmp_path)
    store.put("a", b"12345")
    status = os.stat_result((0o100644, *[0] * 9))
    monkeypatch.setattr(os, "fstat", lambda _descriptor: status)
    with pytest.raises(StoreError, match="at most 4 are read"):
        store.get("a", 4)


@pytest.mark.parametrize("failing", ["fsync", "link", "rename", "mkdir"])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "disk or quota is full"),
        (errno.EDQUOT, "disk or quota is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_failing_file_system_is_named_and_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, code: int, message: str
) -> None:
    store = FileSystemStore(tmp_path)
    store.put("before", b"1")

    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, failing, fail)
    write = (lambda: store.swap("new/b", None, b"2")) if failing == "rename" else (lambda: store.put("new/a", b"2"))
    with pytest.raises(StoreError, match=message) as caught:
        write()
    assert caught.value.hint
    monkeypatch.undo()
    assert [name for name in store.names() if store.get(name) not in (b"1", b"2")] == []
    assert not list(tmp_path.glob(".tmp-*"))
    write()
    assert len(list(store.names())) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="no permission"):
            FileSystemStore(tmp_path).put("a", b"1")
    finally:
        tmp_path.chmod(0o700)


def test_of_many_threads_that_swap_exactly_one_wins_each_round(tmp_path: Path) -> None:
    wins = []

    def increment() -> None:
        store = FileSystemStore(tmp_path)
        done = 0
        while done < 5:
            current = store.get("counter")
            if store.swap("counter", current, str(int(current or b"0") + 1).encode()):
                done += 1
        wins.append(done)

    threads = [threading.Thread(target=increment) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wins) == 30
    assert FileSystemStore(tmp_path).get("counter") == b"30"


def test_of_two_that_put_at_the_same_moment_the_first_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def late(source: str, target: str, **options: Any) -> None:
        monkeypatch.setattr(os, "link", link)
        FileSystemStore(tmp_path).put("a", content)
        link(source, target, **options)

    content = b"same"
    monkeypatch.setattr(os, "link", late)
    FileSystemStore(tmp_path).put("a", b"same")
    (tmp_path / "a").unlink()
    content = b"other"
    monkeypatch.setattr(os, "link", late)
    with pytest.raises(StoreError, match="other bytes"):
        FileSystemStore(tmp_path).put("a", b"same")
    assert (tmp_path / "a").read_bytes() == b"other"


def test_a_name_that_is_taken_and_then_gone_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_arguments: object, **_options: object) -> None:
        raise FileExistsError(errno.EEXIST, "taken")

    monkeypatch.setattr(os, "link", taken)
    with pytest.raises(StoreError, match="where something else should be"):
        FileSystemStore(tmp_path).put("a", b"1")
