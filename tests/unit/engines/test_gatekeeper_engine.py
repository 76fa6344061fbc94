"""Gatekeeper's constraints on objects and requests: match, actions, inventory, expansion, and what cannot be judged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import engines, inputs
from gateproof.catalog.bundle import build
from gateproof.catalog.cluster_facts import INVENTORY, NAMESPACE
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.gatekeeper.engine import GatekeeperEngine
from gateproof.engines.interface import Outcome, Result
from gateproof.inputs.context import Context, Fact

NOW = "2026-11-23T05:00:00Z"
RULE = 'violation[{"msg": "found"}] { input.review.object }'
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: []}\n"
NODE = "apiVersion: v1\nkind: Node\nmetadata: {name: one}\n"
SHOP = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: []}
"""
EXPANSION = """\
apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {name: workloads}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec.template
  generatedGVK: {group: "", version: v1, kind: Pod}
"""


def template(rule: str = RULE) -> str:
    text = "\n".join(f"        {line}" for line in ("package k8sfind", *rule.split("\n")))
    return (
        "apiVersion: templates.gatekeeper.sh/v1beta1\nkind: ConstraintTemplate\nmetadata: {name: k8sfind}\nspec:\n"
        "  crd: {spec: {names: {kind: K8sFind}}}\n  targets:\n    - target: admission.k8s.gatekeeper.sh\n"
        f"      rego: |\n{text}\n"
    )


def policy(match: str = "{}", *, rule: str = RULE, spec: str = "", more: str = "", facts: bool = False) -> Policy:
    constraint = (
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sFind\nmetadata: {name: all}\n"
        f"spec: {{match: {match}{spec}}}\n"
    )
    texts = {"constraint.yaml": constraint, "template.yaml": template(rule), "more.yaml": more}
    return Policy(
        id="K8sFind.all",
        engine=EngineName.GATEKEEPER,
        title="Find",
        severity=Severity.HIGH,
        facts=(INVENTORY,) if facts else (),
        sources=tuple(Source(name, text) for name, text in texts.items() if text),
    )


def fact(value: Any, name: str = INVENTORY) -> Fact:
    return Fact(name=name, source="a file", observed_at=NOW, max_age=60, value=value)


def results(judged: Policy, manifests: str, *facts: Fact) -> list[Result]:
    subject = inputs.parse(manifests.encode())
    assert not subject.problem
    return list(GatekeeperEngine().evaluate(judged, subject, {each.name: each for each in facts}, now=NOW))


def said(judged: Policy, manifests: str, *facts: Fact) -> list[tuple[str, str]]:
    """Outcome and reason, or messages, of each result."""
    return [
        (str(one.outcome), one.reason or "; ".join(finding.message for finding in one.findings))
        for one in results(judged, manifests, *facts)
    ]


@pytest.mark.parametrize(
    ("match", "selected"),
    [
        ("{}", True),
        ("{kinds: []}", True),
        ("{kinds: [{apiGroups: [''], kinds: [Pod]}]}", True),
        ("{kinds: [{apiGroups: ['*'], kinds: ['*']}]}", True),
        ("{kinds: [{kinds: [Pod]}]}", True),
        ("{kinds: [{apiGroups: [apps], kinds: [Pod]}]}", False),
        ("{kinds: [{kinds: [Node]}, {kinds: [Pod]}]}", True),
        ("{scope: Namespaced}", True),
        ("{scope: Cluster}", False),
        ("{scope: '*'}", True),
        ("{namespaces: [shop]}", True),
        ("{namespaces: [sho*]}", True),
        ("{namespaces: ['*op']}", True),
        ("{namespaces: ['*ho*']}", True),
        ("{namespaces: [other]}", False),
        ("{excludedNamespaces: [shop]}", False),
        ("{excludedNamespaces: ['*op']}", False),
        ("{excludedNamespaces: [op*]}", True),
        ("{labelSelector: {matchLabels: {app: web}}}", True),
        ("{labelSelector: {matchLabels: {app: api}}}", False),
        ("{labelSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}", True),
        ("{labelSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [a]}]}}", True),
        ("{labelSelector: {matchExpressions: [{key: app, operator: Exists}]}}", True),
        ("{labelSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}", False),
        ("{name: we*}", True),
        ("{name: web}", True),
        ("{name: api}", False),
        ("{source: Original}", True),
        ("{source: Generated}", False),
        ("{source: All}", True),
        ("{namespaceSelector: {matchLabels: {team: a}}}", True),
        ("{namespaceSelector: {matchLabels: {team: b}}}", False),
        ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}", True),
    ],
    ids=str,
)
def test_match(match: str, selected: bool) -> None:
    found = results(policy(match), POD, fact([{"apiVersion": "v1", "kind": "Namespace", **_named("shop", team="a")}]))
    assert found[0].outcome is (Outcome.FAIL if selected else Outcome.SKIP)


