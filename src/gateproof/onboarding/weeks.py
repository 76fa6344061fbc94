"""The rollout in six weeks: for each, what is done here, what is next and why, and what gateproof cannot do yet.

Weeks overlap in practice. What is *done* is read from ``gateproof.yaml`` and the inventory; what neither can show, such
as who reviews a deployment, is told as a step to take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from enum import StrEnum

import msgspec

from gateproof.catalog.gate_table import Row
from gateproof.catalog.scales import Classification, Layer, Tier
from gateproof.documents.instants import instant, is_instant
from gateproof.onboarding import snippets
from gateproof.onboarding.inventory import LABELS, Repository, State
from gateproof.onboarding.snippets import Snippet
from gateproof.onboarding.starter import Choice, compose, diff

SOFT = "rollout-warns"
"""The row of the gate table with which a rollout begins: everything warns, until a date."""
SOFT_FOR = timedelta(days=14)

_NAME = "gateproof.yaml"
_ANNOTATED = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
_LOCKS = {"aws": "scp", "azurerm": "azure-policy", "google": "org-policy"}
"""Terraform's provider → what `gateproof generate` makes for its platform."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What ``gateproof.yaml`` says here. ``text`` is the file's own; ``is_there``: whether there is one.

    ``policies``: ids of the built-in ones that it turns on.
    """

    text: str = ""
    is_there: bool = False
    policies: tuple[str, ...] = ()
    service: str = ""
    tier: Tier | None = None
    data_classification: Classification | None = None
    rows: tuple[Row, ...] = ()
    store: str = ""
    key: str = ""
    trust_policy: str = ""
    roster: str = ""
    root: str = ""
    waivers: tuple[str, ...] = ()


class Progress(StrEnum):
    """How far a step is."""

    DONE = "done"
    NEXT = "next"
    CHECK = "check yourself"
    NOT_YET = "not with gateproof yet"


class Step(msgspec.Struct, frozen=True):
    """One step. ``how``: the command that does it, or a diff or snippet, line by line."""

    what: str
    progress: Progress
    why: str
    how: tuple[str, ...] = ()


class Week(msgspec.Struct, frozen=True):
    """One week."""

    number: int
    title: str
    steps: tuple[Step, ...]


class _View(msgspec.Struct, frozen=True):
    """What every week looks at."""

    repository: Repository
    standing: Standing
    choices: tuple[Choice, ...]
    now: str

    def gates(self, layer: Layer, *tools: str) -> list[str]:
        """Those of ``tools`` that run at ``layer`` and can stop something."""
        found = {gate.tool for gate in self.repository.gates if gate.layer is layer and gate.enforcing}
        return [tool for tool in tools if tool in found]

    def softened(self) -> str:
        """Until when the row of the rollout lets everything pass; empty where it does not."""
        for row in self.standing.rows:
            if row.name == SOFT and row.loosens and is_instant(row.loosens.expires):
                return row.loosens.expires if instant(self.now) < instant(row.loosens.expires) else ""
        return ""


def week(number: int, repository: Repository, standing: Standing, choices: Sequence[Choice], now: str) -> Week:
    """The week of that ``number``, 1 to 6, as it stands at ``now`` (RFC 3339 UTC)."""
    title, steps = _WEEKS[number]
    return Week(number, title, tuple(steps(_View(repository, standing, tuple(choices), now))))


def _inventory(view: _View) -> Iterable[Step]:
    states = [each.state for each in view.repository.provable]
    counted = f"{states.count(State.TODAY)} of {len(states)} could be proved today, "
    counted += f"{states.count(State.STEP)} after one more step"
    yield Step(
        "Know what is there",
        Progress.DONE,
        f"Of the controls that touch deployments, {counted}.",
        ("gateproof inventory",),
    )
    yield Step(
        "Map controls to the places that enforce them",
        Progress.CHECK,
        "The matrix has every control by the five layers; its gaps are the plan for the weeks to come.",
        ("gateproof controls --coverage --policy pack --format html --output coverage.html",),
    )
    there = view.standing.is_there
    chosen = view.standing.policies if there else tuple(map(_said, view.choices))
    yield Step(
        "Three policies, of high signal",
        Progress.DONE if there else Progress.NEXT,
        f"People read three findings and not thirty: {'; '.join(chosen) or 'policies of your own'}.",
        () if there else ("gateproof init",),
    )
    soft = view.softened()
    yield Step(
        "Warn only, until a date",
        Progress.DONE if soft else Progress.NEXT,
        f"Everything warns until {soft}; then the default table decides."
        if soft
        else "Nobody is stopped in the first two weeks, and it ends by itself. The row counts once it is protected.",
        () if soft else _soft_diff(view),
    )


def _agreement(view: _View) -> Iterable[Step]:
    standing = view.standing
    said = standing.tier is not None and standing.data_classification is not None
    yield Step(
        "Say the tier and the data of the service",
        Progress.DONE if said else Progress.NEXT,
        f"Tier {standing.tier}, {standing.data_classification} data."
        if said
        else "Until then it is judged as tier 1 with restricted data, the strictest.",
        () if said else (f"in {_NAME}: service, tier and data_classification",),
    )
    for label in view.repository.labels:
        yield Step(
            f"{label.label} on every resource",
            Progress.NEXT if label.missing else Progress.DONE if label.seen else Progress.CHECK,
            f"{label.seen} have it, {label.missing} do not, of {label.unknown} only a plan tells.",
            tuple(label.missing_at[:3]),
        )
    if not view.repository.labels:
        yield Step(
            f"{', '.join(LABELS)} on every resource",
            Progress.CHECK,
            "There are no tags or labels in the source here; say them where the resources are made.",
        )
    yield Step(
        "Agree what blocks where",
        Progress.DONE if any(row.name != SOFT for row in standing.rows) else Progress.CHECK,
        "By default dev blocks what is critical, staging what is high, prod everything. Own rows are for what differs.",
        ("docs/guides/gating.md has the table",),
    )
    owned = any(each.path in _ANNOTATED and each.everything for each in view.repository.owners)
    yield Step(
        "Every file has an owner",
        Progress.DONE if owned else Progress.NEXT,
        "A finding without somebody to go to is not fixed.",
        () if owned else ("CODEOWNERS: a line `* @your-team`",),
    )


def _shift_left(view: _View) -> Iterable[Step]:
    hook = view.gates(Layer.PRE_COMMIT, "gateproof")
    kinds = {kind for choice in view.choices for kind in choice.kinds}
    yield _gate(
        "gateproof before the commit",
        bool(hook),
        snippets.pre_commit(view.repository, kinds),
        "gateproof init --with pre-commit",
        "What is found in seconds is fixed at once. Terraform is judged by its plan, in CI.",
    )
    scanners = view.gates(Layer.PRE_COMMIT, "checkov", "gitleaks", "tflint", "trivy", "trufflehog", "detect-secrets")
    yield Step(
        "Scanners of source and secrets before the commit",
        Progress.DONE if scanners else Progress.NEXT,
        f"There: {', '.join(scanners)}." if scanners else "gateproof judges what will happen, not source or secrets.",
        () if scanners else ("hooks of gitleaks, and for Terraform of tflint and checkov, in .pre-commit-config.yaml",),
    )
    yield _gate(
        "gateproof in CI",
        bool(view.gates(Layer.CI, "gateproof")),
        snippets.ci(view.repository, kinds),
        "gateproof init --with ci",
        "The plan, or the rendered manifests, are judged before anybody merges them.",
    )
    for what, tools in (
        ("Images are scanned", ("trivy", "grype", "snyk")),
        ("What was built has an SBOM", ("syft",)),
        ("What was built is signed", ("cosign", "slsa-provenance")),
    ):
        found = view.gates(Layer.CI, *tools)
        needed = bool(view.repository.dockerfiles)
        yield Step(
            f"{what} in CI",
            Progress.DONE if found else Progress.NEXT if needed else Progress.CHECK,
            f"There: {', '.join(found)}." if found else f"A step that runs {' or '.join(tools)}.",
        )
    yield Step(
        "Reports of scanners as inputs of the gate",
        Progress.NOT_YET,
        "gateproof does not judge their reports: until it does, the step of the scanner must fail by itself.",
    )


def _admission(view: _View) -> Iterable[Step]:
    soft = view.softened()
    if soft:
        why = f"Everything still only warns, until {soft}. Where findings are fixed, end it now."
        yield Step("Block", Progress.NEXT, why, (f"take the row {SOFT} out of {_NAME}",))
    elif view.standing.is_there:
        yield Step("Block", Progress.DONE, "No row of the rollout is left: the gate table decides.")
    else:
        yield Step("Block", Progress.NEXT, f"There is no {_NAME} yet.", ("gateproof init",))
    engines = {policy.engine for policy in view.repository.policies} & {
        "gatekeeper",
        "kyverno",
        "validating-admission-policy",
    }
    if view.repository.manifests or view.repository.charts or view.repository.kustomizations:
        yield Step(
            "Admission policies in the cluster",
            Progress.CHECK if engines else Progress.NEXT,
            f"There are policies for {' and '.join(sorted(engines))} here; see that they enforce and not only audit."
            if engines
            else "Not everything goes through CI: pod security and labels of namespaces belong on admission, too.",
            () if engines else ("install Kyverno or Gatekeeper, and begin with baseline pod security",),
        )
        yield Step(
            "gateproof as admission webhook",
            Progress.NOT_YET,
            "The same policies on admission need a server, which there is not yet. In the pipeline they are judged by",
            ("gateproof check rendered --env prod --layer cd",),
        )
    providers = {name for module in view.repository.terraform for name in module.providers}
    if locks := [kind for provider, kind in _LOCKS.items() if provider in providers]:
        yield Step(
            "Locks of the platform itself",
            Progress.CHECK,
            "Whoever has credentials can go around a pipeline; what the platform refuses, nobody can.",
            tuple(f"gateproof generate {kind} --list" for kind in locks),
        )
    environments = sorted({name for pipeline in view.repository.pipelines for name in pipeline.environments})
    yield Step(
        "Production behind an environment with required reviewers",
        Progress.CHECK if environments else Progress.NEXT,
        f"Jobs deploy to {', '.join(environments)}: that reviewers are required there stands in the forge's settings."
        if environments
        else "No job names a deployment environment, so none can ask for a review.",
        () if environments else ("in the job that deploys: `environment: production`",),
    )
    yield Step(
        "Deployments by GitOps alone",
        Progress.CHECK,
        "Argo CD or Flux applies what was merged, so that nobody writes to production by hand.",
    )


def _evidence(view: _View) -> Iterable[Step]:
    standing = view.standing
    trusted = bool(standing.trust_policy and standing.root)
    yield Step(
        "Keys, a trust policy and a roster",
        Progress.DONE if trusted and standing.roster else Progress.NEXT,
        "Evidence is worth what its signatures are; the root's fingerprint is given to verifiers by another way.",
        ()
        if trusted and standing.roster
        else ("gateproof trust init trust --origin acme.example/payments --person vera@acme.example,vp,vera.key.pub",),
    )
    yield Step(
        "Every decision of the pipeline is recorded",
        Progress.DONE if standing.store else Progress.NEXT,
        f"Recorded in {standing.store}." if standing.store else "Signed, in a log that cannot be changed unnoticed.",
        ()
        if standing.store
        else (
            "gateproof check tfplan.json --env prod --evidence evidence --key trust/signer.key \\",
            '  --trust trust/trust.dsse.json --roster trust/roster.dsse.json --root "$(cat root.txt)"',
        ),
    )
    yield Step(
        "The store verifies, and answers",
        Progress.CHECK,
        "Ask what an auditor will ask, before they do.",
        (
            'gateproof verify evidence --root "$(cat root.txt)"',
            'gateproof answer "encryption at rest" --evidence evidence --root "$(cat root.txt)"',
        ),
    )
    yield Step(
        "A report for every release",
        Progress.CHECK,
        "SARIF for code scanning, beside the SBOM and the scan reports of the release.",
        ("gateproof check tfplan.json --env prod --format sarif --output gateproof.sarif",),
    )
    yield Step(
        "An object store with a retention lock",
        Progress.NOT_YET,
        "A store is a folder: have the job copy it to a bucket with Object Lock, with a retention beyond the audit.",
    )
    yield Step(
        "Indexes in the GRC tool",
        Progress.NOT_YET,
        "Nothing is pushed to one. The store has a pointer for each control, date and release below evidence/control.",
    )


def _exceptions(view: _View) -> Iterable[Step]:
    standing = view.standing
    yield Step(
        "Exceptions that end",
        Progress.DONE if standing.waivers else Progress.NEXT,
        "A waiver is signed by somebody of rank, for named policies and resources, and expires.",
        ()
        if standing.waivers
        else ("gateproof sign waiver waiver.yaml --key vera.key --output waivers/pay-1.dsse.json",),
    )
    yield Step(
        "Break-glass for two hours",
        Progress.CHECK,
        "The same, for an incident: approved by a VP or above, used once, with a trusted time. Rehearse it.",
        ("docs/guides/waivers.md",),
    )
    yield Step(
        "Asking for it in chat, with a ticket made",
        Progress.NOT_YET,
        "The approver signs a file; the ticket's number is part of it, and a person makes the ticket.",
    )
    yield Step(
        "Numbers: violations, time to fix, exceptions, preparation of audits",
        Progress.NOT_YET,
        "There are no metrics yet. What they are counted from is recorded:",
        ('gateproof log list evidence --root "$(cat root.txt)"',),
    )
    yield Step(
        "What is wrong with the setup",
        Progress.CHECK,
        "Keys and waivers that expire, rows that decide nothing, policies that read nothing.",
        ("gateproof doctor",),
    )


_WEEKS: dict[int, tuple[str, Callable[[_View], Iterable[Step]]]] = {
    1: ("Inventory, and three policies that warn", _inventory),
    2: ("Tags, owners, and what blocks where", _agreement),
    3: ("Checks before the commit and in CI", _shift_left),
    4: ("Blocking, admission, reviewed deployments", _admission),
    5: ("Evidence", _evidence),
    6: ("Exceptions and numbers", _exceptions),
}


def _gate(what: str, done: bool, snippet: Snippet | None, command: str, why: str) -> Step:
    if done:
        return Step(what, Progress.DONE, why)
    if snippet is None:
        return Step(what, Progress.CHECK, f"{why} There is nothing at hand here that it could judge.")
    return Step(what, Progress.NEXT, why, (command,))


def _said(choice: Choice) -> str:
    return f"{choice.policy.id} ({choice.why})"


def soft_row(policies: Iterable[str], now: str) -> str:
    """The row as text: it names more columns than any default row, so that it wins, and says until when."""
    until = (instant(now) + SOFT_FOR).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"""\
    - name: {SOFT}
      action: warn
      environments: [dev, staging, prod]
      tiers: [1, 2, 3]
      classifications: [public, internal, confidential, restricted]
      policies: [{", ".join(policies)}]
      loosens:
        reason: the rollout begins by showing what would block
        owner: you@example.com  # who answers for it
        expires: {until}
"""


def _soft_diff(view: _View) -> tuple[str, ...]:
    """The diff of gateproof.yaml that adds the row; where it has rows, the row alone."""
    standing = view.standing
    row = soft_row(standing.policies or [choice.policy.id for choice in view.choices], view.now)
    before = standing.text if standing.is_there else compose(view.choices, standing.service)
    if standing.rows or "\ngate:" in f"\n{before}":
        return ("below gate.rows:", *row.splitlines())
    return tuple(diff(_NAME, before, f"{before}\ngate:\n  rows:\n{row}").splitlines())
