"""Audit → what a person reads in a terminal: how much, what is open by policy and where, and what has drifted."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.audit import Audit, DriftKind
from gateproof.audit.audit import Entry, Outcomes
from gateproof.gate.decision import Verdict
from gateproof.render.untrusted import plain

SHOWN = 10
"""Objects shown for each policy and each kind of drift; the rest are counted. `--format json` has more."""

_WORDS = {
    DriftKind.REFUSED: "run although they were refused",
    DriftKind.UNSEEN: "run without a decision",
    DriftKind.CHANGED: "differ from what was let in",
    DriftKind.DENIED_TODAY: "were let in and would not be today",
    DriftKind.OLDER: "are older than the first decision",
}
_OPEN = (Outcomes.FAIL, Outcomes.ERROR, Outcomes.WARN)


def render(audit: Audit) -> str:
    """The whole report. What comes from the cluster is neutralised."""
    lines = [*_policies(audit), *_drift(audit), *_unread(audit), *_namespaces(audit), _summary(audit)]
    return "\n".join(lines) + "\n"


def _policies(audit: Audit) -> Iterator[str]:
    """Each policy that has something open, the one with most first, and the objects that it is about."""
    places: dict[str, list[Entry]] = {}
    for report in audit.reports:
        for entry in report.entries:
            if entry.outcome in _OPEN:
                places.setdefault(entry.policy, []).append(entry)
    worst_first = sorted(audit.by_policy, key=lambda name: [-audit.by_policy[name][each] for each in _OPEN])
    for name in worst_first:
        counts = audit.by_policy[name]
        if not any(counts[each] for each in _OPEN):
            continue
        policy = audit.policies.get(name)
        said = ", ".join(f"{counts[each]} {each}" for each in _OPEN if counts[each])
        yield f"{plain(policy.title if policy else name)}  ({plain(name)}: {said})"
        entries = places.get(name, [])
        for entry in entries[:SHOWN]:
            yield f"  {entry.outcome:<6}{plain(entry.subject.address)}: {plain(entry.message, 200)}"
        total = sum(counts[each] for each in _OPEN)
        if total > SHOWN:
            yield f"  … and {total - SHOWN} more (--format json lists more of them)"
        yield ""


def _drift(audit: Audit) -> Iterator[str]:
    for kind, words in _WORDS.items():
        if not audit.drifted[kind]:
            continue
        yield f"{audit.drifted[kind]} objects {words}"
        found = [each for each in audit.drift if each.kind is kind]
        for each in found[:SHOWN]:
            decided = f" (entry {each.entry}, {plain(each.at)})" if each.entry >= 0 else ""
            yield f"  {plain(each.resource)}: {plain(each.reason)}{decided}"
            if each.paths:
                yield f"    at {plain(', '.join(each.paths), 300)}"
        if audit.drifted[kind] > SHOWN:
            yield f"  … and {audit.drifted[kind] - SHOWN} more"
        yield ""


def _unread(audit: Audit) -> Iterator[str]:
    if audit.unread:
        yield f"{audit.unread} pieces of the dump could not be read"
        yield from (f"  {plain(each, 300)}" for each in audit.problems[:SHOWN])
        yield ""


def _namespaces(audit: Audit) -> Iterator[str]:
    """The namespaces with most failures."""
    failing = [report for report in audit.reports if report.counts[Outcomes.FAIL]]
    failing.sort(key=lambda report: -report.counts[Outcomes.FAIL])
    if len(failing) < 2:
        return
    worst = [f"{plain(report.namespace) or '(cluster)'} {report.counts[Outcomes.FAIL]}" for report in failing[:SHOWN]]
    more = f", and {len(failing) - SHOWN} more" if len(failing) > SHOWN else ""
    yield f"Failures by namespace: {', '.join(worst)}{more}"
    yield ""


def _summary(audit: Audit) -> str:
    verdicts = ", ".join(f"{audit.verdicts[each]} {each}" for each in reversed(Verdict) if audit.verdicts[each])
    drift = ""
    if audit.compared >= 0:
        drift = f"; {sum(audit.drifted.values())} drifted, {audit.compared} were let in"
    judging = sum(1 for each in audit.by_policy)
    return f"{audit.objects} objects, {judging} policies: {verdicts or 'nothing was judged'}{drift}"
