"""The cases of kyverno/policies: no verdict may differ."""

from __future__ import annotations

import re
from types import ModuleType

import pytest


@pytest.mark.conformance
def test_no_case_is_judged_differently(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    if not runner.corpus().is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    assert runner.main([]) == 0
    found = re.match(r"kyverno: cases=2058 identical=(\d+) refused=\d+ wrong=0\n", capsys.readouterr().out)
    assert found is not None
    assert int(found[1]) >= 1045
