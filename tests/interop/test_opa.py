"""OPA evaluates the article's rules and the pack's policies on the same inputs: the same values."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
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


def view(raw: bytes) -> Any:
    """The input that the pack's policies read."""
    subject = inputs.parse(raw)
    assert subject.documents, subject.problem
    return {"kind": str(subject.subject.kind), "resources": [one.view for one in inputs.resources(subject)]}


def of_the_pack(policy: Policy) -> tuple[dict[str, str], str, dict[str, Any]]:
    """Sources, package and data of a policy, as the engine gives them."""
    sources = {source.name: source.text for source in policy.sources}
    package = f"data.gateproof.policies.{policy.id.replace('-', '_')}"
    return sources, package, {"parameters": policy.parameters, "facts": {}}


def compare(peer: Peer, folder: Path, policy: Policy, given: Inputs) -> int:
    """Assert that all three rules of ``policy`` hold the same; the number of their elements."""
    sources, package, data = of_the_pack(policy)
    elements = 0
    for rule in RULES:
        found = ours(sources, f"{package}.{rule}", given, data)
        assert found == theirs(peer, folder, sources, f"{package}.{rule}", given, data, "v1"), rule
        elements += sum(map(len, found.values()))
    return elements


POLICIES = {policy.id: policy for policy in pack.builtin()}


@pytest.mark.parametrize("policy_id", POLICIES)
def test_the_pack_on_its_samples(peer: Peer, tmp_path: Path, policy_id: str) -> None:
    samples = sorted(path for folder in pack.POLICIES.iterdir() if folder.is_dir() for path in folder.glob("*/*"))
    given = {f"{number} {path.name}": view(path.read_bytes()) for number, path in enumerate(samples)}
    assert len(given) >= 18
    assert compare(peer, tmp_path, POLICIES[policy_id], given) > 0


@pytest.mark.parametrize("policy_id", POLICIES)
def test_the_pack_on_real_plans(peer: Peer, plans: list[Path], tmp_path: Path, policy_id: str) -> None:
    elements = compare(peer, tmp_path, POLICIES[policy_id], {path.name: view(path.read_bytes()) for path in plans})
    assert bool(elements) == ("terraform-plan" in POLICIES[policy_id].kinds)


@pytest.mark.parametrize("policy_id", [id_ for id_, policy in POLICIES.items() if "kubernetes" in policy.kinds])
def test_the_pack_on_workloads_of_another_project(peer: Peer, cases: Path, tmp_path: Path, policy_id: str) -> None:
    given = {}
    for path in sorted((cases / "kyverno" / "files").rglob("*.yaml")):
        raw = path.read_bytes()
        if b"containers:" in raw and not inputs.parse(raw).problem:
            given[str(path)] = view(raw)
    if not given:
        pytest.skip("the manifests of ../shared/cases/kyverno are not here")
    assert compare(peer, tmp_path, POLICIES[policy_id], given) > 100


def test_the_article_on_real_plans(peer: Peer, plans: list[Path], tmp_path: Path) -> None:
    given = {path.name: inputs.parse(path.read_bytes()).documents[0] for path in plans}
    sources = {"s3.rego": ARTICLE.read_text(encoding="utf-8")}
    found = ours(sources, "data.tf.aws.s3.deny", given, {})
    assert found == theirs(peer, tmp_path, sources, "data.tf.aws.s3.deny", given, {}, "v0")
    assert any(found.values())
