"""Report: what `gateproof check` found, in the order in which every renderer shows it."""

from __future__ import annotations

import msgspec

from gateproof.catalog.bundle import Bundle
from gateproof.catalog.policy import Policy
from gateproof.engines.interface import Outcome
from gateproof.gate.decision import Decision, Disposition, Treatment, Verdict
from gateproof.inputs.input import Path, Remark

_ORDER = (Treatment.BLOCK, Treatment.WARN, Treatment.WAIVED)


class Spot(msgspec.Struct, frozen=True):
    """Where a finding stands in its file, from 1, with the lines around it (number, text)."""

    line: int
    column: int
    excerpt: tuple[tuple[int, str], ...] = ()


class Proof(msgspec.Struct, frozen=True):
    """Where the evidence of a decision went."""

    decision: str
    envelope: str
    entry: int
    store: str


class Item(msgspec.Struct, frozen=True):
    """One judged file. ``spots`` are keyed by (document, path) of the findings."""

    name: str
    decision: Decision
    spots: dict[tuple[int, Path], Spot] = {}
    remarks: tuple[Remark, ...] = ()
    proof: Proof | None = None

    def findings(self) -> list[Disposition]:
        """Every finding, blocking ones first."""
        return sorted(self.decision.core.dispositions, key=lambda each: _ORDER.index(each.treatment))


class Report(msgspec.Struct, frozen=True):
    """All judged files, and those of a searched folder that are nothing we judge."""

    items: tuple[Item, ...]
    bundle: Bundle
    passed_over: tuple[str, ...] = ()
    tool: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all items; UNDECIDED when nothing was judged."""
        for verdict in (Verdict.DENY, Verdict.UNDECIDED, Verdict.WARN):
            if any(item.decision.verdict is verdict for item in self.items):
                return verdict
        return Verdict.ALLOW if self.items else Verdict.UNDECIDED

    @property
    def policies(self) -> dict[str, Policy]:
        """Policies of the bundle by id."""
        return {policy.id: policy for policy in self.bundle.policies}

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the bundle's controls by id."""
        return {control.id: control.title for control in self.bundle.controls}


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
