"""The labels are one rule: of a rendered chart, of what Kustomize prints, and of the requests that admission sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Layer
from gateproof.engines.interface import Result
from gateproof.flow import judge
from gateproof.gate.decision import Verdict
from gateproof.inputs import admission
from gateproof.inputs.context import Context
from gateproof.inputs.input import Input

NOW = "2026-11-23T05:00:00Z"
SAMPLES = Path(__file__).parent / "labels"
CHART = (SAMPLES / "chart.yaml").read_bytes()
"""As `helm template` prints it."""
KUSTOMIZED = (SAMPLES / "kustomize.yaml").read_bytes()
"""The same objects as `kubectl kustomize` prints them: in another order, keys sorted."""

EXPECTED = {
    "apps/v1/Deployment/shop/worker": {
        'label "data_classification" is "secret"; it may be confidential, internal, public, restricted',
        'its Pods\' label "data_classification" is missing',
        'its Pods\' label "owner" is missing',
        'its Pods\' label "tier" is missing',
    },
    "batch/v1/CronJob/shop/settle": {
        'its Jobs\' label "data_classification" is missing',
        'its Jobs\' label "owner" is missing',
        'its Jobs\' label "tier" is missing',
    },
    "apps/v1/StatefulSet/shop/cache": {
        'label "data_classification" is missing',
        'label "owner" is missing',
        'label "tier" is 2; it may be 1, 2, 3',
        'its Pods\' label "data_classification" is missing',
        'its Pods\' label "owner" is missing',
    },
    "v1/Pod/shop/shop-test": {
        'label "data_classification" is missing',
        'label "owner" is missing',
        'label "tier" is missing',
    },
    "apps/v1/Deployment/shop/api": set(),
    "v1/Namespace/shop": set(),
}

Findings = dict[str, set[str]]


@pytest.fixture(scope="module")
def labels() -> Policy:
    (policy,) = pack.builtin(["workload-labels"])
    return policy


@pytest.fixture(scope="module")
def bundle(labels: Policy) -> Bundle:
    return build([labels], DEFAULT)


def results(policy: Policy, subject: Input) -> list[Result]:
    assert not subject.problem
    return [*engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW)]


def findings(found: list[Result]) -> Findings:
    return {each.resource: {finding.message for finding in each.findings} for each in found if each.resource}


def reviews(raw: bytes, operation: str) -> list[bytes]:
    """What an API server would ask about each object of ``raw``."""
    subject = inputs.parse(raw)
    asked: list[dict[str, Any]] = []
    for resource in inputs.resources(subject):
        request = {**admission.request(subject, resource), "operation": operation}
        asked.append({**request, "oldObject": request["object"] if operation == "UPDATE" else None})
    return [json.dumps(admission.review(each, f"uid-{number}")).encode() for number, each in enumerate(asked)]


@pytest.mark.parametrize("raw", [CHART, KUSTOMIZED], ids=["chart", "kustomize"])
def test_in_ci(raw: bytes, labels: Policy) -> None:
    assert findings(results(labels, inputs.parse(raw))) == EXPECTED


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
@pytest.mark.parametrize("raw", [CHART, KUSTOMIZED], ids=["chart", "kustomize"])
def test_at_admission(raw: bytes, operation: str, labels: Policy) -> None:
    found: Findings = {}
    for review in reviews(raw, operation):
        found |= findings(results(labels, inputs.parse(review)))
    assert found == EXPECTED


def test_the_verdict_on_each_object_is_the_same(bundle: Bundle) -> None:
    subject = inputs.parse(CHART)
    seen = set()
    for resource, review in zip(inputs.resources(subject), reviews(CHART, "CREATE"), strict=True):
        alone = json.dumps(resource.view["object"]).encode()
        verdicts = {
            judge(raw, bundle, {}, Context(layer=layer), (), None, NOW).verdict
            for raw, layer in ((alone, Layer.CI), (alone, Layer.RUNTIME), (review, Layer.RUNTIME))
        }
        wanted = EXPECTED.get(resource.address)
        # A ServiceAccount has no labels to have: in prod, that nothing was judged is a warning.
        expected = Verdict.WARN if wanted is None else Verdict.DENY if wanted else Verdict.ALLOW
        assert verdicts == {expected}, resource.address
        seen |= verdicts
    assert seen == {Verdict.ALLOW, Verdict.WARN, Verdict.DENY}


def test_what_controllers_make_of_what_passes_passes_too(labels: Policy) -> None:
    passing = {"owner": "payments", "data_classification": "restricted", "tier": "1"}
    template = {"metadata": {"labels": passing}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    job = {"metadata": {"labels": passing}, "spec": {"template": template}}
    cron_job = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "a", "labels": passing},
        "spec": {"jobTemplate": job},
    }
    made = [
        cron_job,
        {"apiVersion": "batch/v1", "kind": "Job", **job},
        {"apiVersion": "v1", "kind": "Pod", **template},
    ]
    for each in made:
        assert [*findings(results(labels, inputs.parse(json.dumps(each).encode()))).values()] == [set()]
