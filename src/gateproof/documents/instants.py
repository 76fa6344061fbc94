"""One spelling for every time: RFC 3339 in UTC to the second (``2026-11-23T05:00:00Z``)."""

from __future__ import annotations

import re
from datetime import datetime

from gateproof.errors import TrustError

_SPELLING = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def instant(text: str) -> datetime:
    """The point in time that ``text`` names, aware, in UTC.

    Raises TrustError for any other spelling: what a time decides is whether something still counts.
    """
    if _SPELLING.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # February 30, say: the same answer as for a wrong spelling
    raise TrustError(
        f"{text[:40]!r} is not a time in UTC", hint="write it to the second, with a Z: 2026-11-23T05:00:00Z"
    )


def is_instant(text: str) -> bool:
    """Whether ``instant`` reads ``text``."""
    try:
        instant(text)
    except TrustError:
        return False
    return True


def within(now: datetime, not_before: str, not_after: str) -> bool:
    """Whether ``now`` lies in the half-open ``[not_before, not_after)``; an empty bound is no bound."""
    return (not not_before or instant(not_before) <= now) and (not not_after or now < instant(not_after))
