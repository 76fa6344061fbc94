"""OPA's conformance cases: no verdict may differ."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FLOOR = 1850


def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("opa_runner", Path(__file__).with_name("opa.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.conformance
def test_no_verdict_differs() -> None:
    opa = runner()
    path = opa.corpus()
    if not path.exists():
        pytest.skip("the corpus is not here")
    outcomes = [(case["note"], opa.judge(case)) for case in opa.cases(path)]
    assert [(note, outcome.reason) for note, outcome in outcomes if outcome.verdict == "wrong"] == []
    assert sum(outcome.verdict == "identical" for _, outcome in outcomes) >= FLOOR
