"""Resolved bodies to flat ones, as OPA's compiler rewrites them before it checks types.

Every call stands alone and has its result as its last argument (``y = f(g(x))`` becomes ``g(x, #1)``, ``f(#1, #2)``,
``y = #2``), references start at a variable, and `some … in`, `print` and templates are what they stand for. The
order of what is found out about a variable follows from this form, and with it what is an error.
"""

from __future__ import annotations

from collections.abc import Callable

from gateproof.rego.resolver import ROOTS
from gateproof.rego.syntax import (
    Array,
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
    Some,
    SomeIn,
    Template,
    Var,
    With,
    children,
)

_RANKS: dict[type, int] = {
    kind: rank
    for rank, kind in enumerate((Template, Var, Ref, Array, Object, SetLiteral, Comprehension, Call), start=4)
}


class Lowered:
    """One rule: its flat body, and its head in terms of the variables of the body."""

    __slots__ = ("args", "body", "key", "path", "value")

    def __init__(self, rule: Rule, writer: Lowering) -> None:
        self.body = writer.body(rule.body)
        self.path = [rule.path[0], *[writer.variable(part, self.body) for part in rule.path[1:]]]
        self.args = [writer.named(arg, self.body) for arg in rule.args]
        self.key = writer.named(rule.key, self.body) if rule.key else None
        self.value = writer.named(rule.value, self.body) if rule.value else None


class Lowering:
    """Writes flat bodies; its variables are ``#1``, ``#2`` …

    ``is_function`` tells references to functions, which `with` may put in the place of others.
    """

    def __init__(self, is_function: Callable[[Node], bool]) -> None:
        self._is_function = is_function
        self._count = 0

    def fresh(self, at: int) -> Var:
        """A variable of its own."""
        self._count += 1
        return Var(at, f"#{self._count}")

    def body(self, literals: list[Literal]) -> list[Literal]:
        """A body with every call on its own."""
        out: list[Literal] = []
        for literal in literals:
            self._literal(literal, out)
        return out

    def named(self, node: Node, out: list[Literal]) -> Node:
        """``node`` without calls, references and comprehensions: variables in their place, bound in ``out``."""
        node = self._expand(node, out)
        if not requires_evaluation(node):
            return node
        name = self.fresh(node.at)
        out.append(equality(name, node))
        return name

    def variable(self, node: Node, out: list[Literal]) -> Node:
        """A part of the path of a rule: a constant, or a variable that is bound in ``out``."""
        if isinstance(node, Scalar) or (isinstance(node, Var) and node.name not in ROOTS):
            return node
        name = self.fresh(node.at)
        self._literal(equality(name, node), out)
        return name

    def _literal(self, literal: Literal, out: list[Literal]) -> None:
        term = literal.term
        if isinstance(term, Some):
            return
        withs = [With(each.at, each.target, self._replacement(each.value, out)) for each in literal.withs]
        start = len(out)
        if isinstance(term, SomeIn):
            term = self._some_in(term)
        if isinstance(term, Every):
            domain = self.fresh(term.at)
            self._literal(equality(domain, term.collection), out)
            term = Every(term.at, term.key, term.value, domain, self.body(term.body))
        elif isinstance(term, Not):
            term = Not(term.at, self.body(term.body), True)
        elif isinstance(term, Call):
            term = _print(term, self) if _is_print(term) else term
            term = Call(term.at, term.function, [self._expand(arg, out) for arg in term.args])
        else:
            term = self._expand(term, out)
        if withs:
            out[start:] = [Literal(each.at, each.term, each.negated, withs) for each in out[start:]]
        out.append(Literal(literal.at, term, literal.negated, withs))

    def _replacement(self, value: Node, out: list[Literal]) -> Node:
        return value if self._is_function(value) else self.named(value, out)

    def _some_in(self, term: SomeIn) -> Node:
        """``value = collection[key]``."""
        key = term.key or self.fresh(term.at)
        collection = term.collection
        if isinstance(collection, Ref):
            member = Ref(collection.at, collection.head, [*collection.path, key])
        else:
            member = Ref(collection.at, collection, [key])
        return equality(term.value, member, term.at).term

    def _expand(self, node: Node, out: list[Literal]) -> Node:
        """``node`` with its calls before it."""
        if isinstance(node, Var):
            return Ref(node.at, node, []) if node.name in ROOTS else node
        if isinstance(node, Ref):
            head = node.head if isinstance(node.head, Var) else self._expand(node.head, out)
            path = [part if isinstance(part, Scalar) else self._expand(part, out) for part in node.path]
            if not isinstance(head, Var):
                name = self.fresh(head.at)
                out.append(equality(name, head))
                head = name
            return Ref(node.at, head, path)
        if isinstance(node, Call):
            args = [self._expand(arg, out) for arg in node.args]
            result = self.fresh(node.at)
            out.append(Literal(node.at, Call(node.at, node.function, [*args, result]), False, []))
            return result
        if isinstance(node, Array):
            return Array(node.at, [self._expand(item, out) for item in node.items])
        if isinstance(node, SetLiteral):
            return SetLiteral(node.at, [self._expand(item, out) for item in sorted(node.items, key=_order)])
        if isinstance(node, Object):
            pairs = sorted(node.pairs, key=lambda pair: _order(pair[0]))
            return Object(node.at, [(self._expand(k, out), self._expand(v, out)) for k, v in pairs])
        if isinstance(node, Comprehension):
            return self._comprehension(node)
        if isinstance(node, Template):
            return self._expand(self._template(node), out)
        return node

    def _comprehension(self, node: Comprehension) -> Node:
        body = self.body(node.body)
        key = self.named(node.key, body) if node.key else None
        value = self.named(node.value, body)
        return Comprehension(node.at, node.kind, key, value, body)

    def _template(self, node: Template) -> Node:
        parts: list[Node] = []
        for part in node.parts:
            if isinstance(part, Literal) and isinstance(part.term, Var):
                parts.append(SetLiteral(part.at, [part.term]))
            elif isinstance(part, Literal):
                name = self.fresh(part.at)
                body = [Literal(part.at, equality(name, part.term).term, False, part.withs)]
                parts.append(Comprehension(part.at, "set", None, name, body))
            else:
                parts.append(Scalar(node.at, part) if isinstance(part, str) else part)
        return Call(node.at, Var(node.at, "internal.template_string"), [Array(node.at, parts)])


