"""Question: an auditor's sentence, understood without guessing; what it was understood as is part of the answer."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta

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
_SINCE = re.compile(r"\b(?:since|from|after)\s+(\d{4}-\d{2}-\d{2})\b")
_THROUGH = re.compile(r"\b(?:until|to|through)\s+(\d{4}-\d{2}-\d{2})\b")
_BEFORE = re.compile(r"\bbefore\s+(\d{4}-\d{2}-\d{2})\b")
_TIER = re.compile(r"\btier[ =]?([123])\b")
_WORD = re.compile(r"[a-z0-9][a-z0-9_.()@:-]*")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Empty fields do not restrict.

    ``topic`` is what remains of the sentence for the control catalogue. ``since`` and ``until`` are dates
    (``YYYY-MM-DD``, UTC, half-open: ``until`` is not included).
    """

    text: str = ""
    topic: str = ""
    controls: tuple[str, ...] = ()
    service: str = ""
    environment: Environment | None = None
    tier: Tier | None = None
    classification: Classification | None = None
    since: str = ""
    until: str = ""

    def understood(self) -> str:
        """The question as it was understood, in one line."""
        parts = [f"controls {', '.join(self.controls)}" if self.controls else "no control"]
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

    ``services`` are the names that the evidence knows. Raises UsageError for a date that is none.
    """
    rest = " ".join(text.lower().split())
    since, rest = _take_date(_SINCE, rest)
    through, rest = _take_date(_THROUGH, rest)
    before, rest = _take_date(_BEFORE, rest)
    tier, rest = _take(_TIER, rest)
    service = next((name for name in sorted(services, key=len, reverse=True) if _names(name, rest)), "")
    if service:
        rest = re.sub(rf"(?<![\w-]){re.escape(service.lower())}(?![\w-])", " ", rest)
    words = _WORD.findall(rest)
    environment = next((_ENVIRONMENTS[word] for word in words if word in _ENVIRONMENTS), None)
    classification = next((c for word in words if (c := Classification.read(word)) and _classifies(word, words)), None)
    topic = [word for word in words if word not in _ENVIRONMENTS and word != classification]
    return Question(
        text=text,
        topic=" ".join(topic),
        service=service,
        environment=environment,
        tier=Tier(tier) if tier else None,
        classification=classification,
        since=since,
        until=before or (_day_after(through) if through else ""),
    )


def check_date(text: str, where: str) -> str:
    """``text`` if it is a date ``YYYY-MM-DD``. Raises UsageError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{text!r} is not a date", where=where, hint="write it as 2026-11-23") from None


def _classifies(word: str, words: list[str]) -> bool:
    """Whether ``word`` speaks of data: "public data" does, "public access" and "public buckets" do not."""
    if word != Classification.PUBLIC:
        return True
    following = words[words.index(word) + 1 : words.index(word) + 2]
    return not following or following[0] in ("data", "information", "classification")


def _names(service: str, text: str) -> bool:
    return bool(service) and re.search(rf"(?<![\w-]){re.escape(service.lower())}(?![\w-])", text) is not None


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.search(text)
    return (match[1], text[: match.start()] + text[match.end() :]) if match else ("", text)


def _take_date(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found, rest = _take(pattern, text)
    return (check_date(found, "question"), rest) if found else ("", rest)


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
