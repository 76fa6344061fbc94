"""Rules that say the same in every evaluation: what a policy computes from nothing that is given."""

from __future__ import annotations

import re

from gateproof.compiler import ir
from gateproof.rego.fusion import nodes
from gateproof.rego.plan import Plan

# What generated code calls that reads what an evaluation is given, or tells somebody something.
_GIVEN = frozenset({"document", "get_base", "lookup", "missed", "mocked", "print_", "related", "replaced"})
# What it calls for nothing but to add to a document.
_ADDING = frozenset({"contribute", "contribute_member", "put"})
# Builtins that depend on the time, the seed or the host, or say something to it.
_VARYING = re.compile(r"builtin_(\d+|(io|opa|rand|rego|time|uuid|crypto_x509)_.*|trace)")


def standing(plan: Plan) -> list[int]:
    """Numbers of the rules of ``plan`` that depend on nothing but the program, in order."""
    uses: dict[str, set[str] | None] = {name: set() for name in plan.constants}
    uses |= {one.name: _uses(one) for one in plan.functions if one.name not in uses}
    uses |= {f"rule_{number}": set(rule.clauses) for number, rule in enumerate(plan.rules)}
    free = {name for name, used in uses.items() if used is not None}
    while varying := {name for name in free if not free.issuperset(uses[name] or ())}:
        free -= varying
    return [number for number in range(len(plan.rules)) if f"rule_{number}" in free]


def _uses(function: ir.Function) -> set[str] | None:
    """The rules and functions that a function uses; None when it reads something that is given."""
    used = set()
    for node in nodes(function.body):
        if isinstance(node, ir.Attribute) or (isinstance(node, ir.Do) and not _adds(node)):
            return None
        name = node.function if isinstance(node, ir.Call) else node.id if isinstance(node, ir.Name) else ""
        if name in _GIVEN or name.startswith("trace_") or _VARYING.fullmatch(name):
            return None
        if name.startswith(("rule_", "function_")):
            used.add(name)
    return used


def _adds(node: ir.Do) -> bool:
    return isinstance(node.value, ir.Call) and node.value.function in _ADDING
