"""Drift: what admission let in against what runs."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.audit import Drift, DriftKind, Ledger
from gateproof.gate.decision import Verdict
from gateproof.inputs import admission

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "uid": "u1", "creationTimestamp": "2026-05-01T00:00:00Z"},
    "spec": {"containers": [{"name": "web", "image": "web@sha256:1"}]},
}
WATCHED = frozenset({("", "Pod")})
AT = "2026-06-01T00:00:00Z"


class Cluster:
    """A ledger, the objects that were decided, and what is asked of them."""

    def __init__(self, **options: bool) -> None:
        self.ledger = Ledger(**options)
        self.decided: list[dict[str, Any]] = []

    def decide(
        self,
        judged: dict[str, Any] = POD,
        verdict: Verdict = Verdict.ALLOW,
        surface: str = "admission",
        **request: Any,
    ) -> Cluster:
        subject = inputs.parse(json.dumps(judged).encode())
        (resource,) = inputs.resources(subject)
        asked = {**admission.request(subject, resource), **request}
        if asked["operation"] == "UPDATE":
            asked["oldObject"] = judged
        if asked["operation"] == "DELETE":
            asked |= {"object": None, "oldObject": judged}
        review = inputs.parse(json.dumps(admission.review(asked, "r1")).encode())
        assert not review.problem
        self.ledger.add(review, verdict=verdict, surface=surface, decision="sha256:d", entry=len(self.decided), at=AT)
        self.decided.append(review.documents[0])
        return self

    def drift(self, live: dict[str, Any] = POD, today: Verdict = Verdict.ALLOW) -> Drift | None:
        return self.ledger.compare(
            live, "v1/Pod/shop/web", today=today, watched=WATCHED, decided=lambda entry: self.decided[entry]
        )


def changed(**spec: Any) -> dict[str, Any]:
    live = copy.deepcopy(POD)
    live["spec"].update(spec)
    return live


def kind_of(drift: Drift | None) -> DriftKind | None:
    return drift.kind if drift else None


def test_what_was_let_in_and_runs_has_not_drifted() -> None:
    live = changed(nodeName="n1")
    live["status"] = {"phase": "Running"}
    assert Cluster().decide().drift(live) is None
    assert len(Cluster().decide().ledger) == 1


def test_what_was_let_in_and_differs_has() -> None:
    drift = Cluster().decide().drift(changed(hostNetwork=True))
    assert drift is not None
    assert (drift.kind, drift.paths, drift.entry, drift.at) == (DriftKind.CHANGED, ("spec.hostNetwork",), 0, AT)
    assert drift.namespace == "shop"


def test_the_newest_decision_that_let_it_in_counts() -> None:
    cluster = Cluster().decide().decide(changed(hostNetwork=True), operation="UPDATE")
    assert cluster.drift(changed(hostNetwork=True)) is None
    assert kind_of(cluster.drift()) is DriftKind.CHANGED
    refused = cluster.decide(changed(hostPID=True), Verdict.DENY, operation="UPDATE")
    assert refused.drift(changed(hostNetwork=True)) is None


def test_what_nobody_decided_is_unseen_or_older_than_the_gate() -> None:
    other = copy.deepcopy(POD)
    other["metadata"] |= {"name": "other", "creationTimestamp": "2026-07-01T00:00:00Z"}
    cluster = Cluster().decide()
    drift = cluster.drift(other)
    assert drift is not None
    assert (drift.kind, drift.entry) == (DriftKind.UNSEEN, -1)
    other["metadata"]["creationTimestamp"] = "2026-05-31T23:59:59Z"
    assert kind_of(cluster.drift(other)) is DriftKind.OLDER
    for unknown in ("never", None, 5):
        other["metadata"]["creationTimestamp"] = unknown
        assert kind_of(cluster.drift(other)) is DriftKind.UNSEEN


def test_where_nothing_was_decided_everything_is_older() -> None:
    assert kind_of(Cluster().drift()) is DriftKind.OLDER


def test_kinds_that_the_gate_is_not_asked_about_are_not_missed() -> None:
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}}
    assert Cluster().drift(lease) is None


@pytest.mark.parametrize(
    "decided",
    [
        {"dryRun": True},
        {"surface": "admission, dry run"},
        {"operation": "DELETE"},
    ],
)
def test_what_lets_nothing_in(decided: dict[str, Any]) -> None:
    live = copy.deepcopy(POD)
    live["metadata"]["creationTimestamp"] = "2026-07-01T00:00:00Z"
    other = copy.deepcopy(POD)
    other["metadata"]["name"] = "other"
    assert kind_of(Cluster().decide(other).decide(live, **decided).drift(live)) is DriftKind.UNSEEN


def test_decisions_on_manifests_are_no_admission() -> None:
    ledger = Ledger()
    subject = inputs.parse(json.dumps(POD).encode())
    ledger.add(subject, verdict=Verdict.ALLOW, surface="cli", decision="d", entry=0, at=AT)
    assert len(ledger) == 0
    assert ledger.kinds() == frozenset()


@pytest.mark.parametrize("verdict", [Verdict.DENY, Verdict.UNDECIDED])
def test_what_was_refused_and_runs(verdict: Verdict) -> None:
    assert kind_of(Cluster().decide(verdict=verdict).drift()) is DriftKind.REFUSED


def test_what_is_let_in_although() -> None:
    for surface in ("admission, break-glass", "admission, own namespace"):
        assert Cluster().decide(verdict=Verdict.DENY, surface=surface).drift() is None
    assert Cluster(undecided_passes=True).decide(verdict=Verdict.UNDECIDED).drift() is None
    assert kind_of(Cluster(undecided_passes=True).decide(verdict=Verdict.DENY).drift()) is DriftKind.REFUSED


def test_an_object_that_was_made_again_is_another() -> None:
    live = copy.deepcopy(POD)
    live["metadata"]["uid"] = "u2"
    drift = Cluster().decide().drift(live)
    assert drift is not None
    assert (drift.kind, drift.entry) == (DriftKind.UNSEEN, 0)
    assert "another one" in drift.reason


def test_what_would_not_be_let_in_today() -> None:
    assert kind_of(Cluster().decide().drift(today=Verdict.DENY)) is DriftKind.DENIED_TODAY
    assert kind_of(Cluster().decide().drift(changed(hostPID=True), Verdict.DENY)) is DriftKind.CHANGED
    assert kind_of(Cluster().decide().drift(today=Verdict.UNDECIDED)) is DriftKind.DENIED_TODAY
    assert Cluster(undecided_passes=True).decide().drift(today=Verdict.UNDECIDED) is None
    assert Cluster().decide().drift(today=Verdict.WARN) is None


def test_other_versions_of_an_api_are_not_compared() -> None:
    scaler = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "a"},
        "spec": {"a": 1},
    }
    cluster = Cluster().decide(scaler)
    assert kind_of(cluster.drift({**scaler, "spec": {"a": 2}})) is DriftKind.CHANGED
    assert cluster.drift({**scaler, "apiVersion": "autoscaling/v2", "spec": {"metrics": []}}) is None


def test_an_ephemeral_container_is_a_change_until_it_is_let_in() -> None:
    debugged = changed(ephemeralContainers=[{"name": "shell", "image": "sh@sha256:2"}])
    cluster = Cluster().decide()
    assert kind_of(cluster.drift(debugged)) is DriftKind.CHANGED
    assert cluster.decide(debugged, operation="UPDATE", subResource="ephemeralcontainers").drift(debugged) is None


def test_hostile_objects_are_compared_like_any_other() -> None:
    hostile: list[Any] = [None, [], {"name": 1, "namespace": [], "uid": {}, "creationTimestamp": "never"}]
    for metadata in hostile:
        live = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
        assert kind_of(Cluster().decide().drift(live)) is DriftKind.UNSEEN
