"""`gateproof policy`: the life of a policy from the command line, and overlays from gateproof.yaml."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateproof.catalog import pack

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof, House

pytestmark = pytest.mark.integration

RULE = """\
# METADATA
# scope: package
# title: Nobody is called web
# description: No Pod has the name that is not allowed.
# custom:
#   id: names
#   version: 1.0.0
#   severity: high
#   remediation: Call it something else.
#   controls: [nist-800-53@5:CM-8]
#   kinds: [kubernetes]
#   resources: [Pod]
#   layers: [ci]
#   parameters:
#     name: web
package gateproof.policies.names

import rego.v1

applies contains r.address if some r in input.planned.Pod

deny contains {"resource": r.address, "message": "it is called web", "path": ["metadata", "name"]} if {
	some r in input.planned.Pod
	r.name == data.parameters.name
}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n"
PACK = str(pack.POLICIES)


def repository(gateproof: Gateproof, settings: str) -> None:
    """A repository whose default branch has these settings, and policies beside them."""
    gateproof.write("gateproof.yaml", settings)
    gateproof.write("policies/names/policy.rego", RULE)
    gateproof.write("web.yaml", POD)
    git(gateproof, "init", "-q", "-b", "main")
    git(gateproof, "add", "-A")
    git(gateproof, "-c", "user.name=ann", "-c", "user.email=ann@acme.example", "commit", "-q", "-m", "start")


def git(gateproof: Gateproof, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=gateproof.folder, env=gateproof.environment, check=True)


def listed(gateproof: Gateproof, *arguments: str) -> dict[str, dict[str, Any]]:
    ran = gateproof("policy", "list", "--format", "json", *arguments)
    assert (ran.code, ran.faults()) == (0, []), ran.err
    return {each["id"]: each for each in json.loads(ran.out)["policies"]}


def test_a_new_policy_is_tested_explained_used_and_changed(gateproof: Gateproof) -> None:
    made = gateproof("policy", "new", "names-an-owner", "--control", "CM-8", "--in", "policies")
    assert (made.code, made.faults()) == (0, []), made.err
    assert "policies/names-an-owner/policy.rego\n" in made.out
    again = gateproof("policy", "new", "names-an-owner", "--in", "policies")
    assert again.refused("there is something of this name") == []
    folder = "policies/names-an-owner"
    sample = f"{folder}/denied/no-tags.json"
    ran = gateproof.each(
        {
            "lint": ("policy", "lint", "policies"),
            "test": ("policy", "test", folder, "--fail-under", "100"),
            "check": ("check", sample, "--policy", folder),
            "explain": ("policy", "explain", "names-an-owner", sample, "--policy", folder),
        }
    )
    assert {name: (each.code, each.faults()) for name, each in ran.items()} == {
        "lint": (0, []),
        "test": (0, []),
        "check": (1, []),
        "explain": (0, []),
    }
    assert ran["lint"].out == "1 policy: nothing to say\n"
    assert "names-an-owner 0.1.0" in ran["check"].out
    assert "the bucket has no tag owner" in ran["explain"].out
    shutil.copytree(gateproof.folder / folder, gateproof.folder / "before/names-an-owner")
    text = (gateproof.folder / folder / "policy.rego").read_text()
    gateproof.write(f"{folder}/policy.rego", text.replace("tag: owner", "tag: tier"))
    diff = ("policy", "diff", "before", folder, "--input", folder, "--format", "json")
    changed = gateproof(*diff, "--fail-on-new")
    assert (changed.code, changed.faults(), gateproof(*diff).code) == (1, [], 0)
    found = json.loads(changed.out)
    assert found["counts"]["blocked"] == 2
    assert {each["field"] for each in found["differences"]} == {"parameters", "text"}
    assert found["inputs"] == 7
    assert gateproof(*diff, "--fail-on-new").out == changed.out
    assert gateproof("policy", "lint", folder).out.count("sample: it must be") == 4


