"""Decoding, places in text, and the lines about a place."""

from __future__ import annotations

import pytest

from gateproof.documents import Position, decode_text, lines_around
from gateproof.errors import DocumentError


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("text", ["{}", "a: é☃😀\n", "#"])
def test_decoding(encoding: str, text: str) -> None:
    assert decode_text(text.encode(encoding)) == text


def test_big_endian_marks() -> None:
    assert decode_text("\ufeffab".encode("utf-16-be")) == "ab"
    assert decode_text("\ufeffab".encode("utf-32-be")) == "ab"


@pytest.mark.parametrize(
    ("raw", "offset", "line", "column"),
    [
        ("é\nab".encode() + b"\xff", 5, 2, 3),
        (b"\xef\xbb\xbf\xff", 3, 1, 1),
        (b"\xff\xfea\x00\x00\xd8", 4, 1, 2),
        (b"a\x00b", 2, 1, 2),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_its_offset(raw: bytes, offset: int, line: int, column: int) -> None:
    with pytest.raises(DocumentError, match=f"offset {offset}") as caught:
        decode_text(raw)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_lines_around() -> None:
    raw = b"one\r\ntwo\nthree\nfour\nfive\n"
    assert lines_around(raw, Position(3, 1), context=1) == [(2, "two"), (3, "three"), (4, "four")]
    assert lines_around(raw, Position(1, 1), context=1) == [(1, "one"), (2, "two")]
    assert lines_around(raw, Position(5, 1), context=0) == [(5, "five")]
    assert lines_around(raw, Position(6, 1), context=1) == [(5, "five"), (6, "")]
    assert lines_around(raw, Position(99, 1)) == []
    assert lines_around("a\nb".encode("utf-16"), Position(2, 1), context=0) == [(2, "b")]
    assert lines_around(b"\xff", Position(1, 1)) == [(1, "\ufffd")]


@pytest.mark.parametrize("letter", ["x", "é"])
@pytest.mark.parametrize("column", [1, 50, 101, 150, 5_000, 9_990, 10_001, 99_999])
def test_long_lines_are_cut_around_the_column(letter: str, column: int) -> None:
    line = letter * (min(column, 10_000) - 1) + "!" + letter * (10_000 - min(column, 10_000))
    raw = f"{line}\n{line}".encode()
    ((number, first), (_, second)) = lines_around(raw, Position(1, column), context=1)
    assert number == 1
    assert len(first) <= 202
    assert len(second) <= 202
    if column <= 10_000:
        assert "!" in first
    assert first.startswith("…") == (column > 101)
    assert second.endswith("…")
