"""Programs: compiled policies, ready to evaluate any number of inputs from any number of threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof.compiler import Limits, code
from gateproof.errors import BudgetError, PolicyError
from gateproof.rego import documents, runtime
from gateproof.rego.builtins import BUILTINS, resolve
from gateproof.rego.context import Context
from gateproof.rego.errors import EvalError, Unsupported, place_of
from gateproof.rego.namespace import NAMESPACE
from gateproof.rego.plan import FORMAT, Plan, local_name
from gateproof.rego.values import COLLECTIONS, UNDEFINED, Value

if TYPE_CHECKING:
    from types import CodeType

    from gateproof.rego.vacuity import Watch

_CHARACTERS = 16
"""Characters of an answer, for each member that it may have."""

HostBuiltins = Mapping[str, tuple[int, Callable[..., Value]]]
"""The host's own builtins: name to arity and function of Rego values."""


class Program:
    """Compiled policies. Nothing in it changes between evaluations."""

    __slots__ = ("_outputs", "_query", "_rules", "_tables", "plan")

    def __init__(
        self,
        plan: Plan,
        builtins: HostBuiltins | None = None,
        probes: Mapping[str, Callable[..., Value]] | None = None,
        *,
        compiled: Mapping[str, CodeType] = {},
    ) -> None:
        """``builtins`` are the host's own. ``probes`` are what code compiled for tracing reports to.

        ``compiled`` is the code of functions of the plan that were compiled beforehand.
        """
        self.plan = plan
        names = {**NAMESPACE, **probes} if probes else NAMESPACE
        late = _builtins(plan, builtins or {})
        scope = code.load(plan.functions, names, constants=plan.constants, late=late, compiled=compiled)
        paths = [tuple(rule.path) for rule in plan.rules]
        self._tables = documents.Tables(plan.tree, plan.nodes, paths, [False] * len(plan.sites))
        for number, rule in enumerate(plan.rules):
            clauses = [scope[name] for name in rule.clauses]
            driver = documents.rule_of(number, rule.kind, clauses, standing=number in plan.standing)
            self._tables.rules.append(driver)
            scope[f"rule_{number}"] = driver
        drivers = zip(plan.rules, self.rules, self._tables.rules, strict=True)
        self._rules = {path: driver for rule, path, driver in drivers if not any("." in part for part in rule.path)}
        self._query = scope.get("query")
        self._outputs = plan.outputs

    @property
    def rules(self) -> tuple[str, ...]:
        """The paths of all rules, such as ``data.package.rule``; functions are not among them."""
        return tuple(".".join(("data", *rule.path)) for rule in self.plan.rules)

    def evaluate(
        self,
        path: str | Sequence[str],
        input: Value = UNDEFINED,
        data: Value = None,
        *,
        now_ns: int | None = None,
        seed: bytes = b"",
        limits: Limits | None = None,
        on_print: Callable[[str], object] | None = None,
        strict: bool = False,
        observer: Watch | None = None,
    ) -> Value:
        """The document at ``path``, or :data:`UNDEFINED`.

        ``path``: ``"data.package.rule"`` or its parts after ``data``. ``input`` and ``data`` are JSON
        values and are not changed. ``now_ns``: the policy's time, Unix nanoseconds. ``seed``: what random
        builtins derive from. ``on_print`` gets the lines of ``print``. ``strict``: a builtin's error ends
        the evaluation instead of being undefined. ``observer`` learns which rules could not hold; it is made for
        this program, and changes no value. Raises :class:`EvalError` and
        :class:`~gateproof.errors.BudgetError`.
        """
        ctx = Context(input, data, now_ns, seed, limits, on_print, strict, self._tables)
        if observer is not None:
            observer.attach(ctx, self.plan)
        if type(path) is str and (rule := self._rules.get(path)):
            return self._guarded(ctx, rule, ctx)
        parts = list(path)
        if isinstance(path, str):
            root, *parts = path.split(".")
            if root != "data":
                raise EvalError("eval_error", f"{path!r} is not a path below data", hint='write "data.package.rule"')
        return self._guarded(ctx, self._document, ctx, parts)

    def bindings(
        self,
        input: Value = UNDEFINED,
        data: Value = None,
        *,
        now_ns: int | None = None,
        seed: bytes = b"",
        limits: Limits | None = None,
        on_print: Callable[[str], object] | None = None,
        strict: bool = False,
        observer: Watch | None = None,
    ) -> list[dict[str, Value]]:
        """The solutions of the query that the program was compiled with: a dict of its variables each."""
        if self._query is None:
            raise EvalError("eval_error", "the program was compiled without a query", hint="rego.compile(..., query=)")
        query = self._query
        ctx = Context(input, data, now_ns, seed, limits, on_print, strict, self._tables)
        if observer is not None:
            observer.attach(ctx, self.plan)
        solutions: list[list[Value]] = []

        def solve() -> Value:
            query(ctx, solutions)
            return solutions

        self._guarded(ctx, solve)
        return [dict(zip(self._outputs, solution, strict=True)) for solution in solutions]

    def to_bytes(self) -> bytes:
        """The plan, to be stored under the digest of the sources; :meth:`from_bytes` reads it."""
        return msgspec.msgpack.encode(self.plan)

    @classmethod
    def from_bytes(
        cls, raw: bytes, builtins: HostBuiltins | None = None, *, compiled: Mapping[str, CodeType] = {}
    ) -> Program:
        """The program of which ``raw`` is the stored plan. ``raw`` must come from a trusted cache, and ``compiled``,
        the code of functions that the plan may then have without bodies, from where gateproof's own code comes from.
        """
        try:
            plan = msgspec.msgpack.decode(raw, type=Plan)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise PolicyError(f"not a stored program: {error}", hint="compile the sources again") from None
        if plan.format != FORMAT:
            raise PolicyError(
                f"a stored program of format {plan.format}, not {FORMAT}", hint="compile the sources again"
            )
        try:
            return cls(plan, builtins, compiled=compiled)
        except (KeyError, ValueError, TypeError) as error:
            raise PolicyError(f"not a stored program: {error}", hint="compile the sources again") from None

    def _guarded(self, ctx: Context, evaluate: Callable[..., Value], *args: Any) -> Value:
        try:
            value = evaluate(*args)
            if type(value) in COLLECTIONS and len(value):
                _measure(value, ctx.budget.limits.output)
            return value
        except RecursionError:
            hint = "look for values in values without end; split rules and functions that call each other"
            raise BudgetError("rules, functions or values are nested too deeply", hint=hint) from None
        except EvalError as error:
            error.where = error.where or place_of(error, self.plan.functions)
            raise

    def _document(self, ctx: Context, parts: list[str]) -> Value:
        """Walk to a rule or an inner place, then into its value."""
        place: Any = self._tables.tree
        base = ctx.data
        for position, name in enumerate(parts):
            if type(place) is not dict:
                value = documents.assembled(ctx, place, base) if place is not None else base
                for rest in parts[position:]:
                    value = runtime.get(value, rest)
                return value
            place = place.get(name)
            base = runtime.get(base, name)
        return base if place is None else documents.assembled(ctx, place, base)


