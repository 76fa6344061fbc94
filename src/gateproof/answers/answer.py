"""Answer: what an auditor gets for a question, put together from evidence that was checked on the way."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

import msgspec

from gateproof.answers.index import Index, Record, Row
from gateproof.answers.question import Question
from gateproof.answers.reading import Reader
from gateproof.catalog.frameworks import Control
from gateproof.catalog.policy import InputKind, Policy
from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Disposition, Treatment, Verdict
from gateproof.trust.waiver import Waiver

SHOWN = 25
"""Decisions that are shown in full; the rest are counted."""


class PolicyText(msgspec.Struct, frozen=True):
    """A policy as it was when it decided, in the bundles named."""

    policy: Policy
    bundles: tuple[str, ...]


class GrantedWaiver(msgspec.Struct, frozen=True):
    """A waiver that was used, with the digest of its envelope."""

    digest: str
    waiver: Waiver


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: what was judged, what the asked-for policies found, who waived what, and where the proof is.

    ``results`` are of the asked-for policies only. ``sealed`` is the digest of the decision's envelope; ``entry`` its
    number in the log.
    """

    record: Record
    sealed: str
    results: tuple[Result, ...]
    dispositions: tuple[Disposition, ...]
    waivers: tuple[GrantedWaiver, ...] = ()
    leaf: str = ""
    checks: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many resources had this outcome under the asked-for policies."""
        return sum(result.outcome is outcome for result in self.results)


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """The log that answered: origin, size, signed checkpoint, and the pinned root that it was verified under."""

    origin: str
    size: int
    checkpoint: str
    root: str
    store: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. ``gaps`` come first: what the evidence does not show. ``asked_at`` is RFC 3339 UTC."""

    question: Question
    asked_at: str
    gaps: tuple[str, ...]
    controls: tuple[Control, ...]
    policies: tuple[PolicyText, ...]
    exhibits: tuple[Exhibit, ...]
    verdicts: dict[str, int]
    more: int
    log: LogState


def compose(
    question: Question, controls: Sequence[Control], index: Index, reader: Reader, *, store: str, now: str
) -> Answer:
    """Put the answer to ``question`` together; ``controls`` are the catalogue's entries for its control ids."""
    checkpoint = reader.view.checkpoint
    log = LogState(
        origin=checkpoint.origin,
        size=checkpoint.size,
        checkpoint=reader.view.note,
        root=reader.trust.root,
        store=store,
    )
    found = index.find(question)
    cited = index.policies(question.controls)
    wanted: set[str] = set().union(*(cited[control] for control in question.telling))
    exhibits = tuple(_exhibit(row, wanted, reader, log) for row in found[:SHOWN])
    verdicts: dict[str, int] = {}
    for row in found:
        verdicts[row.verdict] = verdicts.get(row.verdict, 0) + 1
    return Answer(
        question=question,
        asked_at=now,
        gaps=tuple(_gaps(question, cited, found, exhibits, index.unread(question))),
        controls=tuple(controls),
        policies=_policies(exhibits, wanted),
        exhibits=exhibits,
        verdicts=verdicts,
        more=len(found) - len(exhibits),
        log=log,
    )


def _exhibit(row: Row, wanted: set[str], reader: Reader, log: LogState) -> Exhibit:
    record = reader.record(row.entry)
    core = record.core
    dispositions = tuple(each for each in record.dispositions if each.finding.policy in wanted)
    used = sorted({each.waiver for each in dispositions if each.waiver})
    return Exhibit(
        record=record,
        sealed=row.envelope,
        results=tuple(result for result in core.results if result.policy in wanted),
        dispositions=dispositions,
        waivers=tuple(GrantedWaiver(digest, reader.waiver(digest)) for digest in used),
        leaf=reader.leaf(row.entry),
        checks=(
            f"gateproof verify {shlex.quote(log.store)} --root {log.root}",
            f"gateproof replay {record.digest} --evidence {shlex.quote(log.store)} --root {log.root}",
        ),
    )


