"""Policies from text: ours, bare Rego, Kyverno; and the index of the built-in ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateproof.catalog import pack
from gateproof.catalog.pack import load
from gateproof.catalog.policy import EngineName, InputKind
from gateproof.catalog.scales import Environment, Layer, Severity
from gateproof.errors import PolicyError

OURS = """\
# METADATA
# title: No public buckets
# description: >-
#   Long text that
#   goes on.
# custom:
#   id: s3-public
#   severity: critical
#   controls: [CC6.1, SC-28]
#   kinds: [terraform-plan]
#   layers: [ci, cd]
#   scope: {environments: [prod]}
#   facts: [inventory]
#   parameters: {approved: [a]}
#   remediation: Make it private.
package gateproof.s3_public

applies contains r.address if some r in input.resources
"""
BARE = """\
package tf.aws.s3

deny[msg] {
  input.resource_changes[_].type == "aws_s3_bucket"
  msg := "no"
}
"""
KYVERNO = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: baseline
  annotations:
    policies.kyverno.io/title: Baseline
    policies.kyverno.io/severity: medium
    policies.kyverno.io/description: What it is for.
    gateproof.dev/controls: CC6.1, AC-6
    gateproof.dev/remediation: Set it.
spec: {rules: []}
"""


def problems(sources: dict[str, str]) -> str:
    with pytest.raises(PolicyError) as caught:
        load(sources)
    return str(caught.value)


def test_a_policy_of_ours() -> None:
    sources = {
        "s3-public/policy.rego": OURS,
        "s3-public/lib.rego": "package gateproof.s3_public.lib\nx := 1",
        "s3-public/policy_test.rego": "package broken_",
        "s3-public/README.md": "read me",
        "s3-public/denied/a.yaml": "a: [",
    }
    [policy] = load(sources)
    assert (policy.id, policy.engine, policy.title) == ("s3-public", EngineName.REGO_RESOURCE, "No public buckets")
    assert policy.severity is Severity.CRITICAL
    assert policy.description == "Long text that goes on."
    assert policy.remediation == "Make it private."
    assert policy.controls == ("nist-800-53@5:SC-28", "soc2@2017:CC6.1")
    assert policy.kinds == (InputKind.TERRAFORM_PLAN,)
    assert policy.layers == (Layer.CI, Layer.CD)
    assert policy.scope.environments == (Environment.PROD,)
    assert (policy.facts, policy.parameters) == (("inventory",), {"approved": ["a"]})
    assert [source.name for source in policy.sources] == ["lib.rego", "policy.rego"]


def test_bare_rego_is_one_policy_a_package_and_critical_unless_it_says() -> None:
    library = "package lib.names\nok(x) { x }"
    other = "# METADATA\n# title: Tags\n# custom: {severity: LOW, controls: [CC8.1], id: AVD-1}\n"
    other += "package tags\nimport rego.v1\nwarn contains m if { data.lib.names.ok(m) }"
    found = load({"p/s3.rego": BARE, "p/tags.rego": other, "p/lib.rego": library})
    assert [(p.id, p.title, p.severity) for p in found] == [
        ("tags", "Tags", Severity.LOW),
        ("tf.aws.s3", "tf.aws.s3", Severity.CRITICAL),
    ]
    tags, s3 = found
    assert [source.name for source in tags.sources] == ["p/lib.rego", "p/tags.rego"]
    assert [source.name for source in s3.sources] == ["p/s3.rego"]
    assert tags.controls == ("soc2@2017:CC8.1",)
    assert tags.engine is EngineName.REGO


@pytest.mark.parametrize("rule", ["data.lib.b.x", 'data["lib"].b.x', "data.lib", "data[k]"])
def test_references_bring_their_packages_and_those_that_they_refer_to(rule: str) -> None:
    sources = {
        "a.rego": f"package a\ndeny[m] {{ m := {rule} }}",
        "b.rego": "package lib.b\nx := data.lib.c.x",
        "c.rego": "package lib.c\nx := 1",
        "d.rego": "package elsewhere\nx := input.data.lib",
    }
    [policy] = load(sources)
    assert {"a.rego", "b.rego", "c.rego"} <= {source.name for source in policy.sources}


def test_metadata_of_rules_counts_where_the_package_has_none_and_the_strictest_severity_wins() -> None:
    text = (
        "package p\n# METADATA\n# title: First\n# custom: {severity: medium, remediation: Mend.}\ndeny[m] { m := 1 }\n"
    )
    text += "# METADATA\n# custom: {severity: high, controls: [CC6.1]}\ndeny[m] { m := 2 }\n"
    [policy] = load({"p.rego": text})
    assert (policy.title, policy.severity, policy.remediation) == ("First", Severity.HIGH, "Mend.")
    assert policy.controls == ("soc2@2017:CC6.1",)


