"""Exceptions from Kyverno's policies, which count until they expire, and what its failure actions are here."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import EngineName, InputKind, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.engines.kyverno.policy import load
from gateproof.errors import PolicyError
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:00:00Z"
LATER = "2026-11-23T05:00:01Z"
PODS = {"any": [{"resources": {"kinds": ["Pod"]}}]}


def policy(validate: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    rule = {"name": "r", "match": PODS, "validate": validate or {"message": "no", "deny": {}}}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"rules": [rule], **spec},
    }


def exception(expires: Any = LATER, **spec: Any) -> dict[str, Any]:
    said = {"gateproof.dev/expires": expires} if expires is not None else {}
    named = [{"policyName": "p", "ruleNames": ["r", "autogen-*"]}]
    return {
        "apiVersion": "kyverno.io/v2",
        "kind": "PolicyException",
        "metadata": {"name": "e", "namespace": "ops", "annotations": said},
        "spec": {"match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, "exceptions": named, **spec},
    }


def pod(name: str = "a", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "c", "image": "nginx"}], **spec},
    }


def result(*sources: dict[str, Any], value: dict[str, Any] | None = None, facts: tuple[Fact, ...] = ()) -> Result:
    texts = tuple(Source(f"{number}.yaml", yaml.safe_dump(one)) for number, one in enumerate(sources))
    judged = Policy(
        id="p",
        engine=EngineName.KYVERNO,
        title="p",
        severity=Severity.HIGH,
        kinds=(InputKind.KUBERNETES,),
        sources=texts,
    )
    KyvernoEngine().check(judged)
    subject = inputs.parse(yaml.safe_dump(value or pod()).encode())
    [found] = KyvernoEngine().evaluate(judged, subject, {fact.name: fact for fact in facts}, now=NOW)
    return found


def test_an_exception_takes_a_rule_away_until_it_expires() -> None:
    found = result(policy(), exception())
    assert (found.outcome, found.findings) == (Outcome.SKIP, ())
    assert found.reason == f"rule r: excepted by the PolicyException ops/e until {LATER}"


@pytest.mark.parametrize(
    ("expires", "why"),
    [
        (NOW, f"it expired at {NOW}"),
        ("2026-11-23T04:59:59Z", "it expired at 2026-11-23T04:59:59Z"),
        (None, "it has no annotation gateproof.dev/expires, so nothing says until when it counts"),
    ],
)
def test_an_exception_that_does_not_count_is_named_and_the_rule_holds(expires: str | None, why: str) -> None:
    found = result(policy(), exception(expires))
    assert found.outcome is Outcome.FAIL
    assert found.findings[0].message == f"no (rule r); the PolicyException ops/e does not count: {why}"


@pytest.mark.parametrize(
    "spec",
    [
        {"match": {"any": [{"resources": {"kinds": ["Pod"], "names": ["b"]}}]}},
        {"match": {"all": [{"resources": {"kinds": ["Pod"]}}, {"resources": {"kinds": ["Service"]}}]}},
        {"exceptions": [{"policyName": "p", "ruleNames": ["s"]}]},
        {"exceptions": [{"policyName": "q", "ruleNames": ["r"]}]},
        {"exceptions": [{"policyName": "shop/p", "ruleNames": ["r"]}]},
        {"conditions": {"any": [{"key": "{{ request.object.metadata.name }}", "operator": "Equals", "value": "b"}]}},
    ],
)
def test_an_exception_that_is_for_something_else(spec: dict[str, Any]) -> None:
    found = result(policy(), exception(**spec))
    assert found.outcome is Outcome.FAIL
    assert found.findings[0].message == "no (rule r)"


def test_nobody_who_is_not_known_has_an_exception() -> None:
    match = {"any": [{"resources": {"kinds": ["Pod"]}, "subjects": [{"kind": "User", "name": "*"}]}]}
    assert result(policy(), exception(match=match)).outcome is Outcome.FAIL
    match = {"any": [{"resources": {"kinds": ["Pod"], "namespaceSelector": {"matchLabels": {"env": "dev"}}}}]}
    found = result(policy(), exception(match=match))
    assert "does not count: the labels of the namespace shop are not known" in found.findings[0].message
    assert result(policy(), exception(match=match), facts=(SHOP,)).outcome is Outcome.SKIP


def test_conditions_that_hold() -> None:
    holds = {"all": [{"key": "{{ request.object.metadata.name }}", "operator": "Equals", "value": "a"}]}
    assert result(policy(), exception(conditions=holds)).outcome is Outcome.SKIP


def test_conditions_that_cannot_be_evaluated_except_nothing() -> None:
    unknown = {"all": [{"key": "{{ request.object.spec.none.such }}", "operator": "Equals", "value": "a"}]}
    found = result(policy(), exception(conditions=unknown))
    assert found.outcome is Outcome.FAIL
    assert "the PolicyException ops/e does not count: " in found.findings[0].message


def test_rules_that_are_generated_have_names_of_their_own() -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"template": pod()},
    }
    match = {"any": [{"resources": {"kinds": ["Deployment"]}}]}
    excepted = result(policy(), exception(match=match), value=deployment)
    assert excepted.outcome is Outcome.SKIP
    named = [{"policyName": "p", "ruleNames": ["r"]}]
    assert result(policy(), exception(match=match, exceptions=named), value=deployment).outcome is Outcome.FAIL


RESTRICTED = {"podSecurity": {"level": "baseline"}}
NETWORK = [{"controlName": "Host Namespaces"}]


def test_controls_of_pod_security_are_excepted_one_by_one() -> None:
    on_host = pod(hostNetwork=True)
    found = result(policy(RESTRICTED), exception(podSecurity=NETWORK), value=on_host)
    assert (found.outcome, found.reason) == (
        Outcome.SKIP,
        f"rule r: excepted by the PolicyException ops/e until {LATER}",
    )
    also = pod(hostNetwork=True, volumes=[{"name": "v", "hostPath": {"path": "/"}}])
    assert result(policy(RESTRICTED), exception(podSecurity=NETWORK), value=also).outcome is Outcome.FAIL
    assert result(policy(RESTRICTED), exception(podSecurity=NETWORK)).outcome is Outcome.PASS
    assert result(policy(RESTRICTED), exception(NOW, podSecurity=NETWORK), value=on_host).outcome is Outcome.FAIL
    assert result(policy(RESTRICTED), exception(), value=also).outcome is Outcome.SKIP


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (exception("tomorrow"), "the annotation gateproof.dev/expires is 'tomorrow'"),
        (exception("2026-02-30T00:00:00Z"), "the annotation gateproof.dev/expires is '2026-02-30"),
        (exception(20270101), "the annotation gateproof.dev/expires is '20270101'"),
        (exception(exceptions=[]), "exceptions names no policy and rule"),
        (exception(exceptions=[{"policyName": "p"}]), "has no policyName and ruleNames"),
        (exception(match={"resources": {"kinds": ["Pod"]}}), "an exception has any or all"),
        (exception(match={}), "match: it selects no object"),
        (exception(more=1), "unknown key spec.more"),
        (exception(podSecurity=[{"controlName": "All"}]), "controlName is 'All'"),
        (exception(conditions={"any": [{"key": 1, "operator": "Is"}]}), "conditions: "),
    ],
)
def test_exceptions_that_are_refused(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(PolicyError) as raised:
        result(policy(), changed)
    assert problem in str(raised.value)
    assert "exception e: " in str(raised.value)


def test_an_exception_from_nothing_says_so() -> None:
    found = result(exception())
    assert (found.outcome, found.reason) == (Outcome.SKIP, "it is an exception from no policy that is here")


def test_what_judges_nothing_says_why() -> None:
    cleanup = {"apiVersion": "kyverno.io/v2", "kind": "CleanupPolicy", "metadata": {"name": "c"}, "spec": {}}
    found = result(cleanup)
    assert (found.outcome, found.reason) == (Outcome.SKIP, "what deletes objects does not gate")
    [listed] = pack.load({"c.yaml": yaml.safe_dump(cleanup)})
    assert listed.id == "CleanupPolicy.c"


SHOP = Fact(
    name="kubernetes-objects",
    source="test",
    observed_at=NOW,
    max_age=60,
    value=[{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"env": "dev"}}}],
)
DENIES: dict[str, Any] = {"message": "no", "deny": {}}


@pytest.mark.parametrize(
    ("validate", "spec", "audited"),
    [
        ({}, {}, False),
        ({}, {"validationFailureAction": "Enforce"}, False),
        ({}, {"validationFailureAction": "Audit"}, True),
        ({}, {"validationFailureAction": "audit"}, True),
        ({"failureAction": "Audit"}, {}, True),
        ({"failureAction": "Enforce"}, {"validationFailureAction": "Audit"}, False),
        ({"failureAction": "Audit"}, {"validationFailureAction": "Enforce"}, True),
        ({"failureActionOverrides": [{"action": "Audit", "namespaces": ["sh*"]}]}, {}, True),
        ({"failureActionOverrides": [{"action": "Audit", "namespaces": ["other"]}]}, {}, False),
        (
            {
                "failureAction": "Audit",
                "failureActionOverrides": [{"action": "Enforce", "namespaces": ["shop"]}],
            },
            {},
            False,
        ),
        (
            {},
            {
                "validationFailureAction": "Enforce",
                "validationFailureActionOverrides": [
                    {"action": "audit", "namespaceSelector": {"matchLabels": {"env": "dev"}}}
                ],
            },
            True,
        ),
        (
            {"failureAction": "Enforce"},
            {"validationFailureActionOverrides": [{"action": "Audit", "namespaces": ["*"]}]},
            False,
        ),
    ],
)
def test_what_is_audited_gates_as_a_warning_does(validate: dict[str, Any], spec: dict[str, Any], audited: bool) -> None:
    found = result(policy({**DENIES, **validate}, **spec), facts=(SHOP,))
    [finding] = found.findings
    assert finding.severity is (Severity.LOW if audited else Severity.HIGH)
    assert finding.message == ("no (rule r) (Audit)" if audited else "no (rule r)")


@pytest.mark.parametrize(("action", "severity"), [("Audit", Severity.HIGH), ("Enforce", Severity.HIGH)])
def test_where_the_labels_of_a_namespace_are_not_known_only_what_is_stricter_counts(
    action: str, severity: Severity
) -> None:
    override = {"action": action, "namespaceSelector": {"matchLabels": {"env": "dev"}}}
    default = "Audit" if action == "Enforce" else "Enforce"
    found = result(policy({**DENIES, "failureAction": default, "failureActionOverrides": [override]}))
    assert found.findings[0].severity is severity


@pytest.mark.parametrize(
    ("validate", "spec", "problem"),
    [
        ({"failureAction": "Warn"}, {}, "failureAction: 'Warn' is no action"),
        ({}, {"validationFailureAction": "off"}, "validationFailureAction: 'off' is no action"),
        ({"failureActionOverrides": [{"action": "Audit", "namespaces": "a"}]}, {}, "has no action with namespaces"),
        ({"failureActionOverrides": ["Audit"]}, {}, "has no action with namespaces"),
        ({"failureActionOverrides": {}}, {}, "failureActionOverrides must be a list"),
    ],
)
def test_actions_that_are_refused(validate: dict[str, Any], spec: dict[str, Any], problem: str) -> None:
    text = yaml.safe_dump(policy({**DENIES, **validate}, **spec))
    with pytest.raises(PolicyError) as raised:
        load((Source("p.yaml", text),))
    assert problem in str(raised.value)