def test_the_list_says_what_judges_and_why_not(gateproof: Gateproof) -> None:
    settings = """\
version: 1
policies:
  pack: [s3-public-access, encryption-at-rest, container-hardening]
  paths: [policies]
  disabled: [encryption-at-rest]
  parameters: {names: {name: db}}
  overlays:
    - {policy: names, severity: critical}
    - policy: s3-public-access
      enabled: false
      loosens: {reason: moving, owner: ann, expires: "2999-01-01T00:00:00Z"}
    - policy: container-hardening
      severity: low
      loosens: {reason: moving, owner: ann, expires: "2020-01-01T00:00:00Z"}
"""
    repository(gateproof, settings)
    found = listed(gateproof, "--base", "main")
    assert (found["names"]["severity"], found["names"]["written_severity"]) == ("critical", "high")
    assert found["names"]["origin"] == "main:policies"
    assert found["names"]["parameters"] == {"name": {"value": "db", "from": "gateproof.yaml"}}
    assert found["encryption-at-rest"]["off"] == "policies.disabled"
    assert found["s3-public-access"]["off"] == "turned off by an overlay"
    assert (found["container-hardening"]["severity"], found["container-hardening"]["overlay"]) == ("high", None)
    assert found["required-tags"]["off"] == "not chosen"
    assert set(listed(gateproof, "--base", "main", "--enabled")) == {"names", "container-hardening"}
    assert set(listed(gateproof, "--base", "main", "--control", "CM-8", "--kind", "kubernetes")) >= {"names"}
    assert "names" not in listed(gateproof, "--base", "main", "--topic", "encryption at rest")
    text = gateproof("policy", "list", "--base", "main")
    assert (text.code, text.faults()) == (0, [])
    assert "off  critical  s3-public-access" in text.out.replace("  -", "")
    ran = gateproof("policy", "explain", "names", "web.yaml", "--base", "main", "--env", "dev", "--format", "json")
    explained = json.loads(ran.out)
    assert [each["outcome"] for each in explained["input"]["results"]] == ["pass"]
    cells = {(each["environment"], each["tier"], each["data_classification"]): each for each in explained["gate"]}
    assert cells["dev", "3", "public"]["row"] == "dev-critical"
    assert len(cells) == 36


OVERLAY = """\
version: 1
policies:
  pack: false
  paths: [policies]
  overlays:
    - policy: names
      {change}
      loosens: {{reason: moving, owner: ann, expires: "{expires}"}}
"""


@pytest.mark.parametrize(
    ("change", "expires", "code"),
    [
        ("enabled: false", "2999-01-01T00:00:00Z", 2),
        ("enabled: false", "2020-01-01T00:00:00Z", 1),
        ("severity: low", "2999-01-01T00:00:00Z", 0),
        ("severity: low", "2020-01-01T00:00:00Z", 1),
        ("scope: {environments: [prod]}", "2999-01-01T00:00:00Z", 0),
        ("scope: {environments: [staging]}", "2999-01-01T00:00:00Z", 1),
        ("parameters: {name: db}", "2999-01-01T00:00:00Z", 0),
    ],
)
def test_an_overlay_on_the_protected_branch_counts_until_it_ends(
    gateproof: Gateproof, change: str, expires: str, code: int
) -> None:
    repository(gateproof, OVERLAY.format(change=change, expires=expires))
    ran = gateproof("check", "web.yaml", "--base", "main", "--env", "staging", "--classification", "restricted")
    # Tier and classification are not protected here, so the low severity still meets a row for restricted data.
    lenient = gateproof("check", "web.yaml", "--base", "main", "--env", "dev")
    assert (ran.faults(), lenient.faults()) == ([], [])
    assert (lenient.code if change == "severity: low" else ran.code) == code, ran.out
    noted = "overlay of names" in ran.out
    assert noted is (expires > "2026" and "2999" in expires)


def test_what_is_turned_off_for_a_while_keeps_its_parameters(gateproof: Gateproof) -> None:
    settings = OVERLAY.format(change="enabled: false", expires="2999-01-01T00:00:00Z")
    repository(gateproof, settings + "  parameters: {names: {name: web}}\n")
    now, later = (
        gateproof("check", "web.yaml", "--base", "main", *more) for more in ((), ("--at", "2999-01-01T00:00:00Z"))
    )
    assert (now.code, later.code) == (2, 1), now.err + later.err
    assert now.faults() == later.faults() == []
    assert "no policy is loaded for this kind of input" in now.out


