"""Report → what a person reads in a terminal: what failed, where, why it matters, how to fix it, what would pass."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gateproof.engines.interface import Outcome
from gateproof.gate.decision import Disposition, Treatment, Verdict
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


class _Pen:
    """Colours text, or leaves it alone, and wraps it."""

    def __init__(self, color: bool, width: int) -> None:
        self.color = color
        self.width = max(width, 40)

    def __call__(self, text: str, *styles: str) -> str:
        if not self.color or not styles:
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"

    def field(self, label: str, text: str, style: str) -> Iterator[str]:
        """``text`` with a label before its first line, neutralised and wrapped under it."""
        lines = textwrap.wrap(plain(text), self.width - 12, break_on_hyphens=False) or [""]
        yield f"    {self(f'{label:<8}', style)}{lines[0]}"
        yield from (f"            {line}" for line in lines[1:])


def render(report: Report, *, color: bool = False, width: int = 100) -> str:
    """The whole report, wrapped at ``width``; ``color`` adds terminal styles. What comes from inputs is neutralised."""
    pen = _Pen(color, width)
    lines: list[str] = []
    for item in report.items:
        lines += _item(report, item, pen)
        lines.append("")
    lines += _summary(report, pen)
    return "\n".join(lines) + "\n"


def _item(report: Report, item: Item, pen: _Pen) -> Iterator[str]:
    core, verdict = item.decision.core, item.decision.verdict
    mark, style = _VERDICTS[verdict]
    scene = core.scene
    place = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    where = f"{plain(scene.service)} → {place}" if scene.service else place
    yield f"{pen(f'{mark} {verdict}', 'bold', style)}  {pen(plain(item.name), 'bold')}  {pen(where, 'dim')}"
    for problem in core.problems:
        yield from pen.field("problem", problem, "yellow")
    shown = item.findings()
    groups: dict[str, list[Disposition]] = {}
    for disposition in shown[:SHOWN]:
        groups.setdefault(disposition.finding.policy, []).append(disposition)
    for policy, dispositions in groups.items():
        yield ""
        yield from _group(report, item, policy, dispositions, pen)
    if len(shown) > SHOWN:
        yield ""
        yield f"  … and {len(shown) - SHOWN} more findings (--format json lists them all)"
    yield from _errors(item, pen)
    yield from _rest(item, pen)
    yield from _outcome(item, pen)


def _group(report: Report, item: Item, policy: str, dispositions: list[Disposition], pen: _Pen) -> Iterator[str]:
    """The findings of one policy: what it is, each place, then why it matters and how to fix it, once."""
    known = report.policies.get(policy)
    yield f"  {pen(plain(known.title if known else policy), 'bold')}  {pen(plain(policy), 'dim')}"
    for disposition in dispositions:
        yield from _finding(item, disposition, pen)
    if controls := dispositions[0].finding.controls:
        titles = report.titles
        for number, control in enumerate(controls):
            yield from pen.field("" if number else "why", f"{control}  {titles.get(control, '')}", "dim")
    if known and known.remediation:
        yield from pen.field("fix", known.remediation, "dim")


def _finding(item: Item, disposition: Disposition, pen: _Pen) -> Iterator[str]:
    finding = disposition.finding
    word, style = _TREATMENTS[disposition.treatment]
    row = f", row {plain(disposition.row)}" if disposition.row else ""
    waiver = f", waiver {disposition.waiver[:19]}…" if disposition.waiver else ""
    yield f"    {pen(word, style)}  {plain(finding.message)}  {pen(f'{finding.severity}{row}{waiver}', 'dim')}"
    yield f"            {plain(finding.resource) or 'the whole document'}"
    spot = spot_of(item, disposition)
    if spot:
        yield f"            {pen(f'{plain(item.name)}:{spot.line}:{spot.column}', 'cyan')}"
        yield from _excerpt(spot, pen)


def _excerpt(spot: Spot, pen: _Pen) -> Iterator[str]:
    width = max((len(str(number)) for number, _ in spot.excerpt), default=1)
    for number, text in spot.excerpt:
        line = f"{number:>{width}} │ {plain(text, 110)}"
        yield f"            {pen(line, 'bold') if number == spot.line else pen(line, 'dim')}"


def _errors(item: Item, pen: _Pen) -> Iterator[str]:
    errors = [result for result in item.decision.core.results if result.outcome is Outcome.ERROR]
    if errors:
        yield ""
    for result in errors[:SHOWN]:
        yield f"  {pen('could not decide', 'yellow')}  {plain(result.policy)}"
        yield f"            {plain(result.resource) or 'the whole document'}"
        yield from pen.field("why", result.reason, "dim")
    if len(errors) > SHOWN:
        yield f"  … and {len(errors) - SHOWN} more"


def _rest(item: Item, pen: _Pen) -> Iterator[str]:
    counts = tally(item.decision)
    passed = {policy: each[Outcome.PASS] for policy, each in counts.items() if Outcome.PASS in each}
    skipped = [result for result in item.decision.core.results if result.outcome is Outcome.SKIP]
    if passed or skipped or item.remarks:
        yield ""
    if passed:
        listing = ", ".join(f"{policy} ({count})" for policy, count in sorted(passed.items()))
        yield from pen.field("passed", listing, "green")
    for result in skipped:
        yield from pen.field("skipped", f"{result.policy}: {result.reason}", "dim")
    for remark in item.remarks:
        yield from pen.field("note", remark.message, "dim")


def _outcome(item: Item, pen: _Pen) -> Iterator[str]:
    core = item.decision.core
    for use in core.waivers:
        if not use.counted:
            yield from pen.field("waiver", f"{use.digest[:19]}… does not count: {use.reason}", "yellow")
    for claim in core.scene.claims:
        if not claim.used:
            yield from pen.field("ignored", f"{claim.field} = {claim.value} from {claim.source}", "yellow")
    for obligation in core.obligations:
        if not obligation.met:
            yield from pen.field("pending", f"{obligation.name}: {obligation.detail}", "cyan")
    for number, change in enumerate(core.smallest_change):
        yield from pen.field("" if number else "to pass", change, "bold")
    if item.proof:
        yield from pen.field("proof", f"entry {item.proof.entry}, decision {item.proof.decision}", "green")


def _summary(report: Report, pen: _Pen) -> Iterator[str]:
    counts = dict.fromkeys(Verdict, 0)
    for item in report.items:
        counts[item.decision.verdict] += 1
    parts = [pen(f"{count} {verdict}", _VERDICTS[verdict][1]) for verdict, count in counts.items() if count]
    files = f"{len(report.items)} file" + ("" if len(report.items) == 1 else "s")
    policies = f"{len(report.bundle.policies)} polic" + ("y" if len(report.bundle.policies) == 1 else "ies")
    over = f", {len(report.passed_over)} passed over" if report.passed_over else ""
    yield f"{files}, {policies}: {', '.join(parts) or 'nothing was judged'}{over}"
