"""ValidatingAdmissionPolicies on requests and manifests: one Result for each object that they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof import inputs
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.engines.validating.cluster import Cluster
from gateproof.engines.validating.expressions import Bindings, Verdict
from gateproof.engines.validating.policy import DENY, AdmissionPolicy, Binding, Idle, load
from gateproof.errors import EvaluationError
from gateproof.inputs import admission
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

_EXEMPT = frozenset(
    {
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }
)
"""Kinds of ``admissionregistration.k8s.io`` that admission never judges, lest it locks itself out."""


class Found(msgspec.Struct, frozen=True):
    """What a policy says by one binding (empty where it needs none), with one of its parameters."""

    verdict: Verdict
    binding: str
    actions: tuple[str, ...]


class ValidatingEngine:
    """Engine for ``EngineName.VALIDATING``."""

    def check(self, policy: Policy) -> None:
        """See Engine."""
        load(policy.sources)

    def evaluate(self, policy: Policy, subject: Input, facts: Mapping[str, Fact], *, now: str) -> Sequence[Result]:
        """See Engine. Objects that the policy is not for have no Result; when it is for none, one SKIP says so."""
        del now
        loaded = load(policy.sources)
        if isinstance(loaded, Idle):
            return [_skip(policy, loaded.reason)]
        if subject.subject.kind is not InputKind.KUBERNETES:
            return [_skip(policy, "ValidatingAdmissionPolicies judge Kubernetes objects")]
        cluster = Cluster(subject.documents, facts, loaded.given)
        results = []
        for resource in inputs.resources(subject):
            try:
                found = list(judge(loaded, admission.request(subject, resource), cluster))
            except EvaluationError as error:
                found = [Found(Verdict(errors=(error.one_line,)), "", ())]
            if found:
                results.append(told(policy, resource, found, ignores_errors=loaded.ignores_errors))
        return results or [
            _skip(policy, "neither its matchConstraints nor its bindings select an object in this input")
        ]


def judge(policy: AdmissionPolicy, request: Mapping[str, Any], cluster: Cluster) -> Iterator[Found]:
    """What ``policy`` says about an AdmissionRequest with its objects; nothing where it is not for it.

    Raises EvaluationError when it cannot be told whether it is for it, or with which parameters.
    """
    kind, namespace = request["kind"], request["namespace"]
    if kind["group"] == "admissionregistration.k8s.io" and kind["kind"] in _EXEMPT:
        return
    if not policy.match.selects(request, cluster.labels_of_namespace):
        return
    inside = "" if (kind["group"], kind["kind"]) == ("", "Namespace") else namespace
    for binding in policy.bindings:
        if not binding.match.selects(request, cluster.labels_of_namespace):
            continue
        for params in _parameters(binding, cluster, namespace):
            bindings = Bindings.of(request, inside, cluster, params)
            yield Found(policy.validations.judge(bindings), binding.name, binding.actions)


def _parameters(binding: Binding, cluster: Cluster, namespace: str) -> Sequence[Any]:
    return (None,) if binding.params is None else cluster.parameters(binding.params, namespace)


def told(policy: Policy, resource: Resource, found: Sequence[Found], *, ignores_errors: bool) -> Result:
    """The Result for an object that a policy is for. ``ignores_errors``: see AdmissionPolicy."""
    findings = tuple(
        dict.fromkeys(_finding(policy, resource, one, message) for one in found for message in one.verdict.failed)
    )
    errors = "; ".join(dict.fromkeys(error for one in found for error in one.verdict.errors))
    if findings:
        return Result(policy.id, resource.address, Outcome.FAIL, errors, findings)
    if errors:
        if not ignores_errors:
            return Result(policy.id, resource.address, Outcome.ERROR, errors)
        return Result(
            policy.id, resource.address, Outcome.SKIP, f"failurePolicy is Ignore, and there are errors: {errors}"
        )
    if all(one.verdict.unmet for one in found):
        unmet = dict.fromkeys(one.verdict.unmet for one in found)
        reason = f"its matchConditions do not hold: {', '.join(unmet)}"
        return Result(policy.id, resource.address, Outcome.SKIP, reason)
    said = dict.fromkeys(f"{key}: {text}" for one in found for key, text in one.verdict.annotations.items())
    return Result(policy.id, resource.address, Outcome.PASS, "; ".join(said))


def _finding(policy: Policy, resource: Resource, found: Found, message: str) -> Finding:
    """What is only to be warned about or audited is of low severity, whatever the policy's."""
    place = resource.document, resource.path
    if DENY in found.actions:
        return Finding(policy.id, resource.address, message, policy.severity, policy.controls, *place)
    by = f" by the binding {found.binding}" if found.binding else ""
    text = f"{message} ({' and '.join(found.actions)}{by})"
    return Finding(policy.id, resource.address, text, Severity.LOW, policy.controls, *place, advisory=True)


def _skip(policy: Policy, reason: str) -> Result:
    return Result(policy.id, "", Outcome.SKIP, reason)
