"""gator's suites: cases, assertions, and what cannot be tried."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from gateproof.catalog.policy import Source
from gateproof.engines.gatekeeper.suite import Assertion, Suite, is_suite, read, run
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8snames}
spec:
  crd:
    spec:
      names: {kind: K8sNames}
      validation: {openAPIV3Schema: {type: object, properties: {bad: {type: string}}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package k8snames
        violation[{"msg": msg}] {
          contains(input.review.object.metadata.name, input.parameters.bad)
          msg := sprintf("%v is bad", [input.review.object.metadata.name])
        }
        violation[{"msg": "taken"}] {
          data.inventory.namespace[_][_].Pod[input.review.object.metadata.name]
        }
"""
CONSTRAINT = (
    "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sNames\nmetadata: {name: a}\nspec: {parameters: {bad: x}}\n"
)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME, namespace: a}\n"
FILES = {
    "template.yaml": TEMPLATE,
    "constraint.yaml": CONSTRAINT,
    "invalid.yaml": CONSTRAINT.replace("bad: x", "bad: 1"),
    "gator.yaml": CONSTRAINT.replace(
        "spec: {",
        "spec: {enforcementAction: scoped,"
        " scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: audit.gatekeeper.sh}]}], ",
    ),
    "selects.yaml": CONSTRAINT.replace("spec: {", "spec: {match: {namespaceSelector: {matchLabels: {a: b}}}, "),
    "good.yaml": POD.replace("NAME", "ok"),
    "bad.yaml": POD.replace("NAME", "xx"),
    "two.yaml": f"{POD}---\n{POD}",
    "empty.yaml": "# nothing\n",
}


def suite(**test: Any) -> Suite:
    made = {"name": "t", "template": "template.yaml", "constraint": "constraint.yaml", **test}
    document = {"apiVersion": "test.gatekeeper.sh/v1alpha1", "kind": "Suite", "tests": [made]}
    files = {name: Source(name, text) for name, text in FILES.items()}
    return msgspec.structs.replace(read(document, "suite.yaml"), files=files)


def tried(object: str = "bad.yaml", assertions: Any = ({},), *, inventory: Any = (), **test: Any) -> tuple[str, str]:
    case = {"name": "c", "object": object, "assertions": list(assertions), "inventory": list(inventory)}
    [found] = run(suite(cases=[case], **test), now=NOW)
    return str(found.outcome), found.message


@pytest.mark.parametrize(
    ("object", "assertion", "outcome"),
    [
        ("bad.yaml", {}, "pass"),
        ("bad.yaml", {"violations": "yes"}, "pass"),
        ("bad.yaml", {"violations": True}, "pass"),
        ("bad.yaml", {"violations": 1}, "pass"),
        ("bad.yaml", {"violations": 2}, "fail"),
        ("bad.yaml", {"violations": "no"}, "fail"),
        ("bad.yaml", {"violations": 1, "message": "^xx is"}, "pass"),
        ("bad.yaml", {"violations": 0, "message": "yy"}, "pass"),
        ("bad.yaml", {"message": "yy"}, "fail"),
        ("good.yaml", {"violations": "no"}, "pass"),
        ("good.yaml", {"violations": False}, "pass"),
        ("good.yaml", {"violations": 0}, "pass"),
        ("good.yaml", {}, "fail"),
    ],
    ids=str,
)
def test_assertions(object: str, assertion: dict[str, Any], outcome: str) -> None:
    assert tried(object, [assertion])[0] == outcome


def test_a_failure_says_what_was_found() -> None:
    assert tried(assertions=[{"violations": 2, "message": "bad"}]) == (
        "fail",
        "1 violations matching 'bad', where 2 must be; found: xx is bad",
    )


def test_the_inventory() -> None:
    assert tried("good.yaml", [{"violations": 1, "message": "^taken$"}], inventory=["good.yaml"]) == ("pass", "")


def test_what_is_left_out() -> None:
    cases = [{"name": "c", "object": "bad.yaml", "assertions": [{}], "skip": True}]
    assert [(one.name, str(one.outcome)) for one in run(suite(cases=cases), now=NOW)] == [("t/c", "skip")]
    assert [(one.name, str(one.outcome)) for one in run(suite(cases=cases, skip=True), now=NOW)] == [("t", "skip")]
    whole = msgspec.structs.replace(suite(cases=cases), skip=True)
    assert [str(one.outcome) for one in run(whole, now=NOW)] == ["skip"]


