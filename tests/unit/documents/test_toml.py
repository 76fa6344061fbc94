"""TOML: values as JSON types, refusals, limits, positions."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof.documents import Format, Limits, Place, Position, positions, read
from gateproof.errors import DocumentError, LimitError


def value(text: str) -> Any:
    (document,) = read(text.encode(), Format.TOML)
    return document.value


def test_dates_and_times_become_strings() -> None:
    text = (
        "a = 2026-01-02T03:04:05Z\nb = 2026-01-02T03:04:05.5+02:00\n"
        "c = 2026-01-02 03:04:05\nd = 2026-01-02\ne = 03:04:05\n"
    )
    assert value(text) == {
        "a": "2026-01-02T03:04:05Z",
        "b": "2026-01-02T03:04:05.500000+02:00",
        "c": "2026-01-02T03:04:05",
        "d": "2026-01-02",
        "e": "03:04:05",
    }


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = 1\nb = = 2\n", 2, 5),
        ("a = 1\na = 2\n", 2, 6),
        ("a = [1", 1, 7),
        ("a = 1\n[b]\nc = [0, inf]\n", 3, 1),
        ("a = nan", 1, 1),
        ("a = 1" + "0" * 5000, 1, 1),
        ("a = '\x07'", 1, 6),
    ],
)
def test_refusals(text: str, line: int, column: int) -> None:
    with pytest.raises(DocumentError) as caught:
        value(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{b = " * 100_000,
        ".".join(["a"] * 100_000) + " = 1",
        "x = {" + " . ".join(['"a"'] * 100_000) + " = 1}",
        "[" + ".".join(["a"] * 100_000) + "]",
        "a = " + "[" * 250 + "]" * 250,
    ],
)
def test_great_depth_is_refused(text: str) -> None:
    with pytest.raises(LimitError):
        value(text)


def test_depth_is_exact() -> None:
    assert read(b"a = [[]]", Format.TOML, limits=Limits(max_depth=2))
    with pytest.raises(LimitError):
        read(b"a = [[]]", Format.TOML, limits=Limits(max_depth=1))


def test_positions() -> None:
    text = (
        '# top\na = 1\n"b c".d = [\n  1, # ]\n  \'\'\'\n[x]\n\'\'\', {e = 2},\n]\n[t.u] # c\nv = """\nw = 1""""\n'
        "[[l]]\nm = 1\n [[ l ]]\nm = 2\n[l.n]\no = 3\n"
    )
    assert value(text)["l"][1] == {"m": 2, "n": {"o": 3}}
    asked: dict[Place, Position] = {
        (0, ()): Position(1, 1),
        (0, ("a",)): Position(2, 1),
        (0, ("b c",)): Position(3, 1),
        (0, ("b c", "d", 2, "e")): Position(3, 1),
        (0, ("x",)): Position(1, 1),
        (0, ("t", "u")): Position(9, 1),
        (0, ("t", "u", "v")): Position(10, 1),
        (0, ("w",)): Position(1, 1),
        (0, ("l",)): Position(12, 1),
        (0, ("l", 0, "m")): Position(13, 1),
        (0, ("l", 1)): Position(14, 2),
        (0, ("l", 1, "m")): Position(15, 1),
        (0, ("l", 1, "n", "o")): Position(17, 1),
    }
    assert positions(text.encode(), Format.TOML, asked) == asked
