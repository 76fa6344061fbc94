"""Rules that could not fire: noted in every report, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

ARTICLE = Path(__file__).resolve().parents[1] / "golden" / "article" / "s3.rego"
TYPE = "aws_s3_bucket_server_side_encryption_configuration"
NOTE = (
    "tf.aws.s3: the rule at s3.rego:13 could not fire: "
    "input.resource_changes[0].change.after.rule is an array, not an object"
)


def plan(rule: Any) -> str:
    change = {"actions": ["create"], "before": None, "after": {"bucket": "b", "rule": rule}, "after_unknown": {}}
    resource = {"address": f"{TYPE}.b", "mode": "managed", "type": TYPE, "name": "b", "change": change}
    return json.dumps({"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": [resource]})


@pytest.fixture
def judged(gateproof: Gateproof) -> Gateproof:
    block = {"apply_server_side_encryption_by_default": [{"kms_master_key_id": "arn:aws:kms:eu-west-1:1:key/k"}]}
    gateproof.write("s3.rego", ARTICLE.read_text(encoding="utf-8"))
    gateproof.write("plan.json", plan([block]))
    return gateproof


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github", "sarif"])
def test_every_report_has_the_note(judged: Gateproof, form: str) -> None:
    run = judged("check", "--policy", "s3.rego", "plan.json", "--env", "dev", "--format", form)
    said = " ".join(run.out.replace("`", "").split())
    assert NOTE in said
    assert run.code == 0


def test_a_note_is_no_error_in_sarif(judged: Gateproof) -> None:
    log = json.loads(judged("check", "--policy", "s3.rego", "plan.json", "--format", "sarif").out)
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is True
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["warning"]


def test_the_core_does_not_know_of_it(judged: Gateproof) -> None:
    report = json.loads(judged("check", "--policy", "s3.rego", "plan.json", "--format", "json").out)
    assert "could not fire" in json.dumps(report["items"][0]["remarks"])
    assert "could not fire" not in json.dumps(report["items"][0]["core"])


def test_what_it_can_read_is_not_noted(judged: Gateproof) -> None:
    encryption = {"apply_server_side_encryption_by_default": {"kms_master_key_id": "arn:aws:kms:us-east-1:1:key/k"}}
    judged.write("plan.json", plan(encryption))
    assert "could not fire" not in judged("check", "--policy", "s3.rego", "plan.json").out


def test_samples_that_no_rule_can_read(judged: Gateproof) -> None:
    judged.write("s3/policy.rego", ARTICLE.read_text(encoding="utf-8"))
    judged.write("s3/allowed/plan.json", (judged.folder / "plan.json").read_text(encoding="utf-8"))
    run = judged("test", "s3")
    assert run.code == 0
    assert "could not fire: input.resource_changes[0].change.after.rule is an array" in run.out
