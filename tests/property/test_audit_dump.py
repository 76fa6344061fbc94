"""A dump gives its objects whatever they hold and however it arrives; a part of it is never taken for the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateproof.audit import content, differences, pieces
from gateproof.errors import DocumentError

_SCALARS = st.one_of(
    st.text(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), st.none()
)
_VALUES = st.recursive(_SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=15)
_OBJECTS = st.lists(st.dictionaries(st.text(), _VALUES), max_size=5)


def chunked(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[start : start + size] for start in range(0, len(raw), size))


@given(_OBJECTS, st.integers(1, 200), st.sampled_from([None, 2]), st.booleans())
def test_a_list_gives_its_items(objects: list[Any], size: int, indent: int | None, escaped: bool) -> None:
    listed = {"apiVersion": "v1", "items": objects, "kind": "List"}
    raw = json.dumps(listed, indent=indent, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert [json.loads(piece) for piece in pieces(chunked(raw, size))] == objects


@given(_OBJECTS, st.integers(1, 50), st.data())
def test_a_part_of_a_list_is_refused(objects: list[Any], size: int, data: st.DataObject) -> None:
    raw = json.dumps({"items": objects, "kind": "List"}).encode()
    end = data.draw(st.integers(1, len(raw) - 1))
    with pytest.raises(DocumentError):
        list(pieces(chunked(raw[:end], size)))


@given(st.dictionaries(st.text(), _VALUES), st.dictionaries(st.text(), _VALUES))
def test_contents_differ_where_there_is_a_difference(one: dict[str, Any], other: dict[str, Any]) -> None:
    left, right = content(one), content(other)
    assert bool([*differences(left, right)]) is (left != right)
    assert [*differences(left, content(one))] == []
