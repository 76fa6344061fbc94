"""Graphs as objects from a node to its neighbours (an array or a set), and ``walk``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateproof.rego.builtins.operands import object_, wrong_type
from gateproof.rego.context import Context
from gateproof.rego.values import RegoSet, Value, key, object_keys


def graph_reachable(ctx: Context, graph: Value, initial: Value) -> RegoSet:
    """The nodes of the graph that can be reached from ``initial``, those included."""
    edges = object_(graph, 1)
    waiting = _start(initial)
    reached: dict[Any, Value] = {}
    while waiting:
        node = waiting.pop()
        ctx.spend(1)
        form = key(node)
        if form in edges and form not in reached:
            reached[form] = node
            neighbours = _neighbours(edges[form])
            ctx.spend(len(neighbours))
            waiting += neighbours
    return RegoSet(reached)


def graph_reachable_paths(ctx: Context, graph: Value, initial: Value) -> RegoSet:
    """The longest paths without repetition from each of the ``initial`` nodes.

    There can be exponentially many: each step is charged with the length of its path.
    """
    edges = object_(graph, 1)
    found: dict[Any, Value] = {}
    for start in _start(initial):
        form = key(start)
        if form not in edges:
            continue
        neighbours = _neighbours(edges[form])
        if not neighbours:
            found[form,] = [start]
        for neighbour in neighbours:
            _follow(ctx, edges, neighbour, [start], found)
    return RegoSet(found)


def _follow(ctx: Context, edges: dict[Any, Value], node: Value, path: list[Value], found: dict[Any, Value]) -> None:
    """Add to ``found`` every path that starts with ``path`` and goes on to ``node``."""
    waiting = [(node, path)]
    while waiting:
        node, path = waiting.pop()
        ctx.spend(1 + len(path))
        form = key(node)
        neighbours = _neighbours(edges[form]) if form in edges else []
        if form in edges:
            path = [*path, node]
        if not neighbours:
            found[key(path)] = path
            ctx.check_size(len(found))
            continue
        visited = {key(step) for step in path}
        onward = [neighbour for neighbour in neighbours if key(neighbour) not in visited]
        if len(onward) < len(neighbours):
            found[key(path)] = path  # a cycle ends here
        waiting += [(neighbour, path) for neighbour in onward]


def _start(initial: Value) -> list[Value]:
    if type(initial) is list or type(initial) is RegoSet:
        return list(initial)
    raise wrong_type(2, initial, "{array, set}")


def _neighbours(edges: Value) -> list[Value]:
    if type(edges) is list:
        return edges
    return edges.ordered() if type(edges) is RegoSet else []


def walk(ctx: Context, document: Value) -> Iterator[list[Value]]:
    """``[path, value]`` for ``document`` and for everything in it, containers before their members."""
    ctx.spend(1)
    yield [[], document]
    entered: list[tuple[list[Value], Iterator[tuple[Value, Value]]]] = [([], _members(document))]
    while entered:
        path, members = entered[-1]
        for name, value in members:
            ctx.spend(1 + len(path) // 8)
            below = [*path, name]
            yield [below, value]
            if type(value) in _CONTAINERS:
                entered.append((below, _members(value)))
                break
        else:
            entered.pop()


_CONTAINERS = frozenset({list, dict, RegoSet})


def _members(value: Value) -> Iterator[tuple[Value, Value]]:
    """What is in a container, by its place, one after the other: nothing that lives long is made of a large one."""
    kind = type(value)
    if kind is list:
        return enumerate(value)
    if kind is dict:
        return ((name, value[key(name)]) for name in object_keys(value))
    return ((item, item) for item in value) if kind is RegoSet else iter(())