def _named(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels}}


@pytest.mark.parametrize(
    ("match", "manifest", "selected"),
    [
        ("{namespaces: [other]}", NODE, True),
        ("{excludedNamespaces: ['*']}", NODE, True),
        ("{scope: Cluster}", NODE, True),
        ("{scope: Namespaced}", NODE, False),
        ("{namespaceSelector: {matchLabels: {team: b}}}", NODE, True),
        ("{scope: Cluster}", SHOP, True),
        ("{namespaces: [shop]}", SHOP, True),
        ("{namespaces: [other]}", SHOP, False),
        ("{excludedNamespaces: [shop]}", SHOP, False),
        ("{namespaceSelector: {matchLabels: {team: a}}}", SHOP, True),
        ("{namespaceSelector: {matchLabels: {team: b}}}", SHOP, False),
        ("{namespaces: [other]}", POD.replace("namespace: shop, ", ""), True),
        ("{scope: Namespaced}", POD.replace("namespace: shop, ", ""), True),
        ("{scope: Cluster}", POD.replace("namespace: shop, ", ""), False),
        ("{scope: Cluster}", "apiVersion: acme.io/v1\nkind: Thing\nmetadata: {name: a}\n", True),
        ("{scope: Namespaced}", "apiVersion: acme.io/v1\nkind: Thing\nmetadata: {name: a}\n", True),
        ("{name: web-*}", POD.replace("name: web,", "generateName: web-,"), True),
        ("{name: '*-web'}", POD.replace("name: web,", "generateName: my-web,"), False),
    ],
    ids=lambda value: str(value).replace("\n", " "),
)
def test_match_of_what_is_in_no_namespace(match: str, manifest: str, selected: bool) -> None:
    assert results(policy(match), manifest)[0].outcome is (Outcome.FAIL if selected else Outcome.SKIP)


def test_labels_of_a_namespace_come_from_the_input_and_from_facts() -> None:
    selecting = policy("{namespaceSelector: {matchLabels: {team: a}}, kinds: [{kinds: [Pod]}]}")
    [(outcome, reason)] = said(selecting, POD)
    assert outcome == "error"
    assert "the labels of the namespace shop are not known" in reason
    assert said(selecting, f"{POD}---\n{SHOP}") == [("fail", "found")]
    namespace = {"apiVersion": "v1", "kind": "Namespace", **_named("shop", team="b")}
    assert said(selecting, POD, fact(namespace, NAMESPACE))[0][0] == "skip"
    # A change that takes the label away does not escape by that.
    stripped = f"{POD}---\n{SHOP.replace('team: a', 'team: b')}"
    assert said(selecting, stripped, fact([{**namespace, **_named("shop", team="a")}])) == [("fail", "found")]


def test_actions() -> None:
    [deny] = results(policy(), POD)
    assert (deny.findings[0].severity, deny.findings[0].message) == (Severity.HIGH, "found")
    for action in ("warn", "dryrun"):
        [found] = results(policy(spec=f", enforcementAction: {action}"), POD)
        assert (found.findings[0].severity, found.findings[0].message) == (Severity.LOW, f"found ({action})")


