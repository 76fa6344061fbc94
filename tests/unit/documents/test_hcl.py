"""HCL: the table of what conftest's parser gives, refusals, positions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path as File
from typing import Any

import pytest

from gateproof.documents import Format, Limits, Place, Position, positions, read
from gateproof.errors import DocumentError, LimitError

pytest.importorskip("hcl2")

# "conftest" is there where conftest v0.69 gives something else; the reader's docstring says why.
TABLE: list[dict[str, Any]] = json.loads((File(__file__).parent / "hcl_table.json").read_text("utf-8"))


def value(text: str) -> Any:
    (document,) = read(text.encode(), Format.HCL)
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
    ("text", "line", "column"),
    [
        ("a = 1\nb = = 2\n", 2, 5),
        ("a = 1\na = 2\n", 2, 1),
        ('a = "x\ny"\n', 1, 6),
        ('a = "\\q"\n', 1, 6),
        ("a {\n", 2, 1),
        ("a = 1\na {}\n", 2, 1),
        ("a {}\na b {}\n", 2, 1),
        (f"a = 1{'0' * 5000}\n", 1, 5),
        ("a = 1e999\n", 1, 5),
    ],
)
def test_refusals(text: str, line: int, column: int) -> None:
    with pytest.raises(DocumentError) as caught:
        value(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 300 + "]" * 300,
        "a {\n" * 300 + "}\n" * 300,
        "a = <<X\n" + "\n" * 600 + "x\nX\n",
        "#" * 2**21 + "#",
    ],
)
def test_limits(text: str) -> None:
    with pytest.raises(LimitError):
        value(text)


def test_depth_counts_from_the_root() -> None:
    assert read(b"a = [[]]", Format.HCL, limits=Limits(max_depth=2))
    with pytest.raises(LimitError):
        read(b"a = [[]]", Format.HCL, limits=Limits(max_depth=1))


def test_a_duplicate_key_of_an_object_has_a_note() -> None:
    (document,) = read(b"a = {\n b = 1\n b = 2\n}\n", Format.HCL)
    assert document.value == {"a": {"b": 2}}
    (note,) = document.notes
    assert (note.path, note.position) == (("a", "b"), Position(3, 2))


def test_positions() -> None:
    text = 'a = 1\nresource "t" "x" {\n  b = [1, { c = 2 }]\n  d {\n    e = 3\n  }\n}\nresource "t" "y" {}\n'
    asked: dict[Place, Position] = {
        (0, ()): Position(1, 1),
        (0, ("a",)): Position(1, 1),
        (0, ("resource",)): Position(2, 1),
        (0, ("resource", "t", "x", 0)): Position(2, 1),
        (0, ("resource", "t", "x", 0, "b", 1, "c")): Position(3, 13),
        (0, ("resource", "t", "x", 0, "d", 0, "e")): Position(5, 5),
        (0, ("resource", "t", "x", 0, "missing")): Position(2, 1),
        (0, ("resource", "t", "y", 0)): Position(8, 1),
    }
    assert positions(text.encode(), Format.HCL, asked) == asked


def test_a_missing_extra_is_named() -> None:
    program = """
import sys
sys.modules["hcl2"] = None
from gateproof.documents import Format, read
from gateproof.errors import MissingExtraError
try:
    read(b"a = 1", Format.HCL)
except MissingExtraError as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "gateproof[hcl]" in done.stdout
