"""Rules that can fire on no input of a schema are found without an input; those that can are left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateproof.engines.foreseen import foreseen
from gateproof.inputs.exemplars import exemplars

ARTICLE = Path(__file__).parents[2] / "golden" / "article" / "s3.rego"
KIND = "aws_s3_bucket_server_side_encryption_configuration"
KEY = {"attributes": {"kms_master_key_id": {"type": "string"}}}
RULE = {"block_types": {"apply_server_side_encryption_by_default": {"nesting_mode": "list", "block": KEY}}}
BUCKET = {"acl": {"type": "string"}, "tags": {"type": ["map", "string"]}, "size": {"type": "number"}}
RESOURCES = {
    "aws_s3_bucket": {"block": {"attributes": {**BUCKET, "extra": {"type": "dynamic"}}}},
    KIND: {"block": {"block_types": {"rule": {"nesting_mode": "set", "block": RULE}}}},
}
PROVIDERS = {"provider_schemas": {"registry.terraform.io/hashicorp/aws": {"resource_schemas": RESOURCES}}}
CHANGES = "input.resource_changes[_].change.after"


def notes(modules: dict[str, str]) -> list[str]:
    found = foreseen(modules, {}, [exemplars(json.dumps(PROVIDERS).encode(), "aws.json")])
    return [note.partition(" can")[2] for note in found]


def note(what: str, kind: str = "aws_s3_bucket") -> str:
    return f"not fire on any input of the schema: {what}, in {kind}"


def test_the_rule_of_the_article() -> None:
    (found,) = foreseen({"s3.rego": ARTICLE.read_text()}, {}, [exemplars(json.dumps(PROVIDERS).encode(), "aws.json")])
    assert found == (
        "the rule at s3.rego:13 cannot fire on any input of the schema: "
        f"{CHANGES}.rule is an array, not an object, in {KIND}"
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('r.change.after.acll == "public"', [note(f"{CHANGES} has no acll")]),
        ('r.change.after["a-b"] == "public"', [note(f"{CHANGES} has no 'a-b'")]),
        ('r.change.after.size == "1"', [note(f"{CHANGES}.size is a number, not a string")]),
        ("r.change.after.acl.public", [note(f"{CHANGES}.acl is a string, not an object")]),
        ('r.change.after.rule[_].apply_server_side_encryption_by_default[_].kms_master_key_id == "x"', []),
        ('r.change.after.acl == "public"; r.change.after.tags.owner == "ann"', []),
        ("r.change.after.extra.what.ever == 1", []),
        ("not r.change.after.acll", []),
        ('object.get(r.change.after, "acll", "") == "public"', []),
        ("r.change.after_unknown.acll", []),
        ('r.type == "google_thing"; r.change.after.acll', []),
        ("input.spec.containers[_].image == 1", []),
        ("name := r.change.after[key]; key == name", []),
    ],
)
def test_rules(condition: str, expected: list[str]) -> None:
    body = f"some r in input.resource_changes\n\t{condition}"
    rule = f"package p\nimport rego.v1\ndeny contains r.address if {{\n\t{body}\n}}"
    assert notes({"p.rego": rule}) == expected


def test_a_rule_that_holds_for_one_of_two_types_is_left_alone() -> None:
    """The second resource has what the first one lacks, though it has another value."""
    rule = (
        "package p\nimport rego.v1\ndeny if {\n\tsome r in input.resource_changes\n\tcount(r.change.after.rule) > 9\n}"
    )
    assert notes({"p.rego": rule}) == []


def test_tests_are_no_rules() -> None:
    module = "package p\nimport rego.v1\ntest_x if input.resource_changes[_].change.after.acll"
    assert notes({"p_test.rego": module}) == []


def test_an_error_ends_it_and_is_said() -> None:
    module = "package p\nimport rego.v1\nx := r.type if some r in input.resource_changes"
    (found,) = foreseen({"p.rego": module}, {}, [exemplars(json.dumps(PROVIDERS).encode(), "aws.json")])
    assert found.startswith("nothing was concluded from the schema: data.p.x: ")


def test_modules_are_read_with_their_data() -> None:
    module = "package p\nimport rego.v1\ndeny if input.resource_changes[_].change.after[data.name] == 1"
    schema: Any = exemplars(json.dumps(PROVIDERS).encode(), "aws.json")
    assert foreseen({"p.rego": module}, {"name": "size"}, [schema]) == ()
    (found,) = foreseen({"p.rego": module}, {"name": "sise"}, [schema])
    assert "has no sise" in found
