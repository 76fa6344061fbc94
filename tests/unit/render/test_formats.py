"""What each format shows, and that nothing that comes from outside gets through it as anything but characters."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from markdown_it import MarkdownIt

from gateproof.catalog.scales import Layer
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.gate.decision import Coverage, Departure, Disposition, Obligation, Treatment, Verdict
from gateproof.render import github, junit, markdown, sarif, text
from gateproof.render import json as json_format
from gateproof.render.report import Item, Report

FORMATS = ("text", "json", "sarif", "junit", "markdown", "github")
COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
OURS = re.compile(r"::(error|warning|notice) file=[^:,]*(,line=\d+,col=\d+)?,title=[^:,]*::.*")


def render(form: str, report: Report) -> str:
    found: str = importlib.import_module(f"gateproof.render.{form}").render(report)
    return found


def at_layer(item: Item, layer: Layer, **changes: Any) -> Item:
    """``item`` asked at another layer, its core changed."""
    core = msgspec.structs.replace(item.decision.core, **changes)
    return msgspec.structs.replace(item, decision=msgspec.structs.replace(item.decision, core=core, layer=layer))


def only(report: Report, item: Item) -> Report:
    return msgspec.structs.replace(report, items=(item,))


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_moves_a_cursor_and_no_line_is_a_command(form: str, hostile: Report) -> None:
    shown = render(form, hostile)
    assert all(line.isprintable() for line in shown.split("\n"))
    shown.encode()
    if form != "github":
        assert not COMMAND.search(shown)


def test_wrapping_brings_no_command_to_the_start_of_a_line(judge: Callable[..., Item], example: Report) -> None:
    problems = ("word " * 9 + "::error::behind a blank", "x" * 60 + "::error::in a long word")
    item = at_layer(judge("manifests/fixed.yaml"), Layer.CI, problems=problems)
    for width in range(40, 101):
        shown = text.render(only(example, item), width=width)
        assert "error" in shown
        assert not COMMAND.search(shown)


def test_color_is_ours_alone(hostile: Report) -> None:
    colored = text.render(hostile, color=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text.render(hostile)


@pytest.mark.parametrize("form", FORMATS)
def test_ten_thousand_findings_are_rendered(form: str, large: Report) -> None:
    shown = render(form, large)
    if form in ("text", "markdown"):
        assert "and 9975 more findings" in shown
        assert len(shown) < 300_000


def test_github_lines_are_our_commands_and_the_verdict(hostile: Report) -> None:
    *commands, last = github.render(hostile).splitlines()
    assert commands
    assert all(OURS.fullmatch(line) for line in commands)
    assert not any("##[" in line for line in commands)
    assert last == "gateproof: DENY"


def test_json_says_exactly_what_was_decided(hostile: Report) -> None:
    document = json.loads(json_format.render(hostile))
    for shown, item in zip(document["items"], hostile.items, strict=True):
        core = item.decision.core
        assert msgspec.convert(shown["core"], type(core)) == core
        assert [remark["message"] for remark in shown["remarks"]] == [remark.message for remark in item.remarks]
    assert document["items"][0]["name"].startswith("a\x1b[31m\n::error::x\\udcff\\ud800|")


def test_sarif_has_what_code_scanning_needs(hostile: Report, example: Report) -> None:
    """The members that GitHub's code scanning requires, and those that OASIS makes mandatory of what is used."""
    for report in (hostile, example):
        log = json.loads(sarif.render(report))
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        driver = run["tool"]["driver"]
        assert driver["name"] == "gateproof"
        for rule in driver["rules"]:
            assert rule["id"]
            assert all(rule[name]["text"] for name in ("shortDescription", "fullDescription", "help"))
            assert 0 < float(rule["properties"]["security-severity"]) <= 10
        rules = {rule["id"] for rule in driver["rules"]}
        assert len(rules) == len(driver["rules"])
        for result in run["results"]:
            assert result["ruleId"] in rules
            assert result["level"] in ("error", "warning", "note")
            assert result["message"]["text"]
            assert re.fullmatch(r"[0-9a-f]{64}", result["partialFingerprints"]["gateproof/v1"])
            (location,) = result["locations"]
            check_location(location)
            assert all(each["kind"] == "external" for each in result.get("suppressions", []))
        (invocation,) = run["invocations"]
        notifications = invocation["toolExecutionNotifications"]
        assert invocation["executionSuccessful"] is (not notifications)
        for notification in notifications:
            assert notification["message"]["text"]
            check_location(notification["locations"][0])


