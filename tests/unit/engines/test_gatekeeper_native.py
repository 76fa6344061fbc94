"""Templates in CEL: what they see, what they say, and what is refused with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.gatekeeper.engine import GatekeeperEngine
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.gatekeeper.native import Native
from gateproof.engines.gatekeeper.policy import load
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sowner}
spec:
  crd:
    spec:
      names: {kind: K8sOwner}
      validation:
        openAPIV3Schema: {type: object, properties: {label: {type: string}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: Rego
          source:
            rego: |
              package k8sowner
              violation[{"msg": "from Rego"}] { true }
        - engine: K8sNativeValidation
          source:
            matchCondition:
              - {name: not-mine, expression: '!has(object.metadata.labels) || !("mine" in object.metadata.labels)'}
            variables:
              - name: labels
                expression: 'has(variables.anyObject.metadata.labels) ? variables.anyObject.metadata.labels : {}'
            validations:
              - expression: 'variables.params == null || variables.params.label in variables.labels'
                messageExpression: '"no label " + variables.params.label'
"""
CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sOwner
metadata: {name: a}
spec: {parameters: {label: owner}}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b, labels: {LABEL: x}}\n"


def said(manifest: str, template: str = TEMPLATE, constraint: str = CONSTRAINT) -> tuple[str, str]:
    sources = (Source("constraint.yaml", constraint), Source("template.yaml", template))
    policy = Policy(id="a", engine=EngineName.GATEKEEPER, title="", severity=Severity.HIGH, sources=sources)
    subject = inputs.parse(manifest.encode())
    assert not subject.problem
    [result] = GatekeeperEngine().evaluate(policy, subject, {}, now=NOW)
    return str(result.outcome), result.reason or "; ".join(finding.message for finding in result.findings)


def test_cel_is_chosen_before_rego() -> None:
    judge = load((Source("constraint.yaml", CONSTRAINT), Source("template.yaml", TEMPLATE)))
    assert isinstance(judge, Judge)
    assert isinstance(judge.template.code, Native)
    assert said(POD) == ("fail", "no label owner")
    assert said(POD.replace("LABEL", "owner")) == ("pass", "")


def test_conditions_and_parameters() -> None:
    assert said(POD.replace("LABEL", "mine"))[0] == "skip"
    assert said(POD, constraint=CONSTRAINT.replace("spec: {parameters: {label: owner}}", "spec: {}")) == ("pass", "")


def test_of_a_delete_the_object_is_the_one_that_goes() -> None:
    old: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}}
    request = {
        "uid": "1",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "a",
        "namespace": "b",
        "operation": "DELETE",
        "userInfo": {},
        "object": None,
        "oldObject": old,
    }
    review = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
    without = (
        TEMPLATE.partition("            matchCondition:")[0] + TEMPLATE[TEMPLATE.index("            variables:") :]
    )
    assert said(review, without) == ("fail", "no label owner")
    asks = without.replace("variables.params == null", "object == null")
    assert said(review, asks) == ("pass", "")


def test_errors() -> None:
    broken = TEMPLATE.replace("variables.params == null ||", "object.spec.none ||")
    assert said(POD)[0] == "fail"
    outcome, reason = said(POD, broken)
    assert outcome == "error"
    assert "spec" in reason
    ignoring = broken.replace("            variables:", "            failurePolicy: Ignore\n            variables:")
    outcome, reason = said(POD, ignoring)
    assert outcome == "skip"
    assert reason.startswith("failurePolicy is Ignore, and there are errors: ")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("validations:", "validation:", "template.yaml:19:11: spec.targets[0].code[1].source: must have validations"),
        ("matchCondition:", "matchConditions:", "source.matchConditions: the schema does not know it"),
        ("variables.labels'", "variables.'", "template.yaml:26:17: spec.targets[0].code[1].source.validations[0]"),
        ("name: labels", "name: params", "source.variables[0].name: 'params' is Gatekeeper's own"),
        ("name: not-mine", "name: gatekeeper_internal_x", "'gatekeeper_internal_x' is Gatekeeper's own"),
        (
            "name: labels",
            "name: 1a",
            "template.yaml:23:17: spec.targets[0].code[1].source.variables[0].name: '1a' is no",
        ),
        ("in variables.labels", "in variables.other", "variables.other is not defined before it is read"),
        (
            "source:\n            matchC",
            "source:\n            failurePolicy: Maybe\n            matchC",
            "'Fail', 'Ignore'",
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_refused(old: str, new: str, problem: str) -> None:
    assert old in TEMPLATE
    with pytest.raises(PolicyError) as caught:
        load((Source("constraint.yaml", CONSTRAINT), Source("template.yaml", TEMPLATE.replace(old, new))))
    assert problem in "\n".join(caught.value.problems)
