"""OPA's conformance cases: no verdict may differ."""

from __future__ import annotations

from types import ModuleType

import pytest

FLOOR = 2057


@pytest.mark.conformance
def test_no_verdict_differs(runner: ModuleType) -> None:
    path = runner.corpus()
    if not path.exists():
        pytest.skip("the cases of ../shared/cases/opa are not here")
    outcomes = [(case["note"], runner.judge(case)) for case in runner.cases(path)]
    assert [(note, outcome.reason) for note, outcome in outcomes if outcome.verdict == "wrong"] == []
    assert sum(outcome.verdict == "identical" for _, outcome in outcomes) >= FLOOR
