"""YAML: the table of what a cluster reads, streams, merges, notes, limits, positions."""

from __future__ import annotations

import json
from pathlib import Path as File
from typing import Any

import pytest

from gateproof.documents import Document, Format, Limits, Place, Position, positions, read
from gateproof.errors import DocumentError, LimitError

TABLE: list[dict[str, Any]] = json.loads((File(__file__).parent / "yaml_table.json").read_text("utf-8"))


def stream(text: str, limits: Limits | None = None) -> tuple[Document, ...]:
    return read(text.encode(), Format.YAML, limits=limits or Limits())


def value(text: str) -> Any:
    (document,) = stream(text)
    return document.value


def manifest(spec: str) -> str:
    lines = "".join(f"  {line}\n" for line in spec.split("\n"))
    return f"apiVersion: v1\nkind: Foo\nmetadata: {{name: a}}\nspec:\n{lines}"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: repr(row["yaml"]))
def test_table(row: dict[str, Any]) -> None:
    if row.get("refused"):
        with pytest.raises(DocumentError) as caught:
            value(manifest(row["yaml"]))
        assert caught.value.line
        assert caught.value.hint
    else:
        read_value = value(manifest(row["yaml"]))["spec"]
        assert repr(read_value) == repr(row["reads"])  # tells 1 from 1.0 and True


def test_null_documents_are_dropped_and_counted() -> None:
    documents = stream("a: 1\n---\n# nothing\n---\n- 2\n...\n---\n~\n")
    assert [(document.index, document.value) for document in documents] == [(0, {"a": 1}), (2, [2])]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n", "--- # c\n---\n"])
def test_streams_without_a_document(text: str) -> None:
    assert stream(text) == ()


def test_every_document_is_read_even_where_kubectl_overlooks_one() -> None:
    assert [document.value for document in stream("a: 1\n--- {b: 2}\n--- # c\nd: 3\n")] == [
        {"a": 1},
        {"b": 2},
        {"d": 3},
    ]


@pytest.mark.parametrize("text", ["\ufeffa: 1\r\nb:\r\n- 2\r\n", "a: 1\nb:\n- 2\n"])
def test_line_ends_and_byte_order_mark(text: str) -> None:
    assert value(text) == {"a": 1, "b": [2]}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_encodings(encoding: str) -> None:
    (document,) = read("é: ☃\n".encode(encoding) if "-" not in encoding[4:] else "e: ☃".encode(encoding), Format.YAML)
    assert list(document.value.values()) == ["☃"]


def test_a_duplicate_key_has_a_note_with_its_place() -> None:
    (document,) = stream("x:\n  - a: 1\n    b: 2\n    a: 3\n")
    assert document.value == {"x": [{"a": 3, "b": 2}]}
    (note,) = document.notes
    assert note.path == ("x", 0, "a")
    assert note.position == Position(4, 5)
    assert "duplicate" in note.message


def test_keys_that_become_the_same_string_are_duplicates() -> None:
    (document,) = stream("1: a\n'1': b\n")
    assert document.value == {"1": "b"}
    assert len(document.notes) == 1


def test_a_merge_that_overrides_has_a_note_and_one_that_fills_in_has_none() -> None:
    (overriding,) = stream("m: &m {x: 1}\nk: {x: 9, <<: *m}\n")
    assert overriding.value["k"] == {"x": 1}
    assert [note.path for note in overriding.notes] == [("k", "x")]
    (filling,) = stream("m: &m {x: 1, z: 2}\nk: {<<: *m, x: 9}\n")
    assert filling.value["k"] == {"x": 9, "z": 2}
    assert filling.notes == ()


def test_anchors_end_with_their_document() -> None:
    with pytest.raises(DocumentError, match="has no anchor"):
        stream("a: &x 1\n---\nb: *x\n")


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_billion_laughs_are_refused() -> None:
    with pytest.raises(LimitError, match="aliases are expanded"):
        stream(laughs(30))


def test_merged_laughs_are_refused() -> None:
    text = "a0: &a0 {x: 1}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], y{n}: 1}}\n" for n in range(1, 30)
    )
    with pytest.raises(LimitError):
        stream(text)


def test_depth_through_aliases_is_counted() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))
    with pytest.raises(LimitError, match="deeper"):
        stream(chain)


