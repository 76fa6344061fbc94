"""Manifests: streams, lists, what a policy sees of an object."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs


def views(text: str) -> list[dict[str, Any]]:
    subject = inputs.parse(text.encode())
    assert subject.problem == ""
    return [resource.view for resource in inputs.resources(subject)]


def view(value: dict[str, Any]) -> dict[str, Any]:
    (found,) = views(json.dumps(value))
    return found


HELM = """\
---
# Source: web/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: web
---
# Source: web/templates/disabled.yaml
---
# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
  annotations: {note: "1"}
spec:
  template:
    metadata:
      labels: {app: web, tier: front}
    spec:
      containers:
        - {name: web, image: web:1}
"""


def test_the_view_of_a_workload() -> None:
    service, deployment = views(HELM)
    whole = deployment.pop("object")
    assert deployment == {
        "address": "apps/v1/Deployment/shop/web",
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "group": "apps",
        "version": "v1",
        "namespace": "shop",
        "name": "web",
        "labels": {"app": "web"},
        "annotations": {"note": "1"},
        "pod": {"containers": [{"name": "web", "image": "web:1"}]},
        "pod_path": ["spec", "template", "spec"],
        "pod_labels": {"app": "web", "tier": "front"},
    }
    assert whole["spec"]["template"]["spec"] is deployment["pod"]
    assert (service["address"], service["group"], service["version"]) == ("v1/Service/web", "", "v1")
    assert (service["pod"], service["pod_path"], service["pod_labels"]) == (None, None, None)
    assert (service["namespace"], service["labels"], service["annotations"]) == ("", {}, {})


def test_places_are_those_of_the_stream() -> None:
    text = HELM + "---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
    subject = inputs.parse(text.encode())
    assert subject.places == ((0, ()), (2, ()), (3, ("items", 0)))
    assert [resource.document for resource in inputs.resources(subject)] == [0, 1, 2]
    assert {resource.path for resource in inputs.resources(subject)} == {()}


@pytest.mark.parametrize(
    ("api", "kind", "path"),
    [
        ("v1", "Pod", "spec"),
        ("v1", "PodTemplate", "template.spec"),
        ("v1", "ReplicationController", "spec.template.spec"),
        ("apps/v1", "Deployment", "spec.template.spec"),
        ("apps/v1beta2", "StatefulSet", "spec.template.spec"),
        ("extensions/v1beta1", "DaemonSet", "spec.template.spec"),
        ("apps/v1", "ReplicaSet", "spec.template.spec"),
        ("batch/v1", "Job", "spec.template.spec"),
        ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec"),
    ],
)
def test_every_workload_shows_its_pod(api: str, kind: str, path: str) -> None:
    steps = path.split(".")
    value: dict[str, Any] = {"containers": []}
    for depth, step in enumerate(reversed(steps)):
        value = {step: value, "metadata": {"labels": {"depth": str(depth)}}}
    found = view({**value, "apiVersion": api, "kind": kind})
    assert found["pod"] == {"containers": []}
    assert found["pod_path"] == steps
    assert found["pod_labels"] == {"depth": "0"}


@pytest.mark.parametrize(("api", "kind"), [("argoproj.io/v1alpha1", "Rollout"), ("serving.knative.dev/v1", "Service")])
def test_an_unknown_kind_with_containers_is_a_workload(api: str, kind: str) -> None:
    found = view({"apiVersion": api, "kind": kind, "spec": {"template": {"spec": {"containers": []}}}})
    assert (found["pod"], found["pod_path"]) == ({"containers": []}, ["spec", "template", "spec"])


@pytest.mark.parametrize("template", [None, [], {"spec": None}, {"spec": []}, {"spec": {"domain": {}}}])
def test_an_unknown_kind_without_containers_is_none(template: object) -> None:
    value = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "spec": {"template": template}}
    assert view(value)["pod_path"] is None


@pytest.mark.parametrize(("api", "kind"), [("batch.volcano.sh/v1", "Job"), ("v1", "Deployment"), ("apps/v1", "Pod")])
def test_a_kind_of_another_group_has_no_pod(api: str, kind: str) -> None:
    assert view({"apiVersion": api, "kind": kind, "spec": {"template": {"spec": {}}}})["pod_path"] is None


@pytest.mark.parametrize(
    ("metadata", "address"),
    [
        ({"name": "a"}, "v1/Pod/a"),
        ({"name": "a", "namespace": "n"}, "v1/Pod/n/a"),
        ({"generateName": "job-", "namespace": "n"}, "v1/Pod/n/job-*"),
        ({"name": "a", "generateName": "job-"}, "v1/Pod/a"),
        ({}, "v1/Pod/?"),
        (None, "v1/Pod/?"),
        ("x", "v1/Pod/?"),
        ({"name": 1, "namespace": []}, "v1/Pod/?"),
    ],
)
def test_addresses(metadata: Any, address: str) -> None:
    assert view({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})["address"] == address


@pytest.mark.parametrize("wrong", ["x", 1, True, [], ["x"]])
def test_parts_of_a_wrong_type_are_null(wrong: Any) -> None:
    found = view(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": wrong if wrong != "x" else 1, "labels": wrong, "annotations": wrong},
            "spec": wrong,
        }
    )
    assert (found["name"], found["labels"], found["annotations"]) == (None, None, None)
    assert (found["pod"], found["pod_path"]) == (None, ["spec"])
    deployment = view({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": wrong, "spec": {"template": wrong}})
    assert (deployment["labels"], deployment["pod"], deployment["pod_labels"]) == (None, None, None)
    assert view({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": wrong}})["pod"] == {"containers": wrong}


def test_a_workload_without_a_pod_shows_none() -> None:
    assert view({"apiVersion": "apps/v1", "kind": "Deployment"})["pod"] is None


def test_null_is_the_same_as_nothing() -> None:
    nothing, null = view({"apiVersion": "v1", "kind": "Pod"}), view({"apiVersion": "v1", "kind": "Pod", "spec": None})
    assert (nothing["pod"], null["pod"]) == (None, None)
    labels = view({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": None, "labels": None}})
    assert (labels["name"], labels["labels"]) == ("", {})


def test_lists_are_flattened_in_order_also_in_lists() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod"}
    inner = {"apiVersion": "v1", "kind": "List", "items": [{**pod, "metadata": {"name": "b"}}]}
    items = [{**pod, "metadata": {"name": "a"}}, inner, {**pod, "metadata": {"name": "c"}}]
    subject = inputs.parse(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode())
    assert [r.view["name"] for r in inputs.resources(subject)] == ["a", "b", "c"]
    assert [path for _, path in subject.places] == [("items", 0), ("items", 1, "items", 0), ("items", 2)]


def test_items_of_a_typed_list_take_its_kind() -> None:
    raw = json.dumps(
        {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"metadata": {"name": "a"}}]}
    ).encode()
    (resource,) = inputs.resources(inputs.parse(raw))
    assert resource.address == "apps/v1/Deployment/a"
    assert resource.view["object"]["kind"] == "Deployment"


def test_a_kind_that_ends_in_list_and_has_no_items_is_an_object() -> None:
    assert view({"apiVersion": "x.io/v1", "kind": "AllowList", "spec": {}})["kind"] == "AllowList"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("apiVersion: v1\nkind: Pod\n---\nfoo: 1\n", "document 2 has no apiVersion and no kind"),
        ("apiVersion: v1\nkind: Pod\n---\n---\nfoo: 1\n", "document 3 has"),
        ("apiVersion: v1\nkind: Pod\n---\nkind: Pod\n", "document 2 has no apiVersion,"),
        ("apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: ''\n", "document 2 has no kind,"),
        ("apiVersion: v1\nkind: Pod\n---\n- a\n", "document 2 is not an object"),
        ("apiVersion: v1\nkind: List\nitems: [1]\n", "document 1.items[0] is not an object"),
        ("apiVersion: v1\nkind: List\nitems: [{metadata: {}}]\n", "document 1.items[0] has no apiVersion and no kind"),
        ("apiVersion: v1\nkind: Pod\nspec: {hostPID: true}\nitems: []\n", "document 1 has items"),
        ("NAME: web\nLAST DEPLOYED: now\nMANIFEST:\n---\napiVersion: v1\nkind: Pod\n", "helm template"),
        ("apiVersion: v1\nkind: Pod\n---\nNOTES: thanks\n", "helm template"),
    ],
)
def test_every_document_must_be_an_object(text: str, says: str) -> None:
    subject = inputs.parse(text.encode())
    assert says in subject.problem
    assert subject.documents == ()


def test_duplicate_keys_are_remarked_where_they_stand() -> None:
    text = (
        "apiVersion: v1\nkind: List\nmetadata: {}\nmetadata: {}\nitems:\n"
        "- {apiVersion: v1, kind: Pod}\n"
        "- {apiVersion: v1, kind: Pod, spec: {hostNetwork: true, hostNetwork: false}}\n"
    )
    remarks = inputs.parse(text.encode()).remarks
    assert {(r.document, r.path) for r in remarks} == {(0, ("metadata",)), (1, ("spec", "hostNetwork"))}
    assert all("duplicate" in remark.message for remark in remarks)


def test_values_shared_by_aliases_are_each_seen() -> None:
    first, second = views(
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: &s {hostPID: true}}\n"
        "- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: *s}\n"
    )
    assert first["pod"] == second["pod"] == {"hostPID": True}


def test_objects_with_the_same_name_are_told_apart() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: job-}\n---\n" * 3
    found = inputs.resources(inputs.parse(text.encode()))
    assert [resource.address for resource in found] == ["v1/Pod/job-*", "v1/Pod/job-* (2)", "v1/Pod/job-* (3)"]


@pytest.mark.parametrize("kind", ["List", "PodList"])
def test_a_list_whose_items_are_no_list_cannot_be_judged(kind: str) -> None:
    found = inputs.parse(f"apiVersion: v1\nkind: {kind}\nitems: 5\n".encode())
    assert "items is no list" in found.problem