@pytest.mark.parametrize(
    "rule",
    [
        "deny[m] { m := 1 }",
        "  violation[m] { m := 1 }",
        "deny contains 1",
        "warn_tags = 1",
        "default deny := false",
        "deny",
    ],
)
def test_what_makes_a_package_a_policy(rule: str) -> None:
    [policy] = load({"p.rego": f"package p\n{rule}"})
    assert policy.id == "p"


@pytest.mark.parametrize("rule", ["allow { true }", "denylist := []", "deny(x) { x }", "# deny[m] { m := 1 }"])
def test_what_does_not(rule: str) -> None:
    assert "there is no policy in p.rego" in problems({"p.rego": f"package p\n{rule}"})


def test_kyverno_policies_one_a_document() -> None:
    second = KYVERNO.replace("name: baseline", "name: second").replace("policies.kyverno.io/severity: medium", "x: y")
    stream = f"{KYVERNO}---\napiVersion: v1\nkind: Pod\n---\n{second}"
    baseline, other = load({"k/all.yaml": stream, "values.yml": "a: ["})
    assert (baseline.id, baseline.title, baseline.engine) == ("baseline", "Baseline", EngineName.KYVERNO)
    assert (baseline.severity, baseline.description, baseline.remediation) == (
        Severity.MEDIUM,
        "What it is for.",
        "Set it.",
    )
    assert baseline.controls == ("nist-800-53@5:AC-6", "soc2@2017:CC6.1")
    assert baseline.kinds == (InputKind.KUBERNETES,)
    assert other.severity is Severity.CRITICAL
    assert [source.name for policy in (baseline, other) for source in policy.sources] == ["all.yaml", "all.yaml"]
    assert "second" not in baseline.sources[0].text


def test_a_kyverno_policy_alone_in_its_file_keeps_the_files_bytes() -> None:
    [policy] = load({"k.yaml": KYVERNO})
    assert policy.sources[0].text == KYVERNO


def test_all_problems_of_all_files_are_reported_at_once() -> None:
    said = problems(
        {
            "a.rego": "deny[m] { m := 1 }",
            "b.rego": "package b\n# METADATA\n# title: [\ndeny[m] { m := 1 }",
            "c.rego": "package c\n# METADATA\n# custom: {severity: awful}\ndeny[m] { m := 1 }",
            "d.rego": "package d\n# METADATA\n# custom: {controls: [CC66.1, ZZ]}\ndeny[m] { m := 1 }",
            "e/policy.rego": OURS,
            "s3-public/policy.rego": OURS.replace("severity: critical", "severity: bad"),
            "f/s3-public/policy.rego": OURS.replace("# title: No public buckets\n", ""),
            "g/s3-public/policy.rego": OURS.replace("# custom:", "# severity: high\n# custom:"),
            "h.rego": "package h\n# METADATA\n# - a list\ndeny[m] { m := 1 }",
            "k.yaml": KYVERNO.replace("medium", "so-so"),
            "l.yaml": "apiVersion: kyverno.io/v2\nkind: UpdateRequest\nmetadata: {name: hole}",
            "m.yaml": "apiVersion: kyverno.io/v1\nkind: [",
            "n.yaml": KYVERNO.replace("name: baseline", "namespace: x"),
        }
    )
    for problem in (
        "a.rego: there is no package in it",
        "b.rego:3: METADATA is no YAML",
        "c.rego: 'awful' is no severity",
        "d.rego: there is no control 'CC66.1'; the nearest known ids are soc2@2017:CC6.1",
        "d.rego: there is no control 'ZZ'",
        "e/policy.rego: the policy 's3-public' must stand in a folder of this name",
        "s3-public/policy.rego: METADATA, custom: Invalid enum value 'bad'",
        "f/s3-public/policy.rego: METADATA has no title",
        "g/s3-public/policy.rego: METADATA has no severity (put it below `custom`)",
        "h.rego:2: METADATA must be one mapping",
        "k.yaml: 'so-so' is no severity",
        "l.yaml: kyverno.io/v2 UpdateRequest is not read here",
        "m.yaml: ",
        "n.yaml: a Kyverno policy without metadata.name",
    ):
        assert f"  {problem}" in said


EXCEPTION = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: hole, namespace: ops}
spec:
  match: {any: [{resources: {kinds: [Pod]}}]}
  exceptions: [{policyName: baseline, ruleNames: ["*"]}, {policyName: ns/other, ruleNames: [a]}]