def _measure(value: Value, limit: int) -> None:
    """Refuse an answer of more than ``limit`` members, counted as they would be written, or of too much text."""
    members = characters = 0
    waiting = [value]
    while waiting and members <= limit and characters <= limit * _CHARACTERS:
        each = waiting.pop()
        kind = type(each)
        members += len(each)
        if kind is dict:
            characters += sum([len(name) for name in each if type(name) is str])
        for member in each if kind is list else each.values() if kind is dict else each.items.values():
            if type(member) is str:
                characters += len(member)
            elif type(member) in COLLECTIONS:
                waiting.append(member)
    if members > limit or characters > limit * _CHARACTERS:
        what = f"{limit} members" if members > limit else f"{limit * _CHARACTERS} characters"
        raise BudgetError(f"the answer has more than {what}", hint="ask for less than the whole input")


def _builtins(plan: Plan, host: HostBuiltins) -> dict[str, Callable[[], Callable[..., Value]]]:
    """What makes the builtins that the plan calls, under the names that its code uses; each imports its family."""
    called = {local_name(n, name): partial(_builtin, name, host.get(name)) for n, name in enumerate(plan.builtins)}
    return {**called, "shown": _shown}


def _shown() -> Callable[..., Value]:
    from gateproof.rego.builtins.text_building import shown

    return shown


def _builtin(name: str, host: tuple[int, Callable[..., Value]] | None) -> Callable[..., Value]:
    if host is not None:
        from gateproof.rego import host as boundary

        return boundary.builtin(name, host[1])
    if name not in BUILTINS:
        return runtime.unavailable(name)
    try:
        function = resolve(name)
    except (ImportError, AttributeError):
        raise Unsupported(f"builtin {name} is not supported") from None
    builtin = BUILTINS[name]
    if builtin.relation:
        return function
    return runtime.wrapped(
        function, context=builtin.context, arity=builtin.arity, cost=builtin.cost, reads=builtin.reads
    )
