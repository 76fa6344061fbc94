"""Reachability and ``walk``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet

Call = Callable[..., Any]
S = RegoSet.of
GRAPH = {"a": ["b", "c"], "b": S(["d"]), "c": ["a"], "d": [], "e": ["a"]}


def test_reachable_nodes(call: Call) -> None:
    assert call("graph.reachable", GRAPH, ["a"]) == S(["a", "b", "c", "d"])
    assert call("graph.reachable", GRAPH, S(["x"])) == S([])


def test_reachable_paths_end_at_leaves_and_cycles(call: Call) -> None:
    assert call("graph.reachable_paths", GRAPH, ["a"]) == S([["a", "b", "d"], ["a", "c"]])
    assert call("graph.reachable_paths", GRAPH, ["d"]) == S([["d"]])


@pytest.mark.parametrize("name", ["graph.reachable", "graph.reachable_paths"])
def test_types(call: Call, name: str) -> None:
    with pytest.raises(BuiltinError, match=r"operand 2 must be \{array, set\} but got string"):
        call(name, {}, "a")


def test_walk_goes_from_the_outside_in(call: Call) -> None:
    assert list(call("walk", {"b": [1], "a": S([2])})) == [
        [[], {"b": [1], "a": S([2])}],
        [["a"], S([2])],
        [["a", 2], 2],
        [["b"], [1]],
        [["b", 0], 1],
    ]


def test_walk_is_paid_for_as_it_goes(poor_call: Call) -> None:
    value: list[Any] = []
    for _ in range(60):
        value = [value, value]
    with pytest.raises(BudgetError):
        list(poor_call("walk", value))


def test_all_paths_of_a_dense_graph_are_too_many(poor_call: Call) -> None:
    nodes = [str(n) for n in range(12)]
    with pytest.raises(BudgetError):
        poor_call("graph.reachable_paths", dict.fromkeys(nodes, nodes), ["0"])
