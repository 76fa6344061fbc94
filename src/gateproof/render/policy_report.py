"""Audit → PolicyReports and a ClusterPolicyReport (wgpolicyk8s.io/v1alpha2), as YAML for `kubectl apply --server-side`.

The API is that of https://github.com/kubernetes-sigs/wg-policy-prototypes/tree/main/policy-report. A report for each
namespace, and one for objects that are in none. ``summary`` counts everything; ``results`` are the worst, as many as an
object of the API server can hold, and an annotation says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateproof.audit import Audit, Report
from gateproof.audit.audit import Entry, Outcomes
from gateproof.documents.instants import instant
from gateproof.documents.yaml_writer import write_stream
from gateproof.render.untrusted import plain

API_VERSION = "wgpolicyk8s.io/v1alpha2"
SOURCE = "gateproof"
NAME = "gateproof"

_MESSAGE = 400
_PROPERTY = 200
_LEFT_OUT = "gateproof.dev/results-left-out"
_BUNDLE = "gateproof.dev/bundle"


def render(audit: Audit) -> str:
    """The reports as one YAML stream."""
    return write_stream(documents(audit))


def documents(audit: Audit) -> list[dict[str, Any]]:
    """The reports, that of objects without a namespace first."""
    seconds = int(instant(audit.now).timestamp())
    return [_report(audit, report, seconds) for report in audit.reports]


def _report(audit: Audit, report: Report, seconds: int) -> dict[str, Any]:
    results = [_result(audit, entry, seconds) for entry in report.entries]
    metadata: dict[str, Any] = {"name": NAME}
    if report.namespace:
        metadata["namespace"] = report.namespace
    metadata["labels"] = {"app.kubernetes.io/managed-by": NAME}
    metadata["annotations"] = {_BUNDLE: audit.bundle.digest}
    if report.left_out:
        metadata["annotations"][_LEFT_OUT] = str(report.left_out)
    return {
        "apiVersion": API_VERSION,
        "kind": "PolicyReport" if report.namespace else "ClusterPolicyReport",
        "metadata": metadata,
        "summary": {outcome.value: report.counts[outcome] for outcome in Outcomes},
        "results": results,
    }


def _result(audit: Audit, entry: Entry, seconds: int) -> dict[str, Any]:
    policy = audit.policies.get(entry.policy)
    subject = entry.subject
    reference = {"apiVersion": subject.api_version, "kind": subject.kind, "name": subject.name}
    if subject.namespace:
        reference["namespace"] = subject.namespace
    if subject.uid:
        reference["uid"] = subject.uid
    made: dict[str, Any] = {
        "policy": entry.policy,
        "result": str(entry.outcome),
        "severity": str(entry.severity),
        "scored": entry.outcome in (Outcomes.PASS, Outcomes.FAIL),
        "source": SOURCE,
        "timestamp": {"seconds": seconds, "nanos": 0},
        "resources": [{key: plain(value, 300) for key, value in reference.items()}],
    }
    if entry.rule:
        made["rule"] = plain(entry.rule, _PROPERTY)
    if policy and policy.controls:
        made["category"] = policy.controls[0]
    if entry.message:
        made["message"] = plain(entry.message, _MESSAGE)
    if properties := dict(_properties(entry, policy.controls if policy else ())):
        made["properties"] = properties
    return made


def _properties(entry: Entry, controls: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    said = {
        "controls": ", ".join(controls),
        "path": ".".join(map(str, entry.path)),
        "treatment": entry.treatment,
        "row": entry.row,
        "waiver": entry.waiver,
    }
    for name, value in said.items():
        if value:
            yield name, plain(value, _PROPERTY)
