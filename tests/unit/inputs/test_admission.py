"""AdmissionReview v1: read as a manifest is, with its request beside it; and the request that a manifest makes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.errors import DocumentError
from gateproof.inputs import admission

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"containers": [{"name": "web", "image": "web:1"}]},
}
POD_KIND = {"group": "", "version": "v1", "kind": "Pod"}
PODS = {"group": "", "version": "v1", "resource": "pods"}
USER = {"username": "ann", "groups": ["dev"], "uid": "7", "extra": {"scopes": ["a"]}}


def review(**changes: Any) -> dict[str, Any]:
    request = {
        "uid": "705ab4f5",
        "kind": POD_KIND,
        "resource": PODS,
        "requestKind": POD_KIND,
        "requestResource": PODS,
        "name": "web",
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": USER,
        "object": POD,
        "oldObject": None,
        "dryRun": False,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
        **changes,
    }
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {key: value for key, value in request.items() if value != "LEFT OUT"},
    }


def parsed(value: object) -> inputs.Input:
    subject = inputs.parse(json.dumps(value).encode())
    assert subject.problem == ""
    return subject


def request_of(subject: inputs.Input) -> dict[str, Any]:
    (resource,) = inputs.resources(subject)
    return admission.request(subject, resource)


def test_an_object_is_seen_as_its_manifest_is() -> None:
    manifest, reviewed = parsed(POD), parsed(review())
    assert reviewed.documents == manifest.documents
    assert inputs.resources(reviewed) == inputs.resources(manifest)
    assert reviewed.places == ((0, ("request", "object")),)


def test_the_request_is_the_one_that_was_sent() -> None:
    given = review(dryRun=True, subResource="ephemeralcontainers")["request"]
    assert request_of(parsed({**review(), "request": given})) == given


def test_a_manifest_makes_the_request_that_creates_it() -> None:
    request = request_of(parsed(POD))
    assert {key: value for key, value in request.items() if key not in ("userInfo", "uid")} == {
        key: value for key, value in review()["request"].items() if key not in ("userInfo", "uid")
    }
    assert request["userInfo"] == {}


def test_the_review_made_from_a_manifest_is_judged_as_the_manifest() -> None:
    made = request_of(parsed(POD))
    sent = admission.review(made, "1")
    assert request_of(parsed(sent)) == {**made, "uid": "1"}


@pytest.mark.parametrize(
    ("api", "kind", "namespace", "resource", "expected"),
    [
        ("networking.k8s.io/v1", "Ingress", "", "ingresses", "default"),
        ("networking.k8s.io/v1", "NetworkPolicy", "shop", "networkpolicies", "shop"),
        ("v1", "Endpoints", "", "endpoints", "default"),
        ("v1", "Namespace", "", "namespaces", "it"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "ignored", "clusterroles", ""),
        ("storage.k8s.io/v1", "StorageClass", "", "storageclasses", ""),
        ("gateway.networking.k8s.io/v1", "Gateway", "", "gateways", "default"),
        ("example.com/v1", "Proxy", "a", "proxies", "a"),
        ("example.com/v1", "Prefix", "a", "prefixes", "a"),
    ],
)
def test_kinds_have_resources(api: str, kind: str, namespace: str, resource: str, expected: str) -> None:
    metadata = {"name": "it", **({"namespace": namespace} if namespace else {})}
    request = request_of(parsed({"apiVersion": api, "kind": kind, "metadata": metadata}))
    assert (request["resource"]["resource"], request["namespace"]) == (resource, expected)


def test_a_definition_in_the_same_input_says_how_its_kind_is_served() -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "mice.example.com"},
        "spec": {"group": "example.com", "scope": "Cluster", "names": {"kind": "Mouse", "plural": "mice"}},
    }
    mouse = {"apiVersion": "example.com/v1", "kind": "Mouse", "metadata": {"name": "jerry"}}
    subject = parsed({"apiVersion": "v1", "kind": "List", "items": [definition, mouse]})
    request = admission.request(subject, inputs.resources(subject)[1])
    assert (request["resource"]["resource"], request["namespace"]) == ("mice", "")


@pytest.mark.parametrize("spec", [None, {}, {"names": {"kind": "Mouse"}}, {"group": 1, "names": {}}])
def test_a_malformed_definition_says_nothing(spec: Any) -> None:
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}
    mouse = {"apiVersion": "example.com/v1", "kind": "Mouse", "metadata": {"name": "jerry"}}
    subject = parsed({"apiVersion": "v1", "kind": "List", "items": [definition, mouse]})
    request = admission.request(subject, inputs.resources(subject)[1])
    assert request["resource"]["resource"] == "mouses"


def test_a_stored_request_has_one_object() -> None:
    encoded = parsed(review()).encoded
    twice = encoded.replace(b'"documents":[{', b'"documents":[{"apiVersion":"v1","kind":"Pod"},{', 1)
    with pytest.raises(DocumentError, match="a request has one object"):
        inputs.decode(twice)


def test_of_a_deletion_the_old_object_is_judged() -> None:
    subject = parsed(review(operation="DELETE", object=None, oldObject=POD))
    request = request_of(subject)
    assert subject.documents == (POD,)
    assert (request["object"], request["oldObject"], request["operation"]) == (None, POD, "DELETE")


def test_an_update_has_both() -> None:
    old = {**POD, "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "b"}}}
    request = request_of(parsed(review(operation="UPDATE", oldObject=old)))
    assert (request["object"], request["oldObject"]) == (POD, old)


def test_a_connection_has_its_options() -> None:
    options = {"apiVersion": "v1", "kind": "PodExecOptions", "command": ["sh"]}
    kind = {"group": "", "version": "v1", "kind": "PodExecOptions"}
    subject = parsed(review(operation="CONNECT", kind=kind, object=options, subResource="exec"))
    assert subject.documents == (options,)
    assert request_of(subject)["subResource"] == "exec"


def test_secrets_are_redacted_in_both_objects() -> None:
    def secret(value: str) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"key": value}}

    kind = {"group": "", "version": "v1", "kind": "Secret"}
    subject = parsed(review(operation="UPDATE", kind=kind, object=secret("bmV3"), oldObject=secret("b2xk")))
    assert b"bmV3" not in subject.encoded
    assert b"b2xk" not in subject.encoded
    assert [one.path for one in subject.redactions] == [("oldObject", "data", "key"), ("data", "key")]


def test_it_is_stored_and_read_again() -> None:
    subject = parsed(review(operation="UPDATE", oldObject=POD))
    again = inputs.decode(subject.encoded)
    assert again == subject
    assert request_of(again) == request_of(subject)


def test_a_stored_request_that_was_altered_is_refused() -> None:
    encoded = parsed(review()).encoded
    with pytest.raises(DocumentError, match=r"operation is 'KEEP'"):
        inputs.decode(encoded.replace(b'"operation":"CREATE"', b'"operation":"KEEP"'))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"operation": "PATCH"}, "request.operation is 'PATCH'"),
        ({"operation": "LEFT OUT"}, "request.operation is 'None'"),
        ({"uid": "LEFT OUT"}, "request.uid is missing"),
        ({"name": 7}, "request.name is no text"),
        ({"kind": "Pod"}, "request.kind is missing or no object"),
        ({"resource": {"group": "", "version": "v1"}}, "request.resource needs group, version, resource"),
        ({"dryRun": "no"}, "request.dryRun is neither true nor false"),
        ({"userInfo": ["ann"]}, "request.userInfo is no object"),
        ({"object": None}, "request.object is missing"),
        ({"object": {"metadata": {}}}, "request.object is missing, or has no apiVersion and kind"),
        ({"object": {**POD, "kind": "Service"}}, "request.object is a v1 Service"),
        ({"operation": "DELETE", "oldObject": None}, "request.oldObject is missing"),
        ({"operation": "UPDATE", "oldObject": "LEFT OUT"}, "request.oldObject is missing"),
        ({"oldObject": 3}, "request.oldObject is missing, or has no apiVersion and kind"),
    ],
)
def test_a_malformed_request_is_told(changes: dict[str, Any], said: str) -> None:
    subject = inputs.parse(json.dumps(review(**changes)).encode())
    assert said in subject.problem
    assert subject.documents == ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({**review(), "apiVersion": "admission.k8s.io/v1beta1"}, "not of admission.k8s.io/v1"),
        ({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}, "has no request"),
        ({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {}}, "has no request"),
    ],
)
def test_what_is_no_review_of_ours_is_told(value: object, said: str) -> None:
    assert said in inputs.parse(json.dumps(value).encode()).problem


def test_a_review_among_others_is_not_taken_for_a_manifest() -> None:
    raw = "\n---\n".join(json.dumps(one) for one in (review(), POD)).encode()
    assert "an AdmissionReview is judged alone" in inputs.parse(raw).problem
