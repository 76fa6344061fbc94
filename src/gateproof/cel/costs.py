"""What a call costs, as Kubernetes counts it: cel-go's model and what the API server's libraries add to it."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Final

from gateproof.cel.checker import Resolved
from gateproof.cel.runtime import size_of
from gateproof.cel.values import Value

Cost = Callable[[tuple[Value, ...], Value], int]
"""From operands and result to units."""


def rule(call: Resolved) -> Cost:
    """The rule for a call."""
    return _RULES.get(call.function, _one)


def _one(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return 1


def _tenth(size: float) -> int:
    """A tenth, upwards: of a traversal of a string."""
    return ceil(size * 0.1)


def _scan(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(size_of(args[0]))


def _product(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(size_of(args[0])) * _tenth(size_of(args[1]))


def _regex(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(1 + size_of(args[0])) * ceil(size_of(args[1]) * 0.25)


_RULES: Final[dict[str, Cost]] = {
    "startsWith": _scan,
    "endsWith": _scan,
    "contains": _product,
    "matches": _regex,
}
