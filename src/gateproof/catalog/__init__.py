"""Catalog: policies, the controls that they enforce and the gate table, together the Bundle of what applies.

``build(builtin(), DEFAULT_GATE)`` is the bundle of everything that is shipped; ``load`` reads policies from text.
"""

from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT as DEFAULT_GATE
from gateproof.catalog.frameworks import Control, Framework
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.pack import builtin, load
from gateproof.catalog.policy import Policy

__all__ = ["DEFAULT_GATE", "Bundle", "Control", "Framework", "GateTable", "Policy", "build", "builtin", "load"]
