"""Audit: decisions on what runs, added up: counts of everything, and of each namespace what is open.

Counts are of everything. What is kept one by one is what failed, warned or could not be evaluated, the worst first and
as much of it as a report of the API server's size can hold; what was left out is counted, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from gateproof.audit.drift import Drift
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Decision, Treatment, Verdict

MAX_RESULTS = 1_000
"""Results of a report: an object of the API server may have 1.5 MiB, and a result up to about one KiB."""

MAX_LISTED = 1_000
"""Drift of a kind, and what could not be read, that is listed; the rest is counted."""


class Outcomes(StrEnum):
    """The result of a policy on an object, as reports have it; from the worst to what need not be looked at."""

    FAIL = "fail"
    ERROR = "error"
    WARN = "warn"
    PASS = "pass"  # noqa: S105 - an outcome, not a password
    SKIP = "skip"


_RANKS = {outcome: rank for rank, outcome in enumerate(Outcomes)}
_TREATMENTS = {
    Treatment.BLOCK: Outcomes.FAIL,
    Treatment.WARN: Outcomes.WARN,
    Treatment.WAIVED: Outcomes.WARN,
}


class Subject(msgspec.Struct, frozen=True):
    """The object that a result is about."""

    address: str
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class Entry(msgspec.Struct, frozen=True):
    """A result: of a policy, on an object. ``treatment``, ``row`` and ``waiver`` are what the gate did with it.

    ``rule``: the rule of the policy that failed, where rules have names.
    """

    outcome: Outcomes
    policy: str
    subject: Subject
    message: str
    severity: Severity
    path: tuple[str | int, ...] = ()
    treatment: str = ""
    row: str = ""
    waiver: str = ""
    rule: str = ""


class Report:
    """What is open in one namespace (empty: objects that are in none)."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.counts: Counter[Outcomes] = Counter()
        self.left_out = 0
        self._entries: list[Entry] = []

    def add(self, entry: Entry, *, listed: bool) -> None:
        """Count ``entry``, and keep it where it is to be ``listed``."""
        self.counts[entry.outcome] += 1
        if listed:
            self._entries.append(entry)
            if len(self._entries) >= 2 * MAX_RESULTS:
                self._prune()

    @property
    def entries(self) -> list[Entry]:
        """The worst of what is listed, ``MAX_RESULTS`` at most, in the same order whatever order they came in."""
        self._prune()
        return self._entries

    def _prune(self) -> None:
        self._entries.sort(key=_order)
        self.left_out += max(len(self._entries) - MAX_RESULTS, 0)
        del self._entries[MAX_RESULTS:]


def _order(entry: Entry) -> tuple[Any, ...]:
    place = (entry.policy, entry.subject.address, entry.message, list(map(str, entry.path)))
    return (_RANKS[entry.outcome], -entry.severity.rank, *place)


class Audit:
    """What a dump said, under the policies of ``bundle`` at ``now`` (RFC 3339 UTC).

    ``whole``: list what passed and what was skipped, too.
    """

    def __init__(self, bundle: Bundle, now: str, *, whole: bool = False) -> None:
        self.bundle = bundle
        self.now = now
        self.policies: dict[str, Policy] = {policy.id: policy for policy in bundle.policies}
        self.objects = 0
        self.verdicts: Counter[Verdict] = Counter()
        self.by_policy: dict[str, Counter[Outcomes]] = {}
        self.by_namespace: dict[str, Report] = {}
        self.drifted: Counter[str] = Counter()
        self.drift: list[Drift] = []
        self.problems: list[str] = []
        self.unread = 0
        self.compared = -1
        """Objects that admission let in and that were compared with; -1 where nothing was compared."""
        self._whole = whole
        # Policies about other things than Kubernetes have nothing to say here, and nothing is said of them.
        self._silent = {
            id for id, each in self.policies.items() if each.kinds and InputKind.KUBERNETES not in each.kinds
        }

    @property
    def reports(self) -> list[Report]:
        """The reports by namespace, that of objects without one first."""
        return [self.by_namespace[name] for name in sorted(self.by_namespace)]

    @property
    def denied(self) -> int:
        """Objects that would not be let in."""
        return self.verdicts[Verdict.DENY]

    def add(self, live: Mapping[str, Any], address: str, decision: Decision, drift: Drift | None = None) -> None:
        """Add the decision on the object ``live``, which reports call ``address``, and how it has drifted."""
        self.objects += 1
        self.verdicts[decision.verdict] += 1
        subject = _subject(live, address)
        report = self.by_namespace.get(subject.namespace)
        if report is None:
            report = self.by_namespace[subject.namespace] = Report(subject.namespace)
        for entry in self._entries(decision, subject):
            self.by_policy.setdefault(entry.policy, Counter())[entry.outcome] += 1
            report.add(entry, listed=self._whole or _RANKS[entry.outcome] <= _RANKS[Outcomes.WARN])
        if drift:
            self.drifted[drift.kind] += 1
            if self.drifted[drift.kind] <= MAX_LISTED:
                self.drift.append(drift)

    def add_unread(self, problem: str) -> None:
        """Something in the dump could not be read: it is undecided, and could be anything."""
        self.unread += 1
        self.verdicts[Verdict.UNDECIDED] += 1
        if len(self.problems) < MAX_LISTED:
            self.problems.append(problem)

    def _entries(self, decision: Decision, subject: Subject) -> Iterator[Entry]:
        core = decision.core
        excused: dict[str, str] = {}
        for disposition in core.dispositions_at(decision.layer):
            finding = disposition.finding
            if not disposition.row:  # an error that a waiver covers
                excused[finding.policy] = disposition.waiver
                continue
            yield Entry(
                outcome=_TREATMENTS[disposition.treatment],
                policy=finding.policy,
                subject=subject,
                message=finding.message,
                severity=finding.severity,
                path=finding.path,
                treatment=disposition.treatment,
                row=disposition.row,
                waiver=disposition.waiver,
                rule=finding.rule or "",
            )
        for result in core.results:
            if result.outcome is not Outcome.FAIL and result.policy not in self._silent:
                yield self._entry(result, subject, excused.get(result.policy, ""))

    def _entry(self, result: Result, subject: Subject, waiver: str) -> Entry:
        outcome = Outcomes(result.outcome.value)
        if outcome is Outcomes.ERROR and waiver:
            outcome = Outcomes.WARN
        policy = self.policies.get(result.policy)
        severity = policy.severity if policy else Severity.strictest()
        treatment = str(Treatment.WAIVED) if waiver else ""
        return Entry(outcome, result.policy, subject, result.reason, severity, treatment=treatment, waiver=waiver)


def _subject(live: Mapping[str, Any], address: str) -> Subject:
    found = live.get("metadata")
    metadata = found if isinstance(found, dict) else {}

    def text(name: str) -> str:
        value = metadata.get(name)
        return value if isinstance(value, str) else ""

    return Subject(address, live["apiVersion"], live["kind"], text("namespace"), text("name"), text("uid"))
