"""Report: what `gateproof check` found, in the order in which every renderer shows it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from gateproof.catalog.bundle import Bundle
from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Layer
from gateproof.documents.interface import Place
from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Decision, Disposition, Obligation, Treatment, Verdict
from gateproof.inputs.input import Remark

_ORDER = {treatment: number for number, treatment in enumerate((Treatment.BLOCK, Treatment.WARN, Treatment.WAIVED))}


class Spot(msgspec.Struct, frozen=True):
    """Where a finding stands in its file, from 1, with the lines around it (number, text)."""

    line: int
    column: int
    excerpt: tuple[tuple[int, str], ...] = ()


class Proof(msgspec.Struct, frozen=True):
    """Where the evidence of a decision went."""

    decision: str
    entry: int
    store: str


class Item(msgspec.Struct, frozen=True):
    """One judged file. ``spots`` are keyed by (document, path) of the findings."""

    name: str
    decision: Decision
    spots: dict[Place, Spot] = {}
    remarks: tuple[Remark, ...] = ()
    proof: Proof | None = None

    def findings(self) -> list[Disposition]:
        """Every finding with what is done with it at the decision's layer, blocking ones first."""
        dispositions = self.decision.core.dispositions_at(self.decision.layer)
        return sorted(dispositions, key=lambda each: _ORDER[each.treatment])

    def errors(self) -> list[Result]:
        """Results that could not be evaluated, but for those that a waiver covers: they are among the findings."""
        core = self.decision.core
        excused = (each.finding for each in core.dispositions if not each.row and each.treatment is Treatment.WAIVED)
        covered = {(finding.policy, finding.resource) for finding in excused}
        found = (result for result in core.results if result.outcome is Outcome.ERROR)
        return [result for result in found if (result.policy, result.resource) not in covered]

    def unmet(self) -> list[Obligation]:
        """Obligations that nothing shows to be met: at CD they keep the change from passing, before they are due."""
        return [obligation for obligation in self.decision.core.obligations if not obligation.met]

    @property
    def is_due(self) -> bool:
        """Whether obligations decide here."""
        return self.decision.layer is Layer.CD

    def open_points(self) -> Iterator[tuple[str, str]]:
        """What keeps the whole item from being decided, errors of single policies aside: what it concerns, and why."""
        for problem in self.decision.core.problems:
            yield "input", problem
        for obligation in self.unmet() if self.is_due else ():
            yield f"obligation {obligation.name}", f"{obligation.detail}: {obligation.reason}"


class Report(msgspec.Struct, frozen=True, dict=True):
    """All judged files, and those of a searched folder that are nothing we judge."""

    items: tuple[Item, ...]
    bundle: Bundle
    passed_over: tuple[str, ...] = ()
    tool: str = ""

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict of all items; UNDECIDED when nothing was judged."""
        found = {item.decision.verdict for item in self.items}
        order = (Verdict.DENY, Verdict.UNDECIDED, Verdict.WARN, Verdict.ALLOW)
        return next((verdict for verdict in order if verdict in found), Verdict.UNDECIDED)

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """Policies of the bundle by id."""
        return {policy.id: policy for policy in self.bundle.policies}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Titles of the bundle's controls by id."""
        return {control.id: control.title for control in self.bundle.controls}

    def to_pass(self, item: Item) -> list[str]:
        """What has to change for ``item`` to pass where it was asked; the policies say how to fix their findings."""
        if item.decision.verdict in (Verdict.ALLOW, Verdict.WARN):
            return []
        steps = [self._without_remediation(step) for step in item.decision.core.smallest_change]
        return steps + [f"meet the obligation {each.name}: {each.detail}" for each in item.unmet() if item.is_due]

    def _without_remediation(self, step: str) -> str:
        policy = self.policies.get(step.removeprefix("fix ").partition(" on ")[0])
        return step.replace(f": {policy.remediation.strip()}", "") if policy and policy.remediation else step


def tally(decision: Decision) -> dict[str, dict[Outcome, int]]:
    """How many resources each policy passed, failed, skipped or could not evaluate."""
    counts: dict[str, dict[Outcome, int]] = {}
    for result in decision.core.results:
        per_policy = counts.setdefault(result.policy, {})
        per_policy[result.outcome] = per_policy.get(result.outcome, 0) + 1
    return counts


def spot_of(item: Item, disposition: Disposition) -> Spot | None:
    """Where the finding stands in the item's file, if known."""
    return item.spots.get((disposition.finding.document, disposition.finding.path))
