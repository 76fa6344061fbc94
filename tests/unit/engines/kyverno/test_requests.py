"""Requests: what is deleted and changed, who asks, and which roles they have."""

from __future__ import annotations

import json
from typing import Any

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:00:00Z"
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a", "namespace": "n", "labels": {"keep": "yes"}},
    "spec": {"containers": [{"name": "a", "image": "nginx"}]},
}


def judged(validate: Any, operation: str, value: Any, old: Any = None, *, snapshot: list[Any] | None = None) -> Result:
    request = {
        "uid": "1",
        "operation": operation,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "a",
        "namespace": "n",
        "userInfo": {"username": "system:serviceaccount:n:robot", "groups": ["system:authenticated"]},
        "object": value,
        "oldObject": old,
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    subject = inputs.parse(json.dumps(review).encode())
    assert not subject.problem
    kinds = {"kinds": ["Pod"], "operations": ["CREATE", "UPDATE", "DELETE"]}
    rule = {"name": "r", "match": {"any": [{"resources": kinds}]}, "validate": validate}
    document = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"rules": [rule]},
    }
    source = Source("policy.yaml", json.dumps(document))
    policy = Policy(id="p", engine=EngineName.KYVERNO, title="P", severity=Severity.HIGH, sources=(source,))
    facts = {}
    if snapshot is not None:
        name = "kubernetes-objects"
        facts[name] = Fact(name=name, source="test", observed_at=NOW, max_age=60, value=snapshot)
    return KyvernoEngine().evaluate(policy, subject, facts, now=NOW)[0]


def deny(key: str, value: Any) -> dict[str, Any]:
    return {"deny": {"conditions": {"any": [{"key": key, "operator": "Equals", "value": value}]}}}


def test_what_is_deleted_is_the_old_object() -> None:
    for name in ("object", "oldObject"):
        validate = deny(f"{{{{ request.{name}.metadata.labels.keep }}}}/{{{{ request.operation }}}}", "yes/DELETE")
        assert judged(validate, "DELETE", None, POD).outcome == "fail"
    assert judged(deny("{{ request.object.metadata.labels.keep }}", "yes"), "DELETE", None, POD).outcome == "fail"
    assert judged(deny("{{ images.containers.a.tag }}", "latest"), "DELETE", None, POD).outcome == "fail"


def test_patterns_are_not_matched_with_what_is_deleted() -> None:
    result = judged({"pattern": {"metadata": {"name": "b"}}}, "DELETE", None, POD)
    assert (result.outcome, result.reason) == ("skip", "rule r: what is deleted is not matched with patterns")
    loop = {"foreach": [{"list": "request.object.spec.containers", "deny": {}}]}
    assert judged(loop, "DELETE", None, POD).outcome == "skip"


def test_what_is_changed_has_both_objects() -> None:
    old = {**POD, "metadata": {**POD["metadata"], "labels": {"keep": "no"}}}
    key = "{{ request.oldObject.metadata.labels.keep }}-{{ request.object.metadata.labels.keep }}"
    assert judged(deny(key, "no-yes"), "UPDATE", POD, old).outcome == "fail"


def test_who_asks() -> None:
    key = "{{ serviceAccountNamespace }}/{{ serviceAccountName }}/{{ request.userInfo.groups[0] }}"
    assert judged(deny(key, "n/robot/system:authenticated"), "CREATE", POD).outcome == "fail"


def test_roles_are_those_that_the_snapshot_binds() -> None:
    who = {"kind": "ServiceAccount", "name": "robot", "namespace": "n"}
    bindings = [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": "b", **({"namespace": "n"} if kind == "RoleBinding" else {})},
            "roleRef": {"kind": role, "name": "editor"},
            "subjects": [who],
        }
        for kind, role in (("RoleBinding", "Role"), ("ClusterRoleBinding", "ClusterRole"))
    ]
    key = "{{ request.roles[0] }} {{ request.clusterRoles[0] }}"
    assert judged(deny(key, "n:editor editor"), "CREATE", POD, snapshot=bindings).outcome == "fail"
    unknown = judged(deny(key, "x"), "CREATE", POD)
    assert unknown.outcome == "error"
    assert "there is no key 'roles'" in unknown.reason
