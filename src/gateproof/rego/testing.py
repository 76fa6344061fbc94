"""Tests in Rego: every rule whose name starts with ``test_`` is run, as `opa test` does.

A test passes when its value is true, or an object of cases that all are (``test_x[case] if …``). Several rules of one
name are several tests: ``test_x``, ``test_x#01`` … A rule ``todo_test_x`` is skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from gateproof.compiler import Limits
from gateproof.errors import EvaluationError, UsageError
from gateproof.rego.errors import refusing_depth
from gateproof.rego.index import dotted, static_path
from gateproof.rego.parser import parse_modules
from gateproof.rego.planner import Planner
from gateproof.rego.program import HostBuiltins, Program
from gateproof.rego.syntax import Module, Node, Rule, Scalar, Var
from gateproof.rego.values import UNDEFINED, Value, unkey

if TYPE_CHECKING:
    from gateproof.rego.coverage import Coverage
    from gateproof.rego.failures import Failure
    from gateproof.rego.tracing import Trace

_TEST = "test_"
_SKIPPED = "todo_test_"
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
    ``output`` is what it printed. ``nanoseconds`` is the time of one run, the mean of ``runs``; 0 without a clock.
    """

    name: str
    place: str
    outcome: Outcome
    message: str = ""
    failures: tuple[Failure, ...] = ()
    output: tuple[str, ...] = ()
    nanoseconds: int = 0
    runs: int = 1


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
    """A test that is there: its path below ``data``, and where it stands. A function cannot be run."""

    path: tuple[str, ...]
    place: str
    function: bool = False

    @property
    def skipped(self) -> bool:
        return self.path[-1].startswith(_SKIPPED)


class _Runner:
    """Tests of parsed modules; a traced program is made when something has to be explained or covered."""

    def __init__(self, modules: Sequence[Module], options: Options, builtins: HostBuiltins | None) -> None:
        self._modules = modules
        self._options = options
        self._builtins = builtins
        self._found = list(_named_apart(modules))
        planner = Planner(modules, {name: arity for name, (arity, _) in (builtins or {}).items()})
        with refusing_depth():
            self._program = Program(planner.plan(), builtins)
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
        return [found for found in self._found if pattern.search(dotted(found.path))]

    def _run(self, found: _Found) -> RuleTest:
        name = dotted(found.path)
        if found.skipped:
            return RuleTest(name, found.place, Outcome.SKIP)
        if found.function:
            return RuleTest(name, found.place, Outcome.ERROR, "a function is no test: it is never called")
        output: list[str] = []
        clock = self._options.clock or (lambda: 0)
        began = clock()
        try:
            value = self._value(self._program, found, output)
        except EvaluationError as error:
            return RuleTest(name, found.place, Outcome.ERROR, str(error), (), tuple(output), clock() - began)
        took, runs = clock() - began, 1
        message = _wrong(value)
        failures: tuple[Failure, ...] = ()
        if message or self._options.coverage:
            failures = self._explained(found)
        elif self._options.bench:
            took, runs = self._repeated(found, clock)
        outcome = Outcome.FAIL if message else Outcome.PASS
        return RuleTest(name, found.place, outcome, message, failures if message else (), tuple(output), took, runs)

    def _value(self, program: Program, found: _Found, output: list[str]) -> Value:
        options = self._options
        return program.evaluate(
            found.path,
            data=options.data,
            now_ns=options.now_ns,
            limits=options.limits,
            on_print=output.append,
        )

    def _repeated(self, found: _Found, clock: Callable[[], int]) -> tuple[int, int]:
        """The mean time of a run, and of how many."""
        began, took, runs = clock(), 0, 0
        while runs < _BENCH_RUNS and took < _BENCH_NS:
            self._value(self._program, found, [])
            took, runs = clock() - began, runs + 1
        return took // runs, runs

    def _trace(self) -> tuple[Program, Trace]:
        if self._traced is None:
            from gateproof.rego.tracing import traced

            self._traced = traced(self._modules, builtins=self._builtins)
        return self._traced

    def _explained(self, found: _Found) -> tuple[Failure, ...]:
        """Run the test again, traced; why it did not hold."""
        from gateproof.rego.failures import Explainer

        program, trace = self._trace()
        trace.restart()
        with suppress(EvaluationError):  # calls nest deeper in a program that is traced
            self._value(program, found, [])
        return Explainer(trace).failures()


def _named_apart(modules: Sequence[Module]) -> Iterator[_Found]:
    """All tests; those of a name that was there before get another one, in their modules too."""
    seen: Counter[tuple[str, ...]] = Counter()
    for module in modules:
        for rule in module.rules:
            path, _ = static_path(module, rule)
            if not path[-1].startswith((_TEST, _SKIPPED)):
                continue
            if rule.args:
                yield _Found(path, _place(module, rule), function=True)
            elif seen[path]:
                name = f"{path[-1]}#{seen[path]:02}"
                _rename(rule, len(path) - len(module.package) - 1, name)
                yield _Found((*path[:-1], name), _place(module, rule))
            else:
                yield _Found(path, _place(module, rule))
            seen[path] += 1


def _rename(rule: Rule, position: int, name: str) -> None:
    branch: Rule | None = rule
    node: Node = Scalar(rule.at, name) if position else Var(rule.at, name)
    while branch:
        branch.path = [*branch.path[:position], node, *branch.path[position + 1 :]]
        branch = branch.otherwise


def _place(module: Module, rule: Rule) -> str:
    return module.place(rule.at).rpartition(":")[0]


def _wrong(value: Value) -> str:
    """Why ``value`` is not that of a test that passes; empty when it is."""
    if value is True:
        return ""
    if value is UNDEFINED:
        return "undefined"
    if type(value) is dict and value:
        cases = list(_cases(value, ()))
        failed = [name for name, held in cases if held is not True]
        return f"cases that are not true: {', '.join(failed)}" if failed else ""
    from gateproof.rego.failures import brief

    return f"the value is {brief(value)}, not true"


def _cases(value: dict[object, Value], above: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
    """The cases of a test with their names, at any depth."""
    from gateproof.rego.failures import brief

    for key, held in value.items():
        name = unkey(key)
        path = (*above, name if type(name) is str else brief(name))
        if type(held) is dict and held:
            yield from _cases(held, path)
        else:
            yield "/".join(path), held
