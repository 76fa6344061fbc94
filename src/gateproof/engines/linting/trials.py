"""What the samples of a policy show: that they come out as they must, and what they do not reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from gateproof import engines, inputs
from gateproof.catalog.frameworks import Catalog
from gateproof.catalog.policy import Policy
from gateproof.documents.instants import instant
from gateproof.engines import samples
from gateproof.engines.interface import Outcome
from gateproof.engines.linting.interface import MAIN, Level, PolicyFiles, Problem, own_files
from gateproof.engines.linting.syntax import Parsed, dotted
from gateproof.engines.samples import Expected
from gateproof.errors import GateproofError
from gateproof.rego.coverage import Coverage, merged
from gateproof.rego.syntax import Module, Rule


def problems(files: PolicyFiles, policy: Policy, *, now: str, catalog: Catalog | None) -> Iterator[Problem]:
    """What is missing among the samples, those that come out otherwise, and rules that none of them reaches."""
    parsed = Parsed(own_files(policy))
    yield from _missing(files, parsed)
    if not files.samples:
        return
    for tried in samples.run([policy], files.samples, now=now, catalog=catalog):
        if tried.outcome is not Outcome.PASS:
            yield Problem(tried.name, 0, Level.ERROR, "sample", f"it must be {tried.expected}: {tried.message}")
    yield from _silent(files, policy, now)
    prefix = files.path("")
    reached = merged([samples.covered([policy], files.samples, now=now, folder=prefix), _tested(files, policy, now)])
    for module in parsed.modules:
        lines = next((file.lines for file in reached.files if file.file == f"{prefix}{module.file}"), {})
        for rule, line in _unreached(module, lines):
            name = dotted(rule.path[0]) if rule.path else ""
            message = f"no sample reaches this rule of {name}: add one that does, or remove the rule"
            yield Problem(files.path(module.file), line, Level.WARNING, "unreached", message)
    for said in samples.vacuous([policy], files.samples, now=now, folder=prefix):
        place = re.search(rf"\b{re.escape(MAIN)}:([0-9]+)", said)
        yield Problem(files.path(MAIN), int(place[1]) if place else 0, Level.WARNING, "vacuous", said)


def _missing(files: PolicyFiles, parsed: Parsed) -> Iterator[Problem]:
    there = {sample.expected for sample in files.samples}
    for expected in Expected:
        if expected not in there and (expected is not Expected.UNDECIDED or "undecided" in parsed.rules):
            message = f"there is no sample in {expected}/: add a real one"
            yield Problem(files.path(f"{expected}/"), 0, Level.ERROR, "samples-missing", message)


def _silent(files: PolicyFiles, policy: Policy, now: str) -> Iterator[Problem]:
    """Findings and reasons that come out empty on a sample."""
    engine = engines.engine_for(policy.engine)
    for sample in files.samples:
        subject = inputs.parse(sample.raw)
        if sample.expected is Expected.ALLOWED or subject.problem:
            continue
        with suppress(GateproofError):  # told already: the sample does not come out as it must
            for result in engine.evaluate(policy, subject, {}, now=now):
                said = [finding.message for finding in result.findings]
                said += [result.reason] if result.outcome is Outcome.ERROR else []
                if not all(text.strip() for text in said):
                    message = f"what is said of {result.resource} is empty"
                    yield Problem(sample.name, 0, Level.ERROR, "message-empty", message)


def _tested(files: PolicyFiles, policy: Policy, now: str) -> Coverage:
    """What the tests in Rego beside the policy reach; its files are named as those of samples are."""
    import msgspec

    from gateproof import rego

    tests = {name: text for name, text in files.rego.items() if name.endswith("_test.rego")}
    if not tests:
        return Coverage()
    modules = {source.name: source.text for source in policy.sources} | tests
    try:
        report = rego.test(modules, coverage=True, now_ns=int(instant(now).timestamp()) * 10**9)
    except GateproofError:  # `gateproof test` says what is wrong with them
        return Coverage()
    found = report.coverage.files if report.coverage else ()
    return Coverage(tuple(msgspec.structs.replace(file, file=files.path(file.file)) for file in found))


def _unreached(module: Module, lines: dict[int, int]) -> Iterator[tuple[Rule, int]]:
    """Rules with lines that can be evaluated, of which none was."""
    starts = [(module.source.count("\n", 0, rule.at) + 1, rule) for rule in module.rules]
    ends = [*(start for start, _ in starts[1:]), module.source.count("\n") + 2]
    for (start, rule), end in zip(starts, ends, strict=True):
        own = [hits for line, hits in lines.items() if start <= line < max(end, start + 1)]
        if own and not any(own):
            yield rule, start
