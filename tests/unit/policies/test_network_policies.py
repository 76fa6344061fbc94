"""`network-policies` with what a cluster has: the same in CI and at admission, where every object comes alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.scales import Layer
from gateproof.engines.interface import Outcome
from gateproof.flow import Grounds, judge
from gateproof.inputs import admission
from gateproof.inputs.context import Context, Fact
from gateproof.server.admission import Served, review
from gateproof.server.placement import Placement
from gateproof.server.waivers import WaiverIndex
from gateproof.settings import Settings
from gateproof.testing import NOW

INVENTORY = "kubernetes-objects"
CONTAINERS = [{"name": "api", "image": "api"}]
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api", "namespace": "shop"}}
POD["spec"] = {"containers": CONTAINERS}
EVERYBODY: dict[str, Any] = {"ingress": [{}]}


def isolation(namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], **spec},
    }


@pytest.fixture(scope="module")
def served() -> Served:
    [policy] = pack.builtin(("network-policies",))
    placement = Placement(Settings(), "gateproof.yaml", f"sha256:{'0' * 64}")
    return Served(grounds=Grounds(bundle=build([policy], DEFAULT)), placement=placement, waivers=WaiverIndex(()))


def fact(value: Any) -> Fact:
    return Fact(name=INVENTORY, source="the API server", observed_at=NOW, max_age=60, value=value)


def in_ci(served: Served, value: Any, *others: dict[str, Any]) -> list[Outcome]:
    raw = json.dumps({"apiVersion": "v1", "kind": "List", "items": [POD, *others]}).encode()
    facts = {} if value is None else {INVENTORY: fact(value)}
    decision = judge(raw, served.grounds.bundle, facts, Context(layer=Layer.CI), (), None, NOW)
    return [one.outcome for one in decision.core.results if one.resource]


def at_the_door(served: Served, value: Any) -> list[Outcome]:
    manifest = inputs.parse(json.dumps(POD).encode())
    asked = admission.request(manifest, inputs.resources(manifest)[0])
    known = Served(
        grounds=served.grounds,
        placement=served.placement,
        waivers=served.waivers,
        inventory=None if value is None else fact(value),
    )
    decision = review(json.dumps(admission.review(asked, "1")).encode(), known, NOW).judged.decision
    return [one.outcome for one in decision.core.results if one.resource]


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (None, Outcome.ERROR),
        ([], Outcome.ERROR),
        ([isolation("other")], Outcome.ERROR),
        ([isolation()], Outcome.PASS),
        ({"apiVersion": "v1", "kind": "List", "items": [isolation()]}, Outcome.PASS),
        ([7, {"kind": "NetworkPolicy"}, isolation()], Outcome.PASS),
        ([{**isolation(), "apiVersion": "crd.projectcalico.org/v1"}], Outcome.ERROR),
        ([isolation(**EVERYBODY)], Outcome.FAIL),
        ([isolation(policyTypes=["Ingress"])], Outcome.FAIL),
    ],
)
def test_what_the_cluster_has_counts_and_the_door_says_the_same(served: Served, value: Any, outcome: Outcome) -> None:
    assert in_ci(served, value) == at_the_door(served, value) == [outcome]


def test_a_manifest_takes_the_place_of_the_policy_of_its_name(served: Served) -> None:
    assert in_ci(served, [isolation(**EVERYBODY)], isolation()) == [Outcome.PASS]
    assert in_ci(served, [isolation()], isolation(**EVERYBODY)) == [Outcome.FAIL]
    other = isolation(**EVERYBODY)
    other["metadata"]["name"] = "open"
    assert in_ci(served, [isolation()], other) == [Outcome.FAIL]


def test_snapshots_that_are_too_old_say_nothing(served: Served) -> None:
    facts = {
        INVENTORY: Fact(name=INVENTORY, source="x", observed_at="2020-01-01T00:00:00Z", max_age=60, value=[isolation()])
    }
    raw = json.dumps(POD).encode()
    decision = judge(raw, served.grounds.bundle, facts, Context(layer=Layer.CI), (), None, NOW)
    assert [one.outcome for one in decision.core.results] == [Outcome.ERROR]
