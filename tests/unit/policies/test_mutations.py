"""A policy notices when what it allows becomes what it denies; where it does not, ``indifferent.json`` says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.policies.mutations import mutations

from gateproof.catalog import pack
from gateproof.catalog.policy import Policy

INDIFFERENT: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "indifferent.json").read_text())
POLICIES = pack.builtin()


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_a_policy_notices_what_it_depends_on(policy: Policy) -> None:
    found = list(mutations(policy))
    assert any(each.noticed for each in found)
    explained = INDIFFERENT.get(policy.id, {})
    missed = {each.place for each in found if not each.noticed}
    assert missed == set(explained), "a place of an allowed sample that it does not notice, and nothing says why"


def test_every_explanation_is_one() -> None:
    assert set(INDIFFERENT) <= {policy.id for policy in POLICIES}
    assert all(len(why) > 20 for explained in INDIFFERENT.values() for why in explained.values())
