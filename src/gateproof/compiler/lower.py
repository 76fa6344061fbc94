"""IR to Python ``ast``. Nodes only: no text is ever parsed, and every identifier is checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from gateproof.compiler import ir

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*|UNDEFINED")
_LOAD = ast.Load()
_STORE = ast.Store()
_PLACE: dict[str, Any] = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}


def module(functions: Sequence[ir.Function]) -> ast.Module:
    """The Python module that defines ``functions``."""
    return ast.Module(body=[_function(function) for function in functions], type_ignores=[])


def _function(function: ir.Function) -> ast.stmt:
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg=_identifier(name), annotation=None, **_PLACE) for name in function.params],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    body = _Lowering().block(function.body, "return")
    if not body or not isinstance(body[-1], ast.Return):
        body.append(ast.Return(value=_name("UNDEFINED"), **_PLACE))
    return ast.FunctionDef(
        name=_identifier(function.name), args=arguments, body=body, decorator_list=[], returns=None, **_PLACE
    )


def _identifier(name: str) -> str:
    """``name``, which must look generated: a policy's text never gets here."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"not a generated identifier: {name!r}")
    return name


def _name(name: str) -> ast.Name:
    return ast.Name(id=_identifier(name), ctx=_LOAD, **_PLACE)


def _call(function: str, *args: ast.expr) -> ast.Call:
    return ast.Call(func=_name(function), args=list(args), keywords=[], **_PLACE)


def _compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left=left, ops=[operator], comparators=[right], **_PLACE)


def _assign(target: ast.expr, value: ast.expr) -> ast.Assign:
    return ast.Assign(targets=[target], value=value, type_comment=None, **_PLACE)


def _target(name: str) -> ast.Name:
    return ast.Name(id=_identifier(name), ctx=_STORE, **_PLACE)


class _Lowering:
    """Lowers the statements of one function.

    ``fail`` says what a failing guard does where the statements stand: ``return`` (the function is
    done), ``continue`` (the innermost loop goes on) or ``nest`` (what follows stands inside an ``if``).
    """

    def block(self, statements: Sequence[ir.Stmt], fail: str) -> list[ast.stmt]:
        """Lower ``statements``."""
        top: list[ast.stmt] = []
        out = top
        for statement in statements:
            if isinstance(statement, ir.Guard):
                out = self._guard(statement.test, fail, out)
            elif isinstance(statement, ir.Loop):
                self._loop(statement, out)
                if _succeeds(statement.body) and fail == "continue":
                    for flag in _succeeds(statement.body):
                        out.append(ast.If(test=_name(flag), body=[ast.Break(**_PLACE)], orelse=[], **_PLACE))
            elif isinstance(statement, ir.Scope):
                if not statement.body and not statement.flag:
                    continue
                if statement.flag:
                    out.append(_assign(_target(statement.flag), _constant(False)))
                out.extend(self.block(statement.body, "nest"))
            elif isinstance(statement, ir.Succeed):
                out.append(_assign(_target(statement.flag), _constant(True)))
                if fail == "continue":
                    out.append(ast.Break(**_PLACE))
            else:
                out.append(self._simple(statement))
        if out is not top and not out:
            out.append(ast.Pass(**_PLACE))
        return top

    def _guard(self, test: ir.Expr, fail: str, out: list[ast.stmt]) -> list[ast.stmt]:
        """Emit the test; the result is where the statements after it go."""
        if fail == "nest":
            inner: list[ast.stmt] = []
            out.append(ast.If(test=_expr(test), body=inner, orelse=[], **_PLACE))
            return inner
        negated = ir.Not(test)
        leave: ast.stmt
        leave = ast.Return(value=_name("UNDEFINED"), **_PLACE) if fail == "return" else ast.Continue(**_PLACE)
        out.append(ast.If(test=_expr(negated), body=[leave], orelse=[], **_PLACE))
        return out

    def _loop(self, loop: ir.Loop, out: list[ast.stmt]) -> None:
        target: ast.expr = _target(loop.value)
        if loop.key is not None:
            target = ast.Tuple(elts=[_target(loop.key), target], ctx=_STORE, **_PLACE)
        body = self.block(loop.body, "continue") or [ast.Pass(**_PLACE)]
        out.append(ast.For(target=target, iter=_expr(loop.source), body=body, orelse=[], type_comment=None, **_PLACE))

    def _simple(self, statement: ir.Stmt) -> ast.stmt:
        match statement:
            case ir.Assign(target, value):
                return _assign(_target(target), _expr(value))
            case ir.Store(target, key, value):
                place = ast.Subscript(value=_name(target), slice=_expr(key), ctx=_STORE, **_PLACE)
                return _assign(place, _expr(value))
            case ir.Append(target, value):
                method = ast.Attribute(value=_name(target), attr="append", ctx=_LOAD, **_PLACE)
                return ast.Expr(value=ast.Call(func=method, args=[_expr(value)], keywords=[], **_PLACE), **_PLACE)
            case ir.Return(value):
                return ast.Return(value=_expr(value), **_PLACE)
            case ir.Do(value):
                return ast.Expr(value=_expr(value), **_PLACE)
        raise TypeError(f"not a simple statement: {type(statement).__name__}")


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
    return ast.Constant(value=value, kind=None, **_PLACE)


