"""The gate: results, waivers and facts become a Decision by the gate table. Pure."""

from gateproof.gate.decide import decide
from gateproof.gate.decision import (
    Core,
    Coverage,
    Decision,
    Departure,
    Disposition,
    Obligation,
    Scene,
    Treatment,
    Verdict,
    WaiverUse,
)
from gateproof.gate.table import check_table, merge, row_for

__all__ = [
    "Core",
    "Coverage",
    "Decision",
    "Departure",
    "Disposition",
    "Obligation",
    "Scene",
    "Treatment",
    "Verdict",
    "WaiverUse",
    "check_table",
    "decide",
    "merge",
    "row_for",
]
