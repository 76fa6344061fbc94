"""Assertion trees: members, expressions, each element, names, lists, and what cannot be compared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web", "(odd)": "x"}},
    "spec": {"replicas": 2, "containers": [{"name": "a", "p": 1}, {"name": "b", "p": 2}]},
}


def policy(tree: Any, **rule: Any) -> Policy:
    whole = {"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod", "Deployment"]}}]}, **rule}
    whole["validate"] = {"assert": tree}
    spec = {"rules": [whole]}
    document = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": spec}
    source = Source("policy.yaml", json.dumps(document))
    return Policy(id="p", engine=EngineName.KYVERNO, title="P", severity=Severity.HIGH, sources=(source,))


def judged(tree: Any, value: Any = POD, **rule: Any) -> Result:
    subject = inputs.parse(json.dumps(value).encode())
    return KyvernoEngine().evaluate(policy(tree, **rule), subject, {}, now=NOW)[0]


@pytest.mark.parametrize(
    ("tree", "outcome"),
    [
        ({"metadata": {"name": "web"}}, "pass"),
        ({"metadata": {"name": "other"}}, "fail"),
        ({"metadata": {"zz": "web"}}, "fail"),
        ({"metadata": {}}, "pass"),
        ({"(zz)": {}}, "fail"),
        ({"spec": {"replicas": 2.0}}, "pass"),
        ({"spec": {"replicas": "2"}}, "error"),
        ({"spec": {"(replicas > `1`)": True}}, "pass"),
        ({"spec": {"(length(containers))": 2}}, "pass"),
        ({"spec": {"(zz)": None}}, "pass"),
        ({"spec": {"~.containers": {"(p > `1`)": True}}}, "fail"),
        ({"spec": {"~.(containers[?name == 'b'])": {"p": 2}}}, "pass"),
        ({"spec": {"~i.containers": {"(p == $i)": False}}}, "pass"),
        ({"spec": {"~.replicas": {"a": 1}}}, "error"),
        ({"metadata": {"~key.labels": {"(length($key) > `1`)": True}}}, "pass"),
        ({"spec": {"replicas->r": 2, "~.containers": {"(p <= $r)": True}}}, "pass"),
        ({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}, "pass"),
        ({"spec": {"containers": [{"name": "a"}]}}, "fail"),
        ({"spec": {"replicas": [1]}}, "error"),
        ({"spec": {"zz": [1]}}, "fail"),
        ({"spec": {"(zz)": [1]}}, "fail"),
        ({"spec": {"replicas": {"a": 1}}}, "error"),
        ({"metadata": {"name": "(to_lower('WEB'))"}}, "pass"),
        ({"metadata": {"labels": {"\\(odd)\\": "x"}}}, "pass"),
        ({"metadata": {"labels": "({app: 'web'})"}}, "pass"),
        ({"(to_upper(kind))": "POD"}, "pass"),
        ({"(to_upper(spec))": "POD"}, "error"),
        ({"($nonesuch)": 1}, "error"),
        ({"metadata": {"name": "($wanted)"}}, "pass"),
    ],
)
def test_trees(tree: Any, outcome: str) -> None:
    context = [{"name": "wanted", "variable": {"value": "web"}}]
    assert judged({"object": tree}, context=context).outcome == outcome


def test_what_a_failure_says() -> None:
    (finding,) = judged({"object": {"metadata": {"name": "x"}, "spec": {"~.containers": {"p": 1}}}}).findings
    assert finding.message == 'object.metadata.name is not "x"; object.spec.~.containers.1.p is not 1 (rule r)'
    (finding,) = judged({"object": {"metadata": {"name": "x"}}}).findings
    assert finding.path == ("metadata", "name")


def test_other_parts_of_the_request() -> None:
    assert judged({"operation": "CREATE", "(oldObject)": None, "resourceKind": {"kind": "Pod"}}).outcome == "pass"


def test_what_is_hidden_is_not_compared() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "eA=="}}
    match = {"any": [{"resources": {"kinds": ["Secret"]}}]}
    assert judged({"object": {"data": {"a": "eA=="}}}, secret, match=match).outcome == "error"
    assert judged({"object": {"data": {"(length(@))": 1}}}, secret, match=match).outcome == "pass"


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ([], "assert is an object"),
        ({"object": {"(a[": 1}}, None),
        ({"object": {"(a[)": 1}}, "is not expected"),
        ({"object": {"(cel:a)": 1}}, "another language"),
        ({"object": {"a": "~.(b)"}}, "neither of each nor named"),
        ({"namespaceLabels": {"a": 1}}, "namespaceLabels is not known here"),
        ({"(admissionInfo.roles)": {"a": 1}}, "admissionInfo is not known here"),
    ],
)
def test_what_is_refused(tree: Any, problem: str | None) -> None:
    if problem is None:
        KyvernoEngine().check(policy(tree))  # a member with an odd name
        return
    with pytest.raises(PolicyError) as error:
        KyvernoEngine().check(policy(tree))
    assert any(problem in one for one in error.value.problems), error.value.problems


def test_nothing_is_generated_for_controllers() -> None:
    match = {"any": [{"resources": {"kinds": ["Pod"]}}]}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {}}
    assert judged({"object": {"kind": "Pod"}}, deployment, match=match).outcome == "skip"
