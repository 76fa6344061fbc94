"""Report → JUnit XML: a test suite per file, a test case per policy and resource."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Disposition, Treatment
from gateproof.render.report import Report
from gateproof.render.untrusted import xml


def render(report: Report) -> str:
    """The `testsuites` document. Blocking findings are failures; what could not be judged or decided are errors."""
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *_suites(report), "</testsuites>", ""))


def _suites(report: Report) -> Iterator[str]:
    for item in report.items:
        core = item.decision.core
        dispositions: dict[tuple[str, str], list[Disposition]] = {}
        for each in core.dispositions:
            dispositions.setdefault((each.finding.policy, each.finding.resource), []).append(each)
        cases = [_case(result, dispositions.get((result.policy, result.resource), [])) for result in core.results]
        cases += [_problem(problem) for problem in core.problems]
        failures = sum("<failure" in case for case in cases)
        errors = sum("<error" in case for case in cases)
        skipped = sum("<skipped" in case for case in cases)
        counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
        yield f'  <testsuite name="{xml(item.name)}" {counts}>'
        yield from cases
        yield "  </testsuite>"


def _case(result: Result, dispositions: list[Disposition]) -> str:
    head = f'    <testcase classname="{xml(result.policy)}" name="{xml(result.resource or "document")}"'
    if result.outcome is Outcome.SKIP:
        return f'{head}><skipped message="{xml(result.reason)}"/></testcase>'
    if result.outcome is Outcome.ERROR:
        return f'{head}><error message="{xml(result.reason)}"/></testcase>'
    blocking = [each for each in dispositions if each.treatment is Treatment.BLOCK]
    others = [each for each in dispositions if each.treatment is not Treatment.BLOCK]
    body = "".join(
        f'<failure type="{each.finding.severity}" message="{xml(each.finding.message)}">{xml(each.row)}</failure>'
        for each in blocking
    )
    if others:
        notes = "; ".join(xml(f"{each.treatment}: {each.finding.message}") for each in others)
        body += f"<system-out>{notes}</system-out>"
    return f"{head}>{body}</testcase>" if body else f"{head}/>"


def _problem(problem: str) -> str:
    return f'    <testcase classname="gateproof" name="input"><error message="{xml(problem)}"/></testcase>'
