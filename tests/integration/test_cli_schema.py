"""`gateproof test --schema`: rules that can fire on no input, without a sample."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

POLICY = (
    "package p\n\ndeny[msg] {\n\tr := input.resource_changes[_]\n\tr.change.after.rule.x == 1\n\tmsg := r.address\n}\n"
)
BLOCK = {"block_types": {"rule": {"nesting_mode": "list", "block": {"attributes": {"x": {"type": "number"}}}}}}
SCHEMA = {"provider_schemas": {"example.com/a/b": {"resource_schemas": {"a_thing": {"version": 0, "block": BLOCK}}}}}
NOTE = (
    "the rule at policy/p.rego:5 cannot fire on any input of the schema: "
    "input.resource_changes[_].change.after.rule is an array, not an object, in a_thing"
)


@pytest.fixture
def policy(gateproof: Gateproof) -> Gateproof:
    gateproof.write("policy/p.rego", POLICY)
    gateproof.write("schema.json", json.dumps(SCHEMA))
    return gateproof


def test_what_a_schema_shows_is_noted(policy: Gateproof) -> None:
    ran = policy("test", "policy", "--schema", "schema.json")
    assert (ran.code, ran.out, ran.err) == (0, f"note   {NOTE}\n", "")
    assert json.loads(policy("test", "policy", "--schema", "schema.json", "--format", "json").out)["vacuous"] == [NOTE]


def test_a_rule_that_can_fire_is_not_noted(policy: Gateproof) -> None:
    policy.write("policy/p.rego", POLICY.replace("rule.x", "rule[_].x"))
    ran = policy("test", "policy", "--schema", "schema.json")
    assert (ran.code, ran.out) == (0, "the schema has nothing against the rules\n")


def test_what_is_no_schema_is_refused(policy: Gateproof) -> None:
    policy.write("wrong.json", '{"a": 1}')
    calls = {
        "nothing says what kind of schema this is": ("test", "policy", "--schema", "wrong.json"),
        "not JSON": ("test", "policy", "--schema", "policy/p.rego"),
        "No such file": ("test", "policy", "--schema", "gone.json"),
    }
    assert {words: ran.refused(words) for words, ran in policy.each(calls).items() if ran.refused(words)} == {}
