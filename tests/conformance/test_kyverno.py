"""The cases of kyverno/policies: no verdict may differ."""

from __future__ import annotations

import json
import re
from types import ModuleType

import pytest

from gateproof import inputs
from gateproof.catalog.policy import Source
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.policy import load
from gateproof.inputs import admission

FLOOR = 2058
NOW = "2026-11-23T05:00:00Z"


@pytest.mark.conformance
def test_no_case_is_judged_differently(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    if not runner.corpus().is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    assert runner.main([]) == 0
    found = re.match(r"kyverno: cases=2058 identical=(\d+) refused=\d+ wrong=0\n", capsys.readouterr().out)
    assert found is not None
    assert int(found[1]) >= FLOOR


@pytest.mark.conformance
def test_requests_are_judged_as_the_manifests_that_they_are_made_from(runner: ModuleType) -> None:
    home = runner.corpus()
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/kyverno are not here")
    pairs = {(case["policy_file"], name) for case in runner.cases(home) for name in case["resource_files"]}
    for policy_file, name in sorted(pairs):
        path = home / "files" / policy_file
        policies = load((Source(path.name, path.read_text(encoding="utf-8")),))
        subject = inputs.parse((home / "files" / name).read_bytes())
        for resource in inputs.resources(subject):
            review = admission.review(admission.request(subject, resource), "1")
            asked = inputs.parse(json.dumps(review).encode())
            (same,) = inputs.resources(asked)
            for policy in policies:
                manifest = list(judge(policy, subject, resource, Answers({}, subject.documents), now=NOW))
                request = list(judge(policy, asked, same, Answers({}, asked.documents), now=NOW))
                assert request == manifest, (policy_file, resource.address)
