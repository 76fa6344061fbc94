"""conftest and gateproof run the same bare Rego on the same documents: the same messages for each."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome
from gateproof.engines.rego import RegoEngine

TOP = Path(__file__).parents[2]
ARTICLE = TOP / "tests" / "golden" / "article" / "s3.rego"
NOW = "2026-11-23T05:00:00Z"

Peer = Callable[[str], str]
Messages = dict[str, set[str]]

PLAN_POLICY = """package plan

import rego.v1

# Reads every corner of a plan: addresses, actions, values that may be absent, and values of any kind.
deny contains msg if {
	some change in input.resource_changes
	some action in change.change.actions
	msg := sprintf("%s: %s", [change.address, action])
}

deny_unknown contains msg if {
	some change in input.resource_changes
	some name, unknown in change.change.after_unknown
	unknown == true
	msg := sprintf("%s does not know %q", [change.address, name])
}

violation contains {"msg": msg} if {
	some change in input.resource_changes
	not change.change.after.tags
	msg := concat(" ", [change.type, "without tags"])
}

warn contains msg if {
	count(object.get(input, "resource_changes", [])) > 5
	msg := sprintf("%d changes by %v, format %s", [
		count(input.resource_changes),
		object.get(input, "terraform_version", null),
		input.format_version,
	])
}
"""

WORKLOAD_POLICY = """package workloads

import rego.v1

containers contains container if some container in input.spec.template.spec.containers

containers contains container if some container in input.spec.containers

deny contains msg if {
	some container in containers
	not container.securityContext.runAsNonRoot == true
	msg := sprintf("%s %s: container %s may run as root", [input.kind, input.metadata.name, container.name])
}

deny contains msg if {
	some container in containers
	endswith(container.image, ":latest")
	msg := sprintf("%s uses %v", [container.name, container.image])
}

warn_labels contains msg if {
	labels := object.get(input.metadata, "labels", {})
	not labels.app
	msg := sprintf("%s %s has the labels %v", [input.apiVersion, input.kind, labels])
}
"""


def theirs(peer: Peer, policy: Path, files: Sequence[Path], *, version: str) -> Messages:
    """What conftest says, by file name. All documents of a file together."""
    command = [peer("conftest"), "test", "--no-color", "--all-namespaces", "--rego-version", version, "-o", "json"]
    done = subprocess.run([*command, "--no-fail", "-p", policy, *files], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    said: Messages = {file.name: set() for file in files}
    for one in json.loads(done.stdout):
        found = [*one.get("failures", []), *one.get("warnings", [])]
        said[Path(one["filename"]).name] |= {finding["msg"] for finding in found}
    return said


def ours(policy: Path, files: Iterable[Path]) -> Messages:
    """What gateproof says, by file name."""
    [loaded] = pack.load({policy.name: policy.read_text(encoding="utf-8")})
    said = {}
    for file in files:
        subject = inputs.parse(file.read_bytes())
        assert subject.documents, f"{file}: {subject.problem}"
        results = RegoEngine().evaluate(loaded, subject, {}, now=NOW)
        assert Outcome.ERROR not in {result.outcome for result in results}, results
        said[file.name] = {finding.message for result in results for finding in result.findings}
    return said


def written(folder: Path, text: str) -> Path:
    policy = folder / "policy.rego"
    policy.write_text(text, encoding="utf-8")
    return policy


@pytest.fixture(scope="module")
def readable_plans(plans: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The real plans in UTF-8: conftest reads no other encoding."""
    folder = tmp_path_factory.mktemp("plans")
    copies = []
    for plan in plans:
        raw = plan.read_bytes()
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        copies.append(folder / plan.name)
        copies[-1].write_text(text, encoding="utf-8")
    return copies


