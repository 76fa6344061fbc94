"""Which requests a rule of Kyverno is for: who asks, for what, in which namespace."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from gateproof import inputs
from gateproof.catalog.policy import Source
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.match import always
from gateproof.engines.kyverno.occasion import About, Who, occasions
from gateproof.engines.kyverno.policy import load
from gateproof.engines.validating.cluster import Cluster
from gateproof.errors import PolicyError
from gateproof.inputs.admission import review
from gateproof.inputs.context import Fact

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"containers": []}}
ALICE = {"username": "alice", "groups": ["devs", "system:authenticated"]}
ROBOT = {"username": "system:serviceaccount:ci:deployer", "groups": ["system:serviceaccounts"]}
PODS = {"resources": {"kinds": ["Pod"]}}


def policy(match: dict[str, Any], exclude: dict[str, Any] | None = None) -> tuple[Source, ...]:
    rule = {"name": "r", "match": match, "validate": {"deny": {}}, **({"exclude": exclude} if exclude else {})}
    made = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"rules": [rule]},
    }
    return (Source("p.yaml", yaml.safe_dump(made)),)


def request(value: dict[str, Any] = POD, user: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """The request that creates ``value``, asked by ``user``, with what is changed in it."""
    subject = inputs.parse(json.dumps(value).encode())
    [resource] = inputs.resources(subject)
    return {**inputs.admission.request(subject, resource), "userInfo": user or {}, **changed}


def asked(source: tuple[Source, ...], given: dict[str, Any], who: Who | None = None, *facts: Fact) -> str:
    """The outcome of the one rule for a request, or ``none`` when it is not for it."""
    subject = inputs.parse(json.dumps(review(given, "1")).encode())
    assert not subject.problem
    [loaded], [resource] = load(source), inputs.resources(subject)
    answers = Answers({fact.name: fact for fact in facts}, subject.documents)
    return next((str(one.outcome) for one in judge(loaded, subject, resource, answers, who=who)), "none")


def objects(*values: dict[str, Any]) -> Fact:
    return Fact(
        name="kubernetes-objects",
        source="test",
        observed_at="2026-11-23T05:00:00Z",
        max_age=60,
        value={"items": list(values)},
    )


@pytest.mark.parametrize(
    ("subject", "user", "expected"),
    [
        ({"kind": "User", "name": "ali*"}, ALICE, "fail"),
        ({"kind": "User", "name": "bob"}, ALICE, "none"),
        ({"kind": "Group", "name": "dev?"}, ALICE, "fail"),
        ({"kind": "Group", "name": "alice"}, ALICE, "none"),
        ({"kind": "ServiceAccount", "name": "deploy*", "namespace": "ci"}, ROBOT, "fail"),
        ({"kind": "ServiceAccount", "name": "deployer", "namespace": "cd"}, ROBOT, "none"),
        ({"kind": "User", "name": "nobody"}, {}, "fail"),
    ],
)
def test_subjects(subject: dict[str, Any], user: dict[str, Any], expected: str) -> None:
    assert asked(policy({"any": [{**PODS, "subjects": [subject]}]}), request(user=user)) == expected
    excluded = {"fail": "none", "none": "fail"}[expected] if user else "fail"
    assert asked(policy({"any": [PODS]}, {"any": [{"subjects": [subject]}]}), request(user=user)) == excluded


def test_somebody_alone_is_a_match_only_where_somebody_asks() -> None:
    source = policy({"any": [{"subjects": [{"kind": "User", "name": "*"}]}]})
    assert asked(source, request(user=ALICE)) == "fail"
    assert asked(source, request()) == "none"


BINDINGS = objects(
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "a", "namespace": "shop"},
        "roleRef": {"kind": "Role", "name": "editor"},
        "subjects": [{"kind": "Group", "name": "devs"}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "ci"},
        "roleRef": {"kind": "ClusterRole", "name": "admin"},
        "subjects": [{"kind": "User", "name": "alice"}, {"kind": "ServiceAccount", "name": "deployer"}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "c"},
        "roleRef": {"kind": "ClusterRole", "name": "viewer"},
        "subjects": [{"kind": "User", "name": "alice"}, "malformed"],
    },
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}},
)


@pytest.mark.parametrize(
    ("condition", "namespace", "user", "expected"),
    [
        ({"roles": ["shop:editor"]}, "shop", ALICE, "fail"),
        ({"roles": ["other:editor"]}, "shop", ALICE, "none"),
        ({"roles": ["shop:editor"]}, "shop", ROBOT, "none"),
        ({"clusterRoles": ["viewer"]}, "shop", ALICE, "fail"),
        ({"clusterRoles": ["admin"]}, "shop", ALICE, "none"),
        ({"clusterRoles": ["admin"]}, "ci", ALICE, "fail"),
        ({"clusterRoles": ["admin"]}, "ci", ROBOT, "fail"),
        ({"clusterRoles": ["viewer"], "roles": ["other:editor"]}, "shop", ALICE, "none"),
    ],
)
def test_roles_are_those_that_the_clusters_bindings_give(
    condition: dict[str, Any], namespace: str, user: dict[str, Any], expected: str
) -> None:
    given = request(user=user, namespace=namespace)
    assert asked(policy({"any": [{**PODS, **condition}]}), given, None, BINDINGS) == expected


def test_roles_that_nobody_knows_are_an_error_where_they_decide() -> None:
    source = policy({"any": [{**PODS, "clusterRoles": ["viewer"]}]})
    assert asked(source, request(user=ALICE)) == "error"
    assert asked(source, request()) == "fail"  # nobody is known to ask: no condition, as in Kyverno
    assert asked(policy({"any": [PODS]}, {"any": [{"roles": ["a:b"]}]}), request(user=ALICE)) == "error"
    services = policy({"any": [{"resources": {"kinds": ["Service"]}, "clusterRoles": ["viewer"]}]})
    assert asked(services, request(user=ALICE)) == "none"


def test_who_asks_may_be_said_with_their_roles() -> None:
    source = policy({"any": [{**PODS, "clusterRoles": ["viewer"], "roles": ["shop:editor"]}]})
    roles = frozenset({"shop:editor"})
    assert asked(source, request(), Who("bob", (), roles, frozenset({"viewer"}))) == "fail"
    assert asked(source, request(), Who("bob", (), roles, frozenset())) == "none"


@pytest.mark.parametrize(
    ("operations", "operation", "expected"),
    [
        (["UPDATE"], "UPDATE", "fail"),
        (["UPDATE"], "CREATE", "none"),
        (["CREATE", "DELETE"], "DELETE", "fail"),
        ([], "DELETE", "fail"),
    ],
)
def test_operations(operations: list[str], operation: str, expected: str) -> None:
    given = request(operation=operation, oldObject=POD if operation != "CREATE" else None)
    if operation == "DELETE":
        given["object"] = None
    assert asked(policy({"any": [{"resources": {"kinds": ["Pod"], "operations": operations}}]}), given) == expected


EXEC = {"apiVersion": "v1", "kind": "PodExecOptions", "metadata": {"name": "a"}, "command": ["sh"]}
SCALE = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a", "namespace": "shop"}}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Pod/exec", "fail"),
        ("v1/Pod/exec", "fail"),
        ("Pod.exec", "fail"),
        ("*/*", "fail"),
        ("*/exec", "fail"),
        ("Pod/*", "fail"),
        ("PodExecOptions/exec", "fail"),
        ("Pod", "none"),
        ("*", "none"),
        ("Pod/attach", "none"),
        ("Service/exec", "none"),
    ],
)
def test_subresources_by_the_kind_that_they_belong_to(kind: str, expected: str) -> None:
    pods = {"group": "", "version": "v1", "resource": "pods"}
    given = request(EXEC, operation="CONNECT", resource=pods, requestResource=pods, subResource="exec")
    assert asked(policy({"any": [{"resources": {"kinds": [kind]}}]}), given) == expected


def test_a_scale_is_of_its_deployment() -> None:
    served = {"group": "apps", "version": "v1", "resource": "deployments"}
    given = request(SCALE, operation="UPDATE", resource=served, requestResource=served, subResource="scale")
    given["oldObject"] = SCALE
    for kind, expected in (
        ("apps/v1/Deployment/scale", "fail"),
        ("Scale", "none"),
        ("batch/*/Deployment/scale", "none"),
    ):
        assert asked(policy({"any": [{"resources": {"kinds": [kind]}}]}), given) == expected


def test_ephemeral_containers_belong_to_rules_for_pods() -> None:
    given = request(operation="UPDATE", oldObject=POD, subResource="ephemeralcontainers")
    assert asked(policy({"any": [PODS]}), given) == "fail"
    assert asked(policy({"any": [PODS]}), {**given, "subResource": "status"}) == "none"


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def selecting(**labels: str) -> dict[str, Any]:
    return {"resources": {"kinds": ["*"], "namespaceSelector": {"matchLabels": labels}}}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [({"tier": "1"}, "fail"), ({"tier": "?*"}, "fail"), ({"tier": "2"}, "none"), ({"t*": "1"}, "fail")],
)
def test_namespaces_by_their_labels(labels: dict[str, str], expected: str) -> None:
    source = policy({"any": [selecting(**labels)]})
    assert asked(source, request(), None, objects(namespace("shop", tier="1"))) == expected


def test_labels_that_nobody_knows_are_an_error() -> None:
    assert asked(policy({"any": [selecting(tier="1")]}), request()) == "error"
    assert asked(policy({"any": [PODS]}, {"any": [selecting(tier="1")]}), request()) == "error"


def test_a_namespace_beside_the_object_says_its_labels_and_excludes_only_as_it_is_already() -> None:
    text = "\n---\n".join(map(json.dumps, (POD, namespace("shop", tier="1"))))
    subject = inputs.parse(text.encode())
    pod = inputs.resources(subject)[0]

    def outcomes(source: tuple[Source, ...], *facts: Fact) -> list[Outcome]:
        [loaded] = load(source)
        answers = Answers({fact.name: fact for fact in facts}, subject.documents)
        return [one.outcome for one in judge(loaded, subject, pod, answers)]

    matching, excluding = (
        policy({"any": [selecting(tier="1")]}),
        policy({"any": [PODS]}, {"any": [selecting(tier="1")]}),
    )
    assert outcomes(matching) == [Outcome.FAIL]
    assert outcomes(excluding) == []
    now = objects(namespace("shop", tier="2"))
    assert outcomes(matching, now) == [Outcome.FAIL]
    assert outcomes(excluding, now) == [Outcome.FAIL]


def test_a_namespace_is_in_none_and_neither_is_what_belongs_to_the_cluster() -> None:
    source = policy({"any": [selecting(tier="1")]})
    assert asked(source, request(namespace("shop", tier="1")), None, objects(namespace("shop", tier="1"))) == "none"
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}}
    assert asked(source, request(role)) == "none"
    without = {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}
    source = policy({"any": [{"resources": {"kinds": ["*"], "namespaceSelector": without}}]})
    assert asked(source, request(role)) == "fail"
    assert asked(policy({"any": [{"resources": {"kinds": ["*"], "namespaces": ["default"]}}]}), request(role)) == "none"


def test_a_generated_name_is_matched_by_what_it_begins_with() -> None:
    unnamed = {**POD, "metadata": {"generateName": "job-"}}
    assert asked(policy({"any": [{"resources": {"kinds": ["Pod"], "name": "job-*"}}]}), request(unnamed)) == "fail"
    assert asked(policy({"any": [{"resources": {"kinds": ["Pod"], "names": ["a*"]}}]}), request(unnamed)) == "none"


@pytest.mark.parametrize(
    ("match", "problem"),
    [
        ({"any": [{**PODS, "subjects": [{"kind": "Robot", "name": "a"}]}]}, "is no subject"),
        ({"any": [{**PODS, "subjects": [{"kind": "ServiceAccount", "name": "a"}]}]}, "is no subject"),
        ({"any": [{**PODS, "subjects": [{"kind": "User", "name": "a", "uid": "1"}]}]}, "is no subject"),
        ({"any": [{**PODS, "subjects": ["alice"]}]}, "is no subject"),
        ({"any": [{**PODS, "roles": "admin"}]}, "roles must be a list"),
        ({"any": [{"resources": {"kinds": ["Pod"], "operations": ["PATCH"]}}]}, "'PATCH' is no operation"),
        ({"any": [{"resources": {"kinds": ["Pod"], "namespaceSelector": {"labels": {}}}}]}, "namespaceSelector has"),
    ],
)
def test_refusals(match: dict[str, Any], problem: str) -> None:
    with pytest.raises(PolicyError) as raised:
        load(policy(match))
    assert problem in str(raised.value)


def test_kinds_are_compared_once_and_what_is_kept_of_them_is_bounded() -> None:
    [loaded] = load(policy({"any": [{"resources": {"kinds": ["Pod", "X*"]}}]}))
    pod = About("", "v1", "Pod")
    assert loaded.rules_for(pod) is loaded.rules_for(pod)
    assert [test for _, test in loaded.rules_for(pod)] == [always]
    long = About("", "v1", "X" * 1000)
    assert len(loaded.rules_for(long)) == 1
    assert loaded.rules_for(long) is not loaded.rules_for(long)
    for number in range(2000):
        assert not loaded.rules_for(About("", "v1", f"K{number}"))
    assert loaded.rules_for(pod) is loaded.rules_for(pod)


def test_the_labels_of_a_namespace_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    search = Cluster.labels_of_namespace

    def labels_of_namespace(cluster: Cluster, name: str) -> Any:
        looked.append(name)
        return search(cluster, name)

    monkeypatch.setattr(Cluster, "labels_of_namespace", labels_of_namespace)
    [loaded] = load(policy({"any": [selecting(tier="1")]}))
    pods = [{**POD, "metadata": {"name": str(number), "namespace": "shop"}} for number in range(3)]
    subject = inputs.parse("\n---\n".join(map(json.dumps, (*pods, namespace("shop", tier="1")))).encode())
    rules = loaded.rules_for(About("", "v1", "Pod"))
    assert [test(one) for one in occasions(subject, {}) for _, test in rules if one.view["kind"] == "Pod"] == [True] * 3
    assert looked == ["shop"]
