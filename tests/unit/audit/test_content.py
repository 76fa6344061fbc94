"""What counts as the content of an object: everything but what the API server and subresources fill in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gateproof.audit import content, differences

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}, "annotations": {"team": "a"}},
    "spec": {"containers": [{"name": "web", "image": "web@sha256:1", "env": []}], "volumes": [{"emptyDir": {}}]},
}
COMMITMENT = f"redacted:sha256:{'0' * 64}"

Change = Callable[[dict[str, Any]], Any]

FILLED_IN: dict[str, Change] = {
    "status": lambda pod: pod.update(status={"phase": "Running"}),
    "server": lambda pod: pod["metadata"].update(
        uid="u",
        resourceVersion="1",
        generation=2,
        creationTimestamp="now",
        managedFields=[{}],
        selfLink="/",
        finalizers=[],
    ),
    "deletion": lambda pod: pod["metadata"].update(deletionTimestamp="now", deletionGracePeriodSeconds=3),
    "binding": lambda pod: pod["spec"].update(nodeName="n1"),
    "topology": lambda pod: pod["metadata"]["labels"].update({"topology.kubernetes.io/zone": "a"}),
    "kubectl": lambda pod: pod["metadata"]["annotations"].update(
        {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    ),
    "null": lambda pod: pod["spec"]["containers"][0].update(resources=None),
}
DRIFTS: dict[str, tuple[Change, str]] = {
    "image": (lambda pod: pod["spec"]["containers"][0].update(image="web:2"), "spec.containers[0].image"),
    "label": (lambda pod: pod["metadata"]["labels"].update(app="x"), "metadata.labels.app"),
    "annotation": (lambda pod: pod["metadata"]["annotations"].clear(), "metadata.annotations"),
    "container": (lambda pod: pod["spec"]["containers"].append({}), "spec.containers"),
    "ephemeral": (lambda pod: pod["spec"].update(ephemeralContainers=[{}]), "spec.ephemeralContainers"),
    "empty": (lambda pod: pod["spec"]["volumes"][0].clear(), "spec.volumes[0].emptyDir"),
    "type": (lambda pod: pod["spec"]["containers"][0].update(env={}), "spec.containers[0].env"),
    "name": (lambda pod: pod["metadata"].update(name="other"), "metadata.name"),
}


@pytest.mark.parametrize("name", FILLED_IN)
def test_what_the_server_fills_in_is_no_drift(name: str) -> None:
    live = copy.deepcopy(POD)
    FILLED_IN[name](live)
    assert live != POD
    assert content(live) == content(POD)
    assert list(differences(content(POD), content(live))) == []


@pytest.mark.parametrize("name", DRIFTS)
def test_what_anybody_else_changes_is(name: str) -> None:
    live = copy.deepcopy(POD)
    change, path = DRIFTS[name]
    change(live)
    assert content(live) != content(POD)
    assert list(differences(content(POD), content(live))) == [path]


def test_nothing_that_is_given_is_changed() -> None:
    live = copy.deepcopy(POD)
    FILLED_IN["binding"](live)
    before = copy.deepcopy(live)
    content(live)
    assert live == before


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Widget"])
def test_replicas_count_where_nothing_scales(kind: str) -> None:
    one, other = ({"apiVersion": "apps/v1", "kind": kind, "spec": {"replicas": count}} for count in (1, 2))
    assert (content(one) == content(other)) is (kind in ("Deployment", "ReplicaSet", "StatefulSet"))


def test_a_namespace_is_its_metadata() -> None:
    bare = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    assert content({**bare, "spec": {"finalizers": ["kubernetes"]}}) == content(bare)


def test_of_secrets_it_counts_which_values_there_are() -> None:
    def secret(**data: str) -> dict[str, Any]:
        return content({"apiVersion": "v1", "kind": "Secret", "data": data})

    assert secret(key=COMMITMENT) == secret(key=COMMITMENT.replace("0", "1"))
    assert secret(key=COMMITMENT) != secret(key=COMMITMENT, more=COMMITMENT)


def test_true_is_not_one() -> None:
    assert list(differences({"a": [1]}, {"a": [True]})) == ["a[0]"]
