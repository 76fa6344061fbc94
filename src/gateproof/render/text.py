"""Report → what a person reads in a terminal: what failed, where, why it matters, how to fix it, what would pass."""

from __future__ import annotations

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
    """Colours text, or leaves it alone."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, *styles: str) -> str:
        if not self.color or not styles:
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"


def render(report: Report, *, color: bool = False) -> str:
    """The whole report; ``color`` adds terminal styles. Everything from the input is neutralised."""
    pen = _Pen(color)
    lines: list[str] = []
    for item in report.items:
        lines += _item(report, item, pen)
        lines.append("")
    lines += _summary(report, pen)
    return "\n".join(lines) + "\n"


def _item(report: Report, item: Item, pen: _Pen) -> Iterator[str]:
    core = item.decision.core
    mark, style = _VERDICTS[core.verdict]
    scene = core.scene
    place = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    where = f"{plain(scene.service)} → {place}" if scene.service else place
    yield f"{pen(f'{mark} {core.verdict}', 'bold', style)}  {pen(plain(item.name), 'bold')}  {pen(where, 'dim')}"
    for problem in core.problems:
        yield f"    {pen('cannot be judged', 'yellow')}: {plain(problem)}"
    shown = item.findings()
    for disposition in shown[:SHOWN]:
        yield ""
        yield from _finding(report, item, disposition, pen)
    if len(shown) > SHOWN:
        yield ""
        yield f"  … and {len(shown) - SHOWN} more findings (--format json lists them all)"
    yield from _errors(item, pen)
    yield from _rest(item, pen)
    yield from _outcome(item, pen)


def _finding(report: Report, item: Item, disposition: Disposition, pen: _Pen) -> Iterator[str]:
    finding = disposition.finding
    word, style = _TREATMENTS[disposition.treatment]
    policy = report.policies.get(finding.policy)
    yield f"  {pen(plain(finding.message), 'bold')}"
    yield f"    {pen(word, style)}  {finding.severity}, {plain(finding.policy)}, row “{plain(disposition.row)}”"
    spot = spot_of(item, disposition)
    where = f"{plain(item.name)}:{spot.line}:{spot.column}" if spot else plain(item.name)
    yield f"    {pen('where', 'dim')}   {plain(finding.resource) or 'the whole document'}  {pen(where, 'cyan')}"
    if spot:
        yield from _excerpt(spot, pen)
    if finding.controls:
        titles = report.titles
        why = "; ".join(f"{plain(each)} {plain(titles.get(each, ''))}".strip() for each in finding.controls)
        yield f"    {pen('why', 'dim')}     {why}"
    if policy and policy.remediation:
        yield f"    {pen('fix', 'dim')}     {plain(policy.remediation)}"
    if disposition.waiver:
        yield f"    {pen('waiver', 'dim')}  {disposition.waiver}"


def _excerpt(spot: Spot, pen: _Pen) -> Iterator[str]:
    width = max((len(str(number)) for number, _ in spot.excerpt), default=1)
    for number, text in spot.excerpt:
        line = f"{number:>{width}} │ {plain(text, 110)}"
        yield f"            {pen(line, 'bold') if number == spot.line else pen(line, 'dim')}"


def _errors(item: Item, pen: _Pen) -> Iterator[str]:
    errors = [result for result in item.decision.core.results if result.outcome is Outcome.ERROR]
    for result in errors[:SHOWN]:
        yield ""
        yield f"  {pen('could not decide', 'yellow')}  {plain(result.policy)}"
        yield f"    {pen('where', 'dim')}   {plain(result.resource) or 'the whole document'}"
        yield f"    {pen('why', 'dim')}     {plain(result.reason)}"
    if len(errors) > SHOWN:
        yield f"  … and {len(errors) - SHOWN} more"


def _rest(item: Item, pen: _Pen) -> Iterator[str]:
    counts = tally(item.decision)
    passed = {policy: each[Outcome.PASS] for policy, each in counts.items() if Outcome.PASS in each}
    if passed:
        yield ""
        listing = ", ".join(f"{plain(policy)} ({count})" for policy, count in sorted(passed.items()))
        yield f"  {pen('passed', 'green')}   {listing}"
    for result in item.decision.core.results:
        if result.outcome is Outcome.SKIP:
            yield f"  {pen('skipped', 'dim')}  {plain(result.policy)}: {plain(result.reason)}"
    for remark in item.remarks:
        yield f"  {pen('note', 'dim')}     {plain(remark.message)}"


def _outcome(item: Item, pen: _Pen) -> Iterator[str]:
    core = item.decision.core
    for use in core.waivers:
        if not use.counted:
            yield f"  {pen('waiver', 'yellow')}   {use.digest[:19]}… does not count: {plain(use.reason)}"
    for claim in core.scene.claims:
        if not claim.used:
            yield f"  {pen('ignored', 'yellow')}  {plain(claim.field)}={plain(claim.value)} from {plain(claim.source)}"
    pending = [obligation for obligation in core.obligations if not obligation.met]
    for obligation in pending:
        yield f"  {pen('pending', 'cyan')}  {plain(obligation.name)}: {plain(obligation.detail)}"
    if core.verdict is not Verdict.ALLOW and core.smallest_change:
        yield f"  {pen('to pass', 'bold')}  {plain(core.smallest_change[0])}"
        for change in core.smallest_change[1:]:
            yield f"           {plain(change)}"
    if item.proof:
        yield f"  {pen('proof', 'green')}    entry {item.proof.entry}, decision {item.proof.decision}"


def _summary(report: Report, pen: _Pen) -> Iterator[str]:
    counts = dict.fromkeys(Verdict, 0)
    for item in report.items:
        counts[item.decision.verdict] += 1
    parts = [pen(f"{count} {verdict}", _VERDICTS[verdict][1]) for verdict, count in counts.items() if count]
    files = f"{len(report.items)} file" + ("" if len(report.items) == 1 else "s")
    policies = f"{len(report.bundle.policies)} polic" + ("y" if len(report.bundle.policies) == 1 else "ies")
    over = f", {len(report.passed_over)} passed over" if report.passed_over else ""
    yield f"{files}, {policies}: {', '.join(parts) or 'nothing was judged'}{over}"
