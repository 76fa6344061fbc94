"""What an auditor's sentence is understood as."""

from __future__ import annotations

import pytest

from gateproof.answers.question import Question, check_date, understand
from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("encryption at rest", Question(topic="encryption at rest")),
        (
            "Encryption at rest for restricted data in Production since 2026-01-01",
            Question(
                topic="encryption at rest for data in",
                classification=Classification.RESTRICTED,
                environment=Environment.PROD,
                since="2026-01-01",
            ),
        ),
        ("tier 1 in prod.", Question(topic="in", tier=Tier.ONE, environment=Environment.PROD)),
        ("payments and logs", Question(topic="and logs", service="payments")),
        ("payments-api logs", Question(topic="logs", service="payments-api")),
        ("prepayments", Question(topic="prepayments")),
        ("public buckets", Question(topic="public buckets")),
        ("public data", Question(topic="data", classification=Classification.PUBLIC)),
        ("public access to public data", Question(topic="public access to data", classification=Classification.PUBLIC)),
        ("internal networks", Question(topic="internal networks")),
        ("staging and prod", Question(topic="and")),
        ("restricted or confidential data", Question(topic="or data")),
        ("until 2026-03-31", Question(until="2026-04-01")),
        ("before 2026-03-31", Question(until="2026-03-31")),
        ("between 2026-01-01 and 2026-03-31", Question(since="2026-01-01", until="2026-04-01")),
        ("from 2026-01-01 to 2026-12-31", Question(since="2026-01-01", until="2027-01-01")),
        ("until 9999-12-31", Question()),
        ("soc2@2017:CC6.1", Question(topic="soc2@2017:cc6.1")),
        ("", Question()),
    ],
)
def test_sentences(text: str, expected: Question) -> None:
    found = understand(text, ("payments", "payments-api"))
    assert found.text == text
    assert {name: getattr(found, name) for name in Question.__struct_fields__ if name != "text"} == {
        name: getattr(expected, name) for name in Question.__struct_fields__ if name != "text"
    }


@pytest.mark.parametrize("text", ["since 2026-02-30", "before 2026-13-01", "on 2026-01-01", "after 2026-01-01"])
def test_a_date_that_is_none_or_limits_nothing_known_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        understand(text)
    assert "2026-11-23" in str(caught.value.hint)


def test_dates_of_options_are_checked() -> None:
    assert check_date("2026-11-23", "--since") == "2026-11-23"
    with pytest.raises(UsageError):
        check_date("yesterday", "--since")


def test_the_question_says_how_it_was_understood() -> None:
    question = Question(
        controls=("a", "b"), telling=("a",), service="payments", environment=Environment.PROD, until="2026-04-01"
    )
    said = "controls a, b; policies that cite a; service payments; environment prod; until 2026-04-01"
    assert question.understood() == said
    assert Question().understood() == "no control"
