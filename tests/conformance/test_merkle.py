"""The vectors of transparency-dev/merkle: no proof may be taken for what it is not."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.mark.conformance
def test_every_vector_is_judged_as_expected(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    if not runner.corpus().is_dir():
        pytest.skip("the vectors of ../shared/cases/merkle are not here")
    assert runner.main([]) == 0
    assert capsys.readouterr().out.startswith("merkle: cases=518 identical=518 refused=0 wrong=0\n")
