"""What is written is read as the same values: by our reader, which reads as a cluster does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateproof.catalog.scales import Severity
from gateproof.documents import Format, read
from gateproof.documents.yaml_writer import write, write_stream

_SCALARS = st.one_of(st.text(), st.integers(-(2**53), 2**53), st.booleans(), st.none())
_VALUES = st.recursive(
    _SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(min_size=1), each), max_leaves=20
)


def values_of(text: str) -> list[Any]:
    return [document.value for document in read(text.encode(), Format.YAML)]


@given(_VALUES)
def test_every_value_is_read_again(value: Any) -> None:
    assert values_of(write({"value": value})) == [{"value": value}]


@pytest.mark.parametrize(
    "text", ["y", "NO", "1e3", "0777", "0o17", "12:30", "null", "~", "", "a: b", "x\ny", " x\n", "<<"]
)
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    assert values_of(write({"a": text, text or "b": 1})) == [{"a": text, text or "b": 1}]


def test_shared_values_are_written_out_and_members_of_scales_are_texts() -> None:
    shared = {"a": [1]}
    assert write([shared, shared]).count("&") == 0
    assert write({"severity": Severity.HIGH}) == "severity: high\n"


def test_a_stream_has_a_document_for_each_value() -> None:
    assert values_of(write_stream([{"a": 1}, {"b": "x\ny\n"}])) == [{"a": 1}, {"b": "x\ny\n"}]
