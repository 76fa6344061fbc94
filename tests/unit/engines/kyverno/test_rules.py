"""Rules on objects: preconditions, deny, foreach, variables in patterns, context, images, messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.errors import PolicyError
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:00:00Z"
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web", "team": "pay"}},
    "spec": {
        "containers": [
            {"name": "a", "image": "nginx:1.25", "ports": [{"p": 80}]},
            {"name": "b", "image": "ghcr.io/x/y@sha256:" + "0" * 64, "ports": [{"p": 443}, {"p": 8080}]},
        ],
        "braces": "{{ request.object.metadata.name }}",
        "slash": "a\\",
    },
}
DENY_B = {"conditions": {"any": [{"key": "{{ element.name }}", "operator": "Equals", "value": "b"}]}}


def policy(rule: Mapping[str, Any], **metadata: Any) -> Policy:
    whole = {"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod", "Secret"]}}]}, **rule}
    document = {
        "apiVersion": "kyverno.io/v1",
        "kind": "Policy" if "namespace" in metadata else "ClusterPolicy",
        "metadata": {"name": "p", **metadata},
        "spec": {"rules": [whole]},
    }
    source = Source("policy.yaml", json.dumps(document))
    return Policy(id="p", engine=EngineName.KYVERNO, title="P", severity=Severity.HIGH, sources=(source,))


def judged(rule: Mapping[str, Any], *objects: Mapping[str, Any], facts: Sequence[Fact] = (), **metadata: Any) -> Result:
    """What a policy of one rule says of the first object (a Pod, if none is given)."""
    subject = inputs.parse("\n---\n".join(map(json.dumps, objects or (POD,))).encode())
    assert not subject.problem
    known = {fact.name: fact for fact in facts}
    results = KyvernoEngine().evaluate(policy(rule, **metadata), subject, known, now=NOW)
    return results[0]


def deny(key: Any, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    """A rule that denies what the condition holds for."""
    return {"validate": {"deny": {"conditions": {"any": [{"key": key, "operator": operator, "value": value}]}}}, **more}


def fact(name: str, value: Any) -> Fact:
    return Fact(name=name, source="test", observed_at=NOW, max_age=60, value=value)


@pytest.mark.parametrize(
    ("key", "operator", "value", "holds"),
    [
        ("abc", "Equals", "a*", True),
        ("1Gi", "Equals", "1024Mi", True),
        ("60m", "Equals", "1h", True),
        ("1h", "Equals", 3600, True),
        (3600, "Equals", "3600", True),
        ("3600", "Equals", 3600, False),
        (1.5, "Equals", "1.5", True),
        (True, "Equals", True, True),
        (True, "Equals", "true", False),
        ([1, "a"], "Equals", [1, "a"], True),
        ({"a": 1}, "NotEquals", {"a": 2}, True),
        (None, "Equals", "", False),
        (None, "NotEquals", "a", False),
        ("1Gi", "NotEquals", "x", True),
        ("a", "In", ["a*"], True),
        ("a", "In", '["a"]', True),
        ("a", "In", "not json", False),
        (["a"], "In", ["a", "b"], True),
        (["a", "c"], "NotIn", ["a", "b"], True),
        (["a"], "NotIn", "a", True),
        ("a", "NotIn", ["b"], True),
        (["x", "b"], "AnyIn", ["b*"], True),
        (["x*"], "AnyIn", ["xyz"], True),
        (["x"], "AnyIn", [], False),
        (5, "AnyIn", "1-10", True),
        (["5", "50"], "AnyNotIn", "1-10", True),
        (["5"], "AnyNotIn", "1-10", False),
        (["a", "b"], "AllIn", ["a", "b", "c"], True),
        (["a", "d"], "AllIn", ["a", "b", "c"], False),
        (["512Mi", "2Gi"], "AllIn", "1Mi-1Gi", False),
        (["d"], "AllNotIn", ["a", "b"], True),
        (["a", "d"], "AllNotIn", ["a", "b"], False),
        ("d", "AllNotIn", "a, b", True),
        ("d", "AllNotIn", '{"not": "a list"}', False),
        (["a"], "AnyNotIn", {"a": "b"}, False),
        ({"a": "b"}, "AnyNotIn", ["a"], False),
        (1, "AnyIn", 1, False),
        ([1], "AnyIn", 1, True),
        ("10", "GreaterThan", "9", True),
        ("2Gi", "GreaterThan", "1Gi", True),
        ("1h", "LessThan", 3601, True),
        ("0", "LessThanOrEquals", "1h", True),
        ("1.9.3", "LessThan", "1.10.0", True),
        ("1.9.3", "LessThan", 2, False),
        ("x", "GreaterThan", 1, False),
        (True, "GreaterThan", 0, False),
        (2, "GreaterThanOrEquals", "2", True),
        ("1h", "DurationGreaterThan", "30m", True),
        (10, "DurationLessThanOrEquals", "10s", True),
        ("10", "DurationLessThan", "1h", False),
    ],
)
def test_operators(key: Any, operator: str, value: Any, holds: bool) -> None:
    assert judged(deny(key, operator, value)).outcome == ("fail" if holds else "pass")


def test_lists_of_other_things_than_texts_have_no_order_among_the_deprecated_operators() -> None:
    assert judged(deny([1], "In", [1])).outcome == "error"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("{{ request.object.metadata.name }}", "web"),
        ("{{request.namespace}}/{{request.operation}}", "default/CREATE"),
        ("{{ request.object.metadata.namespace }}", "default"),
        ("{{ request.object.metadata.labels.{{ 'team' }} }}", "pay"),
        ("\\{{ x }}", "{{ x }}"),
        ("n={{ length(request.object.spec.containers) }}", "n=2"),
        ("{{ to_string(request.object.spec.containers[].ports[]) }}", '[{"p":80},{"p":443},{"p":8080}]'),
        ("x{{- request.object.spec.braces }}", "x{{ request.object.metadata.name }}"),
        ("{{ request.object.spec.braces }}", "{{ request.object.metadata.name }}"),
        ("{{ images.containers.a.registry }}", "docker.io"),
        ("{{ images.containers.a.tag }}", "1.25"),
        ("{{ images.containers.b.digest }}", "sha256:" + "0" * 64),
        ("{{ images.containers.b.path }}", "x/y"),
        ("{{ images.containers.a.jsonPointer }}", "/spec/containers/0/image"),
        ("{{ time_now_utc() }}", NOW),
    ],
)
def test_variables(key: str, value: str) -> None:
    rule = deny(key, "NotEquals", "{{- expected }}", context=[{"name": "expected", "variable": {"value": "?"}}])
    rule["context"][0]["variable"]["value"] = value.replace("{{", "\\{{")
    assert judged(rule).outcome == "pass"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("{{ request.object.spec.zz }}", "there is no key 'zz'"),
        ("{{ request.userInfo.username }}", "there is no key 'username'"),
        ("{{ to_upper(request.object.spec.zz) }}", "is not of type string"),
        ("x{{ request.object.spec.braces }}", "has braces, which Kyverno would evaluate"),
        ("{{ request.object.spec.slash }}{{ request.object.metadata.name }}", "would be none"),
        ("{{ images.initContainers.x.tag }}", "there is no key 'initContainers'"),
        ("{{ element }}", "there is no key 'element'"),
    ],
)
def test_what_has_no_value_is_an_error(key: str, reason: str) -> None:
    result = judged(deny(key, "Equals", "x"))
    assert result.outcome == "error"
    assert reason in result.reason


def test_a_condition_on_what_is_hidden_is_an_error() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"password": "eA=="}}
    for key in ("{{ request.object.data.password }}", "{{ request.object.data }}", "{{ request.object.data.* | [0] }}"):
        result = judged(deny(key, "Equals", "eA=="), secret)
        assert result.outcome == "error"
        assert "sensitive" in result.reason
    assert judged(deny("{{ keys(request.object.data) }}", "AnyIn", ["password"]), secret).outcome == "fail"


def test_preconditions() -> None:
    rule = deny("a", "Equals", "a")
    unmet = {"key": "a", "operator": "Equals", "value": "b", "message": "a is not b"}
    result = judged({**rule, "preconditions": {"all": [unmet]}})
    assert (result.outcome, result.reason) == ("skip", "rule r: preconditions are not met: a is not b")
    met = {"key": "a", "operator": "Equals", "value": "a"}
    assert judged({**rule, "preconditions": {"any": [unmet, met]}}).outcome == "fail"
    assert judged({**rule, "preconditions": {"any": [met], "all": [unmet]}}).outcome == "skip"
    assert judged({**rule, "preconditions": [met, unmet]}).outcome == "skip"
    assert judged({**rule, "preconditions": {"any": []}}).outcome == "skip"
    assert judged({**rule, "preconditions": {}}).outcome == "fail"


def test_the_message_has_the_values_of_its_variables() -> None:
    rule = deny("a", "Equals", "a")
    rule["validate"]["message"] = "{{ request.object.metadata.name }} has {{ request.object.spec.zz }}, \\{{ so }}."
    rule["validate"]["deny"]["conditions"]["any"][0]["message"] = "a is a"
    (finding,) = judged(rule).findings
    assert finding.message == "web has {{ request.object.spec.zz }}, {{ so }}: a is a (rule r)"


@pytest.mark.parametrize(
    ("pattern", "outcome"),
    [
        ({"metadata": {"labels": {"app": "{{ request.object.metadata.name }}"}}}, "pass"),
        ({"metadata": {"labels": {"{{ 'team' }}": "p*"}}}, "pass"),
        ({"spec": {"containers": [{"name": "{{ request.object.spec.containers[].name | join('|', @) }}"}]}}, "pass"),
        ({"spec": {"containers": [{"name": "{{ request.object.metadata.name }}"}]}}, "fail"),
        ({"spec": {"containers": '{{ `[{"name": "?"}]` }}'}}, "pass"),
        ({"spec": {"containers": "{{ `[]` }}"}}, "error"),
        ({"spec": {"x": "{{ request.object.spec.zz }}"}}, "error"),
        ({"{{ `1` }}": "x"}, "error"),
        ({"metadata": {"name": "$(./../labels/app)", "labels": {"app": "web"}}}, "pass"),
        ({"metadata": {"name": "x", "=(labels)": {"app": "$(./../../name)"}}}, "fail"),
        ({"metadata": {"name": "\\$(web)"}}, "fail"),
    ],
)
def test_patterns_with_variables_and_references(pattern: Any, outcome: str) -> None:
    assert judged({"validate": {"pattern": pattern}}).outcome == outcome


@pytest.mark.parametrize(
    ("loops", "outcome"),
    [
        ([{"list": "request.object.spec.containers", "deny": DENY_B}], "fail"),
        ([{"list": "request.object.spec.containers[0]", "deny": DENY_B}], "pass"),
        ([{"list": "request.object.spec.zz", "deny": DENY_B}], "skip"),
        ([{"list": "to_upper(request.object.spec)", "deny": DENY_B}], "error"),
        (
            [
                {"list": "request.object.spec.zz", "deny": {}},
                {"list": "request.object.spec.containers", "deny": DENY_B},
            ],
            "fail",
        ),
        ([{"list": "request.object.spec.containers", "pattern": {"name": "a"}}], "fail"),
        ([{"list": "request.object.spec.containers", "anyPattern": [{"name": "a"}, {"image": "ghcr.io/*"}]}], "pass"),
        ([{"list": "request.object.spec.containers", "elementScope": False, "pattern": {"kind": "Pod"}}], "pass"),
        ([{"list": "request.object.spec.containers[].name", "pattern": {"kind": "Pod"}}], "pass"),
        ([{"list": "request.object.spec.containers[].name", "elementScope": True, "pattern": {"a": 1}}], "error"),
        (
            [
                {
                    "list": "request.object.spec.containers",
                    "preconditions": {"all": [{"key": "{{ element.zz }}", "operator": "Equals", "value": 1}]},
                    "deny": {},
                }
            ],
            "skip",
        ),
        (
            [
                {
                    "list": "request.object.spec.containers",
                    "preconditions": {"all": [{"key": "{{ elementIndex }}", "operator": "Equals", "value": 1}]},
                    "deny": DENY_B,
                }
            ],
            "fail",
        ),
        (
            [
                {
                    "list": "request.object.spec.containers",
                    "context": [{"name": "n", "variable": {"jmesPath": "element0.name"}}],
                    "foreach": [
                        {
                            "list": "element.ports",
                            "deny": {
                                "conditions": {
                                    "all": [
                                        {
                                            "key": "{{ n }}{{ element0.name }}{{ elementIndex1 }}{{ element.p }}",
                                            "operator": "Equals",
                                            "value": "bb18080",
                                        }
                                    ]
                                }
                            },
                        }
                    ],
                }
            ],
            "fail",
        ),
    ],
)
def test_foreach(loops: list[Any], outcome: str) -> None:
    assert judged({"validate": {"foreach": loops}}).outcome == outcome


def test_foreach_says_which_element() -> None:
    rule = {"validate": {"message": "no b", "foreach": [{"list": "request.object.spec.containers", "deny": DENY_B}]}}
    (finding,) = judged(rule).findings
    assert finding.message == "no b: element 1 of request.object.spec.containers (rule r)"
    assert finding.rule == "r"


CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"names": "a,b"}}


def test_config_maps_come_from_manifests_and_from_the_snapshot_which_wins() -> None:
    entry = {"name": "m", "configMap": {"name": "m", "namespace": "default"}}
    rule = deny("{{ m.data.names }}", "Equals", "a,b", context=[entry])
    assert judged(rule).outcome == "error"
    assert judged(rule, POD, CONFIG_MAP).outcome == "fail"
    trusted = {**CONFIG_MAP, "metadata": {"name": "m", "namespace": "default"}, "data": {"names": "c"}}
    assert judged(rule, POD, CONFIG_MAP, facts=[fact("kubernetes-objects", [trusted])]).outcome == "pass"
    elsewhere = {**trusted, "metadata": {"name": "m", "namespace": "ops"}}
    assert judged(rule, POD, CONFIG_MAP, facts=[fact("kubernetes-objects", [elsewhere])]).outcome == "fail"
    assert judged(rule, POD, facts=[fact("kubernetes-objects", [elsewhere])]).outcome == "error"
    assert (
        judged(
            {**rule, "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}}, POD, CONFIG_MAP, namespace="default"
        ).outcome
        == "fail"
    )


def test_what_no_fact_has_is_never_passed_over() -> None:
    missing = {"name": "m", "configMap": {"name": "m"}}
    defaulted = {"name": "v", "variable": {"jmesPath": "m.data.names", "default": "x"}}
    assert judged(deny("{{ v }}", "Equals", "y", context=[missing, defaulted])).outcome == "error"
    condition = {"key": "{{ m.data.names }}", "operator": "Equals", "value": "x"}
    loop = {"list": "request.object.spec.containers", "preconditions": {"all": [condition]}, "deny": {}}
    assert judged({"context": [missing], "validate": {"foreach": [loop]}}).outcome == "error"
    loops = [{"list": "m.data.names", "deny": {}}, {"list": "request.object.spec.containers", "deny": DENY_B}]
    assert judged({"context": [missing], "validate": {"foreach": loops}}).outcome == "error"


def test_a_policy_of_a_namespace_looks_at_no_other() -> None:
    for entry in (
        {"configMap": {"name": "m", "namespace": "kube-system"}},
        {"apiCall": {"urlPath": "/api/v1/namespaces/kube-system/secrets"}},
        {"apiCall": {"urlPath": "/api/v1/nodes"}},
        {"apiCall": {"urlPath": "/api/v1/namespaces/default/../kube-system/secrets"}},
    ):
        result = judged(deny("{{ m }}", "Equals", "x", context=[{"name": "m", **entry}]), namespace="default")
        assert result.outcome == "error"
        assert "a Policy of default may not" in result.reason


def test_answers_of_api_servers_and_registries() -> None:
    known = fact(
        "kyverno-context",
        {
            "apiCalls": [
                {"urlPath": "/api/v1/nodes", "answer": {"items": [1, 2]}},
                {"urlPath": "/apis/x", "method": "POST", "data": {"name": "web"}, "answer": {"ok": True}},
            ],
            "globalContext": {"teams": ["pay"], "teams.names": ["x"]},
            "imageRegistry": {"nginx:1.25": {"configData": {"user": "root"}}},
        },
    )
    for entry, value in (
        ({"apiCall": {"urlPath": "/api/v1/nodes", "jmesPath": "items | length(@)"}}, 2),
        (
            {
                "apiCall": {
                    "urlPath": "/apis/x",
                    "method": "POST",
                    "data": [{"key": "name", "value": "{{ request.object.metadata.name }}"}],
                    "jmesPath": "ok",
                }
            },
            True,
        ),
        ({"apiCall": {"urlPath": "/zz", "default": ["x"], "jmesPath": "zz"}}, ["x"]),
        ({"globalReference": {"name": "teams", "jmesPath": "[0]"}}, "pay"),
        ({"globalReference": {"name": "teams.names"}}, ["x"]),
        ({"imageRegistry": {"reference": "nginx:1.25", "jmesPath": "configData.user"}}, "root"),
    ):
        rule = deny("{{ v }}", "Equals", value, context=[{"name": "v", **entry}])
        assert judged(rule, facts=[known]).outcome == "fail", entry
        assert judged(rule).outcome == ("fail" if "default" in str(entry) else "error"), entry


def test_a_snapshot_answers_for_the_objects_that_it_has() -> None:
    pods = [{**POD, "metadata": {"name": name, "namespace": "n"}} for name in "ab"]
    snapshot = fact(
        "kubernetes-objects",
        {
            "items": [
                *pods,
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "n"}},
            ]
        },
    )
    for url, length in (
        ("/api/v1/pods", 2),
        ("/api/v1/namespaces/n/pods", 2),
        ("/apis/apps/v1/namespaces/{{ 'n' }}/deployments", 1),
    ):
        entry = {"name": "v", "apiCall": {"urlPath": url, "jmesPath": "length(items)"}}
        assert judged(deny("{{ v }}", "Equals", length, context=[entry]), facts=[snapshot]).outcome == "fail"
    entry = {"name": "v", "apiCall": {"urlPath": "/api/v1/namespaces/n/pods/b", "jmesPath": "metadata.name"}}
    assert judged(deny("{{ v }}", "Equals", "b", context=[entry]), facts=[snapshot]).outcome == "fail"
    entry = {"name": "v", "apiCall": {"urlPath": "/api/v1/namespaces/other/pods"}}
    assert judged(deny("{{ v }}", "Equals", "b", context=[entry]), facts=[snapshot]).outcome == "error"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ({"value": {"a": "{{ request.object.metadata.name }}"}, "jmesPath": "a"}, "web"),
        ({"value": {"a": 1}, "jmesPath": "zz", "default": "d"}, "d"),
        ({"jmesPath": "request.object.spec.zz", "default": "{{ request.namespace }}"}, "default"),
        ({"jmesPath": "request.object.spec.zz | @", "default": "d"}, "d"),
        ({"jmesPath": "{{ 'request.object' }}.metadata.name"}, "web"),
        ({"default": "d"}, "d"),
    ],
)
def test_variables_of_context(variable: Any, value: Any) -> None:
    context = [{"name": "v", "variable": variable}, {"name": "w", "variable": {"jmesPath": "v"}}]
    assert judged(deny("{{ w }}", "Equals", value, context=context)).outcome == "fail"


@pytest.mark.parametrize(
    "variable", [{"jmesPath": "request.object.spec.zz"}, {"value": {}, "jmesPath": "zz"}, {}, {"jmesPath": "v"}]
)
def test_variables_of_context_without_a_value(variable: Any) -> None:
    context = [{"name": "v", "variable": variable}]
    assert judged(deny("{{ v }}", "Equals", 1, context=context)).outcome == "error"
    assert judged(deny("nothing asks for it", "Equals", 1, context=context)).outcome == "pass"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (deny("{{ ( }}", "Equals", 1), "the variable {{ ( }}"),
        (deny("{{@}}", "Equals", 1), "is for rules that change objects"),
        (deny("a", "Resembles", 1), "'Resembles' is no operator"),
        (deny("$(./../x)", "Equals", 1), "leads to nothing"),
        ({"validate": {"pattern": {"a": "$(./../b)"}}}, "leads to nothing"),
        ({"validate": {"pattern": {"a": "$(./../b)", "b": 1}}}, "leads to no text"),
        ({"validate": {"foreach": [{"list": "a", "zz": 1}]}}, "unknown key 'zz'"),
        ({"validate": {"foreach": [{"list": "a"}]}}, "exactly one of"),
        ({"validate": {"foreach": [{"list": "a[", "deny": {}}]}}, "is not expected"),
        ({"validate": {"foreach": [{"deny": {}}]}}, "a loop has a list"),
        ({"context": [{"name": "x"}], "validate": {"deny": {}}}, "a context entry has a name"),
        ({"context": [{"name": "request", "variable": {}}], "validate": {"deny": {}}}, "one of Kyverno's own"),
        ({"context": [{"name": "x", "variable": {"zz": 1}}], "validate": {"deny": {}}}, "unknown key 'zz'"),
        ({"context": [{"name": "x", "apiCall": {}}], "validate": {"deny": {}}}, "one of urlPath and service"),
        ({"context": [{"name": "x", "apiCall": {"urlPath": "/", "method": "PUT"}}], "validate": {"deny": {}}}, "'PUT'"),
        (deny("{{ random('a') }}", "Equals", 1), "random() is not supported"),
    ],
)
def test_what_is_refused(rule: Any, problem: str) -> None:
    with pytest.raises(PolicyError) as error:
        KyvernoEngine().check(policy(rule))
    assert any(problem in one for one in error.value.problems), error.value.problems


def test_a_policy_that_would_not_end_ends() -> None:
    pods = {**POD, "spec": {"containers": [{"name": str(n), "image": "a"} for n in range(300)]}}
    inner = {
        "list": "request.object.spec.containers",
        "deny": {"conditions": {"all": [{"key": "a", "operator": "Equals", "value": "b"}]}},
    }
    loops = {
        "list": "request.object.spec.containers",
        "foreach": [{"list": "request.object.spec.containers", "foreach": [inner]}],
    }
    result = judged({"validate": {"foreach": [loops]}}, pods)
    assert result.outcome == "error"
    assert "needs more than" in result.reason


def test_rules_for_the_template_of_controllers() -> None:
    rule = deny(
        "{{ request.object.spec.containers[].name }}",
        "AnyIn",
        ["b"],
        match={"any": [{"resources": {"kinds": ["Pod"]}}]},
    )
    template = {"template": {"metadata": {}, "spec": POD["spec"]}}
    for kind, version, spec in (
        ("Deployment", "apps/v1", template),
        ("CronJob", "batch/v1", {"jobTemplate": {"spec": template}}),
    ):
        assert (
            judged(rule, {"apiVersion": version, "kind": kind, "metadata": {"name": "d"}, "spec": spec}).outcome
            == "fail"
        )
