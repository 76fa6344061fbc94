"""A checked expression to functions of the intermediate representation.

What may fail in ``&&`` and ``||`` runs inside an attempt, whose error is a value until the terms after it have had
their say. Parts that Python could not nest become functions of their own. Names are generated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from gateproof.cel import comprehensions, operators, runtime
from gateproof.cel.checker import Checked, Resolved
from gateproof.cel.comprehensions import CTX
from gateproof.cel.folding import Constants
from gateproof.cel.operators import LIST_COST
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

_NESTED: Final = 8
"""Attempts and loops inside each other in one function."""
_HIGHEST: Final = 20
"""Calls inside each other in one expression of Python."""
_HASHED: Final = frozenset({bool, int, Uint, float, str})
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
    planner = Planner(checked, constants, label)
    planner.function("main", tree, [])
    return planner.plan


class Planner:
    """Writes the functions of an expression, and has what :mod:`gateproof.cel.comprehensions` needs to.

    ``block``: the statements being written. ``charge``: what they cost without regard to values. ``scope``: what
    Python calls the variables of macros. ``nested``: attempts and loops around the block.
    """

    def __init__(self, checked: Checked, constants: Constants, label: str) -> None:
        self.plan = Plan()
        self.constants = constants
        self.checked = checked
        self._label = label
        self.scope: dict[str, str] = {}
        self._bound: dict[str, ir.Expr] = {}
        self.charge = ir.Charge(0)
        self.block: list[ir.Stmt] = []
        self.nested = 0
        self._names = 0
        self._heights: dict[int, int] = {}
        self._made: list[ir.Expr] = []

    def function(self, name: str, node: Node, params: list[str]) -> None:
        """Define a function of the context and ``params`` that returns the value of ``node``."""
        nested, self.nested = self.nested, 0
        with self.inner() as body:
            value = self.lower(node)
            body.append(ir.Return(value))
        self.nested = nested
        self.plan.functions.append(ir.Function(name, ["ctx", *params], body, self._label))

    @contextmanager
    def inner(self) -> Iterator[list[ir.Stmt]]:
        """A block of its own; what it costs is charged where it begins."""
        outer = self.block, self.charge
        self.charge = ir.Charge(0)
        block: list[ir.Stmt] = [self.charge]
        self.block = block
        yield block
        if not self.charge.steps:
            block.remove(self.charge)
        self.block, self.charge = outer

    def name(self, prefix: str = "t") -> str:
        """A name that is not taken."""
        self._names += 1
        return f"{prefix}{self._names}"

    def assign(self, value: ir.Expr, prefix: str = "t") -> ir.Name:
        """``value`` under a name."""
        name = self.name(prefix)
        self.block.append(ir.Assign(name, value))
        return ir.Name(name)

    def call(self, function: str, *args: ir.Expr) -> ir.Expr:
        """A call; an expression that grew too high is put aside under a name."""
        made = ir.Call(function, list(args))
        height = 1 + max((self._heights.get(id(arg), 0) for arg in args), default=0)
        if height > _HIGHEST:
            return self.assign(made)
        self._heights[id(made)] = height
        self._made.append(made)  # so that no other node takes its id
        return made

    def lower(self, node: Node) -> ir.Expr:
        """The value of ``node``, which statements of the block prepare."""
        if node in self.constants:
            return self._constant(self.constants[node])
        if self.nested >= _NESTED and isinstance(node, Chain | Comprehension | Bind | Unwrap | SortBy):
            return self._outlined(node)
        method: Callable[[Planner, Any], ir.Expr] = _METHODS[type(node)]
        return method(self, node)

    def _outlined(self, node: Node) -> ir.Expr:
        """A call of a function of its own, which gets all variables."""
        name = self.name("part_")
        params = list(self.scope.values())
        self.function(name, node, params)
        return self.call(name, CTX, *map(ir.Name, params))

    def _operands(self, nodes: list[Node], how: Sequence[Callable[[Node], ir.Expr]] | None = None) -> list[ir.Expr]:
        """The values of ``nodes``, evaluated in their order; ``how`` says for each what makes it."""
        values: list[ir.Expr] = []
        for number, node in enumerate(nodes):
            before = len(self.block)
            value = (how[number] if how else self.lower)(node)
            if len(self.block) > before:
                values = self._aside(values, before)
            values.append(value)
        return values

    def _aside(self, values: list[ir.Expr], place: int) -> list[ir.Expr]:
        """``values`` under names that are assigned at ``place``, before the statements that came since."""
        names: list[ir.Expr] = []
        for value in values:
            if isinstance(value, ir.Call):
                name = self.name()
                self.block.insert(place, ir.Assign(name, value))
                place += 1
                names.append(ir.Name(name))
            else:
                names.append(value)
        return names

    @contextmanager
    def variables(self, names: tuple[str, ...]) -> Iterator[list[str]]:
        """Variables of a macro, which are known inside, with the names that Python has for them."""
        outer = self.scope
        mine = [self.name("v") for _ in names]
        self.scope = {**outer, **dict(zip(names, mine, strict=True))}
        yield mine
        self.scope = outer

    # Leaves and operators

    def _constant(self, value: Any) -> ir.Expr:
        if value is None or type(value) in (bool, int, str) or (type(value) is float and value == value):
            return ir.Const(value)
        name = self.name("k")
        self.plan.constants[name] = value
        return ir.Name(name)

    def _ident(self, node: Ident) -> ir.Expr:
        self.charge.steps += 1
        if not node.rooted and node.name in self.scope:
            name = self.scope[node.name]
            return self._bound[name] if name in self._bound else ir.Name(name)
        return self.call("fetch", CTX, ir.Const(node.name))

    def _select(self, node: Select) -> ir.Expr:
        if node.test:
            return self.call("has", self._selected(node.operand), ir.Const(node.field))
        if _in_optional(node):
            return self.call("select_optional", CTX, self._selected(node.operand), ir.Const(node.field))
        names: list[ir.Expr] = []
        place: Node = node
        while isinstance(place, Select) and not (place.test or _in_optional(place) or self._is_type(place)):
            names.append(ir.Const(place.field))
            place = place.operand
        self.charge.steps += len(names)
        return self.call("walk", self._selected(place), *reversed(names))

    def _is_type(self, node: Node) -> bool:
        return node in self.checked.type_names

    def _is_attribute(self, node: Node) -> bool:
        """Whether ``node`` is what selections continue rather than begin with."""
        if isinstance(node, Select):
            return not node.test and not self._is_type(node)
        return isinstance(node, Index | Choice) or (isinstance(node, Ident) and not self._is_type(node))

    def _selected(self, node: Node) -> ir.Expr:
        """What a field or index is selected of. Beginning with a value costs as much as with a variable."""
        self.charge.steps += not self._is_attribute(node)
        return self.lower(node)

    def _bare(self, node: Node) -> ir.Expr:
        """A branch or an index: where it is a selection, only its fields and indices cost."""
        root = node
        while isinstance(root, Select | Index) and self._is_attribute(root):
            root = root.operand
        self.charge.steps -= self._is_attribute(node) and not isinstance(root, Choice)
        return self.lower(node)

    def _index(self, node: Index) -> ir.Expr:
        operands = self._operands([node.operand, node.index], [self._selected, self._bare])
        if _in_optional(node):
            return self.call("index_optional", CTX, *operands)
        self.charge.steps += 1
        return self.call("index", *operands)

    def _function(self, node: Call) -> ir.Expr:
        resolved = self.checked.calls[node]
        if resolved.function in ("or", "orValue") and resolved.overloads:
            return self._alternative(node, resolved.args)
        if resolved.function == "in" and (members := self._members(resolved)) is not None:
            return members
        operands = self._operands(resolved.args)
        if resolved.function == "!":
            self.charge.steps += 1
            return self.call("negation", *operands)
        operator = operators.OPERATORS.get(resolved.function)
        if operator is not None:
            return self.call(self._operator(operator.__name__, resolved), CTX, *operands)
        name = self.name("call_")
        self.plan.calls[name] = node
        return self.call(name, CTX, *operands)

    def _operator(self, name: str, resolved: Resolved) -> str:
        """The function of an operator: what equality costs, or the one overload that may be meant, it charges."""
        if resolved.function in ("==", "!="):
            return name
        if len(resolved.overloads) == 1 and f"{name}_sized" in runtime.NAMESPACE:
            params = resolved.overloads[0].signature.params
            if params[-1].name in (("list",) if resolved.function == "in" else ("string", "bytes")):
                return f"{name}_sized"
        self.charge.steps += 1
        return name

    def _members(self, resolved: Resolved) -> ir.Expr | None:
        """``in`` a constant list of values that cel-go makes a set of, which costs nothing."""
        wanted, collection = resolved.args
        values = self.constants.get(collection)
        if len(resolved.overloads) != 1 or type(values) is not list or not _HASHED.issuperset(map(type, values)):
            return None
        if not values:
            return ir.Const(False)
        strings = self._constant(frozenset(value for value in values if type(value) is str))
        return self.call("within", self.lower(wanted), strings, self._constant(values))

    def _is_boolean(self, node: Node) -> bool:
        """Whether ``node`` gives a boolean or fails."""
        if isinstance(node, Chain) or (isinstance(node, Literal) and type(node.value) is bool):
            return True
        if isinstance(node, Select):
            return node.test
        return isinstance(node, Call | Comprehension) and self.checked.types[node] == BOOL

    # Control

    @contextmanager
    def deferred(self, name: str, made: Callable[[str], list[ir.Stmt]]) -> Iterator[None]:
        """A variable that is kept in a list, where a function puts it when it is first read."""
        function = self.name("bound_")
        params = list(self.scope.values())
        with self.variables((name,)) as (kept,):
            self.block.append(ir.Assign(kept, ir.MakeList([])))
            self._bound[kept] = ir.Call(function, [CTX, ir.Name(kept), *map(ir.Name, params)])
            yield
        give = ir.Return(ir.Call("held", [ir.Item(ir.Name(kept), 0)]))
        lines: list[ir.Stmt] = [ir.If(ir.Not(ir.Name(kept)), made(kept)), give]
        self.plan.functions.append(ir.Function(function, ["ctx", kept, *params], lines, self._label))

    def attempted(self, node: Node, target: str) -> ir.Stmt:
        """Assign the value of ``node``, or its error, to ``target``."""
        self.nested += 1
        with self.inner() as body:
            body.append(ir.Assign(target, self.lower(node)))
        self.nested -= 1
        return ir.Attempt(body, "fault", target)

    def _chain(self, node: Chain) -> ir.Expr:
        """Terms from left to right, until one decides; an error or no boolean stays the result unless one does."""
        result, term = self.name("b"), self.name("b")
        decides = ir.Const(node.operator == "||")
        self.block.append(self.attempted(node.terms[0], result))
        for each in node.terms[1:]:
            decided = ir.If(ir.Is(ir.Name(term), decides), [ir.Assign(result, decides)], [])
            undecided = ir.Is(ir.Name(result), ir.Const(not decides.value))
            decided.other.append(ir.If(undecided, [ir.Assign(result, ir.Name(term))]))
            step = [self.attempted(each, term), decided]
            self.block.append(ir.If(ir.Not(ir.Is(ir.Name(result), decides)), step))
        return self.call("truth", ir.Name(result))

    def test(self, node: Node) -> ir.Expr:
        """The value of ``node``, which must be a boolean."""
        value = self.lower(node)
        return value if self._is_boolean(node) else self.call("truth", value)

    def _choice(self, node: Choice) -> ir.Expr:
        test = self.test(node.test)
        result = self.name()
        branches: list[list[ir.Stmt]] = []
        for each in (node.yes, node.no):
            with self.inner() as body:
                body.append(ir.Assign(result, self._bare(each)))
            branches.append(body)
        self.block.append(ir.If(test, *branches))
        return ir.Name(result)

    # Literals of collections

    def _list(self, node: ListOf) -> ir.Expr:
        self.charge.steps += LIST_COST
        values = self._operands([item for item, _ in node.items])
        if not any(optional for _, optional in node.items) and len(values) < _HIGHEST:
            return self.assign(ir.MakeList(values))
        made = self.assign(ir.MakeList([]))
        for value, (_, optional) in zip(values, node.items, strict=True):
            append = ir.Do(ir.Call("item_optional", [made, value])) if optional else ir.Append(made.id, value)
            self.block.append(append)
        return made

    def _map(self, node: MapOf) -> ir.Expr:
        self.charge.steps += _MAP_COST
        made = self.assign(ir.MakeDict([]))
        for key, value, optional in node.entries:
            operands = self._operands([key, value])
            self.block.append(ir.Do(ir.Call("entry_optional" if optional else "entry", [made, *operands])))
        return made

    def _alternative(self, node: Call, args: list[Node]) -> ir.Expr:
        """``a.or(b)`` and ``a.orValue(b)``, which make b only where a is not there."""
        target = self.assign(self.call("unwrapped", self.lower(args[0])))
        result = self.name()
        flat = node.function == "or"
        with self.inner() as other:
            value = self.lower(args[1])
            other.append(ir.Assign(result, self.call("unwrapped", value) if flat else value))
        mine = target if flat else ir.Attribute(target, "value")
        self.block.append(ir.If(ir.Attribute(target, "present"), [ir.Assign(result, mine)], other))
        return ir.Name(result)


def _in_optional(node: Node) -> bool:
    """Whether a field or index is optional, or selected of one that is."""
    while isinstance(node, Select | Index):
        if node.optional:
            return True
        node = node.operand
    return False


_METHODS: Final[dict[type, Callable[[Planner, Any], ir.Expr]]] = {
    Ident: Planner._ident,
    Select: Planner._select,
    Index: Planner._index,
    Call: Planner._function,
    Chain: Planner._chain,
    Choice: Planner._choice,
    ListOf: Planner._list,
    MapOf: Planner._map,
    Comprehension: comprehensions.comprehension,
    Bind: comprehensions.bind,
    Unwrap: comprehensions.unwrap,
    SortBy: comprehensions.sort_by,
}
