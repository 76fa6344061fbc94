"""A real API server judges by the corpus's validations, as ValidatingAdmissionPolicies: the same denials and messages.

The bindings only warn, so that one request tells what all policies say. What gateproof judges is the object as the API
server shows it: with its defaults.
"""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.interop.apiserver import TOKEN, Cluster, cluster, until
from tests.interop.conftest import Peer

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.inputs.api_resources import resource_of

pytestmark = pytest.mark.integration

NOW = "2026-11-23T05:00:00Z"
API = "admissionregistration.k8s.io/v1"
WARNING = re.compile(r"Validation failed for ValidatingAdmissionPolicy '(\w+)' with binding '\w+': (.*)", re.DOTALL)
GROUPS = {
    **dict.fromkeys(("ConfigMap", "Pod", "Secret", "Service", "ServiceAccount"), ""),
    **dict.fromkeys(("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"), "apps"),
    **dict.fromkeys(("CronJob", "Job"), "batch"),
    **dict.fromkeys(("Ingress", "NetworkPolicy"), "networking.k8s.io"),
    **dict.fromkeys(("Role", "RoleBinding"), "rbac.authorization.k8s.io"),
}
AT_ONCE = 12
MOST = 3_000
"""Characters of warnings: an API server shortens them when they are more than some four thousand."""
LONGEST = 40


@pytest.fixture(scope="module")
def api(peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(peer, tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="module")
def home(cases: Path) -> Path:
    if not (cases / "kyverno").is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    return cases / "kyverno"


def policies(home: Path) -> list[list[dict[str, Any]]]:
    """A policy and its binding for each rule of the corpus that is written in CEL, for kinds that Kubernetes has."""
    rows = [json.loads(line) for line in (home / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    made: list[list[dict[str, Any]]] = []
    for name in sorted({row["policy_file"] for row in rows if row["rule_type"] == "validate.cel"}):
        for document in read((home / "files" / name).read_bytes(), Format.YAML):
            for rule in document.value["spec"]["rules"]:
                filters = rule["match"].get("any") or rule["match"].get("all") or [rule["match"]]
                kinds = {kind for one in filters for kind in one["resources"].get("kinds", [])}
                if "cel" in rule["validate"] and kinds & GROUPS.keys():
                    made.append(policy(f"p{len(made)}", rule, *sorted(kinds & GROUPS.keys())))
    return made


def policy(name: str, rule: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    cel = rule["validate"]["cel"]
    rules = [
        {
            "apiGroups": [GROUPS[kind]],
            "apiVersions": ["v1"],
            "operations": ["CREATE"],
            "resources": [resource_of(GROUPS[kind], kind).plural],
        }
        for kind in kinds
    ]
    spec = {
        "matchConstraints": {"resourceRules": rules},
        "variables": cel.get("variables", []),
        "matchConditions": rule.get("celPreconditions", []),
        "validations": [
            {"expression": one["expression"], "message": f"it {place}"} for place, one in enumerate(cel["expressions"])
        ],
    }
    bound = {"policyName": name, "validationActions": ["Warn"]}
    return [
        {"apiVersion": API, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": API, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": bound},
    ]


def objects(home: Path) -> list[dict[str, Any]]:
    """Objects of the corpus, each once, in the namespace default."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((home / "files").rglob("*.yaml")):
        for document in inputs.parse(path.read_bytes()).documents:
            group, _, version = document["apiVersion"].rpartition("/")
            metadata = document.get("metadata")
            if version == "v1" and resource_of(group, document["kind"]).namespaced and isinstance(metadata, dict):
                named = {**metadata, "namespace": "default", "name": "it"}
                found.setdefault(json.dumps(document, sort_keys=True), {**document, "metadata": named})
    return list(found.values())


def dry_run(api: Cluster, value: dict[str, Any]) -> tuple[dict[str, Any], dict[str, set[str]]] | None:
    """The object as the API server would store it, and what each policy says of it; None where not all is told."""
    group, _, version = value["apiVersion"].rpartition("/")
    root = f"apis/{group}/{version}" if group else f"api/{version}"
    plural = resource_of(group, value["kind"]).plural
    asked = urllib.request.Request(  # noqa: S310 - https to the cluster of this test
        f"{api.server}/{root}/namespaces/default/{plural}?dryRun=All",
        data=json.dumps(value).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(asked, timeout=60, context=context) as answer:  # noqa: S310 - the same
            stored = json.loads(answer.read())
            warnings = [text for name, text in answer.getheaders() if name == "Warning"]
    except urllib.error.HTTPError:
        return None
    if sum(map(len, warnings)) > MOST:
        return None
    said: dict[str, set[str]] = {}
    for text in warnings:
        if found := WARNING.search(json.loads(text.split(" ", 2)[2])):
            said.setdefault(found[1], set()).add(found[2][:LONGEST])
    return stored, said


def ours(documents: list[dict[str, Any]], value: dict[str, Any]) -> tuple[dict[str, set[str]], set[str]]:
    """What each policy says, and those that could not be evaluated."""
    subject = inputs.parse(json.dumps(value).encode())
    said: dict[str, set[str]] = {}
    errors = set()
    for one in pack.load({"policies.yaml": "\n---\n".join(map(json.dumps, documents))}):
        for result in engines.engine_for(one.engine).evaluate(one, subject, {}, now=NOW):
            texts = {finding.message.removesuffix(f" (Warn by the binding {one.id})") for finding in result.findings}
            if texts:
                said[one.id] = texts
            if result.outcome == "error" or (texts and result.reason):
                errors.add(one.id)
    return said, errors


def test_the_corpus_is_judged_as_an_api_server_judges_it(api: Cluster, home: Path) -> None:
    pairs = policies(home)
    values = objects(home)
    compared = failed = 0
    for start in range(0, len(pairs), AT_ONCE):
        documents = [one for pair in pairs[start : start + AT_ONCE] for one in pair]
        done = api.create(*documents)
        assert done.code == 0, done.err
        probe = pair_for_probe()
        assert api.create(*probe).code == 0
        until(lambda: "probe" in ((dry_run(api, PROBE) or ({}, {}))[1]), api.folder / "apiserver.log")
        for value in values[start % 5 :: 5]:
            if (answer := dry_run(api, value)) is None:
                continue
            stored, theirs = answer
            theirs.pop("probe", None)
            found, errors = ours(documents, stored)
            wrong = {name for name, texts in theirs.items() if any(not text.startswith("it ") for text in texts)}
            assert errors == wrong, (stored, theirs, found)
            told = {name: {text for text in texts if text.startswith("it ")} for name, texts in theirs.items()}
            assert found == {name: texts for name, texts in told.items() if texts}, stored
            compared += 1
            failed += len(found)
        names = [one["metadata"]["name"] for one in (*documents[::2], probe[0])]
        for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
            assert api("delete", kind, *names).code == 0
    assert compared > 100
    assert failed > 100


PROBE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe", "namespace": "default"}, "data": {}}


def pair_for_probe() -> list[dict[str, Any]]:
    """A policy that always warns: where it does, the API server has read those before it, too."""
    rule = {"validate": {"cel": {"expressions": [{"expression": "object.metadata.name == ''"}]}}}
    return policy("probe", rule, "ConfigMap")