def _expr(expr: ir.Expr) -> ast.expr:
    match expr:
        case ir.Name(name):
            return _name(name)
        case ir.Const(value):
            return _constant(value)
        case ir.Field(value, name):
            return _field(value, name)
        case ir.Call(function, args):
            return _call(function, *[_expr(arg) for arg in args])
        case ir.Attribute(owner, name):
            return ast.Attribute(value=_expr(owner), attr=_identifier(name), ctx=_LOAD, **_PLACE)
        case ir.KeyOf(value):
            return _key(value)
        case ir.Not(test):
            return _negation(test)
        case ir.Is(left, right):
            return _identity(left, right)
        case ir.Same(left, right):
            return _compare(_expr(left), ast.Eq(), _expr(right))
        case ir.IsKind(value, kind):
            return _compare(_call("type", _expr(value)), ast.Is(), _name(kind))
        case ir.All(tests):
            return ast.BoolOp(op=ast.And(), values=[_expr(test) for test in tests], **_PLACE)
        case ir.Item(sequence, index):
            return ast.Subscript(value=_expr(sequence), slice=_constant(index), ctx=_LOAD, **_PLACE)
        case ir.MakeList(items):
            return ast.List(elts=[_expr(item) for item in items], ctx=_LOAD, **_PLACE)
        case ir.MakeDict(pairs):
            return ast.Dict(keys=[_expr(k) for k, _ in pairs], values=[_expr(v) for _, v in pairs], **_PLACE)
        case ir.BigInt(digits):
            return _constant(int(digits))


def _identity(left: ir.Expr, right: ir.Expr) -> ast.expr:
    """``left is right``; a number or string is none of the singletons that programs ask for."""
    literal = isinstance(left, ir.BigInt) or (isinstance(left, ir.Const) and type(left.value) in (int, float, str))
    return _constant(False) if literal else _compare(_expr(left), ast.Is(), _expr(right))


def _field(value: ir.Expr, name: str) -> ast.expr:
    """``v.get(name, UNDEFINED) if type(v) is dict else get(v, name)``."""
    get = ast.Attribute(value=_expr(value), attr="get", ctx=_LOAD, **_PLACE)
    found = ast.Call(func=get, args=[_constant(name), _name("UNDEFINED")], keywords=[], **_PLACE)
    return ast.IfExp(
        test=_compare(_call("type", _expr(value)), ast.Is(), _name("dict")),
        body=found,
        orelse=_call("get", _expr(value), _constant(name)),
        **_PLACE,
    )


def _key(value: ir.Expr) -> ast.expr:
    if isinstance(value, ir.Const) and isinstance(value.value, str):
        return _expr(value)
    return ast.IfExp(
        test=_compare(_call("type", _expr(value)), ast.Is(), _name("str")),
        body=_expr(value),
        orelse=_call("key_of", _name("ctx"), _expr(value)),
        **_PLACE,
    )


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Is: ast.IsNot, ast.Eq: ast.NotEq}


def _negation(test: ir.Expr) -> ast.expr:
    """``not test``, written as a reader would."""
    if isinstance(test, ir.Not):
        return _expr(test.test)
    positive = _expr(test)
    if isinstance(positive, ast.Compare) and type(positive.ops[0]) in _OPPOSITES:
        positive.ops = [_OPPOSITES[type(positive.ops[0])]()]
        return positive
    return ast.UnaryOp(op=ast.Not(), operand=positive, **_PLACE)
