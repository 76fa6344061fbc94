"""Instants: one spelling, half-open intervals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateproof.documents.instants import instant, is_instant, within
from gateproof.errors import TrustError


def test_an_instant_is_in_utc() -> None:
    assert instant("2026-11-23T05:00:00Z") == datetime(2026, 11, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T05:00:00",
        "2026-11-23T05:00:00z",
        "2026-11-23 05:00:00Z",
        "2026-11-23T05:00:00.5Z",
        "2026-11-23T05:00:00+00:00",
        "2026-11-23T05:00:00Z\n",
        "2026-02-30T05:00:00Z",
        "2026-11-23T24:00:01Z",
        "2026-11-23T05:00:60Z",
        "٢٠٢٦-11-23T05:00:00Z",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    assert not is_instant(text)
    with pytest.raises(TrustError, match="not a time in UTC"):
        instant(text)


def test_an_empty_bound_is_no_bound() -> None:
    moment = instant("2026-11-23T05:00:00Z")
    assert within(moment, "", "")
    assert within(moment, "2026-11-23T05:00:00Z", "2026-11-23T05:00:01Z")
    assert not within(moment, "2026-11-23T05:00:01Z", "")
    assert not within(moment, "", "2026-11-23T05:00:00Z")
