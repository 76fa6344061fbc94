"""What the API server asks about: resources, and the ValidatingWebhookConfiguration that says so.

Two webhooks. ``gate`` fails closed and leaves out, by name, the namespaces that a cluster needs to heal when the server
is down. ``witness`` is for the server's own namespace and the break-glass namespace: what happens there is recorded
while the server answers, and nothing waits for it. Namespaces are selected by ``kubernetes.io/metadata.name``, which
the API server sets and nobody can change, and not by labels that people set.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof.errors import UsageError

if TYPE_CHECKING:
    from gateproof.installation.parameters import Parameters

PATH = "/validate"
TIMEOUT_SECONDS = 5
NAMESPACE_NAME = "kubernetes.io/metadata.name"
_WHOLE = "*"
_GROUP = re.compile(r"\*|[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_RESOURCE = re.compile(r"(\*|[a-z0-9-]+)(/(\*|[a-z0-9-]+))?")


class Guarded(msgspec.Struct, frozen=True, order=True):
    """A resource that the API server asks about: API group (empty: the core), plural, and its kind where we know it."""

    group: str
    resource: str
    kind: str = ""

    @classmethod
    def read(cls, text: str) -> Guarded:
        """``GROUP/RESOURCE`` (``core/pods``, ``example.com/widgets``, ``*/*``). Raises UsageError."""
        group, _, resource = text.partition("/")
        if not (_GROUP.fullmatch(group) and _RESOURCE.fullmatch(resource)):
            raise UsageError(
                f"{text[:70]!r} is no resource", where="--resource", hint="GROUP/PLURAL: core/secrets, apps/deployments"
            )
        return cls("" if group == "core" else group, resource)


GUARDED = (
    Guarded("", "namespaces", "Namespace"),
    Guarded("", "pods", "Pod"),
    Guarded("", "pods/ephemeralcontainers", "Pod"),
    Guarded("", "pods/resize", "Pod"),
    Guarded("", "podtemplates", "PodTemplate"),
    Guarded("", "replicationcontrollers", "ReplicationController"),
    Guarded("", "secrets", "Secret"),
    Guarded("", "serviceaccounts", "ServiceAccount"),
    Guarded("", "services", "Service"),
    Guarded("apps", "daemonsets", "DaemonSet"),
    Guarded("apps", "deployments", "Deployment"),
    Guarded("apps", "replicasets", "ReplicaSet"),
    Guarded("apps", "statefulsets", "StatefulSet"),
    Guarded("batch", "cronjobs", "CronJob"),
    Guarded("batch", "jobs", "Job"),
    Guarded("networking.k8s.io", "ingresses", "Ingress"),
    Guarded("networking.k8s.io", "networkpolicies", "NetworkPolicy"),
    Guarded("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding"),
    Guarded("rbac.authorization.k8s.io", "clusterroles", "ClusterRole"),
    Guarded("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
    Guarded("rbac.authorization.k8s.io", "roles", "Role"),
)
"""What the built-in policies judge in a cluster."""

_TOKENS_ONLY = {
    "name": "of-secrets-only-tokens",
    "expression": "request.resource.group != '' || request.resource.resource != 'secrets' || "
    "(has(object.type) && object.type == 'kubernetes.io/service-account-token')",
}
"""The values of other Secrets are nobody's business: they are not sent."""


def configuration(parameters: Parameters) -> dict[str, Any]:
    """The ValidatingWebhookConfiguration (admissionregistration.k8s.io/v1)."""
    own = [parameters.namespace, *([parameters.break_glass.namespace] if parameters.break_glass else [])]
    gate = _webhook(parameters, "gate", "Fail", "NotIn", [*own, *parameters.excluded])
    witness = _webhook(parameters, "witness", "Ignore", "In", own)
    # Of a component of its own, so that it can be applied when the server is there to be asked.
    labels = {**parameters.labels, "app.kubernetes.io/component": "webhook"}
    metadata: dict[str, Any] = {"name": "gateproof", "labels": labels}
    if parameters.issuer:
        metadata["annotations"] = {"cert-manager.io/inject-ca-from": f"{parameters.namespace}/gateproof"}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": metadata,
        "webhooks": [gate, witness],
    }


def _webhook(
    parameters: Parameters, name: str, failure_policy: str, operator: str, namespaces: list[str]
) -> dict[str, Any]:
    service = {"name": "gateproof", "namespace": parameters.namespace, "path": PATH, "port": 443}
    client: dict[str, Any] = {"service": service}
    if parameters.ca_bundle:
        client["caBundle"] = base64.b64encode(parameters.ca_bundle).decode()
    selected = {"key": NAMESPACE_NAME, "operator": operator, "values": list(dict.fromkeys(namespaces))}
    # Objects without a namespace are selected whatever the selector says, so one of the two is enough for them: all but
    # Namespaces, each of which is selected by its own labels.
    fails_closed = failure_policy == "Fail"
    wanted = {Guarded(each.group, each.resource) for each in (*GUARDED, *parameters.guarded)}
    rules = [*_rules(wanted, _WHOLE if fails_closed else "Namespaced")]
    if not fails_closed:
        rules += _rules([Guarded("", "namespaces")], "Cluster")
    webhook: dict[str, Any] = {
        "name": f"{name}.gateproof.dev",
        "admissionReviewVersions": ["v1"],
        "clientConfig": client,
        "failurePolicy": failure_policy,
        "matchPolicy": "Equivalent",
        "sideEffects": "None",
        "timeoutSeconds": TIMEOUT_SECONDS,
        "namespaceSelector": {"matchExpressions": [selected]},
        "rules": rules,
    }
    if not any(map(_is_every_secret, parameters.guarded)):
        webhook["matchConditions"] = [_TOKENS_ONLY]
    return webhook


def _is_every_secret(asked: Guarded) -> bool:
    return asked.group in ("", _WHOLE) and asked.resource in ("secrets", _WHOLE, "*/*")


def _rules(wanted: Iterable[Guarded], scope: str) -> Iterable[dict[str, Any]]:
    """One rule for each API group, in all versions."""
    groups: dict[str, list[str]] = {}
    for each in sorted(wanted):
        groups.setdefault(each.group, []).append(each.resource)
    for group, named in groups.items():
        resources = [each for each in named if not _is_covered(each, named)]
        yield {
            "apiGroups": [group],
            "apiVersions": [_WHOLE],
            "operations": ["CREATE", "UPDATE"],
            "resources": resources,
            "scope": scope,
        }


def _is_covered(resource: str, others: Iterable[str]) -> bool:
    """Whether a wildcard among ``others`` stands for ``resource``: the API server takes no rule that says both."""
    name, _, below = resource.partition("/")
    wildcards = {f"{name}/*", f"*/{below}", "*/*"} if below else {_WHOLE, "*/*"}
    return not (wildcards - {resource}).isdisjoint(others)
