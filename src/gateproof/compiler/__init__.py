"""The back end that Rego and CEL share: typed IR, Python ``ast``, code; and the budgets it runs under."""

from __future__ import annotations

from gateproof.compiler.budget import Budget, Limits

__all__ = ["Budget", "Limits"]