def equality(left: Node, right: Node, at: int | None = None) -> Literal:
    """``left = right`` as an expression of its own."""
    at = right.at if at is None else at
    return Literal(at, Call(at, Var(at, "eq"), [left, right]), False, [])


def requires_evaluation(node: Node) -> bool:
    """Whether there are references or comprehensions in a term."""
    if isinstance(node, (Scalar, Var)):
        return False
    return isinstance(node, (Ref, Comprehension)) or any(map(requires_evaluation, children(node)))


def _order(node: Node) -> tuple[int, bool | int | float | str]:
    """Where a term stands in a set, or as a key of an object, when OPA evaluates the members: sorted by kind."""
    if isinstance(node, Scalar) and node.value is not None:
        return 1 if isinstance(node.value, bool) else 3 if isinstance(node.value, str) else 2, node.value
    kind = Ref if isinstance(node, Var) and node.name in ROOTS else type(node)
    return _RANKS.get(kind, 0), 0


def _is_print(term: Call) -> bool:
    return isinstance(term.function, Var) and term.function.name == "print"


def _print(term: Call, writer: Lowering) -> Call:
    """`print` takes what is undefined, so each argument is a set of its own."""
    parts: list[Node] = []
    for arg in term.args:
        name = writer.fresh(arg.at)
        parts.append(Comprehension(arg.at, "set", None, name, [equality(name, arg)]))
    return Call(term.at, Var(term.at, "internal.print"), [Array(term.at, parts)])
