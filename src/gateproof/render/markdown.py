"""Report → Markdown for a pull request comment or a job summary."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.engines.interface import Outcome
from gateproof.gate.decision import Treatment, Verdict
from gateproof.render.report import Item, Report, spot_of
from gateproof.render.untrusted import markdown

MARKER = "<!-- gateproof -->"
"""First line of the comment, so that a later run finds and replaces it."""

SHOWN = 50
_ICONS = {Verdict.ALLOW: "✅", Verdict.WARN: "⚠️", Verdict.DENY: "❌", Verdict.UNDECIDED: "❔"}


def render(report: Report) -> str:
    """The comment. Everything from the input is escaped so that it renders as itself."""
    lines = [MARKER, f"### {_ICONS[report.verdict]} gateproof: {report.verdict}", ""]
    if not report.items:
        lines += ["Nothing was judged.", ""]
    for item in report.items:
        lines += _item(report, item)
    lines.append(f"<sub>bundle {report.bundle.digest}, {len(report.bundle.policies)} policies</sub>")
    return "\n".join(lines) + "\n"


def _item(report: Report, item: Item) -> Iterator[str]:
    core = item.decision.core
    scene = core.scene
    yield f"#### {_ICONS[core.verdict]} {markdown(item.name)}"
    yield ""
    where = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    yield markdown(f"{scene.service}, {where}" if scene.service else where)
    yield ""
    for problem in core.problems:
        yield f"- **cannot be judged**: {markdown(problem)}"
    findings = item.findings()
    if findings:
        yield "| | finding | resource | why | fix |"
        yield "| --- | --- | --- | --- | --- |"
        for each in findings[:SHOWN]:
            finding, policy = each.finding, report.policies.get(each.finding.policy)
            spot = spot_of(item, each)
            line = f" line {spot.line}" if spot else ""
            word = f"**{each.treatment}**" if each.treatment is Treatment.BLOCK else str(each.treatment)
            cells = (
                f"{word} {finding.severity}",
                markdown(finding.message),
                markdown(finding.resource) + line,
                markdown(", ".join(finding.controls)),
                markdown(policy.remediation) if policy else "",
            )
            yield "| " + " | ".join(cells) + " |"
        if len(findings) > SHOWN:
            yield f"\n… and {len(findings) - SHOWN} more findings."
        yield ""
    yield from _details(item)
    yield ""


def _details(item: Item) -> Iterator[str]:
    core = item.decision.core
    for result in [each for each in core.results if each.outcome is Outcome.ERROR][:SHOWN]:
        place = markdown(result.resource or "the document")
        yield f"- **could not decide** {markdown(result.policy)} on {place}: {markdown(result.reason)}"
    for obligation in core.obligations:
        if not obligation.met:
            yield f"- pending: {markdown(obligation.name)}: {markdown(obligation.detail)}"
    if core.verdict is not Verdict.ALLOW:
        for change in core.smallest_change:
            yield f"- to pass: {markdown(change)}"
    if item.proof:
        yield f"- proof: entry {item.proof.entry}, decision {item.proof.decision}"
