"""Kyverno's patterns on arbitrary values: always a verdict, and wildcards as a regular expression would read them."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.engines.kyverno import measures, wildcard
from gateproof.engines.kyverno.pattern import PatternError, compile_pattern
from gateproof.engines.kyverno.scalars import UndecidableError, holds

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet="ab*?|&!<>=-.0159mGiK(){}$ \n", max_size=12),
)
KEYS = st.text(alphabet="ab*?", min_size=1, max_size=2)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
ANCHORED = st.builds(
    lambda anchor, key: anchor % key, st.sampled_from(["%s", "(%s)", "=(%s)", "X(%s)", "^(%s)", "<(%s)"]), KEYS
)
PATTERNS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, min_size=1, max_size=1) | st.dictionaries(ANCHORED, inner, max_size=3)
)


@given(pattern=st.text(alphabet="ab*?", max_size=8), text=st.text(alphabet="ab", max_size=10))
def test_wildcards_are_regular(pattern: str, text: str) -> None:
    regular = "".join({"*": ".*", "?": "."}.get(letter, letter) for letter in pattern)
    expected = re.fullmatch(regular, text, re.DOTALL) is not None
    assert wildcard.matches(pattern, text) is expected
    assert wildcard.compile(pattern)(text) is expected


@given(pattern=PATTERNS, value=VALUES)
def test_there_is_always_a_verdict(pattern: Any, value: Any) -> None:
    try:
        match = compile_pattern(pattern)
    except PatternError:
        return
    try:
        first = match(value)
    except UndecidableError:
        return
    assert match(value) == first


@given(value=VALUES)
def test_a_star_asks_for_presence(value: Any) -> None:
    assert (compile_pattern({"a": "*"})({"a": value}) is None) is (value is not None)


@given(value=SCALARS, pattern=SCALARS)
def test_a_scalar_holds_or_does_not(value: Any, pattern: Any) -> None:
    assert holds(value, pattern) in (True, False)


@given(number=st.integers(min_value=0, max_value=10**6), suffix=st.sampled_from(["", "m", "k", "Ki", "Mi", "G"]))
def test_a_quantity_is_within_its_own_range(number: int, suffix: str) -> None:
    text = f"{number}{suffix}"
    assert measures.quantity(text) is not None
    assert holds(text, f"{text}-{text}")
    assert holds(text, f">= {text} & <= {text}")
    assert not holds(text, f"!{text}")
