"""The vectors of transparency-dev/merkle, as a test."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("merkle_conformance", Path(__file__).with_name("merkle.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.conformance
def test_every_vector_is_judged_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    runner = _runner()
    if not runner.default_cases().is_dir():
        pytest.skip("the vectors of ../shared/cases/merkle are not here")
    assert runner.main([]) == 0
    assert capsys.readouterr().out == "merkle: cases=518 identical=36 refused=482 wrong=0\n"


def test_no_cases_is_a_failure(tmp_path: Path) -> None:
    assert _runner().main([str(tmp_path)]) == 1
