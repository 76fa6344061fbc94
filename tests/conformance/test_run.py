"""The runner of all runners: no cases at all is said and is fine, a part of them missing is a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def test_without_any_cases_nothing_is_checked(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEPROOF_CASES", str(tmp_path / "nowhere"))
    assert runner.main() == 0
    assert "nothing was checked" in capsys.readouterr().out


def test_an_empty_folder_of_cases_is_a_failure(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEPROOF_CASES", str(tmp_path))
    assert runner.main() == 1
    out = capfd.readouterr().out
    assert out.endswith(f"conformance: {len(runner.RUNNERS)} runners, failed: {', '.join(runner.RUNNERS)}\n")


def test_every_runner_is_listed(runner: ModuleType) -> None:
    runners = {path.stem for path in HERE.glob("*.py")} - {"conftest", "run"}
    assert set(runner.RUNNERS) == {stem for stem in runners if not stem.startswith("test_")}


@pytest.mark.parametrize("name", ["opa", "gatekeeper", "kyverno", "merkle", "plans", "vectors"])
def test_a_runner_without_its_cases_fails(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, HERE / f"{name}.py"],
        env={"GATEPROOF_CASES": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.startswith(f"{name}: ")
