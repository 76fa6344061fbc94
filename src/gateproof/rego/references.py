"""Planning of references: variables, ``input`` and ``data``, and the ways into what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateproof.compiler import ir
from gateproof.rego import shortcuts
from gateproof.rego.emitter import CTX, UNDEFINED, Emitter
from gateproof.rego.errors import TYPE_ERROR
from gateproof.rego.index import Group, Tree, constant_name, dotted, matching
from gateproof.rego.resolver import ROOTS, wildcard
from gateproof.rego.syntax import Array, Node, Object, Ref, Scalar, SetLiteral, Var

if TYPE_CHECKING:
    from gateproof.rego.planner import Planner


class ReferencePlanner(Emitter):
    """Plans variables and references."""

    def __init__(self, planner: Planner, group: Group | None) -> None:
        super().__init__()
        self.planner = planner
        self.group = group

    # Implemented with terms and bodies

    def value(self, node: Node) -> ir.Expr:
        """The value of a term; implemented by the subclass."""
        raise NotImplementedError

    def values(self, nodes: list[Node]) -> list[ir.Expr]:
        """The values of several terms; implemented by the subclass."""
        raise NotImplementedError

    def match(self, value: ir.Expr, pattern: Node) -> None:
        """Unify a value with a pattern; implemented by the subclass."""
        raise NotImplementedError

    def _var(self, node: Var) -> ir.Expr:
        if node.name == "input":
            return self._input()
        if node.name == "data":
            return self._data([], node)
        found = self.bound.get(node.name)
        if found is None:
            self.planner.unsafe(node)
            return ir.Const(None)
        return found

    def _input(self) -> ir.Expr:
        return self._remember(("input",), ir.Attribute(self.ctx, "input"))

    def _remember(self, path: tuple[object, ...], value: ir.Expr) -> ir.Expr:
        """The expression known for ``path``, or ``value`` under a new name."""
        known = self.known.get(path)
        if known is None:
            hoisted = path[0] == "input" and self.ctx is CTX and all(type(part) is str for part in path)
            known = self.known[path] = self.hoist(path, value) if hoisted else self.assign(value)
        return known

    # References

    def _ref(self, node: Ref) -> ir.Expr:
        head = node.head
        if isinstance(head, Var) and head.name == "data":
            return self._data(node.path, node)
        if isinstance(head, Var) and head.name == "input":
            return self._steps(self._input(), ("input",), node.path)
        start = self.value(head)
        return self._steps(start, (start.id,) if isinstance(start, ir.Name) else None, node.path)

    def _data(self, path: list[Node], node: Node) -> ir.Expr:
        place: Tree | Group | None = self.planner.index.root
        names: list[str] = []
        for part in path:
            name = constant_name(part)
            if not isinstance(place, Tree) or name is None:
                break
            names.append(name)
            place = place.children.get(name)
        if isinstance(place, Group):
            self.planner.uses(self.group, [place], node.at)
            start = self.planner.folded(place)
            if start is None:
                start = self._remember(("rule", place.number), ir.Call(f"rule_{place.number}", [self.ctx]))
            elif isinstance(start, ir.Name):
                self.defined.add(start.id)
            return self._steps(start, ("rule", place.number), path[len(names) :])
        rest = path[len(names) :]
        if tuple(names) in self.planner.index.functions:
            message = f"function {dotted(names)} used as reference, not called"
            self.planner.problem(node.at, TYPE_ERROR, message)
        if place is None or (rest and isinstance(place, Tree) and isinstance(rest[0], Scalar)):
            key: tuple[object, ...] = ("data",)
            return self._steps(self._remember(key, ir.Attribute(self.ctx, "data")), key, path, "get_base")
        return self._document(place, names, rest, node)

    def _document(self, place: Tree, names: list[str], path: list[Node], node: Node) -> ir.Expr:
        """A package, or another inner place, as a document; only what stands at the path, if one is given."""
        self.planner.uses(self.group, list(matching(place, path)), node.at)
        number = ir.Const(self.planner.node(names))
        ground = next((n for n, part in enumerate(path) if not self._ground(part)), len(path))
        if ground:
            wanted = ir.MakeList(self.values(path[:ground]))
            found = self.assign(ir.Call("lookup", [self.ctx, number, wanted]))
            return self._steps(found, None, path[ground:])
        key = ("document", *names)
        return self._steps(self._remember(key, ir.Call("document", [self.ctx, number])), key, path)

    def _ground(self, node: Node) -> bool:
        """Whether all variables of ``node`` are bound."""
        if isinstance(node, Var):
            return node.name in self.bound or node.name in ROOTS
        if isinstance(node, (Array, SetLiteral)):
            return all(self._ground(item) for item in node.items)
        if isinstance(node, Object):
            return all(self._ground(k) and self._ground(v) for k, v in node.pairs)
        return True

    def _steps(self, current: ir.Expr, key: tuple[object, ...] | None, path: list[Node], get: str = "get") -> ir.Expr:
        """Follow ``path`` from ``current``; ``key`` is what the reference so far is known by."""
        for part in path:
            if not self._ground(part):
                current, key = self._iterate(current, key, part)
                continue
            index = self.value(part)
            if isinstance(index, ir.Const) and type(index.value) is str:
                key = (*key, index.value) if key else None
                found: ir.Expr = ir.Field(self._simple(current), index.value)
            else:
                key = (*key, index) if key else None
                call = ir.Call(get, [current, self._paid(index)])
                found = shortcuts.lookup(current, index, UNDEFINED, call)
            current = self._remember(key, found) if key else self.assign(found)
        return current

    def _paid(self, index: ir.Expr) -> ir.Expr:
        """A key of a collection; one that is a collection itself is charged."""
        if not isinstance(index, ir.Name):
            return index
        paid: ir.Expr = ir.Call("paid", [self.ctx, index])
        for kind in ("int", "str"):
            paid = shortcuts.when([(index, kind)], index, paid)
        return paid

    def _simple(self, value: ir.Expr) -> ir.Expr:
        return value if isinstance(value, (ir.Name, ir.Const)) else self.assign(value)

    def _iterate(
        self, current: ir.Expr, key: tuple[object, ...] | None, part: Node
    ) -> tuple[ir.Expr, tuple[object, ...] | None]:
        """Loop over the members of ``current``; the key of each unifies with ``part``."""
        if isinstance(part, Var) and wildcard(part.name):
            _, value = self.loop(ir.Call("values", [self.ctx, current]), keyed=False)
            return value, None
        index, value = self.loop(ir.Call("items", [self.ctx, current]), keyed=True)
        if isinstance(part, Var):
            self.bound[part.name] = index
        else:
            self.match(index, part)
        if key:
            key = (*key, index)
            self.known[key] = value
        return value, key
