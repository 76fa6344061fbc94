"""Report → GitHub Actions workflow commands, which GitHub shows as annotations on the change."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.engines.interface import Outcome
from gateproof.gate.decision import Disposition, Treatment
from gateproof.render.report import Item, Report, spot_of
from gateproof.render.untrusted import workflow_data, workflow_property

_COMMANDS = {Treatment.BLOCK: "error", Treatment.WARN: "warning", Treatment.WAIVED: "notice"}


def render(report: Report) -> str:
    """One command a finding, problem and undecided result, and a last line with the verdict."""
    lines = [line for item in report.items for line in _item(report, item)]
    if not report.items:
        lines.append("::error title=gateproof::nothing was judged")
    lines.append(f"gateproof: {report.verdict}")
    return "\n".join(lines) + "\n"


def _item(report: Report, item: Item) -> Iterator[str]:
    file = workflow_property(item.name)
    for problem in item.decision.core.problems:
        yield f"::error file={file},title=cannot be judged::{workflow_data(problem)}"
    for each in item.findings():
        yield _annotation(report, item, each)
    for result in item.decision.core.results:
        if result.outcome is Outcome.ERROR:
            title = workflow_property(f"could not decide {result.policy}")
            yield f"::error file={file},title={title}::{workflow_data(f'{result.resource}: {result.reason}')}"


def _annotation(report: Report, item: Item, disposition: Disposition) -> str:
    finding = disposition.finding
    spot = spot_of(item, disposition)
    place = f",line={spot.line},col={spot.column}" if spot else ""
    policy = report.policies.get(finding.policy)
    fix = f" Fix: {policy.remediation}" if policy and policy.remediation else ""
    message = f"{finding.resource}: {finding.message}.{fix}" if finding.resource else f"{finding.message}.{fix}"
    title = workflow_property(f"{disposition.treatment} {finding.severity} {finding.policy}")
    command = _COMMANDS[disposition.treatment]
    return f"::{command} file={workflow_property(item.name)}{place},title={title}::{workflow_data(message)}"
