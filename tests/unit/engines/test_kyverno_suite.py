"""Kyverno's tests: what they say of policies, resources, values and who asks, and how each result comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateproof.adapters import kyverno_suites
from gateproof.adapters.suites import gather
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.suite import run
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
PODS = {"any": [{"resources": {"kinds": ["Pod"]}}]}
Run = Callable[..., dict[str, tuple[Outcome, str]]]


def policy(**rule: Any) -> dict[str, Any]:
    made = {
        "name": "r",
        "match": PODS,
        "validate": {"message": "no", "pattern": {"metadata": {"name": "good*"}}},
        **rule,
    }
    rules = {key: value for key, value in made.items() if value is not None}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"rules": [rules]},
    }


def pod(name: str, namespace: str = "", **metadata: Any) -> dict[str, Any]:
    placed = {"namespace": namespace} if namespace else {}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **placed, **metadata}, "spec": {}}


def expected(result: str, *resources: str, **more: Any) -> dict[str, Any]:
    return {"policy": "p", "rule": "r", "kind": "Pod", "resources": list(resources), "result": result, **more}


@pytest.fixture
def tried(tmp_path: Path) -> Run:
    """Writes a test with its files and runs it: names of cases to how they came out."""

    def dumped(documents: list[Any]) -> str:
        return documents[0] if documents[:1] == ["{"] else yaml.safe_dump_all(documents)

    def run_one(
        results: list[dict[str, Any]],
        policies: list[dict[str, Any]],
        resources: list[dict[str, Any]],
        files: dict[str, Any] | None = None,
        /,
        **test: Any,
    ) -> dict[str, tuple[Outcome, str]]:
        named = {"policies": ["policies.yaml"], "resources": ["resources.yaml"], "results": results, **test}
        head = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Test", "metadata": {"name": "t"}}
        written = {"policies.yaml": policies, "resources.yaml": resources, **(files or {})}
        for name, documents in {**written, "kyverno-test.yaml": [{**head, **named}]}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(dumped(documents), encoding="utf-8")
        [found] = kyverno_suites.tests_in(str(tmp_path / "kyverno-test.yaml"))
        return {case.name: (case.outcome, case.message) for case in run(found, now=NOW)}

    return run_one


def test_results_are_met_or_not(tried: Run) -> None:
    pods = [pod("good-a"), pod("bad-a"), pod("bad-b")]
    found = tried([expected("pass", "good-a"), expected("fail", "bad-a"), expected("pass", "bad-b")], [policy()], pods)
    assert found == {
        "p/r/Pod/good-a": (Outcome.PASS, ""),
        "p/r/Pod/bad-a": (Outcome.PASS, ""),
        "p/r/Pod/bad-b": (
            Outcome.FAIL,
            'pass is expected, found fail: no: metadata.name does not match "good*" (rule r)',
        ),
    }


def test_generated_rules_are_their_rules(tried: Run) -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"template": {"metadata": {"name": "bad"}}},
    }
    assert tried([expected("fail", "d")], [policy()], [deployment]) == {"p/r/Deployment/d": (Outcome.PASS, "")}


def test_without_resources_all_of_them_are_meant_and_without_a_rule_all_rules(tried: Run) -> None:
    result = {"policy": "p", "result": "pass"}
    found = tried([result], [policy()], [pod("good-a"), pod("bad-a")])
    assert {name: outcome for name, (outcome, _) in found.items()} == {
        "p/Pod/good-a": Outcome.PASS,
        "p/Pod/bad-a": Outcome.FAIL,
    }


def test_resources_are_named_with_their_namespaces(tried: Run) -> None:
    pods = [pod("bad", "a"), pod("bad", "b"), pod("bad")]
    found = tried([expected("fail", "a/bad", "default/bad")], [policy()], pods)
    assert list(found) == ["p/r/Pod/a/bad", "p/r/Pod/bad"]


def test_resources_are_named_by_all_that_identifies_them(tried: Run) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"}}
    beta = {**pod("bad"), "apiVersion": "example.com/v1"}
    resources = [pod("bad"), pod("bad", "shop"), service, beta]

    def tried_of(**spec: str) -> list[str]:
        result = {**expected("fail"), "resources": [], "resourceSpecs": [{"name": "bad", **spec}]}
        return list(tried([result], [policy()], resources))

    assert tried_of(version="v1", kind="Pod", namespace="shop") == ["p/r/Pod/shop/bad"]
    assert tried_of(version="v1", kind="Pod") == tried_of(kind="Pod", namespace="default") == ["p/r/Pod/bad"]
    assert tried_of() == ["p/r/Pod/bad", "p/r/Service/bad"]
    result = {**expected("fail", "shop/bad"), "resourceSpecs": [{"name": "bad", "kind": "Secret", "namespace": "x"}]}
    found = tried([result], [policy()], resources)
    assert found["p/r/Secret/x/bad"] == (Outcome.ERROR, "there is no such resource")
    assert found["p/r/Pod/shop/bad"] == (Outcome.PASS, "")


def test_keys_of_results_count_whatever_their_case(tried: Run) -> None:
    result = {**FAILS, "Resources": ["bad"], "isMUtatingPolicy": False, "operation": None}
    assert tried([result], [policy()], [pod("bad"), pod("good")]) == {"p/r/Pod/bad": (Outcome.PASS, "")}


def test_failures_of_policies_that_are_not_scored_are_warnings(tried: Run) -> None:
    unscored = policy()
    unscored["metadata"] = {"name": "p", "annotations": {"policies.kyverno.io/scored": "false"}}
    found = tried([expected("warn", "bad"), expected("pass", "good")], [unscored], [pod("bad"), pod("good")])
    assert found == dict.fromkeys(("p/r/Pod/bad", "p/r/Pod/good"), (Outcome.PASS, ""))
    [(outcome, message)] = tried([expected("fail", "bad")], [unscored], [pod("bad")]).values()
    assert (outcome, message.partition(":")[0]) == (Outcome.FAIL, "fail is expected, found warn")


@pytest.mark.parametrize(
    "more",
    [
        {"patchedResources": "b.yaml"},
        {"generatedResources": ["b.yaml"]},
        {"cloneSourceResource": "b.yaml"},
        {"failOnMissingResources": True},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_is_expected_of_changed_objects_is_left_out_by_name(tried: Run, more: dict[str, Any]) -> None:
    found = tried([expected("pass", "bad", **more)], [policy()], [pod("bad")])
    assert found == {"p/r": (Outcome.SKIP, "what changes or makes objects does not gate")}


def test_what_was_not_tried_is_no_pass(tried: Run) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    found = tried([expected("fail", "s"), expected("skip", "s", rule="q")], [policy()], [service])
    assert found == {
        "p/r/Service/s": (Outcome.SKIP, "excluded: no rule is for it, so fail was not tried"),
        "p/q/Service/s": (Outcome.PASS, ""),
    }


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (expected("fail", "missing"), "there is no such resource"),
        (expected("fail", "bad", policy="q"), "there is no policy q among its policies"),
        (expected("fail", "bad", operation="PATCH"), "the operation 'PATCH' is not supported in a test"),
    ],
)
def test_what_is_named_and_not_there_is_an_error(tried: Run, result: dict[str, Any], problem: str) -> None:
    [(outcome, message)] = tried([result], [policy()], [pod("bad")]).values()
    assert outcome is Outcome.ERROR
    assert problem in message


def test_a_policy_that_is_refused_is_an_error_for_its_results_alone(tried: Run) -> None:
    refused = policy(verifyImages=[{"imageReferences": ["*"]}])
    refused["metadata"] = {"name": "q"}
    found = tried(
        [expected("fail", "bad"), expected("fail", "bad", policy="q")],
        [policy()],
        [pod("bad")],
        {"more.yaml": [refused]},
        policies=["policies.yaml", "more.yaml"],
    )
    assert found["p/r/Pod/bad"] == (Outcome.PASS, "")
    assert found["q/r"][0] is Outcome.ERROR
    assert "verifyImages is not supported" in found["q/r"][1]


def test_what_changes_objects_is_left_out_by_name(tried: Run) -> None:
    patch = {"patchStrategicMerge": {"metadata": {"labels": {"a": "b"}}}}
    mutating = policy(validate=None, mutate=patch)
    found = tried([expected("pass", "a"), expected("pass", "a", patchedResources="b.yaml")], [mutating], [pod("a")])
    assert found == {"p/r": (Outcome.SKIP, "what changes or makes objects does not gate")}
    found = tried([expected("pass", "a")], [mutating], [pod("a")])
    assert found == {"p/r": (Outcome.SKIP, "rules that change or make objects do not gate: r (mutate)")}


CONTEXT = [{"name": "settings", "configMap": {"name": "settings", "namespace": "ops"}}]
EQUALS = {"operator": "Equals", "key": "{{ settings.data.env }}", "value": "prod"}
BY_SETTINGS = {"message": "no", "deny": {"conditions": {"any": [EQUALS]}}}


def values(**said: Any) -> list[dict[str, Any]]:
    return [{"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Values", **said}]


@pytest.mark.parametrize(("env", "result"), [("prod", "fail"), ("dev", "pass"), (None, "error")])
def test_values_stand_in_for_what_a_cluster_would_say(tried: Run, env: str | None, result: str) -> None:
    rules = [{"name": "r", "values": {"settings.data.env": env} if env else {}}]
    found = tried(
        [expected(result, "a")],
        [policy(context=CONTEXT, validate=BY_SETTINGS)],
        [pod("a")],
        {"values.yaml": values(policies=[{"name": "p", "rules": rules}])},
        variables="values.yaml",
    )
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}


def test_values_of_elements_and_of_resources_and_of_all(tried: Run) -> None:
    condition = {"key": "{{ picture.arch }}/{{ suffix }}/{{ more }}", "operator": "Equals", "value": "arm/x/one"}
    entry = {"name": "picture", "imageRegistry": {"reference": "{{ element.image }}"}}
    loop = {"list": "request.object.spec.containers", "context": [entry], "deny": {"conditions": {"any": [condition]}}}
    checked = policy(validate={"message": "no", "foreach": [loop]})
    containers = {"spec": {"containers": [{"name": "a", "image": "a"}, {"name": "b", "image": "b"}]}}
    given = {
        "globalValues": {"suffix": "x"},
        "policies": [
            {
                "name": "p",
                "resources": [{"name": "bad", "values": {"more": "one"}}, {"name": "good", "values": {"more": "two"}}],
                "rules": [{"name": "r", "foreachValues": {"picture.arch": ["amd", "arm"]}}],
            }
        ],
    }
    resources = [{**pod("bad"), **containers}, {**pod("good"), **containers}]
    found = tried([expected("fail", "bad"), expected("pass", "good")], [checked], resources, values=given)
    assert found == dict.fromkeys(found, (Outcome.PASS, ""))


def test_values_may_be_about_the_request(tried: Run) -> None:
    condition = {
        "key": "{{ request.object.spec.account }}-{{ request.object.kind }}",
        "operator": "Equals",
        "value": "x-Pod",
    }
    checked = policy(validate={"message": "no", "deny": {"conditions": {"any": [condition]}}})
    given = {"policies": [{"name": "p", "rules": [{"name": "r", "values": {"request.object.spec.account": "x"}}]}]}
    assert tried([expected("fail", "a")], [checked], [pod("a")], values=given) == {"p/r/Pod/a": (Outcome.PASS, "")}


LISTED = [{"name": "listed", "apiCall": {"urlPath": "/api/v1/pods", "jmesPath": "length(items)"}}]
COUNTED = {
    "message": "no",
    "deny": {"conditions": {"any": [{"key": "{{ listed }}", "operator": "Equals", "value": 3}]}},
}


def test_targets_and_resources_are_in_a_cluster_that_is_said(tried: Run) -> None:
    files = {
        "c.yaml": [{"kind": "ClusterResource", "spec": {"resources": [pod("there")]}}],
        "t.yaml": [pod("target")],
    }
    checked = [policy(context=LISTED, validate=COUNTED)]
    said: dict[str, Any] = {"clusterResources": ["c.yaml"], "targetResources": ["t.yaml"]}
    assert tried([expected("fail", "a")], checked, [pod("a")], files, **said) == {"p/r/Pod/a": (Outcome.PASS, "")}
    del said["clusterResources"]
    assert tried([expected("error", "a")], checked, [pod("a")], files, **said) == {"p/r/Pod/a": (Outcome.PASS, "")}
    [(outcome, message)] = tried([expected("fail", "target")], checked, [pod("a")], files, **said).values()
    assert (outcome, message) == (Outcome.ERROR, "there is no such resource")


def test_a_config_map_of_the_cluster_counts_before_one_that_is_tested(tried: Run) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "ops"}}
    prod, dev = ({**config, "data": {"env": env}} for env in ("prod", "dev"))
    checked = [policy(context=CONTEXT, validate=BY_SETTINGS)]
    files = {"c.yaml": [{"kind": "ClusterResource", "spec": {"resources": [prod]}}]}
    found = tried([expected("fail", "a")], checked, [pod("a"), dev], files, clusterResources=["c.yaml"])
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}
    files = {"c.yaml": [{"kind": "ClusterResource", "spec": {"resources": [dev]}}]}
    found = tried([expected("pass", "a")], checked, [pod("a"), prod], files, clusterResources=["c.yaml"])
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}


def test_custom_kinds_are_served_as_their_definitions_say(tried: Run) -> None:
    names = {"kind": "Mouse", "plural": "mice"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "mice.example.com"},
        "spec": {"group": "example.com", "scope": "Cluster", "names": names},
    }
    mice = [{"apiVersion": "example.com/v1", "kind": "Mouse", "metadata": {"name": name}} for name in "abc"]
    files = {
        "c.yaml": [{"kind": "ClusterResource", "spec": {"crds": ["d.yaml"], "resources": mice}}],
        "d.yaml": [definition],
    }
    call = {"urlPath": "/apis/example.com/v1/mice", "jmesPath": "length(items)"}
    checked = [policy(context=[{"name": "listed", "apiCall": call}], validate=COUNTED)]
    found = tried([expected("fail", "a")], checked, [pod("a")], files, clusterResources=["c.yaml"])
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}


DENIES: dict[str, Any] = {"message": "no", "deny": {}}


def test_operations_are_those_of_the_result_or_of_the_values(tried: Run) -> None:
    match = {"any": [{"resources": {"kinds": ["Pod"], "operations": ["DELETE"]}}]}
    denied = [policy(match=match, validate=DENIES)]
    found = tried([expected("fail", "a", operation="DELETE"), expected("skip", "a")], denied, [pod("a")])
    assert found == {"p/r/Pod/a/DELETE": (Outcome.PASS, ""), "p/r/Pod/a": (Outcome.PASS, "")}
    given = {"globalValues": {"request.operation": "DELETE"}}
    assert tried([expected("fail", "a")], denied, [pod("a")], values=given)["p/r/Pod/a"] == (Outcome.PASS, "")


def test_who_asks(tried: Run) -> None:
    match = {"any": [{"resources": {"kinds": ["Pod"]}, "clusterRoles": ["view"]}]}
    info = {"clusterRoles": ["view"], "userInfo": {"username": "alice"}}
    users = [{"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "UserInfo", **info}]
    condition = {"key": "{{ request.userInfo.username }}", "operator": "Equals", "value": "alice"}
    denied = policy(match=match, validate={"message": "no", "deny": {"conditions": {"any": [condition]}}})
    found = tried([expected("fail", "a")], [denied], [pod("a")], {"user.yaml": users}, userinfo="user.yaml")
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}
    users[0]["clusterRoles"] = ["edit"]
    found = tried([expected("skip", "a")], [denied], [pod("a")], {"user.yaml": users}, userinfo="user.yaml")
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}


def test_namespaces_have_the_labels_that_are_said_and_others_have_none(tried: Run) -> None:
    selected = {"kinds": ["Pod"], "namespaceSelector": {"matchLabels": {"tier": "1"}}}
    denied = [policy(match={"any": [{"resources": selected}]}, validate=DENIES)]
    pods = [pod("a", "shop"), pod("b", "other"), pod("c", "whole")]
    results = [expected("fail", "a", "c"), expected("skip", "b")]
    given = {
        "namespaceSelector": [{"name": "shop", "labels": {"tier": "1"}}],
        "namespaces": [{"metadata": {"name": "whole", "labels": {"tier": "1"}}}],
    }
    found = tried(results, denied, pods, values=given)
    assert found == dict.fromkeys(found, (Outcome.PASS, ""))


def test_subresources_are_sent_to_their_parents(tried: Run) -> None:
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a", "namespace": "shop"}}
    match = {"any": [{"resources": {"kinds": ["Deployment/scale"]}}]}
    pair = {
        "subresource": {"name": "deployments/scale", "kind": "Scale", "group": "autoscaling", "version": "v1"},
        "parentResource": {"name": "deployments", "kind": "Deployment", "group": "apps", "version": "v1"},
    }
    denied = [policy(match=match, validate=DENIES)]
    found = tried([expected("fail", "a")], denied, [scale], values={"subresources": [pair]})
    assert found == {"p/r/Scale/shop/a": (Outcome.PASS, "")}
    assert tried([expected("skip", "a")], denied, [scale])["p/r/Scale/shop/a"] == (Outcome.PASS, "")


def test_exceptions_count_though_they_do_not_say_until_when(tried: Run) -> None:
    exception = {
        "apiVersion": "kyverno.io/v2",
        "kind": "PolicyException",
        "metadata": {"name": "e"},
        "spec": {"match": PODS, "exceptions": [{"policyName": "p", "ruleNames": ["r"]}]},
    }
    found = tried([expected("skip", "bad")], [policy()], [pod("bad")], {"e.yaml": [exception]}, exceptions=["e.yaml"])
    assert found == {"p/r/Pod/bad": (Outcome.PASS, "")}


def test_parameters_of_admission_policies(tried: Run) -> None:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": "v"}}
    validating = {
        **head,
        "kind": "ValidatingAdmissionPolicy",
        "spec": {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "matchConstraints": {"resourceRules": rules},
            "validations": [{"expression": "object.metadata.name != params.data.refused"}],
        },
    }
    reference = {"name": "settings", "namespace": "ops", "parameterNotFoundAction": "Deny"}
    bound = {"policyName": "v", "validationActions": ["Deny"], "paramRef": reference}
    binding = {**head, "kind": "ValidatingAdmissionPolicyBinding", "spec": bound}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "ops"}}
    results = [
        {"policy": "v", "resources": [name], "result": result, "isValidatingAdmissionPolicy": True}
        for name, result in (("a", "fail"), ("b", "pass"))
    ]
    files = {"params.yaml": [{**config, "data": {"refused": "a"}}]}
    found = tried(results, [validating, binding], [pod("a"), pod("b")], files, paramResources=["params.yaml"])
    assert found == {"v/Pod/a": (Outcome.PASS, ""), "v/Pod/b": (Outcome.PASS, "")}


def test_policies_in_cel_and_exceptions_from_them(tried: Run) -> None:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    validating = {
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "ValidatingPolicy",
        "metadata": {"name": "v"},
        "spec": {
            "matchConstraints": {"resourceRules": rules},
            "validations": [{"expression": "object.metadata.name.startsWith('good')", "message": "no"}],
        },
    }
    mutating = {**validating, "kind": "MutatingPolicy", "metadata": {"name": "m"}}
    exception = {
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "PolicyException",
        "metadata": {"name": "e"},
        "spec": {
            "policyRefs": [{"name": "v", "kind": "ValidatingPolicy"}],
            "matchConditions": [{"name": "c", "expression": "object.metadata.name == 'bad-c'"}],
        },
    }
    results = [
        {"policy": "v", "resources": [name], "result": result, "isValidatingPolicy": True}
        for name, result in (("good-a", "pass"), ("bad-b", "fail"), ("bad-c", "skip"))
    ]
    results.append({"policy": "m", "resources": ["good-a"], "result": "pass"})
    found = tried(
        results,
        [validating, mutating],
        [pod("good-a"), pod("bad-b"), pod("bad-c")],
        {"e.yaml": [exception]},
        exceptions=["e.yaml"],
    )
    assert found == {
        "v/Pod/good-a": (Outcome.PASS, ""),
        "v/Pod/bad-b": (Outcome.PASS, ""),
        "v/Pod/bad-c": (Outcome.PASS, ""),
        "m": (Outcome.SKIP, "MutatingPolicy: what changes objects does not gate"),
    }


def test_what_clusters_and_servers_answer(tried: Run) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "ops"}}
    cluster = {
        "apiVersion": "cli.kyverno.io/v1alpha1",
        "kind": "ClusterResource",
        "spec": {"resources": [{**config, "data": {"env": "prod"}}]},
    }
    checked = [policy(context=CONTEXT, validate=BY_SETTINGS)]
    found = tried([expected("fail", "a")], checked, [pod("a")], {"c.yaml": [cluster]}, clusterResources=["c.yaml"])
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}
    call = [{"name": "settings", "apiCall": {"urlPath": "/settings"}}]
    answer = {"urlPath": "/settings", "response": {"body": {"data": {"env": "prod"}}}}
    checked = [policy(context=call, validate=BY_SETTINGS)]
    assert tried([expected("fail", "a")], checked, [pod("a")], apiCallResponses=[answer]) == {
        "p/r/Pod/a": (Outcome.PASS, "")
    }


FAILS = {"policy": "p", "rule": "r", "result": "fail"}
ANSWER = {"urlPath": "/a", "response": {"body": {}}}
FILES: dict[str, list[Any]] = {
    "broken.yaml": ["{"],
    "text.yaml": ["a"],
    "values.yaml": [{"kind": "Values"}],
    "unknown.yaml": [{"kind": "X", "globals": {}}],
    "two.yaml": [{"kind": "UserInfo"}, {"kind": "UserInfo"}],
    "crds.yaml": [{"kind": "ClusterResource", "spec": {"crds": ["crd.yaml"]}}],
}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"resources": ["resources.yaml", "broken.yaml"]}, "broken.yaml"),
        ({"httpPayloads": ["a"]}, "httpPayloads of a test is not supported"),
        ({"policies": ["none.yaml"]}, "none.yaml"),
        ({"policies": ["https://example.com/p.yaml"]}, "is an address: nothing is fetched"),
        ({"resources": ["resources.yaml", "missing/"]}, "missing"),
        ({"results": [{"policy": "p"}]}, "results: Object missing required field `result`"),
        ({"results": [{"policy": "p", "result": "failed"}]}, "results: Invalid enum value 'failed'"),
        ({"results": [{**FAILS, "resorces": ["a"]}]}, "results: Object contains unknown field `resorces`"),
        ({"results": [{**FAILS, "status": "fail"}]}, "unknown field `status`"),
        ({"results": [{**FAILS, "resourceSpecs": [{"name": "a", "subresource": "status"}]}]}, "field `subresource`"),
        ({"results": [FAILS, "fail"]}, "results: Expected `object`, got `str` - at `$[1]`"),
        ({"targetResources": ["none.yaml"]}, "none.yaml"),
        ({"resources": ["text.yaml"]}, "text.yaml: a document in it is no object"),
        ({"values": {"global": {}}}, "values: Object contains unknown field `global`"),
        ({"values": {"policies": [{"name": "p", "rule": []}]}}, "unknown field `rule` - at `$.policies[0]`"),
        ({"values": {"policies": [{"name": "p", "rules": [{"name": "r", "value": {}}]}]}}, "unknown field `value`"),
        ({"values": {"namespaces": [{"metadata": {}, "labels": {}}]}}, "unknown field `labels`"),
        ({"values": {"subresources": [{"subresource": {}}]}}, "values: Object missing required field `name`"),
        ({"values": {}, "variables": "values.yaml"}, "they are in the test itself, or the one document of a file"),
        ({"variables": "unknown.yaml"}, "values: Object contains unknown field `globals`"),
        ({"userinfo": "unknown.yaml"}, "userinfo: Object contains unknown field `globals`"),
        ({"userinfo": "resources.yaml"}, "userinfo: Object contains unknown field `spec`"),
        ({"userinfo": "two.yaml"}, "userinfo: the file has 2 documents, and the first alone counts"),
        ({"context": "unknown.yaml"}, "context: Object contains unknown field `globals`"),
        ({"clusterResources": ["unknown.yaml"]}, "clusterResources: Object contains unknown field `globals`"),
        ({"clusterResources": ["crds.yaml"]}, "crd.yaml"),
        ({"apiCallResponses": [{"urlPath": "/a"}]}, "apiCallResponses: Object missing required field `response`"),
        ({"apiCallResponses": [{**ANSWER, "url": "b"}]}, "an answer has one of urlPath and url"),
        ({"apiCallResponses": [{**ANSWER, "header": 1}]}, "apiCallResponses: Object contains unknown field `header`"),
        ({"apiCallResponses": [{**ANSWER, "method": "PUT"}]}, "apiCallResponses: Invalid enum value 'PUT'"),
        ({"apiCallResponses": [{"urlPath": "/a", "response": {"body": {}, "statusCode": 500}}]}, "statusCode 500"),
        ({"globalContextEntries": [{"name": "a", "projections": [1]}]}, "only data and resources are supported"),
        ({"globalContextEntries": [{"name": "a", "dat": 1}]}, "unknown field `dat`"),
    ],
)
def test_what_is_not_supported_is_told(tried: Run, more: dict[str, Any], problem: str) -> None:
    given = {"results": [expected("fail", "a")], **more}
    results = given.pop("results")
    found = tried(results, [policy()], [pod("a")], FILES, **given)
    [(outcome, message)] = found.values()
    assert outcome is Outcome.ERROR
    assert problem in message


def test_global_context_and_resources_that_are_none(tried: Run) -> None:
    entry = [{"name": "teams", "globalReference": {"name": "teams"}}]
    condition = {"key": "{{ teams.first }}", "operator": "Equals", "value": "a"}
    checked = policy(context=entry, validate={"message": "no", "deny": {"conditions": {"any": [condition]}}})
    mocked = [{"name": "teams", "data": {"first": "a"}}]
    found = tried([expected("fail", "a")], [checked], [pod("a")], globalContextEntries=mocked)
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}
    nameless = {"metadata": {"name": "x"}, "spec": {}}
    [(outcome, message)] = tried([expected("fail", "x")], [policy()], [nameless]).values()
    assert outcome is Outcome.ERROR
    assert message


def test_elements_without_values_of_their_own_are_errors(tried: Run) -> None:
    loop = {
        "list": "request.object.spec.containers",
        "deny": {"conditions": {"any": [{"key": "{{ picture.arch }}", "operator": "Equals", "value": "arm"}]}},
    }
    checked = policy(validate={"message": "no", "foreach": [loop]})
    rules = [{"name": "r", "foreachValues": {"picture.arch": ["amd"]}}]
    containers = {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}
    given = {"policies": [{"name": "p", "rules": rules}]}
    found = tried([expected("error", "a")], [checked], [{**pod("a"), **containers}], values=given)
    assert found == {"p/r/Pod/a": (Outcome.PASS, "")}


def test_what_judges_nothing_is_left_out(tried: Run) -> None:
    cleanup = {"apiVersion": "kyverno.io/v2", "kind": "CleanupPolicy", "metadata": {"name": "p"}, "spec": {}}
    found = tried([expected("pass", "a")], [cleanup], [pod("a")])
    assert found == {"p/r": (Outcome.SKIP, "what deletes objects does not gate")}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("policies: p.yaml", "policies of a test must be a list of paths"),
        ("variables: 5", "variables of a test must be a path"),
    ],
)
def test_paths_are_texts(tmp_path: Path, said: str, problem: str) -> None:
    path = tmp_path / "kyverno-test.yaml"
    path.write_text(f"apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\n{said}\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=problem):
        kyverno_suites.tests_in(str(path))


def test_tests_in_hidden_folders_of_theirs_are_found(tmp_path: Path) -> None:
    for name in (".kyverno-test", ".other"):
        folder = tmp_path / "policy" / name
        folder.mkdir(parents=True)
        (folder / "kyverno-test.yaml").write_text("apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\n", encoding="utf-8")
    assert [Path(path).parent.name for path in gather([str(tmp_path)]).yaml] == [".kyverno-test"]
    named = tmp_path / "policy" / ".other" / "kyverno-test.yaml"
    assert gather([str(named)]).yaml == (str(named),)


def test_a_folder_of_policies_is_all_its_files(tried: Run) -> None:
    other = policy()
    other["metadata"] = {"name": "q"}
    results = [expected("fail", "bad"), expected("fail", "bad", policy="q")]
    found = tried(results, [], [pod("bad")], {"all/p.yaml": [policy()], "all/q.yaml": [other]}, policies=["all"])
    assert found == dict.fromkeys(found, (Outcome.PASS, ""))
