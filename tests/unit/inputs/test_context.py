"""Facts: when they can be relied on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateproof.errors import TrustError
from gateproof.inputs.context import Fact, why_unusable

NOW = "2026-11-23T05:00:00Z"


def fact(observed_at: str, max_age: int = 60) -> Fact:
    return Fact(name="freeze", source="test", observed_at=observed_at, max_age=max_age, value=None)


@pytest.mark.parametrize("observed_at", ["2026-11-23T04:59:00Z", NOW, "2026-11-23T05:00:30Z"])
def test_a_fact_counts_from_its_observation_to_the_end_of_its_age(observed_at: str) -> None:
    assert why_unusable(fact(observed_at), NOW, ahead=timedelta(seconds=30)) == ""


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (None, "is missing"),
        (fact("2026-11-23T04:58:59Z"), "is stale: observed at 2026-11-23T04:58:59Z, good for 60 s, now " + NOW),
        (fact("2026-11-23T05:00:31Z"), "was observed at 2026-11-23T05:00:31Z, after " + NOW),
        (fact("0001-01-01T00:00:00Z", max_age=10**9), "is stale"),
        (fact("2026-11-23T05:00:00+00:00"), "has no usable time"),
        (fact(NOW, max_age=10**30), "has no usable time"),
    ],
)
def test_any_other_fact_says_why_not(given: Fact | None, why: str) -> None:
    assert why_unusable(given, NOW, ahead=timedelta(seconds=30)).startswith(why)


def test_no_clock_is_ahead_unless_it_may_be() -> None:
    assert why_unusable(fact("2026-11-23T05:00:01Z"), NOW).startswith("was observed at")


def test_a_time_that_is_none_is_an_error_of_the_caller() -> None:
    with pytest.raises(TrustError, match="not a time in UTC"):
        why_unusable(fact(NOW), "now")
