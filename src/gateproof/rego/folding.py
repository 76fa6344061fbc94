"""What expressions come to, and which statements remain, where some of the names in them stand for constants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any

import msgspec

from gateproof.compiler import ir
from gateproof.rego.emitter import UNDEFINED
from gateproof.rego.fusion import LOCALS, statements

_KINDS = {bool: "bool", int: "int", str: "str", float: "float", type(None): "null"}
_ORDERS: dict[str, Callable[[int, int], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_SIMPLIFIED = frozenset({ir.All, ir.Call, ir.Infix, ir.Is, ir.IsKind, ir.Item, ir.Not, ir.Same, ir.When})
_YES, _NO = ir.Const(True), ir.Const(False)


class Folding:
    """Folds the IR of one program, whose ``constants`` are known by name."""

    def __init__(self, constants: Mapping[str, ir.Expr]) -> None:
        self._constants = constants

    def is_constant(self, value: ir.Expr) -> bool:
        """Whether ``value`` is the same in every evaluation."""
        return isinstance(value, (ir.Const, ir.BigInt)) or (isinstance(value, ir.Name) and value.id in self._constants)

    def folded(self, body: Sequence[ir.Stmt], given: Mapping[str, ir.Expr]) -> list[ir.Stmt]:
        """``body`` with ``given`` for names, without what is decided by that."""
        assigned = Counter(each.target for each in statements(body) if isinstance(each, ir.Assign))
        return self._block(body, dict(given), assigned)

    def _block(self, block: Sequence[ir.Stmt], names: dict[str, ir.Expr], assigned: Mapping[str, int]) -> list[ir.Stmt]:
        result: list[ir.Stmt] = []
        for statement in block:
            match statement:
                case ir.Loop(key, name, source, body):
                    result.append(ir.Loop(key, name, self.put(source, names), self._block(body, names, assigned)))
                    continue
                case ir.Scope(flag, body):
                    inner = self._block(body, names, assigned)
                    if flag or (inner and inner[0] != ir.Guard(_NO)):
                        result.append(ir.Scope(flag, inner))
                    continue
            found: ir.Stmt = self.put(statement, names)
            match found:
                case ir.Assign(target, value) if self.is_constant(value) and assigned[target] == 1:
                    names[target] = value
                case ir.Guard(ir.Const(True)):
                    pass
                case ir.Guard(ir.Const(False)):
                    return [*result, found]
                case _:
                    result.append(found)
        return result

    def put(self, node: Any, names: Mapping[str, ir.Expr]) -> Any:
        """A copy of statements or of an expression with what ``names`` say for names, and what follows from that."""
        kind = type(node)
        if kind is ir.Name:
            return names.get(node.id, node)
        if kind is ir.Const or kind is str or node is None:
            return node
        if kind is list:
            return [self.put(item, names) for item in node]
        if not isinstance(node, msgspec.Struct):
            return tuple([self.put(item, names) for item in node]) if kind is tuple else node
        local = LOCALS.get(kind, ())
        fields = []
        for field in node.__struct_fields__:
            value = getattr(node, field)
            if field not in local:
                value = self.put(value, names)
            elif value in names:
                value = names[value].id  # type: ignore[union-attr]  # a local stands for a local
            fields.append(value)
        made = kind(*fields)
        return self._simplified(made) if kind in _SIMPLIFIED else made

    def _simplified(self, node: Any) -> Any:
        match node:
            case ir.IsKind(value, kind) if known := self._kind(value):
                return ir.Const(known == kind)
            case ir.Not(ir.Const(bool() as value)):
                return ir.Const(not value)
            case ir.All(tests):
                return _all(tests)
            case ir.When(ir.Const(bool() as value), quick, call):
                return quick if value else call
            case ir.Is(left, right) if self.is_constant(left) and (right == UNDEFINED or isinstance(right, ir.Const)):
                return ir.Const(repr(left) == repr(right) and self._kind(left) in ("bool", "null"))
            case ir.Same(ir.Const(left), ir.Const(right)) if type(left) is type(right) and type(left) in (int, str):
                return ir.Const(left == right)
            case ir.Infix(ir.Const(int() as left), operator, ir.Const(int() as right)) if operator in _ORDERS:
                return ir.Const(_ORDERS[operator](left, right))
            case ir.Call("len", [ir.Const(str() as value)]):
                return ir.Const(len(value))
            case ir.Call("len", [ir.Name(name)]) if isinstance(made := self._constants.get(name), ir.MakeList):
                return ir.Const(len(made.items))
            case ir.Item(ir.Name(name), index) if isinstance(made := self._constants.get(name), ir.MakeList):
                return made.items[index] if index < len(made.items) else node
            case ir.Call("picked", [ctx, value, ir.Name(name) as path, default, ir.Name(builtin)]):
                made = self._constants.get(name)
                if isinstance(made, ir.MakeList) and len(made.items) == 1 and self._kind(made.items[0]) == "str":
                    quick = ir.Method(value, "get", [*made.items, default])
                    return ir.When(ir.IsKind(value, "dict"), quick, ir.Call(builtin, [ctx, value, path, default]))
        return node

    def _kind(self, value: ir.Expr) -> str:
        """The type of a constant; empty for anything else."""
        if isinstance(value, ir.Const):
            return _KINDS[type(value.value)]
        match self._constants.get(value.id) if isinstance(value, ir.Name) else None:
            case ir.MakeList():
                return "list"
            case ir.MakeDict():
                return "dict"
            case ir.Call("constant_set"):
                return "rego_set"
        return ""


def _all(tests: list[ir.Expr]) -> ir.Expr:
    """A conjunction without what holds anyway."""
    open_tests = [test for test in tests if test != _YES]
    if _NO in open_tests:
        return _NO
    if len(open_tests) > 1:
        return ir.All(open_tests)
    return open_tests[0] if open_tests else _YES
