"""A manifest and the AdmissionReview made from it are judged alike by policies in CEL, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import Policy
from gateproof.inputs import admission
from gateproof.inputs.input import Input

NOW = "2026-11-23T05:00:00Z"
EXPRESSIONS = (
    "object.spec.replicas > 1",
    "object.metadata.namespace == 'shop' && request.namespace == namespaceObject.metadata.name",
    "has(object.metadata.labels) && 'app' in object.metadata.labels",
    "object.spec.?template.?spec.?containers.orValue([]).all(c, !c.image.endsWith(':latest'))",
    "request.userInfo.username == 'ann' || object.kind == 'Deployment'",
    "oldObject == null && request.operation == 'CREATE' && !request.dryRun",
    "object.data.all(key, key.startsWith('a'))",
)
SCOPES = st.sampled_from(["*", "Cluster", "Namespaced"])
WORDS = st.sampled_from(["web", "shop", "default", "app", "nginx:latest", "nginx:1", ""])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(
    [
        ("v1", "Pod"),
        ("v1", "Secret"),
        ("v1", "Namespace"),
        ("apps/v1", "Deployment"),
        ("apps/v1beta1", "Deployment"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("example.com/v1", "Mouse"),
    ]
)
LABELS = st.dictionaries(WORDS, WORDS, max_size=2)
METADATA = st.fixed_dictionaries(
    {"name": st.sampled_from(["web", "api"])},
    optional={"namespace": st.sampled_from(["shop", "default"]), "labels": LABELS},
)
CONTAINERS = st.lists(st.fixed_dictionaries({"name": WORDS, "image": WORDS}), max_size=2)
SPEC = st.fixed_dictionaries(
    {},
    optional={
        "replicas": st.integers(0, 3),
        "template": st.fixed_dictionaries({"spec": st.fixed_dictionaries({"containers": CONTAINERS})}),
    },
)


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    version, kind = draw(KINDS)
    made = {"apiVersion": version, "kind": kind, "metadata": draw(METADATA), "spec": draw(SPEC | JSON)}
    return {**made, **draw(st.fixed_dictionaries({}, optional={"data": JSON}))}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rule = {
        "apiGroups": draw(st.sampled_from([["*"], [""], ["apps"], ["example.com"]])),
        "apiVersions": draw(st.sampled_from([["*"], ["v1"]])),
        "operations": ["CREATE"],
        "resources": ["*"],
        "scope": draw(SCOPES),
    }
    match: dict[str, Any] = {"resourceRules": [rule]}
    if draw(st.booleans()):
        match["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
    if draw(st.booleans()):
        match["objectSelector"] = {"matchLabels": draw(LABELS)}
    chosen = draw(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=3))
    spec = {
        "matchConstraints": match,
        "validations": [{"expression": one} for one in chosen],
        "failurePolicy": draw(st.sampled_from(["Fail", "Ignore"])),
    }
    api, kind = "policies.kyverno.io/v1", "ValidatingPolicy"
    documents: list[dict[str, Any]] = []
    if draw(st.booleans()):
        api, kind = "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"
        bound = {"policyName": "it", "validationActions": ["Deny"]}
        documents.append({"apiVersion": api, "kind": f"{kind}Binding", "metadata": {"name": "it"}, "spec": bound})
    documents.append({"apiVersion": api, "kind": kind, "metadata": {"name": "it"}, "spec": spec})
    (policy,) = pack.load({"policy.yaml": "\n---\n".join(map(json.dumps, documents))})
    return policy


def told(policy: Policy, subject: Input) -> list[tuple[str, str, str, list[str]]]:
    results = engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW)
    return [(one.resource, str(one.outcome), one.reason, [each.message for each in one.findings]) for one in results]


@settings(deadline=None)
@given(policies(), objects())
def test_a_manifest_and_its_review_are_judged_alike(policy: Policy, value: dict[str, Any]) -> None:
    manifest = inputs.parse(json.dumps(value).encode())
    assert manifest.problem == ""
    (resource,) = inputs.resources(manifest)
    asked = {**admission.request(manifest, resource), "object": value}
    review = inputs.parse(json.dumps(admission.review(asked, "1")).encode())
    assert review.problem == ""
    assert told(policy, review) == told(policy, manifest)
