"""`gateproof check --compat conftest` from a shell: arguments, exit codes, settings; and no Decision."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = """package main

import rego.v1

deny contains "denied" if input.denied

warn contains "warned" if input.warned
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "main.rego").write_text(POLICY, encoding="utf-8")
    for name in ("denied", "warned", "fine"):
        (tmp_path / f"{name}.yaml").write_text(f"{name}: true\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, compat: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateproof", "check", *(("--compat", "conftest") if compat else ()), *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("fine.yaml",), 0),
        (("warned.yaml",), 0),
        (("denied.yaml",), 1),
        ((".",), 1),
        (("warned.yaml", "--fail-on-warn"), 1),
        (("denied.yaml", "--fail-on-warn"), 2),
        (("denied.yaml", "--no-fail"), 0),
        (("denied.yaml", "-n", "absent"), 0),
        (("denied.yaml", ""), 1),
        (("fine.yaml", "-p", "absent"), 1),
        (("fine.yaml", "--evidence", "store"), 1),
        (("fine.yaml", "--update", "https://example.com"), 1),
        (("fine.yaml", "--strict"), 1),
        (("absent.yaml",), 1),
        (("policy/main.rego",), 1),
        ((), 1),
        (("--help",), 0),
    ],
)
def test_exit_codes(folder: Path, arguments: tuple[str, ...], code: int) -> None:
    assert run(folder, *arguments).returncode == code


def test_other_peers_are_refused(folder: Path) -> None:
    for flag in (("--compat", "checkov"), ("--compat=x",), ("--compat",)):
        done = run(folder, "fine.yaml", *flag, compat=False)
        assert done.returncode == 1
        assert "no compatibility" in done.stderr
    assert run(folder, "fine.yaml", "--compat=conftest", compat=False).returncode == 0


def test_it_says_that_it_makes_no_decision(folder: Path) -> None:
    assert "no Decision" in " ".join(run(folder, "--help").stdout.split())
    assert "no Decision" in " ".join(run(folder, "--help", compat=False).stdout.split())


def test_quiet_and_trace(folder: Path) -> None:
    assert run(folder, "fine.yaml", "--quiet").stdout == ""
    done = run(folder, "denied.yaml", "--trace", "--no-color", "--quiet")
    assert "file: denied.yaml | query: data.main.deny\n" in done.stderr
    assert done.stdout.startswith("FAIL - denied.yaml - main - denied\n")


def test_settings_by_file_environment_and_argument(folder: Path) -> None:
    (folder / "conftest.toml").write_text('namespace = "absent"\n', encoding="utf-8")
    assert run(folder, "denied.yaml").returncode == 0
    assert run(folder, "denied.yaml", CONFTEST_NAMESPACE="main").returncode == 1
    assert run(folder, "denied.yaml", "-n", "main", CONFTEST_NAMESPACE="absent").returncode == 1
    (folder / "conftest.toml").write_text("= broken\n", encoding="utf-8")
    assert run(folder, "fine.yaml").returncode == 1


def test_data_that_contradicts_itself_is_refused(folder: Path) -> None:
    (folder / "one.json").write_text('{"a": {"b": 1}}', encoding="utf-8")
    (folder / "two.yaml").write_text("a: {b: 2}\n", encoding="utf-8")
    done = run(folder, "fine.yaml", "-d", "one.json", "-d", "two.yaml")
    assert done.returncode == 1
    assert "has a value from another file already" in done.stderr


def test_links_and_loops_of_folders_end(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    assert run(folder, "loop", "-p", "policy").stdout.count("denied.yaml") == 1
    assert run(folder, ".", "--combine").returncode == 0


def test_engine_is_not_recorded(folder: Path) -> None:
    done = run(folder, "fine.yaml", "--engine", "opa", "--evidence", "store", compat=False)
    assert done.returncode == 2
    assert "not recorded" in done.stderr
    assert run(folder, "fine.yaml", "--engine", "regorus", compat=False).returncode == 2
