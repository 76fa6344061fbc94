"""Programs that can say which of their rules could not hold: the planner that makes them.

Every guard that depends on the types of what it reads is a site. Where it fails, and only while it is open whether it
ever can hold, the code reports the values that it looked at; where it holds, the site is closed. A program that is not
watched has none of it. What is reported is judged in :mod:`gateproof.rego.vacuity`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof.compiler import ir
from gateproof.rego.bodies import BodyPlanner
from gateproof.rego.builtins import BUILTINS
from gateproof.rego.emitter import UNDEFINED
from gateproof.rego.index import Group
from gateproof.rego.plan import Check, Clause, Operand, Plan, Site, local_name
from gateproof.rego.planner import Planner
from gateproof.rego.syntax import Literal, Module, Node, Ref, Rule, Var

if TYPE_CHECKING:
    from gateproof.rego.program import HostBuiltins, Program

_WATCHING = ir.Name("watching")
_OPERATORS = {f"{name}_": name for name in ("plus", "minus", "mul", "div", "rem", "and", "or")}
_LOOPS = ("items", "values")
_LONGEST = 200


class _Origin(msgspec.Struct, frozen=True):
    """Where a value stands; ``anchor`` holds the member that the last None of the path was."""

    path: tuple[str | int | None, ...]
    anchor: ir.Expr | None = None

    def below(self, part: str | int) -> _Origin:
        return _Origin((*self.path, part), self.anchor)


class _Trail(msgspec.Struct, frozen=True):
    """How a value was found: kind and name as in a Check, and what of."""

    kind: str
    operands: list[ir.Expr]
    name: str = ""


class _Report:
    """The checks of one site, and the values that it reports."""

    def __init__(self, origins: Mapping[str, _Origin]) -> None:
        self.checks: list[Check] = []
        self.values: list[ir.Expr] = []
        self._origins = origins

    def add(self, kind: str, operands: Sequence[ir.Expr], name: str = "") -> None:
        self.checks.append(Check(kind, [self._operand(each) for each in operands], name))

    def _operand(self, value: ir.Expr) -> Operand:
        origin = self._origins.get(value.id) if isinstance(value, ir.Name) else None
        if origin is None:
            return Operand(self._number(value), [])
        anchor = -1 if origin.anchor is None else self._number(origin.anchor)
        return Operand(self._number(value), list(origin.path), anchor)

    def _number(self, value: ir.Expr) -> int:
        if value not in self.values:
            self.values.append(value)
        return self.values.index(value)


class WatchedBodyPlanner(BodyPlanner):
    """Plans bodies whose guards report what they failed on."""

    planner: WatchedPlanner

    def __init__(self, planner: WatchedPlanner, group: Group | None) -> None:
        super().__init__(planner, group)
        self.trails: dict[str, _Trail] = {}
        self.origins: dict[str, _Origin] = {}
        self.quiet = group is None
        self.clause = -1
        self.passed = -1
        self.open = False
        self.at = 0
        self.text = ""
        self.ends: dict[int, int] = {}

    def restart(self, root: list[ir.Stmt], rule: Rule) -> None:
        super().restart(root, rule)
        self.at, self.text = rule.at, self.planner.text(rule.at)
        self.passed, self.open = -1, False
        if self.group is not None:
            self.clause = self.planner.clause(self.group, rule)
            self.before.append(ir.Assign(_WATCHING.id, ir.Attribute(self.ctx, _WATCHING.id)))

    def conclude(self) -> None:
        if self.group is not None:
            self._close(self.planner.clauses[self.clause].site)

    # Where values come from

    def assign(self, value: ir.Expr, prefix: str = "v") -> ir.Name:
        name = super().assign(value, prefix)
        self._learn(name.id, value)
        return name

    def hoist(self, path: Hashable, value: ir.Expr) -> ir.Name:
        name = super().hoist(path, value)
        self._learn(name.id, value)
        return name

    def _learn(self, name: str, value: ir.Expr) -> None:
        value = value.call if isinstance(value, ir.When) else value
        if isinstance(value, ir.Attribute):
            self.origins[name] = _Origin((value.name,))
        elif isinstance(value, ir.Field):
            self.trails[name] = _Trail("key", [value.value], value.name)
            self._place(name, value.value, value.name)
        elif isinstance(value, ir.Call) and value.function in ("get", "get_base"):
            self.trails[name] = _Trail("index", value.args, "data" if value.function == "get_base" else "")
            index = value.args[1]
            known = index.value if isinstance(index, ir.Const) and type(index.value) in (int, str) else None
            self._place(name, value.args[0], known)  # type: ignore[arg-type]  # a str or int, as asked
        elif isinstance(value, ir.Call):
            self._learn_call(name, value)

    def _learn_call(self, name: str, call: ir.Call) -> None:
        if call.function.startswith("rule_"):
            path = self.planner.index.groups[int(call.function[5:])].path
            self.origins[name] = _Origin(("data", *path))
        elif (builtin := self.planner.called(call.function)) is not None:
            self.trails[name] = _Trail("call", [ir.Name(name), *call.args[1:]], builtin)

    def _place(self, name: str, owner: ir.Expr, part: str | int | None) -> None:
        origin = self.origins.get(owner.id) if isinstance(owner, ir.Name) else None
        if origin is None:
            return
        self.origins[name] = _Origin((*origin.path, None), ir.Name(name)) if part is None else origin.below(part)

    def _ref(self, node: Ref) -> ir.Expr:
        if isinstance(node.head, Var):
            value = self.bound.get(node.head.name)
            if isinstance(value, ir.Name):
                self.origins.setdefault(value.id, _Origin((node.head.name.partition("#")[0],)))
        return super()._ref(node)

    # What is watched

    def body(self, literals: list[Literal]) -> None:
        starts = sorted(literal.at for literal in literals)
        self.ends.update(pairwise(starts))
        super().body(literals)

    def _literal(self, literal: Literal) -> None:
        saved = self.at, self.text
        self.at, self.text = literal.at, self.planner.text(literal.at, self.ends.get(literal.at))
        super()._literal(literal)
        self.at, self.text = saved

    def _negated(self, term: Node, flag: str) -> None:
        self._settle()
        quiet, self.quiet = self.quiet, True
        super()._negated(term, flag)
        self.quiet = quiet

    def _captured(self, literal: Literal) -> ir.Expr:
        quiet, self.quiet = self.quiet, True
        value = super()._captured(literal)
        self.quiet = quiet
        return value

    def guard(self, test: ir.Expr) -> None:
        report = _Report(self.origins)
        if not self.quiet:
            self._check(test, report)
        if not report.checks:
            self._settle()
            super().guard(test)
            return
        site = self._site(report.checks)
        self.out.append(ir.Guard(test, self._missed(site, report.values)))
        self.passed, self.open = site, True

    def loop(self, source: ir.Expr, *, keyed: bool) -> tuple[ir.Name, ir.Name]:
        over = source.args[1] if isinstance(source, ir.Call) and source.function in _LOOPS else None
        if over is not None and not self.quiet:
            report = _Report(self.origins)
            self._follow(over, report)
            report.add("loop", [over])
            self.out.append(ir.Report(self._missed(self._site(report.checks), report.values)))
        else:
            self._settle()
        key, value = super().loop(source, keyed=keyed)
        origin = self.origins.get(over.id) if isinstance(over, ir.Name) else None
        if origin is not None:
            self.origins[value.id] = _Origin((*origin.path, None), value)
        return key, value

    def open_scope(self, flag: str | None = None) -> tuple[Any, ...]:
        return (*super().open_scope(flag), self.passed, self.open)

    def close_scope(self, saved: tuple[Any, ...]) -> None:
        self._settle()
        *saved_here, self.passed, self.open = saved
        super().close_scope(tuple(saved_here))

    def _settle(self) -> None:
        """Close the last site where nothing that follows would tell that it has held."""
        if self.open:
            last = [self.out.pop()] if self.out and isinstance(self.out[-1], ir.Succeed) else []
            self._close(self.passed)
            self.out += last
            self.open = False

    def _check(self, test: ir.Expr, report: _Report) -> None:
        """Add what ``test`` depends on: how its operands were found, then their own types."""
        for name in _names(test):
            self._follow(name, report)
        match test.call if isinstance(test, ir.When) else test:
            case ir.Same(left, ir.Const(str())):
                report.add("equal", [left], "string")
            case ir.Is(left, ir.Const(bool())):
                report.add("equal", [left], "boolean")
            case ir.Call("same", [_, left, right]):
                report.add("equal", [left, right])
            case ir.Call("iterable", [source]):
                report.add("loop", [source])

    def _follow(self, value: ir.Expr, report: _Report) -> None:
        """Add the steps by which ``value`` was found, from the last value that is known to be defined."""
        trail = self.trails.get(value.id) if isinstance(value, ir.Name) else None
        if trail is None or (isinstance(value, ir.Name) and value.id in self.defined):
            return
        if trail.kind != "call":
            self._follow(trail.operands[0], report)
        report.add(trail.kind, trail.operands, trail.name)

    def _site(self, checks: list[Check]) -> int:
        return self.planner.site(Site(self.clause, self.passed, self.planner.line(self.at), self.text, checks))

    def _missed(self, site: int, values: list[ir.Expr]) -> ir.Expr:
        return ir.All([ir.Item(_WATCHING, site), ir.Call("missed", [self.ctx, ir.Const(site), *values])])

    def _close(self, site: int) -> None:
        self.out.append(ir.Store(_WATCHING.id, ir.Const(site), ir.Const(False)))


class WatchedPlanner(Planner):
    """Plans programs that are watched."""

    bodies = WatchedBodyPlanner
    folds = False

    def __init__(self, modules: Sequence[Module], host: Mapping[str, int]) -> None:
        super().__init__(modules, host)
        self.sites: list[Site] = []
        self.clauses: list[Clause] = []
        self._builtins: dict[str, str] = dict(_OPERATORS)

    def plan(self, query: Module | None = None) -> Plan:
        plan = super().plan(query)
        plan.sites, plan.clauses = self.sites, self.clauses
        return plan

    def site(self, site: Site) -> int:
        """The number of a new site."""
        self.sites.append(site)
        return len(self.sites) - 1

    def clause(self, group: Group, rule: Rule) -> int:
        """The number of a new clause."""
        path = ".".join(group.path)
        number = self.site(Site(len(self.clauses), -1, self.line(rule.at), "", []))
        alternatives = path if group.kind in ("complete", "function") and not rule.default else ""
        self.clauses.append(Clause(path, number, alternatives))
        return len(self.clauses) - 1

    def called(self, local: str) -> str | None:
        """The builtin that generated code calls ``local``, if it is one of ours."""
        if local.startswith("builtin_") and local not in self._builtins:
            self._builtins |= {local_name(number, name): name for number, name in enumerate(self.used)}
        name = self._builtins.get(local)
        return name if name in BUILTINS else None

    def line(self, at: int) -> str:
        """``file:line`` of an offset in the module that is being planned."""
        return self.module.place(at).rpartition(":")[0]

    def text(self, at: int, end: int | None = None) -> str:
        """What begins at ``at``: up to ``end`` or the end of the line."""
        text = self.module.source[at:end].partition("\n")[0].strip().rstrip(";").rstrip()
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def watched(
    modules: Mapping[str, str],
    *,
    query: str | None = None,
    v0: bool | None = None,
    builtins: HostBuiltins | None = None,
) -> Program:
    """A program that can be evaluated with an observer; everything else is as in :func:`gateproof.rego.compile`."""
    from gateproof.rego.errors import refusing_depth
    from gateproof.rego.parser import parse_modules, parse_query
    from gateproof.rego.program import Program

    with refusing_depth():
        planner = WatchedPlanner(parse_modules(modules, v0=v0), {name: of[0] for name, of in (builtins or {}).items()})
        plan = planner.plan(parse_query(query) if query else None)
    return Program(plan, builtins)


def _names(value: object) -> Iterator[ir.Name]:
    """The names that a test reads, in order."""
    if isinstance(value, ir.Name):
        if value is not UNDEFINED:
            yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _names(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
