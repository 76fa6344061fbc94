"""Answer → text for a terminal: gaps first, then what was found, and how to check each piece."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.answers.answer import Answer, Exhibit
from gateproof.engines.interface import Outcome
from gateproof.gate.decision import Treatment
from gateproof.render.untrusted import block, plain


def render(answer: Answer) -> str:
    """The whole answer. Everything from the evidence is neutralised."""
    return "\n".join(_lines(answer)) + "\n"


def _lines(answer: Answer) -> Iterator[str]:
    yield f"Question    {plain(answer.question.text) or '(by options)'}"
    yield f"Understood  {plain(answer.question.understood())}"
    yield f"Log         {plain(answer.log.origin)}, {answer.log.size} entries, verified under {answer.log.root}"
    yield ""
    yield "Gaps"
    for gap in answer.gaps or ("none found",):
        yield f"  - {plain(gap)}"
    yield ""
    yield "Controls"
    for control in answer.controls:
        yield f"  {plain(control.id)}  {plain(control.title)}"
    yield ""
    yield "Policies (their text stands at the end)" if answer.policies else "Policies: none"
    for text in answer.policies:
        yield f"  {plain(text.policy.id)} ({text.policy.severity}): {plain(text.policy.title)}"
    yield ""
    total = sum(answer.verdicts.values())
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(answer.verdicts.items()))
    yield f"Decisions   {total}{f' ({counts})' if counts else ''}"
    for exhibit in answer.exhibits:
        yield ""
        yield from _exhibit(exhibit)
    if answer.more:
        yield f"\n… and {answer.more} more; narrow the question by service, environment or dates"
    for text in answer.policies:
        yield ""
        yield f"Policy {plain(text.policy.id)}, in bundle {', '.join(text.bundles)}"
        for source in text.policy.sources:
            yield f"  --- {plain(source.name)}"
            yield from (f"  | {line}" for line in block(source.text))


def _exhibit(exhibit: Exhibit) -> Iterator[str]:
    record = exhibit.record
    core = record.core
    scene = core.scene
    yield f"{record.verdict}  {plain(record.name)}  {core.decided_at}"
    where = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    yield f"  service   {plain(scene.service) or '(not named)'}, {where}"
    outcomes = ", ".join(f"{exhibit.count(outcome)} {outcome}" for outcome in Outcome if exhibit.count(outcome))
    yield f"  results   {outcomes or 'none'}"
    for each in exhibit.dispositions:
        mark = {Treatment.BLOCK: "blocked", Treatment.WARN: "warned", Treatment.WAIVED: "waived"}[each.treatment]
        yield f"    {mark}  {plain(each.finding.resource)}: {plain(each.finding.message)}"
    for granted in exhibit.waivers:
        waiver = granted.waiver
        yield f"  waiver    {granted.digest}"
        yield f"    {waiver.kind}, {waiver.reason_code}: {plain(waiver.reason)}"
        yield f"    asked by {plain(waiver.requester)}, approved by {plain(waiver.approver)}, {plain(waiver.ticket)}"
        yield f"    from {waiver.not_before} until {waiver.not_after}, risk owner {plain(waiver.risk_owner)}"
    for obligation in core.obligations:
        yield f"  {'met    ' if obligation.met else 'pending'}   {plain(obligation.name)}: {plain(obligation.detail)}"
    yield f"  input     {core.subject.digest} (judged, redacted: {core.input})"
    yield f"  decision  {record.digest}"
    yield f"  proof     entry {record.entry} of the log, envelope {exhibit.sealed}"
    for check in exhibit.checks:
        yield f"  check     {plain(check)}"
