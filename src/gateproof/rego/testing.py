"""Tests in Rego: every rule whose name starts with ``test_`` is run, as `opa test` does.

A test passes when its value is true. Of cases, ``test_x[case] if …``, there must be some, and all that were tried must
be true (`opa test` passes where there are none). Several rules of one name are several tests: ``test_x``,
``test_x#01`` … A rule ``todo_test_x`` is skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from gateproof.compiler import Limits
from gateproof.errors import EvaluationError, UsageError
from gateproof.rego import cases
from gateproof.rego.cases import SKIPPED, CasePlanner, full_name, has_cases
from gateproof.rego.errors import refusing_depth
from gateproof.rego.parser import parse_modules
from gateproof.rego.program import HostBuiltins, Program
from gateproof.rego.syntax import Module, Node, Rule, Scalar, Var
from gateproof.rego.values import UNDEFINED, Value

if TYPE_CHECKING:
    from gateproof.rego.coverage import Coverage
    from gateproof.rego.failures import Failure
    from gateproof.rego.tracing import Trace
    from gateproof.rego.vacuity import Watch

_BENCH_NS = 200_000_000
_BENCH_RUNS = 1_000


class Outcome(StrEnum):
    """How a test ended."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    SKIP = "skip"
    ERROR = "error"


class RuleTest(msgspec.Struct, frozen=True):
    """A test and how it ended.

    ``name`` is the rule's path, ``place`` ``file:line``. ``message`` says what was wrong, ``failures`` why, and
    ``output`` is what it printed. ``cases`` are those of ``test_x[case]``, and whether they held. ``nanoseconds`` is
    the time of one run, the median of ``runs``; 0 without a clock. ``steps`` is what it took of its budget, the same
    everywhere, and ``bytes`` the most that a run held beyond what was there before; 0 without ``bench``.
    """

    name: str
    place: str
    outcome: Outcome
    message: str = ""
    failures: tuple[Failure, ...] = ()
    output: tuple[str, ...] = ()
    nanoseconds: int = 0
    runs: int = 1
    cases: dict[str, bool] = {}
    steps: int = 0
    bytes: int = 0


