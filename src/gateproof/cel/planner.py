"""A checked expression to functions of the intermediate representation.

What may fail in ``&&`` and ``||`` runs inside an attempt, whose error is a value until the terms after it have had
their say. Parts that Python could not nest become functions of their own. Names are generated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from gateproof.cel import operators, runtime
from gateproof.cel.checker import Checked, Resolved
from gateproof.cel.folding import Constants
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
from gateproof.cel.values import Uint
from gateproof.compiler import ir

_CTX: Final = ir.Name("ctx")
_NESTED: Final = 8
"""Attempts and loops inside each other in one function."""
_HIGHEST: Final = 20
"""Calls inside each other in one expression of Python."""
_HASHED: Final = frozenset({bool, int, Uint, float, str})
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


def plan(tree: Node, checked: Checked, constants: Constants, label: str) -> Plan:
    """The plan of ``tree``, of which ``constants`` are known."""
    planner = _Planner(checked, constants, label)
    planner.function("main", tree, [])
    return planner.plan


class _Planner:
    def __init__(self, checked: Checked, constants: Constants, label: str) -> None:
        self.plan = Plan()
        self._constants = constants
        self._checked = checked
        self._label = label
        self._scope: dict[str, str] = {}
        self._bound: dict[str, ir.Expr] = {}
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
        if node in self._constants:
            return self._constant(self._constants[node])
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

    def _operands(self, nodes: list[Node], how: Sequence[Callable[[Node], ir.Expr]] | None = None) -> list[ir.Expr]:
        """The values of ``nodes``, evaluated in their order; ``how`` says for each what makes it."""
        values: list[ir.Expr] = []
        for number, node in enumerate(nodes):
            before = len(self._block)
            value = (how[number] if how else self._lower)(node)
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
    def _variables(self, names: tuple[str, ...]) -> Iterator[list[str]]:
        """Variables of a macro, with the names that Python has for them."""
        outer = self._scope
        mine = [self._name("v") for _ in names]
        self._scope = {**outer, **dict(zip(names, mine, strict=True))}
        yield mine
        self._scope = outer

    # Leaves and operators

    def _constant(self, value: Any) -> ir.Expr:
        if value is None or type(value) in (bool, int, str) or (type(value) is float and value == value):
            return ir.Const(value)
        name = self._name("k")
        self.plan.constants[name] = value
        return ir.Name(name)

    def _ident(self, node: Ident) -> ir.Expr:
        self._charge.steps += 1
        if not node.rooted and node.name in self._scope:
            name = self._scope[node.name]
            return self._bound[name] if name in self._bound else ir.Name(name)
        return self._call("fetch", _CTX, ir.Const(node.name))

    def _select(self, node: Select) -> ir.Expr:
        if node.test:
            return self._call("has", self._selected(node.operand), ir.Const(node.field))
        if _in_optional(node):
            return self._call("select_optional", _CTX, self._selected(node.operand), ir.Const(node.field))
        names: list[ir.Expr] = []
        place: Node = node
        while isinstance(place, Select) and not (place.test or _in_optional(place) or self._is_type(place)):
            names.append(ir.Const(place.field))
            place = place.operand
        self._charge.steps += len(names)
        return self._call("walk", self._selected(place), *reversed(names))

    def _is_type(self, node: Node) -> bool:
        return node in self._checked.type_names

    def _is_attribute(self, node: Node) -> bool:
        """Whether ``node`` is what selections continue rather than begin with."""
        if isinstance(node, Select):
            return not node.test and not self._is_type(node)
        return isinstance(node, Index | Choice) or (isinstance(node, Ident) and not self._is_type(node))

    def _selected(self, node: Node) -> ir.Expr:
        """What a field or index is selected of. Beginning with a value costs as much as with a variable."""
        self._charge.steps += not self._is_attribute(node)
        return self._lower(node)

    def _bare(self, node: Node) -> ir.Expr:
        """A branch or an index: where it is a selection, only its fields and indices cost."""
        root = node
        while isinstance(root, Select | Index) and self._is_attribute(root):
            root = root.operand
        self._charge.steps -= self._is_attribute(node) and not isinstance(root, Choice)
        return self._lower(node)

    def _index(self, node: Index) -> ir.Expr:
        operands = self._operands([node.operand, node.index], [self._selected, self._bare])
        if _in_optional(node):
            return self._call("index_optional", _CTX, *operands)
        self._charge.steps += 1
        return self._call("index", *operands)

    def _function(self, node: Call) -> ir.Expr:
        resolved = self._checked.calls[node]
        if resolved.function in ("or", "orValue") and resolved.overloads:
            return self._alternative(node, resolved.args)
        if resolved.function == "in" and (members := self._members(resolved)) is not None:
            return members
        operands = self._operands(resolved.args)
        if resolved.function == "!":
            self._charge.steps += 1
            return self._call("negation", *operands)
        operator = operators.OPERATORS.get(resolved.function)
        if operator is not None:
            return self._call(self._operator(operator.__name__, resolved), _CTX, *operands)
        name = self._name("call_")
        self.plan.calls[name] = node
        return self._call(name, _CTX, *operands)

    def _operator(self, name: str, resolved: Resolved) -> str:
        """The function of an operator: what equality costs, or the one overload that may be meant, it charges."""
        if resolved.function in ("==", "!="):
            return name
        if len(resolved.overloads) == 1 and f"{name}_sized" in runtime.NAMESPACE:
            params = resolved.overloads[0].signature.params
            if params[-1].name in (("list",) if resolved.function == "in" else ("string", "bytes")):
                return f"{name}_sized"
        self._charge.steps += 1
        return name

    def _members(self, resolved: Resolved) -> ir.Expr | None:
        """``in`` a constant list of values that cel-go makes a set of, which costs nothing."""
        wanted, collection = resolved.args
        values = self._constants.get(collection)
        if len(resolved.overloads) != 1 or type(values) is not list or not _HASHED.issuperset(map(type, values)):
            return None
        if not values:
            return ir.Const(False)
        strings = self._constant(frozenset(value for value in values if type(value) is str))
        return self._call("within", self._lower(wanted), strings, self._constant(values))

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
                body.append(ir.Assign(result, self._bare(each)))
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
            self._charge.steps += 2 + (node.macro == "exists")
            body.append(ir.If(ir.Is(result, decides), [ir.Break()]))
            body.append(ir.Charge(1))
            body.append(self._attempted(node.test, term))
            undecided = ir.Is(result, ir.Const(not decides.value))
            keep = ir.If(undecided, [ir.Assign(result.id, ir.Name(term))])
            body.append(ir.If(ir.Is(ir.Name(term), decides), [ir.Assign(result.id, decides)], [keep]))
        self._charge.steps += 1
        self._loop(source, names, body)
        return self._call("truth", result)

    def _exactly_one(self, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
        found = self._assign(ir.MakeList([]))
        assert node.test is not None  # noqa: S101 - as the parser made it
        with self._inner() as body:
            test = self._test(node.test)
            body.append(ir.If(test, [ir.Charge(2), ir.Append(found.id, ir.Const(True))]))
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
                body.append(ir.If(test, taken))
        self._charge.steps += 1
        self._loop(source, names, body)
        return made

    def _collect(self, node: Comprehension, made: ir.Name, names: list[str]) -> None:
        """Add what one element becomes."""
        if node.result is None:
            self._charge.steps += _LIST_COST + 3
            self._block.append(ir.Append(made.id, ir.Name(names[-1])))
            return
        value = self._lower(node.result)
        self._charge.steps += 3 if node.macro == "transformMap" else 2
        match node.macro:
            case "transformMap":
                self._block.append(ir.Do(ir.Call("insert", [made, ir.Name(names[0]), value])))
            case "transformMapEntry":
                self._block.append(ir.Do(ir.Call("insert_all", [made, value])))
            case _:
                self._charge.steps += 0 if node.result in self._constants else _LIST_COST
                self._block.append(ir.Append(made.id, value))

    def _bind(self, node: Bind) -> ir.Expr:
        """The value is made when the body first asks, by a function of its own; it or its error is kept."""

        def made(kept: str) -> list[ir.Stmt]:
            nested, self._nested = self._nested, 0
            value = self._name()
            attempt = self._attempted(node.value, value)
            self._nested = nested
            return [attempt, ir.Append(kept, ir.Name(value))]

        with self._deferred(node.name, made):
            return self._lower(node.body)

    @contextmanager
    def _deferred(self, name: str, made: Callable[[str], list[ir.Stmt]]) -> Iterator[None]:
        """A variable that is kept in a list, where a function puts it when it is first read."""
        function = self._name("bound_")
        params = list(self._scope.values())
        with self._variables((name,)) as (kept,):
            self._block.append(ir.Assign(kept, ir.MakeList([])))
            self._bound[kept] = ir.Call(function, [_CTX, ir.Name(kept), *map(ir.Name, params)])
            yield
        give = ir.Return(ir.Call("held", [ir.Item(ir.Name(kept), 0)]))
        lines: list[ir.Stmt] = [ir.If(ir.Not(ir.Name(kept)), made(kept)), give]
        self.plan.functions.append(ir.Function(function, ["ctx", kept, *params], lines, self._label))

    def _alternative(self, node: Call, args: list[Node]) -> ir.Expr:
        """``a.or(b)`` and ``a.orValue(b)``, which make b only where a is not there."""
        target = self._assign(self._call("unwrapped", self._lower(args[0])))
        result = self._name()
        flat = node.function == "or"
        with self._inner() as other:
            value = self._lower(args[1])
            other.append(ir.Assign(result, self._call("unwrapped", value) if flat else value))
        mine = target if flat else ir.Attribute(target, "value")
        self._block.append(ir.If(ir.Attribute(target, "present"), [ir.Assign(result, mine)], other))
        return ir.Name(result)

    def _unwrap(self, node: Unwrap) -> ir.Expr:
        """As ``target.hasValue() ? optional.of(cel.bind(name, target.value(), body)) : optional.none()`` costs."""
        left = ir.Attribute(ir.Attribute(_CTX, "budget"), "steps")
        before = self._assign(left)
        with self._inner() as block:
            target = self._assign(self._call("unwrapped", self._lower(node.target)))
        self._block += block
        after = self._assign(left)

        def made(kept: str) -> list[ir.Stmt]:
            again = ir.Do(ir.Call("again", [_CTX, before, after]))
            return [again, ir.Charge(1), ir.Append(kept, ir.Attribute(target, "value"))]

        result = self._name()
        outer = self._scope
        self._scope = {**outer, "#before": before.id, "#after": after.id, "#target": target.id}
        with self._inner() as body, self._deferred(node.name, made):
            self._charge.steps += 0 if node.flat else 1
            value = self._lower(node.body)
            body.append(ir.Assign(result, self._call("unwrapped" if node.flat else "optional", value)))
        self._scope = outer
        self._charge.steps += 1
        otherwise: list[ir.Stmt] = [ir.Charge(1), ir.Assign(result, ir.Name("none"))]
        self._block.append(ir.If(ir.Attribute(target, "present"), body, otherwise))
        return ir.Name(result)

    def _sort_by(self, node: SortBy) -> ir.Expr:
        target = self._assign(self._lower(node.target))
        keys = self._assign(ir.MakeList([]))
        self._nested += 1
        with self._inner() as body, self._variables((node.name,)) as (variable,):
            self._charge.steps += 2 + (0 if node.key in self._constants else _LIST_COST)
            body.append(ir.Append(keys.id, self._lower(node.key)))
        self._nested -= 1
        self._charge.steps += 3
        self._block.append(ir.Loop(None, variable, ir.Call("items_of", [target]), body))
        typed = ir.Const(self._checked.types[node.key].name != "dyn")
        return self._call("sorted_by", _CTX, target, keys, typed)


def _in_optional(node: Node) -> bool:
    """Whether a field or index is optional, or selected of one that is."""
    while isinstance(node, Select | Index):
        if node.optional:
            return True
        node = node.operand
    return False


_METHODS: Final[dict[type, Callable[[_Planner, Any], ir.Expr]]] = {
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
