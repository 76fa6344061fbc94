"""Semantic versions: https://semver.org, with Kubernetes' normalisation where it is asked for."""

from __future__ import annotations

import re
from typing import ClassVar

from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import UINT_MAX, Opaque

_NUMBER = r"(0|[1-9][0-9]{0,30})"
_IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_IDENTIFIERS}))?(?:\+({_IDENTIFIERS}))?")
_LEADING_ZERO = re.compile(r"0[0-9]+")


class Semver(Opaque, frozen=True):
    """A version; ``order`` is what it is compared by."""

    cel_type: ClassVar[str] = "kubernetes.Semver"

    order: tuple[object, ...]

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Major, minor and patch."""
        return self.order[0]  # type: ignore[return-value]  # as it was made


def _failed(text: str) -> EvaluationError:
    return EvaluationError(f'"{text}" is not a semantic version', hint="write one such as 1.2.3; isSemver() tells")


def _normalized(text: str) -> str:
    """Without a v and leading zeros, and with the parts that are missing."""
    parts = text.removeprefix("v").split(".", 2)
    for number, part in enumerate(parts):
        if len(part) > 1:
            stripped = part.lstrip("0")
            parts[number] = stripped if stripped[:1].isdecimal() and stripped[:1].isascii() else "0" + stripped
    if len(parts) < 3 and any(mark in parts[-1] for mark in "+-"):
        raise EvaluationError("short version cannot contain PreRelease/Build meta data", hint="write all three numbers")
    return ".".join((*parts, "0", "0")[:3] if len(parts) < 3 else parts)


def semver(text: str, normalize: bool = False) -> Semver:
    """``semver(text)``; ``v1.2`` is one where ``normalize``."""
    match = _VERSION.fullmatch(_normalized(text) if normalize else text)
    if match is None:
        raise _failed(text)
    numbers = tuple(map(int, match.groups()[:3]))
    if max(numbers) > UINT_MAX:
        raise _failed(text)
    before = (match[4] or "").split(".") if match[4] else []
    if any(map(_LEADING_ZERO.fullmatch, before)):
        raise _failed(text)
    ranks = tuple((0, int(part), "") if part.isdecimal() and len(part) < 30 else (1, 0, part) for part in before)
    return Semver((numbers, not before, ranks))


def is_semver(text: str, normalize: bool = False) -> bool:
    """``isSemver(text)``."""
    try:
        semver(text, normalize)
    except EvaluationError:
        return False
    return True


def compare_to(version: Semver, other: Semver) -> int:
    """``version.compareTo(other)``: -1, 0 or 1."""
    return int(version.order > other.order) - int(version.order < other.order)


def is_greater_than(version: Semver, other: Semver) -> bool:
    """``version.isGreaterThan(other)``."""
    return version.order > other.order


def is_less_than(version: Semver, other: Semver) -> bool:
    """``version.isLessThan(other)``."""
    return version.order < other.order


def major(version: Semver) -> int:
    """``version.major()``."""
    return version.numbers[0]


def minor(version: Semver) -> int:
    """``version.minor()``."""
    return version.numbers[1]


def patch(version: Semver) -> int:
    """``version.patch()``."""
    return version.numbers[2]