def test_what_a_rule_sees() -> None:
    rule = 'violation[{"msg": msg}] { msg := json.marshal(input.review) }'
    [(_, message)] = said(policy(rule=rule), POD)
    review = json.loads(message)
    assert review["kind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert (review["name"], review["namespace"], review["operation"]) == ("web", "shop", "CREATE")
    assert review["object"]["metadata"]["name"] == "web"
    assert (review["oldObject"], review["userInfo"], review["namespaceObject"]) == (None, {}, {})


def request(operation: str, **more: Any) -> str:
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    asked = {
        "uid": "1",
        "kind": kind,
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "web",
        "namespace": "shop",
        "operation": operation,
        "userInfo": {"username": "ann"},
        "object": made,
        "oldObject": None,
        **more,
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked})


def test_requests() -> None:
    old = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "b"}}}
    rule = 'violation[{"msg": msg}] { msg := sprintf("%v %v", [input.review.userInfo.username, input.review.object]) }'
    [(outcome, message)] = said(policy(rule=rule), request("DELETE", object=None, oldObject=old))
    assert outcome == "fail"
    assert message.startswith("ann {")
    assert '"labels": {"a": "b"}' in message
    labelled = "{labelSelector: {matchLabels: {a: b}}}"
    assert said(policy(labelled), request("UPDATE", oldObject=old)) == [("fail", "found")]
    assert said(policy(labelled), request("CREATE"))[0][0] == "skip"


def test_operations_of_a_template() -> None:
    judged = policy()
    deleting = judged.sources[1].text.replace("      rego: |", "      operations: [DELETE]\n      rego: |")
    sources = (judged.sources[0], Source("template.yaml", deleting))
    judged = Policy(id="a", engine=judged.engine, title="", severity=Severity.LOW, sources=sources)
    assert said(judged, POD)[0][0] == "skip"
    assert said(judged, request("CREATE"))[0][0] == "skip"


def test_the_inventory() -> None:
    rule = (
        'violation[{"msg": name}] { data.inventory.namespace[_].v1.Pod[name] } { data.inventory.cluster.v1.Node[name] }'
    )
    objects = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "x"}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "b"}},
    ]
    judged = policy(rule=rule, facts=True)
    assert said(judged, POD, fact(objects)) == [("fail", "a; b")]
    assert said(judged, POD, fact({"kind": "List", "items": objects})) == [("fail", "a; b")]
    [(outcome, reason)] = said(judged, POD)
    assert (outcome, reason) == ("error", f"it reads data.inventory, and the fact {INVENTORY} is missing")


@pytest.mark.parametrize("value", ["text", {"items": 1}, ["x"], [{"kind": "Pod"}], [{"metadata": []}]], ids=str)
def test_facts_that_are_no_objects(value: Any) -> None:
    bundle = build([policy(facts=True)], GateTable(rows=()))
    subject = inputs.parse(POD.encode())
    [result] = engines.evaluate(subject, bundle, Context(), {INVENTORY: fact(value)}, now=NOW)
    assert result.outcome is Outcome.ERROR


def test_a_stale_snapshot_is_not_asked() -> None:
    selecting = policy("{namespaceSelector: {matchLabels: {team: a}}}")
    old = Fact(name=INVENTORY, source="x", observed_at="2026-11-23T04:00:00Z", max_age=60, value=[])
    bundle = build([selecting], GateTable(rows=()))
    [result] = engines.evaluate(inputs.parse(POD.encode()), bundle, Context(), {INVENTORY: old}, now=NOW)
    assert "are not known" in result.reason


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('violation = {"msg": "a"} { true }', "violation is no set"),
        ('violation[{"message": "a"}] { true }', "something else than objects with a text msg"),
        ('violation[{"msg": 1}] { true }', "something else than objects with a text msg"),
        ("violation[1] { true }", "something else than objects with a text msg"),
        ('violation[{"msg": f(1)}] { true }\nf(x) = 1 { true }\nf(x) = 2 { true }', "template.yaml:"),
    ],
    ids=["no set", "no msg", "no text", "no object", "a conflict"],
)
def test_what_cannot_be_evaluated_is_an_error(rule: str, reason: str) -> None:
    [(outcome, said_reason)] = said(policy(rule=rule), POD)
    assert outcome == "error"
    assert reason in said_reason


