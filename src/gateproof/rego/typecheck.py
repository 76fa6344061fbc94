"""The static type checker: expressions and references that can never hold are errors before anything is evaluated.

The rules are OPA's, so that it refuses what OPA's compiler refuses, and nothing else. A rule's type follows from its
clauses, so the rules that it uses are checked before it. What is checked is the flat form of
:mod:`gateproof.rego.lowering`, in the order in which it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from gateproof.rego.declarations import DECLARATIONS
from gateproof.rego.lowering import Lowered, Lowering, equality
from gateproof.rego.safety import Arity, Safety, open_variables, pattern_variables
from gateproof.rego.syntax import (
    Array,
    Builtin,
    Call,
    Comprehension,
    Every,
    Literal,
    Node,
    Not,
    Object,
    Ref,
    Rule,
    Scalar,
    SetLiteral,
    Var,
)
from gateproof.rego.type_environment import COMPUTED, Scope, constant_key
from gateproof.rego.type_notation import declared, described
from gateproof.rego.typed_terms import Terms
from gateproof.rego.types import ANY, FunctionType, Key, Type, unknown

Report = Callable[[int, str], None]
"""Notes a problem of the module that is being checked: offset and message."""


class _Problem(Exception):  # noqa: N818 - caught where the expression is, never seen outside
    """An expression is wrong; without ``message``, the problem has been reported already."""

    def __init__(self, at: int, message: str = "", *, unsure: bool = False) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.unsure = unsure


def _ignore(at: int, message: str) -> None:
    """Reports nothing."""


class Checker(Terms):
    """Checks the rules of one program, one after the other."""

    def __init__(self, arity: Arity, host: Container[str], schema: object = None) -> None:
        """``arity`` is that of functions of the program. ``host``: names of the host's builtins, of unknown types.

        ``schema`` is the JSON Schema of the input, if there is one.
        """
        super().__init__()
        if schema is not None:
            from gateproof.rego.schema_types import type_of_schema

            self.input = type_of_schema(schema, self.types)
        self._safety = Safety(self._arity)
        self._program_arity = arity
        self._host = host
        self._declared: dict[str, FunctionType] = {}
        self._writer = Lowering(self._is_function)
        self._equal = True
        self._failed = False
        self._report: Report = _ignore

    def rule(self, package: list[str], rule: Rule, report: Report) -> None:
        """Check one clause and its `else` branches, and learn the type of what they give."""
        branch: Rule | None = rule
        while branch is not None:
            self._branch(package, branch, report)
            branch = branch.otherwise

    def query(self, body: list[Literal], report: Report) -> None:
        """Check a query. There, ``==`` compares whatever it is given."""
        self._start(report)
        self._equal = False
        self._body(Scope(), self._writer.body(body), set())
        self._equal = True

    def _arity(self, call: Call) -> int | None:
        function = call.function
        if isinstance(function, Var) and function.name.startswith("internal.") and function.name in DECLARATIONS:
            return len(declared(DECLARATIONS[function.name], self.types).args)
        known = self._program_arity(call)
        return 0 if known is None and isinstance(function, Ref) else known  # a rule that is called as `rule()`

    def _is_function(self, node: Node) -> bool:
        return isinstance(node, Ref) and self._program_arity(Call(node.at, node, [])) is not None

    def _start(self, report: Report) -> None:
        self._report = report
        self._failed = False
        self._writer = Lowering(self._is_function)
        self.comprehensions.clear()

    def _branch(self, package: list[str], rule: Rule, report: Report) -> None:
        self._start(report)
        lowered = Lowered(rule, self._writer)
        scope = Scope()
        bound = set().union(*map(pattern_variables, lowered.args))
        self._body(scope, lowered.body, bound)
        path: list[Key] = [*package, rule.path[0].name]  # type: ignore[attr-defined]  # a Var, by the grammar
        dynamic = list(lowered.path[1:])
        while dynamic and isinstance(dynamic[0], Scalar):
            path.append(constant_key(dynamic.pop(0)))
        if self._failed:
            rest = [constant_key(part) if isinstance(part, Scalar) else COMPUTED for part in dynamic]
            self.data.at([*path, *rest]).type = ANY  # what uses the rule is not wrong because the rule is
            return
        type_ = self._given(scope, rule, lowered)
        for part in reversed(dynamic):
            key = self.term(scope, part)
            type_ = self.types.object_type({}, (key, type_)) if key is not None and type_ is not None else None
        if type_ is not None:
            self.data.insert(path, type_, self.types)

    def _given(self, scope: Scope, rule: Rule, lowered: Lowered) -> Type | None:
        """The type of the value, the members or the function that a clause makes."""
        if rule.kind == "function":
            for name in set().union(*map(pattern_variables, lowered.args)):
                if scope.get(name) is None:
                    scope.types[name] = ANY
            args = [self.term(scope, arg) for arg in lowered.args]
            return self.types.function_type(args, self.term(scope, lowered.value) if lowered.value else None)
        if rule.kind == "set":
            member = self.term(scope, lowered.key) if lowered.key else None
            return None if member is None else self.types.set_type(member)
        return self.term(scope, lowered.value) if lowered.value else None

    # Bodies

    def _body(self, scope: Scope, body: list[Literal], bound: set[str]) -> None:
        """Check a body; ``bound`` are the variables that have a value before it."""
        ordered, unsafe = self._safety.order(body, bound)
        if unsafe:
            self._failed = True  # reported where bodies are planned
            return
        bound = set(bound)
        for literal in ordered:
            self._literal(scope, literal, bound)
            bound |= open_variables(literal)

    def _literal(self, scope: Scope, literal: Literal, bound: set[str]) -> None:
        term = literal.term
        if isinstance(term, (Every, Not)):
            self._inside(scope, term, bound)
        else:
            self._expression(scope, self._eager(scope, literal, bound), bound)

    def _inside(self, scope: Scope, node: Every | Not, bound: set[str]) -> None:
        """The references and comprehensions in the body of ``node``; what it says of its variables is not followed."""
        parts = (node.key, node.value) if isinstance(node, Every) else ()
        bound = bound.union(*(pattern_variables(part) for part in parts if part))  # a copy
        ordered, unsafe = self._safety.order(node.body, bound)
        self._failed = self._failed or bool(unsafe)
        for literal in ordered if not unsafe else ():
            if isinstance(literal.term, (Every, Not)):
                self._inside(scope, literal.term, bound)
            else:
                self._references(scope, self._operands(literal.term), bound)
            bound |= open_variables(literal)

    def _expression(self, scope: Scope, literal: Literal, bound: set[str]) -> None:
        """One expression: its comprehensions and references, then the call itself."""
        term = literal.term
        sound = self._references(scope, self._operands(term), bound)
        try:
            for each in literal.withs:
                self._replacement(scope, each.at, each.target, each.value)
            if isinstance(term, Call):
                self._call(scope, term)
        except _Problem as problem:
            self._failed = True
            if problem.message and (sound or not problem.unsure):
                self._report(problem.at, problem.message)

    def _operands(self, term: Node) -> list[Node]:
        return term.args if isinstance(term, Call) else [term]

    def _references(self, scope: Scope, operands: Iterable[Node], bound: set[str]) -> bool:
        """Check the comprehensions and references in ``operands``; whether they are right."""
        before, self._failed = self._failed, False
        found = list(_closures_and_refs(operands))
        for node in found:
            if isinstance(node, Comprehension):
                self._comprehension(scope, node, bound)
        for node in found:
            if isinstance(node, Ref):
                problem = self.problem(scope, node)
                if problem is not None:
                    self._failed = True
                    if problem:
                        self._report(node.at, problem)
        sound = not self._failed
        self._failed = self._failed or before
        return sound

    def _comprehension(self, scope: Scope, node: Comprehension, bound: set[str]) -> None:
        inner = Scope(scope)
        before, self._failed = self._failed, False
        self._body(inner, node.body, bound)
        type_: Type | None = None
        if not self._failed:
            value = self.term(inner, node.value)
            if node.kind == "array":
                type_ = self.types.array_type([], value)
            elif node.kind == "set":
                type_ = self.types.set_type(value)
            else:
                type_ = self.types.object_type({}, (self.term(inner, node.key) if node.key else None, value))
        self.comprehensions[id(node)] = type_
        self._failed = self._failed or before

    # What is evaluated before an expression

    def _eager(self, scope: Scope, literal: Literal, bound: set[str]) -> Literal:
        """``literal`` with a variable for each reference and comprehension that is evaluated before it."""

        def name(node: Node) -> Node:
            if isinstance(node, (Scalar, Var)):
                return node
            if isinstance(node, Ref):
                return bind(Ref(node.at, node.head, [name(part) for part in node.path]))
            if isinstance(node, Comprehension):
                return bind(node)
            if isinstance(node, Array):
                return Array(node.at, [name(item) for item in node.items])
            if isinstance(node, SetLiteral):
                return SetLiteral(node.at, [name(item) for item in node.items])
            if isinstance(node, Object):
                return Object(node.at, [(name(key), name(value)) for key, value in node.pairs])
            return node

        def bind(node: Node) -> Node:
            variable = self._writer.fresh(node.at)
            self._expression(scope, equality(variable, node), bound)
            return variable

        def shallow(node: Node) -> Node:
            if isinstance(node, Ref):
                return Ref(node.at, node.head, [name(part) for part in node.path])
            return node if isinstance(node, Comprehension) else name(node)

        term = literal.term
        if isinstance(term, Call):
            operand = shallow if self._is_equality(term) else name
            term = Call(term.at, term.function, [operand(arg) for arg in term.args])
        else:
            term = shallow(term)
        return Literal(literal.at, term, literal.negated, literal.withs)

    def _is_equality(self, term: Call) -> bool:
        name = term.function.name if isinstance(term.function, Var) else ""
        return name == "eq" or (self._equal and name == "equal" and len(term.args) == 2)

    # Calls

    def _call(self, scope: Scope, term: Call) -> None:
        if self._is_equality(term):
            self._equality(scope, term)
            return
        name, function = self._function(scope, term)
        if function is None:
            for arg in term.args:
                self.matches(scope, arg, ANY, union=False)
            return
        if not isinstance(function, FunctionType):
            if function is ANY:
                return
            raise _Problem(term.at, f"undefined function {name}")
        wanted = [*function.args, *([function.result] if function.result is not None else [])]
        if not len(function.args) <= len(term.args) <= len(wanted):
            raise _Problem(term.at)
        have = [self.term(scope, arg) for arg in term.args]
        for arg, type_, want in zip(term.args, have, wanted, strict=False):
            if unknown(type_) or self.types.unifies(type_, want):
                if self.matches(scope, arg, want, union=False):
                    continue
                have = [self.term(scope, each) for each in term.args]
            shown = ", ".join(map(described, have[: len(function.args)]))
            asked = ", ".join(map(described, function.args))
            message = f"{name}: invalid argument(s) (have: ({shown}), want: ({asked}))"
            raise _Problem(term.at, message, unsure=any(map(unknown, have)))

    def _function(self, scope: Scope, term: Call) -> tuple[str, Type | None]:
        """The name and the type of a function; without type, one that takes and gives anything."""
        function = term.function
        if isinstance(function, Var):
            return function.name, self._builtin(function)
        if isinstance(function, Ref):
            name = ".".join(["data", *[str(part.value) for part in function.path if isinstance(part, Scalar)]])
            found = self.reference(scope, function)
            if found is not None:
                return name, found
        raise _Problem(term.at)

    def _builtin(self, node: Var | Builtin) -> Type | None:
        name = node.name
        if name in self._host:
            return None
        if name not in self._declared:
            if name not in DECLARATIONS:
                raise _Problem(node.at)
            self._declared[name] = declared(DECLARATIONS[name], self.types)
        return self._declared[name]

    def _equality(self, scope: Scope, term: Call) -> None:
        if len(term.args) != 2:
            raise _Problem(term.at)
        left, right = term.args
        mine, other = self.term(scope, left), self.term(scope, right)
        if not self.unify(scope, left, mine, right, other):
            message = f"match error (left: {described(mine)}, right: {described(other)})"
            raise _Problem(term.at, message, unsure=unknown(mine) or unknown(other))

    def _replacement(self, scope: Scope, at: int, target: Node, value: Node) -> None:
        """A function can only be replaced by one that takes what it takes."""
        replaced, by = self._named_function(scope, target), self._named_function(scope, value)
        if replaced is None or by is None or self.types.unifies(replaced, by):
            return
        if len(replaced.args) != len(by.args):
            raise _Problem(at)
        raise _Problem(at, f"arity mismatch (have: {described(by)}, want: {described(replaced)})")

    def _named_function(self, scope: Scope, node: Node) -> FunctionType | None:
        found: Type | None = None
        if isinstance(node, Builtin):
            found = self._builtin(node)
        elif isinstance(node, Ref):
            found = self.reference(scope, node)
        return found if isinstance(found, FunctionType) else None


def _closures_and_refs(nodes: Iterable[Node]) -> Iterator[Node]:
    """The outermost comprehensions and references of terms."""
    for node in nodes:
        if isinstance(node, (Comprehension, Ref)):
            yield node
            if isinstance(node, Ref):
                yield from _closures_and_refs(node.path)
        elif isinstance(node, (Array, SetLiteral)):
            yield from _closures_and_refs(node.items)
        elif isinstance(node, Object):
            yield from _closures_and_refs([part for pair in node.pairs for part in pair])
