"""Dumps are cut into the pieces that they consist of, whatever chunks they come in, and never silently cut short."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateproof.audit import dump, pieces
from gateproof.errors import DocumentError, LimitError

PODS = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f'p"{number}]}}\\'}} for number in range(5)]
LIST: dict[str, Any] = {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": PODS}


def chunked(text: str, size: int) -> Iterator[bytes]:
    raw = text.encode()
    return (raw[start : start + size] for start in range(0, len(raw), size))


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100_000])
@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("order", [("apiVersion", "items", "kind"), ("kind", "metadata", "items"), ("items", "kind")])
def test_items_of_a_list(size: int, indent: int | None, order: tuple[str, ...]) -> None:
    text = json.dumps({name: LIST[name] for name in order}, indent=indent)
    assert [json.loads(piece) for piece in pieces(chunked(text, size))] == PODS


@pytest.mark.parametrize("size", [1, 100_000])
def test_documents_that_follow_each_other(size: int) -> None:
    text = "\ufeff" + "\n".join(map(json.dumps, (PODS[0], LIST, PODS[1])))
    assert [json.loads(piece) for piece in pieces(chunked(text, size))] == [PODS[0], *PODS, PODS[1]]


@pytest.mark.parametrize("number", ["1", "-12.5e+3", "true", "null", '"é\\u00e9"'])
def test_an_object_that_is_no_list_is_given_as_it_is(number: str) -> None:
    text = f'{{"kind": "Widget", "spec": {{"a": {number}}}, "b": {number}}}'
    for size in (1, 3, 1000):
        (piece,) = pieces(chunked(text, size))
        assert json.loads(piece) == json.loads(text)


@pytest.mark.parametrize("name", ["kind", "items"])
def test_members_that_are_there_twice_reach_the_reader_or_are_both_judged(name: str) -> None:
    first = {"kind": '"Pod"', "items": "[1]"}[name]
    second = {"kind": '"Pod"', "items": "[2]"}[name]
    text = f'{{"{name}": {first}, "{name}": {second}' + (', "kind": "List"}' if name == "items" else "}")
    found = [piece.decode() for piece in pieces([text.encode()])]
    assert found == (["1", "2"] if name == "items" else ['{"kind":"Pod","kind":"Pod"}'])


def test_every_beginning_of_a_list_is_told_from_the_whole() -> None:
    text = json.dumps(LIST)
    for end in range(1, len(text)):
        with pytest.raises(DocumentError):
            list(pieces([text[:end].encode()]))


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "List", "items": [{}, ]}',
        '{"kind": "List", "items": [{} {}]}',
        '{"kind": "List" "items": []}',
        '{"kind": "ConfigMap", "items": [{}]}',
        '{"items": [{}], "kind": "ConfigMap"}',
        '{"items": [{}]}',
        "{1: 2}",
        '{"kind": "Pod"} trailing',
        '{"a" 1}',
        '{"a": nonsense}',
        '{"kind": "Pod"}}',
    ],
)
def test_what_is_no_dump_is_refused(text: str) -> None:
    with pytest.raises(DocumentError) as error:
        list(pieces([text.encode()]))
    assert error.value.hint


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DocumentError, match="UTF-8"):
        list(pieces([b'{"a": "\xff"}']))


def test_depth_and_size_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitError):
        list(pieces([b'{"items": [' + b"[" * 200_000]))
    monkeypatch.setattr(dump, "MAX_PIECE", 1_000)
    for text in ('{"items": ["' + "x" * 5_000, '{"a": "' + "x" * 5_000 + '"}', "a: " + "x" * 5_000):
        with pytest.raises(LimitError):
            list(pieces(chunked(text, 10)))
    many = '{"a":1,' * 1 + ",".join(f'"k{number}": 1' for number in range(500)) + "}"
    with pytest.raises(LimitError):
        list(pieces(chunked(many, 10)))


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_yaml_is_cut_between_documents(size: int) -> None:
    text = (
        "%YAML 1.1\n---\n# Source: chart/a.yaml\napiVersion: v1\n---not a separator: 1\n---\n---\n# nothing\n"
        "--- # b\nkind: B\ntext: |\n  --- inside\n...\n---\r\nkind: C"
    )
    found = [piece.decode() for piece in pieces(chunked(text, size))]
    assert "".join(found) == text
    said = [[line for line in piece.splitlines() if line[:1].isalpha()] for piece in found]
    assert said == [["apiVersion: v1"], ["kind: B", "text: |"], ["kind: C"]]


@pytest.mark.parametrize("raw", [b"", b"\n \n", b"---\n---\n", b"# nothing\n"])
def test_nothing_is_nothing(raw: bytes) -> None:
    assert list(pieces([raw])) == []


def test_pieces_come_while_the_dump_is_read() -> None:
    head = b'{"kind": "List", "items": [{"n": 1}'
    endless = itertools.chain([head], itertools.repeat(b', {"n": 2}'))
    found = pieces(endless)
    assert [json.loads(next(found)) for _ in range(3)] == [{"n": 1}, {"n": 2}, {"n": 2}]
