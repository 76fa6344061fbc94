"""docs/guides/cel.md: its program runs, and its numbers are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from gateproof import cel
from gateproof.cel import budget, lexer, parser

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "cel.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_the_program_runs() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(program, str(GUIDE), "exec"), {})  # noqa: S102 - our own document


def test_the_limits_are_what_it_says() -> None:
    limits = (
        cel.EXPRESSION_COST,
        cel.POLICY_COST,
        cel.MATCH_CONDITIONS_COST,
        budget.MOST_MEMBERS,
        budget.MOST_CHARACTERS,
        lexer.MOST_CHARACTERS,
        parser.DEEPEST,
        parser.LONGEST,
    )
    assert [limit for limit in limits if not re.search(rf"(?<![\d,]){limit:,}(?![\d,])", TEXT)] == []


def test_libraries_that_an_api_server_lacks_are_named() -> None:
    refused = TEXT.partition("## What is refused")[2].partition("##")[0]
    names = {"bindings": "cel.bind", "encoders": "base64"}
    lacking = cel.EVERYTHING - cel.KUBERNETES
    assert [name for name in sorted(lacking) if f"`{names.get(name, name)}`" not in refused] == []
