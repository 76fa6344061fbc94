"""ValidatingPolicies of ``policies.kyverno.io``: no bindings, Kyverno's functions, rules for controllers."""

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
from gateproof.engines.kyverno import image_reference
from gateproof.engines.kyverno.image_reference import ImageReference
from gateproof.engines.kyverno.validating_policy import ValidatingPolicyEngine, redirected
from gateproof.errors import PolicyError
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:06:07Z"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}


def value(expression: str = "true", *, kind: str = "ValidatingPolicy", api: str = "v1", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"policies.kyverno.io/{api}",
        "kind": kind,
        "metadata": {"name": "example"},
        "spec": {
            "matchConstraints": {"resourceRules": [PODS]},
            "validations": [{"expression": expression, "message": "no"}],
            **spec,
        },
    }


def policy(raw: dict[str, Any]) -> Policy:
    (found,) = pack.load({"policy.yaml": json.dumps(raw)})
    return found


def pod(namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [], **spec}}


def deployment(kind: str = "Deployment", group: str = "apps", **pod_spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [], **pod_spec}}
    spec = {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


def fact(name: str, content: Any) -> dict[str, Fact]:
    return {name: Fact(name=name, source="test", observed_at=NOW, max_age=60, value=content)}


def judged(raw: dict[str, Any], given: Any = None, facts: Mapping[str, Fact] = {}) -> Result:
    subject = inputs.parse(json.dumps(given or pod()).encode())
    assert subject.problem == ""
    (result,) = ValidatingPolicyEngine().evaluate(policy(raw), subject, facts, now=NOW)
    return result


def outcome(expression: str, facts: Mapping[str, Fact] = {}, **spec: Any) -> Outcome:
    return judged(value(expression, **spec), facts=facts).outcome


@pytest.mark.parametrize("api", ["v1", "v1beta1", "v1alpha1"])
def test_it_judges_without_a_binding(api: str) -> None:
    assert policy(value(api=api)).engine is EngineName.KYVERNO_VALIDATING
    assert judged(value("object.metadata.name == 'web'", api=api)).outcome is Outcome.PASS
    failed = judged(value("object.metadata.name != 'web'", api=api))
    assert [(one.message, one.severity) for one in failed.findings] == [("no", Severity.CRITICAL)]


@pytest.mark.parametrize("action", ["Warn", "Audit"])
def test_what_only_warns_or_audits_is_low(action: str) -> None:
    (finding,) = judged(value("false", validationActions=[action])).findings
    assert (finding.severity, finding.message) == (Severity.LOW, f"no ({action})")


def test_conditions_variables_and_annotations() -> None:
    spec: dict[str, Any] = {
        "matchConditions": [{"name": "shop", "expression": "namespaceObject.metadata.name == 'shop'"}],
        "variables": [{"name": "count", "expression": "size(object.spec.containers)"}],
        "auditAnnotations": [{"key": "count", "valueExpression": "string(variables.count)"}],
    }
    raw = value("variables.count == 0", **spec)
    passed = judged(raw)
    assert (passed.outcome, passed.reason) == (Outcome.PASS, "count: 0")
    assert judged(raw, pod("elsewhere")).reason == "its matchConditions do not hold: shop"


def test_the_request_has_the_objects() -> None:
    assert outcome("request.object.metadata.name == 'web' && !has(request.oldObject)") is Outcome.PASS


def test_a_namespaced_policy_is_for_its_namespace() -> None:
    raw = value("false", kind="NamespacedValidatingPolicy")
    raw["metadata"]["namespace"] = "shop"
    assert judged(raw).outcome is Outcome.FAIL
    assert judged(raw, pod("elsewhere")).outcome is Outcome.SKIP


@pytest.mark.parametrize(("kind", "group"), [("Deployment", "apps"), ("Job", "batch"), ("CronJob", "batch")])
def test_controllers_are_judged_by_their_pods(kind: str, group: str) -> None:
    raw = value("!object.spec.?hostNetwork.orValue(false) && object.metadata.labels.app == 'web'")
    assert judged(raw, deployment(kind, group)).outcome is Outcome.PASS
    assert judged(raw, deployment(kind, group, hostNetwork=True)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "spec",
    [
        {"autogen": {"podControllers": {"controllers": ["jobs"]}}},
        {"autogen": {"podControllers": {"controllers": []}}},
        {"matchConstraints": {"resourceRules": [{**PODS, "resourceNames": ["web"]}]}},
        {"matchConstraints": {"resourceRules": [PODS, PODS]}},
        {"matchConstraints": {"resourceRules": [PODS], "objectSelector": {"matchLabels": {"a": "b"}}}},
        {"matchConstraints": {"resourceRules": [PODS], "excludeResourceRules": [{**PODS, "resourceNames": ["x"]}]}},
    ],
)
def test_controllers_that_are_not_asked_for(spec: dict[str, Any]) -> None:
    assert judged(value("false", **spec), deployment()).outcome is Outcome.SKIP


def test_the_namespace_stays_that_of_the_object() -> None:
    said = "object.metadata.namespace == '' && object.metadata.namespaces && oldObject.spec.x"
    assert redirected({"a": [said, 1]}, ("spec", "template")) == {
        "a": [
            "object.metadata.namespace == '' && object.spec.template.metadata.namespaces"
            " && oldObject.spec.template.spec.x",
            1,
        ]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", ImageReference("index.docker.io", "library/nginx", "latest")),
        ("docker.io/nginx:1", ImageReference("index.docker.io", "library/nginx", "1")),
        ("team/app", ImageReference("index.docker.io", "team/app", "latest")),
        ("ghcr.io/a/b/c:v1.2", ImageReference("ghcr.io", "a/b/c", "v1.2")),
        ("localhost:5000/app", ImageReference("localhost:5000", "app", "latest")),
        (f"a.io/app@sha256:{'a' * 64}", ImageReference("a.io", "app", "", f"sha256:{'a' * 64}")),
        (f"a.io/app:1@sha256:{'a' * 64}", ImageReference("a.io", "app", "", f"sha256:{'a' * 64}")),
        ("", None),
        ("UPPER", None),
        ("a.io/app:", None),
        ("app@sha256:abc", None),
        ("app:with space", None),
    ],
)
def test_references_to_images(text: str, expected: ImageReference | None) -> None:
    assert image_reference.parse(text) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "image('ghcr.io/a/b:v1').registry() == 'ghcr.io' && parseImageReference('nginx').tag() == 'latest'",
        "image('ghcr.io/a/b:v1').repository() == 'a/b' && image('app:1').identifier() == '1'",
        "isImage('nginx') && !isImage('NO') && !image('nginx').containsDigest() && image('app:1').digest() == ''",
        "image('nginx') == image('docker.io/library/nginx:latest')",
        "hash.sha256('') == sha256('') && sha1('').startsWith('da39') && md5('').startsWith('d41d')",
        "json.unmarshal('{\"a\": [1, 2]}').a[1] == 2",
        r"""json.marshal({'b': '<', 'a': 'x'}) == '{"a":"x","b":"\\u003c"}'""",
        "yaml.parse('a: {b: yes}').a.b == true",
        "math.round(2.345, 2) == 2.35 && math.round(-2.5, 0) == -3.0",
        "listObjToMap([{'k': 'a'}], [{'v': 1}], 'k', 'v').a == 1",
        "parseServiceAccount('system:serviceaccount:ns:me').Name == 'me'",
        "user.parseServiceAccount('ann').Namespace == ''",
        "time.now() == timestamp('2026-11-23T05:06:07Z') && time.toCron(time.now()) == '6 5 23 11 1'",
        "time.truncate(time.now(), duration('1h')) == timestamp('2026-11-23T05:00:00Z')",
        "size(exceptions.allowedImages) == 0",
        "base64.decode('aGk=') == b'hi' && cel.bind(a, 1, a + 1) == 2",
        "object.spec.containers.orValue([1]).size() == 0",
    ],
)
def test_functions(expression: str) -> None:
    assert outcome(expression) is Outcome.PASS


