"""The order of a body: every variable is bound before it is needed, or the body is unsafe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

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
    Some,
    SomeIn,
    Template,
    Var,
    children,
)

Arity = Callable[[Call], int | None]
"""The number of arguments of the function of a call, or None where it is unknown."""

_CLOSURES = (Comprehension, Every, Not, Template)


class Safety:
    """Orders bodies. ``arity`` tells calls that have an output argument from those that have none."""

    def __init__(self, arity: Arity) -> None:
        self.arity = arity
        self._missing: dict[tuple[int, frozenset[str]], frozenset[str]] = {}
        self._variables: dict[int, tuple[Node, dict[str, Var]]] = {}

    def variables(self, node: Node) -> dict[str, Var]:
        """All variables below ``node``, closures included; found once for each node."""
        known = self._variables.get(id(node))
        if known is None:
            found: dict[str, Var] = {}
            _collect(node, found)
            known = self._variables[id(node)] = (node, found)
        return known[1]

    def closure_missing(self, closure: Node, safe: set[str]) -> frozenset[str]:
        """The variables that keep a closure from running when ``safe`` are bound."""
        form = (id(closure), frozenset(safe.intersection(self.variables(closure))))
        missing = self._missing.get(form)
        if missing is None:
            missing = self._missing[form] = frozenset(_closure_missing(self, closure, set(form[1])))
        return missing

    def order(self, body: list[Literal], bound: Iterable[str]) -> tuple[list[Literal], list[Var]]:
        """The body in an order that can be evaluated, and the variables that no order makes safe."""
        early = self._printed_early(body, bound)
        if early:
            return body, early
        safe = set(bound)
        if len(body) == 1:
            needs = [_Needs(self, body[0], set())]
        else:
            mentioned = [open_variables(literal) for literal in body]
            needs = []
            for index, literal in enumerate(body):
                outside: set[str] = set()
                if _has_closure(literal):
                    outside.update(*(names for other, names in enumerate(mentioned) if other != index))
                needs.append(_Needs(self, literal, outside))
        ordered: list[Literal] = []
        waiting = needs
        while waiting:
            rest: list[_Needs] = []
            for need in waiting:
                given = need.outputs(safe)
                if given is None:
                    rest.append(need)
                else:
                    safe |= given
                    ordered.append(need.literal)
            if len(rest) == len(waiting):
                unsafe = [var for need in rest for var in need.unsafe(safe)]
                return ordered + [need.literal for need in rest], unsafe
            waiting = rest
        return ordered, []

    def unbound(self, literal: Literal, bound: Iterable[str]) -> list[Var]:
        """The variables of ``literal`` that it would have to bind itself."""
        return self.order([Literal(literal.at, literal.term, True, literal.withs)], bound)[1]

    def _printed_early(self, body: list[Literal], bound: Iterable[str]) -> list[Var]:
        """The variables that `print` shows before they are bound: it stays where it stands, and binds nothing."""
        early: list[Var] = []
        safe = set(bound)
        for literal in body if any(map(_prints, body)) else ():
            need = _Needs(self, literal, set())
            if _prints(literal):
                found = self.variables(literal)
                early += [found[name] for name in sorted(need.free - safe)]
            else:
                safe |= need.given(safe)
        return early


class _Needs:
    """What one literal needs and gives."""

    __slots__ = ("free", "literal", "outside", "owner")

    def __init__(self, owner: Safety, literal: Literal, outside: set[str]) -> None:
        self.owner = owner
        self.literal = literal
        self.outside = outside
        self.free = open_variables(literal)

    def outputs(self, safe: set[str]) -> set[str] | None:
        """The variables that the literal binds when ``safe`` are bound; None if it cannot run yet."""
        given = self.given(safe)
        return given if not self._missing(safe | given) else None

    def unsafe(self, safe: set[str]) -> list[Var]:
        """The variables that stay unbound."""
        missing = self._missing(safe | self.given(safe))
        found = self.owner.variables(self.literal)
        return [found[name] for name in sorted(missing) if name in found]

    def _missing(self, safe: set[str]) -> set[str]:
        missing = self.free - safe
        for closure in _closures(self.literal):
            missing |= self._closure_missing(closure, safe)
        return missing

    def _closure_missing(self, closure: Node, safe: set[str]) -> AbstractSet[str]:
        wanted = {name for name in self.owner.variables(closure) if name in self.outside and name not in safe}
        return wanted or self.owner.closure_missing(closure, safe)

    def given(self, safe: set[str]) -> set[str]:
        """The variables that the literal binds, whether or not it can run."""
        literal = self.literal
        if literal.negated:
            return set()
        given: set[str] = set()
        for each in literal.withs:
            self._refs(each.value, safe, given)
        term = literal.term
        if isinstance(term, (Some, Not)):
            return given
        if isinstance(term, SomeIn):
            self._refs(term.collection, safe, given)
            for pattern in (term.key, term.value):
                if pattern:
                    given |= pattern_variables(pattern)
            return given
        if isinstance(term, Every):
            self._refs(term.collection, safe, given)
            return given
        self._refs(term, safe, given)
        if isinstance(term, Call):
            self._call_outputs(term, safe, given)
        return given

    def _call_outputs(self, call: Call, safe: set[str], given: set[str]) -> None:
        if isinstance(call.function, Var) and call.function.name == "eq" and len(call.args) == 2:
            _unify(call.args[0], call.args[1], safe, given)
            return
        arity = self.owner.arity(call)
        if arity is not None and len(call.args) == arity + 1:
            given |= pattern_variables(call.args[-1])

    def _refs(self, node: Node, safe: set[str], given: set[str]) -> None:
        """Variables in the brackets of references are bound by iterating."""
        if isinstance(node, _CLOSURES):
            return
        if isinstance(node, Ref):
            self._refs(node.head, safe, given)
            if isinstance(node.head, Var) and node.head.name not in (ROOTS | safe | given):
                return
            for part in node.path:
                given |= pattern_variables(part)
                self._refs(part, safe, given)
            return
        for child in children(node):
            self._refs(child, safe, given)


def _closure_missing(owner: Safety, closure: Node, safe: set[str]) -> set[str]:
    heads: list[Node] = []
    if isinstance(closure, Comprehension):
        body = closure.body
        heads = [node for node in (closure.key, closure.value) if node]
    elif isinstance(closure, Every):
        body = closure.body
        safe = safe | pattern_variables(closure.value) | (pattern_variables(closure.key) if closure.key else set())
    elif isinstance(closure, Not):
        # Without braces it binds nothing, as a negated expression does not.
        body = closure.body if closure.braced else [Literal(closure.at, closure.body[0].term, True, [])]
    elif isinstance(closure, Template):
        # An expression in a template iterates over nothing that is not bound outside of it.
        parts = [part for part in closure.parts if isinstance(part, Literal)]
        return {var.name for part in parts for var in owner.unbound(part, safe)}
    else:
        raise TypeError(f"not a closure: {type(closure).__name__}")
    ordered, unsafe = owner.order(body, safe)
    if unsafe:
        return {var.name for var in unsafe}
    if heads:
        bound = bound_after(owner, ordered, safe)
        head = Literal(closure.at, Array(closure.at, heads), False, [])
        return {var.name for var in owner.order([head], bound)[1]}
    return set()


def bound_after(owner: Safety, ordered: list[Literal], bound: set[str]) -> set[str]:
    """The variables that are bound once ``ordered`` has run."""
    safe = set(bound)
    for literal in ordered:
        safe |= _Needs(owner, literal, set()).outputs(safe) or set()
    return safe


def _unify(left: Node, right: Node, safe: set[str], given: set[str]) -> None:
    known = safe | given
    if isinstance(left, Array) and isinstance(right, Array) and len(left.items) == len(right.items):
        for _ in range(2):
            for a, b in zip(left.items, right.items, strict=True):
                _unify(a, b, safe, given)
        return
    if isinstance(left, Object) and isinstance(right, Object) and len(left.pairs) == len(right.pairs):
        values = {_object_key(k): v for k, v in right.pairs}
        for name, value in left.pairs:
            other = values.get(_object_key(name))
            if other is not None:
                _unify(value, other, safe, given)
        return
    if open_variables(left) <= known:
        given |= pattern_variables(right)
    elif open_variables(right) <= known:
        given |= pattern_variables(left)


def _prints(literal: Literal) -> bool:
    """Whether a literal is a call of `print`."""
    term = literal.term
    return isinstance(term, Call) and isinstance(term.function, Var) and term.function.name == "print"


def _object_key(node: Node) -> object:
    from gateproof.rego.syntax import Scalar

    if isinstance(node, Scalar):
        return ("scalar", type(node.value).__name__, node.value)
    return ("var", node.name) if isinstance(node, Var) else id(node)


def pattern_variables(node: Node) -> set[str]:
    """The variables that matching a value against ``node`` binds."""
    if isinstance(node, Var):
        return set() if node.name in ROOTS else {node.name}
    if isinstance(node, Array):
        return set().union(*(pattern_variables(item) for item in node.items)) if node.items else set()
    if isinstance(node, Object):
        return set().union(*(pattern_variables(value) for _, value in node.pairs)) if node.pairs else set()
    return set()


def open_variables(node: Node) -> set[str]:
    """The variables of ``node`` outside closures."""
    found: dict[str, Var] = {}
    _collect(node, found, closures=False)
    return set(found)


def _collect(node: Node, found: dict[str, Var], *, closures: bool = True) -> None:
    if isinstance(node, Var):
        if node.name not in ROOTS:
            found.setdefault(node.name, node)
        return
    if isinstance(node, Some):
        return
    if isinstance(node, Call):
        for arg in node.args:
            _collect(arg, found, closures=closures)
        return
    if isinstance(node, Literal):
        _collect(node.term, found, closures=closures)
        for each in node.withs:
            _collect(each.value, found, closures=closures)
        return
    if not closures and isinstance(node, (Comprehension, Not, Template)):
        return
    if not closures and isinstance(node, Every):
        _collect(node.collection, found, closures=closures)
        return
    for child in children(node):
        _collect(child, found, closures=closures)


def _closures(node: Node) -> list[Node]:
    """The outermost closures below ``node``."""
    result: list[Node] = []
    for child in children(node):
        if isinstance(child, _CLOSURES):
            result.append(child)
            if isinstance(child, Every):
                result.extend(_closures(Array(child.at, [child.collection])))
        else:
            result.extend(_closures(child))
    return result


def _has_closure(node: Node) -> bool:
    return bool(_closures(node))
