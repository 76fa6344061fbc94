"""Question: an auditor's sentence, understood without guessing; what it was understood as is part of the answer."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

import msgspec

from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.errors import UsageError

_ENVIRONMENTS = {
    "dev": Environment.DEV,
    "development": Environment.DEV,
    "staging": Environment.STAGING,
    "stage": Environment.STAGING,
    "prod": Environment.PROD,
    "production": Environment.PROD,
}
_DAY = r"(\d{4}-\d{2}-\d{2})\b"
_BETWEEN = re.compile(rf"\bbetween\s+{_DAY}\s+and\s+{_DAY}")
_SINCE = re.compile(rf"\b(?:since|from)\s+{_DAY}")
_THROUGH = re.compile(rf"\b(?:until|to|through)\s+{_DAY}")
_BEFORE = re.compile(rf"\bbefore\s+{_DAY}")
_TIER = re.compile(r"\btier[ =]?([123])\b")
_DATA = ("", "data", "information", "classification")
_WORD = re.compile(r"[a-z0-9][a-z0-9_.()@:-]*")


_Value = TypeVar("_Value")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Empty fields do not restrict.

    ``topic`` is what remains of the sentence for the control catalogue. ``telling`` are those of ``controls`` that a
    policy must cite to be part of the answer. ``since`` and ``until`` are dates
    (``YYYY-MM-DD``, UTC, half-open: ``until`` is not included).
    """

    text: str = ""
    topic: str = ""
    controls: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    service: str = ""
    environment: Environment | None = None
    tier: Tier | None = None
    classification: Classification | None = None
    since: str = ""
    until: str = ""

    def understood(self) -> str:
        """The question as it was understood, in one line."""
        parts = [f"controls {', '.join(self.controls)}" if self.controls else "no control"]
        if self.telling and self.telling != self.controls:
            parts.append(f"policies that cite {', '.join(self.telling)}")
        for label, value in (
            ("service", self.service),
            ("environment", self.environment),
            ("tier", self.tier),
            ("data classification", self.classification),
            ("from", self.since),
            ("until", self.until),
        ):
            if value:
                parts.append(f"{label} {value}")
        return "; ".join(parts)


def understand(text: str, services: Collection[str] = ()) -> Question:
    """Read a sentence such as "encryption at rest for restricted data in prod since 2026-01-01".

    ``services`` are the names that the evidence knows. Of two environments or classifications neither restricts.
    Raises UsageError for a date that is none, or that does not say what it limits.
    """
    rest = _BETWEEN.sub(r"from \1 to \2", " ".join(text.lower().split()))
    since, rest = _take_date(_SINCE, rest)
    through, rest = _take_date(_THROUGH, rest)
    before, rest = _take_date(_BEFORE, rest)
    stray, _ = _take(re.compile(rf"\b{_DAY}"), rest)
    if stray:
        hint = "write: since, until or before 2026-11-23, or between two dates"
        raise UsageError(f"what {stray} limits is not clear", where="question", hint=hint)
    tier, rest = _take(_TIER, rest)
    service = next((name for name in sorted(services, key=len, reverse=True) if _names(name, rest)), "")
    if service:
        rest = re.sub(rf"(?<![\w-]){re.escape(service.lower())}(?![\w-])", " ", rest)
    words = [word.rstrip(".:-") for word in _WORD.findall(rest)]
    environments = {_ENVIRONMENTS[word] for word in words if word in _ENVIRONMENTS}
    classified = [(word, _classification(word, after)) for word, after in pairwise([*words, ""])]
    topic = [word for word, found in classified if not found and word not in _ENVIRONMENTS]
    return Question(
        text=text,
        topic=" ".join(topic),
        service=service,
        environment=_only(environments),
        tier=Tier(tier) if tier else None,
        classification=_only({found for _, found in classified if found}),
        since=since,
        until=before or (_day_after(through) if through else ""),
    )


def check_date(text: str, where: str) -> str:
    """``text`` if it is a date ``YYYY-MM-DD``. Raises UsageError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{text!r} is not a date", where=where, hint="write it as 2026-11-23") from None


def _classification(word: str, following: str) -> Classification | None:
    """The classification that ``word`` is; public and internal are one only of data, not of access or networks."""
    found = Classification.read(word)
    if found in (Classification.PUBLIC, Classification.INTERNAL) and following not in _DATA:
        return None
    return found


def _only(found: Collection[_Value]) -> _Value | None:
    return next(iter(found)) if len(found) == 1 else None


def _names(service: str, text: str) -> bool:
    return bool(service) and re.search(rf"(?<![\w-]){re.escape(service.lower())}(?![\w-])", text) is not None


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.search(text)
    return (match[1], text[: match.start()] + text[match.end() :]) if match else ("", text)


def _take_date(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found, rest = _take(pattern, text)
    return (check_date(found, "question"), rest) if found else ("", rest)


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat() if day < date.max.isoformat() else ""
