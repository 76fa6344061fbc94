"""The library of Gatekeeper templates: each compiles, and no verdict, count or message differs."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from gateproof import inputs, rego
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.documents import Format, read
from gateproof.engines.gatekeeper.engine import GatekeeperEngine
from gateproof.engines.interface import Result
from gateproof.inputs import admission
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input

FLOOR = 147
NOW = "2026-11-23T05:00:00Z"


@pytest.mark.conformance
def test_no_verdict_differs(runner: ModuleType) -> None:
    home = runner.corpus()
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/gatekeeper are not here")
    outcomes = [(f"{case['test']} {case['case']}", runner.judge(home, case)) for case in runner.cases(home)]
    assert [(name, outcome.reason) for name, outcome in outcomes if outcome.verdict == "wrong"] == []
    assert sum(outcome.verdict == "identical" for _, outcome in outcomes) >= FLOOR


@pytest.mark.conformance
def test_every_template_compiles(runner: ModuleType) -> None:
    home = runner.corpus()
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/gatekeeper are not here")
    paths = sorted(home.rglob("template.yaml"))
    assert paths
    for path in paths:
        assert runner.template(path).violation in rego.compile(runner.template(path).modules).rules


@pytest.mark.conformance
def test_manifests_and_the_requests_made_from_them_are_judged_alike(runner: ModuleType) -> None:
    """Every constraint of the corpus on its objects: the same results, whichever way they come."""
    home = runner.corpus()
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/gatekeeper are not here")
    compared = 0
    for case in runner.cases(home):
        if case["admission_review"]:
            continue
        names = ("constraint", "template")
        sources = tuple(Source(f"{name}.yaml", (home / "files" / case[name]).read_text()) for name in names)
        policy = Policy(
            id="x", engine=EngineName.GATEKEEPER, title="", severity=Severity.LOW, facts=(INVENTORY,), sources=sources
        )
        objects = [value for name in case["inventory"] for value in _documents(home / "files" / name)]
        known = Fact(name=INVENTORY, source="x", observed_at=NOW, max_age=60, value=objects)
        manifest = inputs.parse((home / "files" / case["object"]).read_bytes())
        [resource] = inputs.resources(manifest)
        review = json.dumps(admission.review(admission.request(manifest, resource), "1")).encode()
        found = [_results(policy, subject, known) for subject in (manifest, inputs.parse(review))]
        assert found[0] == found[1], case
        assert (str(found[0][0].outcome) == "fail") is case["expect_violation"], case
        compared += 1
    assert compared > 100


def _results(policy: Policy, subject: Input, known: Fact) -> list[Result]:
    results = GatekeeperEngine().evaluate(policy, subject, {known.name: known}, now=NOW)
    findings = [tuple(msgspec.structs.replace(one, path=()) for one in result.findings) for result in results]
    return [msgspec.structs.replace(one, findings=found) for one, found in zip(results, findings, strict=True)]


def _documents(path: Path) -> list[Any]:
    return [document.value for document in read(path.read_bytes(), Format.YAML)]
