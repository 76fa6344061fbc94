"""Coverage: which lines of policies were evaluated. Lines are those on which an expression or a rule begins.

As `opa test --coverage` counts: an expression is covered when it was evaluated, whatever came out; the head of a rule
when its body held. A line is covered when anything on it is. Tests themselves are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from gateproof.rego.syntax import Module
from gateproof.rego.tracing import Trace


class FileCoverage(msgspec.Struct, frozen=True):
    """``lines`` maps the lines of ``file`` that can be evaluated to how often they were."""

    file: str
    lines: dict[int, int]

    @property
    def covered(self) -> list[int]:
        """The lines that were evaluated."""
        return sorted(line for line, hits in self.lines.items() if hits)

    @property
    def uncovered(self) -> list[int]:
        """The lines that were not."""
        return sorted(line for line, hits in self.lines.items() if not hits)

    @property
    def percent(self) -> float:
        """Of the lines, those that were evaluated; 100 where there are none."""
        return _percent(len(self.covered), len(self.lines))


class Coverage(msgspec.Struct, frozen=True):
    """The coverage of several files, by name."""

    files: tuple[FileCoverage, ...] = ()

    @property
    def percent(self) -> float:
        """Of all lines of all files, those that were evaluated."""
        return _percent(sum(len(file.covered) for file in self.files), self.total)

    @property
    def total(self) -> int:
        """The number of lines that can be evaluated."""
        return sum(len(file.lines) for file in self.files)


def of(trace: Trace) -> Coverage:
    """The coverage of everything that the traced program has done."""
    files: dict[str, Counter[int]] = {}
    numbering: dict[str, list[int]] = {}
    for module, at, hits in _hits(trace):
        if module.file not in numbering:
            numbering[module.file] = _line_starts(module.source)
        lines = files.setdefault(module.file, Counter())
        lines[_line(numbering[module.file], at)] += hits
    return _sorted({file: dict(lines) for file, lines in files.items()})


def merged(coverages: Iterable[Coverage]) -> Coverage:
    """Everything that any of ``coverages`` has seen."""
    files: dict[str, dict[int, int]] = {}
    for coverage in coverages:
        for file in coverage.files:
            lines = files.setdefault(file.file, {})
            for line, hits in file.lines.items():
                lines[line] = lines.get(line, 0) + hits
    return _sorted(files)


def ranges(lines: Iterable[int], among: Iterable[int]) -> list[tuple[int, int]]:
    """``lines`` as ranges, which go on across lines that are not ``among`` those that can be evaluated."""
    wanted = set(lines)
    found: list[tuple[int, int]] = []
    running = False
    for line in sorted(among):
        if line in wanted:
            found[-1:] = [(found[-1][0], line)] if running else [*found[-1:], (line, line)]
        running = line in wanted
    return found


def _hits(trace: Trace) -> Iterator[tuple[Module, int, int]]:
    for number, expression in enumerate(trace.expressions):
        if not expression.in_test:
            yield expression.module, expression.at, trace.reached[number]
    for number, branch in enumerate(trace.branches):
        if not branch.in_test:
            yield branch.module, branch.at, (trace.began if branch.bare else trace.concluded)[number]


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _line(starts: list[int], at: int) -> int:
    from bisect import bisect_right

    return bisect_right(starts, at)


def _sorted(files: Mapping[str, dict[int, int]]) -> Coverage:
    return Coverage(tuple(FileCoverage(file, dict(sorted(lines.items()))) for file, lines in sorted(files.items())))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0
