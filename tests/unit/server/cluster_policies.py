"""Policies as a cluster stores them, for tests: of Kyverno, of Gatekeeper, of Kubernetes itself."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def cluster_policy(name: str, label: str = "owner", kind: str = "ClusterPolicy", space: str = "") -> Object:
    """Pods have this label."""
    rule = {
        "name": "labelled",
        "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        "validate": {"message": f"{label} is missing", "pattern": {"metadata": {"labels": {label: "?*"}}}},
    }
    metadata = {"name": name, **({"namespace": space} if space else {})}
    spec = {"validationFailureAction": "Enforce", "rules": [rule]}
    return {"apiVersion": "kyverno.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def exception(name: str, policy: str) -> Object:
    """Every Pod is excepted from the policy."""
    spec = {
        "exceptions": [{"policyName": policy, "ruleNames": ["labelled"]}],
        "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
    }
    annotations = {"gateproof.dev/expires": "2099-01-01T00:00:00Z"}
    metadata = {"name": name, "namespace": "shop", "annotations": annotations}
    return {"apiVersion": "kyverno.io/v2", "kind": "PolicyException", "metadata": metadata, "spec": spec}


def template() -> Object:
    """Objects have an owner."""
    rego = (
        'package owners\n\nviolation[{"msg": "owner is missing"}] { not input.review.object.metadata.labels.owner }\n'
    )
    target = {"target": "admission.k8s.gatekeeper.sh", "rego": rego}
    spec = {"crd": {"spec": {"names": {"kind": "Owners"}}}, "targets": [target]}
    version = "templates.gatekeeper.sh/v1"
    return {"apiVersion": version, "kind": "ConstraintTemplate", "metadata": {"name": "owners"}, "spec": spec}


def constraint() -> Object:
    """Pods have one: of the template."""
    spec = {"match": {"kinds": [{"apiGroups": [""], "kinds": ["Pod"]}]}}
    version = "constraints.gatekeeper.sh/v1beta1"
    return {"apiVersion": version, "kind": "Owners", "metadata": {"name": "everybody"}, "spec": spec}


def validating(name: str = "owners") -> Object:
    """Pods have an owner."""
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    checks = [{"expression": "'owner' in object.metadata.?labels.orValue({})", "message": "owner is missing"}]
    spec = {"matchConstraints": {"resourceRules": rules}, "validations": checks}
    version = "admissionregistration.k8s.io/v1"
    return {"apiVersion": version, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec}


def binding(policy: str = "owners") -> Object:
    """The policy denies."""
    spec = {"policyName": policy, "validationActions": ["Deny"]}
    metadata = {"name": f"{policy}-everywhere"}
    version = "admissionregistration.k8s.io/v1"
    return {"apiVersion": version, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata, "spec": spec}
