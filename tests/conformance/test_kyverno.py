"""The cases of kyverno/policies, as a test."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kyverno_conformance", Path(__file__).with_name("kyverno.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.conformance
def test_no_case_is_judged_differently(capsys: pytest.CaptureFixture[str]) -> None:
    runner = _runner()
    if not runner.corpus().is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    assert runner.main([]) == 0
    assert capsys.readouterr().out.startswith("kyverno: cases=2058 identical=596 refused=1462 wrong=0\n")


def test_no_cases_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GATEPROOF_CASES", str(tmp_path))
    assert _runner().main([]) == 1
