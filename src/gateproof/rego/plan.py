"""What the planner makes: everything an evaluation needs, as plain data that can be stored."""

from __future__ import annotations

import msgspec

from gateproof.compiler import ir
from gateproof.rego.builtins import BUILTINS

FORMAT = 2
"""Goes up with every change of the plan, the IR or the names that generated code calls."""


class RulePlan(msgspec.Struct):
    """A virtual document.

    ``kind``: ``complete`` (one value), ``set``, ``object`` (one level of keys) or ``tree`` (anything
    deeper). ``clauses`` and ``default`` are names of generated functions; ``at`` is where the first clause
    stands. ``uniform``: all clauses have the same constant value, so the first that holds decides.
    """

    path: list[str]
    kind: str
    clauses: list[str]
    default: str | None
    at: str
    uniform: bool = False


class FunctionPlan(msgspec.Struct):
    """A function of a policy."""

    path: list[str]
    arity: int
    clauses: list[str]
    default: str | None
    at: str


class Plan(msgspec.Struct):
    """A compiled set of modules.

    ``tree`` maps names to sub-trees, or to the number of the rule that stands there. ``nodes`` are the
    inner places of the tree that are read as documents. ``constants`` are functions whose value is made once, in
    this order. ``outputs`` names the variables of a query.
    """

    format: int
    functions: list[ir.Function]
    constants: list[str]
    rules: list[RulePlan]
    callables: list[FunctionPlan]
    tree: dict[str, object]
    nodes: list[list[str]]
    builtins: list[str]
    outputs: list[str]


def local_name(number: int, name: str) -> str:
    """The name of a builtin in generated code: its own where it is one of ours, else a number."""
    return f"builtin_{name.replace('.', '_')}" if name in BUILTINS else f"builtin_{number}"
