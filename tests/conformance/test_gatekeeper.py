"""The library of Gatekeeper templates: each compiles, and no verdict, count or message differs."""

from __future__ import annotations

from types import ModuleType

import pytest

from gateproof import rego

FLOOR = 147


@pytest.mark.conformance
def test_no_verdict_differs(runner: ModuleType) -> None:
    home = runner.corpus()
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/gatekeeper are not here")
    outcomes = [(f"{case['test']} {case['case']}", runner.judge(home, case)) for case in runner.cases(home)]
    assert [(name, outcome.reason) for name, outcome in outcomes if outcome.verdict == "wrong"] == []
    assert sum(outcome.verdict == "identical" for _, outcome in outcomes) >= FLOOR


@pytest.mark.conformance
def test_every_template_compiles(runner: ModuleType) -> None:
    home = runner.corpus()
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/gatekeeper are not here")
    paths = sorted(home.rglob("template.yaml"))
    assert paths
    for path in paths:
        assert runner.template(path).violation in rego.compile(runner.template(path).modules).rules
