"""Dockerfile: the table of what conftest's parser gives, refusals, positions."""

from __future__ import annotations

import json
from pathlib import Path as File
from typing import Any

import pytest

from gateproof.documents import Format, Place, Position, positions, read
from gateproof.errors import DocumentError

# Every row is what conftest v0.69 gives, or refuses.
TABLE: list[dict[str, Any]] = json.loads((File(__file__).parent / "dockerfile_table.json").read_text("utf-8"))


def value(text: str) -> Any:
    (document,) = read(text.encode(), Format.DOCKERFILE)
    return document.value


@pytest.mark.parametrize("row", TABLE, ids=lambda row: repr(row["text"][:40]))
def test_table(row: dict[str, Any]) -> None:
    if row.get("refused"):
        with pytest.raises(DocumentError) as caught:
            value(row["text"])
        assert caught.value.line
        assert caught.value.hint
    else:
        assert value(row["text"]) == row["reads"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FROM a\n\nFROM\n", 3),
        ("FROM a\nRUN a \\\n b\nNOPE x\n", 4),
        ("FROM a\nRUN <<X\nRUN b\n", 2),
        ("# escape=x\nFROM a\n", 1),
        ("# escape=`\n# syntax=x\n# escape=`\nFROM a\n", 3),
    ],
)
def test_refusals_name_the_line(text: str, line: int) -> None:
    with pytest.raises(DocumentError) as caught:
        value(text)
    assert caught.value.line == line


def test_positions() -> None:
    text = "# escape=`\n# c\nFROM a\n  RUN <<X\nFROM z\nX\n\nUSER u\n"
    assert [command["Cmd"] for command in value(text)] == ["comment", "from", "run", "user"]
    asked: dict[Place, Position] = {
        (0, ()): Position(1, 1),
        (0, (0, "Cmd")): Position(2, 1),
        (0, (1,)): Position(3, 1),
        (0, (2, "Value", 0)): Position(4, 3),
        (0, (3,)): Position(8, 1),
        (0, (9,)): Position(1, 1),
    }
    assert positions(text.encode(), Format.DOCKERFILE, asked) == asked