def test_limits_are_exact() -> None:
    assert stream("[[[]]]", Limits(max_depth=2))
    with pytest.raises(LimitError, match="deeper than 1 levels"):
        stream("[[[]]]", Limits(max_depth=1))
    assert stream("[a, b]", Limits(max_nodes=3))
    with pytest.raises(LimitError, match="more than 2 values"):
        stream("[a, b]", Limits(max_nodes=2))
    assert stream("[&a x, *a, *a]", Limits(max_aliases=2))
    with pytest.raises(LimitError, match="more than 1 aliases"):
        stream("[&a x, *a, *a]", Limits(max_aliases=1))
    with pytest.raises(LimitError, match="larger than 3 bytes"):
        stream("a: 1", Limits(max_bytes=3))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "{"])
def test_great_depth_is_refused(opening: str) -> None:
    with pytest.raises(DocumentError):
        stream(opening * 100_000)


def test_an_unfinished_anchor_cannot_be_used() -> None:
    for text in ("&a [*a]", "&a {b: *a}", "&a {<<: *a}"):
        with pytest.raises(DocumentError, match="contains itself"):
            stream(text)


def test_the_default_depth_fits_the_stack() -> None:
    (document,) = stream("".join(f"&a{n} [" for n in range(201)) + "]" * 201)
    requests = [(0, (0,) * 200)]
    assert positions(b"[" * 201 + b"]" * 201, Format.YAML, requests)[requests[0]] == Position(1, 201)
    assert document.value


def test_a_limit_beyond_the_stack_is_a_refusal_too() -> None:
    with pytest.raises(LimitError):
        stream("[" * 5_000 + "]" * 5_000, Limits(max_depth=10_000))


def test_notes_are_bounded() -> None:
    (document,) = stream("a: 1\n" * 5_000)
    assert len(document.notes) == 100
    assert "left out" in document.notes[-1].message


def test_messages_do_not_repeat_long_text() -> None:
    (document,) = stream(f"{'k' * 500}: 1\n{'k' * 500}: 2\n")
    assert len(document.notes[0].message) < 120
    with pytest.raises(DocumentError) as caught:
        stream(f"!{'t' * 500} x")
    assert len(caught.value.message) < 160


def test_errors_point_at_the_place() -> None:
    with pytest.raises(DocumentError) as caught:
        stream("a: 1\nb: !foo 2\n")
    assert (caught.value.line, caught.value.column) == (2, 4)
    with pytest.raises(DocumentError) as caught:
        stream("é: 1\nb: [1\n")
    assert caught.value.line == 3
    with pytest.raises(DocumentError) as caught:
        stream("a: 1\nb: \x07\n")
    assert (caught.value.line, caught.value.column) == (2, 4)


def test_positions() -> None:
    text = "# c\na: 1\nb:\n  - é: x\n    d: {e: [1, 2]}\n---\n'f g': &x {h: 1}\ni: *x\n1: y\n1: z\n"
    asked: dict[Place, Position] = {
        (0, ()): Position(2, 1),
        (0, ("a",)): Position(2, 1),
        (0, ("b",)): Position(3, 1),
        (0, ("b", 0)): Position(4, 5),
        (0, ("b", 0, "é")): Position(4, 5),
        (0, ("b", 0, "d", "e", 1)): Position(5, 16),
        (0, ("b", 0, "d", "missing", 7)): Position(5, 5),
        (0, ("b", 9)): Position(3, 1),
        (1, ("f g", "h")): Position(7, 12),
        (1, ("i", "h")): Position(8, 1),
        (1, ("1",)): Position(10, 1),
        (5, ("no such document",)): Position(1, 1),
    }
    assert positions(text.encode(), Format.YAML, asked) == asked
    assert positions(text.encode("utf-16"), Format.YAML, asked) == asked


def test_positions_of_keys_that_are_not_plain() -> None:
    text = "!!str a: 1\n? [b]\n: 2\n~: 3\n!!int x: 4\n0x10: {yes: 5}\n"
    asked: dict[Place, Position] = {
        (0, ("a",)): Position(1, 1),
        (0, ("16", "true")): Position(6, 8),
    }
    assert positions(text.encode(), Format.YAML, asked) == asked


def test_positions_of_what_is_not_yaml_are_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        positions(b"a: [", Format.YAML, [(0, ("a", 0))])
    assert caught.value.line == 1


def test_positions_deeper_than_the_stack_are_refused() -> None:
    with pytest.raises(LimitError):
        positions(b"[" * 2_000 + b"]" * 2_000, Format.YAML, [(0, (0,) * 2_000)])
