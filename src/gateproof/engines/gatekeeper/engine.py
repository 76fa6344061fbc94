"""Gatekeeper's constraints on Kubernetes objects and admission requests: one Result for each object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateproof import inputs
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Severity
from gateproof.documents.instants import instant
from gateproof.engines.gatekeeper.inventory import Cluster, cluster
from gateproof.engines.gatekeeper.judging import Judge, Violation
from gateproof.engines.gatekeeper.policy import Idle, load
from gateproof.engines.gatekeeper.review import Namespaces, Review, labels_of, metadata, namespaces_in, of_request
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.errors import EvaluationError
from gateproof.inputs import admission
from gateproof.inputs.api_resources import resource_of
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

_NANOSECONDS = 10**9
_NAME_LABEL = "kubernetes.io/metadata.name"


class GatekeeperEngine:
    """Engine for ``EngineName.GATEKEEPER``."""

    def check(self, policy: Policy) -> None:
        """See Engine."""
        load(policy.sources)

    def evaluate(self, policy: Policy, subject: Input, facts: Mapping[str, Fact], *, now: str) -> Sequence[Result]:
        """See Engine. Objects that the constraint is not for have no Result; when it is for none, one SKIP says so."""
        loaded = load(policy.sources)
        if isinstance(loaded, Idle):
            return [_skip(policy, loaded.reason)]
        if subject.subject.kind is not InputKind.KUBERNETES:
            return [_skip(policy, "Gatekeeper's constraints judge Kubernetes objects")]
        if loaded.template.reads_inventory and INVENTORY not in facts:
            return [
                Result(policy.id, "", Outcome.ERROR, f"it reads data.inventory, and the fact {INVENTORY} is missing")
            ]
        known = cluster(facts)
        evaluation = _Evaluation(policy, loaded, known.inventory, subject, now)
        results = [result for one in _reviews(subject, known) if (result := evaluation.result(*one)) is not None]
        return results or [_skip(policy, "its match is for no object in this input")]


class _Evaluation:
    """One constraint on one input."""

    def __init__(self, policy: Policy, judge: Judge, inventory: Mapping[str, Any], subject: Input, now: str) -> None:
        self._policy = policy
        self._judge = judge
        self._inventory = inventory
        self._now = int(instant(now).timestamp()) * _NANOSECONDS
        self._seed = subject.subject.digest.encode()

    def result(self, resource: Resource, review: Review | str) -> Result | None:
        """What the constraint says about ``resource``, of which there is a review, or why not; None: nothing."""
        if isinstance(review, str):
            return Result(self._policy.id, resource.address, Outcome.ERROR, review)
        found = self._judge.judge(review, self._inventory, now_ns=self._now, seed=self._seed)
        return None if found is None else self._told(resource, found)

    def _told(self, resource: Resource, found: Sequence[Violation]) -> Result:
        policy, address = self._policy.id, resource.address
        errors = sorted({each.message for each in found if each.is_error and not each.is_ignored})
        findings = tuple(self._finding(resource, each) for each in found if not each.is_error)
        if findings:
            return Result(policy, address, Outcome.FAIL, "; ".join(errors), findings)
        if errors:
            return Result(policy, address, Outcome.ERROR, "; ".join(errors))
        if ignored := sorted({each.message for each in found}):
            reason = f"failurePolicy is Ignore, and there are errors: {'; '.join(ignored)}"
            return Result(policy, address, Outcome.SKIP, reason)
        return Result(policy, address, Outcome.PASS)

    def _finding(self, resource: Resource, found: Violation) -> Finding:
        policy = self._policy
        place = resource.document, resource.path
        if found.action == "deny":
            return Finding(policy.id, resource.address, found.message, policy.severity, policy.controls, *place)
        message = f"{found.message} ({found.action})"
        return Finding(policy.id, resource.address, message, Severity.LOW, policy.controls, *place, advisory=True)


def _reviews(subject: Input, known: Cluster) -> list[tuple[Resource, Review | str]]:
    """The review of each resource, or why there is none. Made for all constraints, and kept with the Input."""
    made = vars(subject)
    if made.get("reviews", (None,))[0] is not known:
        namespaces = _joined(known.namespaces, namespaces_in(subject.documents))
        made["reviews"] = known, [(one, _review(subject, one, namespaces)) for one in inputs.resources(subject)]
    found: list[tuple[Resource, Review | str]] = made["reviews"][1]
    return found


def _review(subject: Input, resource: Resource, namespaces: Namespaces) -> Review | str:
    asked = admission.request(subject, resource)
    served = resource_of(asked["kind"]["group"], asked["kind"]["kind"])
    try:
        return of_request(asked, namespaced=served.namespaced, namespaces=namespaces)
    except EvaluationError as error:
        return error.one_line


def _joined(known: Namespaces, given: Namespaces) -> Namespaces:
    """Every namespace as the cluster has it and as the input makes it, with the label that every namespace gets."""
    return {
        name: tuple(_with_name(one, name) for one in (*known.get(name, ()), *given.get(name, ())))
        for name in {**known, **given}
    }


def _with_name(namespace: Mapping[str, Any], name: str) -> dict[str, Any]:
    about = metadata(namespace)
    return {**namespace, "metadata": {**about, "labels": {**labels_of(namespace), _NAME_LABEL: name}}}


def _skip(policy: Policy, reason: str) -> Result:
    return Result(policy.id, "", Outcome.SKIP, reason)
