"""The policy that gateproof's article prints, byte for byte, and what it decides."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego

POLICY = """\
package tf.aws.s3

deny[msg] {
  some r
  input.resource_changes[r].type == "aws_s3_bucket"
  b := input.resource_changes[r].change.after
  b.acl == "public-read"; msg := sprintf("S3 %s is public", [b.bucket])
}

deny[msg] {
  some r
  input.resource_changes[r].type == "aws_s3_bucket_server_side_encryption_configuration"
  sse := input.resource_changes[r].change.after.rule.apply_server_side_encryption_by_default
  not startswith(sse.kms_master_key_id, "arn:aws:kms:us-" ); msg := "S3 must use approved KMS key"
}
"""

SSE = "aws_s3_bucket_server_side_encryption_configuration"


@pytest.fixture(scope="module")
def program() -> rego.Program:
    return rego.compile({"s3.rego": POLICY})


def denied(program: rego.Program, *changes: dict[str, Any]) -> list[str]:
    found = program.evaluate("data.tf.aws.s3.deny", {"resource_changes": list(changes)})
    result = rego.to_json(found)
    assert isinstance(result, list)
    return result


def change(kind: str, after: dict[str, Any]) -> dict[str, Any]:
    return {"address": f"{kind}.x", "type": kind, "change": {"actions": ["create"], "after": after}}


def test_a_public_bucket_is_denied(program: rego.Program) -> None:
    bucket = change("aws_s3_bucket", {"bucket": "cards", "acl": "public-read"})
    assert denied(program, bucket) == ["S3 cards is public"]


def test_an_unapproved_key_is_denied_where_rule_is_an_object(program: rego.Program) -> None:
    sse = {"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:eu-west-1:1:key/a"}
    config = change(SSE, {"rule": {"apply_server_side_encryption_by_default": sse}})
    assert denied(program, config) == ["S3 must use approved KMS key"]


def test_a_missing_key_is_not_denied_because_the_operand_of_the_negated_call_is_undefined(
    program: rego.Program,
) -> None:
    config = change(SSE, {"rule": {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}})
    assert denied(program, config) == []


def test_fixed_resources_pass(program: rego.Program) -> None:
    bucket = change("aws_s3_bucket", {"bucket": "cards", "acl": "private"})
    sse = {"kms_master_key_id": "arn:aws:kms:us-east-1:1:key/a"}
    config = change(SSE, {"rule": {"apply_server_side_encryption_by_default": sse}})
    assert denied(program, bucket, config) == []


def test_the_kms_rule_cannot_fire_on_the_list_that_terraform_writes(program: rego.Program) -> None:
    sse = {"kms_master_key_id": "arn:aws:kms:eu-west-1:1:key/a"}
    config = change(SSE, {"rule": [{"apply_server_side_encryption_by_default": [sse]}]})
    assert denied(program, config) == []


def test_both_rules_report_and_equal_messages_are_one(program: rego.Program) -> None:
    buckets = [change("aws_s3_bucket", {"bucket": name, "acl": "public-read"}) for name in ("b", "a", "b")]
    assert denied(program, *buckets) == ["S3 a is public", "S3 b is public"]


def test_the_input_is_not_changed(program: rego.Program) -> None:
    plan = {"resource_changes": [change("aws_s3_bucket", {"bucket": "cards", "acl": "public-read"})]}
    before = repr(plan)
    program.evaluate("data.tf.aws.s3.deny", plan)
    assert repr(plan) == before


def test_explain_shows_plain_loops_and_comparisons(program: rego.Program) -> None:
    text = rego.explain(program)
    assert "# data.tf.aws.s3.deny (s3.rego:3:1)" in text
    assert "== 'aws_s3_bucket'" in text
    assert text.count("in values(ctx, v2)") == 1


def test_a_stored_program_decides_the_same(program: rego.Program) -> None:
    again = rego.Program.from_bytes(program.to_bytes())
    bucket = change("aws_s3_bucket", {"bucket": "cards", "acl": "public-read"})
    assert denied(again, bucket) == ["S3 cards is public"]