def test_what_a_change_asserts_loosens_nothing(gateproof: Gateproof) -> None:
    plain = "version: 1\npolicies: {pack: false, paths: [policies]}\n"
    repository(gateproof, plain)
    before = gateproof("check", "web.yaml", "--base", "main", "--env", "staging")
    assert before.code == 1
    for change in ("enabled: false", "severity: low", "scope: {environments: [prod]}", "parameters: {name: db}"):
        gateproof.write("gateproof.yaml", OVERLAY.format(change=change, expires="2999-01-01T00:00:00Z"))
        ran = gateproof("check", "web.yaml", "--base", "main", "--env", "staging")
        assert (ran.code, ran.faults()) == (1, []), change
        assert "ignored policies.overlays = names" in ran.out
    lower = plain + "  overlays: [{policy: names, severity: low}]\n"
    gateproof.write(
        "gateproof.yaml", lower.replace("{pack: false, paths: [policies]}", "\n  pack: false\n  paths: [policies]")
    )
    ran = gateproof("check", "web.yaml", "--base", "main", "--env", "staging")
    assert (ran.code, "ignored policies.overlays = names: severity low" in ran.out) == (1, True)
    higher = lower.replace("{pack: false, paths: [policies]}", "\n  pack: false\n  paths: [policies]").replace(
        "low", "critical"
    )
    gateproof.write("gateproof.yaml", higher)
    ran = gateproof("check", "web.yaml", "--base", "main", "--env", "dev", "--format", "json")
    [finding] = json.loads(ran.out)["items"][0]["core"]["results"][0]["findings"]
    assert finding["severity"] == "critical"


def test_an_overlay_is_in_the_evidence_and_replays(house: House, gateproof: Gateproof) -> None:
    gateproof.write(
        "gateproof.yaml", "version: 1\npolicies: {overlays: [{policy: container-hardening, severity: critical}]}\n"
    )
    ran = gateproof("check", "denied.yaml", *house.options())
    assert (ran.code, ran.faults()) == (1, [])
    again = gateproof("replay", "--all", "--evidence", str(house.folder / "store"), "--root", house.root)
    assert (again.code, again.out.count("same bytes")) == (0, 3)
    blobs = [path.read_bytes() for path in (house.folder / "store").rglob("*") if path.is_file()]
    assert any(b'"overlays":[{"policy":"container-hardening","severity":"critical"}]' in blob for blob in blobs)


def test_a_deprecated_policy_judges_and_is_told(gateproof: Gateproof) -> None:
    for until, word in (("2999-01-01", "to be gone by 2999-01-01: use others"), ("2020-01-01", "that day has come")):
        deprecated = f"{{since: 2019-01-01, until: {until}, replaced_by: others}}"
        text = RULE.replace("#   layers", f"#   deprecated: {deprecated}\n#   layers")
        gateproof.write("names/policy.rego", text)
        pod = gateproof.write("web.yaml", POD)
        ran = gateproof("check", pod, "--policy", "names")
        assert (ran.code, ran.faults(), word in " ".join(ran.out.split())) == (1, [], True), ran.out
        assert word in " ".join(gateproof("policy", "list", "--policy", "names").out.split())
    problems = gateproof("policy", "lint", "names", "--format", "json")
    assert problems.code == 1
    assert {"deprecated-over", "replaced-by"} < {each["code"] for each in json.loads(problems.out)["problems"]}


def test_lint_for_people_machines_and_forges(gateproof: Gateproof) -> None:
    gateproof.write("names/policy.rego", RULE.replace("r.name ==", 'not startswith(r.labels.x, "w")\n\tr.name =='))
    text, annotated = gateproof("policy", "lint", "names"), gateproof("policy", "lint", "names", "--format", "github")
    assert (text.code, annotated.code, text.faults()) == (1, 1, [])
    assert "names/policy.rego:24: warning negated-absent: where r.labels.x is absent" in text.out
    assert "names/README.md: error readme:" in text.out
    assert "::warning file=names/policy.rego,line=24,title=negated-absent::" in annotated.out
    assert gateproof("policy", "lint", "nowhere").refused("there is no such folder") == []
    (gateproof.folder / "empty").mkdir()
    assert gateproof("policy", "lint", "empty").refused("there is no policy.rego here") == []
    git(gateproof, "init", "-q", "-b", "main")
    assert gateproof("policy", "lint", "names", "--base", "gone").refused("git knows no commit 'gone'") == []


def test_versions_are_raised_since_the_base(gateproof: Gateproof) -> None:
    repository(gateproof, "version: 1\n")
    shutil.copytree(pack.POLICIES / "container-hardening", gateproof.folder / "container-hardening")
    gateproof.write("policies/names/policy.rego", RULE.replace("it is called web", "it has that name"))
    linted = json.loads(gateproof("policy", "lint", "policies", "--base", "main", "--format", "json").out)["problems"]
    assert "version-not-raised" in {each["code"] for each in linted}
    gateproof.write(
        "policies/names/policy.rego", RULE.replace("it is called web", "that name").replace("1.0.0", "1.0.1")
    )
    linted = json.loads(gateproof("policy", "lint", "policies", "--base", "main", "--format", "json").out)["problems"]
    assert "version-not-raised" not in {each["code"] for each in linted}
    diff = gateproof("policy", "diff", "main:policies", "policies", "--input", "web.yaml")
    assert (diff.code, diff.faults()) == (0, [])
    assert 'names: version "1.0.0" → "1.0.1"' in diff.out
    assert "1 input: no outcome is another" in diff.out


