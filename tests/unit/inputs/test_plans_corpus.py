"""The real plans of ``$GATEPROOF_CASES``: every one is read, stored and read back."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from gateproof import inputs

CASES = Path(os.environ.get("GATEPROOF_CASES", Path(__file__).parents[4] / "shared/cases")) / "terraform-plans"
PLANS = sorted(CASES.glob("*.json"))

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not PLANS, reason=f"no plans in {CASES}"),
]

CUT = {"195_9cdda311d1af.json"}
"""Written by hand, with values of a resource and no change of it: Terraform writes both or neither."""


def test_every_plan_is_read() -> None:
    counts: Counter[str] = Counter()
    for path in PLANS:
        subject = inputs.parse(path.read_bytes())
        if path.name in CUT:
            assert "it has been cut" in subject.problem
            continue
        assert subject.problem == "", path.name
        found = inputs.resources(subject)
        counts[subject.subject.kind] += 1
        counts["resources"] += len(found)
        counts["references"] += sum(len(resource.view["references"]) for resource in found)
        counts["redactions"] += len(subject.redactions)
        counts["data"] += sum(resource.view["mode"] == "data" for resource in found)
        counts["deleted"] += sum(resource.view["deleted"] for resource in found)
    assert counts["terraform-plan"] == len(PLANS) - sum(path.name in CUT for path in PLANS)
    if len(PLANS) == 198:
        assert counts == {
            "terraform-plan": 197,
            "resources": 1059,
            "references": 662,
            "redactions": 13,
            "data": 13,
            "deleted": 5,
        }


def test_every_plan_is_stored_as_it_was_judged() -> None:
    for path in PLANS:
        subject = inputs.parse(path.read_bytes())
        decoded = inputs.decode(subject.encoded)
        assert decoded == subject, path.name
        assert decoded.encoded == subject.encoded, path.name
