"""Files of frameworks: from the working tree, and as they stand at a commit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gateproof.adapters.frameworks import read_framework
from gateproof.errors import PolicyError

CATALOG = {"catalog": {"metadata": {"title": "C", "version": "1"}, "controls": [{"id": "a-1", "title": "Committed"}]}}
PROFILE = {"profile": {"metadata": {"title": "P", "version": "2"}, "imports": [{"href": "../catalogs/all.json"}]}}


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "repository"
    (top / "catalogs").mkdir(parents=True)
    (top / "profiles").mkdir()
    (top / "catalogs" / "all.json").write_text(json.dumps(CATALOG))
    (top / "profiles" / "own.json").write_text(json.dumps(PROFILE))
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "frameworks")
    return top


def test_a_profile_and_what_it_imports_are_read_as_they_stand_at_the_commit(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    (repository / "catalogs" / "all.json").write_text(json.dumps(CATALOG).replace("Committed", "Changed"))
    path = repository / "profiles" / "own.json"
    assert [each.title for each in read_framework(path).controls] == ["Changed"]
    assert [each.title for each in read_framework(path, commit).controls] == ["Committed"]
    path.unlink()
    assert read_framework(path, commit).name == "own@2"


def test_files_that_are_missing(repository: Path, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    with pytest.raises(PolicyError, match=r"No such file") as caught:
        read_framework(tmp_path / "gone.yaml")
    assert caught.value.hint
    with pytest.raises(PolicyError, match="no such file at this commit") as caught:
        read_framework(repository / "gone.yaml", commit)
    assert caught.value.hint
    (tmp_path / "outside.json").write_text(json.dumps(CATALOG))
    profile = repository / "profiles" / "own.json"
    profile.write_text(json.dumps(PROFILE).replace("../catalogs/all.json", "../../outside.json"))
    git(repository, "commit", "-q", "-am", "outside")
    assert read_framework(profile).name == "own@2"
    with pytest.raises(PolicyError, match="no such file at this commit"):
        read_framework(profile, git(repository, "rev-parse", "HEAD"))
