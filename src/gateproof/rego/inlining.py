"""Small functions in the places of their calls, with what follows from constant arguments worked out beforehand.

A library of policies is mostly functions of a line, called with a path that is written out: ``value(r, ["acl"])``. In
place of such a call stand the function's own statements, and those that are about the path's length or kind are gone.
What is not small, loops, or could end in an error of its own rule stays a call.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateproof.compiler import ir
from gateproof.rego.emitter import UNDEFINED
from gateproof.rego.folding import Folding
from gateproof.rego.fusion import LOCALS, nodes

_MOST_STATEMENTS = 24
"""Of a function that stands in the place of its calls."""
_MOST_ADDED = 200
"""Statements that a function may gain."""
_MOST_NESTED = 60
"""Guards, scopes and loops of a function that gains any: they may be inside each other, which Python bounds."""
_DECIDING = frozenset({"agree", "contribute", "contribute_member", "mocked", "put", "replaced", "single"})
"""What a body with them calls can end in an error that names the place of its rule, or is evaluated elsewhere."""
_PART_OF_A_BODY = (ir.Append, ir.Assign, ir.Guard, ir.Return, ir.Scope, ir.Store, ir.Succeed)

_Arguments = tuple[ir.Expr | None, ...]


def inline(functions: Sequence[ir.Function], constants: Collection[str]) -> list[ir.Function]:
    """``functions`` without those whose calls have all been replaced; ``constants`` names those made beforehand."""
    inliner = _Inliner(functions, constants)
    for function in functions:
        if function.name not in constants:
            function.body = inliner.body(function.body)
    called = {node.function for one in functions for node in nodes(one.body) if isinstance(node, ir.Call)}
    called |= {node.id for one in functions for node in nodes(one.body) if isinstance(node, ir.Name)}
    return [function for function in functions if function.name not in inliner.replaced - called]


class _Inliner:
    """``replaced`` names the functions of which a call has been replaced."""

    def __init__(self, functions: Sequence[ir.Function], constants: Collection[str]) -> None:
        # As they are before any of their own calls is replaced.
        self._functions = {one.name: (one.params, one.body) for one in functions if one.name.startswith("function_")}
        self._folding = Folding({one.name: _value(one) for one in functions if one.name in constants})
        self._templates: dict[tuple[str, str], list[ir.Stmt] | None] = {}
        self._count = 0
        self._room = 0
        self.replaced: set[str] = set()

    def body(self, statements: list[ir.Stmt]) -> list[ir.Stmt]:
        """The body of a function with the bodies of those that it calls."""
        self._room = _MOST_ADDED
        if sum(isinstance(node, (ir.Guard, ir.Loop, ir.Scope)) for node in nodes(statements)) > _MOST_NESTED:
            return statements
        return self._block(statements)

    def _block(self, statements: Sequence[ir.Stmt]) -> list[ir.Stmt]:
        result: list[ir.Stmt] = []
        for position, statement in enumerate(statements):
            match statement:
                case ir.Loop(key, value, source, body):
                    result.append(ir.Loop(key, value, source, self._block(body)))
                case ir.Scope(flag, body):
                    result.append(ir.Scope(flag, self._block(body)))
                case ir.Assign(target, ir.Call(name, args)) if name in self._functions:
                    following = statements[position + 1] if position + 1 < len(statements) else None
                    result += self._call(target, name, args, following) or [statement]
                case _:
                    result.append(statement)
        return result

    def _call(self, target: str, name: str, args: list[ir.Expr], following: ir.Stmt | None) -> list[ir.Stmt] | None:
        """The statements of the function ``name`` that leave its value as ``target``; None if it has to be called."""
        template = self._template(name, tuple([arg if self._folding.is_constant(arg) else None for arg in args]))
        if template is None or _size(template) > self._room:
            return None
        self._room -= _size(template)
        self._count += 1
        self.replaced.add(name)
        params, _ = self._functions[name]
        given: dict[str, ir.Expr] = dict(zip(params, args, strict=True))
        given.update({local: ir.Name(f"{local}_i{self._count}") for local in _locals(template)})
        last = template[-1] if template else None
        if isinstance(last, ir.Return) and _requires(following, target) and _returns_once(template):
            # Where the body fails, so does what follows: nothing needs to tell it.
            return [*self._folding.put(template[:-1], given), ir.Assign(target, self._folding.put(last.value, given))]
        return [ir.Assign(target, UNDEFINED), ir.Scope(None, _left_in(target, self._folding.put(template, given)))]

    def _template(self, name: str, known: _Arguments) -> list[ir.Stmt] | None:
        """The body of a function with the constants among its arguments, if it is small; else None."""
        place = name, repr(known)  # 1 is not true
        if place not in self._templates:
            self._templates[place] = self._specialised(*self._functions[name], known)
        return self._templates[place]

    def _specialised(self, params: list[str], body: list[ir.Stmt], known: _Arguments) -> list[ir.Stmt] | None:
        given = {param: arg for param, arg in zip(params, known, strict=True) if arg is not None}
        body = self._folding.folded(body, given)
        if not _may_be_inlined(body):
            return None
        room, self._room = self._room, _MOST_STATEMENTS - _size(body)
        body = self._folding.folded(self._block(body), {})
        self._room = room
        return body


def _value(constant: ir.Function) -> ir.Expr:
    (returned,) = constant.body
    assert isinstance(returned, ir.Return)  # noqa: S101 - narrows the type
    return returned.value


def _size(statements: Sequence[ir.Stmt]) -> int:
    return sum(isinstance(node, _PART_OF_A_BODY) for node in nodes(list(statements)))


def _may_be_inlined(body: list[ir.Stmt]) -> bool:
    parts = list(nodes(body))
    if any(isinstance(part, (ir.Loop, ir.Do, ir.Report)) for part in parts) or _size(body) > _MOST_STATEMENTS:
        return False
    if any(isinstance(part, ir.Call) and part.function in _DECIDING for part in parts):
        return False
    flagged = (part for part in parts if isinstance(part, ir.Scope) and part.flag)
    return not any(isinstance(part, ir.Return) for scope in flagged for part in nodes(scope.body))


def _locals(body: list[ir.Stmt]) -> set[str]:
    named = {getattr(node, field) for node in nodes(body) for field in LOCALS.get(type(node), ())}
    return named - {None}


def _returns_once(body: list[ir.Stmt]) -> bool:
    return sum(isinstance(node, ir.Return) for node in nodes(body)) == 1


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
        if isinstance(statement, ir.Scope) and any(isinstance(node, ir.Return) for node in nodes(statement.body)):
            rest = _left_in(target, body[position + 1 :])
            result.append(ir.Scope(None, _left_in(target, statement.body)))
            return [*result, ir.Guard(ir.Is(ir.Name(target), UNDEFINED)), *rest] if rest else result
        result.append(statement)
    return result
