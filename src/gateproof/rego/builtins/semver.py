"""Semantic versions (https://semver.org), read as leniently as OPA reads them."""

from __future__ import annotations

import re
from typing import NamedTuple

from gateproof.rego.builtins.operands import fail, string
from gateproof.rego.builtins.quoting import quote
from gateproof.rego.values import Value

_IDENTIFIERS = re.compile(r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_INT64 = range(-(2**63), 2**63)


class Version(NamedTuple):
    core: tuple[int, int, int]
    pre_release: str


def semver_compare(left: Value, right: Value) -> int:
    """-1, 0 or 1; build metadata does not count."""
    versions = []
    for position, text in enumerate((left, right), 1):
        version = parse(string(text, position))
        if version is None:
            raise fail(f"operand {position}: string {quote(text)} is not a valid SemVer")
        versions.append(version)
    one, other = versions
    if one.core != other.core:
        return -1 if one.core < other.core else 1
    return _compare_pre_releases(one.pre_release, other.pre_release)


def semver_is_valid(text: Value) -> bool:
    return type(text) is str and parse(text) is not None


def parse(text: str) -> Version | None:
    """The version that ``text`` writes (a leading ``v`` is allowed), or None."""
    version, _, metadata = text.removeprefix("v").partition("+")
    version, _, pre_release = version.partition("-")
    if any(part and not _IDENTIFIERS.fullmatch(part) for part in (metadata, pre_release)):
        return None
    numbers = [int(part) for part in version.split(".") if _NUMBER.fullmatch(part) and int(part) in _INT64]
    if len(numbers) != 3 or version.count(".") != 2:
        return None
    return Version((numbers[0], numbers[1], numbers[2]), pre_release)


def _compare_pre_releases(one: str, other: str) -> int:
    if one == other:
        return 0
    if not one or not other:
        return 1 if not one else -1
    mine, theirs = ([_precedence(part) for part in text.split(".")] for text in (one, other))
    return (mine > theirs) - (mine < theirs)


def _precedence(identifier: str) -> tuple[bool, int, str]:
    """Numbers come before words; numbers compare as numbers, words by their characters."""
    if identifier.isascii() and identifier.isdigit():
        return False, int(identifier) if len(identifier) < 20 else 2**63 - 1, ""
    return True, 0, identifier
