"""The auditor's answer as text and as a page: all of it is there, and nothing from the evidence is obeyed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec

from gateproof.answers.answer import Answer
from gateproof.catalog.scales import Layer
from gateproof.gate.decision import Departure, Verdict
from gateproof.render import answer_html, answer_text

_VOID = {"meta", "br", "hr", "img", "input", "link"}
_ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "id", "href"}


class Page(HTMLParser):
    """A page: its tags, attributes and text; whether its tags are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def test_the_page_says_everything_that_the_text_says(answer: Answer) -> None:
    shown = " ".join("".join(Page(answer_html.render(answer)).words).split())
    for word in (
        "encryption at rest for restricted data",
        *answer.gaps,
        *(control.title for control in answer.controls),
        *(text.policy.title for text in answer.policies),
        *(exhibit.record.digest for exhibit in answer.exhibits),
        *(check for exhibit in answer.exhibits for check in exhibit.checks),
        "ciso@example.com",
        "RISK-17",
        "package gateproof.policies.encryption_at_rest",
        answer.log.root,
        "and 2 more",
    ):
        assert word in shown
        assert word in " ".join(answer_text.render(answer).split())


def test_a_hostile_page_has_our_tags_and_attributes_only(answer: Answer, hostile_answer: Answer) -> None:
    ours, page = Page(answer_html.render(answer)), Page(answer_html.render(hostile_answer))
    assert page.open == []
    assert page.tags <= ours.tags | {"p"}
    assert not page.tags & {"script", "img", "iframe", "object", "form", "link", "base", "svg"}
    assert page.comments == []
    assert {name for name, _ in page.attributes} <= _ATTRIBUTES
    known = set(ours.attributes)
    for name, value in set(page.attributes) - known:
        assert (name in ("id", "href") and re.fullmatch(r"#?entry-\d+", value)) or (
            name == "class" and re.fullmatch(r"[A-Za-z ]*", value)
        )
    words = "".join(page.words)
    assert "<script>alert(1)</script>" in words
    assert all(line.isprintable() for line in words.split("\n"))
    assert "evil" not in "".join(value for _, value in page.attributes)


def test_the_page_needs_no_network(answer: Answer) -> None:
    html = answer_html.render(answer)
    assert "default-src 'none'" in html
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)|@import|url\(""", html)


def test_hostile_text_is_printable_lines_without_commands(hostile_answer: Answer) -> None:
    shown = answer_text.render(hostile_answer)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert not re.search(r"^\s*::|##\w*\[", shown, re.MULTILINE)


def test_no_gap_and_nothing_found_are_said(answer: Answer) -> None:
    empty = msgspec.structs.replace(answer, gaps=(), exhibits=(), policies=(), verdicts={}, more=0)
    assert "No gaps found" in answer_html.render(empty)
    assert "No recorded decision matches." in answer_html.render(empty)
    assert "- none found" in answer_text.render(empty)


def test_the_verdict_is_the_one_of_the_layer_that_asked(answer: Answer) -> None:
    exhibit = answer.exhibits[1]
    departure = Departure(Layer.CD, Verdict.UNDECIDED)
    core = msgspec.structs.replace(exhibit.record.core, departures=(departure,))
    record = msgspec.structs.replace(exhibit.record, core=core, layer=Layer.CD)
    asked = msgspec.structs.replace(answer, exhibits=(msgspec.structs.replace(exhibit, record=record),))
    assert f"UNDECIDED  {record.name}" in answer_text.render(asked)
    assert '<span class="badge UNDECIDED">UNDECIDED</span>' in answer_html.render(asked)
