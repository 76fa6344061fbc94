"""Report → Markdown for a pull request comment or a job summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateproof.gate.decision import Disposition, Treatment, Verdict
from gateproof.render.report import Item, Report, spot_of
from gateproof.render.untrusted import code, markdown

MARKER = "<!-- gateproof -->"
"""First line of the comment, so that a later run finds and replaces it."""

SHOWN = 25
"""Findings, and errors, shown per file; the rest are counted."""
MAX_BYTES = 60_000
"""What a comment holds: GitHub takes 65,536."""

_ICONS = {Verdict.ALLOW: "✅", Verdict.WARN: "⚠️", Verdict.DENY: "❌", Verdict.UNDECIDED: "❔"}
_WORDS = {Treatment.BLOCK: "**blocks**", Treatment.WARN: "warns", Treatment.WAIVED: "waived"}
_WORST_FIRST = (Verdict.DENY, Verdict.UNDECIDED, Verdict.WARN, Verdict.ALLOW)
_LIMIT = 500


def render(report: Report) -> str:
    """The comment, the worst files first. Everything from the input is shown as itself: see ``markdown``."""
    return "\n".join(_fit(_lines(report))) + "\n"


def _fit(lines: Iterable[str]) -> Iterator[str]:
    """As many lines as a comment holds. Every line is complete in itself, so it can end after any."""
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MAX_BYTES:
            yield "\n… and more: `gateproof check` prints the whole report."
            return
        yield line


def _lines(report: Report) -> Iterator[str]:
    yield from (MARKER, f"### {_ICONS[report.verdict]} gateproof: {report.verdict}", "")
    if not report.items:
        yield from ("Nothing was judged.", "")
    for item in sorted(report.items, key=lambda item: _WORST_FIRST.index(item.decision.verdict)):
        yield from _item(report, item)
        yield ""
    yield f"Bundle `{report.bundle.digest}`, {len(report.bundle.policies)} policies."


def _item(report: Report, item: Item) -> Iterator[str]:
    decision, scene = item.decision, item.decision.core.scene
    service = f"{code(scene.service, _LIMIT)}, " if scene.service else ""
    yield f"#### {_ICONS[decision.verdict]} {decision.verdict}: {code(item.name, _LIMIT)}"
    yield f"{service}{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    findings = item.findings()
    groups: dict[str, list[Disposition]] = {}
    for disposition in findings[:SHOWN]:
        groups.setdefault(disposition.finding.policy, []).append(disposition)
    for policy, dispositions in groups.items():
        yield from _group(report, item, policy, dispositions)
    if len(findings) > SHOWN:
        yield f"\n… and {len(findings) - SHOWN} more findings."
    notes = list(_notes(report, item))
    if notes:
        yield from ("", *notes)


def _group(report: Report, item: Item, policy: str, dispositions: list[Disposition]) -> Iterator[str]:
    known = report.policies.get(policy)
    title = f"{markdown(known.title, _LIMIT)} · " if known else ""
    yield f"\n{title}{code(policy)}\n"
    for each in dispositions:
        finding, spot = each.finding, spot_of(item, each)
        where = code(finding.resource, _LIMIT) if finding.resource else "the document"
        line = f", line {spot.line}" if spot else ""
        yield f"- {_WORDS[each.treatment]} ({finding.severity}) {where}{line}: {markdown(finding.message, _LIMIT)}"
    if controls := dispositions[0].finding.controls:
        yield f"- why: {', '.join(map(code, controls))}"
    if known and known.remediation:
        yield f"- fix: {markdown(known.remediation)}"


def _notes(report: Report, item: Item) -> Iterator[str]:
    for what, why in item.open_points():
        yield f"- **could not decide**: {markdown(what)}: {markdown(why)}"
    coverage = item.decision.core.coverage
    if coverage.applied == 0 and not item.decision.core.problems:
        yield f"- no policy applied (0/{coverage.policies})"
    errors = item.errors()
    for error in errors[:SHOWN]:
        where = code(error.resource, _LIMIT) if error.resource else "the document"
        yield f"- **could not decide** {code(error.policy)} on {where}: {markdown(error.reason, _LIMIT)}"
    if len(errors) > SHOWN:
        yield f"- … and {len(errors) - SHOWN} more that could not be decided"
    for remark in item.remarks[:SHOWN]:
        yield f"- note: {markdown(remark.message, _LIMIT)}"
    if len(item.remarks) > SHOWN:
        yield f"- … and {len(item.remarks) - SHOWN} more notes"
    for obligation in () if item.is_due else item.unmet():
        yield f"- pending: {markdown(obligation.name)}: {markdown(obligation.detail)}"
    for change in report.to_pass(item):
        yield f"- to pass: {markdown(change)}"
    if item.proof:
        yield f"- proof: entry {item.proof.entry}, decision `{item.proof.decision}`"
