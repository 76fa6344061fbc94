"""gateproof: executable gates, signed proof, answers that can be checked offline.

``judge`` decides, ``record`` keeps the proof; the nouns are the ones of docs/concepts.md. Names are imported when they
are used, so that ``import gateproof`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gateproof.catalog.bundle import Bundle
    from gateproof.catalog.policy import Policy
    from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
    from gateproof.engines.interface import Finding, Outcome, Result
    from gateproof.errors import GateproofError
    from gateproof.flow import Grounds, Judged, judge, judge_input, record
    from gateproof.gate.decision import Decision, Verdict
    from gateproof.inputs.context import Context, Fact
    from gateproof.inputs.input import Input

_HOMES = {
    "Bundle": "gateproof.catalog.bundle",
    "Policy": "gateproof.catalog.policy",
    "Classification": "gateproof.catalog.scales",
    "Environment": "gateproof.catalog.scales",
    "Layer": "gateproof.catalog.scales",
    "Severity": "gateproof.catalog.scales",
    "Tier": "gateproof.catalog.scales",
    "Finding": "gateproof.engines.interface",
    "Outcome": "gateproof.engines.interface",
    "Result": "gateproof.engines.interface",
    "GateproofError": "gateproof.errors",
    "Grounds": "gateproof.flow",
    "Judged": "gateproof.flow",
    "judge": "gateproof.flow",
    "judge_input": "gateproof.flow",
    "record": "gateproof.flow",
    "Decision": "gateproof.gate.decision",
    "Verdict": "gateproof.gate.decision",
    "Context": "gateproof.inputs.context",
    "Fact": "gateproof.inputs.context",
    "Input": "gateproof.inputs.input",
}

__all__ = [
    "Bundle",
    "Classification",
    "Context",
    "Decision",
    "Environment",
    "Fact",
    "Finding",
    "GateproofError",
    "Grounds",
    "Input",
    "Judged",
    "Layer",
    "Outcome",
    "Policy",
    "Result",
    "Severity",
    "Tier",
    "Verdict",
    "__version__",
    "judge",
    "judge_input",
    "record",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