@pytest.mark.parametrize(
    "expression",
    [
        "image('NO').tag() == ''",
        "image(1).tag() == ''",
        "json.unmarshal('{').a",
        "yaml.parse('a: [').a",
        "object.marshal('x') == ''",
        "math.round(1, 2) == 1.0",
        "listObjToMap([], [1], 'k', 'v') == {}",
        "time.toCron(1) == ''",
        "time.truncate(1, duration('1h')) == time.now()",
        "sha256(1) == ''",
        "object.metadata.tag() == ''",
        "json.marshal(time.now()) == ''",
        "listObjToMap([1], [1], 'k', 'v') == {}",
        "resource.Get('v1', 'configmaps', 'shop', 'a') == null",
        "globalContext.Get('x', '') == 1",
        "image.GetMetadata('nginx').config.User == 'root'",
    ],
)
def test_what_has_no_value_is_an_error(expression: str) -> None:
    assert outcome(expression) is Outcome.ERROR


CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "names", "namespace": "shop", "labels": {"for": "pods"}},
    "data": {"name": "web"},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("resource.Get('v1', 'configmaps', 'shop', 'names').data.name == object.metadata.name", Outcome.PASS),
        ("resource.Get('v1', 'configmaps', 'shop', 'others') == null", Outcome.PASS),
        ("resource.Get('v1', 'secrets', 'shop', 'others') == null", Outcome.ERROR),
        ("resource.List('v1', 'configmaps', 'shop').items.size() == 1", Outcome.PASS),
        ("resource.List('v1', 'configmaps', 'elsewhere').items.size() == 0", Outcome.PASS),
        ("resource.List('v1', 'configmaps', 'shop', {'for': 'pods'}).items.size() == 1", Outcome.PASS),
        ("resource.list('v1', 'configmaps', {'for': 'jobs'}).items.size() == 0", Outcome.PASS),
        ("resource.get(resource.toGVR('v1', 'ConfigMap'), 'shop', 'names').data.name == 'web'", Outcome.PASS),
        ("resource.get('v1', 'configmaps').data == {}", Outcome.ERROR),
    ],
)
def test_objects_come_from_facts(expression: str, expected: Outcome) -> None:
    assert outcome(expression, fact("kubernetes-objects", [CONFIG])) is expected


