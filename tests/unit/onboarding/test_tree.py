from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from gateproof.adapters import tree
from gateproof.errors import UsageError
from gateproof.onboarding.inventory import File, LeftOut
from gateproof.onboarding.recognition import SKIPPED_FOLDERS, limit


def looked(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Paths that were read, and what was left out with the reason."""
    found = list(tree.look(folder, limit, SKIPPED_FOLDERS))
    return [each.path for each in found if isinstance(each, File)], {
        each.path: each.reason for each in found if isinstance(each, LeftOut)
    }


def test_files_come_in_order_and_others_are_not_opened(tmp_path: Path) -> None:
    for name in ("b/x.tf", "a/y.yaml", "a/c/z.rego", "main.tf", "notes.txt", "a/image.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert looked(tmp_path) == (["main.tf", "a/y.yaml", "a/c/z.rego", "b/x.tf"], {})


def test_links_devices_and_foreign_folders_are_left_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.tf").write_text("x")
    top = tmp_path / "top"
    for name in ("node_modules/a", ".git", "sub/.git", "loop"):
        (top / name).mkdir(parents=True)
    (top / ".git" / "x.tf").write_text("x")
    (top / "sub" / "x.tf").write_text("x")
    (top / "node_modules" / "a" / "x.tf").write_text("x")
    (top / "link.tf").symlink_to(outside / "secret.tf")
    (top / "folder").symlink_to(outside)
    (top / "loop" / "again").symlink_to(top)
    os.mkfifo(top / "pipe.tf")
    assert looked(top) == (
        [],
        {
            "link.tf": "a link",
            "node_modules": "a folder of what was fetched or made",
            "pipe.tf": "a device or pipe",
            "sub": "a repository of its own",
        },
    )


def test_names_that_are_no_text(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.tf", "w", encoding="utf-8") as file:
        file.write("x")
    assert looked(tmp_path) == (["\\xff.tf"], {})


def test_what_cannot_be_opened_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "a.tf").write_text("x")

    def refused(*_: object) -> NoReturn:
        raise PermissionError(13, "no")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        assert looked(tmp_path) == ([], {"a.tf": "cannot be read"})
    monkeypatch.setattr(os, "scandir", refused)
    assert looked(tmp_path) == ([], {".": "a folder that cannot be listed"})
    assert tree.repositories(tmp_path, SKIPPED_FOLDERS) == [tmp_path]


def test_too_many_repositories_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MOST_REPOSITORIES", 1)
    for name in ("a/.git", "b/.git"):
        (tmp_path / name).mkdir(parents=True)
    with pytest.raises(UsageError, match="2 repositories"):
        tree.repositories(tmp_path, SKIPPED_FOLDERS)


def test_large_files_are_cut(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_bytes(b"x" * (limit("a.tf") + 1))
    (found,) = tree.look(tmp_path, limit, SKIPPED_FOLDERS)
    assert isinstance(found, File)
    assert (len(found.raw), found.whole) == (limit("a.tf"), False)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("MAX_READ", 2, "more than 2 files"),
        ("MAX_TOTAL", 1, "or 1 bytes"),
        ("MAX_ENTRIES", 5, "more than 5 names"),
    ],
)
def test_limits_say_what_they_left_out(
    name: str, value: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, name, value)
    for number in range(9):
        (tmp_path / f"{number}.tf").write_text("x")
    read, left_out = looked(tmp_path)
    assert len(read) <= 2
    assert [text for text in left_out.values() if reason in text]


def test_deep_folders_end(tmp_path: Path) -> None:
    place = tmp_path.joinpath(*["d"] * 45)
    place.mkdir(parents=True)
    (place / "x.tf").write_text("x")
    assert looked(tmp_path) == ([], {"/".join(["d"] * 41): "too deep"})


def test_repositories_of_a_folder(tmp_path: Path) -> None:
    for name in ("b/.git", "a/.git", "team/c/.git", "node_modules/d/.git", "a/inner/.git"):
        (tmp_path / name).mkdir(parents=True)
    names = [str(path.relative_to(tmp_path)) for path in tree.repositories(tmp_path, SKIPPED_FOLDERS)]
    assert names == ["a", "b", "team/c"]
    assert tree.repositories(tmp_path / "a", SKIPPED_FOLDERS) == [tmp_path / "a"]
    assert tree.repositories(tmp_path / "team" / "c" / ".git", SKIPPED_FOLDERS) == [tmp_path / "team" / "c" / ".git"]
    with pytest.raises(UsageError, match="no such folder"):
        tree.repositories(tmp_path / "nothing", SKIPPED_FOLDERS)
