"""Published vectors of signature formats."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.mark.conformance
def test_every_vector_that_is_read_holds(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    if not runner.corpus().is_file():
        pytest.skip("../shared/cases/vectors.json is not here")
    assert runner.main([]) == 0
    assert capsys.readouterr().out.startswith("vectors: cases=3 identical=1 refused=2 wrong=0\n")
