"""Report → JUnit XML: a test suite per file, a test case per policy and resource.

Elements and attributes are those of the schema that Jenkins validates against (junit-10.xsd of its xUnit plugin).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Disposition, Treatment
from gateproof.render.report import Item, Report
from gateproof.render.untrusted import xml

_Place = tuple[str, str]
Kind = Literal["passed", "failure", "error", "skipped"]


class Case(NamedTuple):
    """One test case. ``message`` says what went wrong in a line, ``lines`` the rest; ``seconds`` may not be known."""

    classname: str
    name: str
    kind: Kind = "passed"
    message: str = ""
    lines: tuple[str, ...] = ()
    seconds: float | None = None

    def render(self) -> str:
        """The `testcase` element."""
        head = f'    <testcase classname="{xml(self.classname)}" name="{xml(self.name)}"'
        head += "" if self.seconds is None else f' time="{self.seconds:.6f}"'
        text = "\n".join(map(xml, self.lines))
        if self.kind == "passed":
            return f"{head}><system-out>{text}</system-out></testcase>" if text else f"{head}/>"
        return f'{head}><{self.kind} message="{xml(self.message)}">{text}</{self.kind}></testcase>'


def render(report: Report) -> str:
    """The `testsuites` document. Blocking findings are failures; what could not be judged or decided are errors."""
    suites = [(item.name, list(_cases(item))) for item in report.items]
    suites = suites or [("gateproof", [Case("gateproof", "input", "error", "nothing was judged")])]
    return document(suites)


def document(suites: Sequence[tuple[str, Sequence[Case]]]) -> str:
    """The `testsuites` document of named suites."""
    counts, _ = _counts([case for _, cases in suites for case in cases])
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="gateproof" {counts}>']
    for name, cases in suites:
        counts, skipped = _counts(cases)
        lines.append(f'  <testsuite name="{xml(name)}" {counts} skipped="{skipped}">')
        lines += (case.render() for case in cases)
        lines.append("  </testsuite>")
    return "\n".join((*lines, "</testsuites>", ""))


def _counts(cases: Sequence[Case]) -> tuple[str, int]:
    """The attributes that count what a suite and all of them have, and how many cases were skipped."""
    kinds = [case.kind for case in cases]
    failures, errors, skipped = (kinds.count(kind) for kind in ("failure", "error", "skipped"))
    return f'tests="{len(kinds)}" failures="{failures}" errors="{errors}"', skipped


def _cases(item: Item) -> Iterator[Case]:
    """A case for what keeps the whole item from being decided, then one for each policy and resource."""
    errors = {(result.policy, result.resource) for result in item.errors()}
    findings: dict[_Place, list[Disposition]] = {}
    for disposition in item.findings():
        findings.setdefault((disposition.finding.policy, disposition.finding.resource), []).append(disposition)
    results: dict[_Place, list[Result]] = {}
    for result in item.decision.core.results:
        results.setdefault((result.policy, result.resource), []).append(result)
    for name, why in item.open_points():
        yield Case("gateproof", name, "error", why)
    for place, found in results.items():
        yield _case(place, found, findings.get(place, []), is_open=place in errors)


def _case(place: _Place, results: list[Result], findings: list[Disposition], *, is_open: bool) -> Case:
    policy, resource = place[0], place[1] or "document"
    blocking = [each.finding.message for each in findings if each.treatment is Treatment.BLOCK]
    lines = tuple(
        f"{each.treatment} {each.finding.severity}, row {each.row}: {each.finding.message}" for each in findings
    )
    reasons = "; ".join(result.reason for result in results if result.reason)
    if blocking:
        return Case(policy, resource, "failure", "; ".join(blocking), lines)
    if is_open:
        return Case(policy, resource, "error", reasons, lines)
    if all(result.outcome is Outcome.SKIP for result in results):
        return Case(policy, resource, "skipped", reasons)
    return Case(policy, resource, lines=lines)
