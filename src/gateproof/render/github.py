"""Report → GitHub Actions workflow commands, which GitHub shows as annotations on the change."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.gate.decision import Disposition, Treatment
from gateproof.render.report import Item, Report, spot_of
from gateproof.render.untrusted import workflow_data, workflow_property

_COMMANDS = {Treatment.BLOCK: "error", Treatment.WARN: "warning", Treatment.WAIVED: "notice"}


def render(report: Report) -> str:
    """One command a finding, problem, undecided result and remark, and a last line with the verdict."""
    lines = [line for item in report.items for line in _item(report, item)]
    if not report.items:
        lines.append("::error title=gateproof::nothing was judged")
    lines.append(f"gateproof: {report.verdict}")
    return "\n".join(lines) + "\n"


def _item(report: Report, item: Item) -> Iterator[str]:
    file = f"file={workflow_property(item.name)}"
    for what, why in item.open_points():
        yield f"::error {file},title={workflow_property(f'could not decide: {what}')}::{workflow_data(why)}"
    for disposition in item.findings():
        yield _annotation(report, item, disposition, file)
    for error in item.errors():
        title = workflow_property(f"could not decide {error.policy}")
        yield f"::error {file},title={title}::{workflow_data(f'{error.resource}: {error.reason}')}"
    for remark in item.remarks:
        yield f"::notice {file},title=note::{workflow_data(remark.message)}"


def _annotation(report: Report, item: Item, disposition: Disposition, file: str) -> str:
    finding, treatment = disposition.finding, disposition.treatment
    spot = spot_of(item, disposition)
    place = f",line={spot.line},col={spot.column}" if spot else ""
    policy = report.policies.get(finding.policy)
    fix = f". Fix: {policy.remediation}" if policy and policy.remediation else ""
    where = f"{finding.resource}: " if finding.resource else ""
    title = workflow_property(f"{treatment} {finding.severity} {finding.policy}")
    return f"::{_COMMANDS[treatment]} {file}{place},title={title}::{workflow_data(f'{where}{finding.message}{fix}')}"
