"""A checked expression to functions of the intermediate representation.

What may fail in ``&&`` and ``||`` runs inside an attempt, whose error is a value until the terms after it have had
their say. Parts that Python could not nest become functions of their own. Names are generated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from gateproof.cel import runtime
from gateproof.cel.checker import Checked
from gateproof.cel.syntax import (
    Bind,
    Call,
    Chain,
    Choice,
    Comprehension,
    Ident,
    Index,
    ListOf,
    Literal,
    MapOf,
    Node,
    Select,
    SortBy,
    Unwrap,
)
from gateproof.cel.types import BOOL
from gateproof.cel.values import TypeValue
from gateproof.compiler import ir

_CTX: Final = ir.Name("ctx")
_NESTED: Final = 8
"""Attempts and loops inside each other in one function."""
_HIGHEST: Final = 20
"""Calls inside each other in one expression of Python."""
_LIST_COST: Final = 10
_MAP_COST: Final = 30


class Plan:
    """The functions of an expression, of which ``main`` gives its value, and what they name.

    ``constants``: names and values. ``calls``: names, and the functions with their operands that they stand for.
    """

    def __init__(self) -> None:
        self.functions: list[ir.Function] = []
        self.constants: dict[str, Any] = {}
        self.calls: dict[str, Node] = {}


def plan(tree: Node, checked: Checked, label: str) -> Plan:
    """The plan of ``tree``."""
    planner = _Planner(checked, label)
    planner.function("main", tree, [])
    return planner.plan


class _Planner:
    def __init__(self, checked: Checked, label: str) -> None:
        self.plan = Plan()
        self._checked = checked
        self._label = label
        self._scope: dict[str, str] = {}
        self._held: set[str] = set()
        self._charge = ir.Charge(0)
        self._block: list[ir.Stmt] = []
        self._nested = 0
        self._names = 0
        self._heights: dict[int, int] = {}
        self._made: list[ir.Expr] = []

    def function(self, name: str, node: Node, params: list[str]) -> None:
        """Define a function of the context and ``params`` that returns the value of ``node``."""
        nested, self._nested = self._nested, 0
        with self._inner() as body:
            value = self._lower(node)
            body.append(ir.Return(value))
        self._nested = nested
        self.plan.functions.append(ir.Function(name, ["ctx", *params], body, self._label))

    @contextmanager
    def _inner(self) -> Iterator[list[ir.Stmt]]:
        """A block of its own; what it costs is charged where it begins."""
        outer = self._block, self._charge
        self._charge = ir.Charge(0)
        block: list[ir.Stmt] = [self._charge]
        self._block = block
        yield block
        if not self._charge.steps:
            block.remove(self._charge)
        self._block, self._charge = outer

    def _name(self, prefix: str = "t") -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _assign(self, value: ir.Expr, prefix: str = "t") -> ir.Name:
        name = self._name(prefix)
        self._block.append(ir.Assign(name, value))
        return ir.Name(name)

    def _call(self, function: str, *args: ir.Expr) -> ir.Expr:
        """A call; an expression that grew too high is put aside under a name."""
        made = ir.Call(function, list(args))
        height = 1 + max((self._heights.get(id(arg), 0) for arg in args), default=0)
        if height > _HIGHEST:
            return self._assign(made)
        self._heights[id(made)] = height
        self._made.append(made)  # so that no other node takes its id
        return made

    def _lower(self, node: Node) -> ir.Expr:
        if self._nested >= _NESTED and isinstance(node, Chain | Comprehension | Bind | Unwrap | SortBy):
            return self._outlined(node)
        method: Callable[[_Planner, Any], ir.Expr] = _METHODS[type(node)]
        return method(self, node)

    def _outlined(self, node: Node) -> ir.Expr:
        """A call of a function of its own, which gets all variables."""
        name = self._name("part_")
        params = list(self._scope.values())
        self.function(name, node, params)
        return self._call(name, _CTX, *map(ir.Name, params))

    def _operands(self, nodes: list[Node]) -> list[ir.Expr]:
        """The values of ``nodes``, evaluated in their order."""
        values: list[ir.Expr] = []
        for node in nodes:
            before = len(self._block)
            value = self._lower(node)
            if len(self._block) > before:
                values = self._aside(values, before)
            values.append(value)
        return values

    def _aside(self, values: list[ir.Expr], place: int) -> list[ir.Expr]:
        """``values`` under names that are assigned at ``place``, before the statements that came since."""
        names: list[ir.Expr] = []
        for value in values:
            if isinstance(value, ir.Call):
                name = self._name()
                self._block.insert(place, ir.Assign(name, value))
                place += 1
                names.append(ir.Name(name))
            else:
                names.append(value)
        return names

    @contextmanager
    def _variables(self, names: tuple[str, ...], held: str | None = None) -> Iterator[list[str]]:
        """Variables of a macro, with the names that Python has for them."""
        outer = self._scope
        mine = [held or self._name("v") for _ in names]
        self._scope = {**outer, **dict(zip(names, mine, strict=True))}
        yield mine
        self._scope = outer

    # Leaves and operators

    def _literal(self, node: Literal) -> ir.Expr:
        return self._constant(node.value)

    def _constant(self, value: Any) -> ir.Expr:
        if value is None or type(value) in (bool, int, str) or (type(value) is float and value == value):
            return ir.Const(value)
        name = self._name("k")
        self.plan.constants[name] = value
        return ir.Name(name)

    def _ident(self, node: Ident) -> ir.Expr:
        if node in self._checked.type_names:
            return self._constant(TypeValue(self._checked.type_names[node]))
        self._charge.steps += 1
        if not node.rooted and node.name in self._scope:
            name = self._scope[node.name]
            return self._call("held", ir.Name(name)) if name in self._held else ir.Name(name)
        return self._call("fetch", _CTX, ir.Const(node.name))

    def _select(self, node: Select) -> ir.Expr:
        if node in self._checked.type_names:
            return self._constant(TypeValue(self._checked.type_names[node]))
        if node.test or node.optional:
            self._charge.steps += 0 if node.test else 1
            operand = self._lower(node.operand)
            return self._call("has" if node.test else "select_optional", operand, ir.Const(node.field))
        names: list[ir.Expr] = []
        place: Node = node
        while isinstance(place, Select) and not (place.test or place.optional or place in self._checked.type_names):
            names.append(ir.Const(place.field))
            place = place.operand
        self._charge.steps += len(names)
        return self._call("walk", self._lower(place), *reversed(names))

    def _index(self, node: Index) -> ir.Expr:
        self._charge.steps += 1
        operands = self._operands([node.operand, node.index])
        return self._call("index_optional" if node.optional else "index", *operands)

    def _function(self, node: Call) -> ir.Expr:
        resolved = self._checked.calls[node]
        operands = self._operands(resolved.args)
        if resolved.function == "!":
            self._charge.steps += 1
            return self._call("negation", *operands)
        operator = runtime.OPERATORS.get(resolved.function)
        if operator is not None:
            return self._call(operator.__name__, _CTX, *operands)
        name = self._name("call_")
        self.plan.calls[name] = node
        return self._call(name, _CTX, *operands)

    def _is_boolean(self, node: Node) -> bool:
        """Whether ``node`` gives a boolean or fails."""
        if isinstance(node, Chain) or (isinstance(node, Literal) and type(node.value) is bool):
            return True
        if isinstance(node, Select):
            return node.test
        return isinstance(node, Call | Comprehension) and self._checked.types[node] == BOOL

    # Control

    def _attempted(self, node: Node, target: str) -> ir.Stmt:
        """Assign the value of ``node``, or its error, to ``target``."""
        self._nested += 1
        with self._inner() as body:
            body.append(ir.Assign(target, self._lower(node)))
        self._nested -= 1
        return ir.Attempt(body, "fault", target)

    def _chain(self, node: Chain) -> ir.Expr:
        """Terms from left to right, until one decides; an error or no boolean stays the result unless one does."""
        result, term = self._name("b"), self._name("b")
        decides = ir.Const(node.operator == "||")
        self._block.append(self._attempted(node.terms[0], result))
        for each in node.terms[1:]:
            decided = ir.If(ir.Is(ir.Name(term), decides), [ir.Assign(result, decides)], [])
            undecided = ir.Is(ir.Name(result), ir.Const(not decides.value))
            decided.other.append(ir.If(undecided, [ir.Assign(result, ir.Name(term))]))
            step = [self._attempted(each, term), decided]
            self._block.append(ir.If(ir.Not(ir.Is(ir.Name(result), decides)), step))
        return self._call("truth", ir.Name(result))

    def _test(self, node: Node) -> ir.Expr:
        value = self._lower(node)
        return value if self._is_boolean(node) else self._call("truth", value)

    def _choice(self, node: Choice) -> ir.Expr:
        test = self._test(node.test)
        result = self._name()
        branches: list[list[ir.Stmt]] = []
        for each in (node.yes, node.no):
            with self._inner() as body:
                body.append(ir.Assign(result, self._lower(each)))
            branches.append(body)
        self._block.append(ir.If(test, *branches))
        return ir.Name(result)

    # Literals of collections

    def _list(self, node: ListOf) -> ir.Expr:
        self._charge.steps += _LIST_COST
        values = self._operands([item for item, _ in node.items])
        if not any(optional for _, optional in node.items) and len(values) < _HIGHEST:
            return self._assign(ir.MakeList(values))
        made = self._assign(ir.MakeList([]))
        for value, (_, optional) in zip(values, node.items, strict=True):
            append = ir.Do(ir.Call("item_optional", [made, value])) if optional else ir.Append(made.id, value)
            self._block.append(append)
        return made

    def _map(self, node: MapOf) -> ir.Expr:
        self._charge.steps += _MAP_COST
        made = self._assign(ir.MakeDict([]))
        for key, value, optional in node.entries:
            operands = self._operands([key, value])
            self._block.append(ir.Do(ir.Call("entry_optional" if optional else "entry", [made, *operands])))
        return made

    # Macros

    def _comprehension(self, node: Comprehension) -> ir.Expr:
        range_ = self._assign(self._lower(node.range))
        self._nested += 1
        over = "elements" if len(node.names) == 1 else "pairs"
        with self._variables(node.names) as names:
            result = _MACROS[node.macro](self, node, ir.Call(over, [range_]), names)
        self._nested -= 1
        return result

    def _loop(self, source: ir.Expr, names: list[str], body: list[ir.Stmt]) -> None:
        key = names[0] if len(names) == 2 else None
        self._block.append(ir.Loop(key, names[-1], source, body))

    def _quantified(self, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
        """``all`` and ``exists``: a chain of as many terms as there are elements."""
        decides = ir.Const(node.macro == "exists")
        result, term = self._assign(ir.Const(not decides.value), "b"), self._name("b")
        assert node.test is not None  # noqa: S101 - as the parser made it
        with self._inner() as body:
            self._charge.steps += 3 + (node.macro == "exists")
            body.append(self._attempted(node.test, term))
            undecided = ir.Is(result, ir.Const(not decides.value))
            keep = ir.If(undecided, [ir.Assign(result.id, ir.Name(term))])
            stop: list[ir.Stmt] = [ir.Assign(result.id, decides), ir.Break()]
            body.append(ir.If(ir.Is(ir.Name(term), decides), stop, [keep]))
        self._charge.steps += 1
        self._loop(source, names, body)
        return self._call("truth", result)

    def _exactly_one(self, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
        found = self._assign(ir.MakeList([]))
        assert node.test is not None  # noqa: S101 - as the parser made it
        with self._inner() as body:
            test = self._test(node.test)
            body.append(ir.If(test, [ir.Charge(2), ir.Append(found.id, ir.Const(True))], [ir.Charge(1)]))
        self._charge.steps += 2
        self._loop(source, names, body)
        return self._call("single", found)

    def _collected(self, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
        """``filter``, ``map`` and the macros that make lists and maps."""
        is_map = node.macro in ("transformMap", "transformMapEntry")
        made = self._assign(ir.MakeDict([]) if is_map else ir.MakeList([]))
        with self._inner() as body:
            test = None if node.test is None else self._test(node.test)
            with self._inner() as taken:
                self._collect(node, made, names)
            if test is None:
                body.extend(taken)
            else:
                body.append(ir.If(test, taken, [ir.Charge(1)]))
        self._charge.steps += _MAP_COST + 1 if is_map else _LIST_COST + 1
        self._loop(source, names, body)
        return made

    def _collect(self, node: Comprehension, made: ir.Name, names: list[str]) -> None:
        """Add what one element becomes."""
        if node.result is None:
            self._charge.steps += _LIST_COST + 3
            self._block.append(ir.Append(made.id, ir.Name(names[-1])))
            return
        value = self._lower(node.result)
        self._charge.steps += 2
        match node.macro:
            case "transformMap":
                self._block.append(ir.Do(ir.Call("insert", [made, ir.Name(names[0]), value])))
            case "transformMapEntry":
                self._block.append(ir.Do(ir.Call("insert_all", [made, value])))
            case _:
                self._charge.steps += _LIST_COST
                self._block.append(ir.Append(made.id, value))

    def _bind(self, node: Bind) -> ir.Expr:
        name = self._name("h")
        self._block.append(self._attempted(node.value, name))
        self._held.add(name)
        with self._variables((node.name,), held=name):
            return self._lower(node.body)

    def _unwrap(self, node: Unwrap) -> ir.Expr:
        target = self._assign(self._call("unwrapped", self._lower(node.target)))
        result = self._name()
        with self._inner() as body, self._variables((node.name,)) as (variable,):
            self._charge.steps += 3
            body.append(ir.Assign(variable, ir.Attribute(target, "value")))
            value = self._lower(node.body)
            body.append(ir.Assign(result, value if node.flat else ir.Call("optional", [value])))
        self._block.append(ir.If(ir.Attribute(target, "present"), body, [ir.Assign(result, ir.Name("none"))]))
        return ir.Name(result)

    def _sort_by(self, node: SortBy) -> ir.Expr:
        target = self._assign(self._lower(node.target))
        keys = self._assign(ir.MakeList([]))
        self._nested += 1
        with self._inner() as body, self._variables((node.name,)) as (variable,):
            self._charge.steps += _LIST_COST + 2
            body.append(ir.Append(keys.id, self._lower(node.key)))
        self._nested -= 1
        self._block.append(ir.Loop(None, variable, ir.Call("items_of", [target]), body))
        return self._call("sorted_by", _CTX, target, keys)


_METHODS: Final[dict[type, Callable[[_Planner, Any], ir.Expr]]] = {
    Literal: _Planner._literal,
    Ident: _Planner._ident,
    Select: _Planner._select,
    Index: _Planner._index,
    Call: _Planner._function,
    Chain: _Planner._chain,
    Choice: _Planner._choice,
    ListOf: _Planner._list,
    MapOf: _Planner._map,
    Comprehension: _Planner._comprehension,
    Bind: _Planner._bind,
    Unwrap: _Planner._unwrap,
    SortBy: _Planner._sort_by,
}
_MACROS: Final[dict[str, Callable[[_Planner, Comprehension, ir.Expr, list[str]], ir.Expr]]] = {
    "all": _Planner._quantified,
    "exists": _Planner._quantified,
    "exists_one": _Planner._exactly_one,
    "filter": _Planner._collected,
    "map": _Planner._collected,
    "transformList": _Planner._collected,
    "transformMap": _Planner._collected,
    "transformMapEntry": _Planner._collected,
}
