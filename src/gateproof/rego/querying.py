"""Queries, as `opa eval` answers them: for each solution the values of its expressions and its variables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from gateproof.compiler import Limits
from gateproof.errors import EvaluationError
from gateproof.rego.builtins import BUILTINS
from gateproof.rego.errors import refusing_depth
from gateproof.rego.parser import parse_modules, parse_query
from gateproof.rego.planner import Planner
from gateproof.rego.program import HostBuiltins, Program
from gateproof.rego.syntax import Call, Comprehension, Every, Literal, Module, Node, Ref, Some, SomeIn, Var, children
from gateproof.rego.values import UNDEFINED, Value

if TYPE_CHECKING:
    from gateproof.rego.visits import Visit

_CAPTURE = "expression:"
"""No variable can be named so: it holds the value of an expression."""


class Expression(msgspec.Struct, frozen=True):
    """An expression of a query: its text, where it stands in it (both from 1), and its value in one solution."""

    text: str
    row: int
    column: int
    value: Value


class Solution(msgspec.Struct, frozen=True):
    """One solution of a query."""

    expressions: tuple[Expression, ...]
    bindings: dict[str, Value]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a query is evaluated with; as in :meth:`gateproof.rego.Program.evaluate`."""

    input: Value = UNDEFINED
    data: Value = None
    now_ns: int | None = None
    seed: bytes = b""
    limits: Limits | None = None
    strict: bool = False
    on_print: Callable[[str], object] | None = None


class Query:
    """A query that is compiled with its modules. Raises :class:`CompileError` with every problem."""

    def __init__(
        self,
        text: str,
        modules: Mapping[str, str],
        *,
        v0: bool | None = None,
        builtins: HostBuiltins | None = None,
    ) -> None:
        self._source = parse_query(text)
        self._captured = _capturing(self._source)
        self._modules = parse_modules(modules, v0=v0)
        self._builtins = builtins
        planner = Planner(self._modules, {name: arity for name, (arity, _) in (builtins or {}).items()})
        with refusing_depth():
            self._program = Program(planner.plan(self._captured), builtins)

    def solutions(self, given: Given) -> list[Solution]:
        """All solutions; none when the query is undefined. Raises :class:`~gateproof.errors.EvaluationError`."""
        texts = _texts(self._source)
        return [_solution(self._source, texts, found) for found in _solve(self._program, given)]

    def trace(self, given: Given, hidden: Collection[str] = ()) -> tuple[Visit, ...]:
        """What was evaluated: the rules that were entered, and of each expression whether it held, with values.

        The query is evaluated again for it. An error ends the trace and is not raised; what a builtin complains of
        is among the values of its expression. Values that hold a text of ``hidden`` are shown without it.
        """
        from gateproof.rego.failures import refusal
        from gateproof.rego.tracing import traced
        from gateproof.rego.visits import visits

        program, trace = traced(self._modules, self._captured, self._builtins)
        quiet = msgspec.structs.replace(given, on_print=None, strict=True)
        refused = refusal(trace, lambda: _solve(program, quiet))
        trace.restart()
        with suppress(EvaluationError):
            _solve(program, msgspec.structs.replace(given, on_print=trace.note))
        return visits(trace, refused, hidden)

    def stopped(self, given: Given) -> str:
        """``file:line: expression`` at which an evaluation ends that raises an error; empty when none is raised."""
        from gateproof.rego.failures import Explainer
        from gateproof.rego.tracing import traced

        program, trace = traced(self._modules, self._captured, self._builtins)
        try:
            _solve(program, msgspec.structs.replace(given, on_print=None))
        except EvaluationError:
            return Explainer(trace).stopped()
        return ""

    def python(self) -> str:
        """The Python that the query and its modules are compiled to, as :func:`gateproof.rego.explain` gives it."""
        from gateproof.rego import explain

        return explain(self._program)


def _solve(program: Program, given: Given) -> list[dict[str, Value]]:
    return program.bindings(
        given.input,
        given.data,
        now_ns=given.now_ns,
        seed=given.seed,
        limits=given.limits,
        on_print=given.on_print,
        strict=given.strict,
    )


def _solution(query: Module, texts: Sequence[str], found: dict[str, Value]) -> Solution:
    expressions = []
    for number, literal in enumerate(query.rules[0].body):
        row, column = query.place(literal.at).rsplit(":", 2)[1:]
        value = found.get(f"{_CAPTURE}{number}", True)
        expressions.append(Expression(texts[number], int(row), int(column), value))
    bindings = {name: value for name, value in found.items() if not name.startswith(_CAPTURE)}
    return Solution(tuple(expressions), bindings)


def _texts(query: Module) -> list[str]:
    from gateproof.rego.failures import SourceText

    source = SourceText(query)
    return [source.literal(literal.at) for literal in query.rules[0].body]


def _capturing(query: Module) -> Module:
    """The query with a variable for the value of each expression, as OPA rewrites it.

    A single expression may be false and still has its value; of several, or one that iterates, all must hold.
    """
    rule = query.rules[0]
    body: list[Literal] = []
    checks: list[Literal] = []
    for number, literal in enumerate(rule.body):
        if literal.negated or not _has_value(literal.term):
            body.append(literal)
            continue
        at, variable = literal.at, Var(literal.at, f"{_CAPTURE}{number}")
        body.append(Literal(at, Call(at, Var(at, "eq"), [variable, literal.term]), False, literal.withs))
        checks.append(Literal(at, variable, False, []))
    checked = len(rule.body) > 1 or any(map(_iterates, rule.body))
    rewritten = msgspec.structs.replace(rule, body=[*body, *checks] if checked else body)
    return msgspec.structs.replace(query, rules=[rewritten])


def _has_value(term: Node) -> bool:
    """Whether an expression has a value of its own: declarations, unifications and calls with an output have none."""
    if isinstance(term, Some | SomeIn | Every):
        return False
    if isinstance(term, Call):
        return not (_named(term) in ("eq", "assign", "print") or _has_output(term))
    return True


def _named(call: Call) -> str:
    parts: list[object] = []
    function: Node = call.function
    if isinstance(function, Ref):
        parts = [getattr(part, "value", None) for part in function.path]
        function = function.head
    return ".".join(map(str, [function.name, *parts])) if isinstance(function, Var) else ""


def _has_output(call: Call) -> bool:
    builtin = BUILTINS.get(_named(call))
    return builtin is not None and len(call.args) == builtin.arity + 1


def _iterates(node: Node) -> bool:
    if isinstance(node, Comprehension | Every):
        return False
    if isinstance(node, Ref) and any(isinstance(part, Var) for part in node.path):
        return True
    return isinstance(node, SomeIn) or any(map(_iterates, children(node)))