def _policies(exhibits: Iterable[Exhibit], wanted: set[str]) -> tuple[PolicyText, ...]:
    """Every version of every asked-for policy that decided, with the bundles it was in."""
    versions: dict[bytes, tuple[Policy, set[str]]] = {}
    for exhibit in exhibits:
        for policy in exhibit.record.bundle.policies:
            if policy.id in wanted:
                versions.setdefault(msgspec.json.encode(policy), (policy, set()))[1].add(exhibit.record.bundle.digest)
    texts = [PolicyText(policy, tuple(sorted(bundles))) for policy, bundles in versions.values()]
    return tuple(sorted(texts, key=lambda text: (text.policy.id, text.bundles)))


def _gaps(
    question: Question, cited: dict[str, set[str]], found: Sequence[Row], exhibits: Sequence[Exhibit], unread: int
) -> Iterable[str]:
    """What the evidence does not show, most serious first."""
    if not question.controls:
        yield "the question names no control that the catalogue knows; try `gateproof controls SEARCH`"
        return
    if not found:
        yield "no recorded decision matches: nothing here shows that these controls were enforced"
    unenforced = sorted(control for control, policies in cited.items() if not policies)
    if unenforced:
        yield f"no recorded policy enforces {', '.join(unenforced)}"
    latest: dict[tuple[str, str, str], Row] = {}
    for row in found:
        latest.setdefault((row.service, row.environment, row.kind), row)
    for (service, environment, kind), row in sorted(latest.items()):
        if row.verdict in (Verdict.DENY, Verdict.UNDECIDED):
            yield (
                f"the latest decision on a {_KINDS.get(kind, kind)} of {service or 'an unnamed service'} for"
                f" {environment} is {row.verdict} ({row.decided_at}, {row.name})"
            )
    if unread:
        yield f"{unread} recorded decision{'s' if unread > 1 else ''} in this scope could not read what to judge"
    for exhibit in exhibits:
        yield from _waived(exhibit)
    unheld = [each for each in exhibits if _unprotected(each)]
    if unheld:
        yield f"tier or data classification did not come from a protected branch: {_names(unheld)}"
    pending = [each for each in exhibits if _pending(each)]
    if pending:
        yield f"approval or canary was still pending when these passed: {_names(pending)}"
    warned = [each for each in exhibits if any(one.treatment is Treatment.WARN for one in each.dispositions)]
    if warned:
        yield f"findings of the policies asked for only warned: {_names(warned)}"
    if found:
        yield "which deployments followed these decisions is not recorded in this store"


def _waived(exhibit: Exhibit) -> Iterable[str]:
    passed = exhibit.record.verdict in (Verdict.ALLOW, Verdict.WARN)
    for waiver in (granted.waiver for granted in exhibit.waivers):
        yield (
            f"{_name(exhibit)} {'passed' if passed else 'was decided'} under a waiver of {', '.join(waiver.policies)}"
            f" until {waiver.not_after} (risk owner {waiver.risk_owner}, {waiver.ticket})"
        )


def _unprotected(exhibit: Exhibit) -> bool:
    """Whether tier or classification was said by nobody but the change itself."""
    claims = exhibit.record.core.scene.claims
    protected = {claim.field for claim in claims if claim.protected}
    used = {claim.field for claim in claims if claim.used}
    return bool({"tier", "data_classification"} & used - protected)


def _pending(exhibit: Exhibit) -> bool:
    core = exhibit.record.core
    passed = exhibit.record.verdict in (Verdict.ALLOW, Verdict.WARN)
    return passed and any(not obligation.met for obligation in core.obligations)


def _names(exhibits: Sequence[Exhibit]) -> str:
    shown = ", ".join(_name(exhibit) for exhibit in exhibits[:5])
    return f"{shown} and {len(exhibits) - 5} more" if len(exhibits) > 5 else shown


def _name(exhibit: Exhibit) -> str:
    return f"{exhibit.record.name} (entry {exhibit.record.entry})"


_KINDS = {
    InputKind.TERRAFORM_PLAN.value: "Terraform plan",
    InputKind.KUBERNETES.value: "Kubernetes manifest",
    InputKind.GITHUB_WORKFLOW.value: "workflow of GitHub Actions",
    InputKind.DOCKERFILE.value: "Dockerfile",
}
