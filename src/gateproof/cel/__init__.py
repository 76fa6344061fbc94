"""The Common Expression Language, as Kubernetes has it: a library of its own.

``compile`` turns an expression into a :class:`Program`; evaluating one is pure.
"""

from __future__ import annotations

from gateproof.cel.budget import EXPRESSION_COST, MATCH_CONDITIONS_COST, POLICY_COST, Budget
from gateproof.cel.calls import Function
from gateproof.cel.errors import BudgetError, CompileError, EvaluationError, Problem
from gateproof.cel.program import EVERYTHING, KUBERNETES, Program, compile
from gateproof.cel.types import Type
from gateproof.cel.values import Duration, Lazy, Opaque, Optional, Timestamp, TypeValue, Uint

__all__ = [
    "EVERYTHING",
    "EXPRESSION_COST",
    "KUBERNETES",
    "MATCH_CONDITIONS_COST",
    "POLICY_COST",
    "Budget",
    "BudgetError",
    "CompileError",
    "Duration",
    "EvaluationError",
    "Function",
    "Lazy",
    "Opaque",
    "Optional",
    "Problem",
    "Program",
    "Timestamp",
    "Type",
    "TypeValue",
    "Uint",
    "compile",
]
