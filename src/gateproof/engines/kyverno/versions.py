"""Semantic versions and ranges of them, as github.com/blang/semver, which Kyverno uses, reads them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import msgspec

_LONGEST = 256
_VERSION = re.compile(
    r"(0|[1-9][0-9]{0,18})\.(0|[1-9][0-9]{0,18})\.(0|[1-9][0-9]{0,18})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_PART = re.compile(r"(?P<sign>[<>=!]*) *(?P<version>[0-9][^ ]*)")
_WILD = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,18}))?(?:\.x){1,2}")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "=": operator.eq,
    "==": operator.eq,
    "!": operator.ne,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

Version = tuple[tuple[int, int, int], tuple[tuple[int, int, str], ...]]
"""What versions are compared by: the three numbers, and the pre-release, after which comes what has none."""


def parse(text: str) -> Version | None:
    """The version that ``text`` is (no leading ``v``), or None. Build metadata does not count."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    identifiers = found[4].split(".") if found[4] else []
    if any(each.isdigit() and len(each) > 1 and each[0] == "0" for each in identifiers):
        return None
    ranked = tuple((0, int(each), "") if each.isdigit() else (1, 0, each) for each in identifiers)
    return (int(found[1]), int(found[2]), int(found[3])), ranked or ((2, 0, ""),)


class Range(msgspec.Struct, frozen=True):
    """Alternatives, each of comparisons that all have to hold."""

    alternatives: tuple[tuple[tuple[str, Version], ...], ...]

    def holds(self, version: Version) -> bool:
        """Whether ``version`` is in the range."""
        return any(
            all(_COMPARISONS[sign](version, other) for sign, other in conditions) for conditions in self.alternatives
        )


def parse_range(text: str) -> Range:
    """``>1.0.0 <2.0.0 || 3.x``: conditions beside each other all have to hold. Raises ValueError."""
    if len(text) > _LONGEST:
        raise ValueError(f"a range of versions is longer than {_LONGEST} characters")
    return Range(tuple(tuple(_conditions(alternative.strip(), text)) for alternative in text.split("||")))


def _conditions(alternative: str, text: str) -> list[tuple[str, Version]]:
    conditions: list[tuple[str, Version]] = []
    at = 0
    while at < len(alternative) or not conditions:
        found = _PART.match(alternative, at)
        if found is None or found["sign"] not in _COMPARISONS:
            raise ValueError(f"{text!r} is no range of versions")
        for sign, written in _without_wildcards(found["sign"], found["version"]):
            version = parse(written)
            if version is None:
                raise ValueError(f"{found['version']!r} in the range {text!r} is no version")
            conditions.append((sign, version))
        at = found.end()
        at += len(alternative[at:]) - len(alternative[at:].lstrip(" "))
    return conditions


def _without_wildcards(sign: str, version: str) -> list[tuple[str, str]]:
    """``1.x`` and ``1.2.x`` stand for every version that begins so."""
    found = _WILD.fullmatch(version)
    if found is None:
        return [(sign, version)]
    major, minor = int(found[1]), found[2]
    first = f"{major}.{minor or 0}.0"
    beyond = f"{major}.{int(minor) + 1}.0" if minor else f"{major + 1}.0.0"
    match sign:
        case ">":
            return [(">=", beyond)]
        case "<=":
            return [("<", beyond)]
        case "" | "=" | "==":
            return [(">=", first), ("<", beyond)]
        case "!" | "!=":
            # That none can be both is what Kyverno makes of it.
            return [("<", first), (">=", beyond)]
        case _:
            return [(sign, first)]
