"""Gatekeeper's files on the command line: constraints judge, gator's suites are tests."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sowner}
spec:
  crd: {spec: {names: {kind: K8sOwner}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package k8sowner
        violation[{"msg": "nobody owns it"}] {
          not input.review.object.metadata.labels.owner
        }
"""
CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sOwner
metadata:
  name: pods
  annotations: {gateproof.dev/severity: medium, gateproof.dev/controls: "nist-800-53@5:CM-8"}
spec:
  match: {kinds: [{apiGroups: [""], kinds: [Pod]}]}
"""
GOOD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {owner: ann}}\n"
BAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n"
SUITE = """\
apiVersion: test.gatekeeper.sh/v1alpha1
kind: Suite
tests:
  - name: owner
    template: ../gate/template.yaml
    constraint: ../gate/constraint.yaml
    cases:
      - {name: good, object: good.yaml, assertions: [{violations: no}]}
      - {name: bad, object: bad.yaml, assertions: [{violations: 1, message: nobody}]}
      - {name: lost, object: lost.yaml, assertions: [{}], skip: true}
"""


@pytest.fixture
def files(gateproof: Gateproof) -> Gateproof:
    gateproof.write("gate/template.yaml", TEMPLATE)
    gateproof.write("gate/constraint.yaml", CONSTRAINT)
    gateproof.write("tests/good.yaml", GOOD)
    gateproof.write("tests/bad.yaml", BAD)
    gateproof.write("tests/suite.yaml", SUITE)
    return gateproof


def test_constraints_judge(files: Gateproof) -> None:
    ran = files("check", "--policy", "gate", "tests/bad.yaml", "--format", "json")
    [item] = json.loads(ran.out)["items"]
    assert (ran.code, item["verdict"]) == (1, "DENY")
    [finding] = item["core"]["results"][0]["findings"]
    assert (finding["policy"], finding["message"]) == ("K8sOwner.pods", "nobody owns it")
    assert (finding["severity"], finding["controls"]) == ("medium", ["nist-800-53@5:CM-8"])
    assert files("check", "--policy", "gate", "tests/good.yaml").code == 0


def test_a_template_may_be_named_apart(files: Gateproof) -> None:
    both = ("--policy", "gate/constraint.yaml", "--policy", "gate/template.yaml")
    assert files("check", *both, "tests/bad.yaml").code == 1
    alone = files("check", "--policy", "gate/constraint.yaml", "tests/bad.yaml")
    assert not alone.refused("constraint.yaml:2:1: kind: there is no ConstraintTemplate whose constraints are K8sOwner")


def test_bundles_hold_both(files: Gateproof) -> None:
    files.write("gate/all.yaml", f"{TEMPLATE}---\n{CONSTRAINT}")
    built = ("bundle", "build", "--name", "owners", "-o", "owners.tar.gz")
    assert files(*built, "gate/template.yaml", "gate/constraint.yaml").code == 0
    assert files("check", "--policy", "owners.tar.gz", "tests/bad.yaml").code == 1
    assert files(*built, "gate/all.yaml").code == 0
    assert files("check", "--policy", "owners.tar.gz", "tests/bad.yaml").code == 1


def test_manifests_are_what_the_cluster_has(files: Gateproof) -> None:
    taken = '        violation[{"msg": "taken"}] { data.inventory.namespace.shop["v1"].Pod[input.review.name] }\n'
    files.write("gate/template.yaml", TEMPLATE + taken)
    files.write("cluster.yaml", BAD.replace("name: b", "name: a, namespace: shop"))
    check = ("check", "--policy", "gate", "tests/good.yaml")
    assert not files(*check).undecided("the fact kubernetes-objects is missing")
    ran = files(*check, "--fact", "cluster.yaml")
    assert ran.code == 1
    assert "taken" in ran.out
    files.write("cluster.yaml", BAD)
    assert files(*check, "--fact", "cluster.yaml").code == 0


def test_rego_that_does_not_compile_is_told_with_its_line(files: Gateproof) -> None:
    files.write("gate/template.yaml", TEMPLATE.replace("not input.review", "nota(1); input.review"))
    assert not files("check", "--policy", "gate", "tests/good.yaml").refused("gate/template.yaml:11:", "nota")


def test_suites_are_tests(files: Gateproof) -> None:
    ran = files("test", "-v", "tests")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "PASS   owner/good  tests/suite.yaml\nPASS   owner/bad  tests/suite.yaml\nSKIP   owner/lost  tests/suite.yaml\n"
        "cases: 2 passed, 1 skipped\n"
    )
    assert files("test", "tests/suite.yaml").out == "cases: 2 passed, 1 skipped\n"
    assert files("test", "-r", "good$", "tests").out == "cases: 1 passed\n"
    assert files("test", "-r", "nothing", "tests").code == 2


def test_what_fails_in_suites(files: Gateproof) -> None:
    wrong = SUITE.replace("violations: 1, message: nobody", "violations: 2").replace(", skip: true", "")
    files.write("tests/suite.yaml", wrong)
    ran = files("test", "tests", "-f", "json")
    assert ran.code == 2
    cases = json.loads(ran.out)["cases"]
    assert [(case["name"], case["outcome"]) for case in cases] == [
        ("owner/good", "pass"),
        ("owner/bad", "fail"),
        ("owner/lost", "error"),
    ]
    assert cases[1]["message"] == "1 violations, where 2 must be; found: nobody owns it"
    assert "lost.yaml" in cases[2]["message"]
    assert files("test", "tests", "-f", "junit", "-o", "report.xml").code == 2
    suites = ET.fromstring((files.folder / "report.xml").read_text())  # noqa: S314 - our own report
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("3", "1", "1")


def test_suites_that_are_none(files: Gateproof) -> None:
    files.write("tests/suite.yaml", SUITE.replace("violations: no", "violations: perhaps"))
    assert not files("test", "tests").refused("tests/suite.yaml", "violations must be a number, yes or no")
