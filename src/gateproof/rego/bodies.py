"""Planning of bodies: literals in order, unification, quantifiers, `not` and `with`."""

from __future__ import annotations

from gateproof.compiler import ir
from gateproof.rego.emitter import UNDEFINED
from gateproof.rego.errors import COMPILE_ERROR, TYPE_ERROR
from gateproof.rego.expressions import TermPlanner, _Restore
from gateproof.rego.index import constant_name
from gateproof.rego.resolver import ROOTS, wildcard
from gateproof.rego.safety import open_variables
from gateproof.rego.syntax import (
    Array,
    Builtin,
    Call,
    Every,
    Literal,
    Node,
    Not,
    Object,
    Ref,
    Scalar,
    Some,
    SomeIn,
    Var,
)


class BodyPlanner(TermPlanner):
    """Plans the literals of a body one after the other; each goes inside the loops of those before."""

    def body(self, literals: list[Literal]) -> None:
        """Order and plan a body."""
        ordered, unsafe = self.planner.safety.order(literals, self.bound)
        if unsafe:
            for var in unsafe:
                self.planner.unsafe(var)
            self.fail()
            return
        for literal in ordered:
            self._literal(literal)

    def _literal(self, literal: Literal) -> None:
        restore = self.enter_withs(literal)
        if literal.negated:
            term = self._outside_not(literal.term)
            flag = self.flag()
            self._negated(term, flag)
            restore()
            self._refute(flag)
        else:
            self._expression(literal.term)
            restore()

    def _negated(self, term: Node, flag: str) -> None:
        """What is inside of a negation: ``flag`` says afterwards whether it held."""
        saved = self.open_scope(flag)
        self._expression(term)
        self.out.append(ir.Succeed(flag))
        self.close_scope(saved)

    def _refute(self, flag: str) -> None:
        """Go on only if the scope of ``flag``, just planned, did not succeed; a single test needs no flag."""
        match self.out[-1]:
            case ir.Scope(_, [*lookups, ir.Guard(test, None), ir.Succeed()]) if all(
                isinstance(each, ir.Assign) for each in lookups
            ):
                self.out[-1:] = [*lookups, ir.Guard(ir.Not(test))]
            case _:
                self.guard(ir.Not(ir.Name(flag)))

    def _outside_not(self, term: Node) -> Node:
        """``term`` with its operands evaluated before the negation, as OPA's compiler arranges it.

        ``not f(input.x)`` needs ``input.x`` to be defined; only a reference that is negated itself, or
        is an operand of an equality, may be undefined inside the negation.
        """
        if isinstance(term, Ref):
            head = self._evaluated(term.head)
            return Ref(term.at, head, [self._evaluated(part) for part in term.path])
        if isinstance(term, Call) and isinstance(term.function, Var) and term.function.name in ("eq", "equal"):
            operands = [self._outside_not(arg) if isinstance(arg, Ref) else self._evaluated(arg) for arg in term.args]
            return Call(term.at, term.function, operands)
        if isinstance(term, Call) and not (isinstance(term.function, Var) and term.function.name == "print"):
            return Call(term.at, term.function, [self._evaluated(arg) for arg in term.args])
        return term

    def _evaluated(self, node: Node) -> Node:
        """A variable that holds the value of ``node``, or ``node`` where that is as simple already."""
        if isinstance(node, (Scalar, Var)):
            return node
        name = f"#{self.fresh()}"
        self.bound[name] = self.value(node)
        return Var(node.at, name)

    def _expression(self, term: Node) -> None:
        if isinstance(term, Some):
            return
        if isinstance(term, SomeIn):
            self._some_in(term)
        elif isinstance(term, Every):
            self._every(term)
        elif isinstance(term, Not):
            self._not(term)
        elif isinstance(term, Call) and isinstance(term.function, Var) and term.function.name == "eq":
            self.unify(term.args[0], term.args[1])
        elif isinstance(term, Call) and self._has_output(term):
            result = self.require(self.call(Call(term.at, term.function, term.args[:-1])))
            self.match(result, term.args[-1])
        elif isinstance(term, Call) and isinstance(term.function, Var):
            self._test(term, term.function.name)
        else:
            self._truthy(self.maybe(term))

    def _has_output(self, call: Call) -> bool:
        arity = self.planner.arity(call)
        return arity is not None and len(call.args) == arity + 1

    def _test(self, term: Call, name: str) -> None:
        """An operator as a condition: no intermediate boolean."""
        if len(term.args) == 2 and name in ("equal", "neq") and name not in self.planner.mocked:
            self._equality(term.args[0], term.args[1], positive=name == "equal")
        else:
            self._truthy(self.maybe(term))

    def _truthy(self, value: ir.Expr) -> None:
        if isinstance(value, ir.Const):
            if value.value is False:
                self.fail()
            return
        false = ir.Not(ir.Is(value, ir.Const(False)))
        if isinstance(value, ir.Name) and value.id in self.defined:
            self.guard(false)
        else:
            self.guard(ir.All([ir.Not(ir.Is(value, UNDEFINED)), false]))
            if isinstance(value, ir.Name):
                self.defined.add(value.id)

    def _equality(self, left: Node, right: Node, *, positive: bool) -> None:
        if isinstance(left, Scalar) and not isinstance(right, Scalar):
            left, right = right, left
        if (isinstance(right, Scalar) and not isinstance(right.value, (int, float))) or _is_boolean(right):
            self._against_constant(self.maybe(left), right, positive=positive)
            return
        test = self.same(*self.values([left, right]))
        self.guard(test if positive else ir.Not(test))

    def _against_constant(self, value: ir.Expr, scalar: Node, *, positive: bool) -> None:
        """Compare with a string (Python's ``==`` is exact) or with null, true or false (identity)."""
        assert isinstance(scalar, Scalar)  # noqa: S101 - narrows the type
        constant = ir.Const(scalar.value)
        test: ir.Expr = ir.Same(value, constant) if isinstance(scalar.value, str) else ir.Is(value, constant)
        if positive:
            self.guard(test)
            self.equals(value, scalar.value)
        else:
            self.require(value)
            self.guard(ir.Not(test))

    # Unification

    def unify(self, left: Node, right: Node) -> None:
        """``left = right``, binding what is not yet bound on either side."""
        if self._bound(left) and not isinstance(left, Ref) and isinstance(right, Ref):
            left, right = right, left
        if isinstance(left, Array) and isinstance(right, Array):
            self._unify_arrays(left, right)
        elif isinstance(left, Object) and isinstance(right, Object) and not (self._bound(left) or self._bound(right)):
            self._unify_objects(left, right)
        elif self._pattern(left) and not self._bound(left) and open_variables(right) <= set(self.bound):
            self.match(self.value(right), left)
        elif self._pattern(right) and not self._bound(right):
            self.match(self.value(left), right)
        elif self._pattern(left) and not self._bound(left):
            self.match(self.value(right), left)
        else:
            self._equality(left, right, positive=True)

    def _pattern(self, node: Node) -> bool:
        return isinstance(node, (Var, Array, Object))

    def _bound(self, node: Node) -> bool:
        """Whether matching against ``node`` would bind nothing."""
        if isinstance(node, Var):
            return node.name in self.bound or node.name in ROOTS
        if isinstance(node, Array):
            return all(self._bound(item) for item in node.items)
        if isinstance(node, Object):
            return all(self._bound(value) for _, value in node.pairs)
        return True

    def _unify_arrays(self, left: Array, right: Array) -> None:
        if len(left.items) != len(right.items):
            self.fail()
            return
        waiting = list(zip(left.items, right.items, strict=True))
        while waiting:
            later = []
            for a, b in waiting:
                if self._free(a) and self._free(b):
                    later.append((a, b))
                else:
                    self.unify(a, b)
            if len(later) == len(waiting):
                for a, b in later:
                    self.unify(a, b)
                return
            waiting = later

    def _free(self, node: Node) -> bool:
        return isinstance(node, Var) and not self._bound(node)

    def _unify_objects(self, left: Object, right: Object) -> None:
        mine = {_scalar_key(k): v for k, v in left.pairs}
        others = {_scalar_key(k): v for k, v in right.pairs}
        if None in mine or None in others:
            self.planner.refuse(left.at, "unification of two objects whose keys are not constants")
        elif mine.keys() != others.keys():
            self.fail()
        else:
            pairs = [(mine[name], others[name]) for name in mine]
            self._unify_arrays(Array(left.at, [a for a, _ in pairs]), Array(right.at, [b for _, b in pairs]))

    def match(self, value: ir.Expr, pattern: Node) -> None:
        """Unify a defined value with a pattern, binding its free variables."""
        if isinstance(pattern, Var) and not self._bound(pattern):
            if not wildcard(pattern.name):
                self.bound[pattern.name] = value
        elif isinstance(pattern, Array) and not self._bound(pattern):
            value = self._simple(value)
            size = ir.Same(ir.Call("len", [value]), ir.Const(len(pattern.items)))
            self.guard(ir.All([ir.IsKind(value, "list"), size]))
            for index, item in enumerate(pattern.items):
                if not (isinstance(item, Var) and wildcard(item.name)):
                    element = self.assign(ir.Item(value, index))
                    self.defined.add(element.id)
                    self.match(element, item)
        elif isinstance(pattern, Object) and not self._bound(pattern):
            value = self._simple(value)
            size = ir.Same(ir.Call("len", [value]), ir.Const(len(pattern.pairs)))
            self.guard(ir.All([ir.IsKind(value, "dict"), size]))
            for name, member in pattern.pairs:
                constant = constant_name(name)
                found = ir.Field(value, constant) if constant is not None else ir.Call("get", [value, self.value(name)])
                self.match(self.require(found), member)
        elif isinstance(pattern, Scalar) and (not isinstance(pattern.value, (int, float)) or _is_boolean(pattern)):
            self._against_constant(value, pattern, positive=True)
        else:
            self.guard(self.same(value, self.value(pattern)))

    # Quantifiers

    def _some_in(self, term: SomeIn) -> None:
        source = self._simple(self.maybe(term.collection))  # nothing is in what is undefined
        if term.key is None or (isinstance(term.key, Var) and wildcard(term.key.name)):
            _, value = self.loop(ir.Call("values", [self.ctx, source]), keyed=False)
        else:
            key, value = self.loop(ir.Call("items", [self.ctx, source]), keyed=True)
            self.match(key, term.key)
        self.match(value, term.value)

    def _every(self, term: Every) -> None:
        """No iteration may fail: a scope that succeeds on the first counterexample."""
        source = self.value(term.collection)
        self.guard(ir.Call("iterable", [source]))
        failed, held = self.flag(), self.flag()
        outer = self.open_scope(failed)
        key, value = self.loop(ir.Call("items", [self.ctx, source]), keyed=True)
        inner = self.open_scope(held)
        if term.key:
            self.match(key, term.key)
        self.match(value, term.value)
        self.body(term.body)
        self.out.append(ir.Succeed(held))
        self.close_scope(inner)
        self.guard(ir.Not(ir.Name(held)))
        self.out.append(ir.Succeed(failed))
        self.close_scope(outer)
        self.guard(ir.Not(ir.Name(failed)))

    def _not(self, term: Not) -> None:
        """No solution of the body: a scope that succeeds on the first."""
        held = self.flag()
        saved = self.open_scope(held)
        self.body(term.body)
        self.out.append(ir.Succeed(held))
        self.close_scope(saved)
        self.guard(ir.Not(ir.Name(held)))

    # With

    def enter_withs(self, literal: Literal) -> _Restore:
        """Plan the replacements, and what follows in their context until the result is called."""
        restore = _Restore(self, self.ctx, self.known)
        if not literal.withs:
            return restore
        replacements: list[ir.Expr] = []
        for each in literal.withs:
            replacement = self._replacement(each.target, each.value)
            if replacement is not None:
                replacements.append(ir.MakeList(replacement))
        self.ctx = self.assign(ir.Call("replaced", [self.ctx, ir.MakeList(replacements)]), "ctx")
        self.known = {}
        return restore

    def _replacement(self, target: Node, value: Node) -> list[ir.Expr] | None:
        """``[what, path or name, value]`` of one `with`."""
        root, path = _root_and_path(target)
        name = self.planner.function_name(target)
        if name is not None:
            self._check_replacement(target, name, value)
            return [ir.Const("function"), ir.Const(self.planner.mocked[name]), self._function_value(value)]
        if root is None:
            if isinstance(target, Ref) and isinstance(target.head, Var) and target.head.name in ROOTS:
                self.planner.refuse(target.at, "`with` at a path that is not constant")
            self.planner.problem(
                target.at, TYPE_ERROR, "with keyword target must reference existing input, data, or a function"
            )
            return None
        if root == "data" and self.planner.index.inside_rule(path):
            message = "with keyword cannot partially replace virtual document(s)"
            self.planner.problem(target.at, COMPILE_ERROR, message)
        return [ir.Const(root), ir.MakeList([ir.Const(part) for part in path]), self.value(value)]

    def _check_replacement(self, target: Node, name: str, value: Node) -> None:
        """A function is replaced by one that takes as many arguments; one with many results by none."""
        if isinstance(target, Builtin) and self.planner.is_relation(name):
            message = "with keyword replacing built-in function: target must not be a relation"
            self.planner.problem(target.at, COMPILE_ERROR, message)
        if self.planner.function_name(value) is not None:
            wanted, found = (self.planner.arity(Call(node.at, _called(node), [])) for node in (target, value))
            if wanted != found:
                self.planner.problem(target.at, TYPE_ERROR, f"{name}: arity mismatch")

    def _function_value(self, value: Node) -> ir.Expr:
        """A function to call instead, or the value that every call gives."""
        name = self.planner.function_name(value)
        if name is not None:
            return ir.Name(self.planner.function_local(self.group, name, value))
        return ir.Call("always", [self.value(value)])


def _called(node: Node) -> Node:
    """What is called where ``node`` names a function."""
    return Var(node.at, node.name) if isinstance(node, Builtin) else node


def _is_boolean(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, bool)


def _scalar_key(node: Node) -> object:
    if isinstance(node, Scalar):
        from gateproof.rego.values import key

        return (key(node.value),)
    return None


def _root_and_path(target: Node) -> tuple[str | None, list[str]]:
    if isinstance(target, Var) and target.name in ROOTS:
        return target.name, []
    if isinstance(target, Ref) and isinstance(target.head, Var) and target.head.name in ROOTS:
        names = [constant_name(part) for part in target.path]
        if None not in names:
            return target.head.name, [name for name in names if name is not None]
    return None, []