def check_location(location: Any) -> None:
    place = location["physicalLocation"]
    assert re.fullmatch(r"(%[0-9A-F]{2}|[A-Za-z0-9/._~-])+", place["artifactLocation"]["uri"])
    region = place.get("region", {"startLine": 1, "startColumn": 1})
    assert min(region.values()) >= 1


def test_sarif_messages_have_no_embedded_links(hostile: Report) -> None:
    run = json.loads(sarif.render(hostile))["runs"][0]
    messages = [each["message"]["text"] for each in run["results"]]
    messages += [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]]
    messages += [rule[name]["text"] for rule in run["tool"]["driver"]["rules"] for name in ("help", "fullDescription")]
    assert "[click] (https://evil.example/)" in " ".join(messages)
    assert not any("](" in message for message in messages)


def test_junit_counts_agree(hostile: Report, example: Report) -> None:
    for report in (hostile, example):
        root = ElementTree.fromstring(junit.render(report))  # noqa: S314 - our own
        for level in (root, *root):
            cases = level.findall(".//testcase")
            assert level.get("tests") == str(len(cases))
            for kind, counter in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
                known = level is not root or kind != "skipped"  # the schema of Jenkins has no sum of these
                assert level.get(counter) == (str(len(level.findall(f".//{kind}"))) if known else None)
            assert all(len(case) <= 1 for case in cases)
        assert len(root) == len(report.items)
        assert {element.tag for element in root.iter()} <= {
            "testsuites",
            "testsuite",
            "testcase",
            "failure",
            "error",
            "skipped",
            "system-out",
        }


def test_markdown_has_no_link_image_html_or_mention(hostile: Report) -> None:
    shown = markdown.render(hostile)
    assert shown.startswith(markdown.MARKER + "\n")
    assert len(shown.encode()) < 65_536
    tokens = [token for block in MarkdownIt("gfm-like", {"linkify": False}).parse(shown) for token in flat(block)]
    kinds = {token.type for token in tokens}
    assert not kinds & {
        "link_open",
        "image",
        "html_inline",
        "table_open",
        "fence",
        "code_block",
        "em_open",
        "hr",
        "s_open",
    }
    assert [token.content for token in tokens if token.type == "html_block"] == [markdown.MARKER + "\n"]
    words = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"[@#&<>\[\]|*_~$\\`]|://|www\.|:\w+:|GH-\d", words)
    assert {token.tag for token in tokens if token.type == "heading_open"} == {"h3", "h4"}


def flat(token: Any) -> list[Any]:
    return [token, *(child for each in token.children or () for child in flat(each))]


@pytest.mark.parametrize(("form", "word"), [("text", "nothing was judged"), ("markdown", "Nothing was judged")])
def test_nothing_judged_is_said(form: str, word: str, example: Report) -> None:
    empty = msgspec.structs.replace(example, items=())
    assert empty.verdict is Verdict.UNDECIDED
    assert word in render(form, empty)


