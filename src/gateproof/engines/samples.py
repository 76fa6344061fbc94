"""Golden samples: what a policy must say about the files in its folders allowed/, denied/ and undecided/.

The rules are those of docs/reference/policy-contract.md ("Samples"). A sample is judged on the way that every input
takes; what it covers is measured by judging it again with a program that is traced.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache

import msgspec

from gateproof import engines, inputs
from gateproof.catalog import bundle
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.frameworks import Catalog
from gateproof.catalog.policy import LIBRARY, Policy, Source
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.rego import RegoEngine
from gateproof.errors import GateproofError
from gateproof.inputs.context import Context
from gateproof.rego import coverage
from gateproof.rego.coverage import Coverage
from gateproof.rego.parser import parse_modules
from gateproof.rego.program import Program
from gateproof.rego.tracing import Trace, traced
from gateproof.rego.vacuity import Watch, watched

_SHOWN = 5


class Expected(StrEnum):
    """What a sample must give: the name of its folder."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDECIDED = "undecided"


class Sample(msgspec.Struct, frozen=True):
    """A file that a policy is tried on."""

    name: str
    expected: Expected
    raw: bytes


class Tried(msgspec.Struct, frozen=True):
    """A sample and how it came out: PASS when the policy said what it must, FAIL when not, ERROR when unreadable."""

    name: str
    expected: Expected
    outcome: Outcome
    message: str = ""


def run(
    policies: Sequence[Policy], samples: Sequence[Sample], *, now: str, catalog: Catalog | None = None
) -> tuple[Tried, ...]:
    """Judge every sample by the policies of one folder; ``now`` is RFC 3339 UTC. Raises PolicyError.

    ``catalog`` knows the controls that the policies cite (default: those that are shipped).
    """
    for policy in policies:
        engines.check(policy)
    judges = bundle.build(policies, DEFAULT, catalog=catalog)
    context = _inside(policies)
    tried = []
    for sample in samples:
        subject = inputs.parse(sample.raw)
        if subject.problem:
            tried.append(Tried(sample.name, sample.expected, Outcome.ERROR, subject.problem))
            continue
        message = _wrong(sample.expected, engines.evaluate(subject, judges, context, {}, now=now))
        tried.append(Tried(sample.name, sample.expected, Outcome.FAIL if message else Outcome.PASS, message))
    return tuple(tried)


def covered(policies: Sequence[Policy], samples: Sequence[Sample], *, now: str, folder: str = "") -> Coverage:
    """The lines that judging ``samples`` evaluates, of the policies in Rego; files are named below ``folder``."""
    found = []
    for policy in policies:
        if not policy.engine.is_rego:
            continue
        tracer = _Tracer()
        engine = RegoEngine(tracer.compile)
        for sample in samples:
            subject = inputs.parse(sample.raw)
            if not subject.problem:
                with suppress(GateproofError):  # what was evaluated before counts
                    engine.evaluate(policy, subject, {}, now=now)
        own = {source.name for source in policy.sources}
        for trace in tracer.traces:
            files = [file for file in coverage.of(trace).files if file.file in own]
            found.append(Coverage(tuple(msgspec.structs.replace(one, file=folder + one.file) for one in files)))
    return coverage.merged(found)


def vacuous(policies: Sequence[Policy], samples: Sequence[Sample], *, now: str, folder: str = "") -> tuple[str, ...]:
    """The rules that could not have fired on any of ``samples``, in words; files are named below ``folder``.

    Those of the library are not among them: it is for other policies, too.
    """
    found: list[str] = []
    for policy in policies:
        if not policy.engine.is_rego:
            continue
        watches: list[Watch] = []

        def observe(_: Policy, program: Program, watches: list[Watch] = watches) -> Watch:
            watches[:] = watches or [Watch(program)]
            return watches[0]

        engine = RegoEngine(_watched, observe=observe)
        for sample in samples:
            subject = inputs.parse(sample.raw)
            if not subject.problem:
                with suppress(GateproofError):
                    engine.evaluate(policy, subject, {}, now=now)
        for watch in watches:
            own = (each for each in watch.vacuous() if not each.file.startswith(LIBRARY))
            found += [msgspec.structs.replace(each, file=f"{folder}{each.file}").message for each in own]
    return tuple(found)


@lru_cache(maxsize=64)
def _watched(sources: tuple[Source, ...]) -> Program:
    return watched({source.name: source.text for source in sources})


class _Tracer:
    """Compiles programs once each, traced."""

    def __init__(self) -> None:
        self._programs: dict[tuple[Source, ...], Program] = {}
        self.traces: list[Trace] = []

    def compile(self, sources: tuple[Source, ...]) -> Program:
        if sources not in self._programs:
            program, trace = traced(parse_modules({source.name: source.text for source in sources}))
            self._programs[sources] = program
            self.traces.append(trace)
        for trace in self.traces:
            trace.restart()
        return self._programs[sources]


def _inside(policies: Sequence[Policy]) -> Context:
    """A context that is in the scope of the policies: the strictest where they do not say."""
    context = Context()
    for scope in (policy.scope for policy in policies):
        context = msgspec.structs.replace(
            context,
            environment=scope.environments[0] if scope.environments else context.environment,
            tier=scope.tiers[0] if scope.tiers else context.tier,
            data_classification=scope.classifications[0] if scope.classifications else context.data_classification,
        )
    return context


def _wrong(expected: Expected, results: Sequence[Result]) -> str:
    """Why the results are not what a sample of this folder must give; empty when they are."""
    outcomes = {result.outcome for result in results}
    match expected:
        case Expected.ALLOWED:
            unwanted, missing = outcomes - {Outcome.PASS}, {Outcome.PASS} - outcomes
        case Expected.DENIED:
            unwanted, missing = outcomes & {Outcome.ERROR}, {Outcome.FAIL} - outcomes
        case Expected.UNDECIDED:
            unwanted, missing = outcomes & {Outcome.FAIL}, {Outcome.ERROR} - outcomes
    if not (unwanted or missing):
        return ""
    found = [_said(result) for result in results if result.outcome in unwanted] or [_said(result) for result in results]
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more if found else "no policy said anything about it"


def _said(result: Result) -> str:
    why = result.reason or "; ".join(finding.message for finding in result.findings)
    return f"{result.outcome.upper()} {result.resource or 'document'}" + (f": {why}" if why else "")
