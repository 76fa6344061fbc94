"""What an expression means before it is evaluated: which variables and functions it names, and whether types fit.

Objects are dyn: whether they have a field is only known when there is one. All problems are reported, in cel-go's
words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import msgspec

from gateproof.cel import declarations
from gateproof.cel.declarations import Overload
from gateproof.cel.lexer import Source
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
from gateproof.cel.types import (
    BOOL,
    DYN,
    UNKNOWN,
    Bound,
    Type,
    assignable,
    list_of,
    map_of,
    most_general,
    optional_of,
    substituted,
)
from gateproof.cel.values import Uint

_LITERALS: Final = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null",
}
_SORTABLE: Final = frozenset({"int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes", "dyn"})


class Resolved(msgspec.Struct):
    """A call: the name of its function, its operands in order, and the overloads that may be meant."""

    function: str
    args: list[Node]
    overloads: list[Overload]


class Checked(msgspec.Struct):
    """What was found out. ``types``: of each node. ``calls``: of each call and index. ``type_names``: identifiers and
    selections that are the names of types. ``references``: the variables that are read.
    """

    types: dict[Node, Type] = {}
    calls: dict[Node, Resolved] = {}
    type_names: dict[Node, str] = {}
    references: set[str] = set()


def check(
    tree: Node,
    variables: Mapping[str, Type],
    libraries: frozenset[str],
    host: Mapping[str, Collection[int]],
    source: Source,
) -> Checked:
    """Check ``tree``.

    ``host``: the functions that the host adds, and how many operands they may have. Problems are reported to
    ``source``.
    """
    known = declarations.functions(libraries)
    checker = _Checker(variables, known, host, source, "homogeneous" in libraries)
    checker.type_of(tree)
    return checker.found


class _Checker:
    def __init__(
        self,
        variables: Mapping[str, Type],
        functions: Mapping[str, list[Overload]],
        host: Mapping[str, Collection[int]],
        source: Source,
        homogeneous: bool,
    ) -> None:
        self.found = Checked()
        self._variables = variables
        self._functions = functions
        self._host = host
        self._source = source
        self._homogeneous = homogeneous
        self._scopes: list[dict[str, Type]] = []

    def type_of(self, node: Node) -> Type:
        """The type of ``node``, which is checked."""
        method: Callable[[_Checker, Any], Type] = _METHODS[type(node)]
        found = self.found.types[node] = method(self, node)
        return found

    def _literal(self, node: Literal) -> Type:
        return Type(_LITERALS[type(node.value)])

    def _ident(self, node: Ident) -> Type:
        if not node.rooted:
            for scope in reversed(self._scopes):
                if node.name in scope:
                    return scope[node.name]
        if node.name in self._variables:
            self.found.references.add(node.name)
            return self._variables[node.name]
        if node.name in declarations.TYPES:
            self.found.type_names[node] = declarations.TYPES[node.name]
            return Type("type", (DYN,))
        self._source.report(node.at, f"undeclared reference to {node.name!r}")
        return DYN

    def _is_local(self, name: str) -> bool:
        return name in self._variables or any(name in scope for scope in self._scopes)

    def _qualified(self, node: Node) -> str | None:
        """``a.b.c`` where ``node`` is that and ``a`` is no variable."""
        names: list[str] = []
        while isinstance(node, Select) and not node.test and not node.optional:
            names.append(node.field)
            node = node.operand
        if not isinstance(node, Ident) or self._is_local(node.name):
            return None
        return ".".join((node.name, *reversed(names)))

    def _select(self, node: Select) -> Type:
        name = self._qualified(node)
        if name is not None and name in declarations.TYPES:
            self.found.type_names[node] = declarations.TYPES[name]
            return Type("type", (DYN,))
        field = self._field(self.type_of(node.operand), node)
        if node.test:
            return BOOL
        return optional_of(field) if node.optional and field.name != "optional_type" else field

    def _field(self, owner: Type, node: Select) -> Type:
        if owner.name == "optional_type":
            return optional_of(self._field(owner.params[0], node))
        if owner.name == "map":
            return owner.params[1]
        if owner.name != "dyn":
            self._source.report(node.at, f"type '{owner}' does not support field selection")
        return DYN

    def _index(self, node: Index) -> Type:
        return self._resolve(node, "[?]" if node.optional else "[]", [node.operand, node.index], member=False)

    def _call(self, node: Call) -> Type:
        if node.target is None:
            return self._resolve(node, node.function, node.args, member=False)
        prefix = self._qualified(node.target)
        name = f"{prefix}.{node.function}"
        if prefix is not None:
            return self._resolve(node, name, node.args, member=False)
        return self._resolve(node, node.function, [node.target, *node.args], member=True)

    def _resolve(self, node: Call | Index, function: str, args: list[Node], *, member: bool) -> Type:
        """Find the overloads that the operands fit."""
        homogeneous, self._homogeneous = self._homogeneous, self._homogeneous and function != "format"
        types = [self.type_of(arg) for arg in args]
        self._homogeneous = homogeneous
        if function in self._host:
            counts = self._host[function]
            if counts and len(args) not in counts:
                said = f"found no matching overload for '{function}' applied to {len(args)} operands"
                self._source.report(node.at, said)
            self.found.calls[node] = Resolved(function, args, [])
            return DYN
        if function not in self._functions:
            self._source.report(node.at, f"undeclared reference to {function!r}{declarations.elsewhere(function)}")
            return DYN
        fitting: list[Overload] = []
        result: Type | None = None
        for overload in self._functions[function]:
            bound: Bound = {}
            if overload.signature.member == member and _fit(types, overload.signature.params, bound):
                fitting.append(overload)
                given = substituted(overload.signature.result, bound)
                result = given if result in (None, given) else DYN
        self.found.calls[node] = Resolved(function, args, fitting)
        if result is None:
            shown = ", ".join(map(str, types[1:] if member else types))
            applied = f"{types[0]}.({shown})" if member else f"({shown})"
            self._source.report(node.at, f"found no matching overload for '{_shown(function)}' applied to '{applied}'")
            return DYN
        return result

    def _expect(self, node: Node, wanted: Type) -> None:
        """Check ``node``, and that it may be of the type ``wanted``."""
        given = self.type_of(node)
        if not assignable(given, wanted, {}):
            self._source.report(node.at, f"expected type '{wanted}' but found '{given}'")

    def _chain(self, node: Chain) -> Type:
        for term in node.terms:
            self._expect(term, BOOL)
        return BOOL

    def _choice(self, node: Choice) -> Type:
        self._expect(node.test, BOOL)
        yes, no = self.type_of(node.yes), self.type_of(node.no)
        if assignable(no, yes, {}):
            return most_general(no, yes)
        said = f"found no matching overload for '_?_:_' applied to '(bool, {yes}, {no})'"
        self._source.report(node.at, said)
        return DYN

    def _joined(self, members: list[tuple[Node, Type]]) -> Type:
        """The type of all ``members`` of a literal. In a cluster they must agree, except in arguments of a format."""
        if not members:
            return UNKNOWN
        _, joined = members[0]
        for node, type_ in members[1:]:
            if self._homogeneous and not _equivalent(members[0][1], type_):
                self._source.report(node.at, f"expected type '{members[0][1]}' but found '{type_}'")
                break
            joined = most_general(type_, joined) if assignable(type_, joined, {}) else DYN
        return joined

    def _unwrapped(self, node: Node, *, optional: bool) -> tuple[Node, Type]:
        """The type that an item of a literal adds."""
        type_ = self.type_of(node)
        if not optional or type_.name == "dyn":
            return node, type_
        if type_.name != "optional_type":
            self._source.report(node.at, f"expected type 'optional_type({type_})' but found '{type_}'")
            return node, DYN
        return node, type_.params[0]

    def _list(self, node: ListOf) -> Type:
        return list_of(self._joined([self._unwrapped(item, optional=optional) for item, optional in node.items]))

    def _map(self, node: MapOf) -> Type:
        keys = self._joined([(key, self.type_of(key)) for key, _, _ in node.entries])
        values = self._joined([self._unwrapped(value, optional=optional) for _, value, optional in node.entries])
        return map_of(keys, values)

    def _elements(self, node: Comprehension) -> tuple[Type, Type]:
        """The types of key (or index) and value of what a macro goes through."""
        range_ = self.type_of(node.range)
        if range_.name == "list":
            return Type("int"), range_.params[0]
        if range_.name == "map":
            return range_.params[0], range_.params[1]
        if range_.name != "dyn":
            said = f"expression of type '{range_}' cannot be range of a comprehension (must be list, map, or dynamic)"
            self._source.report(node.range.at, said)
        return DYN, DYN

    def _comprehension(self, node: Comprehension) -> Type:
        key, value = self._elements(node)
        is_map = self.found.types[node.range].name == "map"
        names = node.names
        self._scopes.append(dict(zip(names, (key, value), strict=True)) if len(names) == 2 else {})
        if len(names) == 1:
            self._scopes[-1][names[0]] = key if is_map else value
        if node.test is not None:
            self._expect(node.test, BOOL)
        result = DYN if node.result is None else self.type_of(node.result)
        self._scopes.pop()
        match node.macro:
            case "filter":
                return list_of(key if is_map else value)
            case "map" | "transformList":
                return list_of(result)
            case "transformMap":
                return map_of(key, result)
            case "transformMapEntry":
                if result.name not in ("map", "dyn"):
                    self._source.report(node.at, f"expected type 'map(dyn, dyn)' but found '{result}'")
                return result if result.name == "map" else map_of(DYN, DYN)
        return BOOL

    def _bind(self, node: Bind) -> Type:
        self._scopes.append({node.name: self.type_of(node.value)})
        found = self.type_of(node.body)
        self._scopes.pop()
        return found

    def _unwrap(self, node: Unwrap) -> Type:
        target = self.type_of(node.target)
        if target.name not in ("optional_type", "dyn"):
            self._source.report(node.at, f"expected type 'optional_type(dyn)' but found '{target}'")
        self._scopes.append({node.name: target.params[0] if target.name == "optional_type" else DYN})
        found = self.type_of(node.body)
        self._scopes.pop()
        if not node.flat:
            return optional_of(found)
        if found.name not in ("optional_type", "dyn"):
            self._source.report(node.body.at, f"expected type 'optional_type(dyn)' but found '{found}'")
        return found

    def _sort_by(self, node: SortBy) -> Type:
        target = self.type_of(node.target)
        if target.name not in ("list", "dyn"):
            self._source.report(node.at, f"found no matching overload for 'sortBy' applied to '{target}.(dyn)'")
        item = target.params[0] if target.name == "list" else DYN
        self._scopes.append({node.name: item})
        key = self.type_of(node.key)
        self._scopes.pop()
        if key.name not in _SORTABLE:
            self._source.report(node.key.at, f"values of the type '{key}' have no order")
        return list_of(item)


def _equivalent(left: Type, right: Type) -> bool:
    """Whether two types are the same, where a literal that is empty may be of any."""
    if left.name != right.name:
        return UNKNOWN in (left, right)
    return left.name == "dyn" or all(map(_equivalent, left.params, right.params))


def _fit(given: list[Type], wanted: tuple[Type, ...], bound: Bound) -> bool:
    return len(given) == len(wanted) and all(map(lambda one, two: assignable(one, two, bound), given, wanted))


def _shown(function: str) -> str:
    """The name of a function or, of an operator, what cel-go calls it."""
    if function[0].isalpha():
        return "@in" if function == "in" else function
    return {"!": "!_", "-_": "-_", "[]": "_[_]", "[?]": "_[?_]"}.get(function, f"_{function}_")


_METHODS: Final[dict[type, Callable[[_Checker, Any], Type]]] = {
    Literal: _Checker._literal,
    Ident: _Checker._ident,
    Select: _Checker._select,
    Index: _Checker._index,
    Call: _Checker._call,
    Chain: _Checker._chain,
    Choice: _Checker._choice,
    ListOf: _Checker._list,
    MapOf: _Checker._map,
    Comprehension: _Checker._comprehension,
    Bind: _Checker._bind,
    Unwrap: _Checker._unwrap,
    SortBy: _Checker._sort_by,
}