def test_a_namespaced_policy_looks_up_nothing_elsewhere() -> None:
    raw = value("resource.get('v1', 'configmaps', 'names').data.name == 'web'", kind="NamespacedValidatingPolicy")
    raw["metadata"]["namespace"] = "shop"
    assert judged(raw, facts=fact("kubernetes-objects", [CONFIG])).outcome is Outcome.PASS


def test_global_context_and_images_come_from_facts() -> None:
    known = {"globalContext": {"teams": ["a"], "teams.count": 1}, "imageRegistry": {"nginx": {"digest": "x"}}}
    facts = fact("kyverno-context", known)
    assert outcome("globalContext.Get('teams', '') == ['a'] && globalContext.Get('teams', 'count') == 1", facts) is (
        Outcome.PASS
    )
    assert outcome("image.GetMetadata('nginx').digest == 'x'", facts) is Outcome.PASS


def exception(expires: str | None = "2027-01-01T00:00:00Z", **spec: Any) -> dict[str, Any]:
    annotations = {} if expires is None else {"gateproof.dev/expires": expires}
    return {
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "PolicyException",
        "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        "spec": {"policyRefs": [{"name": "example", "kind": "ValidatingPolicy"}], **spec},
    }


def excepted(*raw: dict[str, Any]) -> Result:
    (found,) = pack.load({"policy.yaml": "\n---\n".join(map(json.dumps, raw))})
    subject = inputs.parse(json.dumps(pod()).encode())
    (result,) = ValidatingPolicyEngine().evaluate(found, subject, {}, now=NOW)
    return result


WEB = [{"name": "web", "expression": "object.metadata.name == 'web'"}]
API = [{"name": "api", "expression": "object.metadata.name == 'api'"}]
BROKEN = [{"name": "broken", "expression": "object.nothing == 1"}]


