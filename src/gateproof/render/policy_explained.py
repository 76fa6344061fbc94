"""One policy, the gate's table for it, and what it says of an input → text or JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from gateproof.catalog.listing import Listed
from gateproof.catalog.scales import Classification, Tier
from gateproof.documents.interface import Place
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.readings import Reading
from gateproof.gate.decision import Decision
from gateproof.gate.effects import Effect
from gateproof.render.policy_list import as_json, remarks, version
from gateproof.render.untrusted import json_document, plain

VERSION = 1
"""Raised when a field of the JSON changes its meaning or goes away; new fields do not raise it."""

_INDENT = 14
_SHOWN = 40


class Explanation(msgspec.Struct, frozen=True):
    """What a policy said of an input. ``at``: values at places of findings; ``named``: those it names, by address."""

    name: str
    decision: Decision
    at: Mapping[Place, Reading]
    named: Mapping[str, Sequence[Reading]]


class Explained(msgspec.Struct, frozen=True):
    """Everything that is told. ``titles`` are those of the controls by id; ``now`` is RFC 3339 UTC."""

    listed: Listed
    titles: Mapping[str, str]
    effects: Sequence[Effect]
    judged: Explanation | None
    now: str


def text(explained: Explained, width: int) -> str:
    """What a person reads."""
    lines = [*_about(explained, width), "", *_table(explained.effects)]
    if explained.judged:
        lines += ["", *_judged(explained.judged, width)]
    return "\n".join(lines) + "\n"


def json(explained: Explained) -> str:
    """One object: ``version``, ``policy``, ``gate`` (a list of cells), ``input`` (null without one)."""
    judged = explained.judged
    gate = [
        {
            "environment": each.environment,
            "tier": each.tier,
            "data_classification": each.data_classification,
            "applies": each.action is not None,
            "action": each.action,
            "row": each.row,
            "layers": {layer: {"action": action, "row": row} for layer, action, row in each.layers},
        }
        for each in explained.effects
    ]
    document = {
        "version": VERSION,
        "policy": {**as_json(explained.listed, explained.now), "control_titles": explained.titles},
        "gate": gate,
        "input": _judged_json(judged) if judged else None,
    }
    return json_document(msgspec.json.encode(document))


def _about(explained: Explained, width: int) -> Iterator[str]:
    each = explained.listed
    policy = each.policy
    yield plain(policy.title)
    kinds = ", ".join(policy.kinds) or "any input"
    spelled = f"{policy.id} {version(policy)}".strip()
    severity = f"{policy.severity} (as written: {each.written.severity})"
    severity = policy.severity if policy.severity == each.written.severity else severity
    yield from _field("", " · ".join((spelled, severity, kinds, f"from {each.origin}")), width)
    yield ""
    yield from _field("requires", policy.description or "It has no description.", width)
    for label, values in (
        ("reads", ", ".join(policy.resources)),
        ("layers", ", ".join(policy.layers)),
        ("scope", _scope(each)),
        ("facts", ", ".join(policy.facts)),
    ):
        if values:
            yield from _field(label, values, width)
    for number, control in enumerate(policy.controls):
        yield from _field("" if number else "controls", f"{control}  {explained.titles.get(control, '')}", width)
    for number, (name, value, source) in enumerate(each.parameters):
        shown = msgspec.json.encode(value).decode()
        yield from _field("" if number else "parameters", f"{name} = {shown}  (from {source})", width)
    if policy.remediation:
        yield from _field("to fix", policy.remediation, width)
    for said in remarks(each, explained.now):
        yield from _field("note", said, width)


def _scope(each: Listed) -> str:
    scope = each.policy.scope
    return "; ".join(
        f"{name} {', '.join(values)}"
        for name, values in (
            ("environments", scope.environments),
            ("tiers", scope.tiers),
            ("classifications", scope.classifications),
        )
        if values
    )


def _table(effects: Sequence[Effect]) -> Iterator[str]:
    """A line for each environment and the tiers of which all cells are the same, a column for each classification."""
    yield "what the gate does with a finding"
    yield f"  {'':18}" + "".join(f"{each.value:>14}" for each in Classification)
    rows: dict[str, None] = {}
    at_layers: dict[str, None] = {}
    for environment, cells in groupby(effects, key=lambda effect: effect.environment):
        by_tier = [(tier, list(line)) for tier, line in groupby(cells, key=lambda effect: effect.tier)]
        for _, same in groupby(by_tier, key=lambda entry: [(cell.action, cell.row) for cell in entry[1]]):
            tiers = list(same)
            line = tiers[0][1]
            name = "all tiers" if len(tiers) == len(Tier) else f"tier {', '.join(tier for tier, _ in tiers)}"
            yield f"  {environment:<8} {name:<9}" + "".join(f"{cell.action or '-':>14}" for cell in line)
            rows |= dict.fromkeys(plain(f"{environment}: {cell.row}") for cell in line if cell.row)
        for cell in (cell for _, line in by_tier for cell in line):
            at_layers |= dict.fromkeys(
                plain(f"at layer {layer}, row {row} says {action} in {environment}")
                for layer, action, row in cell.layers
            )
    for row in rows:
        yield f"  row {row}"
    for said in at_layers:
        yield f"  {said}"


def _judged(judged: Explanation, width: int) -> Iterator[str]:
    core = judged.decision.core
    scene = core.scene
    where = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    yield f"on {plain(judged.name)} ({where})"
    for problem in core.problems:
        yield from _field("problem", problem, width)
    for result in core.results[:_SHOWN]:
        yield from _result(judged, result, width)
    if len(core.results) > _SHOWN:
        yield f"  … and {len(core.results) - _SHOWN} more results (--format json has them all)"


def _result(judged: Explanation, result: Result, width: int) -> Iterator[str]:
    yield ""
    yield f"  {result.outcome.upper():<6} {plain(result.resource) or 'the whole input'}"
    if result.reason:
        yield from _field("why", result.reason, width)
    for disposition in judged.decision.core.dispositions_at(judged.decision.layer):
        finding = disposition.finding
        if finding not in result.findings:
            continue
        row = f", row {disposition.row}" if disposition.row else ""
        yield from _field(disposition.treatment, f"{finding.message}  ({finding.severity}{row})", width)
        reading = judged.at[finding.document, finding.path]
        if finding.path:
            yield from _field("", f"{_dotted(finding.path)} = {reading.shown}", width)
    if result.outcome in (Outcome.PASS, Outcome.ERROR, Outcome.FAIL):
        for number, reading in enumerate(judged.named.get(result.resource, ())):
            yield from _field("" if number else "it reads", f"{_dotted(reading.path)} = {reading.shown}", width)


def _judged_json(judged: Explanation) -> dict[str, Any]:
    core = judged.decision.core
    done = {each.finding: each for each in core.dispositions_at(judged.decision.layer)}
    return {
        "name": judged.name,
        "scene": core.scene,
        "problems": core.problems,
        "results": [
            {
                "resource": result.resource,
                "outcome": result.outcome,
                "reason": result.reason,
                "findings": [
                    {
                        "message": finding.message,
                        "severity": finding.severity,
                        "path": finding.path,
                        "value": judged.at[finding.document, finding.path].shown,
                        "treatment": done[finding].treatment,
                        "row": done[finding].row,
                    }
                    for finding in result.findings
                ],
                "reads": [{"path": each.path, "value": each.shown} for each in judged.named.get(result.resource, ())],
            }
            for result in core.results
        ],
    }


def _field(label: str, said: str, width: int) -> Iterator[str]:
    """``said`` behind a label, neutralised, wrapped below itself."""
    lines = textwrap.wrap(plain(said), max(width, 60) - _INDENT, break_on_hyphens=False) or [""]
    yield f"  {label:<{_INDENT - 2}}{plain(lines[0])}".rstrip()
    yield from (f"{'':{_INDENT}}{plain(line)}" for line in lines[1:])


def _dotted(path: Sequence[int | str]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
