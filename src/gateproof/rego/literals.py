"""JSON values as syntax, for what is known when compiling."""

from __future__ import annotations

from typing import Any

from gateproof.rego.syntax import Array, Node, Object, Scalar


def literal_of(at: int, value: Any) -> Node:
    """The term whose value is the JSON value ``value``."""
    if isinstance(value, list):
        return Array(at, [literal_of(at, item) for item in value])
    if isinstance(value, dict):
        return Object(at, [(Scalar(at, str(name)), literal_of(at, member)) for name, member in value.items()])
    return Scalar(at, value)
