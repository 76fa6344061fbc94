"""Programs that report what they do: which expressions were reached, with which values, and which of them held.

The same planner makes them, with calls of a :class:`Trace` between the statements; programs that are not traced have
none of it and lose no time. A traced program and its trace serve one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from gateproof.compiler import ir
from gateproof.rego import cases
from gateproof.rego.bodies import BodyPlanner
from gateproof.rego.cases import CaseBodyPlanner
from gateproof.rego.errors import refusing_depth
from gateproof.rego.index import Group, dotted
from gateproof.rego.planner import Planner
from gateproof.rego.resolver import INFIX, wildcard
from gateproof.rego.syntax import Call, Every, Literal, Module, Node, Ref, Rule, Var
from gateproof.rego.values import Value

if TYPE_CHECKING:
    from gateproof.rego.program import HostBuiltins, Program

_MOST_CALLS = 50
"""Calls that are kept of one expression; the others are counted as lines covered and nothing else."""


class Expression(msgspec.Struct, frozen=True):
    """An expression of a body. ``outer`` is the one that it stands inside of, or -1; ``names`` are the variables known.

    ``terms`` are the places of the references and calls in it, of which the values are seen.
    """

    module: Module
    at: int
    outer: int
    names: tuple[str, ...]
    negated: bool
    every: bool
    in_test: bool
    terms: list[int]


class Branch(msgspec.Struct, frozen=True):
    """A rule, or one of its ``else``: ``rule`` is its path. ``bare`` is one without a body."""

    module: Module
    at: int
    rule: str
    bare: bool
    in_test: bool


class Step(msgspec.Struct):
    """What is known of an expression in one run of its branch; values, terms and calls are those of the last time.

    ``notes`` are what ``trace`` and ``print`` said, each time.
    """

    values: Sequence[Value] = ()
    terms: dict[int, Value] = {}
    calls: list[Frame] = []
    notes: list[str] = []
    reached: int = 0
    held: int = 0
    open: bool = False


class Missed(msgspec.Struct, frozen=True):
    """A case of a test that did not hold: its name, and the steps as they were when it was left."""

    case: str
    last: int
    steps: dict[int, Step]


class Attempt(msgspec.Struct):
    """One run of a branch. ``calls`` are those of its head.

    ``last`` is the expression that was come to last, of those of the body itself. ``case`` is the name of the case that
    is being tried since the expression ``since``; ``missed`` are those before it that did not hold.
    """

    branch: int
    steps: dict[int, Step] = {}
    calls: list[Frame] = []
    concluded: int = 0
    last: int = -1
    case: str = ""
    since: int = -1
    missed: list[Missed] = []

    def come_to(self, number: int) -> None:
        """Note where evaluation is; back before the place where the case began, it has ended."""
        if number <= self.since:
            self.leave_case()
        self.last = number

    def try_case(self, case: str) -> None:
        """Begin with another case."""
        self.leave_case()
        self.case, self.since = case, self.last

    def leave_case(self) -> None:
        """Keep what is known of the case that is being tried, which did not hold."""
        if self.case and self.last >= 0 and len(self.missed) < _MOST_CALLS:
            steps = {number: msgspec.structs.replace(step) for number, step in self.steps.items() if step.open}
            self.missed.append(Missed(self.case, self.last, steps))
        self.case = ""


class Frame(msgspec.Struct):
    """One run of a rule's clause, or of a function's with its arguments."""

    args: Sequence[Value] = ()
    attempts: list[Attempt] = []


class Trace:
    """What a traced program reports to.

    ``reached`` and ``concluded`` count by expression and by branch, over all evaluations; ``frames`` are what the
    evaluations since :meth:`restart` ran first, from which everything else was called.
    """

    def __init__(self, expressions: list[Expression], branches: list[Branch]) -> None:
        self.expressions = expressions
        self.branches = branches
        self.reached = [0] * len(expressions)
        self.began = [0] * len(branches)
        self.concluded = [0] * len(branches)
        self.restart()

    def restart(self) -> None:
        """Forget the frames, not the counts."""
        self.frames: list[Frame] = []
        self._stack: list[Frame] = []
        self._steps: list[Step | None] = [None]

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """What is evaluated inside does not count for coverage."""
        counts = self.reached, self.began, self.concluded
        self.reached, self.began, self.concluded = [list(each) for each in counts]
        yield
        self.reached, self.began, self.concluded = counts

    def note(self, text: str) -> None:
        """Keep a line of ``trace`` or ``print`` with the expression that says it; to be given as ``on_print``."""
        step = self._steps[-1]
        if step is not None and len(step.notes) < _MOST_CALLS:
            step.notes.append(text)

    @property
    def stopped(self) -> int:
        """The expression at which an evaluation ended that raised an error, or -1."""
        for frame in reversed(self._stack):
            for attempt in frame.attempts[-1:]:
                for number, step in reversed(attempt.steps.items()):
                    if step.open:
                        return number
        return -1

    @property
    def probes(self) -> Mapping[str, Callable[..., Value]]:
        """The names that traced code calls."""
        return {
            "trace_entered": self._entered,
            "trace_left": self._left,
            "trace_began": self._began,
            "trace_reached": self._reached,
            "trace_saw": self._saw,
            "trace_held": self._held,
            "trace_concluded": self._concluded,
            cases.PROBE: self._tried,
        }

    def _entered(self, args: Sequence[Value]) -> None:
        frame = Frame(args)
        calls = self.frames
        if self._stack:
            calls = (self._steps[-1] or self._stack[-1].attempts[-1]).calls
        if len(calls) < _MOST_CALLS:
            calls.append(frame)
        self._stack.append(frame)
        self._steps.append(None)

    def _left(self, result: Value) -> Value:
        self._stack.pop()
        self._steps.pop()
        return result

    def _began(self, branch: int) -> None:
        self.began[branch] += 1
        self._stack[-1].attempts.append(Attempt(branch))
        self._steps[-1] = None

    def _reached(self, number: int, values: Sequence[Value]) -> None:
        self.reached[number] += 1
        attempt = self._stack[-1].attempts[-1]
        steps = attempt.steps
        if self.expressions[number].outer < 0:
            attempt.come_to(number)
        step = steps.get(number)
        if step is None:
            step = steps[number] = Step()
        step.values, step.terms, step.calls, step.open = values, {}, [], True
        step.reached += 1
        self._steps[-1] = step

    def _saw(self, number: int, at: int, value: Value) -> None:
        step = self._stack[-1].attempts[-1].steps[number]
        step.terms[at] = value
        self._steps[-1] = step

    def _held(self, number: int) -> None:
        attempt = self._stack[-1].attempts[-1]
        step = attempt.steps[number]
        step.held += 1
        step.open = False
        outer = self.expressions[number].outer
        if outer < 0:
            attempt.come_to(number)
        self._steps[-1] = attempt.steps.get(outer)

    def _concluded(self, branch: int) -> None:
        self.concluded[branch] += 1
        attempt = self._stack[-1].attempts[-1]
        attempt.concluded += 1
        attempt.case = ""

    def _tried(self, _: str, names: list[Value]) -> None:
        self._stack[-1].attempts[-1].try_case(cases.named(names))


class TracedBodyPlanner(BodyPlanner):
    """Plans bodies that report every expression."""

    planner: TracedPlanner
    expression = -1
    branch = -1

    def restart(self, root: list[ir.Stmt], rule: Rule) -> None:
        super().restart(root, rule)
        self.expression = -1
        self.branch = self.planner.branch(self.group, rule)
        self._report("trace_began", ir.Const(self.branch))

    def conclude(self) -> None:
        self._report("trace_concluded", ir.Const(self.branch))

    def _literal(self, literal: Literal) -> None:
        known = {name: value for name, value in self.bound.items() if not (wildcard(name) or name.startswith("#"))}
        names = tuple(name.partition("#")[0] for name in known)
        outer = self.expression
        self.expression = self.planner.expression(literal, outer, names)
        self._report("trace_reached", ir.Const(self.expression), ir.MakeList(list(known.values())))
        super()._literal(literal)
        self._report("trace_held", ir.Const(self.expression))
        self.expression = outer

    def maybe(self, node: Node) -> ir.Expr:
        value = super().maybe(node)
        if self.expression < 0 or not _is_shown(node):
            return value
        value = self._simple(value)
        self.planner.expressions[self.expression].terms.append(node.at)
        self._report("trace_saw", ir.Const(self.expression), ir.Const(node.at), value)
        return value

    def _report(self, probe: str, *values: ir.Expr) -> None:
        self.out.append(ir.Do(ir.Call(probe, list(values))))


class _TracedCases(CaseBodyPlanner, TracedBodyPlanner):
    """A case is reported after the expression that named it has held."""

    planner: TracedPlanner


class TracedPlanner(Planner):
    """Plans programs that report what they do."""

    bodies = _TracedCases
    fuses = False
    folds = False

    def __init__(self, modules: Sequence[Module], host: Mapping[str, int]) -> None:
        super().__init__(modules, host)
        self.expressions: list[Expression] = []
        self.branches: list[Branch] = []
        self.in_test = False

    def expression(self, literal: Literal, outer: int, names: tuple[str, ...]) -> int:
        """The number of a new expression."""
        every = isinstance(literal.term, Every)
        self.expressions.append(
            Expression(self.module, literal.at, outer, names, literal.negated, every, self.in_test, [])
        )
        return len(self.expressions) - 1

    def branch(self, group: Group | None, rule: Rule) -> int:
        """The number of a new branch."""
        path = dotted(group.path) if group else "query"
        self.in_test = group is None or bool(cases.test_name(rule))
        self.branches.append(Branch(self.module, rule.at, path, not rule.body, self.in_test))
        return len(self.branches) - 1

    def _emit(self, group: Group | None, name: str, params: list[str], body: list[ir.Stmt], at: int) -> None:
        """The function under another name, and around it one that says when it begins and ends."""
        inner = f"{name}_body"
        super()._emit(group, inner, params, body, at)
        args: list[ir.Expr] = [ir.Name(param) for param in params]
        shown = args[1:] if group and group.kind == "function" else []
        around: list[ir.Stmt] = [
            ir.Do(ir.Call("trace_entered", [ir.MakeList(shown)])),
            ir.Return(ir.Call("trace_left", [ir.Call(inner, args)])),
        ]
        self.functions.append(ir.Function(name, params, around, f"{name}, traced"))


def traced(
    modules: Sequence[Module], query: Module | None = None, builtins: HostBuiltins | None = None
) -> tuple[Program, Trace]:
    """The program of parsed ``modules``, and what it reports to. Raises as :func:`gateproof.rego.compile` does."""
    from gateproof.rego.program import Program

    planner = TracedPlanner(modules, {name: arity for name, (arity, _) in (builtins or {}).items()})
    with refusing_depth():
        plan = planner.plan(query)
    trace = Trace(planner.expressions, planner.branches)
    return Program(plan, builtins, trace.probes), trace


def _is_shown(node: Node) -> bool:
    """Whether a value says something that the variables do not: references, and calls that are no operators."""
    if isinstance(node, Call):
        return not (isinstance(node.function, Var) and node.function.name in INFIX)
    return isinstance(node, Ref)
