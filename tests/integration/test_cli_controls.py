"""`gateproof controls`, and frameworks of one's own from the command line and from gateproof.yaml."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof, House

pytestmark = pytest.mark.integration

OWN = """\
id: acme
version: "2026"
title: Acme's control standard
controls:
  - {id: ENC-1, title: Stored data is encrypted, related: [SC-28]}
  - {id: HR-1, title: People are trained, not_by_gate: It is training.}
"""
POLICY = """\
# METADATA
# title: Nobody is called web
# custom:
#   severity: low
#   controls: [acme:ENC-1, CC6.1]
#   kinds: [kubernetes]
package names

import rego.v1

deny contains "called web" if input.metadata.name == "web"
"""
OURS = """\
# METADATA
# scope: package
# title: Nobody is called web
# custom:
#   id: names
#   severity: low
#   remediation: Call it something else.
#   controls: [acme:ENC-1]
#   kinds: [kubernetes]
#   resources: [Pod]
package gateproof.policies.names

import rego.v1

applies contains r.address if some r in input.resources

deny contains {"resource": r.address, "message": "called web"} if {
	some r in input.resources
	r.name == "web"
}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n"


def test_lists_searches_and_shows(gateproof: Gateproof) -> None:
    ran = gateproof.each(
        {
            "frameworks": ("controls",),
            "framework": ("controls", "--framework", "HIPAA"),
            "topic": ("controls", "encryption at rest"),
            "within": ("controls", "encryption at rest", "--framework", "pci-dss"),
            "one": ("controls", "SC-28"),
            "people": ("controls", "CC1.1"),
            "json": ("controls", "SC-28", "--format", "json"),
            "coverage": ("controls", "--coverage", "--framework", "soc2"),
            "coverage json": ("controls", "--coverage", "--framework", "soc2@2017", "--format", "json"),
        }
    )
    assert {name: (each.code, each.faults(), each.err) for name, each in ran.items()} == dict.fromkeys(ran, (0, [], ""))
    assert ["280 controls" in line for line in ran["frameworks"].out.splitlines()] == [False, False, True, False]
    assert len(ran["framework"].out.splitlines()) == 87
    assert "nist-800-53@5:SC-28 " in ran["topic"].out
    assert {line.partition(":")[0] for line in ran["within"].out.splitlines() if line[0] != " "} == {"pci-dss@4.0.1"}
    assert "  ci              encryption-at-rest\n" in ran["one"].out
    assert "  runtime         nothing; could be by service control policies" in ran["one"].out
    assert "  not by a gate   People do it" in ran["people"].out
    assert json.loads(ran["json"].out)["layers"]["cd"]["policies"] == ["encryption-at-rest"]
    assert "soc2@2017" in ran["coverage"].out
    [soc2] = json.loads(ran["coverage json"].out)["frameworks"]
    assert soc2["totals"]["not_by_a_gate"] == 38


