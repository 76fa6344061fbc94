"""Equality, order and keys of values agree with each other."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.rego.values import RegoSet, compare, equal, key, make_object, sort, to_json, unkey

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.sampled_from([0.0, 1.0, -1.0, 0.5]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(RegoSet.of),
        st.lists(st.tuples(inner, inner), max_size=3).map(make_object),
    )


VALUES = st.recursive(SCALARS, containers, max_leaves=8)


@given(VALUES, VALUES)
def test_equality_order_and_keys_agree(a: Any, b: Any) -> None:
    assert equal(a, b) == (compare(a, b) == 0) == (key(a) == key(b))
    assert compare(a, b) == -compare(b, a)
    if key(a) == key(b):
        assert hash(key(a)) == hash(key(b))


@given(VALUES, VALUES, VALUES)
def test_the_order_is_transitive(a: Any, b: Any, c: Any) -> None:
    first, second, third = sort([a, b, c])
    assert compare(first, second) <= 0
    assert compare(second, third) <= 0
    assert compare(first, third) <= 0


@given(VALUES)
def test_keys_lead_back(value: Any) -> None:
    assert equal(unkey(key(value)), value)


@given(st.lists(VALUES, max_size=5))
def test_json_of_a_set_does_not_depend_on_the_order_of_making(values: list[Any]) -> None:
    assert repr(to_json(RegoSet.of(dict.fromkeys(map(key, values)) and values))) == repr(to_json(RegoSet.of(values)))
    assert equal(RegoSet.of(values), RegoSet.of(reversed(values)))
