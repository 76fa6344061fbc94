"""What the planner makes: everything an evaluation needs, as plain data that can be stored."""

from __future__ import annotations

import msgspec

from gateproof.compiler import ir
from gateproof.rego.builtins import BUILTINS

FORMAT = 10
"""Goes up with every change of the plan, the IR or the names that generated code calls."""


class RulePlan(msgspec.Struct):
    """A virtual document.

    ``kind``: ``complete`` (one value), ``set``, ``object`` (one level of keys) or ``tree`` (anything
    deeper). ``clauses`` are names of generated functions, of which a complete rule has one; ``at`` is where the first
    clause stands.
    """

    path: list[str]
    kind: str
    clauses: list[str]
    at: str


class Operand(msgspec.Struct):
    """A value that a check looks at: its number among those that the site reports, and where it came from.

    ``path`` starts with ``input``, ``data`` or a variable; None is any member of what stands there. The last of those
    was ``anchor``, the number of another reported value, or -1.
    """

    value: int
    path: list[str | int | None]
    anchor: int = -1


class Check(msgspec.Struct):
    """A step of an expression that depends on types.

    ``kind``: ``key`` (``name`` is looked up in the operand), ``index`` (the second operand in the first, of ``input``
    or of base ``data``, see ``name``), ``loop`` (over the operand), ``equal`` (both operands, or the one and a constant
    of the type ``name``) or ``call`` (of the builtin ``name``: its result and its operands).
    """

    kind: str
    operands: list[Operand]
    name: str = ""


class Site(msgspec.Struct):
    """An expression, or a part of one, that is watched: ``place`` is ``file:line``; checks are in order of evaluation.

    ``clause`` is the number of the :class:`Clause` that it belongs to. ``before`` is the site that has held whenever
    this one is reached, or -1.
    """

    clause: int
    before: int
    place: str
    text: str
    checks: list[Check]


class Clause(msgspec.Struct):
    """A clause that is watched, or one of its ``else``. ``site`` is a number of its own: that its body has held.

    ``alternatives`` names the clauses of which it is enough that one holds; empty where each says something by itself.
    """

    rule: str
    site: int
    alternatives: str


class Plan(msgspec.Struct):
    """A compiled set of modules.

    ``tree`` maps names to sub-trees, or to the number of the rule that stands there. ``nodes`` are the
    inner places of the tree that are read as documents. ``constants`` are functions whose value is made once, in
    this order. ``outputs`` names the variables of a query. ``standing`` are the numbers of rules that say
    the same in every evaluation. ``sites`` and ``clauses`` are of a program that is watched.
    """

    format: int
    functions: list[ir.Function]
    constants: list[str]
    rules: list[RulePlan]
    tree: dict[str, object]
    nodes: list[list[str]]
    builtins: list[str]
    outputs: list[str]
    standing: list[int] = []
    sites: list[Site] = []
    clauses: list[Clause] = []


def local_name(number: int, name: str) -> str:
    """The name of a builtin in generated code: its own where it is one of ours, else a number."""
    return f"builtin_{name.replace('.', '_')}" if name in BUILTINS else f"builtin_{number}"
