"""Findings on one object: thousands are kept as a hundred, and decide the same."""

from __future__ import annotations

import json

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import bundle, pack
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.scales import Severity
from gateproof.engines.bounds import MAX_FINDINGS, MAX_REASONS, bounded, told
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.flow import judge
from gateproof.gate.decision import Verdict
from gateproof.inputs.context import Context

NOW = "2026-11-23T05:00:00Z"


def _finding(number: int, severity: Severity = Severity.HIGH) -> Finding:
    return Finding("p", "r", f"finding {number:05}", severity, ("C",), 0, ("spec", number))


def _result(findings: list[Finding]) -> Result:
    return Result("p", "r", Outcome.FAIL, findings=tuple(findings))


def _pod(containers: int) -> bytes:
    made = [{"name": f"c{number}", "image": "web:latest"} for number in range(containers)]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "many"}, "spec": {"containers": made}}
    return json.dumps(pod).encode()


def test_the_rest_is_counted() -> None:
    kept = bounded(_result([_finding(number) for number in range(5_000)])).findings
    assert len(kept) == MAX_FINDINGS + 1
    assert kept[0] == _finding(0)
    last = kept[-1]
    assert (last.message, last.path) == ("and 4900 more findings of this policy on this object", ())
    assert (last.policy, last.resource, last.severity, last.controls) == ("p", "r", Severity.HIGH, ("C",))


def test_as_many_as_fit_stay_as_they_are() -> None:
    whole = _result([_finding(number) for number in range(MAX_FINDINGS)])
    assert bounded(whole) == whole


def test_the_order_of_findings_makes_no_difference() -> None:
    findings = [_finding(number) for number in range(300)]
    expected = bounded(_result(findings))
    assert bounded(_result(findings[::-1])) == expected
    assert bounded(_result(findings[1::2] + findings[::2])) == expected


def test_what_the_gate_tells_apart_is_kept() -> None:
    """One critical finding, or one that does not only warn, is not lost among thousands of others."""
    warnings = [msgspec.structs.replace(_finding(number), advisory=True) for number in range(1_000)]
    mild = [_finding(number, Severity.LOW) for number in range(1_000)]
    kept = bounded(_result([*warnings, *mild, _finding(9, Severity.CRITICAL)])).findings
    assert _finding(9, Severity.CRITICAL) in kept
    assert {(each.severity, each.advisory is True) for each in kept} == {
        (Severity.HIGH, True),
        (Severity.LOW, False),
        (Severity.CRITICAL, False),
    }


def test_reasons_are_told_in_order_and_counted() -> None:
    assert told(["b", "a"]) == "a; b"
    text = told([f"reason {number:05}" for number in range(5_000)])
    assert text.endswith(f"reason {MAX_REASONS - 1:05}; and {5_000 - MAX_REASONS} more reasons")


@pytest.mark.parametrize("containers", [2_000])
def test_a_pod_of_thousands_of_containers_leaves_little_evidence(containers: int) -> None:
    judges = bundle.build(pack.builtin(), DEFAULT)
    decision = judge(_pod(containers), judges, {}, Context(), (), None, NOW)
    assert decision.verdict is Verdict.DENY
    assert len(decision.encoded) < 2_000_000
    results = engines.evaluate(inputs.parse(_pod(containers)), judges, Context(), {}, now=NOW)
    assert max(len(each.findings) for each in results) == MAX_FINDINGS + 1
