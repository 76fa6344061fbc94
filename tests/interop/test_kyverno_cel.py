"""Kyverno's own command line and validations in CEL: the corpus's rules as ValidatingPolicies and as Kubernetes' own.

Rules become ValidatingPolicies, and ValidatingAdmissionPolicies with bindings, and meet the objects of all others: the
same outcome, and the same message where a policy has one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.engines.interface import Result
from gateproof.inputs.api_resources import resource_of

NOW = "2026-11-23T05:00:00Z"
EVERY = 15
"""One object of so many is put to the policies, of which one of three is asked: Kyverno takes its time."""
Peer = Callable[[str], str]
Said = dict[tuple[str, str], tuple[str, str]]
"""Policy and name of the object → the outcome, and the message of one that fails."""


def rules(home: Path) -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """Name, kinds and ``validate.cel`` of each rule of the corpus that is written in CEL."""
    rows = [json.loads(line) for line in (home / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    names = sorted({row["policy_file"] for row in rows if row["rule_type"] == "validate.cel"})
    for name in names:
        for document in read((home / "files" / name).read_bytes(), Format.YAML):
            for number, rule in enumerate(document.value["spec"]["rules"]):
                filters = rule["match"].get("any") or rule["match"].get("all") or [rule["match"]]
                kinds = [kind for one in filters for kind in one["resources"].get("kinds", [])]
                # Without a cluster, Kyverno has no namespaceObject for ValidatingPolicies.
                plain = all(kind.isalpha() for kind in kinds) and "namespaceObject" not in json.dumps(rule)
                if "cel" in rule["validate"] and plain:
                    yield f"{name.replace('/', '-').removesuffix('.yaml')}-{number}", kinds, rule


def pool(home: Path) -> list[dict[str, Any]]:
    """Objects of the corpus of kinds that Kubernetes has, under names of their own, which a report has."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((home / "files").rglob("*.yaml")):
        subject = inputs.parse(path.read_bytes())
        for document in subject.documents:
            metadata = document.get("metadata")
            group = document["apiVersion"].rpartition("/")[0]
            if resource_of(group, document["kind"]).namespaced and isinstance(metadata, dict):
                kept = {key: value for key, value in metadata.items() if key != "generateName"}
                named = {**document, "metadata": {**kept, "name": f"object-{len(found)}"}}
                found.setdefault(json.dumps(document, sort_keys=True), named)
    return list(found.values())[::EVERY]


def constraints(kinds: list[str], objects: list[dict[str, Any]]) -> dict[str, Any]:
    served = sorted({(*one["apiVersion"].rpartition("/")[::2], one["kind"]) for one in objects})
    return {
        "matchPolicy": "Exact",
        "resourceRules": [
            {
                "apiGroups": [group],
                "apiVersions": [version],
                "operations": ["CREATE"],
                "resources": [resource_of(group, kind).plural],
            }
            for group, version, kind in served
            if kind in kinds
        ],
    }


def written(home: Path, objects: list[dict[str, Any]], *, admission: bool) -> list[dict[str, Any]]:
    """The policies, each with its binding if ``admission``."""
    made: list[dict[str, Any]] = []
    for name, kinds, rule in list(rules(home))[::3]:
        match = constraints(kinds, objects)
        if not match["resourceRules"]:
            continue
        cel = rule["validate"]["cel"]
        spec = {
            "matchConstraints": match,
            "variables": cel.get("variables", []),
            "matchConditions": rule.get("celPreconditions", []),
            "validations": cel["expressions"],
        }
        api = "admissionregistration.k8s.io/v1" if admission else "policies.kyverno.io/v1"
        kind = "ValidatingAdmissionPolicy" if admission else "ValidatingPolicy"
        made.append({"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec})
        if admission:
            # Without a cluster, Kyverno asks bindings alone what they are for.
            bound = {"policyName": name, "validationActions": ["Deny"], "matchResources": match}
            made.append({"apiVersion": api, "kind": f"{kind}Binding", "metadata": {"name": f"{name}-b"}, "spec": bound})
    return made


def theirs(peer: Peer, policies: Path, objects: Path) -> Said:
    command = [peer("kyverno"), "apply", str(policies), "--resource", str(objects), "--policy-report"]
    done = subprocess.run(
        [*command, "--output-format", "json", "--remove-color"], capture_output=True, text=True, check=False
    )
    reports = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(reports) == 1, done.stdout[-2000:] + done.stderr[-2000:]
    return {
        (one["policy"], each["name"]): (one["result"], _said(one["message"]) if one["result"] == "fail" else "")
        for one in json.loads(reports[0])["results"]
        for each in one["resources"]
    }


def ours(policies: Path, objects: Path) -> Said:
    subject = inputs.parse(objects.read_bytes())
    assert subject.problem == ""
    found: Said = {}
    for policy in pack.load({policies.name: policies.read_text(encoding="utf-8")}):
        for one in engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW):
            if one.resource:
                found[policy.id, one.resource.rpartition("/")[2]] = (str(one.outcome), _first(one))
    return found


def _first(result: Result) -> str:
    return _said(result.findings[0].message) if result.findings else ""


def _said(message: str) -> str:
    """What a policy says; nothing where it leaves that to who evaluates it, since they have words of their own."""
    return "" if message.startswith(("failed expression:", "CEL expression validation failed")) else message.strip()


@pytest.mark.parametrize("admission", [False, True], ids=["ValidatingPolicy", "ValidatingAdmissionPolicy"])
def test_the_corpus_on_all_of_its_objects(peer: Peer, cases: Path, tmp_path: Path, *, admission: bool) -> None:
    home = cases / "kyverno"
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    objects, policies = tmp_path / "objects.yaml", tmp_path / "policies.yaml"
    values = pool(home)
    objects.write_text("\n---\n".join(map(json.dumps, values)), encoding="utf-8")
    policies.write_text("\n---\n".join(map(json.dumps, written(home, values, admission=admission))), encoding="utf-8")
    found, expected = ours(policies, objects), theirs(peer, policies, objects)
    different = {
        " ".join(key): (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
    assert different == {}
    assert len(found) > 300
