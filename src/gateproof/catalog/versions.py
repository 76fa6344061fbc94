"""Semantic versions (semver.org 2.0.0): their order."""

from __future__ import annotations

Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[int, int, str], ...]]


def precedence(version: str) -> Precedence:
    """What versions are ordered by (section 11); ``version`` is one. Build metadata does not count."""
    core, _, before = version.partition("+")[0].partition("-")
    major, minor, patch = map(int, core.split("."))
    identifiers = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in (before.split(".") if before else ())
    )
    return (major, minor, patch), not before, identifiers
