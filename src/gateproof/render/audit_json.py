"""Audit → JSON, a contract: what `gateproof audit --format json` writes."""

from __future__ import annotations

from typing import Any

import msgspec

from gateproof.audit import Audit, Report
from gateproof.audit.audit import Outcomes
from gateproof.gate.decision import Verdict
from gateproof.render.untrusted import encodable, json_document

VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def render(audit: Audit) -> str:
    """One object: ``version``, ``bundle``, ``at``, counts, ``namespaces`` with their open results, ``drift``.

    ``drift`` is null where nothing was compared.
    """
    document = {
        "version": VERSION,
        "bundle": audit.bundle.digest,
        "at": audit.now,
        "objects": audit.objects,
        "verdicts": {verdict.value: audit.verdicts[verdict] for verdict in Verdict},
        "policies": {name: _counts(audit.by_policy[name]) for name in sorted(audit.by_policy)},
        "namespaces": [_namespace(report) for report in audit.reports],
        "unread": {"count": audit.unread, "problems": list(map(encodable, audit.problems))},
        "drift": _drift(audit) if audit.compared >= 0 else None,
    }
    return json_document(msgspec.json.encode(document))


def _counts(found: dict[Outcomes, int]) -> dict[str, int]:
    return {outcome.value: found.get(outcome, 0) for outcome in Outcomes}


def _namespace(report: Report) -> dict[str, Any]:
    entries = report.entries
    return {
        "namespace": report.namespace,
        "counts": _counts(report.counts),
        "results": entries,
        "left_out": report.left_out,
    }


def _drift(audit: Audit) -> dict[str, Any]:
    found = sorted(audit.drift, key=lambda each: (each.kind, each.resource))
    return {"let_in": audit.compared, "counts": dict(sorted(audit.drifted.items())), "objects": found}
