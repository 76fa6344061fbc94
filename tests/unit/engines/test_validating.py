"""ValidatingAdmissionPolicies as an API server has them: matching, bindings, parameters, messages, errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import EngineName, Policy
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.validating.engine import ValidatingEngine
from gateproof.engines.validating.policy import DENY
from gateproof.errors import PolicyError
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:00:00Z"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
HOLDS = {"expression": "true"}
FAILS = {"expression": "false", "message": "no"}


def vap(name: str = "it", kind: str = "ValidatingAdmissionPolicy", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"matchConstraints": {"resourceRules": [PODS]}, "validations": [FAILS], **spec},
    }


def binding(*actions: str, name: str = "bound", policy: str = "it", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": policy, "validationActions": list(actions) or [DENY], **spec},
    }


def pod(name: str = "web", namespace: str = "shop", labels: Any = None, **more: Any) -> dict[str, Any]:
    metadata = {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        **({"labels": labels} if labels else {}),
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": []}, **more}


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def fact(*objects: dict[str, Any]) -> dict[str, Fact]:
    name = "kubernetes-objects"
    return {name: Fact(name=name, source="test", observed_at=NOW, max_age=60, value=list(objects))}


def loaded(*documents: dict[str, Any]) -> Policy:
    (policy,) = pack.load({"policies/policy.yaml": "\n---\n".join(map(json.dumps, documents))})
    return policy


def results(policies: list[dict[str, Any]], *objects: dict[str, Any], facts: Mapping[str, Fact] = {}) -> list[Result]:
    subject = inputs.parse("\n---\n".join(map(json.dumps, objects)).encode())
    assert subject.problem == ""
    return list(ValidatingEngine().evaluate(loaded(*policies), subject, facts, now=NOW))


def result(policies: list[dict[str, Any]], value: dict[str, Any], facts: Mapping[str, Fact] = {}) -> Result:
    (found,) = results(policies, value, facts=facts)
    return found


def outcome(spec: dict[str, Any], value: dict[str, Any] | None = None, facts: Mapping[str, Fact] = {}) -> Outcome:
    return result([vap(**spec), binding()], value or pod(), facts).outcome


def messages(found: Result) -> list[str]:
    return [finding.message for finding in found.findings]


def review(value: Any, **changes: Any) -> dict[str, Any]:
    kind = {"group": "", "version": "v1", "kind": (value or changes["oldObject"])["kind"]}
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "1",
            "kind": kind,
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "web",
            "namespace": "shop",
            "operation": "CREATE",
            "userInfo": {"username": "ann"},
            "object": value,
            **changes,
        },
    }


def test_a_policy_with_its_binding_is_one_policy() -> None:
    policy = loaded(vap(), binding())
    assert (policy.id, policy.engine, policy.severity) == ("it", EngineName.VALIDATING, Severity.CRITICAL)


def test_what_does_not_hold_fails_with_its_message() -> None:
    found = result([vap(validations=[HOLDS, FAILS, {"expression": "1 == 2"}]), binding()], pod())
    assert found.outcome is Outcome.FAIL
    assert messages(found) == ["no", "failed expression: 1 == 2"]


def test_what_holds_passes() -> None:
    assert outcome({"validations": [HOLDS]}) is Outcome.PASS


def test_without_a_binding_it_says_that_it_judges_nothing() -> None:
    found = result([vap()], pod())
    assert (found.outcome, found.resource) == (Outcome.SKIP, "")
    assert "no ValidatingAdmissionPolicyBinding binds it" in found.reason


@pytest.mark.parametrize("actions", [("Warn",), ("Audit",), ("Warn", "Audit")])
def test_what_only_warns_or_audits_is_low(actions: tuple[str, ...]) -> None:
    (finding,) = result([vap(), binding(*actions)], pod()).findings
    assert finding.severity is Severity.LOW
    assert finding.message == f"no ({' and '.join(actions)} by the binding bound)"


def test_the_strictest_binding_counts() -> None:
    found = result([vap(), binding("Warn", name="a"), binding("Deny", "Audit", name="b")], pod())
    assert {finding.severity for finding in found.findings} == {Severity.CRITICAL, Severity.LOW}


@pytest.mark.parametrize(
    ("rule", "matched"),
    [
        ({}, True),
        ({"operations": ["UPDATE", "DELETE"]}, False),
        ({"operations": ["*"]}, True),
        ({"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}, True),
        ({"apiGroups": ["apps"]}, False),
        ({"resources": ["pods/exec", "services"]}, False),
        ({"resources": ["pods/*"]}, True),
        ({"resources": ["*/*"]}, True),
        ({"resources": ["*/status"]}, False),
        ({"resourceNames": ["web"]}, True),
        ({"resourceNames": ["other"]}, False),
        ({"scope": "Namespaced"}, True),
        ({"scope": "Cluster"}, False),
        ({"scope": "*"}, True),
    ],
)
def test_rules_select_requests(rule: dict[str, Any], matched: bool) -> None:
    found = result([vap(matchConstraints={"resourceRules": [{**PODS, **rule}]}), binding()], pod())
    assert (found.outcome is Outcome.FAIL) is matched
    assert (found.resource == "") is not matched


@pytest.mark.parametrize(
    ("constraints", "matched"),
    [
        ({"resourceRules": [PODS], "excludeResourceRules": [{**PODS, "resourceNames": ["web"]}]}, False),
        ({"resourceRules": [PODS], "excludeResourceRules": [{**PODS, "resourceNames": ["other"]}]}, True),
        ({}, True),
        ({"objectSelector": {"matchLabels": {"app": "web"}}}, True),
        ({"objectSelector": {"matchLabels": {"app": "api"}}}, False),
        ({"objectSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "web"]}]}}, True),
        ({"objectSelector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}}, False),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}, False),
    ],
)
def test_constraints_select_requests(constraints: dict[str, Any], matched: bool) -> None:
    found = result([vap(matchConstraints=constraints), binding()], pod(labels={"app": "web"}))
    assert (found.outcome is Outcome.FAIL) is matched


def test_a_binding_narrows_what_its_policy_is_for() -> None:
    elsewhere = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "elsewhere"}}}
    found = result([vap(), binding(matchResources=elsewhere)], pod())
    assert (found.outcome, found.resource) == (Outcome.SKIP, "")


PROD = {"resourceRules": [PODS], "namespaceSelector": {"matchLabels": {"env": "prod"}}}


def test_labels_of_a_namespace_that_are_not_known_are_an_error() -> None:
    found = result([vap(matchConstraints=PROD), binding()], pod())
    assert found.outcome is Outcome.ERROR
    assert "the labels of the namespace shop are not known" in found.reason


def test_labels_of_a_namespace_come_from_the_input_or_a_fact() -> None:
    policies = [vap(matchConstraints=PROD), binding()]
    assert [one.outcome for one in results(policies, namespace("shop", env="prod"), pod())] == [Outcome.FAIL]
    assert result(policies, pod(), fact(namespace("shop", env="prod"))).outcome is Outcome.FAIL
    assert result(policies, pod(), fact(namespace("shop", env="dev"))).outcome is Outcome.SKIP


def test_the_namespace_that_a_request_is_for_may_be_a_fact_of_its_own() -> None:
    name = "kubernetes/namespace"
    for labels, expected in (({"env": "prod"}, Outcome.FAIL), ({"env": "dev"}, Outcome.SKIP)):
        given = Fact(name=name, source="test", observed_at=NOW, max_age=60, value=namespace("shop", **labels))
        assert result([vap(matchConstraints=PROD), binding()], pod(), {name: given}).outcome is expected


def test_objects_of_the_cluster_have_no_namespace_to_select() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}}
    rule = {**PODS, "apiGroups": ["*"], "resources": ["clusterroles", "namespaces"], "scope": "Cluster"}
    selector = {"matchLabels": {"env": "prod"}}
    policies = [vap(matchConstraints={"resourceRules": [rule], "namespaceSelector": selector}), binding()]
    assert result(policies, role).outcome is Outcome.FAIL
    assert result(policies, namespace("shop", env="prod")).outcome is Outcome.FAIL


def test_labels_that_an_api_server_would_not_take_are_an_error() -> None:
    selector = {"objectSelector": {"matchLabels": {"app": "web"}}}
    for labels in ([1], {"app": 1}):
        found = result([vap(matchConstraints=selector), binding()], pod(labels=labels))
        assert found.outcome is Outcome.ERROR
        assert "metadata.labels is no map of strings" in found.reason


def test_an_input_cannot_label_its_namespace_out_of_a_policy() -> None:
    found = results(
        [vap(matchConstraints=PROD), binding()],
        *(namespace("shop", env="dev"), pod()),
        facts=fact(namespace("shop", env="prod")),
    )
    assert [one.outcome for one in found] == [Outcome.FAIL]


def test_the_namespace_selector_sees_a_namespace_itself() -> None:
    rule = {**PODS, "resources": ["namespaces"]}
    constraints = {"resourceRules": [rule], "namespaceSelector": {"matchLabels": {"env": "prod"}}}
    policies = [vap(matchConstraints=constraints), binding()]
    assert result(policies, namespace("shop", env="prod")).outcome is Outcome.FAIL
    assert result(policies, namespace("shop", env="dev")).outcome is Outcome.SKIP


def test_what_would_be_converted_is_an_error_unless_the_match_is_exact() -> None:
    rule = {**PODS, "apiGroups": ["batch"], "apiVersions": ["v1"], "resources": ["cronjobs"]}
    old = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "c"}, "spec": {}}
    equivalent = result([vap(matchConstraints={"resourceRules": [rule]}), binding()], old)
    assert equivalent.outcome is Outcome.ERROR
    assert "cronjobs come as batch/v1beta1" in equivalent.reason
    exact = result([vap(matchConstraints={"resourceRules": [rule], "matchPolicy": "Exact"}), binding()], old)
    assert exact.outcome is Outcome.SKIP


MOUSE = {"apiVersion": "example.com/v1", "kind": "Mouse", "metadata": {"name": "m"}}


def mice(resource: str, scope: str = "*", **match: Any) -> list[dict[str, Any]]:
    rule = {**PODS, "apiGroups": ["example.com"], "resources": [resource], "scope": scope}
    return [vap(matchConstraints={"resourceRules": [rule], **match}), binding()]


def definition(plural: str, scope: str) -> dict[str, Any]:
    names = {"kind": "Mouse", "plural": plural}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {"group": "example.com", "scope": scope, "names": names},
    }


@pytest.mark.parametrize("scope", ["Cluster", "Namespaced"])
def test_a_kind_that_nobody_knows_is_never_left_out_because_of_its_scope(scope: str) -> None:
    assert result(mice("mouses", scope), MOUSE).outcome is Outcome.FAIL
    assert results(mice("mice", scope), definition("mice", "Cluster"), MOUSE)[-1].outcome is Outcome.FAIL


def test_a_definition_beside_an_object_does_not_leave_it_out() -> None:
    (found,) = results(mice("mouses"), definition("others", "Namespaced"), MOUSE)
    assert found.outcome is Outcome.FAIL
    excluding = {**PODS, "apiGroups": ["example.com"], "resources": ["others"]}
    (found,) = results(mice("*", excludeResourceRules=[excluding]), definition("others", "Namespaced"), MOUSE)
    assert found.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([{"name": "a", "expression": "object.metadata.name == 'web'"}], Outcome.FAIL),
        ([{"name": "a", "expression": "object.metadata.name != 'web'"}], Outcome.SKIP),
        ([{"name": "a", "expression": "object.nothing"}, {"name": "b", "expression": "false"}], Outcome.SKIP),
        ([{"name": "a", "expression": "object.nothing"}, {"name": "b", "expression": "true"}], Outcome.ERROR),
        ([{"name": "a", "expression": "namespaceObject == null"}], Outcome.FAIL),
    ],
)
def test_match_conditions(conditions: list[Any], expected: Outcome) -> None:
    assert outcome({"matchConditions": conditions}) is expected


def test_an_unmet_condition_is_named() -> None:
    found = result([vap(matchConditions=[{"name": "not-web", "expression": "false"}]), binding()], pod())
    assert found.reason == "its matchConditions do not hold: not-web"
    assert found.resource == "v1/Pod/shop/web"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("object.spec.containers.size() == 0", Outcome.PASS),
        ("oldObject == null && request.operation == 'CREATE'", Outcome.PASS),
        ("request.kind.kind == 'Pod' && request.resource.resource == 'pods'", Outcome.PASS),
        ("request.namespace == 'shop' && request.name == 'web' && !request.dryRun", Outcome.PASS),
        ("namespaceObject.metadata.name == 'shop'", Outcome.PASS),
        ("object.spec.hostNetwork", Outcome.ERROR),
        ("object.metadata.name", Outcome.ERROR),
        ("!has(request.userInfo.username)", Outcome.ERROR),
        ("has(request.object)", Outcome.FAIL),
        ("!has(namespaceObject.metadata.labels) || true", Outcome.PASS),
        ("!has(namespaceObject.metadata.labels)", Outcome.ERROR),
    ],
)
def test_what_expressions_read(expression: str, expected: Outcome) -> None:
    assert outcome({"validations": [{"expression": expression}]}) is expected


def test_what_is_known_of_the_namespace_is_read() -> None:
    spec = {"validations": [{"expression": "namespaceObject.metadata.labels.env == 'prod'"}]}
    assert outcome(spec, facts=fact(namespace("shop", env="prod"))) is Outcome.PASS
    assert outcome(spec, facts=fact(namespace("shop", env="dev"))) is Outcome.FAIL


def test_variables_are_evaluated_once_and_in_order() -> None:
    spec = {
        "variables": [
            {"name": "name", "expression": "object.metadata.name"},
            {"name": "loud", "expression": "variables.name + '!'"},
            {"name": "never", "expression": "object.nothing"},
        ],
        "validations": [{"expression": "variables.loud == 'web!'"}],
    }
    assert outcome(spec) is Outcome.PASS


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("'  Pod ' + object.metadata.name + '  '", "Pod web"),
        ("object.nothing", "fixed"),
        ("''", "fixed"),
        ("'two\\nlines'", "fixed"),
        ("string(object.metadata.name.size() > 1 ? 'a' : 'b')", "a"),
    ],
)
def test_messages(said: str, expected: str) -> None:
    validation = {"expression": "false", "message": " fixed ", "messageExpression": said}
    assert messages(result([vap(validations=[validation]), binding()], pod())) == [expected]


def test_audit_annotations_are_told() -> None:
    annotations = [
        {"key": "name", "valueExpression": "'it is ' + object.metadata.name"},
        {"key": "none", "valueExpression": "null"},
    ]
    found = result([vap(validations=[HOLDS], auditAnnotations=annotations), binding()], pod())
    assert (found.outcome, found.reason) == (Outcome.PASS, "name: it is web")
    broken = [{"key": "name", "valueExpression": "object.nothing"}]
    assert outcome({"validations": [HOLDS], "auditAnnotations": broken}) is Outcome.ERROR


def test_errors_are_ignored_only_where_the_policy_says_so() -> None:
    broken: dict[str, Any] = {"validations": [{"expression": "object.nothing == 1"}]}
    assert outcome(broken) is Outcome.ERROR
    ignored = result([vap(**broken, failurePolicy="Ignore"), binding()], pod())
    assert ignored.outcome is Outcome.SKIP
    assert "failurePolicy is Ignore" in ignored.reason
    assert outcome({"validations": [*broken["validations"], FAILS], "failurePolicy": "Ignore"}) is Outcome.FAIL


def test_an_expression_that_costs_too_much_is_an_error() -> None:
    names = [{"name": f"c{number}", "image": "i" * 50} for number in range(250)]
    expression = "object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c, a != '')))"
    value = pod(spec={"containers": names})
    found = result([vap(validations=[{"expression": expression}, HOLDS]), binding()], value)
    assert found.outcome is Outcome.ERROR
    assert "cost limit exceeded" in found.reason


def test_a_message_that_costs_too_much_is_an_error() -> None:
    names = [{"name": f"c{number}"} for number in range(250)]
    loops = "object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c, a != '')))"
    validation = {"expression": "false", "messageExpression": f"string({loops})"}
    assert outcome({"validations": [validation]}, pod(spec={"containers": names})) is Outcome.ERROR


MAP = {"apiVersion": "v1", "kind": "ConfigMap"}
PARAMS: dict[str, Any] = {
    "paramKind": MAP,
    "validations": [
        {"expression": "params.data.name == object.metadata.name", "messageExpression": "params.data.name"}
    ],
}


def config(name: str, value: str, where: str = "shop", **labels: str) -> dict[str, Any]:
    return {**MAP, "metadata": {"name": name, "namespace": where, "labels": labels}, "data": {"name": value}}


def test_parameters_beside_the_policy() -> None:
    policies = [vap(**PARAMS), binding(paramRef={"name": "limits"}), config("limits", "web"), config("other", "x")]
    assert result(policies, pod()).outcome is Outcome.PASS
    assert result(policies, pod("api")).outcome is Outcome.FAIL


def test_parameters_are_of_the_namespace_of_the_object_or_of_the_one_named() -> None:
    policies = [vap(**PARAMS), binding(paramRef={"name": "limits"}), config("limits", "web", "elsewhere")]
    assert result(policies, pod()).outcome is Outcome.ERROR
    policies[1] = binding(paramRef={"name": "limits", "namespace": "elsewhere"})
    assert result(policies, pod()).outcome is Outcome.PASS


def test_a_change_does_not_bring_its_own_parameters() -> None:
    found = results([vap(**PARAMS), binding(paramRef={"name": "limits"})], config("limits", "web"), pod())
    assert [one.outcome for one in found] == [Outcome.ERROR]


def test_each_parameter_that_a_selector_means_counts() -> None:
    policies = [vap(**PARAMS), binding(paramRef={"selector": {"matchLabels": {"for": "pods"}}})]
    given = (config("a", "web", **{"for": "pods"}), config("b", "api", **{"for": "pods"}), config("c", "x"))
    found = result(policies, pod(), fact(*given))
    assert messages(found) == ["api"]


@pytest.mark.parametrize(
    ("action", "facts", "expected"),
    [
        ("Deny", {}, "the fact kubernetes-objects is missing"),
        ("Allow", {}, "the fact kubernetes-objects is missing"),
        ("Deny", fact(), "the ConfigMap limits with the parameters is missing"),
        ("Allow", fact(), "neither its matchConstraints nor its bindings"),
    ],
)
def test_parameters_that_are_missing(action: str, facts: dict[str, Fact], expected: str) -> None:
    reference = {"name": "limits", "parameterNotFoundAction": action}
    found = result([vap(**PARAMS), binding(paramRef=reference)], pod(), facts)
    assert found.outcome is (Outcome.SKIP if "neither" in expected else Outcome.ERROR)
    assert expected in found.reason


def test_parameters_in_namespaces_are_not_for_objects_of_the_cluster() -> None:
    rules = {"resourceRules": [{**PODS, "resources": ["persistentvolumes"]}]}
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}}
    found = result([vap(**PARAMS, matchConstraints=rules), binding(paramRef={"name": "limits"})], volume)
    assert found.outcome is Outcome.ERROR
    assert "cannot be found for an object of the cluster" in found.reason


@pytest.mark.parametrize(("where", "expected"), [("", Outcome.PASS), ("shop", Outcome.PASS), ("other", Outcome.ERROR)])
def test_parameters_of_a_kind_that_nobody_knows(where: str, expected: Outcome) -> None:
    kind = {"apiVersion": "example.com/v1", "kind": "Limit"}
    metadata = {"name": "limits", **({"namespace": where} if where else {})}
    limit = {**kind, "metadata": metadata, "data": {"name": "web"}}
    policies = [vap(**{**PARAMS, "paramKind": kind}), binding(paramRef={"name": "limits"}), limit]
    assert result(policies, pod()).outcome is expected


def test_a_fact_that_is_no_list_of_objects_is_an_error() -> None:
    name = "kubernetes-objects"
    for value in ({"items": 1}, ["text"]):
        facts = {name: Fact(name=name, source="test", observed_at=NOW, max_age=60, value=value)}
        found = result([vap(**PARAMS), binding(paramRef={"name": "limits"})], pod(), facts)
        assert found.outcome is Outcome.ERROR
        assert "is no list of objects" in found.reason


def test_without_a_reference_there_are_no_parameters() -> None:
    spec = {"paramKind": MAP, "validations": [{"expression": "params == null"}]}
    assert outcome(spec) is Outcome.PASS


def test_a_request_is_judged_as_it_was_sent() -> None:
    spec: dict[str, Any] = {
        "matchConstraints": {"resourceRules": [{**PODS, "operations": ["UPDATE"]}]},
        "validations": [{"expression": "object.metadata.labels == oldObject.metadata.labels", "message": "relabelled"}],
    }
    sent = review(pod(labels={"a": "b"}), operation="UPDATE", oldObject=pod(labels={"a": "c"}))
    assert messages(result([vap(**spec), binding()], sent)) == ["relabelled"]
    spec = {"validations": [{"expression": "request.userInfo.username == 'ann'"}]}
    assert outcome(spec, review(pod())) is Outcome.PASS


def test_of_a_deletion_there_is_no_object() -> None:
    spec = {
        "matchConstraints": {"resourceRules": [{**PODS, "operations": ["DELETE"]}]},
        "validations": [{"expression": "object == null && oldObject.metadata.name == 'web'"}],
    }
    assert outcome(spec, review(None, operation="DELETE", oldObject=pod())) is Outcome.PASS


def test_the_values_of_secrets_are_not_read() -> None:
    rules = {"resourceRules": [{**PODS, "resources": ["secrets"]}]}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"key": "c2VjcmV0"}}
    keys = {"matchConstraints": rules, "validations": [{"expression": "object.data.all(key, key == 'key')"}]}
    assert outcome(keys, secret) is Outcome.PASS
    values = {"matchConstraints": rules, "validations": [{"expression": "object.data.key.size() < 1000"}]}
    assert outcome(values, secret) is Outcome.ERROR
    assert outcome(values, {**secret, "metadata": "none"}) is Outcome.ERROR


def test_admission_objects_are_never_judged() -> None:
    rules = {"resourceRules": [{**PODS, "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}]}
    found = results([vap(matchConstraints=rules), binding()], vap("other"), pod())
    assert [one.resource for one in found] == ["v1/Pod/shop/web"]


def test_other_inputs_are_skipped() -> None:
    subject = inputs.parse(b"FROM scratch\n")
    (found,) = ValidatingEngine().evaluate(loaded(vap(), binding()), subject, {}, now=NOW)
    assert found.outcome is Outcome.SKIP


@pytest.mark.parametrize("kind", ["MutatingAdmissionPolicy", "ValidatingWebhookConfiguration"])
def test_what_does_not_gate_says_so(kind: str) -> None:
    found = result([{**vap(), "kind": kind}], pod())
    assert found.outcome is Outcome.SKIP
    assert found.reason.startswith(f"{kind}: ")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"validations": [{"expression": "object.x +"}]}, "spec.validations[0].expression: the expression, 1:11:"),
        ({"validations": [{"expression": "nope"}]}, "undeclared reference to 'nope'"),
        ({"validations": [{"expression": "params.x == 1"}]}, "undeclared reference to 'params'"),
        ({"validations": [{"expression": "authorizer.group('').check('get').allowed()"}]}, "authorization checks"),
        ({"validations": [{"expression": " "}]}, "the expression is empty"),
        ({"validations": [{"expression": "'text' // not a comment"}]}, "expression: the expression is no bool"),
        (
            {"matchConditions": [{"name": "a", "expression": "1"}]},
            "matchConditions[0].expression: the expression is no",
        ),
        (
            {"validations": [{"expression": "true", "messageExpression": "1 + 1"}]},
            "messageExpression: the expression is no string",
        ),
        ({"validations": "true"}, "spec.validations: must be of type array"),
        ({"validations": []}, "it has neither validations nor auditAnnotations"),
        ({"validations": [{"message": "m"}]}, "must have expression"),
        ({"validations": [{"expression": "variables.later"}]}, "variables.later is not defined before it is read"),
        ({"variables": [{"name": "a-b", "expression": "1"}]}, "'a-b' is no identifier"),
        ({"matchConditions": [{"name": "a", "expression": "variables.x"}]}, "undeclared reference to 'variables'"),
        ({"matchConstraints": {"resourceRules": [{**PODS, "operations": ["PATCH"]}]}}, "must be one of '*'"),
        ({"matchConstraints": {"objectSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}}, "'Is'"),
        ({"failurePolicy": "Perhaps"}, "spec.failurePolicy: must be one of 'Fail', 'Ignore'"),
        ({"validation": [HOLDS]}, "spec.validation: the schema does not know it"),
    ],
)
def test_what_is_wrong_is_told_when_it_is_loaded(spec: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        ValidatingEngine().check(loaded(vap(**spec), binding()))
    (problem,) = raised.value.problems
    assert said in problem
    assert problem.startswith("policies/policy.yaml:1:")


def test_all_that_is_wrong_is_told_at_once() -> None:
    broken = vap(validations=[{"expression": "a"}, {"expression": "b"}], failurePolicy="Fail")
    with pytest.raises(PolicyError) as raised:
        ValidatingEngine().check(loaded(broken, binding("Deny", "Warn")))
    assert len(raised.value.problems) == 3


BAD_SELECTOR = {"matchExpressions": [{"key": "a", "operator": "In"}]}


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ([vap(**PARAMS), binding(paramRef={})], "exactly one of name and selector"),
        ([vap(**PARAMS), binding(paramRef={"name": "a", "selector": {}})], "exactly one of name and selector"),
        ([vap(**PARAMS), binding(paramRef={"selector": BAD_SELECTOR})], "the operator In needs values"),
        ([vap(), binding(matchResources={"namespaceSelector": BAD_SELECTOR})], "the operator In needs values"),
        ([{**vap(), "apiVersion": "admissionregistration.k8s.io/v2"}, binding()], "v2 is none of v1, v1beta1"),
        ([vap(), {**binding(), "metadata": {}}], "it has no name"),
        ([vap(), binding("Deny", "Deny")], "an action is there twice"),
        ([vap(), binding("Block")], "must be one of 'Deny', 'Warn', 'Audit'"),
    ],
)
def test_what_is_wrong_with_bindings_is_told(documents: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        ValidatingEngine().check(loaded(*documents))
    assert any(said in problem for problem in raised.value.problems), raised.value.problems


def test_sources_of_two_policies_are_refused() -> None:
    one, other = (loaded(vap(name)) for name in ("one", "other"))
    both = msgspec.structs.replace(one, sources=(*one.sources, *other.sources))
    with pytest.raises(PolicyError, match="it is not one ValidatingAdmissionPolicy with its bindings"):
        ValidatingEngine().check(both)


def test_a_file_that_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(PolicyError, match=r"broken\.yaml:2:"):
        pack.load(
            {"broken.yaml": "apiVersion: admissionregistration.k8s.io/v1\n  kind: [", "a.yaml": json.dumps(vap())}
        )


def test_a_binding_of_a_policy_that_is_not_there_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"the binding bound is of 'else'"):
        loaded(vap(), binding(policy="else"))


def test_a_policy_and_its_binding_may_stand_in_other_files() -> None:
    files = {"a.yaml": json.dumps(vap()), "b.yaml": json.dumps(binding()), "c.yaml": "kind: [unrelated"}
    (policy,) = pack.load(files)
    assert [source.name for source in policy.sources] == ["a.yaml", "b.yaml"]
    (one,) = pack.load({"a.yaml": f"{json.dumps(binding())}\n---\n{json.dumps(vap())}"})
    assert [source.name for source in one.sources] == ["a.yaml"]
    (alone,) = pack.load({"a.yaml": json.dumps(vap())}, beside=[{"b.yaml": json.dumps(binding())}])
    assert alone.sources == policy.sources
    assert pack.load({"b.yaml": json.dumps(binding())}, beside=[{"a.yaml": json.dumps(vap())}]) == ()


def test_lines_are_those_of_the_file() -> None:
    text = "# first\n---\n" + json.dumps(binding()) + "\n---\n" + json.dumps(vap(validations=[{"expression": "x"}]))
    (policy,) = pack.load({"policies.yaml": text})
    with pytest.raises(PolicyError) as raised:
        ValidatingEngine().check(policy)
    assert raised.value.problems[0].startswith("policies.yaml:5:")


def test_annotations_say_what_the_policy_is() -> None:
    value = vap()
    value["metadata"]["annotations"] = {"gateproof.dev/severity": "low", "gateproof.dev/title": "Pods"}
    policy = loaded(value, binding())
    assert (policy.severity, policy.title) == (Severity.LOW, "Pods")
    assert msgspec.structs.replace(policy).kinds == policy.kinds
