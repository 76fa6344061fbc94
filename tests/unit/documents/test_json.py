"""JSON: strictness, numbers, limits, the collector, positions."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gateproof.documents import Format, Limits, Place, Position, positions, read
from gateproof.errors import DocumentError, LimitError


def value(raw: bytes) -> Any:
    (document,) = read(raw, Format.JSON)
    return document.value


@pytest.mark.parametrize(
    ("raw", "line", "column", "part"),
    [
        (b"", 1, 1, "empty"),
        (b" \n ", 2, 1, "empty"),
        (b"[1,]", 1, 4, "trailing comma"),
        (b"[1] x", 1, 5, "trailing"),
        (b'{"a": 1,\n "a": 2}', 2, 2, "duplicate"),
        (b'{"a": 1, "\\u0061"\n: 2}', 1, 10, "duplicate"),
        (b'{"a\\\\\\"b": 1, "a\\\\\\"b" : 2}', 1, 15, "duplicate"),
        (b"NaN", 1, 1, "value"),
        (b"[Infinity]", 1, 2, "value"),
        (b'["\\ud800"]', 1, 9, ""),
        (b'["\\udc00"]', 1, 8, "surrogate"),
        (b'["\xff"]', 1, 3, "unicode"),
        (b'{"a": [1', 1, 8, "EOF"),
        ('["é" x'.encode(), 1, 6, "expected"),
        (b'["a\x00"]', 1, 4, "control"),
        (b"01", 1, 2, "number"),
        (b"1" * 5000, 1, 4302, "range"),
    ],
)
def test_refusals(raw: bytes, line: int, column: int, part: str) -> None:
    with pytest.raises(DocumentError) as caught:
        value(raw)
    assert part in caught.value.message
    assert caught.value.hint
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("number", "infinite"),
    [
        ("1e400", True),
        ("-1E+0400", True),
        ("1.5e309", True),
        ("1e308", False),
        ("1e-400", False),
        ("1" + "0" * 400 + ".0", True),
        ("1" + "0" * 250 + ".0e99", True),
        ("1" + "0" * 250 + "e9", False),
        ("1" + "0" * 400, False),
        ('"1e400"', False),
        ('"x: 1e400, y"', False),
    ],
)
@pytest.mark.parametrize("padding", [0, 1 << 20])
def test_numbers_beyond_a_double(number: str, infinite: bool, padding: int) -> None:
    for offset in range(0, 26, 5):
        raw = f'{{"pad": "{"-" * (padding + offset)}",\n"n": [{number}]}}'.encode()
        if infinite:
            with pytest.raises(DocumentError, match="too large") as caught:
                value(raw)
            assert (caught.value.line, caught.value.column) == (2, 7)
        else:
            assert value(raw)["n"] == [json.loads(number)]


def test_integers_keep_their_digits() -> None:
    assert value(b"[12345678901234567890123, -0, 1.0]") == [12345678901234567890123, 0, 1.0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding: str) -> None:
    assert value('{"a": "☃😀"}'.encode(encoding)) == {"a": "☃😀"}


def test_depth() -> None:
    assert value(b"[" * 201 + b"]" * 201)
    with pytest.raises(LimitError) as caught:
        value(b"[" * 100_000)
    assert caught.value.line == 1
    assert read(b"[[{}]]", Format.JSON, limits=Limits(max_depth=2))
    with pytest.raises(LimitError, match="deeper than 1 levels"):
        read(b"[[{}]]", Format.JSON, limits=Limits(max_depth=1))


def test_size() -> None:
    with pytest.raises(LimitError, match="larger than 1 bytes"):
        read(b"[]", Format.JSON, limits=Limits(max_bytes=1))


@pytest.fixture
def collector() -> Iterator[None]:
    enabled = gc.isenabled()
    yield
    (gc.enable if enabled else gc.disable)()


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("raw", [b"[]", b"["])
@pytest.mark.parametrize("switch", [gc.enable, gc.disable])
def test_the_collector_is_left_as_it_was(raw: bytes, switch: Any) -> None:
    switch()
    before = gc.isenabled()
    try:
        value(raw)
    except DocumentError:
        assert raw == b"["
    assert gc.isenabled() is before


def test_frozen_objects_stay_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        value(b"[]")
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


DOCUMENT = '{"a": {"b": [1, {"é": "x]}\\"", "c": [[], {}]}, null]},\n "k\\u0065y": "v", "last": true}'


def test_positions() -> None:
    asked: dict[Place, Position] = {
        (0, ()): Position(1, 1),
        (0, ("a",)): Position(1, 2),
        (0, ("a", "b", 0)): Position(1, 14),
        (0, ("a", "b", 1, "é")): Position(1, 18),
        (0, ("a", "b", 1, "c")): Position(1, 32),
        (0, ("a", "b", 1, "c", 1)): Position(1, 42),
        (0, ("a", "b", 2)): Position(1, 48),
        (0, ("a", "b", 3, "x")): Position(1, 8),
        (0, ("key",)): Position(2, 2),
        (0, ("last", "deeper", 0)): Position(2, 19),
        (0, ("missing",)): Position(1, 1),
        (1, ()): Position(1, 1),
    }
    assert positions(DOCUMENT.encode(), Format.JSON, asked) == asked
    assert positions(DOCUMENT.encode("utf-16"), Format.JSON, asked) == asked


def test_positions_far_behind_deep_and_large_siblings() -> None:
    deep = "[" * 150 + '"]"' + "]" * 150
    text = f'{{"x": [{", ".join([deep] * 50)}], "y": {{"z": 1}}}}'
    ((_, at),) = positions(text.encode(), Format.JSON, [(0, ("y", "z"))]).items()
    assert text[at.column - 1 :] == '"z": 1}}'


def test_positions_of_text_that_is_not_json_end() -> None:
    for raw in (b"[[[", b'{"a', b'{"a":', b"[1,", b"]", b"", b'{"a" 1}', b'{"a": {'):
        assert positions(raw, Format.JSON, [(0, ("a", "b")), (0, (0, 1))])


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('{"a":[1,0.5,"é"]}', True),
        ('{"a":[1,0.5,"é"]}\n', True),
        (r'{"a":"\u003cb\u003e \u0026 \\ \u001b"}', True),
        (r'{"a":"\\u003c"}', False),
        ('{"a": 1}', False),
        ('{\n"a":1}', False),
        (r'{"a":"\u00e9"}', False),
        ('{"a":1e5}', False),
    ],
)
@pytest.mark.parametrize("large", [0, 1 << 20])
def test_a_document_that_is_written_as_it_was_read_keeps_its_text(
    text: str, known: bool, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateproof.documents.json_reader._LARGE", large)
    (document,) = read(text.encode(), Format.JSON)
    assert document.value == json.loads(text)
    assert document.text == (msgspec.json.encode(document.value) if known else b"")


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', r'{"<":1,"\u003c":1}', '{"a":1e999}', '[{"a":{"b":1,"b":2}}]'])
def test_a_large_document_is_refused_like_a_small_one(text: str) -> None:
    with pytest.raises(DocumentError) as small:
        value(text.encode())
    with pytest.raises(DocumentError) as large:
        value(text.encode() + b" " * (1 << 20))
    assert (str(large.value), large.value.hint) == (str(small.value), small.value.hint)
