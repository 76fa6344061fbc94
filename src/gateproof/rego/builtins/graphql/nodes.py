"""The syntax tree of GraphQL as policies see it: plain objects, named as in OPA.

A node has no member that is null, an empty array or an empty object; members that are strings, numbers or
booleans are always there. Positions in the text are left out, comments are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateproof.errors import BudgetError
from gateproof.rego.builtins.operands import fail

__all__ = [
    "BLOCK",
    "BOOLEAN",
    "ENUM",
    "FLOAT",
    "INT",
    "LIST",
    "MAX_DEPTH",
    "NULL",
    "OBJECT",
    "STRING",
    "VARIABLE",
    "Node",
    "by_name",
    "node",
    "too_deep",
    "type_name",
]

Node = dict[str, Any]

MAX_DEPTH = 64
"""How deep selections (through fragments), values and types may nest."""

VARIABLE, INT, FLOAT, STRING, BLOCK, BOOLEAN, NULL, ENUM, LIST, OBJECT = range(10)
"""The kinds of values, in the member ``Kind``."""


def node(**members: Any) -> Node:
    """A node with those ``members`` that are not empty."""
    return {name: value for name, value in members.items() if value is not None and value != [] and value != {}}


def by_name(nodes: Iterable[Node]) -> dict[str, Node]:
    """The nodes by their names; of equal names the first counts."""
    result: dict[str, Node] = {}
    for each in nodes:
        result.setdefault(each["Name"], each)
    return result


def type_name(reference: Node | None) -> str:
    """The named type within the lists of a type reference; "" and nothing at all are no types."""
    while reference is not None and not reference["NamedType"]:
        reference = reference.get("Elem")
    if reference is None:
        raise fail("a type is missing in a GraphQL syntax tree")
    name: str = reference["NamedType"]
    return name


def too_deep() -> BudgetError:
    return BudgetError("a GraphQL document is nested too deeply", hint=f"nest at most {MAX_DEPTH} levels")