def test_an_exception_takes_objects_away_until_it_expires() -> None:
    found = excepted(value("false"), exception(matchConditions=WEB))
    assert found.outcome is Outcome.SKIP
    assert found.reason == "excepted by the PolicyException shop/web until 2027-01-01T00:00:00Z"
    assert excepted(value("false"), exception(matchConditions=API)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (exception(None), "it has no annotation gateproof.dev/expires"),
        (exception(NOW), f"it expired at {NOW}"),
        (exception(matchConditions=BROKEN), "no such key: nothing"),
    ],
)
def test_an_exception_that_does_not_count_is_told(raw: dict[str, Any], said: str) -> None:
    found = excepted(value("false"), raw)
    assert found.outcome is Outcome.FAIL
    assert found.reason.startswith("the PolicyException shop/web does not count: ")
    assert said in found.reason


def test_what_an_exception_allows_is_read_by_the_policy() -> None:
    raw = value("'web' in exceptions.allowedValues && exceptions.allowedImages == ['nginx']")
    assert excepted(raw).outcome is Outcome.FAIL
    assert excepted(raw, exception(images=["nginx"], allowedValues=["web"])).outcome is Outcome.PASS


def test_an_exception_alone_says_that_its_policy_is_not_here() -> None:
    found = excepted(exception())
    assert (found.outcome, found.policy) == (Outcome.SKIP, "PolicyException.web")
    assert found.reason == "the policy that it is an exception from is not here"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (exception("soon"), "expected a time such as 2026-12-31T00:00:00Z"),
        (exception(policies=[]), "spec.policies: the schema does not know it"),
        (exception(matchConditions=[{"name": "a", "expression": "nope"}]), "undeclared reference to 'nope'"),
    ],
)
def test_what_is_wrong_with_an_exception_is_told(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        excepted(value(), raw)
    assert any(said in problem for problem in raised.value.problems), raised.value.problems


@pytest.mark.parametrize(
    "kind",
    ["MutatingPolicy", "GeneratingPolicy", "DeletingPolicy", "ImageValidatingPolicy", "NamespacedMutatingPolicy"],
)
def test_what_does_not_gate_says_so(kind: str) -> None:
    found = judged(value(kind=kind))
    assert found.outcome is Outcome.SKIP
    assert found.reason.startswith(f"{kind}: ")


def test_labels_that_cannot_be_told_are_an_error() -> None:
    constraints = {"resourceRules": [PODS], "namespaceSelector": {"matchLabels": {"env": "prod"}}}
    found = judged(value("true", matchConstraints=constraints))
    assert found.outcome is Outcome.ERROR
    assert "the labels of the namespace shop are not known" in found.reason


def test_other_inputs_are_skipped() -> None:
    (found,) = ValidatingPolicyEngine().evaluate(policy(value()), inputs.parse(b"FROM scratch\n"), {}, now=NOW)
    assert found.outcome is Outcome.SKIP


def test_what_is_no_policy_of_the_group_is_refused() -> None:
    known = policy(value())
    other = msgspec.structs.replace(known.sources[0], text=json.dumps({**value(), "kind": "OtherPolicy"}))
    with pytest.raises(PolicyError, match="OtherPolicy is not supported"):
        ValidatingPolicyEngine().check(msgspec.structs.replace(known, sources=(other,)))
    with pytest.raises(PolicyError, match=r"it is not one policy of policies\.kyverno\.io"):
        ValidatingPolicyEngine().check(msgspec.structs.replace(known, sources=(*known.sources, other)))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (value("http.Get('https://example.com').x == 1"), "undeclared reference to 'http"),
        (value("random() == ''"), "undeclared reference to 'random'"),
        (value("object. == 1"), "policy.yaml:1:"),
        (value("size([1, 'a']) == 2"), "expected type 'int' but found 'string'"),
        (value(evaluation={"mode": "JSON"}), "JSON is not supported"),
        (value(autogen={"podControllers": {"controllers": ["pods"]}}), "'pods' is no Pod controller"),
        (value(validations=[]), "must have at least 1 items"),
        (value(api="v2"), "v2 is none of v1, v1beta1, v1alpha1"),
        (value(rules=[]), "spec.rules: the schema does not know it"),
        (value(matchConstraints={"resourceRules": {}}), "must be of type array"),
        ({**value(), "spec": None}, "must be of type object"),
    ],
)
def test_what_is_wrong_is_told_when_it_is_loaded(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        ValidatingPolicyEngine().check(policy(raw))
    assert any(said in problem for problem in raised.value.problems), raised.value.problems
