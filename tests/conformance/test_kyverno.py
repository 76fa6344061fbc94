"""The cases of kyverno/policies: no verdict may differ."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.mark.conformance
def test_no_case_is_judged_differently(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    if not runner.corpus().is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    assert runner.main([]) == 0
    assert capsys.readouterr().out.startswith("kyverno: cases=2058 identical=596 refused=1462 wrong=0\n")
