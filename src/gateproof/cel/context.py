"""What one evaluation has."""

from __future__ import annotations

from collections.abc import Mapping

from gateproof.cel.budget import Meter
from gateproof.cel.values import Value


class Context:
    """One evaluation: its variables, and what it may still cost."""

    __slots__ = ("bindings", "budget")

    def __init__(self, bindings: Mapping[str, Value], budget: Meter) -> None:
        self.bindings = bindings
        self.budget = budget
