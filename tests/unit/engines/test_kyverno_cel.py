"""``validate.cel`` in Kyverno's rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.errors import PolicyError
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:00:00Z"
NAMED = {"expression": "object.metadata.name == 'web'", "message": "the name is web"}


def rule(expressions: Any, *, conditions: Any = None, message: str = "", **cel: Any) -> dict[str, Any]:
    return {
        "name": "cel",
        "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        **({"celPreconditions": conditions} if conditions is not None else {}),
        "validate": {**({"message": message} if message else {}), "cel": {"expressions": expressions, **cel}},
    }


def policy(*rules: dict[str, Any]) -> Any:
    value = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "example"},
        "spec": {"rules": list(rules)},
    }
    (found,) = pack.load({"policy.yaml": json.dumps(value)})
    return found


def pod(name: str = "web", **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [], **spec}}


def judged(found: Any, *objects: dict[str, Any], facts: Mapping[str, Fact] = {}) -> Result:
    subject = inputs.parse("\n---\n".join(map(json.dumps, objects)).encode())
    assert subject.problem == ""
    (result,) = KyvernoEngine().evaluate(found, subject, facts, now=NOW)
    return result


def messages(result: Result) -> list[str]:
    return [finding.message for finding in result.findings]


def test_what_holds_and_what_does_not() -> None:
    found = policy(rule([NAMED, {"expression": "size(object.spec.containers) < 2"}]))
    assert judged(found, pod()).outcome is Outcome.PASS
    assert messages(judged(found, pod("api"))) == ["the name is web (rule cel)"]


@pytest.mark.parametrize(
    ("expression", "message", "expected"),
    [
        ({"expression": "false", "message": "mine"}, "", "mine (rule cel)"),
        ({"expression": "false", "message": "mine"}, "of the rule.", "of the rule: mine (rule cel)"),
        ({"expression": "false", "messageExpression": "'no ' + object.metadata.name"}, "", "no web (rule cel)"),
        ({"expression": "1 > 2"}, "", "failed expression: 1 > 2 (rule cel)"),
    ],
)
def test_messages(expression: dict[str, str], message: str, expected: str) -> None:
    assert messages(judged(policy(rule([expression], message=message)), pod())) == [expected]


def test_what_cannot_be_evaluated_fails() -> None:
    result = judged(policy(rule([{"expression": "object.spec.hostNetwork == false"}])), pod())
    assert result.outcome is Outcome.FAIL
    assert "no such key: hostNetwork" in messages(result)[0]


def test_variables() -> None:
    variables = [
        {"name": "all", "expression": "object.spec.containers + object.spec.?initContainers.orValue([])"},
        {"name": "count", "expression": "size(variables.all)"},
    ]
    found = policy(rule([{"expression": "variables.count == 1"}], variables=variables))
    assert judged(found, pod(initContainers=[{"name": "a"}])).outcome is Outcome.PASS
    assert judged(found, pod()).outcome is Outcome.FAIL


def test_or_value_of_what_is_no_optional() -> None:
    found = policy(rule([{"expression": "object.spec.containers.orValue([1]).size() == 0"}]))
    assert judged(found, pod()).outcome is Outcome.PASS


def test_preconditions() -> None:
    conditions = [{"name": "of-web", "expression": "object.metadata.name == 'web'"}]
    found = policy(rule([{"expression": "false"}], conditions=conditions))
    assert judged(found, pod()).outcome is Outcome.FAIL
    skipped = judged(found, pod("api"))
    assert (skipped.outcome, skipped.reason) == (Outcome.SKIP, "rule cel: the precondition of-web does not hold")


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("apps/v1 Deployment", lambda template: {"template": template}),
        ("batch/v1 Job", lambda template: {"template": template}),
        ("batch/v1 CronJob", lambda template: {"jobTemplate": {"spec": {"template": template}}}),
    ],
)
def test_rules_for_pods_are_for_what_makes_them(kind: str, spec: Any) -> None:
    expressions = [
        {"expression": "has(object.metadata.labels) && object.metadata.labels.app == 'web'", "message": "labels"},
        {"expression": "!object.spec.?hostNetwork.orValue(false)", "message": "network"},
    ]
    found = policy(rule(expressions))
    version, name = kind.split()

    def workload(**pod_spec: Any) -> dict[str, Any]:
        template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [], **pod_spec}}
        return {"apiVersion": version, "kind": name, "metadata": {"name": "w"}, "spec": spec(template)}

    assert judged(found, workload()).outcome is Outcome.PASS
    prefix = "autogen-cronjob" if name == "CronJob" else "autogen"
    assert messages(judged(found, workload(hostNetwork=True))) == [f"network (rule {prefix}-cel)"]


def conditional(expression: str) -> Any:
    conditions = [{"name": "of-web", "expression": expression}]
    value = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "example"},
        "spec": {"webhookConfiguration": {"matchConditions": conditions}, "rules": [rule([NAMED])]},
    }
    (found,) = pack.load({"policy.yaml": json.dumps(value)})
    return found


def test_conditions_say_which_requests_a_policy_is_for() -> None:
    found = conditional("object.metadata.name != 'exempt'")
    assert judged(found, pod("api")).outcome is Outcome.FAIL
    assert judged(found, pod("exempt")).outcome is Outcome.SKIP
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {}}
    broken = conditional("object.spec.nothing == 1")
    assert judged(broken, service).outcome is Outcome.SKIP
    error = judged(broken, pod())
    assert error.outcome is Outcome.ERROR
    assert "matchConditions: of-web: no such key: nothing" in error.reason
    with pytest.raises(PolicyError) as raised:
        KyvernoEngine().check(conditional("nope"))
    assert "matchConditions[0].expression: the expression, 1:1: undeclared reference" in raised.value.problems[0]


CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "names", "namespace": "shop"},
    "data": {"name": "web"},
}
PARAMS: dict[str, Any] = {
    "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
    "paramRef": {"name": "names", "parameterNotFoundAction": "Deny"},
}


def test_parameters_are_facts() -> None:
    found = policy(rule([{"expression": "params.data.name == object.metadata.name"}], **PARAMS))
    name = "kubernetes-objects"
    facts = {name: Fact(name=name, source="test", observed_at=NOW, max_age=60, value=[CONFIG])}
    assert judged(found, pod(), facts=facts).outcome is Outcome.PASS
    assert judged(found, pod("api"), facts=facts).outcome is Outcome.FAIL
    missing = judged(found, pod())
    assert missing.outcome is Outcome.ERROR
    assert "the fact kubernetes-objects is missing" in missing.reason


def test_without_parameters_that_may_be_missing_there_is_nothing_to_judge() -> None:
    reference = {"name": "others", "parameterNotFoundAction": "Allow"}
    found = policy(rule([NAMED], paramKind=PARAMS["paramKind"], paramRef=reference))
    name = "kubernetes-objects"
    facts = {name: Fact(name=name, source="test", observed_at=NOW, max_age=60, value=[CONFIG])}
    skipped = judged(found, pod("api"), facts=facts)
    assert (skipped.outcome, skipped.reason) == (Outcome.SKIP, "rule cel: there are no parameters for it")


def test_the_name_of_the_namespace_is_known_and_no_more() -> None:
    named = policy(rule([{"expression": "namespaceObject.metadata.name == 'shop'"}]))
    assert judged(named, pod()).outcome is Outcome.PASS
    labelled = judged(policy(rule([{"expression": "'env' in namespaceObject.metadata.labels"}])), pod())
    assert "the namespace shop is not known" in messages(labelled)[0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (rule([{"expression": "object."}]), "validate.cel.expressions[0].expression: the expression, 1:"),
        (rule([{"expression": "nothing"}]), "undeclared reference to 'nothing'"),
        (rule([]), "validate.cel.expressions: must have at least 1 items"),
        (rule("true"), "validate.cel.expressions: must be of type array"),
        (rule([NAMED], conditions=[{"name": "a", "expression": "b"}]), "celPreconditions[0].expression"),
        (rule([NAMED], paramKind=PARAMS["paramKind"]), "paramKind and paramRef belong together"),
        (rule([NAMED], expression=[]), "validate.cel.expression: the schema does not know it"),
        (rule([{"expression": "authorizer.path('/').check('get').allowed()"}]), "authorization checks ask a cluster"),
        ({**rule([]), "celPreconditions": [], "validate": {"pattern": {}}}, "celPreconditions are for validate.cel"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        KyvernoEngine().check(policy(changed))
    assert any(said in problem for problem in raised.value.problems), raised.value.problems
