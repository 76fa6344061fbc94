"""Small functions in the places of their calls, with what follows from constant arguments worked out beforehand.

A library of policies is mostly functions of a line, called with a path that is written out: ``value(r, ["acl"])``. In
place of such a call stand the function's own statements, and those that are about the path's length or kind are gone.
What is not small, loops, or could end in an error of its own rule stays a call.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from gateproof.compiler import ir
from gateproof.rego.emitter import UNDEFINED
from gateproof.rego.folding import Folding
from gateproof.rego.fusion import LOCALS, nodes, statements

_MOST_STATEMENTS = 12
"""Of a function that stands in the place of its calls; those that it calls may make it three times as long."""
_MOST_ADDED = 200
"""Statements that a function may gain."""
_MOST_NESTED = 60
"""Guards, scopes and loops of a function that gains any: they may be inside each other, which Python bounds."""
_DECIDING = frozenset({"agree", "contribute", "contribute_member", "mocked", "put", "replaced", "single"})
"""What a body with them calls can end in an error that names the place of its rule, or is evaluated elsewhere."""
_STRAIGHT = (ir.Assign, ir.Guard, ir.Return, ir.Scope, ir.Succeed)
"""The statements of a body that may be inlined: it neither loops nor does anything but find its value."""


def inline(functions: Sequence[ir.Function], constants: Collection[str]) -> list[ir.Function]:
    """``functions`` without those whose calls have all been replaced; ``constants`` names those made beforehand."""
    made = frozenset(constants)
    inliner = _Inliner(functions, made)
    for function in functions:
        if function.name not in made:
            function.body = inliner.body(function.body)
    if not inliner.replaced:
        return list(functions)
    used = {
        node.function if isinstance(node, ir.Call) else node.id
        for function in functions
        if function.name not in made
        for node in nodes(function.body)
        if isinstance(node, (ir.Call, ir.Name))
    }
    return [function for function in functions if function.name in used or function.name not in inliner.replaced]


class _Template(NamedTuple):
    """The body of a function for some constant arguments, its size, its locals, and how often it returns."""

    body: list[ir.Stmt]
    size: int
    names: list[str]
    returns: int


class _Inliner:
    """``replaced`` names the functions of which a call has been replaced."""

    def __init__(self, functions: Sequence[ir.Function], constants: Collection[str]) -> None:
        # As they are before any of their own calls is replaced.
        self._functions = {one.name: (one.params, one.body) for one in functions if one.name.startswith("function_")}
        self._folding = Folding({one.name: _value(one) for one in functions if one.name in constants})
        self._templates: dict[tuple[str, str], _Template | None] = {}
        self._count = 0
        self._room = 0
        self.replaced: set[str] = set()

    def body(self, body: list[ir.Stmt]) -> list[ir.Stmt]:
        """The body of a function with the bodies of those that it calls."""
        self._room = _MOST_ADDED
        nested = sum(isinstance(each, (ir.Guard, ir.Loop, ir.Scope)) for each in statements(body))
        return body if nested > _MOST_NESTED else self._block(body)

    def _block(self, block: Sequence[ir.Stmt]) -> list[ir.Stmt]:
        result: list[ir.Stmt] = []
        for position, statement in enumerate(block):
            if isinstance(statement, ir.Loop):
                body = self._block(statement.body)
                result.append(ir.Loop(statement.key, statement.value, statement.source, body))
            elif isinstance(statement, ir.Scope):
                if statement.flag or statement.body:
                    result.append(ir.Scope(statement.flag, self._block(statement.body)))
            elif isinstance(statement, ir.Assign) and isinstance(statement.value, ir.Call):
                following = block[position + 1] if position + 1 < len(block) else None
                result += self._call(statement.target, statement.value, following) or [statement]
            else:
                result.append(statement)
        return result

    def _call(self, target: str, call: ir.Call, following: ir.Stmt | None) -> list[ir.Stmt] | None:
        """The statements that leave the value of ``call`` as ``target``; None if a function has to be called."""
        name, args = call.function, call.args
        if name not in self._functions:
            return None
        template = self._template(name, [arg if self._folding.is_constant(arg) else None for arg in args])
        if template is None or template.size > self._room:
            return None
        self._room -= template.size
        self._count += 1
        self.replaced.add(name)
        names = dict(zip(self._functions[name][0], args, strict=True))
        names |= {local: ir.Name(f"{local}_i{self._count}") for local in template.names}
        body = self._folding.put(template.body, names)
        if template.returns == 1 and isinstance(body[-1], ir.Return) and _requires(following, target):
            # Where the body fails, so does what follows: nothing needs to tell it.
            return [*body[:-1], ir.Assign(target, body[-1].value)]
        return [ir.Assign(target, UNDEFINED), ir.Scope(None, _left_in(target, body))]

    def _template(self, name: str, known: list[ir.Expr | None]) -> _Template | None:
        """The body of a function with the constants among its arguments, if it is small; else None."""
        place = name, repr(known)  # 1 is not true
        if place not in self._templates:
            self._templates[place] = self._specialised(*self._functions[name], known)
        return self._templates[place]

    def _specialised(self, params: list[str], body: list[ir.Stmt], known: list[ir.Expr | None]) -> _Template | None:
        given = {param: arg for param, arg in zip(params, known, strict=True) if arg is not None}
        if given:
            body = self._folding.folded(body, given)
        if not _may_be_inlined(body):
            return None
        room, self._room = self._room, 2 * _MOST_STATEMENTS
        before = self._count
        body = self._block(body)
        if self._count > before:
            body = self._folding.folded(body, {})
        self._room = room
        every = list(statements(body))
        names = {getattr(each, field) for each in every for field in LOCALS.get(type(each), ())}
        return _Template(body, len(every), sorted(names - {None}), sum(isinstance(each, ir.Return) for each in every))


def _value(constant: ir.Function) -> ir.Expr:
    (returned,) = constant.body
    assert isinstance(returned, ir.Return)  # noqa: S101 - narrows the type
    return returned.value


def _size(body: Sequence[ir.Stmt]) -> int:
    return sum(1 for _ in statements(body))


def _may_be_inlined(body: list[ir.Stmt]) -> bool:
    every = list(statements(body))
    if len(every) > _MOST_STATEMENTS or not all(isinstance(each, _STRAIGHT) for each in every):
        return False
    if any(isinstance(each, ir.Call) and each.function in _DECIDING for each in nodes(body)):
        return False
    flagged = [each for each in every if isinstance(each, ir.Scope) and each.flag]
    return not any(isinstance(each, ir.Return) for scope in flagged for each in statements(scope.body))


def _requires(following: ir.Stmt | None, target: str) -> bool:
    """Whether what follows a call goes on only if it has a value."""
    defined = ir.Not(ir.Is(ir.Name(target), UNDEFINED))
    match following:
        case ir.Guard(ir.All([first, *_]), None) | ir.Guard(first, None):
            return bool(first == defined)
    return False


def _left_in(target: str, body: Sequence[ir.Stmt]) -> list[ir.Stmt]:
    """``body`` with its value left in ``target`` where it would be returned."""
    result: list[ir.Stmt] = []
    for position, statement in enumerate(body):
        if isinstance(statement, ir.Return):
            return [*result, ir.Assign(target, statement.value)]
        if isinstance(statement, ir.Scope) and any(isinstance(each, ir.Return) for each in statements(statement.body)):
            rest = _left_in(target, body[position + 1 :])
            result.append(ir.Scope(None, _left_in(target, statement.body)))
            return [*result, ir.Guard(ir.Is(ir.Name(target), UNDEFINED)), *rest] if rest else result
        result.append(statement)
    return result
