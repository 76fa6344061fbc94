"""What the parameters of the policies for Kubernetes change: samples judged with others than the defaults."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome


def outcomes(policy_id: str, sample: str, parameters: dict[str, Any]) -> dict[str, Outcome]:
    """The outcome of each resource of a sample, by the last part of its address."""
    name = f"{policy_id}/policy.rego"
    (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
    assert parameters.keys() <= policy.parameters.keys()
    policy = msgspec.structs.replace(policy, parameters={**policy.parameters, **parameters})
    subject = inputs.parse((pack.POLICIES / policy_id / sample).read_bytes())
    results = engines.engine_for(policy.engine).evaluate(policy, subject, {}, now="2026-11-23T05:00:00Z")
    return {(one.resource or "").rsplit("/", 1)[-1]: one.outcome for one in results}


_ADMINS = ["ServiceAccount/kube-system/tiller", "Group/payments"]

LOOSER: list[tuple[str, str, dict[str, Any]]] = [
    ("rbac-wildcards", "denied/cluster-admin.yaml", {"cluster_admins": _ADMINS}),
    ("network-policies", "denied/namespace-without-a-policy.yaml", {"isolated_elsewhere": ["payments"]}),
    ("network-policies", "undecided/workload-alone.yaml", {"isolated_elsewhere": ["payments"]}),
    ("network-policies", "denied/ingress-alone.yaml", {"directions": ["Ingress"]}),
    ("secrets-in-manifests", "denied/secret-with-data.yaml", {"not_secret": ["username", "password"]}),
    ("workload-secrets", "denied/config-map-with-a-key-that-says-so.yaml", {"not_secret": ["db.password"]}),
    ("workload-secrets", "denied/config-map-with-a-file.yaml", {"not_secret": ["password", "api_key"]}),
    ("workload-labels", "denied/template-without-labels.yaml", {"required_labels": {"owner": []}}),
    ("resource-limits", "denied/no-limit-of-memory.yaml", {"required": {"requests": ["cpu"], "limits": ["cpu"]}}),
]

STRICTER: list[tuple[str, str, dict[str, Any]]] = [
    ("secrets-in-manifests", "allowed/certificate.yaml", {"not_secret": []}),
    ("workload-labels", "allowed/pod-and-cronjob.yaml", {"required_labels": {"acme.example/cost-center": []}}),
    ("resource-limits", "allowed/requests-and-limits.yaml", {"required": {"limits": ["ephemeral-storage"]}}),
    ("resource-limits", "allowed/requests-and-limits.yaml", {"required": {"limit": ["memory"]}}),
    ("network-policies", "allowed/default-deny.yaml", {"directions": ["Sideways"]}),
    ("ingress-tls", "undecided/certificate-of-a-cloud.yaml", {"certificate_annotations": []}),
]


@pytest.mark.parametrize(("policy_id", "sample", "parameters"), LOOSER)
def test_looser(policy_id: str, sample: str, parameters: dict[str, Any]) -> None:
    assert set(outcomes(policy_id, sample, {}).values()) & {Outcome.FAIL, Outcome.ERROR}
    assert set(outcomes(policy_id, sample, parameters).values()) == {Outcome.PASS}


@pytest.mark.parametrize(("policy_id", "sample", "parameters"), STRICTER)
def test_stricter(policy_id: str, sample: str, parameters: dict[str, Any]) -> None:
    assert Outcome.FAIL not in outcomes(policy_id, sample, {}).values()
    assert Outcome.FAIL in outcomes(policy_id, sample, parameters).values()


def test_who_holds_cluster_admin_is_named_in_full() -> None:
    found = outcomes(
        "rbac-wildcards", "denied/cluster-admin.yaml", {"cluster_admins": ["ServiceAccount/tiller", "payments"]}
    )
    assert found == {"tiller": Outcome.FAIL, "owners": Outcome.FAIL}
