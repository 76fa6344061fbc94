"""The order of semantic versions: the examples of semver.org, section 11."""

from __future__ import annotations

from itertools import pairwise

from gateproof.catalog.versions import precedence

RISING = [
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.9.0",
    "1.10.0",
    "2.0.0",
]


def test_order() -> None:
    assert all(precedence(one) < precedence(other) for one, other in pairwise(RISING))


def test_build_metadata_does_not_count() -> None:
    assert precedence("1.0.0+a-b") == precedence("1.0.0")
