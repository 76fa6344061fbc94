"""OPA evaluates the article's rules and the pack's policies on the same inputs: the same values."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gateproof import inputs, rego
from gateproof.catalog import pack
from gateproof.catalog.policy import Policy

TOP = Path(__file__).parents[2]
ARTICLE = TOP / "tests" / "golden" / "article" / "s3.rego"
RULES = ("applies", "deny", "undecided")
NOW_NS = 1_800_000_000_000_000_000

Peer = Callable[[str], str]
Inputs = Mapping[str, Any]


def theirs(peer: Peer, folder: Path, sources: Mapping[str, str], query: str, given: Inputs, data: Any, v: str) -> Any:
    """What OPA makes of ``query`` for each input, in one process."""
    for name, text in sources.items():
        (folder / Path(name).name).write_text(text, encoding="utf-8")
    (folder / "data.json").write_text(json.dumps({**data, "interop": given}), encoding="utf-8")
    every = f"{{name: answer | some name, one in data.interop; answer := {query} with input as one}}"
    command = [peer("opa"), "eval", "--format", "json", f"--{v}-compatible", "--data", str(folder)]
    if v == "v0":
        every = every.replace("some name, one in data.interop", "one := data.interop[name]")
    done = subprocess.run([*command, every], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)["result"][0]["expressions"][0]["value"]


def ours(sources: Mapping[str, str], query: str, given: Inputs, data: Any) -> Any:
    """What gateproof makes of it."""
    program = rego.compile(sources)
    answers = {name: program.evaluate(query, one, data, now_ns=NOW_NS) for name, one in given.items()}
    return {name: rego.to_json(answer) for name, answer in answers.items()}


def view(raw: bytes, policy: Policy) -> Any:
    """The input that a policy of the pack reads; None when it has nothing to read."""
    subject = inputs.parse(raw)
    assert subject.documents, subject.problem
    return inputs.document(subject, policy.resources)


def views(paths: Iterable[Path], policy: Policy) -> Inputs:
    """What the policy reads of each file, where it reads anything."""
    found = {f"{number} {path.name}": view(path.read_bytes(), policy) for number, path in enumerate(paths)}
    return {name: document for name, document in found.items() if document is not None}


def of_the_pack(policy: Policy) -> tuple[dict[str, str], str, dict[str, Any]]:
    """Sources, package and data of a policy, as the engine gives them."""
    sources = {source.name: source.text for source in policy.sources}
    package = f"data.gateproof.policies.{policy.id.replace('-', '_')}"
    return sources, package, {"parameters": policy.parameters, "facts": {}}


def compare(peer: Peer, folder: Path, policy: Policy, given: Inputs) -> int:
    """Assert that the rules of ``policy`` hold the same; the number of their elements."""
    sources, package, data = of_the_pack(policy)
    answers = "".join(f"\n{rule} := {package}.{rule}\n" for rule in RULES)
    sources |= {"asked.rego": f"package asked\n{answers}"}
    found = ours(sources, "data.asked", given, data)
    assert found == theirs(peer, folder, sources, "data.asked", given, data, "v1")
    return sum(len(elements) for answer in found.values() for elements in answer.values())


POLICIES = {policy.id: policy for policy in pack.builtin()}


@pytest.mark.parametrize("policy_id", POLICIES)
def test_the_pack_on_its_samples(peer: Peer, tmp_path: Path, policy_id: str) -> None:
    given = views(sorted((pack.POLICIES / policy_id).glob("*/*")), POLICIES[policy_id])
    assert len(given) >= 5
    assert compare(peer, tmp_path, POLICIES[policy_id], given) >= 5


@pytest.mark.parametrize("policy_id", [id_ for id_, policy in POLICIES.items() if "terraform-plan" in policy.kinds])
def test_the_pack_on_real_plans(peer: Peer, plans: list[Path], tmp_path: Path, policy_id: str) -> None:
    if given := views(plans, POLICIES[policy_id]):
        compare(peer, tmp_path, POLICIES[policy_id], given)


@pytest.mark.parametrize("policy_id", [id_ for id_, policy in POLICIES.items() if "kubernetes" in policy.kinds])
def test_the_pack_on_workloads_of_another_project(peer: Peer, cases: Path, tmp_path: Path, policy_id: str) -> None:
    found = [path for path in sorted((cases / "kyverno" / "files").rglob("*.yaml")) if is_readable(path)]
    if not found:
        pytest.skip("the manifests of ../shared/cases/kyverno are not here")
    if given := views(found, POLICIES[policy_id]):
        compare(peer, tmp_path, POLICIES[policy_id], given)


def is_readable(path: Path) -> bool:
    """Whether it holds a workload, and can be judged."""
    raw = path.read_bytes()
    return b"containers:" in raw and not inputs.parse(raw).problem


def test_the_article_on_real_plans(peer: Peer, plans: list[Path], tmp_path: Path) -> None:
    given = {path.name: inputs.parse(path.read_bytes()).documents[0] for path in plans}
    sources = {"s3.rego": ARTICLE.read_text(encoding="utf-8")}
    found = ours(sources, "data.tf.aws.s3.deny", given, {})
    assert found == theirs(peer, tmp_path, sources, "data.tf.aws.s3.deny", given, {}, "v0")
    assert any(found.values())
