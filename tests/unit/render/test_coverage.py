"""Controls and coverage as text, JSON and HTML: complete, and harmless whatever stands in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from gateproof.catalog.coverage import concerns, cover, line
from gateproof.catalog.enforcement import deployment_topics
from gateproof.catalog.frameworks import Catalog, Entry, Framework, shipped
from gateproof.catalog.policy import EngineName, Policy
from gateproof.catalog.scales import Layer, Severity
from gateproof.render import coverage, coverage_html

HOSTILE = "<script>alert(1)</script>\x1b[31m::error::\u202e & \"'"


def policy(name: str, *controls: str) -> Policy:
    layers = (Layer.CI, Layer.RUNTIME)
    return Policy(id=name, engine=EngineName.REGO, title=name, severity=Severity.HIGH, controls=controls, layers=layers)


def catalog() -> Catalog:
    entries = (
        Entry("1", HOSTILE, heading=True),
        Entry("1.1", HOSTILE, designation=HOSTILE),
        Entry("1.2", HOSTILE, not_by_gate=HOSTILE),
        Entry("1.3", "Quiet", related=("SC-28",)),
    )
    return shipped().plus([Framework("own", "1", HOSTILE, "", HOSTILE, entries)])


POLICIES = [policy(HOSTILE, "own@1:1.1"), policy("quiet", "own@1:1.3", "nist-800-53@5:SC-28")]
IDS = [each.id for each in POLICIES]


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_shows_marks_totals_and_reasons() -> None:
    shown = coverage.text(concerns(POLICIES), cover(catalog(), POLICIES, ["own"]), IDS, 100)
    assert "3 controls: 2 enforced, 0 gaps, 1 not by a gate" in shown
    assert "enforced at pre-commit 0, ci 2, registry 0, cd 0, runtime 2" in shown
    assert re.search(r"1\.3 +· +1 +· +· +1 +Quiet", shown)
    assert re.search(r"encryption at rest +○ +1 +· +○ +1$", shown, re.MULTILINE)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", shown)
    assert not re.search(r"(?m)^\s*::", shown)


def test_json_has_everything() -> None:
    value = json.loads(coverage.json(concerns(POLICIES), cover(catalog(), POLICIES, ["own"]), IDS))
    [own] = value["frameworks"]
    assert value["policies"] == IDS
    assert len(value["topics"]) == 16
    assert own["totals"] == {
        "controls": 3,
        "enforced": 2,
        "gap": 0,
        "not_by_a_gate": 1,
        "layers": {"pre-commit": 0, "ci": 2, "registry": 0, "cd": 0, "runtime": 2},
    }
    assert [each["state"] for each in own["controls"]] == ["heading", "enforced", "not by a gate", "enforced"]
    assert own["controls"][3]["layers"]["ci"] == {"policies": ["quiet"], "possible": ""}


def test_html_is_one_harmless_page_with_every_control() -> None:
    known = catalog()
    page = coverage_html.render(concerns(POLICIES), cover(known, POLICIES), IDS)
    read = Page(page)
    assert "script" not in read.tags
    assert {"img", "link", "iframe", "form", "a"} & set(read.tags) == {"a"}
    assert {value for name, value in read.attributes if name == "href"} == {f"#framework-{at}" for at in range(1, 6)}
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]
    assert "<script>alert(1)</script>\\x1b[31m" in read.text
    assert "\x1b" not in page
    assert "\u202e" not in page
    for key in known.entries:
        assert key.partition(":")[2] in read.text
    assert read.tags.count("tr") == len(known.entries) + len(deployment_topics()) + 6


def test_wrapping_brings_no_command_of_a_ci_system_to_the_start_of_a_line() -> None:
    said = "::error::stop " * 100
    known = shipped().plus([Framework("own", "1", "Own", "", "", (Entry("1", said, not_by_gate=said),))])
    found = line(known, [], "own@1:1")
    for width in range(60, 75):
        shown = coverage.control_text(found, (), (), width) + coverage.text(
            (), cover(known, [], ["own"]), [said], width
        )
        assert "\\x3a" in shown
        assert not re.search(r"(?m)^\s*::", shown)


def test_many_policies_are_all_named() -> None:
    names = [f"a-policy-with-quite-a-long-name-{number}" for number in range(200)]
    for shown in (coverage_html.render((), (), names), coverage.text((), (), names, 100)):
        assert all(re.search(rf"\b{name}\b", shown) for name in names)


def test_one_control_as_text_and_json() -> None:
    known = catalog()
    topics = [topic for topic in deployment_topics() if topic.topic == "encryption at rest"]
    found, related = line(known, POLICIES, "nist-800-53@5:SC-28"), known.controls["nist-800-53@5:SC-28"].related
    shown = coverage.control_text(found, related, topics, 100)
    assert shown.startswith("nist-800-53@5:SC-28  Protection of Information at Rest  (baselines moderate, high)\n")
    assert re.search(r"ci +quiet\n", shown)
    assert re.search(r"registry +nothing\n", shown)
    assert re.search(r"cd +nothing; could be by gateproof check on the plan", shown)
    assert re.search(r"own@1 +1\.3\n", shown)
    assert 'gateproof answer --control "nist-800-53@5:SC-28"' in shown
    value = json.loads(coverage.control_json(found, related, topics))
    assert value["related"] == list(related)
    assert value["evidence"] == list(topics[0].evidence)


def test_what_no_gate_enforces_and_headings_say_so() -> None:
    known = catalog()
    beyond = coverage.control_text(line(known, [], "own@1:1.2"), (), (), 100)
    assert "not by a gate" in beyond
    assert "gateproof answer" not in beyond
    assert "\x1b" not in beyond
    assert "a heading" in coverage.control_text(line(known, [], "own@1:1"), (), (), 100)
