"""Report → what a person reads in a terminal: what failed, where, why it matters, how to fix it, what would pass."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from msgspec import UNSET

from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Disposition, Treatment, Verdict, WaiverUse
from gateproof.render.report import Item, Report, Spot, spot_of, tally
from gateproof.render.untrusted import plain

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_VERDICTS = {
    Verdict.ALLOW: ("✔", "green"),
    Verdict.WARN: ("!", "yellow"),
    Verdict.DENY: ("✘", "red"),
    Verdict.UNDECIDED: ("?", "yellow"),
}
_TREATMENTS = {
    Treatment.BLOCK: ("blocks", "red"),
    Treatment.WARN: ("warns", "yellow"),
    Treatment.WAIVED: ("waived", "cyan"),
}
SHOWN = 25
"""Findings shown in full per file; the rest are counted. `--format json` has them all."""
_INDENT = " " * 12


class _Pen:
    """Colours text, or leaves it alone, and wraps it."""

    def __init__(self, color: bool, width: int) -> None:
        self.color = color
        self.width = max(width, 40)

    def __call__(self, text: str, *styles: str) -> str:
        if not self.color or not styles:
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"

    def field(self, label: str, text: str, style: str, hang: str = "") -> Iterator[str]:
        """``text`` with a label before its first line, neutralised and wrapped under it, further in by ``hang``."""
        first, *rest = _wrapped(text, self.width - len(_INDENT), hang)
        yield f"    {self(f'{label:<8}', style) if label else ' ' * 8}{first}"
        yield from (f"{_INDENT}{line}" for line in rest)

    def fields(self, label: str, texts: Sequence[str], style: str) -> Iterator[str]:
        """The first of ``texts`` under one label; the rest are counted."""
        for number, text in enumerate(texts[:SHOWN]):
            yield from self.field("" if number else label, text, style, "  ")
        if len(texts) > SHOWN:
            yield f"{_INDENT}… and {len(texts) - SHOWN} more"


@lru_cache(maxsize=1_000)
def _wrapped(text: str, width: int, hang: str) -> tuple[str, ...]:
    """Neutralised lines; again after wrapping, which can bring a CI command to the start of one."""
    lines = textwrap.wrap(plain(text), width, break_on_hyphens=False, subsequent_indent=hang)
    return tuple(map(plain, lines)) or ("",)


def render(report: Report, *, color: bool = False, width: int = 100) -> str:
    """The whole report, wrapped at ``width``; ``color`` adds terminal styles. What comes from inputs is neutralised."""
    pen = _Pen(color, width)
    lines: list[str] = []
    for item in report.items:
        lines += _item(report, item, pen)
        lines.append("")
    lines.append(_summary(report, pen))
    return "\n".join(lines) + "\n"


def _item(report: Report, item: Item, pen: _Pen) -> Iterator[str]:
    scene, verdict = item.decision.core.scene, item.decision.verdict
    mark, style = _VERDICTS[verdict]
    place = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    where = f"{plain(scene.service)} → {place}" if scene.service else place
    yield f"{pen(f'{mark} {verdict}', 'bold', style)}  {pen(plain(item.name), 'bold')}  {pen(where, 'dim')}"
    findings = item.findings()
    groups: dict[str, list[Disposition]] = {}
    for disposition in findings[:SHOWN]:
        groups.setdefault(disposition.finding.policy, []).append(disposition)
    for policy, dispositions in groups.items():
        yield ""
        yield from _group(report, item, policy, dispositions, pen)
    if len(findings) > SHOWN:
        yield ""
        yield f"  … and {len(findings) - SHOWN} more findings (--format json lists them all)"
    yield from _errors(item.errors(), pen)
    rest = [*_results(item, pen), *_circumstances(item, pen), *_ways_on(report, item, pen)]
    if rest:
        yield ""
        yield from rest


def _group(report: Report, item: Item, policy: str, dispositions: list[Disposition], pen: _Pen) -> Iterator[str]:
    """The findings of one policy: what it is, each place, then why it matters and how to fix it, once."""
    known = report.policies.get(policy)
    spelled = f"{policy} {known.version}" if known and known.version is not UNSET else policy
    yield f"  {pen(plain(known.title if known else policy), 'bold')}  {pen(plain(spelled), 'dim')}"
    for disposition in dispositions:
        yield from _finding(item, disposition, pen)
    controls = dispositions[0].finding.controls
    yield from pen.fields("why", [f"{control}  {report.titles.get(control, '')}" for control in controls], "dim")
    if known and known.remediation:
        yield from pen.field("fix", known.remediation, "dim")


def _finding(item: Item, disposition: Disposition, pen: _Pen) -> Iterator[str]:
    finding = disposition.finding
    word, style = _TREATMENTS[disposition.treatment]
    yield from pen.field(word, finding.message, style)
    yield f"{_INDENT}{plain(finding.resource) or 'the whole document'}"
    row = f", row {plain(disposition.row)}" if disposition.row else ""
    waiver = f", waiver {disposition.waiver[:19]}…" if disposition.waiver else ""
    because = pen(f"{finding.severity}{row}{waiver}", "dim")
    spot = spot_of(item, disposition)
    if not spot:
        yield f"{_INDENT}{because}"
        return
    yield f"{_INDENT}{pen(f'{plain(item.name)}:{spot.line}:{spot.column}', 'cyan')}  {because}"
    yield from _excerpt(spot, pen)


def _excerpt(spot: Spot, pen: _Pen) -> Iterator[str]:
    """The lines around, without the indentation that they share."""
    texts = textwrap.dedent("\n".join(text.expandtabs(4) for _, text in spot.excerpt)).split("\n")
    width = max((len(str(number)) for number, _ in spot.excerpt), default=1)
    for (number, _), text in zip(spot.excerpt, texts, strict=False):
        line = f"{number:>{width}} │ {plain(text, pen.width - 20)}"
        yield f"{_INDENT}{pen(line, 'bold') if number == spot.line else pen(line, 'dim')}"


def _errors(errors: Iterable[Result], pen: _Pen) -> Iterator[str]:
    """What could not be evaluated, by policy and reason."""
    causes: dict[tuple[str, str], list[str]] = {}
    for result in errors:
        causes.setdefault((result.policy, result.reason), []).append(result.resource)
    for (policy, reason), resources in islice(causes.items(), SHOWN):
        yield ""
        yield f"  {pen('could not decide', 'bold', 'yellow')}  {plain(policy)}"
        for resource in resources[:5]:
            yield f"{_INDENT}{plain(resource) or 'the whole document'}"
        if len(resources) > 5:
            yield f"{_INDENT}… and {len(resources) - 5} more"
        yield from pen.field("why", reason, "dim")
    if len(causes) > SHOWN:
        yield f"  … and {len(causes) - SHOWN} more reasons"


def _results(item: Item, pen: _Pen) -> Iterator[str]:
    core = item.decision.core
    counts = tally(item.decision)
    passed = [f"{policy} ({each[Outcome.PASS]})" for policy, each in sorted(counts.items()) if Outcome.PASS in each]
    if passed:
        yield from pen.field("passed", ", ".join(passed), "green")
    skipped = Counter(f"{each.policy}: {each.reason}" for each in core.results if each.outcome is Outcome.SKIP)
    reasons = [why if count == 1 else f"{why} ({count} resources)" for why, count in skipped.items()]
    yield from pen.fields("skipped", reasons, "dim")
    if core.coverage.applied == 0 and not core.problems:
        yield from pen.field("covered", f"no policy applied (0/{core.coverage.policies})", "yellow")


def _circumstances(item: Item, pen: _Pen) -> Iterator[str]:
    core = item.decision.core
    yield from pen.fields("problem", core.problems, "yellow")
    yield from pen.fields("note", [remark.message for remark in item.remarks], "dim")
    refused = [
        f"{use.digest[:19]}… does not count: {use.reason}"
        for use in core.waivers
        if not use.counted and use.reason != WaiverUse.IDLE
    ]
    yield from pen.fields("waiver", refused, "yellow")
    ignored = [f"{claim.field} = {claim.value} from {claim.source}" for claim in core.scene.claims if not claim.used]
    yield from pen.fields("ignored", ignored, "yellow")


def _ways_on(report: Report, item: Item, pen: _Pen) -> Iterator[str]:
    unmet = item.unmet()
    if item.is_due:
        yield from pen.fields("unmet", [f"{each.name}: {each.detail} ({each.reason})" for each in unmet], "yellow")
    else:
        yield from pen.fields("pending", [f"{each.name}: {each.detail}" for each in unmet], "cyan")
    yield from pen.fields("to pass", report.to_pass(item), "bold")
    if item.proof:
        yield from pen.field("proof", f"entry {item.proof.entry}, decision {item.proof.decision}", "green")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(plain(name) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown}, …"


def _summary(report: Report, pen: _Pen) -> str:
    counts = dict.fromkeys(Verdict, 0)
    for item in report.items:
        counts[item.decision.verdict] += 1
    parts = [pen(f"{count} {verdict}", _VERDICTS[verdict][1]) for verdict, count in counts.items() if count]
    files = f"{len(report.items)} file" + ("" if len(report.items) == 1 else "s")
    policies = f"{len(report.bundle.policies)} polic" + ("y" if len(report.bundle.policies) == 1 else "ies")
    over = f", {len(report.passed_over)} passed over ({_some(report.passed_over)})" if report.passed_over else ""
    return f"{files}, {policies}: {', '.join(parts) or 'nothing was judged'}{over}"
