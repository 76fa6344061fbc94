"""A Decision in words: why it came about, and the smallest change that would let the change pass.

Words are grouped by policy and bounded in length, so that 20,000 findings still make a page that a person reads; the
findings themselves are in the Decision. Resources and messages are text from the input: renderers neutralise them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Environment
from gateproof.engines.interface import Result
from gateproof.gate.decision import Coverage, Disposition, Obligation, Scene, Treatment, Verdict

if TYPE_CHECKING:
    from gateproof.trust.admission import Refused

LONGEST = 300  # characters of a name or a reason that are shown
NAMED = 10  # resources that a sentence names, or causes that are told, before the rest is counted


def reasons(
    verdict: Verdict,
    scene: Scene,
    coverage: Coverage,
    dispositions: Iterable[Disposition],
    errors: Iterable[Result],
    problems: Iterable[str],
    refused: Iterable[Refused],
) -> tuple[str, ...]:
    """Why ``verdict`` came about: what blocks, what is open, what is waived, what only warns, what does not count."""
    where = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    said = [f"{verdict}: {where}"]
    said += _by_row(dispositions, Treatment.BLOCK)
    said += problems
    said += _by_cause(errors)
    said += _by_row(dispositions, Treatment.WAIVED)
    said += _by_row(dispositions, Treatment.WARN)
    if coverage.applied == 0:
        said.append(
            f"no policy applied: coverage 0/{coverage.policies}"
            + (", which is a warning in prod" if scene.environment is Environment.PROD else "")
        )
    said += sorted({f"waiver {refusal.digest} does not count: {refusal.reason}" for refusal in refused})
    return tuple(said)


def smallest_change(
    verdict: Verdict,
    policies: Mapping[str, Policy],
    dispositions: Iterable[Disposition],
    errors: Iterable[Result],
    problems: Iterable[str],
) -> tuple[str, ...]:
    """What has to change for the change to pass (ALLOW or WARN); nothing when it passes.

    All of it is needed, but for the waiver, which is told where it would do instead of a fix.
    """
    if verdict in (Verdict.ALLOW, Verdict.WARN):
        return ()
    blocking: dict[str, list[str]] = {}
    for disposition in dispositions:
        if disposition.treatment is Treatment.BLOCK:
            blocking.setdefault(disposition.finding.policy, []).append(disposition.finding.resource)
    steps = []
    for policy_id, resources in sorted(blocking.items()):
        policy = policies.get(policy_id)
        how = policy.remediation.strip() if policy else ""
        steps.append(f"fix {policy_id} on {_some(resources)}" + (f": {how}" if how else ""))
    if blocking:
        steps.append(f"or, in place of a fix, a waiver for {', '.join(sorted(blocking))}, {_WHO}")
    steps += [f"give what could be judged: {problem}" for problem in problems]
    steps += [f"make it decidable: {cause}" for cause in _by_cause(errors)]
    return tuple(steps)


def departure(changed: Iterable[Disposition], unmet: Iterable[Obligation]) -> tuple[str, ...]:
    """Why a layer's verdict may differ from the core's."""
    changed = list(changed)
    said = [line for treatment in Treatment for line in _by_row(changed, treatment)]
    said += [f"obligation {due.name} is not met ({due.detail}): {due.reason}" for due in unmet]
    return tuple(said)


_WHO = "approved by somebody of sufficient rank in the roster who neither asked for it nor wrote the change"
_VERBS = {
    Treatment.BLOCK: "blocks",
    Treatment.WARN: "warns about",
    Treatment.WAIVED: "would block, and a waiver covers,",
}


def _by_row(dispositions: Iterable[Disposition], treatment: Treatment) -> list[str]:
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for disposition in dispositions:
        if disposition.treatment is treatment:
            finding = disposition.finding
            key = (disposition.row, finding.policy, finding.severity, disposition.waiver)
            groups.setdefault(key, []).append(finding.resource)
    said = []
    for (row, policy, severity, waiver), resources in sorted(groups.items()):
        if not row:
            said.append(f"{policy} could not be evaluated on {_some(resources)}; waiver {waiver} covers that")
            continue
        what = f"row {row} {_VERBS[treatment]} {policy} ({severity}) on {_some(resources)}"
        said.append(f"{what}: waiver {waiver}" if waiver else what)
    return said


def _by_cause(errors: Iterable[Result]) -> list[str]:
    causes: dict[tuple[str, str], list[str]] = {}
    for error in errors:
        causes.setdefault((error.policy, error.reason), []).append(error.resource)
    said = [
        f"{policy} could not be evaluated on {_some(resources)}" + (f": {_short(reason)}" if reason else "")
        for (policy, reason), resources in sorted(causes.items())[:NAMED]
    ]
    return [*said, f"and {len(causes) - NAMED} more causes"] if len(causes) > NAMED else said


def _some(resources: Iterable[str]) -> str:
    """The first of ``resources``, which come in order, and how many more there are."""
    names = list(dict.fromkeys(resources))
    rest = len(names) - NAMED
    shown = ", ".join(_short(name) or "the whole input" for name in names[:NAMED])
    return shown + (f" and {rest} more" if rest > 0 else "")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
