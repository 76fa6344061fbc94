"""Report → SARIF 2.1.0 (OASIS), as code scanning services take it in.

Rules are the bundle's policies; a waived finding is a suppressed result; what could not be judged or decided is a
tool execution notification, so that an incomplete run does not look like a clean one; so are remarks, as warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Severity
from gateproof.documents import canonical
from gateproof.gate.decision import Disposition, Treatment
from gateproof.render.report import Item, Report, spot_of
from gateproof.render.untrusted import encodable, json_document, plain

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SCORES = {Severity.LOW: "3.0", Severity.MEDIUM: "5.5", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}
_LEVELS = {Treatment.BLOCK: "error", Treatment.WARN: "warning", Treatment.WAIVED: "note"}


def render(report: Report) -> str:
    """A SARIF log with one run."""
    errors = [each for item in report.items for each in _errors(item)]
    if not report.items:
        errors.append(_notification("error", "nothing was judged"))
    remarks = [each for item in report.items for each in _remarks(item)]
    driver = {
        "name": "gateproof",
        "version": report.tool or "0",
        "rules": [_rule(policy, report) for policy in report.bundle.policies],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not errors, "toolExecutionNotifications": [*errors, *remarks]}],
        "results": [each for item in report.items for each in _results(item)],
        "properties": {"verdict": str(report.verdict), "bundle": report.bundle.digest},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_document(msgspec.json.encode(log))


def _rule(policy: Policy, report: Report) -> dict[str, Any]:
    why = "; ".join(f"{control} {report.titles.get(control, '')}".strip() for control in policy.controls)
    return {
        "id": policy.id,
        "shortDescription": {"text": _text(policy.title) or policy.id},
        "fullDescription": {"text": _text(policy.description or policy.title) or policy.id},
        "help": {"text": _text(f"{policy.remediation} {why}").strip() or policy.id},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", *policy.controls], "security-severity": _SCORES[policy.severity]},
    }


def _results(item: Item) -> Iterator[dict[str, Any]]:
    artifact = _artifact(item)
    for disposition in item.findings():
        spot = spot_of(item, disposition)
        region = {"region": {"startLine": spot.line, "startColumn": spot.column}} if spot else {}
        yield _result(disposition, {**artifact, **region})


def _result(disposition: Disposition, place: dict[str, Any]) -> dict[str, Any]:
    finding = disposition.finding
    identity = [finding.policy, finding.resource, list(finding.path), finding.message]
    result: dict[str, Any] = {
        "ruleId": finding.policy,
        "level": _LEVELS[disposition.treatment],
        "message": {"text": _text(finding.message) or finding.policy},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"fullyQualifiedName": plain(finding.resource) or "document"}],
            }
        ],
        "partialFingerprints": {"gateproof/v1": canonical.digest_of(identity)[7:]},
        "properties": {"row": plain(disposition.row), "treatment": str(disposition.treatment)},
    }
    if disposition.treatment is Treatment.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": disposition.waiver}]
    return result


def _errors(item: Item) -> Iterator[dict[str, Any]]:
    texts = [f"{what}: {why}" for what, why in item.open_points()]
    texts += [f"{error.policy} on {error.resource or 'the document'}: {error.reason}" for error in item.errors()]
    locations = [{"physicalLocation": _artifact(item)}]
    for text in texts:
        yield _notification("error", text, locations=locations)


def _remarks(item: Item) -> Iterator[dict[str, Any]]:
    for remark in item.remarks:
        yield _notification("warning", remark.message, locations=[{"physicalLocation": _artifact(item)}])


def _notification(level: str, text: str, **more: Any) -> dict[str, Any]:
    return {"level": level, "message": {"text": _text(text)}, **more}


def _artifact(item: Item) -> dict[str, Any]:
    return {"artifactLocation": {"uri": quote(encodable(item.name), safe="/._-~")}}


def _text(text: str) -> str:
    """A plain text message: SARIF makes a link of ``[text](target)`` even there (section 3.11.6)."""
    return plain(text).replace("](", "] (")
