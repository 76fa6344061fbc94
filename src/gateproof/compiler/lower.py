"""IR to Python ``ast``. Nodes only: no text is ever parsed, and every identifier is checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from gateproof.compiler import ir

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*|UNDEFINED")
_LOAD = ast.Load()
_STORE = ast.Store()
_PLACE: dict[str, Any] = {"lineno": 1, "col_offset": 0}
# Fields are given by position, in the order of the grammar in the documentation of `ast`: by name takes twice as long.


def module(function: ir.Function) -> ast.Module:
    """The Python module that defines ``function``."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(_identifier(name), **_PLACE) for name in function.params],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    body = _block(function.body, "return")
    if not body or not isinstance(body[-1], ast.Return):
        body.append(ast.Return(_name("UNDEFINED"), **_PLACE))
    name = _identifier(function.name)
    definition = ast.FunctionDef(name, arguments, body, [], **_PLACE)
    return ast.Module(body=[definition], type_ignores=[])


def _identifier(name: str) -> str:
    """``name``, which must look generated: a policy's text never gets here."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"not a generated identifier: {name!r}")
    return name


@lru_cache(maxsize=4096)
def _name(name: str) -> ast.Name:
    """A name that is read. Programs are mostly names, so each is one node wherever it stands."""
    return ast.Name(_identifier(name), _LOAD, **_PLACE)


def _call(function: str, *args: ast.expr) -> ast.Call:
    return ast.Call(_name(function), list(args), [], **_PLACE)


def _compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left, [operator], [right], **_PLACE)


def _assign(target: ast.expr, value: ast.expr) -> ast.Assign:
    return ast.Assign([target], value, **_PLACE)


@lru_cache(maxsize=4096)
def _target(name: str) -> ast.Name:
    return ast.Name(_identifier(name), _STORE, **_PLACE)


def _block(statements: Sequence[ir.Stmt], fail: str) -> list[ast.stmt]:
    """Lower ``statements``.

    ``fail`` says what a failing guard does where they stand: ``return`` (the function is done), ``continue`` (the
    innermost loop goes on) or ``nest`` (what follows stands inside an ``if``).
    """
    top: list[ast.stmt] = []
    out = top
    for statement in statements:
        if type(statement) is ir.Guard:
            out = _guard(statement, fail, out)
        elif type(statement) is ir.Loop:
            _loop(statement, out)
            if _succeeds(statement.body) and fail == "continue":
                for flag in _succeeds(statement.body):
                    out.append(ast.If(_name(flag), [ast.Break(**_PLACE)], [], **_PLACE))
        elif type(statement) is ir.Scope:
            if not statement.body and not statement.flag:
                continue
            if statement.flag:
                out.append(_assign(_target(statement.flag), _constant(False)))
            out.extend(_block(statement.body, "nest"))
        elif type(statement) is ir.Charge:
            out.extend(_charge(statement))
        elif type(statement) is ir.Succeed:
            out.append(_assign(_target(statement.flag), _constant(True)))
            if fail == "continue":
                out.append(ast.Break(**_PLACE))
        else:
            out.append(_STATEMENTS[type(statement)](statement))
    if out is not top and not out:
        out.append(ast.Pass(**_PLACE))
    return top


def _guard(guard: ir.Guard, fail: str, out: list[ast.stmt]) -> list[ast.stmt]:
    """Emit the test; the result is where the statements after it go."""
    missed: list[ast.stmt] = [ast.Expr(_expr(guard.missed), **_PLACE)] if guard.missed else []
    if fail == "nest":
        inner: list[ast.stmt] = []
        out.append(ast.If(_expr(guard.test), inner, missed, **_PLACE))
        return inner
    negated = ir.Not(guard.test)
    leave: ast.stmt
    leave = ast.Return(_name("UNDEFINED"), **_PLACE) if fail == "return" else ast.Continue(**_PLACE)
    out.append(ast.If(_expr(negated), [*missed, leave], [], **_PLACE))
    return out


def _loop(loop: ir.Loop, out: list[ast.stmt]) -> None:
    target: ast.expr = _target(loop.value)
    if loop.key is not None:
        target = ast.Tuple([_target(loop.key), target], _STORE, **_PLACE)
    body = _block(loop.body, "continue") or [ast.Pass(**_PLACE)]
    out.append(ast.For(target, _source(loop.source), body, [], **_PLACE))


def _source(source: ir.Expr) -> ast.expr:
    """What a loop is over. Nothing is called for a name that is undefined, as what documents may have but do not is."""
    found = _expr(source)
    match source:
        case ir.Call("values" | "items", [_, ir.Name() as name]):
            given = _compare(_expr(name), ast.IsNot(), _name("UNDEFINED"))
            return ast.IfExp(given, found, ast.Tuple([], _LOAD, **_PLACE), **_PLACE)
    return found


def _charge(statement: ir.Charge) -> list[ast.stmt]:
    """``ctx.budget.steps -= n``, and an end where none are left."""
    budget = ast.Attribute(_name("ctx"), "budget", _LOAD, **_PLACE)
    left = ast.Attribute(budget, "steps", _STORE, **_PLACE)
    none = _compare(ast.Attribute(budget, "steps", _LOAD, **_PLACE), ast.Lt(), _constant(0))
    spend = ast.Call(ast.Attribute(budget, "spend", _LOAD, **_PLACE), [_constant(0)], [], **_PLACE)
    return [
        ast.AugAssign(left, ast.Sub(), _constant(statement.steps), **_PLACE),
        ast.If(none, [ast.Expr(spend, **_PLACE)], [], **_PLACE),
    ]


def _if(statement: ir.If) -> ast.stmt:
    body = _block(statement.body, "nest") or [ast.Pass(**_PLACE)]
    return ast.If(_expr(statement.test), body, _block(statement.other, "nest"), **_PLACE)


def _attempt(statement: ir.Attempt) -> ast.stmt:
    """``except kind as error: caught = error``, since Python forgets what an error was bound to."""
    caught: list[ast.stmt] = [_assign(_target(statement.caught), _name("error"))]
    handler = ast.ExceptHandler(_name(statement.kind), "error", caught, **_PLACE)
    return ast.Try(_block(statement.body, "nest") or [ast.Pass(**_PLACE)], [handler], [], [], **_PLACE)


def _store(statement: ir.Store) -> ast.stmt:
    place = ast.Subscript(_name(statement.target), _expr(statement.key), _STORE, **_PLACE)
    return _assign(place, _expr(statement.value))


def _append(statement: ir.Append) -> ast.stmt:
    method = ast.Attribute(_name(statement.target), "append", _LOAD, **_PLACE)
    call = ast.Call(method, [_expr(statement.value)], [], **_PLACE)
    return ast.Expr(call, **_PLACE)


def _succeeds(statements: Sequence[ir.Stmt]) -> list[str]:
    """The flags, of scopes outside, that ``statements`` may set from inside a loop."""
    flags: list[str] = []
    for statement in statements:
        if isinstance(statement, ir.Succeed):
            flags.append(statement.flag)
        elif isinstance(statement, ir.Loop):
            flags.extend(_succeeds(statement.body))
        elif isinstance(statement, ir.Scope):
            flags.extend(flag for flag in _succeeds(statement.body) if flag != statement.flag)
    return flags


def _constant(value: bool | int | float | str | None) -> ast.expr:
    return ast.Constant(value, **_PLACE)


def _expr(expr: ir.Expr) -> ast.expr:
    return _EXPRESSIONS[type(expr)](expr)


def _identity(left: ir.Expr, right: ir.Expr) -> ast.expr:
    """``left is right``; a number or string is none of the singletons that programs ask for."""
    literal = isinstance(left, ir.BigInt) or (isinstance(left, ir.Const) and type(left.value) in (int, float, str))
    return _constant(False) if literal else _compare(_expr(left), ast.Is(), _expr(right))


def _field(it: ir.Field) -> ast.expr:
    """``v.get(name, UNDEFINED) if type(v) is dict else element(v, name)``."""
    owner, key = _expr(it.value), _constant(it.name)
    get = ast.Attribute(owner, "get", _LOAD, **_PLACE)
    found = ast.Call(get, [key, _name("UNDEFINED")], [], **_PLACE)
    if it.sure:
        return found
    test = _compare(_call("type", owner), ast.Is(), _name("dict"))
    return ast.IfExp(test, found, _call("element", owner, key), **_PLACE)


def _key(value: ir.Expr) -> ast.expr:
    found = _expr(value)
    if isinstance(value, ir.Const) and isinstance(value.value, str):
        return found
    return ast.IfExp(
        _compare(_call("type", found), ast.Is(), _name("str")),
        found,
        _call("key_of", _name("ctx"), found),
        **_PLACE,
    )


def _when(it: ir.When) -> ast.expr:
    """``quick if test else call``."""
    return ast.IfExp(_expr(it.test), _expr(it.quick), _expr(it.call), **_PLACE)


def _method(it: ir.Method) -> ast.expr:
    function = ast.Attribute(_expr(it.value), _identifier(it.name), _LOAD, **_PLACE)
    return ast.Call(function, [*map(_expr, it.args)], [], **_PLACE)


_ORDERS: dict[str, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
_SUMS: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub}
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Is: ast.IsNot, ast.Eq: ast.NotEq, ast.In: ast.NotIn}


def _infix(it: ir.Infix) -> ast.expr:
    left, right = _expr(it.left), _expr(it.right)
    if it.operator in _SUMS:
        return ast.BinOp(left, _SUMS[it.operator](), right, **_PLACE)
    return _compare(left, _ORDERS[it.operator](), right)


def _among(it: ir.Among) -> ast.expr:
    """``value in elements.items``: a string is its own key."""
    items = ast.Attribute(_expr(it.elements), "items", _LOAD, **_PLACE)
    return _compare(_expr(it.value), ast.In(), items)


def _text(it: ir.Text) -> ast.expr:
    """An f-string."""
    parts = [
        _expr(part) if isinstance(part, ir.Const) else ast.FormattedValue(_expr(part), -1, None, **_PLACE)
        for part in it.parts
    ]
    return ast.JoinedStr(parts, **_PLACE)


def _negation(test: ir.Expr) -> ast.expr:
    """``not test``, written as a reader would."""
    if isinstance(test, ir.Not):
        return _expr(test.test)
    positive = _expr(test)
    if isinstance(positive, ast.Compare) and type(positive.ops[0]) in _OPPOSITES:
        positive.ops = [_OPPOSITES[type(positive.ops[0])]()]
        return positive
    return ast.UnaryOp(ast.Not(), positive, **_PLACE)


_STATEMENTS: dict[type[ir.Stmt], Callable[[Any], ast.stmt]] = {
    ir.Assign: lambda it: _assign(_target(it.target), _expr(it.value)),
    ir.Store: _store,
    ir.Append: _append,
    ir.Return: lambda it: ast.Return(_expr(it.value), **_PLACE),
    ir.Do: lambda it: ast.Expr(_expr(it.value), **_PLACE),
    ir.Report: lambda it: ast.Expr(_expr(it.value), **_PLACE),
    ir.If: _if,
    ir.Attempt: _attempt,
    ir.Break: lambda _: ast.Break(**_PLACE),
}
_EXPRESSIONS: dict[type[ir.Expr], Callable[[Any], ast.expr]] = {
    ir.Const: lambda it: _constant(it.value),
    ir.BigInt: lambda it: _constant(int(it.digits)),
    ir.Name: lambda it: _name(it.id),
    ir.Attribute: lambda it: ast.Attribute(_expr(it.owner), _identifier(it.name), _LOAD, **_PLACE),
    ir.Call: lambda it: _call(it.function, *map(_expr, it.args)),
    ir.Field: _field,
    ir.KeyOf: lambda it: _key(it.value),
    ir.When: _when,
    ir.Method: _method,
    ir.Infix: _infix,
    ir.Text: _text,
    ir.MakeList: lambda it: ast.List([*map(_expr, it.items)], _LOAD, **_PLACE),
    ir.MakeDict: lambda it: ast.Dict(
        [_expr(key) for key, _ in it.pairs], [_expr(value) for _, value in it.pairs], **_PLACE
    ),
    ir.Item: lambda it: ast.Subscript(_expr(it.sequence), _constant(it.index), _LOAD, **_PLACE),
    ir.Is: lambda it: _identity(it.left, it.right),
    ir.Same: lambda it: _compare(_expr(it.left), ast.Eq(), _expr(it.right)),
    ir.IsKind: lambda it: _compare(_call("type", _expr(it.value)), ast.Is(), _name(it.kind)),
    ir.Among: _among,
    ir.Not: lambda it: _negation(it.test),
    ir.All: lambda it: ast.BoolOp(ast.And(), [*map(_expr, it.tests)], **_PLACE),
}