@pytest.mark.parametrize(
    "metadata", ["[]", "{name: 1}", "{name: a, labels: [x]}", "{name: a, labels: {x: 1}}", "{name: a, namespace: {}}"]
)
def test_metadata_of_wrong_types_is_an_error(metadata: str) -> None:
    judged = policy("{name: a*, labelSelector: {matchLabels: {x: y}}, namespaces: [b]}")
    manifest = f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n"
    bundle = build([judged], GateTable(rows=()))
    [result] = engines.evaluate(inputs.parse(manifest.encode()), bundle, Context(), {}, now=NOW)
    assert result.outcome is Outcome.ERROR


def test_violations_that_tell_the_same_are_one() -> None:
    rule = 'violation[{"msg": "a", "n": n}] { n := [1, 2][_] }\nviolation[{"msg": "a", "details": {"n": 1}}] { true }'
    [found] = results(policy(rule=rule), POD)
    assert [finding.message for finding in found.findings] == ["a", "a"]


def test_expansion() -> None:
    pods = "{kinds: [{kinds: [Pod]}]}"
    rule = 'violation[{"msg": msg}] { o := input.review.object.metadata; msg := concat("/", [o.namespace, o.name]) }'
    [(outcome, message)] = said(policy(pods, rule=rule, more=EXPANSION), DEPLOYMENT)
    assert (outcome, message) == ("fail", "[Implied by workloads] shop/web-pod")
    assert said(policy(pods, more=EXPANSION), DEPLOYMENT.replace("template:", "templates:"))[0][0] == "error"
    assert said(policy("{source: Original}", more=EXPANSION), DEPLOYMENT) == [("fail", "found")]
    assert said(policy("{source: Generated}", more=EXPANSION), DEPLOYMENT) == [("fail", "[Implied by workloads] found")]
    warned = EXPANSION + "  enforcementAction: warn\n"
    [result] = results(policy(pods, more=warned), DEPLOYMENT)
    assert result.findings[0].severity is Severity.LOW


def test_owner_references_of_what_is_made() -> None:
    rule = 'violation[{"msg": msg}] { msg := input.review.object.metadata.ownerReferences[_].name }'
    assert said(policy("{source: Generated}", rule=rule, more=EXPANSION), DEPLOYMENT) == [
        ("fail", "[Implied by workloads] web")
    ]


def test_the_namespace_of_an_object_comes_before_the_snapshot() -> None:
    selecting = policy("{namespaceSelector: {matchLabels: {team: a}}}")
    old, new = ({"apiVersion": "v1", "kind": "Namespace", **_named("shop", team=team)} for team in "ab")
    facts = (fact([old]), fact(new, NAMESPACE))
    for _ in range(2):
        assert said(selecting, POD, *facts)[0][0] == "skip"
    assert said(selecting, POD, facts[0]) == [("fail", "found")]


def test_policies_that_judge_nothing() -> None:
    idle = Policy(
        id="t", engine=EngineName.GATEKEEPER, title="", severity=Severity.LOW, sources=(Source("t.yaml", template()),)
    )
    GatekeeperEngine().check(idle)
    assert said(idle, POD) == [("skip", "there is no Constraint for this ConstraintTemplate: it judges nothing")]


def test_what_is_not_kubernetes() -> None:
    assert said(policy(), '{"format_version": "1.2", "resource_changes": []}')[0][0] == "skip"
