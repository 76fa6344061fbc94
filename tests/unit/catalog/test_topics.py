"""Questions in people's words find controls."""

from __future__ import annotations

import pytest

from gateproof.catalog.frameworks import controls
from gateproof.catalog.topics import find, telling, topics


def ids(text: str) -> list[str]:
    return [control.id for control in find(text)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("encryption at rest", {"nist-800-53@5:SC-28", "soc2@2017:CC6.1"}),
        ("Show me encryption at rest for restricted data", {"nist-800-53@5:SC-28", "soc2@2017:CC6.1"}),
        ("is our data encrypted at rest?", {"nist-800-53@5:SC-28"}),
        ("public buckets with public access", {"soc2@2017:CC6.6", "nist-800-53@5:AC-3"}),
        ("container hardening", {"nist-800-53@5:CM-6", "soc2@2017:CC6.8"}),
        ("who approved changes", {"soc2@2017:CC8.1", "nist-800-53@5:CM-3"}),
        ("least privilege", {"nist-800-53@5:AC-6", "soc2@2017:CC6.3"}),
        ("CC-6.1", {"soc2@2017:CC6.1"}),
        ("evidence for SC-28, please", {"nist-800-53@5:SC-28"}),
        ("information spillage protection at rest", set()),
        ("account management", {"nist-800-53@5:AC-2", "nist-800-53@5:AC-2(1)"}),
    ],
)
def test_what_a_question_finds(question: str, expected: set[str]) -> None:
    assert expected <= set(ids(question))


def test_what_is_spelled_out_comes_first_and_nothing_twice() -> None:
    found = ids("encryption at rest as in CC7.2")
    assert found[0] == "soc2@2017:CC7.2"
    assert len(found) == len(set(found))


@pytest.mark.parametrize("question", ["", "data", "show me all of it", "zebra", "\x00", "9" * 10_000])
def test_unclear_questions_find_nothing(question: str) -> None:
    assert ids(question) == []


def test_every_topic_finds_its_own_controls_and_names_known_ones() -> None:
    for topic in topics():
        assert topic.controls
        assert set(topic.controls) <= set(controls())
        for name in (topic.topic, *topic.words):
            assert set(topic.controls) <= set(ids(name)), name


@pytest.mark.parametrize(
    ("text", "tells", "tells_not"),
    [
        ("encryption at rest", "nist-800-53@5:SC-28", "soc2@2017:CC6.1"),
        ("key management", "pci-dss@4.0.1:3.6.1", "soc2@2017:CC6.1"),
        ("audit trail", "nist-800-53@5:AU-12", "soc2@2017:CC7.3"),
        ("CC6.1", "soc2@2017:CC6.1", "nist-800-53@5:SC-28"),
    ],
)
def test_what_every_topic_shares_tells_nothing(text: str, tells: str, tells_not: str) -> None:
    found = telling(text)
    assert tells in found
    assert tells_not not in found


def test_no_topic_no_telling_control() -> None:
    assert telling("xyzzy") == ()