def test_nothing_judged_is_an_error_for_machines(example: Report) -> None:
    empty = msgspec.structs.replace(example, items=())
    assert ElementTree.fromstring(junit.render(empty)).get("errors") == "1"  # noqa: S314 - our own
    assert json.loads(sarif.render(empty))["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert github.render(empty) == "::error title=gateproof::nothing was judged\ngateproof: UNDECIDED\n"


@pytest.mark.parametrize("form", FORMATS)
def test_an_obligation_that_is_unmet_at_cd_is_the_reason(
    form: str, judge: Callable[..., Item], example: Report
) -> None:
    at_ci, at_cd = (judge("plans/2-private-bucket.json", layer) for layer in (Layer.CI, Layer.CD))
    assert (at_ci.decision.verdict, at_cd.decision.verdict) == (Verdict.ALLOW, Verdict.UNDECIDED)
    why = "obligation/approval"
    assert why in render(form, only(example, at_cd))
    if form != "json":
        assert why not in render(form, only(example, at_ci))


def test_an_unmet_obligation_says_what_would_pass(judge: Callable[..., Item], example: Report) -> None:
    shown = text.render(only(example, judge("plans/2-private-bucket.json", Layer.CD)))
    assert "unmet   approval: a human other than the author" in shown
    assert "to pass meet the obligation approval" in shown


def test_dispositions_are_those_of_the_layer(judge: Callable[..., Item], example: Report) -> None:
    item = judge("plans/1-public-bucket.json")
    relaxed = tuple(
        Disposition(each.finding, Treatment.WARN, "runtime-warns") for each in item.decision.core.dispositions
    )
    departure = Departure(Layer.RUNTIME, Verdict.WARN, relaxed)
    there = only(example, at_layer(item, Layer.RUNTIME, departures=(departure,)))
    here = only(example, at_layer(item, Layer.CI, departures=(departure,)))
    assert (here.verdict, there.verdict) == (Verdict.DENY, Verdict.WARN)
    assert "::warning" in github.render(there)
    assert "::error" not in github.render(there)
    assert 'failures="0"' in junit.render(there)
    assert {each["level"] for each in json.loads(sarif.render(there))["runs"][0]["results"]} == {"warning"}
    for form in ("text", "markdown"):
        assert "blocks" in render(form, here)
        assert "to pass" in render(form, here)
        assert "blocks" not in render(form, there)
        assert "to pass" not in render(form, there)
        assert "WARN" in render(form, there)
    assert json.loads(json_format.render(there))["items"][0]["departure"]["verdict"] == "WARN"


def test_a_waived_error_is_no_error(judge: Callable[..., Item], example: Report) -> None:
    item = judge("plans/2-private-bucket.json")
    core = item.decision.core
    policy = core.results[1].policy
    error = Result(policy, "bucket", Outcome.ERROR, "the name is not known")
    finding = Finding(policy, "bucket", error.reason, example.policies[policy].severity)
    waived = Disposition(finding, Treatment.WAIVED, "", "sha256:" + 64 * "a")
    excused = at_layer(item, Layer.CI, verdict=Verdict.WARN, results=(error,), dispositions=(waived,))
    still_open = at_layer(item, Layer.CI, verdict=Verdict.UNDECIDED, results=(error,))
    assert still_open.errors() == [error]
    assert excused.errors() == []
    assert 'errors="1"' in junit.render(only(example, still_open))
    assert 'errors="0"' in junit.render(only(example, excused))
    assert "could not decide" in text.render(only(example, still_open))
    assert "could not decide" not in text.render(only(example, excused))
    result = json.loads(sarif.render(only(example, excused)))["runs"][0]["results"][0]
    assert result["suppressions"][0]["status"] == "accepted"


def test_results_of_one_policy_and_resource_are_one_case(judge: Callable[..., Item], example: Report) -> None:
    item = judge("plans/2-private-bucket.json")
    twice = tuple(Result("p", "r", outcome, "why") for outcome in (Outcome.PASS, Outcome.ERROR, Outcome.SKIP))
    root = ElementTree.fromstring(  # noqa: S314 - our own
        junit.render(only(example, at_layer(item, Layer.CI, results=twice)))
    )
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_text_counts_what_it_leaves_out(judge: Callable[..., Item], example: Report) -> None:
    item = judge("plans/2-private-bucket.json")
    results = [Result("p", f"r{n}", Outcome.SKIP, f"reason {n % 40}") for n in range(400)]
    results += [Result("q", f"r{n}", Outcome.ERROR, f"reason {n % 40}") for n in range(400)]
    shown = text.render(only(example, at_layer(item, Layer.CI, results=tuple(results), verdict=Verdict.UNDECIDED)))
    assert "p: reason 0 (10 resources)" in shown
    assert "… and 15 more reasons" in shown
    assert "… and 5 more" in shown
    assert len(shown.splitlines()) < 300


def test_a_met_obligation_is_not_shown(judge: Callable[..., Item], example: Report) -> None:
    item = at_layer(
        judge("plans/2-private-bucket.json"), Layer.CI, obligations=(Obligation("approval", "x", met=True),)
    )
    assert "approval" not in text.render(only(example, item))


def test_that_no_policy_applied_is_said(judge: Callable[..., Item], example: Report) -> None:
    item = at_layer(judge("plans/2-private-bucket.json"), Layer.CI, verdict=Verdict.WARN, coverage=Coverage(0, 3))
    assert "covered no policy applied (0/3)" in text.render(only(example, item))
    assert "no policy applied (0/3)" in " ".join(markdown.render(only(example, item)).replace("`", "").split())