"""


def test_an_exception_belongs_to_the_policies_that_it_names() -> None:
    other = KYVERNO.replace("kind: ClusterPolicy", "kind: Policy").replace(
        "name: baseline", "name: other\n  namespace: ns"
    )
    third = KYVERNO.replace("name: baseline", "name: third")
    found = load({"a.yaml": KYVERNO, "b.yaml": other, "c.yaml": third, "x/hole.yaml": EXCEPTION})
    assert {policy.id: [source.name for source in policy.sources] for policy in found} == {
        "baseline": ["a.yaml", "hole.yaml"],
        "other": ["b.yaml", "hole.yaml"],
        "third": ["c.yaml"],
    }


def test_what_judges_nothing_says_so_under_an_id_of_its_own() -> None:
    cleanup = "apiVersion: kyverno.io/v2\nkind: ClusterCleanupPolicy\nmetadata: {name: baseline}\nspec: {}\n"
    found = load({"a.yaml": KYVERNO, "b.yaml": cleanup, "c.yaml": EXCEPTION.replace("baseline", "missing")})
    assert [policy.id for policy in found] == ["ClusterCleanupPolicy.baseline", "PolicyException.hole", "baseline"]
    assert found[0].title == "baseline (what deletes objects does not gate)"


def test_titles_tell_which_rules_do_not_gate() -> None:
    rules = "spec: {rules: [{name: a, mutate: {}}, {name: b, validate: {}}, {name: c, generate: {}}]}\n"
    head = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\n"
    [policy] = load({"p.yaml": head + rules})
    assert policy.title == "p (rules that change or make objects do not gate: a (mutate), c (generate))"
    [policy] = load({"p.yaml": head.replace("kyverno.io/v1", "policies.kyverno.io/v1").replace("Cluster", "Mutating")})
    assert policy.title == "p (what changes objects does not gate)"


def test_nothing_to_load_is_an_error() -> None:
    assert "there is no policy in nothing" in problems({})
    assert "there is no policy in README.md" in problems({"README.md": "hello"})


def test_the_index_of_the_built_in_policies_is_fresh() -> None:
    files = sorted(file for file in pack.POLICIES.glob("*/*.rego") if file.parent.name != "lib")
    sources = {file.relative_to(pack.POLICIES).as_posix(): file.read_text(encoding="utf-8") for file in files}
    assert pack.index(load(sources)) == pack.INDEX.read_bytes(), "run tools/pack.py"
    assert pack.builtin() == load(sources)


def test_only_the_policies_that_are_wanted_are_read() -> None:
    assert [policy.id for policy in pack.builtin(pack.STARTER)] == sorted(pack.STARTER)
    with pytest.raises(PolicyError, match="no built-in policy is called s3-public-acces") as raised:
        pack.builtin(["s3-public-acces"])
    assert "s3-public-access" in str(raised.value.hint)


LIBRARY = """
import data.gateproof.lib.terraform as tf
"""


def test_a_policy_brings_the_library_that_it_refers_to_with_it() -> None:
    (policy,) = load({"s3-public/policy.rego": f"{OURS}\nimport data.gateproof.lib.terraform as tf\n"})
    assert [source.name for source in policy.sources] == ["lib/terraform.rego", "policy.rego"]
    (without,) = load({"s3-public/policy.rego": OURS})
    assert [source.name for source in without.sources] == ["policy.rego"]


@pytest.mark.parametrize("package", ["gateproof.lib", "gateproof.lib.terraform", "gateproof"])
def test_nobody_else_writes_the_library(package: str) -> None:
    said = problems({"a.rego": f"package {package}\n\nimport rego.v1\n\ndeny contains 1 if false\n"})
    assert f"the package {package} is gateproof's own library" in said


def test_an_altered_built_in_policy_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "s3-public"
    folder.mkdir()
    (folder / "policy.rego").write_text(OURS)
    index = tmp_path / "pack.json"
    index.write_bytes(pack.index(load({"s3-public/policy.rego": OURS})))
    monkeypatch.setattr(pack, "POLICIES", tmp_path)
    monkeypatch.setattr(pack, "INDEX", index)
    assert [policy.id for policy in pack.builtin()] == ["s3-public"]
    (folder / "policy.rego").write_text(OURS + "\n")
    with pytest.raises(PolicyError, match="not the one that was shipped"):
        pack.builtin()


def test_bare_rego_says_what_it_judges() -> None:
    about = "# METADATA\n# custom:\n#   kinds: [terraform-plan]\n"
    text = f"{about}package tags\n\nimport rego.v1\n\ndeny contains 1 if false\n"
    (policy,) = load({"tags.rego": text})
    assert policy.kinds == (InputKind.TERRAFORM_PLAN,)
    with pytest.raises(PolicyError, match="the kind 'plans' is unknown"):
        load({"tags.rego": text.replace("terraform-plan", "plans")})
