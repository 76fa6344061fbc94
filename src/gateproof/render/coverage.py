"""Controls and their coverage → text for a terminal, and JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from gateproof.catalog.coverage import Cell, Concern, Line, Matrix, State
from gateproof.catalog.enforcement import Topic
from gateproof.catalog.scales import Layer
from gateproof.render.untrusted import json_document, plain

_LONGEST = 100_000
"""Characters of one paragraph: the ids of all controls of a framework may stand in it."""
_LEGEND = "a number: policies that enforce it there; ○ could be enforced there, and nothing does; · no point is known"


def text(concerns: Sequence[Concern], matrices: Sequence[Matrix], policies: Sequence[str], width: int = 100) -> str:
    """The topics of deployments, then every matrix: what is enforced, gaps, and what no gate can enforce, with why."""
    named = f"{len(policies)} policies: {', '.join(policies) or 'none'}"
    lines = [*_lines(named, width, "", "  "), _LEGEND, ""]
    lines += ["Controls that touch deployments", "", *_concerns(concerns)]
    for matrix in matrices:
        lines += ["", *_table(matrix, width)]
    return "\n".join(lines) + "\n"


def json(concerns: Sequence[Concern], matrices: Sequence[Matrix], policies: Sequence[str]) -> str:
    """The same as JSON: ``policies``, ``topics`` and, for each of ``frameworks``, ``totals`` and ``controls``."""
    document = {
        "policies": list(policies),
        "topics": [{"topic": each.topic, "layers": _layers(each.cells)} for each in concerns],
        "frameworks": [_framework(each) for each in matrices],
    }
    return json_document(msgspec.json.encode(document))


def control_text(line: Line, related: Sequence[str], topics: Iterable[Topic], width: int = 100) -> str:
    """One control: where it is enforced, where it is not, what is related to it, and what evidence answers for it."""
    about = line.designation or ("baselines " + ", ".join(line.baselines) if line.baselines else "")
    lines = [f"{plain(line.id)}  {plain(line.title)}" + (f"  ({plain(about)})" if about else "")]
    if line.topics:
        lines.append(f"part of {', '.join(line.topics)}")
    lines += ["", "Enforced"]
    if line.reason:
        lines += _hanging("not by a gate", line.reason, width)
    elif line.heading:
        lines += _hanging("a heading", "policies cite what stands below it", width)
    else:
        for cell in line.cells:
            found = ", ".join(cell.policies) or (
                "nothing; could be by " + cell.possible if cell.possible else "nothing"
            )
            lines += _hanging(cell.layer.value, found, width)
    lines += ["", "Related"]
    for framework, numbers in _by_framework(related):
        lines += _hanging(framework, ", ".join(numbers), width)
    if not related:
        lines.append("  none")
    lines += ["", "Evidence"]
    if line.reason:
        lines += _wrapped("- records of those who do it, which are kept elsewhere", width)
    else:
        kinds = dict.fromkeys(kind for topic in topics for kind in topic.evidence)
        for kind in kinds or ["signed decisions of the policies that cite it"]:
            lines += _wrapped(f"- {kind}", width)
        lines.append(f'  gateproof answer --control "{plain(line.id)}"')
    return "\n".join(lines) + "\n"


def control_json(line: Line, related: Sequence[str], topics: Iterable[Topic]) -> str:
    """The same as JSON."""
    evidence = list(dict.fromkeys(kind for topic in topics for kind in topic.evidence))
    return json_document(msgspec.json.encode({**_control(line), "related": list(related), "evidence": evidence}))


def _concerns(concerns: Sequence[Concern]) -> Iterator[str]:
    column = max((len(each.topic) for each in concerns), default=0)
    yield f"  {'':{column}}  {'  '.join(Layer)}"
    for each in concerns:
        yield f"  {each.topic:{column}}  {_marks(each.cells)}".rstrip()


def _table(matrix: Matrix, width: int) -> Iterator[str]:
    yield f"{plain(matrix.framework)}  {plain(matrix.title)}"
    enforced, gaps, beyond = (matrix.count(state) for state in State)
    yield f"  {matrix.controls} controls: {enforced} enforced, {gaps} gaps, {beyond} not by a gate"
    yield "  enforced at " + ", ".join(f"{layer} {matrix.at(layer)}" for layer in Layer)
    yield ""
    column = min(max((len(line.number) for line in matrix.lines), default=0), 40)
    yield f"  {'':{column}}  {'  '.join(Layer)}"
    beyond_gates: dict[str, list[str]] = {}
    for line in matrix.lines:
        if line.state is State.NOT_BY_A_GATE:
            beyond_gates.setdefault(line.reason, []).append(line.number)
            continue
        cells = _marks(line.cells, nothing="" if line.heading else "·")
        yield f"  {plain(line.number):{column}}  {cells}  {plain(line.title)}".rstrip()
    for reason, numbers in beyond_gates.items():
        yield ""
        yield from _wrapped(f"Not by a gate. {reason}", width)
        yield from _wrapped(", ".join(numbers), width, indent=4)


def _marks(cells: Iterable[Cell], nothing: str = "·") -> str:
    """A mark for every layer, each below its name."""
    marks = (
        (cell.layer, str(len(cell.policies)) if cell.policies else "○" if cell.is_open else nothing) for cell in cells
    )
    return "  ".join(mark.center(len(layer)) for layer, mark in marks)


def _framework(matrix: Matrix) -> dict[str, Any]:
    return {
        "framework": matrix.framework,
        "title": matrix.title,
        "note": matrix.note,
        "totals": {
            "controls": matrix.controls,
            **{state.value.replace(" ", "_"): matrix.count(state) for state in State},
            "layers": {layer.value: matrix.at(layer) for layer in Layer},
        },
        "controls": [_control(line) for line in matrix.lines],
    }


def _control(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "title": line.title,
        "state": line.state.value if line.state else "heading",
        "reason": line.reason,
        "designation": line.designation,
        "baselines": line.baselines,
        "topics": line.topics,
        "layers": _layers(line.cells),
    }


def _layers(cells: Iterable[Cell]) -> dict[str, Any]:
    return {cell.layer.value: {"policies": cell.policies, "possible": cell.possible} for cell in cells}


def _by_framework(controls: Iterable[str]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for control in controls:
        framework, _, number = control.partition(":")
        found.setdefault(framework, []).append(number)
    return list(found.items())


def _hanging(name: str, said: str, width: int) -> list[str]:
    """``said`` behind ``name``, in a column of its own."""
    return _lines(said, width, f"  {plain(name):<15} ", " " * 18)


def _wrapped(said: str, width: int, indent: int = 2) -> list[str]:
    return _lines(said, width, " " * indent, " " * (indent + 2 * said.startswith("- ")))


def _lines(said: str, width: int, first: str, rest: str) -> list[str]:
    """Neutralised lines; again after wrapping, which can bring a CI command to the start of one."""
    lines = textwrap.wrap(
        plain(said, _LONGEST), max(width, 60), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
    return [*map(plain, lines)]