class Report(msgspec.Struct, frozen=True):
    """All tests in the order of the sources, and what they covered where that was asked for."""

    tests: tuple[RuleTest, ...]
    coverage: Coverage | None = None


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How tests are run; :func:`gateproof.rego.test` has the meaning of each."""

    data: Value = None
    only: str = ""
    coverage: bool = False
    bench: bool = False
    now_ns: int | None = None
    limits: Limits | None = None
    clock: Callable[[], int] | None = None


def run(modules: Mapping[str, str], options: Options, *, v0: bool | None, builtins: HostBuiltins | None) -> Report:
    """See :func:`gateproof.rego.test`."""
    parsed = parse_modules(modules, v0=v0)
    return _Runner(parsed, options, builtins).report()


class _Found(msgspec.Struct, frozen=True):
    """A test that is there: its name in its package, where it stands, whether it has cases. Functions are not run."""

    package: tuple[str, ...]
    own: tuple[str, ...]
    place: str
    function: bool = False
    cases: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        return (*self.package, *self.own)

    @property
    def name(self) -> str:
        return full_name(self.package, self.own)

    @property
    def skipped(self) -> bool:
        return self.own[-1].startswith(SKIPPED)


class _Runner:
    """Tests of parsed modules; a traced program is made when something has to be explained or covered."""

    def __init__(self, modules: Sequence[Module], options: Options, builtins: HostBuiltins | None) -> None:
        self._modules = modules
        self._options = options
        self._builtins = builtins
        self._found = list(_named_apart(modules))
        planner = CasePlanner(modules, {name: arity for name, (arity, _) in (builtins or {}).items()})
        self._tried: cases.Tried = {}
        with refusing_depth():
            self._program = Program(planner.plan(), builtins, {cases.PROBE: cases.collector(self._tried)})
        self._traced: tuple[Program, Trace] | None = None

    def report(self) -> Report:
        tests = tuple(self._run(found) for found in self._chosen())
        coverage = None
        if self._options.coverage:
            from gateproof.rego.coverage import of

            coverage = of(self._trace()[1])
        return Report(tests, coverage)

    def _chosen(self) -> list[_Found]:
        """The tests whose path matches; several modules may name the same one."""
        if not self._options.only:
            return self._found
        import re2

        quiet = re2.Options()
        quiet.log_errors = False
        try:
            pattern = re2.compile(self._options.only, quiet)
        except re2.error as error:
            raise UsageError(f"not a regular expression: {error}", hint="it is RE2, as in Rego") from None
        return [found for found in self._found if pattern.search(found.name)]

    def _run(self, found: _Found) -> RuleTest:
        name = found.name
        if found.skipped:
            return RuleTest(name, found.place, Outcome.SKIP)
        if found.function:
            return RuleTest(name, found.place, Outcome.ERROR, "a function is no test: it is never called")
        output: list[str] = []
        clock = self._options.clock or (lambda: 0)
        self._tried.clear()
        began = clock()
        try:
            value = self._value(self._program, found, output)
        except EvaluationError as error:
            took = clock() - began
            message = "".join((self._stopped(found), str(error)))
            return RuleTest(name, found.place, Outcome.ERROR, message, (), tuple(output), took)
        test = RuleTest(name, found.place, Outcome.PASS, "", (), tuple(output), clock() - began)
        if found.cases and type(value) is dict:
            test = structs.replace(test, cases=cases.outcomes(value, self._tried.get(name, [])))
        message = _wrong(value, test.cases if found.cases else None)
        failures = self._explained(found) if message or self._options.coverage else ()
        if message:
            return structs.replace(test, outcome=Outcome.FAIL, message=message, failures=failures)
        return self._benched(test, found, clock) if self._options.bench else test

    def _value(
        self, program: Program, found: _Found, output: list[str], observer: Watch | None = None, *, strict: bool = False
    ) -> Value:
        options = self._options
        return program.evaluate(
            found.path,
            data=options.data,
            now_ns=options.now_ns,
            limits=options.limits,
            on_print=output.append,
            strict=strict,
            observer=observer,
        )

    def _benched(self, test: RuleTest, found: _Found, clock: Callable[[], int]) -> RuleTest:
        """The test with what it takes: the median time, and of one run the steps and the memory."""
        from statistics import median

        from gateproof.rego.metering import metered

        times: list[int] = []
        spent = 0
        while len(times) < _BENCH_RUNS and spent < _BENCH_NS:
            began = clock()
            self._value(self._program, found, [])
            times.append(clock() - began)
            spent += times[-1]
        steps, size = metered(self._program, lambda meter: self._value(self._program, found, [], meter))
        return structs.replace(test, nanoseconds=int(median(times)), runs=len(times), steps=steps, bytes=size)

    def _trace(self) -> tuple[Program, Trace]:
        if self._traced is None:
            from gateproof.rego.tracing import traced

            self._traced = traced(self._modules, builtins=self._builtins)
        return self._traced

    def _stopped(self, found: _Found) -> str:
        """Where a test ends that raises an error: the place and text of the expression, with a colon; or nothing."""
        from gateproof.rego.failures import Explainer

        program, trace = self._trace()
        trace.restart()
        with suppress(EvaluationError):
            self._value(program, found, [])
        place = Explainer(trace).stopped()
        return f"{place}: " if place else ""

    def _explained(self, found: _Found) -> tuple[Failure, ...]:
        """Run the test again, traced; why it did not hold."""
        from gateproof.rego.failures import Explainer, refusal

        program, trace = self._trace()
        with trace.uncounted():
            refused = refusal(trace, lambda: self._value(program, found, [], strict=True))
        trace.restart()
        with suppress(EvaluationError):  # calls nest deeper in a program that is traced
            self._value(program, found, [])
        return Explainer(trace, refused).failures()


def _named_apart(modules: Sequence[Module]) -> Iterator[_Found]:
    """All tests; those of a name that was there before get another one, in their modules too."""
    seen: Counter[tuple[str, ...]] = Counter()
    for module in modules:
        for rule in module.rules:
            own = cases.test_name(rule)
            if not own:
                continue
            place = module.place(rule.at).rpartition(":")[0]
            found = _Found(tuple(module.package), own, place, function=bool(rule.args), cases=has_cases(rule))
            path = found.path
            if seen[path] and not rule.args:
                name = f"{path[-1]}#{seen[path]:02}"
                _rename(rule, len(own) - 1, name)
                found = structs.replace(found, own=(*own[:-1], name))
            seen[path] += 1
            yield found


def _rename(rule: Rule, position: int, name: str) -> None:
    branch: Rule | None = rule
    node: Node = Scalar(rule.at, name) if position else Var(rule.at, name)
    while branch:
        branch.path = [*branch.path[:position], node, *branch.path[position + 1 :]]
        branch = branch.otherwise


def _wrong(value: Value, tried: dict[str, bool] | None) -> str:
    """Why ``value`` is not that of a test that passes; empty when it is. ``tried``: the cases of a test with cases."""
    if value is UNDEFINED:
        return "undefined"
    if tried is not None:
        failed = [name for name, held in tried.items() if not held]
        if not tried:
            return "there was no case to try"
        return f"cases that are not true: {', '.join(failed)}" if failed else ""
    from gateproof.rego.failures import brief

    return "" if value is True else f"the value is {brief(value)}, not true"
