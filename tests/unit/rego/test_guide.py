"""docs/guides/rego.md: its programs run, and it names what is refused."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from gateproof.compiler import Limits
from gateproof.rego.builtins import REFUSED

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "rego.md"
TEXT = GUIDE.read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SHOWN = re.findall(r"```text\n(# data.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_run(number: int) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(PROGRAMS[number], str(GUIDE), "exec"), {})  # noqa: S102 - our own document
    if number == 0:
        (shown,) = SHOWN
        assert numberless(shown) in numberless(printed.getvalue())


def numberless(python: str) -> str:
    """The text without the numbers of its variables, which say nothing."""
    return re.sub(r"\bv\d+\b", "v", python)


def test_there_are_programs() -> None:
    assert len(PROGRAMS) == 2


def test_what_is_refused_is_named() -> None:
    refused = TEXT.partition("## What is refused")[2].partition("##")[0]
    assert [name for name in REFUSED if f"`{name}`" not in refused] == []


def test_the_budget_is_what_it_says() -> None:
    budgets = TEXT.partition("## Budgets")[2].partition("##")[0]
    assert [name for name in Limits.__struct_fields__ if f"{getattr(Limits(), name):,}" not in budgets] == []
