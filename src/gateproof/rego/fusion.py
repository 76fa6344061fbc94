"""The clauses of one rule, or of one function, as one generated function: what they share is done once.

All clauses of a set or an object are evaluated whatever they find, so that their order and their places are free. A
large input is read from memory once for all of them. Those of a function, or of a rule with one value, are tried in
their order, in place of calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.compiler import ir
from gateproof.rego.emitter import CTX, UNDEFINED
from gateproof.rego.plan import RulePlan

_MOST_GUARDS = 60
"""Conditions of a clause that is fused: there they stand inside each other, and Python compiles only so deep."""

_ANSWER = ir.Name("answer")

LOCALS: dict[type, tuple[str, ...]] = {
    ir.Assign: ("target",),
    ir.Store: ("target",),
    ir.Append: ("target",),
    ir.Loop: ("key", "value"),
    ir.Scope: ("flag",),
    ir.Succeed: ("flag",),
}
"""The fields that hold names of locals, beside :class:`ir.Name`."""


def fuse(functions: Sequence[ir.Function], rules: Sequence[RulePlan]) -> list[ir.Function]:
    """The functions, with the clauses of each collecting rule in its first; ``rules`` are changed to say so."""
    by_name = {function.name: function for function in functions}
    for rule in rules:
        clauses = [by_name[name] for name in rule.clauses]
        if rule.kind == "complete" or len(clauses) < 2 or not all(_may_fuse(clause) for clause in clauses):
            continue
        first = clauses[0]
        bodies = [_renamed(clause.body, _own_names(clause, number)) for number, clause in enumerate(clauses)]
        by_name[first.name] = ir.Function(first.name, first.params, _merged(bodies), _labels(clauses))
        for clause in clauses[1:]:
            del by_name[clause.name]
        rule.clauses = [first.name]
    return list(by_name.values())


class Alternatives(msgspec.Struct):
    """Clauses by name, and a default, that are one function ``name``. ``uniform``: all give the same constant."""

    name: str
    params: list[str]
    clauses: list[str]
    default: str | None
    uniform: bool


def join(functions: Sequence[ir.Function], several: Sequence[Alternatives], *, inline: bool) -> list[ir.Function]:
    """The functions and those that ``several`` describe. ``inline``: with the clauses in their bodies.

    The first clause that holds decides where all give the same; otherwise those that hold must agree.
    """
    by_name = {function.name: function for function in functions}
    for each in several:
        body: list[ir.Stmt] = [] if each.uniform else [ir.Assign(_ANSWER.id, UNDEFINED)]
        known: dict[ir.Expr, str] = {}
        clauses = [by_name[name] for name in each.clauses]
        for number, clause in enumerate(clauses):
            part = _inlined(clause, number, uniform=each.uniform) if inline else None
            if part is None:
                part = _called(clause, number, uniform=each.uniform)
            else:
                del by_name[clause.name]
            rest = _after_lookups(_flat(part), known, body)
            body.append(ir.Scope(None, rest))
        if each.default:
            untold = [] if each.uniform else [ir.Guard(ir.Is(_ANSWER, UNDEFINED))]
            value = ir.Call(each.default, [ir.Name(param) for param in each.params])
            body.append(ir.Scope(None, [*untold, ir.Return(value)]))
        if not each.uniform:
            body.append(ir.Return(_ANSWER))
        label = _labels(clauses or [by_name[each.default or ""]])
        by_name[each.name] = ir.Function(each.name, each.params, body, label)
    return list(by_name.values())


def _inlined(clause: ir.Function, number: int, *, uniform: bool) -> list[ir.Stmt] | None:
    """The statements of a clause that leave its value as the answer; None if it has to be called."""
    parts = list(nodes(clause.body))
    if sum(isinstance(node, ir.Guard) for node in parts) > _MOST_GUARDS:
        return None
    body: list[ir.Stmt] = _renamed(clause.body, _own_names(clause, number))
    if uniform:
        return body
    if sum(isinstance(node, ir.Return) for node in parts) != 1:
        return None
    last = _last_block(body)
    if isinstance(last[-1], ir.Return):
        last[-1:] = _answered(last[-1].value, number)
        return body
    (returned,) = (node for node in nodes(body) if isinstance(node, ir.Return))
    if not isinstance(returned.value, ir.Const):
        return None
    held = f"held_{number}"
    found: list[ir.Stmt] = [ir.Guard(ir.Name(held)), *_answered(returned.value, number)]
    return [ir.Scope(held, _replaced(body, returned, ir.Succeed(held))), ir.Scope(None, found)]


def _called(clause: ir.Function, number: int, *, uniform: bool) -> list[ir.Stmt]:
    """A call of a clause, whose value is the answer if it has one."""
    found = ir.Name(f"found_{number}")
    call = ir.Call(clause.name, [ir.Name(param) for param in clause.params])
    taken = [ir.Return(found)] if uniform else _answered(found, number)
    return [ir.Assign(found.id, call), ir.Guard(ir.Not(ir.Is(found, UNDEFINED))), *taken]


def _answered(value: ir.Expr, number: int) -> list[ir.Stmt]:
    """Take ``value`` for the answer, with which those of the clauses before must agree."""
    return [ir.Assign(_ANSWER.id, ir.Call("agree", [CTX, _ANSWER, value]) if number else value)]


def _last_block(body: list[ir.Stmt]) -> list[ir.Stmt]:
    """The list that the last statement stands in."""
    while body and isinstance(body[-1], ir.Scope) and body[-1].flag is None:
        body = body[-1].body
    return body


def _replaced(body: Sequence[ir.Stmt], old: ir.Stmt, new: ir.Stmt) -> list[ir.Stmt]:
    """``body`` with ``new`` in the place of the statement ``old``."""
    result: list[ir.Stmt] = []
    for each in body:
        if isinstance(each, ir.Loop):
            result.append(ir.Loop(each.key, each.value, each.source, _replaced(each.body, old, new)))
        elif isinstance(each, ir.Scope):
            result.append(ir.Scope(each.flag, _replaced(each.body, old, new)))
        else:
            result.append(new if each is old else each)
    return result


def _labels(clauses: Sequence[ir.Function]) -> str:
    return ", ".join(clause.label for clause in clauses)


def _may_fuse(clause: ir.Function) -> bool:
    parts = list(nodes(clause.body))
    leaves = any(isinstance(node, ir.Return) for node in parts)
    return not leaves and sum(isinstance(node, ir.Guard) for node in parts) <= _MOST_GUARDS


def _own_names(clause: ir.Function, number: int) -> dict[str, str]:
    """New names for all locals of a clause, so that no two clauses share one."""
    named = {getattr(node, field) for node in nodes(clause.body) for field in LOCALS.get(type(node), ())}
    return {name: f"{name}_{number}" for name in named - {None, *clause.params}} if number else {}


def _merged(bodies: Sequence[list[ir.Stmt]]) -> list[ir.Stmt]:
    """One body that does what ``bodies`` do: look-ups at their beginnings once each, loops over the same together."""
    merged: list[ir.Stmt] = []
    known: dict[ir.Expr, str] = {}
    loops: list[tuple[ir.Loop, list[list[ir.Stmt]]]] = []
    rests: list[ir.Stmt] = []
    for body in bodies:
        rest = _after_lookups(_flat(body), known, merged)
        loop = rest[-1] if rest else None
        if not isinstance(loop, ir.Loop) or not all(isinstance(each, (ir.Do, ir.Report)) for each in rest[:-1]):
            rests.append(ir.Scope(None, rest))
            continue
        merged += rest[:-1]
        same = next((each for each in loops if _is_same_loop(each[0], loop)), None)
        if same is None:
            loops.append((loop, [loop.body]))
        else:
            names = {loop.value: same[0].value}
            if loop.key and same[0].key:
                names[loop.key] = same[0].key
            same[1].append(_renamed(loop.body, names))
    for loop, inner in loops:
        rests.append(ir.Loop(loop.key, loop.value, loop.source, _merged(inner) if len(inner) > 1 else loop.body))
    return merged + rests


def _after_lookups(body: Sequence[ir.Stmt], known: dict[ir.Expr, str], merged: list[ir.Stmt]) -> list[ir.Stmt]:
    """What follows the look-ups that ``body`` begins with, which are added to ``merged`` unless ``known``."""
    names: dict[str, str] = {}
    for position, statement in enumerate(body):
        if isinstance(statement, ir.Report):
            merged.append(_renamed(statement, names))
            continue
        if not (isinstance(statement, ir.Assign) and isinstance(statement.value, (ir.Field, ir.Attribute))):
            return _renamed(list(body[position:]), names)  # type: ignore[no-any-return]  # a list as before
        value = _renamed(statement.value, names)
        if value in known:
            names[statement.target] = known[value]
        else:
            known[value] = statement.target
            merged.append(ir.Assign(statement.target, value))
    return []


def _flat(body: Sequence[ir.Stmt]) -> list[ir.Stmt]:
    """``body`` with the look-ups of its first scope, which cannot fail, beside the others."""
    first = body[0] if body else None
    if isinstance(first, ir.Scope) and not first.flag and all(isinstance(each, ir.Assign) for each in first.body):
        return [*first.body, *body[1:]]
    return list(body)


def _is_same_loop(one: ir.Loop, other: ir.Loop) -> bool:
    return one.source == other.source and (one.key is None) == (other.key is None)


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """A copy of statements or of an expression with other names for its locals."""
    if not names:
        return node
    if isinstance(node, ir.Name):
        return ir.Name(names.get(node.id, node.id))
    if isinstance(node, msgspec.Struct):
        local = LOCALS.get(type(node), ())
        fields = []
        for field in node.__struct_fields__:
            value = getattr(node, field)
            fields.append(names.get(value, value) if field in local else _renamed(value, names))
        return type(node)(*fields)
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    return tuple(_renamed(item, names) for item in node) if isinstance(node, tuple) else node


def nodes(value: object) -> Iterator[object]:
    """``value``, if it is a part of the IR, and all parts below it."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, msgspec.Struct):
            yield each
            waiting += [getattr(each, name) for name in reversed(each.__struct_fields__)]
        elif isinstance(each, (list, tuple)):
            waiting += reversed(each)


def statements(body: Sequence[ir.Stmt]) -> Iterator[ir.Stmt]:
    """The statements of a body, and those inside of them."""
    for statement in body:
        yield statement
        if isinstance(statement, (ir.Loop, ir.Scope)):
            yield from statements(statement.body)
