"""parse: the kind is told from content, and what cannot be judged says why and what to do."""

from __future__ import annotations

import gc
import hashlib
import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog.policy import InputKind
from gateproof.errors import DocumentError

PLAN = b'{"format_version":"1.2","resource_changes":[]}'
POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"


def plan(*changes: dict[str, Any], **members: Any) -> bytes:
    return json.dumps({"format_version": "1.2", "resource_changes": changes, **members}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        PLAN,
        b"\xef\xbb\xbf" + PLAN,
        PLAN.decode().encode("utf-16"),
        PLAN.decode().encode("utf-16-le"),
        PLAN.decode().encode("utf-16-be"),
        b"\n\t " + PLAN + b"\n",
        b'{"resource_changes":[]}',
        b'{"planned_values":{},"format_version":"0.1"}',
        b'{"format_version":"1.99","resource_changes":[]}',
    ],
)
def test_plans_are_recognised_in_every_encoding_and_version(raw: bytes) -> None:
    subject = inputs.parse(raw)
    assert subject.problem == ""
    assert subject.subject.kind is InputKind.TERRAFORM_PLAN
    assert subject.subject.digest == "sha256:" + hashlib.sha256(raw).hexdigest()
    assert subject.subject.size == len(raw)


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (POD, 1),
        (POD + b"---\n# only a comment\n---\n" + POD, 2),
        (b'{"apiVersion":"v1","kind":"Pod"}', 1),
        (b'{"apiVersion":"v1","kind":"Pod"}\n---\n{"apiVersion":"v1","kind":"Pod"}', 2),
        (b'{"apiVersion":"v1","kind":"List","items":[]}', 0),
        (POD.decode().encode("utf-16"), 1),
    ],
)
def test_manifests_are_recognised(raw: bytes, count: int) -> None:
    subject = inputs.parse(raw)
    assert subject.problem == ""
    assert subject.subject.kind is InputKind.KUBERNETES
    assert len(subject.documents) == count


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"---\n# nothing\n---\n", "empty"),
        (b"[]", "neither"),
        (b"just words", "neither"),
        (b"{}", "neither"),
        (b'{"a":1,"a":2}', "duplicate key"),
        (b'{"format_version":"1.2","resource_changes":[', "EOF"),
        (b"\xff\xfe\xff", "UTF-16"),
        (b"\x00" * 4096, "control characters"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * 100_000, "nested deeper"),
        (b'{"format_version":"2.0","resource_changes":[]}', "'2.0' is unknown"),
        (b'{"format_version":"1.0","terraform_version":"1.9.0","values":{}}', "state"),
        (b'{"version":4,"terraform_version":"1.9.0","lineage":"x","resources":[]}', "state"),
        (b'{"format_version":"1.0","provider_schemas":{}}', "schemas"),
        (b'{"format_version":"1.0","valid":true,"diagnostics":[]}', "terraform validate"),
        (b'{"@level":"info","@message":"x"}', "log"),
        (b'{"@level":"info","@message":"x"}\n{"@level":"info"}', "log"),
        (b'{"format_version":"1.2","terraform_version":"1.9.0"}', "neither resource_changes nor planned_values"),
        (b'{"planned_values":{"root_module":{"resources":[{}]}}}', "it has been cut"),
        (PLAN + b"\n---\na: 1\n", "one JSON document"),
        (b"resource_changes: []\n", "one JSON document"),
        (b'{"resource_changes":[],"apiVersion":"v1","kind":"Pod"}', "at once"),
        (PLAN + b"\n---\n" + POD, "at once"),
        (b'resource "aws_s3_bucket" "b" {\n  acl = "private"\n}\n', "terraform show -json"),
        (b"PK\x03\x04\x00\x00", "archive"),
        (b"apiVersion: v1\nkind: {{ .Values.kind }}\n", "helm template"),
    ],
)
def test_what_cannot_be_judged_says_why(raw: bytes, says: str) -> None:
    subject = inputs.parse(raw)
    assert says.lower() in subject.problem.lower()
    assert subject.subject.kind is InputKind.UNKNOWN
    assert subject.subject.size == len(raw)
    assert subject.documents == ()
    assert inputs.resources(subject) == ()
    assert inputs.decode(subject.encoded) == subject


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"resource_changes": "x"}, "$.resource_changes"),
        ({"resource_changes": ["x"]}, "$.resource_changes[0]"),
        ({"resource_changes": [{}]}, "$.resource_changes[0]"),
        ({"resource_changes": [{"change": {"actions": "create"}}]}, "$.resource_changes[0].change.actions"),
        ({"resource_changes": [{"change": {}}, {"change": {"after": "x"}}]}, "$.resource_changes[1].change.after"),
        ({"resource_changes": [{"change": {"before": []}}]}, "$.resource_changes[0].change.before"),
        ({"resource_changes": [{"change": {}, "index": True}]}, "$.resource_changes[0].index"),
        ({"resource_changes": [], "configuration": 1}, "$.configuration"),
        ({"resource_changes": [], "format_version": 1}, "$.format_version"),
    ],
)
def test_a_wrong_type_in_a_plan_is_named_with_its_place(members: dict[str, Any], place: str) -> None:
    assert f"`{place}`" in inputs.parse(json.dumps(members).encode()).problem


def test_resources_are_made_once() -> None:
    subject = inputs.parse(POD)
    assert inputs.resources(subject) is inputs.resources(subject)
    assert b"resources" not in subject.encoded


def test_the_collector_is_left_as_it_was() -> None:
    inputs.parse(PLAN)
    assert gc.isenabled()
    gc.disable()
    try:
        inputs.parse(PLAN)
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("raw", [PLAN, POD, b"?", plan({"change": {}, "index": "ü"}, errored=True)])
def test_an_encoded_input_decodes_to_itself(raw: bytes) -> None:
    subject = inputs.parse(raw)
    decoded = inputs.decode(subject.encoded)
    assert decoded == subject
    assert decoded.encoded == subject.encoded
    assert inputs.resources(decoded) == inputs.resources(subject)


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"subject":{"kind":"other","digest":"","size":0}}',
        b'{"subject":{"kind":"kubernetes","digest":"","size":0},"documents":[1]}',
        b'{"subject":{"kind":"terraform-plan","digest":"","size":0},"documents":[]}',
        b'{"subject":{"kind":"terraform-plan","digest":"","size":0},"documents":[{"resource_changes":1}]}',
    ],
)
def test_what_is_no_stored_input_is_refused(encoded: bytes) -> None:
    with pytest.raises(DocumentError, match="stored input"):
        inputs.decode(encoded)


def test_remarks_say_when_a_plan_is_not_whole() -> None:
    deferred = {"reason": "x", "resource_change": {"address": "a.b", "change": {}}}
    subject = inputs.parse(plan(deferred_changes=[deferred]))
    assert [remark.path for remark in subject.remarks] == [("deferred_changes",)]
