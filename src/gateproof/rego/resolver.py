"""Names to what they mean: variables get unique names, everything else becomes a reference.

After this pass a :class:`Var` is a local variable (``x``, or ``x#3`` where it was declared), or one of
the roots ``input`` and ``data``, or as the function of a call a builtin's name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeGuard

from gateproof.rego.errors import COMPILE_ERROR, TYPE_ERROR, UNSAFE_VAR_ERROR
from gateproof.rego.syntax import (
    Array,
    Builtin,
    Call,
    Comprehension,
    Every,
    Import,
    Literal,
    Module,
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

ROOTS = frozenset({"input", "data"})
INFIX = frozenset(
    {"assign", "eq", "equal", "neq", "lt", "gt", "lte", "gte", "or", "and", "plus", "minus", "mul", "div", "rem"}
    | {"internal.member_2", "internal.member_3"}
)
_BODY = 2
"""The number of scopes open in the body of a rule: its arguments' and its own."""
_OPERANDS = 2
_GENERATED = "__local"
"""How the names begin that OPA's compiler makes up."""


def wildcard(name: str) -> bool:
    """Whether a resolved variable was written ``_``."""
    return name.startswith("_#")


class Resolver:
    """Resolves the rules of one module."""

    def __init__(
        self,
        module: Module,
        names: Collection[str],
        builtins: Mapping[str, object],
        problems: list[tuple[int, str, str]],
    ) -> None:
        """``names``: first names of all rules of the module's package. ``problems`` is appended to."""
        self.module = module
        self.problems = problems
        self.builtins = builtins
        self.globals: dict[str, list[str]] = {name: ["data", *module.package, name] for name in names}
        self.imported = self._imports()
        self.scopes: list[dict[str, str]] = []
        self.referenced: dict[int, set[str]] = {}
        self.unused: dict[str, Var] = {}
        self.count = 0

    def _imports(self) -> set[str]:
        """Names that the module imports, which stand before its rules; v1 wants each to be imported once."""
        imported: set[str] = set()
        seen: dict[str, Import] = {}
        for each in self.module.imports:
            name = each.alias or each.path[-1]
            if self.module.v1 and name in seen:
                first = seen[name]
                shown = ".".join(first.path) + (f" as {first.alias}" if first.alias else "")
                self._problem(each.at, COMPILE_ERROR, f"import must not shadow import {shown}")
            seen.setdefault(name, each)
            if each.path[0] in ROOTS:
                self.globals[name] = each.path
                imported.add(name)
        return imported

    def rule(self, rule: Rule) -> Rule:
        """The rule with all names resolved."""
        self.count = 0
        self.scopes = [{}]
        self.referenced.clear()
        self._check_head(rule)
        args = [self._pattern(arg) for arg in rule.args]
        resolved = self._clause(rule, args)
        last = resolved
        other = rule.otherwise
        while other:
            last.otherwise = self._clause(other, args)
            last = last.otherwise
            other = other.otherwise
        return resolved

    def _check_head(self, rule: Rule) -> None:
        name = dotted_name(rule.path[0])
        if self.module.v1 and name in ROOTS:
            self._problem(rule.at, COMPILE_ERROR, f"rules must not shadow {name} (use a different rule name)")
        if rule.default:
            for part in rule.path[1:]:
                if isinstance(part, Var):
                    self._problem(part.at, UNSAFE_VAR_ERROR, f"var {part.name} is unsafe")
        for arg in rule.args:
            for call in _calls(arg):
                self._problem(call.at, COMPILE_ERROR, "rule arguments cannot contain calls")

    def _clause(self, rule: Rule, args: list[Node]) -> Rule:
        self.scopes.append({})
        self.referenced.clear()
        body = [self._literal(literal) for literal in rule.body]
        path = [rule.path[0], *[self.term(part) for part in rule.path[1:]]]
        key = self.term(rule.key) if rule.key else None
        value = self.term(rule.value) if rule.value else None
        self._close()
        return Rule(rule.at, path, rule.kind, args, key, value, body, None, rule.default, rule.assigned)

    # Variables

    def _declare(self, var: Var) -> Var:
        if var.name == "_":
            return self._wildcard(var)
        if var.name in ROOTS and (self.module.v1 or len(self.scopes) < _BODY):
            self._problem(var.at, COMPILE_ERROR, f"variables must not shadow {var.name}")
        if var.name in self.scopes[-1]:
            self._problem(var.at, COMPILE_ERROR, f"var {var.name} declared above")
        elif len(self.scopes) == _BODY and var.name in self.scopes[0]:
            self._problem(var.at, COMPILE_ERROR, f"arg {var.name} redeclared")
        elif var.name in self.referenced.get(len(self.scopes), ()):
            self._problem(var.at, COMPILE_ERROR, f"var {var.name} referenced above")
        self.count += 1
        name = f"{var.name}#{self.count}"
        self.scopes[-1][var.name] = name
        return Var(var.at, name)

    def _declare_used(self, var: Var) -> Var:
        """Declare a variable that the rest of its scope has to use."""
        declared = self._declare(var)
        if not wildcard(declared.name) and not var.name.startswith(_GENERATED):
            self.unused[declared.name] = var
        return declared

    def _close(self) -> None:
        """Leave the innermost scope, and what was referred to in it."""
        self.referenced.pop(len(self.scopes), None)
        for name in self.scopes.pop().values():
            var = self.unused.pop(name, None)
            if var is not None:
                self._problem(var.at, COMPILE_ERROR, f"declared var {var.name} unused")

    def _wildcard(self, var: Var) -> Var:
        self.count += 1
        return Var(var.at, f"_#{self.count}")

    def _problem(self, at: int, code: str, message: str) -> None:
        self.problems.append((at, code, message))

    def _var(self, var: Var) -> Node:
        name = var.name
        if name == "_":
            return self._wildcard(var)
        for scope in reversed(self.scopes):
            if name in scope:
                self.unused.pop(scope[name], None)
                return Var(var.at, scope[name])
        self.referenced.setdefault(len(self.scopes), set()).add(name)
        if name in ROOTS:
            return var
        path = self.globals.get(name)
        if path is None:
            return var
        return self._global(var.at, path)

    def _global(self, at: int, path: list[str]) -> Node:
        root = Var(at, path[0])
        return Ref(at, root, [Scalar(at, part) for part in path[1:]]) if path[1:] else root

    def _pattern(self, node: Node) -> Node:
        """Declare the variables of ``node``; a repeated one is the same variable."""
        if isinstance(node, Var):
            if node.name in self.scopes[-1] and node.name != "_":
                return Var(node.at, self.scopes[-1][node.name])
            return self._declare(node)
        if isinstance(node, Array):
            return Array(node.at, [self._pattern(item) for item in node.items])
        if isinstance(node, Object):
            return Object(node.at, [(self.term(k), self._pattern(v)) for k, v in node.pairs])
        return self.term(node)

    # Bodies

    def _literal(self, literal: Literal) -> Literal:
        term = literal.term
        withs = [With(w.at, self._target(w.target), self._replacement(w.value)) for w in literal.withs]
        resolved: Node
        if isinstance(term, Some):
            resolved = Some(term.at, [self._declare_used(name) for name in term.names])
        elif isinstance(term, SomeIn):
            collection = self.term(term.collection)
            own: set[str] = set()
            key = self._pattern_new(term.key, own) if term.key else None
            resolved = SomeIn(term.at, key, self._pattern_new(term.value, own), collection)
        elif isinstance(term, Every):
            resolved = self._every(term)
        elif isinstance(term, Not):
            resolved = self._not(term)
        elif isinstance(term, Call) and isinstance(term.function, Var) and term.function.name in ("assign", "eq"):
            resolved = self._equation(term, term.function.name)
        elif _is_print(term):
            return Literal(literal.at, self._call(term), False, withs)  # it holds, even behind `not`
        else:
            resolved = self.term(term)
        return Literal(literal.at, resolved, literal.negated, withs)

    def _pattern_new(self, node: Node, own: set[str]) -> Node:
        """The pattern of `some … in`: its names are declared, and must be new to this scope."""
        for name in _names(node) - own:
            if name in self.scopes[-1]:
                self._problem(node.at, COMPILE_ERROR, f"var {name} declared above")
            own.add(name)
        return self._pattern(node)

    def _equation(self, term: Call, name: str) -> Node:
        if len(term.args) != _OPERANDS:
            self._problem(term.at, TYPE_ERROR, f"{name}: arity mismatch")
            return Scalar(term.at, False)
        return self._assign(term) if name == "assign" else self._call(term)

    def _assign(self, term: Call) -> Node:
        target, value = term.args
        right = self.term(value)
        return Call(term.at, Var(term.at, "eq"), [self._assigned(target), right])

    def _assigned(self, node: Node) -> Node:
        if isinstance(node, Var):
            if node.name not in self.scopes[-1]:
                return self._declare(node)
            self._problem(node.at, COMPILE_ERROR, f"var {node.name} assigned above")
            return self._var(node)
        if isinstance(node, Array):
            return Array(node.at, [self._assigned(item) for item in node.items])
        if isinstance(node, Object):
            return Object(node.at, [(self.term(k), self._assigned(v)) for k, v in node.pairs])
        self._problem(node.at, COMPILE_ERROR, "cannot assign to a reference, call or literal")
        return node

    def _every(self, term: Every) -> Node:
        collection = self.term(term.collection)
        self.scopes.append({})
        key, value = (self._every_variable(node) if node else None for node in (term.key, term.value))
        self.scopes.append({})
        body = [self._literal(literal) for literal in term.body]
        self._close()
        self._close()
        assert value is not None  # noqa: S101 - the grammar has one
        return Every(term.at, key, value, collection, body)

    def _every_variable(self, node: Node) -> Node:
        return self._declare_used(node) if isinstance(node, Var) else self._pattern(node)

    def _not(self, term: Not) -> Node:
        self.scopes.append({})
        body = [self._literal(literal) for literal in term.body]
        self._close()
        return Not(term.at, body, term.braced)

    # Terms

    def term(self, node: Node) -> Node:
        """``node`` with its names resolved."""
        if isinstance(node, Scalar):
            return node
        if isinstance(node, Var):
            return self._var(node)
        if isinstance(node, Ref):
            return self._ref(node)
        if isinstance(node, Call):
            if _is_print(node):
                self._problem(node.at, TYPE_ERROR, "print(…) used as value")
            return self._call(node)
        if isinstance(node, Array):
            return Array(node.at, [self.term(item) for item in node.items])
        if isinstance(node, SetLiteral):
            return SetLiteral(node.at, [self.term(item) for item in node.items])
        if isinstance(node, Object):
            return Object(node.at, [(self.term(k), self.term(v)) for k, v in node.pairs])
        if isinstance(node, Comprehension):
            return self._comprehension(node)
        if isinstance(node, Template):
            return Template(node.at, [self._part(part) for part in node.parts])
        raise TypeError(f"not a term: {type(node).__name__}")

    def _part(self, part: str | Node) -> str | Node:
        if not isinstance(part, Literal):
            return part
        self.scopes.append({})
        literal = self._literal(part)
        self.scopes.pop()
        return literal

    def _ref(self, node: Ref) -> Node:
        head = self.term(node.head)
        path = [self.term(part) for part in node.path]
        if isinstance(head, Ref):
            return Ref(node.at, head.head, [*head.path, *path])
        return Ref(node.at, head, path)

    def _call(self, node: Call) -> Node:
        args = [self.term(arg) for arg in node.args]
        return Call(node.at, self._function(node.function), args)

    def _function(self, function: Node) -> Node:
        head = function.head if isinstance(function, Ref) else function
        if isinstance(head, Var) and any(head.name in scope for scope in self.scopes):
            self._problem(function.at, TYPE_ERROR, f"undefined function {dotted_name(function)}")
            return function
        if isinstance(function, Var):
            if function.name in INFIX and function.name not in self.globals:
                return function
            path = self.globals.get(function.name)
            return self._global(function.at, path) if path else function
        if isinstance(function, Ref) and isinstance(function.head, Var):
            name = function.head.name
            dotted = dotted_name(function) or ""
            if name in self.globals and (name not in self.imported or dotted not in self.builtins):
                return self.term(function)
            return function if name in ROOTS else Var(function.at, dotted)
        return function

    def _target(self, target: Node) -> Node:
        """The target of `with`: a path below input or data, or a function."""
        head = target.head if isinstance(target, Ref) else target
        if isinstance(head, Var) and head.name in ROOTS:
            return Ref(target.at, head, [self.term(part) for part in target.path]) if isinstance(target, Ref) else head
        return self._builtin(target) or self.term(target)

    def _replacement(self, value: Node) -> Node:
        """What `with` puts in the place of its target: a term, or a function's name."""
        return self._builtin(value) or self.term(value)

    def _builtin(self, node: Node) -> Builtin | None:
        """The builtin that ``node`` names, unless the module means something else by it."""
        name = dotted_name(node)
        if name is None or name not in self.builtins:
            return None
        first = name.partition(".")[0]
        local = first in self.globals or any(first in scope for scope in self.scopes)
        return None if local else Builtin(node.at, name)

    def _comprehension(self, node: Comprehension) -> Node:
        self.scopes.append({})
        body = [self._literal(literal) for literal in node.body]
        key = self.term(node.key) if node.key else None
        value = self.term(node.value)
        self._close()
        return Comprehension(node.at, node.kind, key, value, body)


def _is_print(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and isinstance(node.function, Var) and node.function.name == "print"


def _calls(node: Node) -> Iterator[Call]:
    """The outermost calls below ``node``; what is inside of comprehensions is not part of an argument."""
    if isinstance(node, Call):
        yield node
    elif not isinstance(node, (Comprehension, Template)):
        for child in children(node):
            yield from _calls(child)


def _names(node: Node) -> set[str]:
    """The variables that a pattern declares."""
    if isinstance(node, Var):
        return {node.name} - {"_"}
    if isinstance(node, Array):
        return set().union(*map(_names, node.items))
    if isinstance(node, Object):
        return set().union(*(_names(value) for _, value in node.pairs))
    return set()


def dotted_name(node: Node) -> str | None:
    """``a.b.c`` where ``node`` is a variable followed by constant names."""
    if isinstance(node, Var):
        return node.name
    if isinstance(node, Ref) and isinstance(node.head, Var):
        names = [part.value for part in node.path if isinstance(part, Scalar) and isinstance(part.value, str)]
        if len(names) == len(node.path):
            return ".".join([node.head.name, *names])
    return None