def test_the_matrix_is_written_to_a_file(gateproof: Gateproof) -> None:
    ran = gateproof("controls", "--coverage", "--policy", "pack", "--format", "html", "--output", "matrix.html")
    assert (ran.code, ran.out, ran.err) == (0, "", "written to matrix.html\n")
    page = (gateproof.folder / "matrix.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.count("<tr") > 890


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--framework", "soc3"), "'soc3' is neither a framework nor a file"),
        (("--framework", "bad.yaml"), "bad.yaml:3: controls"),
        (("--framework", "taken.yaml"), "two frameworks of this id"),
        (("--framework", "empty"), "documents where one is expected"),
        (("--framework", "."), "a directory where a file should be"),
        (("--framework", "profile.json"), "import: 'https://x.example/c.json' is not a relative path"),
        (("--coverage", "--policy", "nowhere"), "No such file"),
        (("--coverage", "--policy", "names.rego"), "there is no control 'acme:ENC-1'"),
        (("--coverage", "SC-28"), "--coverage shows whole frameworks"),
        (("SC-28", "--format", "html"), "--format html is for --coverage"),
        (("zzz", "--framework", "soc2"), "no control matches"),
        (("--coverage", "--output", "/nowhere/x"), "No such file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused(gateproof: Gateproof, arguments: tuple[str, ...], said: str) -> None:
    gateproof.write("bad.yaml", "id: x\ntitle: y\ncontrols: 5\n")
    gateproof.write("taken.yaml", OWN.replace("acme", "soc2").replace("2026", "2017"))
    gateproof.write("empty", "")
    profile = {"metadata": {"title": "p", "version": "1"}, "imports": [{"href": "https://x.example/c.json"}]}
    gateproof.write("profile.json", json.dumps({"profile": profile}))
    gateproof.write("names.rego", POLICY)
    assert gateproof("controls", *arguments).refused(said) == []


def test_a_framework_from_a_file(gateproof: Gateproof) -> None:
    gateproof.write("acme.yaml", OWN)
    gateproof.write("names.rego", POLICY)
    listed = gateproof("controls", "--framework", "acme.yaml")
    assert listed.out == (
        "acme@2026:ENC-1              Stored data is encrypted\nacme@2026:HR-1               People are trained\n"
    )
    shown = gateproof("controls", "ENC-1", "--framework", "acme.yaml", "--policy", "names.rego")
    assert "  runtime         names\n" in shown.out
    assert "  nist-800-53@5   SC-28\n" in shown.out
    covered = gateproof("controls", "--coverage", "--framework", "acme.yaml", "--policy", "names.rego")
    assert "2 controls: 1 enforced, 0 gaps, 1 not by a gate" in covered.out


def test_configured_frameworks_count_for_policies_and_rows(gateproof: Gateproof) -> None:
    gateproof.write("standards/acme.yaml", OWN)
    gateproof.write("names.rego", POLICY)
    gateproof.write("pod.yaml", POD)
    settings = (
        "version: 1\npolicies: {pack: false, paths: [names.rego]}\ncatalog: {frameworks: [standards/acme.yaml]}\n"
        "gate:\n  rows:\n    - {name: ours, action: block, environments: [dev, staging, prod], tiers: [1, 2, 3],"
        " classifications: [public, internal, confidential, restricted], severities: [low, medium, high, critical],"
        " controls: ['acme:enc-1']}\n"
    )
    gateproof.write("gateproof.yaml", settings)
    checked = gateproof("check", "pod.yaml", "--env", "dev", "--format", "json")
    [item] = json.loads(checked.out)["items"]
    assert (checked.code, checked.err) == (1, "")
    assert "acme@2026:ENC-1" in json.dumps(item)
    assert '"ours"' in json.dumps(item)
    assert gateproof("controls", "ENC-1").code == 0
    gateproof.write("gateproof.yaml", settings.replace("acme:enc-1", "acme:enc-2"))
    assert gateproof("check", "pod.yaml").refused("there is no control 'acme:enc-2'") == []
    gateproof.write("gateproof.yaml", settings.replace("standards/acme.yaml", "gone.yaml"))
    assert gateproof("check", "pod.yaml").refused("gone.yaml", "No such file") == []


def test_the_protected_base_says_what_a_framework_holds(gateproof: Gateproof) -> None:
    gateproof.write("acme.yaml", OWN)
    gateproof.write("names.rego", POLICY)
    gateproof.write("pod.yaml", POD)
    gateproof.write(
        "gateproof.yaml", "version: 1\npolicies: {paths: [names.rego]}\ncatalog: {frameworks: [acme.yaml]}\n"
    )
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *arguments], cwd=gateproof.folder, check=True, capture_output=True)
    Path(gateproof.folder / "acme.yaml").unlink()
    gateproof.write("other.yaml", OWN.replace("acme", "other"))
    gateproof.write("gateproof.yaml", "version: 1\ncatalog: {frameworks: [other.yaml]}\n")
    ran = gateproof("controls", "--framework", "acme", "--base", "main")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "acme@2026:ENC-1              Stored data is encrypted")
    assert gateproof("controls", "--framework", "other", "--base", "main").code == 0
    checked = gateproof("check", "pod.yaml", "--base", "main", "--format", "json")
    assert "catalog.frameworks" in checked.out


def test_what_cites_an_own_control_is_recorded_replayed_and_answered(gateproof: Gateproof, house: House) -> None:
    gateproof.write("acme.yaml", OWN)
    gateproof.write("names.rego", POLICY)
    gateproof.write("pod.yaml", POD)
    gateproof.write(
        "gateproof.yaml",
        "version: 1\npolicies: {pack: false, paths: [names.rego]}\ncatalog: {frameworks: [acme.yaml]}\n",
    )
    assert gateproof("check", "pod.yaml", *house.options()).code == 1
    store = ("--evidence", str(house.folder / "store"), "--root", house.root)
    assert gateproof("replay", "--all", *store).code == 0
    answered = gateproof("answer", "--control", "CC6.1", *store)
    assert (answered.code, answered.faults()) == (0, [])
    assert "names (low): Nobody is called web" in answered.out
    own = gateproof("answer", "--control", "acme:enc-1", *store)
    assert (own.code, own.faults()) == (0, [])
    assert "acme@2026:ENC-1  Stored data is encrypted" in own.out
    gateproof.write("gateproof.yaml", "version: 1\n")
    assert gateproof("replay", "--all", *store).code == 0
    assert gateproof("answer", "--control", "CC6.1", *store).code == 0
    assert gateproof("answer", "--control", "acme:enc-1", *store).refused("there is no control 'acme:enc-1'") == []


def test_samples_of_policies_that_cite_own_controls(gateproof: Gateproof) -> None:
    gateproof.write("policies/names/policy.rego", OURS)
    gateproof.write("policies/names/denied/pod.yaml", POD)
    refused = gateproof("test", "policies")
    assert refused.refused("there is no control 'acme:ENC-1'") == []
    gateproof.write("acme.yaml", OWN)
    gateproof.write("gateproof.yaml", "version: 1\ncatalog: {frameworks: [acme.yaml]}\n")
    assert gateproof("test", "policies").code == 0
