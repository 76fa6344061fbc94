"""Kyverno's own command line applies the same policies to the same objects: the same outcome of every rule."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import Source
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.policy import load
from gateproof.errors import PolicyError

TOP = Path(__file__).parents[2]
ARTICLE = TOP / "tests" / "golden" / "article" / "baseline-pod-security.yaml"

Peer = Callable[[str], str]
Outcomes = dict[tuple[str, str, str], str]
"""Policy, rule and name of the object → pass, fail, skip or error; rules that are not for an object have none.

Where foreach has nothing to loop over, Kyverno says nothing of it, and gateproof that it is skipped.
"""


def theirs(peer: Peer, policies: Sequence[Path], objects: Path) -> Outcomes:
    command = [peer("kyverno"), "apply", *map(str, policies), "--resource", str(objects), "--policy-report"]
    done = subprocess.run(
        [*command, "--output-format", "json", "--remove-color"], capture_output=True, text=True, check=False
    )
    reports = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(reports) == 1, done.stdout[-2000:] + done.stderr[-2000:]
    return {
        (result["policy"], result["rule"], each["name"]): result["result"]
        for result in json.loads(reports[0])["results"]
        for each in result["resources"]
    }


def ours(policies: Iterable[Path], objects: Path) -> Outcomes:
    subject = inputs.parse(objects.read_bytes())
    assert subject.documents, subject.problem
    return {
        (policy.name, outcome.rule, resource.view["name"]): str(outcome.outcome)
        for path in policies
        for policy in load((Source(path.name, path.read_text(encoding="utf-8")),))
        for resource in inputs.resources(subject)
        for outcome in judge(policy, subject, resource)
    }


def pooled(paths: Iterable[Path], folder: Path) -> Path:
    """One file with every object of ``paths`` once, under names of their own, by which a report tells them apart."""
    found: dict[str, str] = {}
    for path in paths:
        subject = inputs.parse(path.read_bytes())
        for document in subject.documents:
            # Rules that Kyverno generates for CronJobs do not see those of a version that is gone; ours do.
            if not isinstance(document.get("metadata"), dict) or document["apiVersion"] == "batch/v1beta1":
                continue
            metadata = {key: value for key, value in document["metadata"].items() if key != "generateName"}
            named = {**document, "metadata": {**metadata, "name": f"object-{len(found)}"}}
            found.setdefault(json.dumps(document, sort_keys=True), json.dumps(named))
    pool = folder / "objects.yaml"
    pool.write_text("\n---\n".join(found.values()), encoding="utf-8")
    return pool


def readable(paths: Iterable[Path]) -> list[Path]:
    """Those policies of which gateproof refuses nothing, each name once."""
    chosen: dict[str, Path] = {}
    for path in paths:
        try:
            [policy] = load((Source(path.name, path.read_text(encoding="utf-8")),))
        except (PolicyError, ValueError):
            continue
        chosen.setdefault(policy.name, path)
    return list(chosen.values())


def test_the_article_on_our_own_workloads(peer: Peer, tmp_path: Path) -> None:
    samples = (pack.POLICIES / "container-hardening").glob("*/*.yaml")
    examples = (TOP / "examples" / "payments" / "manifests").glob("*.yaml")
    objects = pooled([*sorted(samples), *sorted(examples)], tmp_path)
    found = ours([ARTICLE], objects)
    assert found == theirs(peer, [ARTICLE], objects)
    assert {"pass", "fail"} <= set(found.values())


def test_policies_of_the_corpus_on_all_of_its_objects(peer: Peer, cases: Path, tmp_path: Path) -> None:
    """Each policy meets the objects of all others too, of which the corpus says nothing."""
    home = cases / "kyverno"
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    rows = [json.loads(line) for line in (home / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    policies = readable([ARTICLE, *(home / "files" / name for name in sorted({row["policy_file"] for row in rows}))])
    names = sorted({name for row in rows for name in row["resource_files"]})
    objects = pooled((home / "files" / name for name in names), tmp_path)
    found, expected = ours(policies, objects), theirs(peer, policies, objects)
    different = {
        " ".join(key): (found.get(key, "skip"), expected.get(key, "skip"))
        for key in found.keys() | expected.keys()
        if found.get(key, "skip") != expected.get(key, "skip")
    }
    assert different == {}
    assert len(found) > 10_000