def test_diff_takes_bundles_and_the_pack(gateproof: Gateproof) -> None:
    gateproof.write("names/policy.rego", RULE)
    pod = gateproof.write("web.yaml", POD)
    assert gateproof("bundle", "build", "names", "-o", "names.tar.gz").code == 0
    ran = gateproof("policy", "diff", "names.tar.gz", "pack", "--input", pod, "--format", "markdown")
    assert (ran.code, ran.faults()) == (0, [])
    assert "- names is gone: Nobody is called web" in ran.out
    assert "**no longer judged: 1**" in ran.out
    assert "`container-hardening` `v1/Pod/web` in `web.yaml` (was not judged)" in ran.out
    nothing = gateproof("policy", "diff", "names", "names")
    assert "the policies are the same" in nothing.out
    for arguments, said in (
        (("nowhere", "names"), "there are no policies of this name"),
        (("main:names", "names"), "git knows no commit 'main'"),
        (("names", "web.yaml"), "there is no policy"),
        (("names", "names", "--input", "gone.yaml"), "there is no such file"),
        (("names", "names", "--input", "names/policy.rego"), ""),
        (("names", "names", "--from-evidence", "gone", "--root", "sha256:" + "0" * 64), "there is no evidence store"),
    ):
        assert gateproof("policy", "diff", *arguments).refused(said) == [], arguments


def test_diff_on_what_was_recorded(house: House, gateproof: Gateproof) -> None:
    shutil.copytree(pack.POLICIES / "container-hardening", gateproof.folder / "new/container-hardening")
    place = gateproof.folder / "new/container-hardening/policy.rego"
    place.write_text(place.read_text().replace("not value == true", "value == value"))
    evidence = ("--from-evidence", str(house.folder / "store"), "--root", house.root, "--format", "json")
    ran = gateproof("policy", "diff", "pack", "new", *evidence, "--fail-on-new")
    assert (ran.code, ran.faults()) == (1, []), ran.err
    found = json.loads(ran.out)
    assert found["inputs"] == 2
    blocked = [each for each in found["shifts"] if each["after"] == "blocked"]
    assert [(each["policy"], each["resource"]) for each in blocked] == [("container-hardening", "v1/Pod/web")]
    assert blocked[0]["input"].endswith("(allowed.yaml)")
    later = gateproof("policy", "diff", "pack", "new", *evidence, "--since", "2999-01-01T00:00:00Z")
    assert json.loads(later.out)["inputs"] == 0
    assert gateproof("policy", "diff", "pack", "new", *evidence, "--since", "lately").refused("is no time") == []


def test_explain_keeps_secrets_and_knows_what_is_unknown(gateproof: Gateproof) -> None:
    samples = pack.POLICIES / "encryption-at-rest"
    for name, word in (("sensitive-key", "redacted:sha256:"), ("unknown-key", "(known only after apply)")):
        ran = gateproof("policy", "explain", "encryption-at-rest", str(samples / "undecided" / f"{name}.json"))
        assert (ran.code, ran.faults()) == (0, [])
        assert word in ran.out
        assert "ERROR" in ran.out
    near = gateproof("policy", "explain", "encryption-at-rst")
    assert near.refused("there is no policy 'encryption-at-rst'", "near it are encryption-at-rest") == []
    hostile = gateproof.write("x.yaml", POD.replace("name: web}", 'name: "web\\e[31m::error::x"}'))
    ran = gateproof("policy", "explain", "container-hardening", hostile)
    assert (ran.code, ran.faults()) == (0, [])


def test_what_is_refused(gateproof: Gateproof) -> None:
    gateproof.write("text.txt", "hello")
    for arguments, said in (
        (("new", "Not-An-Id"), "is no id for a policy"),
        (("new", "fine", "--control", "XX-99"), "there is no control 'XX-99'"),
        (("new", "fine", "--in", "text.txt"), "cannot be written"),
        (("list", "--topic", "zzz"), "no control is about 'zzz'"),
        (("explain", "s3-public-access", "text.txt"), ""),
        (("explain", "s3-public-access", "gone.json"), "cannot be read"),
    ):
        assert gateproof("policy", *arguments).refused(said) == [], arguments
    assert not Path(gateproof.folder / "fine").exists()
