"""Where planned statements go: nested blocks, and what is known where."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from gateproof.compiler import ir
from gateproof.rego.syntax import Rule

UNDEFINED = ir.Name("UNDEFINED")
CTX = ir.Name("ctx")


class Emitter:
    """The insertion point in one generated function.

    ``bound`` maps variables to the expressions that hold them; ``known`` maps references to the
    expressions that hold their values, so that each is looked up once; ``defined`` are the locals
    known not to be undefined, and ``dicts`` those known to be objects; of those that are defined, ``scalars``
    hold no collection, ``texts`` a string and ``objects`` an object of scalars; ``fields`` has what was looked up
    for those that hold a member. ``looping`` says whether a loop of the current scope is open. ``before`` is
    where invariants go: ahead of everything else.
    """

    def __init__(self) -> None:
        self.count = 0
        self.out: list[ir.Stmt] = []
        self.bound: dict[str, ir.Expr] = {}
        self.known: dict[Hashable, ir.Expr] = {}
        self.defined: set[str] = set()
        self.dicts: set[str] = set()
        self.fields: dict[str, ir.Field] = {}
        self.scalars: set[str] = set()
        self.texts: set[str] = set()
        self.objects: set[str] = set()
        self.looping = False
        self.before: list[ir.Stmt] = []
        self.hoisted: dict[Hashable, ir.Name] = {}
        self.ctx = CTX
        self.rule: Rule | None = None

    def restart(self, root: list[ir.Stmt], rule: Rule) -> None:
        """Begin a branch of the function at ``root``; names stay unique, everything known is forgotten."""
        self.out = root
        self.rule = rule
        self.bound, self.known, self.defined, self.dicts, self.looping = {}, {}, set(), set(), False
        self.before, self.hoisted = [], {}
        root.append(ir.Scope(None, self.before))

    def conclude(self) -> None:
        """The branch holds: nothing after this can fail."""

    def fresh(self, prefix: str = "v") -> str:
        """A new local name."""
        self.count += 1
        return f"{prefix}{self.count}"

    def assign(self, value: ir.Expr, prefix: str = "v") -> ir.Name:
        """Give ``value`` a name."""
        name = self.fresh(prefix)
        if isinstance(value, ir.Field):
            value = self._noted(name, value)
        self.out.append(ir.Assign(name, value))
        return ir.Name(name)

    def _noted(self, name: str, field: ir.Field) -> ir.Field:
        """``field``, which ``name`` is going to hold; a plain lookup where its owner is known to be an object."""
        self.fields[name] = field
        sure = isinstance(field.value, ir.Name) and field.value.id in self.dicts
        return ir.Field(field.value, field.name, sure=True) if sure else field

    def equals(self, value: ir.Expr, constant: object) -> None:
        """``value`` is known to be ``constant`` in what follows, and whatever it is a member of to be an object.

        A set has members too, but those are what they are looked up by.
        """
        if isinstance(value, ir.Name):
            self.defined.add(value.id)
            field = self.fields.get(value.id)
            if field is not None and field.name != constant and isinstance(field.value, ir.Name):
                self.dicts.add(field.value.id)

    def hoist(self, path: Hashable, value: ir.Expr) -> ir.Name:
        """Give ``value``, which is the same in every iteration and cannot fail, a name before all loops."""
        name = self.hoisted.get(path)
        if name is None:
            name = ir.Name(self.fresh())
            if isinstance(value, ir.Field):
                self.fields[name.id] = value
            self.before.append(ir.Assign(name.id, value))
            self.hoisted[path] = name
        return name

    def guard(self, test: ir.Expr) -> None:
        """What follows runs only if ``test`` holds."""
        self.out.append(ir.Guard(test))

    def fail(self) -> None:
        """Nothing that follows runs."""
        self.guard(ir.Const(False))

    def require(self, value: ir.Expr) -> ir.Expr:
        """``value``, with a guard that it is defined."""
        if isinstance(value, (ir.Const, ir.BigInt, ir.MakeList, ir.MakeDict)):
            return value
        if not isinstance(value, ir.Name):
            value = self.assign(value)
        if value.id not in self.defined:
            self.guard(ir.Not(ir.Is(value, UNDEFINED)))
            self.defined.add(value.id)
        return value

    def loop(self, source: ir.Expr, *, keyed: bool) -> tuple[ir.Name, ir.Name]:
        """Open a loop; what follows is its body. The names of key and value; the key only if ``keyed``."""
        key = self.fresh("k") if keyed else None
        value = self.fresh()
        body: list[ir.Stmt] = []
        self.out.append(ir.Loop(key, value, source, body))
        self.out = body
        self.looping = True
        self.defined.add(value)
        if key:
            self.defined.add(key)
        return ir.Name(key or value), ir.Name(value)

    def open_scope(self, flag: str | None = None) -> tuple[Any, ...]:
        """Open a scope; what follows is its body until :meth:`close_scope`."""
        saved = (self.out, self.bound, self.known, self.defined, self.dicts, self.looping)
        self.bound, self.known = dict(self.bound), dict(self.known)
        self.defined, self.dicts = set(self.defined), set(self.dicts)
        body: list[ir.Stmt] = []
        self.out.append(ir.Scope(flag, body))
        self.out = body
        self.looping = False
        return saved

    def close_scope(self, saved: tuple[Any, ...]) -> None:
        """Go on after the scope."""
        self.out, self.bound, self.known, self.defined, self.dicts, self.looping = saved

    def flag(self) -> str:
        """A new name for the success of a scope."""
        return self.fresh("f")
