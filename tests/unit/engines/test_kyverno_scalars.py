"""One value against one scalar pattern."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof.engines.kyverno import measures, wildcard
from gateproof.engines.kyverno.scalars import Scalar, UndecidableError, holds

COMMITMENT = "redacted:sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("*", "anything\nat all", True),
        ("", "", True),
        ("", "x", False),
        ("?*", "", False),
        ("?*", "x", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*.acme.io/*", "ghcr.acme.io/app", True),
        ("*.acme.io/*", "ghcr.acme.io", False),
        ("a*b*c", "aXbYbZc", True),
        ("a*b*c", "aXcYb", False),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("é?", "éè", True),
    ],
)
def test_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert wildcard.matches(pattern, text) is expected


def test_a_hostile_wildcard_costs_no_more_than_the_product_of_lengths() -> None:
    assert not wildcard.matches("*a" * 200 + "b", "a" * 2000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("+1", "1"),
        ("-1", "-1"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("500m", "0.5"),
        ("1k", "1000"),
        ("1Ki", "1024"),
        ("1Mi", "1048576"),
        ("1E", "1000000000000000000"),
        ("1e3", "1000"),
        ("1E-1", "0.1"),
        ("1n", "0.000000001"),
    ],
)
def test_quantities(text: str, expected: str) -> None:
    from fractions import Fraction

    assert measures.quantity(text) == Fraction(expected)


@pytest.mark.parametrize("text", ["", "k", "Mi", "1K", "1 Gi", "1Gib", "1e", "--1", "0x10", "1_0", "١", "."])
def test_what_is_no_quantity(text: str) -> None:
    assert measures.quantity(text) is None


def test_a_gigantic_exponent_is_cut() -> None:
    assert measures.quantity("1e999999999") == 10**999


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("1ns", 1), ("1us", 1000), ("1µs", 1000), ("1.5h", 5400 * 10**9), ("-1h30m", -5400 * 10**9)],
)
def test_durations(text: str, expected: int) -> None:
    assert measures.duration(text) == expected


@pytest.mark.parametrize("text", ["", "1", "1d", "h", "1h 30m", ".h", "1h30", "999999999h"])
def test_what_is_no_duration(text: str) -> None:
    assert measures.duration(text) is None


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        # Types: a boolean is no number, and text is no boolean.
        (True, True, True),
        ("true", True, False),
        (1, True, False),
        (True, 1, False),
        (1, 1, True),
        (1.0, 1, True),
        (1.5, 1, False),
        ("1", 1, True),
        ("1.0", 1, False),
        ("x", 1, False),
        (None, 1, False),
        (1, 1.0, True),
        ("1.50", 1.5, True),
        (True, 1.0, False),
        ([], 1, False),
        # Null stands for every empty scalar.
        (None, None, True),
        ("", None, True),
        (0, None, True),
        (False, None, True),
        ("x", None, False),
        ({}, None, False),
        ([], None, False),
        # Text, wildcards, alternatives and conditions.
        ("nginx:1.27", "nginx:*", True),
        ("nginx", "!*:latest", True),
        ("nginx:latest", "!*:latest", False),
        ("b", "a | b", True),
        ("c", "a | b", False),
        ("ab", "a* & *b", True),
        ("a", "a* & *b", False),
        ("a|b", "a|b", True),
        (True, "true", True),
        (1.5, "1.5", True),
        (1.5, "1.5E*", True),
        (120000.0, "1.2E+05*", True),
        (55, "5*", True),
        (None, "?*", False),
        (None, "!x", False),
        ({"a": 1}, "*", False),
        # Operators, ranges, units; a missing value counts as 0.
        (5, ">4", True),
        (5, ">= 5", True),
        (5, "<5", False),
        (5, "!5", False),
        ("512Mi", "<= 1Gi", True),
        ("2Gi", "<= 1Gi", False),
        ("1024Mi", "1Gi", True),
        ("90m", "<= 1h30m", True),
        ("100m", "< 1", True),
        (None, "<1", True),
        (None, ">0", False),
        ("text", "> 1", False),
        (80, "1-1024", True),
        (8080, "1-1024", False),
        (8080, "1!-1024", True),
        (80, "1!-1024", False),
        ("150Mi", "100Mi-200Mi", True),
        (-5, "-10-0", True),
        ("a-b", "a-b", True),
        (10**30, "> 1", True),
    ],
)
def test_scalars(value: Any, pattern: Scalar, expected: bool) -> None:
    assert holds(value, pattern) is expected


@pytest.mark.parametrize("pattern", ["?*", "!x", "secret", 1, True, None])
def test_a_redacted_value_is_not_read(pattern: Scalar) -> None:
    with pytest.raises(UndecidableError, match="sensitive"):
        holds(COMMITMENT, pattern)


def test_commitments_are_compared() -> None:
    assert holds(COMMITMENT, COMMITMENT)
    assert not holds(COMMITMENT, COMMITMENT[:-1] + "b")


def test_endless_digits_are_not_compared() -> None:
    with pytest.raises(UndecidableError, match="1000 characters"):
        holds("1" * 1000, "!5")
