"""Planning of terms: each becomes an IR expression, preceded by the statements that it needs."""

from __future__ import annotations

from collections.abc import Hashable

from gateproof.compiler import ir
from gateproof.rego import shortcuts
from gateproof.rego.emitter import UNDEFINED
from gateproof.rego.errors import TYPE_ERROR
from gateproof.rego.index import Group, constant_name, dotted
from gateproof.rego.references import ReferencePlanner
from gateproof.rego.resolver import ROOTS
from gateproof.rego.shortcuts import ARITHMETIC, COMPARISONS, TEXTS
from gateproof.rego.syntax import (
    Array,
    Call,
    Comprehension,
    Literal,
    Node,
    Object,
    Ref,
    Scalar,
    SetLiteral,
    Template,
    Var,
    children,
)

_HEAVIEST = 100_000
"""Members, at any depth, of a collection that is made before an evaluation, where nothing is charged for it."""


class TermPlanner(ReferencePlanner):
    """Plans terms. Methods return expressions that are simple: a constant or a name."""

    # Implemented with bodies

    def body(self, literals: list[Literal]) -> None:
        """Plan a body; implemented by the subclass."""
        raise NotImplementedError

    def value(self, node: Node) -> ir.Expr:
        """The value of ``node``; guarded, so never undefined."""
        return self.require(self.maybe(node))

    def maybe(self, node: Node) -> ir.Expr:
        """The value of ``node``, which may be UNDEFINED."""
        if isinstance(node, Scalar):
            return constant(node.value)
        if isinstance(node, Var):
            return self._var(node)
        if isinstance(node, Ref):
            return self._ref(node)
        if isinstance(node, Call):
            return self.call(node)
        if isinstance(node, Array):
            return self._array(node)
        if isinstance(node, SetLiteral):
            pairs = [(self.key_of(item), item) for item in self.values(node.items)]
            parts = [value for _, value in pairs]
            function = "constant_set" if self._weight(parts) else "set_of"
            made = self._made(ir.Call(function, [ir.MakeDict(pairs)]), parts)
            if _is_constant(made):
                self.planner.sets.add(made.id)
            return made
        if isinstance(node, Object):
            return self._object(node)
        if isinstance(node, Comprehension):
            return self._comprehension(node)
        if isinstance(node, Template):
            return self._template(node)
        raise TypeError(f"not a term: {type(node).__name__}")

    def values(self, nodes: list[Node]) -> list[ir.Expr]:
        """The values of several terms; those that bind variables of the others come first."""
        found: dict[int, ir.Expr] = {}
        waiting = list(range(len(nodes)))
        while waiting:
            ready = [n for n in waiting if self._ready(nodes[n])] or waiting[:1]
            for number in ready:
                found[number] = self.value(nodes[number])
            waiting = [n for n in waiting if n not in ready]
        return [found[number] for number in range(len(nodes))]

    def _ready(self, node: Node) -> bool:
        """Whether a term needs no variable that is still free."""
        if isinstance(node, Var):
            return node.name in self.bound or node.name in ROOTS
        if isinstance(node, Ref):
            return self._ready(node.head)
        if isinstance(node, (Comprehension, Template)):
            return False
        return all(
            self._ready(child) for child in children(node) if not (isinstance(node, Call) and child is node.function)
        )

    def _array(self, node: Array) -> ir.Expr:
        items = self.values(node.items)
        return self._made(ir.MakeList(items), items)

    def _object(self, node: Object) -> ir.Expr:
        parts = self.values([part for pair in node.pairs for part in pair])
        pairs = [(self.key_of(name), value) for name, value in zip(parts[::2], parts[1::2], strict=True)]
        made = self._made(ir.MakeDict(pairs), parts, parts[1::2])
        if all(self._is_light(part) for part in parts):
            self.objects.add(made.id)
        return made

    def _made(self, value: ir.Expr, parts: list[ir.Expr], members: list[ir.Expr] | None = None) -> ir.Name:
        """A collection; what it shares with other values counts against the budget as if it were copied.

        ``members`` are those of its ``parts`` that it has as members, if not all.
        """
        if weight := self._weight(parts):
            constant = self.planner.constant(value, weight=weight, empty=not parts)
            self.defined.add(constant.id)
            return constant
        heavy = [part for part in (parts if members is None else members) if not self._is_light(part)]
        if len(heavy) > 1:
            value = ir.Call("made_of", [self.ctx, value, ir.MakeList(heavy)])
        elif heavy:
            value = ir.Call("made_of_one", [self.ctx, value, *heavy])
        return self._named(value)

    def _is_light(self, value: ir.Expr) -> bool:
        """Whether a value is known to have no members."""
        return not isinstance(value, ir.Name) or value.id in self.scalars or value.id in self.planner.empty

    def _weight(self, parts: list[ir.Expr]) -> int:
        """What a collection of ``parts`` weighs as a constant; 0 if it is none, or shares its parts too often."""
        if not all(_is_constant(part) for part in parts):
            return 0
        weights = self.planner.weights
        weight = 1 + sum(weights.get(part.id, 1) if isinstance(part, ir.Name) else 1 for part in parts)
        return weight if weight <= _HEAVIEST else 0

    def key_of(self, value: ir.Expr) -> ir.Expr:
        """The hashable form of a value."""
        if not isinstance(value, ir.Name):
            return ir.KeyOf(value)
        if _is_constant(value):
            return self.planner.constant(ir.KeyOf(value))
        if value.id in self.texts:
            return value
        return ir.Call("object_key", [value]) if value.id in self.objects else ir.KeyOf(value)

    def same(self, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """A test of equality."""
        return shortcuts.equality(left, right, ir.Call("same", [self.ctx, left, right]))

    def _scalar(self, value: ir.Expr, *, text: bool = False) -> ir.Name:
        """Give a scalar, or what is undefined, a name."""
        name = self.assign(value)
        self.scalars.add(name.id)
        if text:
            self.texts.add(name.id)
        return name

    def _boolean(self, value: ir.Expr) -> ir.Name:
        """Give a boolean, which is always defined, a name."""
        name = self._scalar(value)
        self.defined.add(name.id)
        return name

    def _named(self, value: ir.Expr) -> ir.Name:
        name = self.assign(value)
        self.defined.add(name.id)
        return name

    # Calls

    def call(self, node: Call) -> ir.Expr:
        """The result of a call, which may be UNDEFINED."""
        function = node.function
        if isinstance(function, Ref):
            return self._call_rule(node, function)
        if not isinstance(function, Var):
            self.planner.problem(node.at, TYPE_ERROR, "only functions can be called")
            return ir.Const(None)
        name = function.name
        if name in ("eq", "equal", "neq"):
            left, right = self.values(node.args)
            test = self.same(left, right)
            return self._boolean(ir.Not(test) if name == "neq" else test)
        if name in self.planner.mocked:
            return self._call_builtin(name, node)
        if name in COMPARISONS and len(node.args) == 2:
            left, right = self.values(node.args)
            call = ir.Call(COMPARISONS[name], [self.ctx, left, right])
            return self._boolean(shortcuts.operator(name, left, right, call))
        if name in ARITHMETIC and len(node.args) == 2:
            left, right = self.values(node.args)
            return self.assign(shortcuts.operator(name, left, right, ir.Call(f"{name}_", [self.ctx, left, right])))
        if name.startswith("internal.member_") and len(node.args) in (2, 3):
            args = self.values(node.args)
            if len(args) == 3:
                return self._boolean(ir.Call("member", [self.ctx, *args]))
            value, collection = args
            is_set = isinstance(collection, ir.Name) and collection.id in self.planner.sets
            contained = ir.Call("contained", [self.ctx, value, collection])
            return self._boolean(shortcuts.membership(value, collection, contained, is_set=is_set))
        if name == "print":
            return self._print(node)
        if name in ("rego.metadata.rule", "rego.metadata.chain"):
            return self.planner.metadata(self, name, node)
        return self._call_builtin(name, node)

    def _call_rule(self, node: Call, function: Ref) -> ir.Expr:
        path = tuple(str(constant_name(part)) for part in function.path)
        group = self.planner.index.functions.get(path)
        if group is None:
            if not node.args and isinstance(self.planner.index.find(path), Group):
                return self._data(function.path, function)  # `f()` declares, and so calls, a rule
            self.planner.problem(node.at, TYPE_ERROR, f"undefined function {dotted(path)}")
            return ir.Const(None)
        self.planner.uses(self.group, [group], node.at)
        args = self._arguments(node, group.arity, dotted(path))
        name = f"function_{group.number}"
        if dotted(path) in self.planner.mocked:
            return self._mocked(dotted(path), name, args)
        return self.assign(ir.Call(name, [self.ctx, *args]))

    def _mocked(self, name: str, function: str, args: list[ir.Expr]) -> ir.Expr:
        """A call of a function that some `with` of the program replaces."""
        target = ir.Const(self.planner.mocked[name])
        return self.assign(ir.Call("mocked", [self.ctx, target, ir.Name(function), *args]))

    def _call_builtin(self, name: str, node: Call) -> ir.Expr:
        entry = self.planner.builtin(name, node)
        if entry is None:
            return ir.Const(None)
        local, arity, relation = entry
        args = self._arguments(node, arity, name) if name != "sprintf" else self._text_arguments(node)
        if relation:
            _, value = self.loop(ir.Call("related", [self.ctx, ir.Name(local), *args]), keyed=False)
            return value
        if name in self.planner.mocked:
            return self._mocked(name, local, args)
        call: ir.Expr = ir.Call(local, [self.ctx, *args])
        if name in self.planner.host:
            return self.assign(call)
        if name == "sprintf" and isinstance(args[1], ir.MakeList):
            call = shortcuts.formatted(args[0], args[1].items, self.texts, call)
        else:
            call = shortcuts.builtin(name, args, call)
        result = self._scalar(call, text=True) if name in TEXTS else self.assign(call)
        if isinstance(call, ir.Call) and call.function == "written":
            self.defined.add(result.id)
        return result

    def _arguments(self, node: Call, arity: int, name: str) -> list[ir.Expr]:
        if len(node.args) != arity:
            few = "too few" if len(node.args) < arity else "too many"
            self.planner.problem(node.at, TYPE_ERROR, f"{name}: arity mismatch, {few} arguments ({arity} wanted)")
        return self.values(node.args)

    def _text_arguments(self, node: Call) -> list[ir.Expr]:
        """The arguments of ``sprintf``: the array that they are nearly always written as is shared with nothing."""
        if len(node.args) != 2 or not isinstance(node.args[1], Array) or not self._ready(node.args[1]):
            return self._arguments(node, 2, "sprintf")
        form, *parts = self.values([node.args[0], *node.args[1].items])
        return [form, ir.MakeList(parts)]

    def _print(self, node: Call) -> ir.Expr:
        parts = [self._captured(Literal(arg.at, arg, False, [])) for arg in node.args]
        place = self.planner.module.place(node.at).rpartition(":")[0]
        self.out.append(ir.Do(ir.Call("print_", [self.ctx, ir.Const(place), *parts])))
        return ir.Const(True)

    def _captured(self, literal: Literal) -> ir.Expr:
        """The value of an expression in a template or print; UNDEFINED does not end the body."""
        holder = self.assign(UNDEFINED)
        saved = self.open_scope()
        restore = self.enter_withs(literal)
        value = self.value(literal.term)
        self.out.append(ir.Assign(holder.id, ir.Call("single", [self.ctx, holder, value])))
        restore()
        self.close_scope(saved)
        return holder

    def enter_withs(self, literal: Literal) -> _Restore:
        """Switch to the context of the literal's `with`; implemented with bodies."""
        raise NotImplementedError

    def _template(self, node: Template) -> ir.Expr:
        parts: list[ir.Expr] = []
        for part in node.parts:
            if isinstance(part, str):
                parts.append(ir.Const(part))
            else:
                assert isinstance(part, Literal)  # noqa: S101 - narrows the type
                for var in self.planner.safety.unbound(part, self.bound):
                    self.planner.unsafe(var)
                parts.append(ir.Call("rendered", [self.ctx, self._captured(part)]))
        return self._named(ir.Call("joined", [self.ctx, ir.MakeList(parts)]))

    # Comprehensions

    def _comprehension(self, node: Comprehension) -> ir.Expr:
        array = node.kind == "array"
        target = self.assign(ir.MakeList([]) if array else ir.MakeDict([]))
        saved = self.open_scope()
        self.body(node.body)
        if node.kind == "object" and node.key:
            key, value = self.value(node.key), self.value(node.value)
            self.out.append(ir.Do(ir.Call("put", [self.ctx, target, key, value])))
        elif array:
            self.out.append(ir.Append(target.id, self.value(node.value)))
        else:
            value = self._simple(self.value(node.value))
            self.out.append(ir.Store(target.id, self.key_of(value), value))
        self.close_scope(saved)
        self.defined.add(target.id)
        return self._named(ir.Call("made", [self.ctx, ir.Call("set_of", [target]) if node.kind == "set" else target]))


def _is_constant(value: ir.Expr) -> bool:
    """Whether an expression has the same value in every evaluation."""
    return isinstance(value, (ir.Const, ir.BigInt)) or (isinstance(value, ir.Name) and value.id.startswith("constant_"))


class _Restore:
    """Undo the switch to another context."""

    def __init__(self, planner: TermPlanner, ctx: ir.Name, known: dict[Hashable, ir.Expr]) -> None:
        self.planner = planner
        self.ctx = ctx
        self.known = known

    def __call__(self) -> None:
        self.planner.ctx = self.ctx
        self.planner.known = self.known


def constant(value: bool | int | float | str | None) -> ir.Expr:
    """A scalar as an expression."""
    if type(value) is int and not -(2**63) <= value < 2**63:
        return ir.BigInt(str(value))
    return ir.Const(value)
