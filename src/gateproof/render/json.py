"""Report → JSON, a contract: what `gateproof check --format json` writes."""

from __future__ import annotations

from typing import Any

import msgspec

from gateproof.documents import Path
from gateproof.render.report import Item, Report, Spot
from gateproof.render.untrusted import encodable, json_document

VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def render(report: Report) -> str:
    """One object: ``version``, ``verdict``, ``bundle``, ``items`` (each with the whole decision), ``passed_over``.

    In an item, ``verdict`` is the one at ``layer``, and ``departure`` (or null) says how that differs from ``core``.
    """
    document = {
        "version": VERSION,
        "tool": report.tool,
        "verdict": str(report.verdict),
        "bundle": report.bundle.digest,
        "items": [_item(item) for item in report.items],
        "passed_over": [encodable(name) for name in report.passed_over],
    }
    return json_document(msgspec.json.encode(document))


def _item(item: Item) -> dict[str, Any]:
    decision = item.decision
    return {
        "name": encodable(item.name),
        "verdict": str(decision.verdict),
        "decision": decision.digest,
        "layer": str(decision.layer),
        "departure": decision.core.departure_at(decision.layer),
        "core": decision.core,
        "places": [_place(*key, spot) for key, spot in item.spots.items()],
        "remarks": item.remarks,
        "proof": item.proof,
    }


def _place(document: int, path: Path, spot: Spot) -> dict[str, Any]:
    return {"document": document, "path": path, "line": spot.line, "column": spot.column}
