from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.onboarding.conftest import ALL, APPLICATION, KUBERNETES, TERRAFORM, Command, git, write

from gateproof.adapters.new_files import write_new
from gateproof.errors import ConfigError, UsageError
from gateproof.settings.reading import read_settings


@pytest.mark.parametrize("name", sorted(ALL))
def test_init_shows_the_diff_and_writes_with_yes(name: str, tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / name, ALL[name])
    ran = command("init", str(place), "--yes")
    assert ran.code == 0
    text = (place / "gateproof.yaml").read_text()
    assert [line[1:] for line in ran.out.splitlines() if line.startswith("+") and not line.startswith("+++")] == (
        text.splitlines()
    )
    assert read_settings(text.encode(), "x").policies.pack


def test_nobody_to_ask_means_nothing_is_written(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", TERRAFORM)
    ran = command("init", str(place))
    assert isinstance(ran.error, UsageError)
    assert "--yes" in (ran.error.hint or "")
    assert "+version: 1" in ran.out
    assert not (place / "gateproof.yaml").exists()


@pytest.mark.parametrize("said", [True, False])
def test_somebody_at_the_terminal_is_asked(
    said: bool, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write(tmp_path / "x", TERRAFORM)
    asked = []

    def answer(question: str, **_: object) -> bool:
        asked.append(question)
        return said

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", answer)
    assert command("init", str(place)).code == (0 if said else 2)
    assert (place / "gateproof.yaml").exists() is said
    assert asked == ["Write gateproof.yaml?"]


def test_a_dry_run_writes_nothing(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", TERRAFORM)
    ran = command("init", str(place), "--dry-run")
    assert (ran.code, "+version: 1" in ran.out) == (0, True)
    assert not (place / "gateproof.yaml").exists()


def test_an_existing_file_is_never_changed(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", {**TERRAFORM, "gateproof.yaml": "version: 1\nservice: payments\n"})
    ran = command("init", str(place), "--yes")
    assert ran.code == 2
    assert "+policies:" in ran.out
    assert "stays as it is" in ran.err
    assert (place / "gateproof.yaml").read_text() == "version: 1\nservice: payments\n"


def test_what_lacks_nothing_is_left_alone(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", TERRAFORM)
    assert command("init", str(place), "--yes").code == 0
    ran = command("init", str(place), "--yes")
    assert (ran.code, "nothing to add" in ran.err) == (0, True)


def test_a_broken_file_is_told(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", {"gateproof.yaml": "version: 9\n"})
    assert isinstance(command("init", str(place), "--yes").error, ConfigError)
    (place / "gateproof.yaml").write_bytes(b"\xff")
    assert isinstance(command("init", str(place), "--yes").error, ConfigError)


def test_snippets_are_offered_and_written_where_absent(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", {"base/web.yaml": KUBERNETES["base/web.yaml"]})
    offered = command("init", str(place), "--dry-run")
    assert "For .pre-commit-config.yaml" in offered.out
    assert "For .github/workflows/gateproof.yml" in offered.out
    ran = command("init", str(place), "--with", "ci", "--with", "pre-commit", "--yes")
    assert ran.code == 0
    assert (place / ".github" / "workflows" / "gateproof.yml").exists()
    assert (place / ".pre-commit-config.yaml").exists()
    again = command("init", str(place), "--with", "ci", "--with", "pre-commit", "--yes")
    assert (again.code, again.err) == (0, "there is nothing to add\n")


def test_hooks_that_are_there_are_kept(tmp_path: Path, command: Command) -> None:
    hooks = "repos: []\n"
    place = write(tmp_path / "x", {"base/web.yaml": KUBERNETES["base/web.yaml"], ".pre-commit-config.yaml": hooks})
    ran = command("init", str(place), "--with", "pre-commit", "--yes")
    assert ran.code == 2
    assert (place / ".pre-commit-config.yaml").read_text() == hooks
    assert (place / "gateproof.yaml").exists()


def test_nothing_to_judge_is_told(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", {"src/main.py": ""})
    ran = command("init", str(place), "--with", "ci", "--yes")
    assert isinstance(ran.error, UsageError)
    assert not (place / "gateproof.yaml").exists()


def test_the_top_of_the_repository_is_set_up(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write(tmp_path / "x", APPLICATION)
    git(place, "init")
    monkeypatch.chdir(place / "src")
    assert command("init", "--yes").code == 0
    assert (place / "gateproof.yaml").exists()


def test_a_link_out_of_the_repository_is_not_shown(tmp_path: Path, command: Command) -> None:
    (tmp_path / "mine").write_text("version: 1\nservice: hunter2\n")
    place = write(tmp_path / "x", {"base/web.yaml": KUBERNETES["base/web.yaml"]})
    (place / "gateproof.yaml").symlink_to(tmp_path / "mine")
    ran = command("init", str(place), "--yes")
    assert isinstance(ran.error, ConfigError)
    assert "hunter2" not in ran.out
    (place / "gateproof.yaml").unlink()
    (place / ".pre-commit-config.yaml").symlink_to(tmp_path / "mine")
    ran = command("init", str(place), "--yes", "--with", "pre-commit")
    assert isinstance(ran.error, ConfigError)
    assert "hunter2" not in ran.out
    assert not (place / "gateproof.yaml").exists()


def test_the_job_of_gitlab_is_shown(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", TERRAFORM)
    ran = command("init", str(place), "--yes", "--with", "ci")
    assert (ran.code, "+gateproof:" in ran.out) == (2, True)
    assert (place / ".gitlab-ci.yml").read_text() == TERRAFORM[".gitlab-ci.yml"]


def test_weeks(tmp_path: Path, command: Command) -> None:
    place = write(tmp_path / "x", KUBERNETES)
    before = sorted(place.rglob("*"))
    said = [command("init", str(place), "--week", str(number)) for number in range(1, 7)]
    assert [ran.code for ran in said] == [0] * 6
    assert [ran.out.splitlines()[0][:7] for ran in said] == [f"Week {number}:" for number in range(1, 7)]
    assert sorted(place.rglob("*")) == before


def test_nothing_is_written_through_a_link_or_by_half(tmp_path: Path) -> None:
    outside, place = tmp_path / "outside", tmp_path / "x"
    outside.mkdir()
    place.mkdir()
    (place / ".github").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out"):
        write_new(place, {"gateproof.yaml": "version: 1\n", ".github/workflows/x.yml": "x"})
    (place / "b").write_text("mine")
    with pytest.raises(UsageError, match="cannot be written"):
        write_new(place, {"a": "x", "b": "x"})
    (place / "c").symlink_to(outside / "c")
    with pytest.raises(UsageError, match="cannot be written"):
        write_new(place, {"c": "x"})
    assert sorted(os.listdir(place)) == [".github", "b", "c"]
    assert (place / "b").read_text() == "mine"
    assert not any(outside.iterdir())
