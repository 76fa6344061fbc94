"""What `gateproof test` found → text, JSON, JUnit XML or Go's benchmark format; coverage → text, JSON or LCOV."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from gateproof.engines.samples import Tried
from gateproof.engines.suites import SuiteCase
from gateproof.rego.coverage import Coverage, FileCoverage, ranges
from gateproof.rego.failures import Failure
from gateproof.rego.testing import RuleTest
from gateproof.render import junit
from gateproof.render.untrusted import encodable, json_document, plain

VERSION = 1
"""Raised when a field of the JSON changes its meaning or goes away; new fields do not raise it."""

_STYLES = {"pass": "32", "fail": "31", "error": "33", "skip": "2"}
_WORDS = {"pass": "passed", "fail": "failed", "error": "not run", "skip": "skipped"}
_KINDS: dict[str, junit.Kind] = {"pass": "passed", "fail": "failure", "error": "error", "skip": "skipped"}


class SuiteReport(msgspec.Struct, frozen=True):
    """Rules, samples and cases of suites that were run, what they covered where that was measured, and what no sample
    can reach.

    ``vacuous`` says of rules that they could not have fired on any sample; it fails nothing.
    """

    tests: tuple[RuleTest, ...] = ()
    samples: tuple[Tried, ...] = ()
    coverage: Coverage | None = None
    vacuous: tuple[str, ...] = ()
    cases: tuple[SuiteCase, ...] = ()

    def has(self, outcome: str) -> bool:
        """Whether anything ended like that."""
        found = {str(one.outcome) for one in self.tests} | {str(one.outcome) for one in self.samples}
        return outcome in found or any(outcome == one.outcome for one in self.cases)


def text(report: SuiteReport, *, verbose: bool = False, bench: bool = False, color: bool = False) -> str:
    """What a person reads: all that did not pass, or with ``verbose`` all; with ``bench`` the time of each."""
    lines: list[str] = []
    for test in report.tests:
        if verbose or bench or test.outcome not in ("pass", "skip"):
            lines += _test(test, verbose=verbose, bench=bench, color=color)
    for sample in report.samples:
        if verbose or sample.outcome != "pass":
            wanted = "" if sample.outcome == "pass" else f", which must be {sample.expected}"
            lines.append(f"{_word(sample.outcome, color)}  {plain(sample.name)}{wanted}")
            lines += _indented(6, sample.message)
    for case in report.cases:
        if verbose or case.outcome not in ("pass", "skip"):
            lines.append(f"{_word(case.outcome, color)}  {plain(case.name)}  {plain(case.suite)}")
            lines += _indented(6, case.message)
    lines += [f"note   {plain(message)}" for message in report.vacuous]
    for name, found in (("tests", report.tests), ("samples", report.samples), ("cases", report.cases)):
        if found:
            lines.append(f"{name}: {_counted(one.outcome for one in found)}")
    return "\n".join(lines or ["the schema has nothing against the rules"]) + "\n"


def json(report: SuiteReport) -> str:
    """One object: ``version``, ``tests``, ``samples``, ``cases`` and ``vacuous`` as lists, ``coverage`` or null."""
    document: dict[str, Any] = {
        "version": VERSION,
        "tests": [msgspec.structs.asdict(test) for test in report.tests],
        "vacuous": [encodable(message) for message in report.vacuous],
        "samples": [{**msgspec.structs.asdict(one), "name": encodable(one.name)} for one in report.samples],
        "cases": [
            {name: encodable(text) for name, text in msgspec.structs.asdict(one).items()} for one in report.cases
        ],
        "coverage": _coverage(report.coverage) if report.coverage else None,
    }
    return json_document(msgspec.json.encode(document))


def junit_xml(report: SuiteReport) -> str:
    """The `testsuites` document: a suite for each file of tests or cases, and one for the samples."""
    suites: dict[str, list[junit.Case]] = {}
    for test in report.tests:
        file = test.place.rpartition(":")[0]
        details = tuple(line for failure in test.failures for line in _failure(failure, 0)) + test.output
        seconds = test.nanoseconds / 1e9 if test.nanoseconds else None
        case = junit.Case(file, test.name, _KINDS[test.outcome], test.message, details, seconds)
        suites.setdefault(file, []).append(case)
    for sample in report.samples:
        case = junit.Case(str(sample.expected), sample.name, _KINDS[sample.outcome], sample.message)
        suites.setdefault("samples", []).append(case)
    for one in report.cases:
        found = junit.Case(one.suite, one.name, _KINDS[one.outcome], one.message)
        suites.setdefault(one.suite, []).append(found)
    return junit.document(list(suites.items()))


def gobench(report: SuiteReport) -> str:
    """A line for each test that was measured, in the benchmark format of Go, which benchstat compares."""
    lines = []
    for test in report.tests:
        if test.steps:
            name = "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+|_", test.name))
            figures = f"{test.nanoseconds} ns/op\t{test.steps} steps/op\t{test.bytes} peak-B/op"
            lines.append(f"Benchmark{name}\t{test.runs}\t{figures}")
    return "\n".join((*lines, ""))


def coverage_text(coverage: Coverage) -> str:
    """Percent and lines by file, and the lines that nothing evaluated."""
    lines = []
    for file in coverage.files:
        lines.append(f"{file.percent:6.1f} %  {len(file.lines):5} lines  {plain(file.file)}")
        if file.uncovered:
            spans = (str(first) if first == last else f"{first}-{last}" for first, last in _uncovered(file))
            lines.append(f"{'':10}not covered: {', '.join(spans)}")
    return "\n".join((*lines, f"{coverage.percent:6.1f} %  {coverage.total:5} lines", ""))


def coverage_json(coverage: Coverage) -> str:
    """``coverage`` and ``files`` with ``covered`` and ``not_covered`` ranges of rows, as `opa test --coverage` has."""
    return json_document(msgspec.json.encode(_coverage(coverage)))


def lcov(coverage: Coverage) -> str:
    """A tracefile of LCOV (geninfo(1))."""
    lines = []
    for file in coverage.files:
        lines += ["TN:", f"SF:{plain(file.file)}"]
        lines += [f"DA:{line},{hits}" for line, hits in file.lines.items()]
        lines += [f"LF:{len(file.lines)}", f"LH:{len(file.covered)}", "end_of_record"]
    return "\n".join((*lines, ""))


def _test(test: RuleTest, *, verbose: bool, bench: bool, color: bool) -> Iterator[str]:
    took = f"  {', '.join(_measured(test))}" if bench and test.steps else ""
    yield f"{_word(test.outcome, color)}  {plain(test.name)}  {plain(test.place)}{took}"
    if verbose:
        yield from (f"      {'pass' if held else 'fail'}  {plain(name)}" for name, held in test.cases.items())
    if not (test.failures and test.message == "undefined"):  # what was undefined is said by the failures
        yield from _indented(6, test.message)
    for failure in test.failures:
        yield from (_plain_line(line) for line in _failure(failure, 6))
    for line in test.output:
        yield f"      | {plain(line)}"


def _measured(test: RuleTest) -> Iterator[str]:
    """What a run took; the steps are the same on every machine."""
    yield f"{test.nanoseconds:,} ns"
    yield f"{test.steps:,} steps"
    yield f"{test.bytes:,} bytes at most"
    yield f"median of {test.runs:,} runs"


def _failure(failure: Failure, indent: int) -> Iterator[str]:
    space = " " * indent
    times = f"  (evaluated {failure.times} times, this is the last)" if failure.times > 1 else ""
    case = f"  (case {failure.case})" if failure.case else ""
    yield f"{space}{failure.place}: {failure.expression}{case}{times}"
    for name, value in failure.values:
        yield f"{space}    {name} = {value}"
    for inner in failure.inner:
        yield f"{space}    {inner.rule}"
        yield from _failure(inner, indent + 6)


def _plain_line(line: str) -> str:
    """A line as a terminal may get it; its indentation stays."""
    stripped = line.lstrip(" ")
    return line[: len(line) - len(stripped)] + plain(stripped)


def _indented(indent: int, message: str) -> Iterator[str]:
    yield from (f"{' ' * indent}{plain(line)}" for line in message.splitlines())


def _word(outcome: str, color: bool) -> str:
    word = f"{outcome.upper():<5}"
    return f"\x1b[{_STYLES[outcome]}m{word}\x1b[0m" if color else word


def _counted(outcomes: Iterable[str]) -> str:
    counts = Counter(str(outcome) for outcome in outcomes)
    return ", ".join(f"{counts[outcome]} {word}" for outcome, word in _WORDS.items() if counts[outcome])


def _coverage(coverage: Coverage) -> dict[str, Any]:
    files = {
        encodable(file.file): {
            "covered": _rows(ranges(file.covered, file.lines)),
            "not_covered": _rows(_uncovered(file)),
            "covered_lines": len(file.covered),
            "not_covered_lines": len(file.uncovered),
            "coverage": round(file.percent, 2),
        }
        for file in coverage.files
    }
    return {"files": files, "coverage": round(coverage.percent, 2)}


def _uncovered(file: FileCoverage) -> list[tuple[int, int]]:
    return ranges(file.uncovered, file.lines)


def _rows(spans: Iterable[tuple[int, int]]) -> list[dict[str, dict[str, int]]]:
    return [{"start": {"row": first}, "end": {"row": last}} for first, last in spans]
