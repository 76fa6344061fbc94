"""decide: results, waivers and facts in, the Decision out. Pure, and the same bytes for the same values in any order.

1. A FAIL that its row blocks and that no waiver covers: DENY.
2. Else an ERROR that no waiver names, an input that could not be read, a policy without a result, or no policy for
   this kind of input: UNDECIDED. (A required fact that is missing or stale is an ERROR by the time it comes here.)
3. Else a FAIL that is waived or that its row only warns about, or an ERROR that is waived: WARN.
4. Else ALLOW; when every policy was SKIP, in prod, WARN.

The core is decided as seen from no layer at all. What a row that names layers, or an obligation that is not met at CD,
changes at a layer is recorded as a Departure within the core, for every layer, whichever layer is asked: so the core
has the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter, eq
from typing import TYPE_CHECKING

import msgspec

from gateproof.catalog.bundle import Bundle
from gateproof.catalog.gate_table import Action
from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Environment, Layer, Severity
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.gate import explain
from gateproof.gate.decision import (
    Core,
    Coverage,
    Decision,
    Departure,
    Disposition,
    Obligation,
    Scene,
    Treatment,
    Verdict,
    WaiverUse,
)
from gateproof.gate.obligations import obligations
from gateproof.gate.table import Lookup
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Input

if TYPE_CHECKING:
    from gateproof.trust.admission import Granted, Refused


def decide(
    subject: Input,
    results: Iterable[Result],
    *,
    bundle: Bundle,
    context: Context,
    now: str,
    tool: str,
    granted: Sequence[Granted] = (),
    refused: Sequence[Refused] = (),
    facts: Mapping[str, Fact] = {},
    trust: str = "",
) -> Decision:
    """The Decision on ``subject``.

    ``results``: what the engines found with the policies of ``bundle``. ``granted`` and ``refused``: what the waivers
    that were presented are worth. ``facts``: by name. ``trust``: digest of the trust policy. ``now``: RFC 3339 UTC.
    ``tool``: name and version of the program. Policies that are not enabled at the context's layer are left out, with
    their results. Raises TrustError for a malformed ``now``.
    """
    instant(now)
    scene = _scene(context)
    layer = context.layer
    enabled = {policy.id: policy for policy in bundle.policies if not policy.layers or layer in policy.layers}
    settled = _settle(results, bundle, enabled)
    problems = (*_problems(subject, settled, bundle, enabled), *_outlived(bundle, now))
    counted = set(enabled) - set(bundle.asserted)
    coverage = Coverage(len({r.policy for r in settled if r.outcome is not Outcome.SKIP} & counted), len(counted))
    lookup = Lookup(bundle.gate_table, scene, now)
    waivers = _Waivers(granted, refused, subject.subject.digest)
    due = obligations(bundle.gate_table, scene, facts, subject=subject.subject.digest, now=now)

    failed = (result for result in settled if result.outcome is Outcome.FAIL)
    findings = [finding for result in failed for finding in _findings(result, enabled)]
    dispositions = [_dispose(finding, lookup, waivers) for finding in findings]
    excused, open_errors = _excuse(settled, enabled, waivers)
    unproven = scene.environment is Environment.PROD and coverage.applied == 0
    rest = _Rest(undecided=bool(problems or open_errors), warned=bool(excused or unproven))
    verdict = _verdict(dispositions, rest)
    departures = _departures(findings, dispositions, rest, lookup, waivers, due)
    dispositions += excused
    core = Core(
        verdict=verdict,
        subject=subject.subject,
        input=subject.digest,
        bundle=bundle.digest,
        gate_table=bundle.gate_table_digest,
        decided_at=now,
        scene=scene,
        tool=tool,
        facts={name: fact.digest for name, fact in facts.items()},
        waivers=waivers.uses(),
        trust=trust,
        results=tuple(settled),
        dispositions=tuple(dispositions),
        problems=problems,
        obligations=due,
        coverage=coverage,
        reasons=explain.reasons(verdict, scene, coverage, dispositions, open_errors, problems, refused),
        smallest_change=explain.smallest_change(verdict, enabled, dispositions, open_errors, problems),
        departures=departures,
    )
    return Decision(core=core, layer=layer, actor=context.actor, surface=context.surface)


class _Waivers:
    """The waivers that were presented, in the order of their digests, and what each was used for."""

    def __init__(self, granted: Sequence[Granted], refused: Sequence[Refused], subject: str) -> None:
        self._granted = sorted(granted, key=lambda grant: grant.digest)
        self._refused = refused
        self._subject = subject
        self._used: set[str] = set()

    def covering(self, finding: Finding) -> str:
        """Digest of the first waiver that covers ``finding``, or nothing."""
        if not self._granted:
            return ""
        return self._use(g for g in self._granted if g.covers(finding.policy, finding.resource, self._subject))

    def covering_error(self, error: Result) -> str:
        """Digest of the first waiver that names the policy of ``error`` as one whose errors it covers, or nothing."""
        named = (grant for grant in self._granted if error.policy in grant.errors)
        return self._use(grant for grant in named if grant.covers(error.policy, error.resource, self._subject))

    def uses(self) -> tuple[WaiverUse, ...]:
        """Every waiver that was presented: whether it counted, and if not, why not."""
        idle = WaiverUse.IDLE
        uses = [WaiverUse(refusal.digest, counted=False, reason=refusal.reason) for refusal in self._refused]
        for grant in self._granted:
            counted = grant.digest in self._used
            uses.append(WaiverUse(grant.digest, counted, "" if counted else idle))
        return tuple(sorted(uses, key=lambda use: (use.digest, use.counted, use.reason)))

    def _use(self, covering: Iterator[Granted]) -> str:
        grant = next(covering, None)
        if grant is None:
            return ""
        self._used.add(grant.digest)
        return grant.digest


def _scene(context: Context) -> Scene:
    return Scene(
        service=context.service,
        environment=context.environment,
        tier=context.tier,
        data_classification=context.data_classification,
        commit=context.commit,
        artifact=context.artifact,
        author=context.author,
        claims=tuple(sorted(context.claims, key=canonical.encode)),
    )


def _settle(results: Iterable[Result], bundle: Bundle, enabled: Mapping[str, Policy]) -> list[Result]:
    """The results of the policies that are enabled here (and of unknown ones), in one order."""
    settled = [_with_sorted_findings(result) if len(result.findings) > 1 else result for result in results]
    if len(enabled) < len(bundle.policies):
        elsewhere = {policy.id for policy in bundle.policies} - enabled.keys()
        settled = [result for result in settled if result.policy not in elsewhere]
    settled.sort(key=_place)
    if any(map(eq, map(_place, settled), map(_place, islice(settled, 1, None)))):
        settled.sort(key=lambda result: (*_place(result), canonical.encode(result)))
    return settled


_place = attrgetter("policy", "resource")


def _with_sorted_findings(result: Result) -> Result:
    return msgspec.structs.replace(result, findings=tuple(sorted(result.findings, key=canonical.encode)))


def _problems(
    subject: Input, results: Sequence[Result], bundle: Bundle, enabled: Mapping[str, Policy]
) -> tuple[str, ...]:
    """Why nothing, or not everything, could be judged."""
    if subject.problem:
        return (subject.problem,)
    kind = subject.subject.kind
    fitting = [policy.id for policy in enabled.values() if not policy.kinds or kind in policy.kinds]
    if set(bundle.asserted).issuperset(fitting):  # a change that brings its own judges is not judged by them
        return (f"no policy is loaded for this kind of input: {kind}",)
    seen = {result.policy for result in results}
    silent = sorted(set(fitting) - seen)
    strange = sorted(seen - set(enabled))
    return (
        *(f"the policy {policy} gave no result" for policy in silent),
        *(f"there are results of {policy}, which is not in the bundle {bundle.digest}" for policy in strange),
    )


def _outlived(bundle: Bundle, now: str) -> Iterator[str]:
    """What was allowed until a time that has come: the bundle was made before it."""
    for overlay in bundle.overlays:
        if overlay.is_over(now):
            yield f"the overlay of {overlay.policy} has ended, and this bundle still has it: {overlay.said}"


def _findings(result: Result, enabled: Mapping[str, Policy]) -> tuple[Finding, ...]:
    """The findings of a FAIL; one that names none is a finding all the same."""
    return result.findings or (_finding(result, enabled),)


def _finding(result: Result, enabled: Mapping[str, Policy]) -> Finding:
    policy = enabled.get(result.policy)
    severity = policy.severity if policy else Severity.strictest()
    return Finding(result.policy, result.resource, result.reason, severity, policy.controls if policy else ())


def _dispose(finding: Finding, lookup: Lookup, waivers: _Waivers, layer: Layer | None = None) -> Disposition:
    row = lookup.row_for(finding, layer)
    if row.action is Action.WARN:
        return Disposition(finding, Treatment.WARN, row.name)
    waiver = waivers.covering(finding)
    return Disposition(finding, Treatment.WAIVED if waiver else Treatment.BLOCK, row.name, waiver)


def _excuse(
    results: Iterable[Result], enabled: Mapping[str, Policy], waivers: _Waivers
) -> tuple[list[Disposition], list[Result]]:
    """The errors that a waiver names, as dispositions, and those that stay open."""
    excused, still_open = [], []
    for error in results:
        if error.outcome is not Outcome.ERROR:
            continue
        if waiver := waivers.covering_error(error):
            excused.append(Disposition(_finding(error, enabled), Treatment.WAIVED, "", waiver))
        else:
            still_open.append(error)
    return excused, still_open


class _Rest(msgspec.Struct, frozen=True):
    """What bears on the verdict beside the findings, at every layer."""

    undecided: bool
    warned: bool


def _verdict(dispositions: Iterable[Disposition], rest: _Rest) -> Verdict:
    treatments = {disposition.treatment for disposition in dispositions}
    if Treatment.BLOCK in treatments:
        return Verdict.DENY
    if rest.undecided:
        return Verdict.UNDECIDED
    return Verdict.WARN if treatments or rest.warned else Verdict.ALLOW


def _departures(
    findings: Sequence[Finding],
    dispositions: Sequence[Disposition],
    rest: _Rest,
    lookup: Lookup,
    waivers: _Waivers,
    due: Iterable[Obligation],
) -> tuple[Departure, ...]:
    """What is different at a layer: where a row names it, and at CD where an obligation is not met."""
    unmet = [obligation for obligation in due if not obligation.met]
    named = lookup.layers if findings else ()
    departures = []
    changed: tuple[Disposition, ...]
    for layer in Layer:
        seen, changed = dispositions, ()
        if layer in named:
            seen = [_dispose(finding, lookup, waivers, layer) for finding in findings]
            changed = tuple(new for new, old in zip(seen, dispositions, strict=True) if new != old)
        pending = unmet if layer is Layer.CD else []
        if changed or pending:
            verdict = _verdict(seen, _Rest(rest.undecided or bool(pending), rest.warned))
            departures.append(Departure(layer, verdict, changed, explain.departure(changed, pending)))
    return tuple(departures)