def test_expansion() -> None:
    outer = "apiVersion: a/v1\nkind: Big\nmetadata: {name: xx}\nspec: {}\n"
    by = (
        "apiVersion: expansion.gatekeeper.sh/v1beta1\nkind: ExpansionTemplate\nmetadata: {name: e}\nspec:\n"
        "  applyTo: [{groups: [a], versions: [v1], kinds: [Big]}]\n  templateSource: spec\n"
        "  generatedGVK: {group: a, version: v1, kind: Small}\n"
    )
    case = {"name": "c", "object": "outer.yaml", "assertions": [{"violations": 1, "message": "Implied by e"}]}
    made = suite(expansion="expansion.yaml", cases=[case])
    files = {**made.files, "outer.yaml": Source("outer.yaml", outer), "expansion.yaml": Source("expansion.yaml", by)}
    assert [str(one.outcome) for one in run(msgspec.structs.replace(made, files=files), now=NOW)] == ["pass"]
    assert list((made.tests or ())[0].files) == ["template.yaml", "constraint.yaml", "expansion.yaml", "outer.yaml"]


def test_constraints_that_must_be_invalid() -> None:
    [found] = run(suite(constraint="invalid.yaml", invalid=True), now=NOW)
    assert str(found.outcome) == "pass"
    [found] = run(suite(invalid=True), now=NOW)
    assert (str(found.outcome), found.message) == ("fail", "the constraint is valid, and must not be")


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"constraint": "invalid.yaml"}, "spec.parameters.bad: must be of type string"),
        ({"template": ""}, "the test names no template"),
        ({"constraint": ""}, "the test names no constraint"),
        ({"template": "missing.yaml"}, "missing.yaml is missing"),
        ({"template": "empty.yaml"}, "the template or the constraint is empty"),
        ({"template": "good.yaml", "invalid": True}, "must be a ConstraintTemplate of templates.gatekeeper.sh"),
        ({"constraint": "good.yaml"}, "must be of constraints.gatekeeper.sh"),
        ({"object": ""}, "a case needs object and assertions"),
        ({"object": "two.yaml"}, "2 objects where one is wanted"),
        ({"object": "gone.yaml"}, "gone.yaml is missing"),
        ({"assertions": []}, "a case needs object and assertions"),
    ],
    ids=str,
)
def test_what_cannot_be_tried(test: dict[str, Any], said: str) -> None:
    outcome, message = tried(**test)
    assert outcome == "error"
    assert said in message


def test_what_cannot_be_told_counts_as_a_violation() -> None:
    assert tried("good.yaml", [{"violations": 1, "message": "are not known"}], constraint="selects.yaml")[0] == "pass"


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("x", "the AdmissionReview has no request"),
        ({}, "neither object nor oldObject"),
        ({"object": {"kind": "Pod"}}, "neither object nor oldObject"),
        ({"operation": "DELETE", "object": {}}, "a request to delete something without oldObject"),
        ({"kind": "Pod"}, "request.kind is no object"),
        ({"kind": {"group": 1}}, "request.kind.group is no text"),
        ({"namespace": []}, "request.namespace is no text"),
    ],
    ids=str,
)
def test_requests_that_cannot_be_judged(request_: Any, said: str) -> None:
    made = suite(cases=[{"name": "c", "object": "review.yaml", "assertions": [{}]}])
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request_}
    files = {**made.files, "review.yaml": Source("review.yaml", json.dumps(review))}
    [found] = run(msgspec.structs.replace(made, files=files), now=NOW)
    assert (str(found.outcome), said in found.message) == ("error", True)


def test_actions_at_other_points_find_nothing() -> None:
    assert tried("bad.yaml", [{"violations": "no"}], constraint="gator.yaml") == ("pass", "")


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("x", "Expected `array"),
        ([{"cases": [{"assertions": [{"violations": "many"}]}]}], "violations must be a number, yes or no"),
        ([{"cases": [{"assertions": [{"violations": -1}]}]}], "violations must be a number, yes or no"),
        ([{"cases": [{"assertions": [{"message": "("}]}]}], "is no regular expression"),
        ([{"cases": [{"skip": "yes"}]}], "Expected `bool`"),
    ],
    ids=str,
)
def test_suites_that_are_none(tests: Any, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        read({"tests": tests}, "suite.yaml")


def test_what_is_a_suite() -> None:
    assert is_suite({"apiVersion": "test.gatekeeper.sh/v1alpha1", "kind": "Suite"})
    assert not is_suite({"apiVersion": "test.gatekeeper.sh/v1alpha1", "kind": "Other"})
    assert not is_suite([])
    assert Assertion().wanted == "yes"
