"""Values: keys, equality, order, JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof.rego.values import RegoSet, compare, equal, key, make_object, to_json, unkey

ASCENDING: list[Any] = [
    None,
    False,
    True,
    -1.5,
    0,
    1,
    2**70,
    "",
    "a",
    "é",
    "\U0001f600",
    [],
    [0],
    [0, 1],
    [1],
    {},
    {"a": 1},
    {"a": 2},
    {"a": 2, "b": 0},
    {"b": 1},
    RegoSet.of([]),
    RegoSet.of([1]),
    RegoSet.of([1, 2]),
    RegoSet.of([2]),
]


def test_the_order_is_total() -> None:
    for i, a in enumerate(ASCENDING):
        for j, b in enumerate(ASCENDING):
            assert compare(a, b) == (i > j) - (i < j), (a, b)
            assert equal(a, b) is (i == j)
            assert (key(a) == key(b)) is (i == j)


@pytest.mark.parametrize("value", ASCENDING)
def test_keys_lead_back_to_their_values(value: Any) -> None:
    assert compare(unkey(key(value)), value) == 0


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1], [1.0], True),
        ([1], [True], False),
        ([[1]], [[True]], False),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1}, {"a": 1.0}, True),
        (10**17 + 1, 1e17, False),
        ("1", 1, False),
        (None, False, False),
    ],
)
def test_equality(a: Any, b: Any, same: bool) -> None:
    assert equal(a, b) is same
    assert (key(a) == key(b)) is same


def test_objects_tell_keys_of_any_type_apart() -> None:
    value = make_object(
        [(1, "number"), (True, "boolean"), ("1", "string"), (None, "null"), ([1], "array"), ({"a": 1}, "o")]
    )
    assert len(value) == 6
    assert value[key(1.0)] == "number"
    assert to_json(make_object([(2, "b"), ([1], "c"), ("a", "d")])) == {"2": "b", "a": "d", "[1]": "c"}


def test_sets_are_sorted_in_json() -> None:
    assert to_json(RegoSet.of(["b", 1, RegoSet.of([3, 2]), None])) == [None, 1, "b", [2, 3]]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1, 1.0], "[1]"),
        ([1.0, 1], "[1.0]"),
        ([[1.0], [1]], "[[1.0]]"),
        ([{"a": 1}, {"a": 1.0}], '[{"a": 1}]'),
        ([RegoSet.of([1]), RegoSet.of([1.0])], "[[1]]"),
    ],
)
def test_a_set_keeps_the_first_of_equal_elements(values: list[Any], shown: str) -> None:
    assert json.dumps(to_json(RegoSet.of(values))) == shown
