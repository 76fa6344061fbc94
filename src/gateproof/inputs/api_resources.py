"""Kinds and the resources that an API server serves them as: ``Deployment`` of ``apps`` as ``deployments``, namespaced.

Requests name resources in the plural, manifests name kinds. Those that Kubernetes has built in are listed here with
their scope; the definition of a custom kind says both where it is at hand. Of any other kind the plural is what
English makes of it in lower case, as ``kubectl`` and the generators of definitions have it, and the scope is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class ApiResource(NamedTuple):
    """``plural`` is how requests name it; ``namespaced`` is None where that is not known."""

    plural: str
    namespaced: bool | None


_NAMESPACED: dict[str, str] = {
    "": "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController"
    " ResourceQuota Secret Service ServiceAccount",
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "authorization.k8s.io": "LocalSubjectAccessReview",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "discovery.k8s.io": "EndpointSlice",
    "events.k8s.io": "Event",
    "extensions": "DaemonSet Deployment Ingress NetworkPolicy ReplicaSet",
    "metrics.k8s.io": "PodMetrics",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "resource.k8s.io": "ResourceClaim ResourceClaimTemplate",
    "storage.k8s.io": "CSIStorageCapacity",
}
_CLUSTER: dict[str, str] = {
    "": "ComponentStatus Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
    " MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
    " ValidatingWebhookConfiguration",
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "authentication.k8s.io": "SelfSubjectReview TokenReview",
    "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "internal.apiserver.k8s.io": "StorageVersion",
    "metrics.k8s.io": "NodeMetrics",
    "networking.k8s.io": "IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "policy": "PodSecurityPolicy",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
    "storagemigration.k8s.io": "StorageVersionMigration",
}
_IRREGULAR = {
    ("", "Endpoints"): "endpoints",
    ("metrics.k8s.io", "NodeMetrics"): "nodes",
    ("metrics.k8s.io", "PodMetrics"): "pods",
}
_VOWELS = "aeiou"


def plural(kind: str) -> str:
    """How ``kind`` is named in requests where nothing says otherwise."""
    word = kind.lower()
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}s"


_BUILT_IN: dict[tuple[str, str], ApiResource] = {
    (group, kind): ApiResource(_IRREGULAR.get((group, kind)) or plural(kind), namespaced)
    for table, namespaced in ((_NAMESPACED, True), (_CLUSTER, False))
    for group, kinds in table.items()
    for kind in kinds.split()
}

Defined = Mapping[tuple[str, str], ApiResource]
"""(API group, kind) → what a definition says."""


def defined(objects: Iterable[Any]) -> Defined:
    """What the CustomResourceDefinitions among ``objects`` say of their kinds; malformed ones say nothing."""
    found = {}
    for one in objects:
        if not isinstance(one, dict) or one.get("kind") != "CustomResourceDefinition":
            continue
        spec = one.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(names, dict):
            continue
        group, scope, kind, name = spec.get("group"), spec.get("scope"), names.get("kind"), names.get("plural")
        if isinstance(group, str) and isinstance(kind, str) and isinstance(name, str):
            found[group, kind] = ApiResource(name, {"Namespaced": True, "Cluster": False}.get(str(scope)))
    return found


def resource_of(group: str, kind: str, custom: Defined | None = None) -> ApiResource:
    """The resource of ``kind`` in the API ``group`` (empty for the core); ``custom``: what definitions say."""
    found = _BUILT_IN.get((group, kind)) or (custom or {}).get((group, kind))
    return found or ApiResource(plural(kind), None)