def generated(seed: int) -> dict[str, Any]:
    """A plan with what the article's rules look for: there, absent, and of another type."""
    rng = random.Random(seed)  # noqa: S311 - sample data, not a secret
    acls = ["public-read", "private", "Public-Read", "", None, 1, ["public-read"]]
    names = ["logs", "ünïcode", "100%", "a\nb", '"quoted"', 7, None, {"of": "objects"}, [1, 2.5, "x"], -3, True]
    keys = ["arn:aws:kms:us-east-1:1:key/a", "arn:aws:kms:eu-west-1:1:key/b", "", None, 3]
    changes: list[dict[str, Any]] = []
    for number in range(rng.randrange(12)):
        if rng.random() < 0.5:
            after = {"bucket": rng.choice(names), "acl": rng.choice(acls)}
            kind = "aws_s3_bucket"
        else:
            default = {"sse_algorithm": "aws:kms", "kms_master_key_id": rng.choice(keys)}
            rule: Any = {"apply_server_side_encryption_by_default": default}
            after = {"bucket": rng.choice(names), "rule": rng.choice([rule, [rule], None])}
            kind = "aws_s3_bucket_server_side_encryption_configuration"
        kept = {key: value for key, value in after.items() if rng.random() < 0.9}
        change = {"actions": ["create"], "before": None, "after": rng.choice([kept, kept, kept, None])}
        changes.append({"address": f"{kind}.r{number}", "type": kind, "name": f"r{number}", "change": change})
    return {"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": changes}


def test_the_article_on_generated_plans(peer: Peer, tmp_path: Path) -> None:
    files = []
    for seed in range(200):
        files.append(tmp_path / f"{seed}.json")
        files[-1].write_text(json.dumps(generated(seed)), encoding="utf-8")
    found = ours(ARTICLE, files)
    assert found == theirs(peer, ARTICLE, files, version="v0")
    assert sum(map(len, found.values())) > 100


def test_the_article_on_real_plans(peer: Peer, readable_plans: list[Path]) -> None:
    found = ours(ARTICLE, readable_plans)
    assert found == theirs(peer, ARTICLE, readable_plans, version="v0")


def test_a_wide_policy_on_real_plans(peer: Peer, readable_plans: list[Path], tmp_path: Path) -> None:
    policy = written(tmp_path, PLAN_POLICY)
    found = ours(policy, readable_plans)
    assert found == theirs(peer, policy, readable_plans, version="v1")
    assert sum(map(len, found.values())) > 500


def test_a_number_with_an_exponent_in_a_message(peer: Peer, tmp_path: Path) -> None:
    change = {"type": "aws_s3_bucket", "change": {"after": {"acl": "public-read", "bucket": 1e21}}}
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"format_version": "1.2", "resource_changes": [change]}), encoding="utf-8")
    assert ours(ARTICLE, [plan]) == theirs(peer, ARTICLE, [plan], version="v0")


def workloads(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Copies, under names of their own, of those manifests that can be read and hold containers.

    Files with a List are left out: gateproof judges its items, conftest the List.
    """
    copies: list[Path] = []
    for number, path in enumerate(paths):
        raw = path.read_bytes()
        subject = inputs.parse(raw)
        if subject.problem or b"containers:" not in raw or any(inner for _, inner in subject.places):
            continue
        copies.append(folder / f"{number}.yaml")
        copies[-1].write_bytes(raw)
    return copies


def test_our_own_workloads(peer: Peer, tmp_path: Path) -> None:
    samples = (pack.POLICIES / "container-hardening").glob("*/*.yaml")
    examples = (TOP / "examples" / "payments" / "manifests").glob("*.yaml")
    files = workloads([*sorted(samples), *sorted(examples)], tmp_path)
    policy = written(tmp_path, WORKLOAD_POLICY)
    found = ours(policy, files)
    assert found == theirs(peer, policy, files, version="v1")
    assert sum(map(len, found.values())) >= len(files) > 10


def test_workloads_of_another_project(peer: Peer, cases: Path, tmp_path: Path) -> None:
    files = workloads(sorted((cases / "kyverno" / "files").rglob("*.yaml")), tmp_path)
    if not files:
        pytest.skip("the manifests of ../shared/cases/kyverno are not here")
    policy = written(tmp_path, WORKLOAD_POLICY)
    found = ours(policy, files)
    assert found == theirs(peer, policy, files, version="v1")
    assert sum(map(len, found.values())) > 500
