"""The real plans: each is read and judged, and none ends without a reason."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.mark.conformance
def test_every_plan_is_judged(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    if not runner.corpus().is_dir():
        pytest.skip("the plans of ../shared/cases/terraform-plans are not here")
    assert runner.main([]) == 0
    # The one was cut by hand: it has planned values without a change.
    assert "plans: cases=198 identical=198 refused=0 wrong=0\n" in capsys.readouterr().out
