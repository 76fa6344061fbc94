"""Redaction: what is marked as sensitive is gone before anything else sees it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.documents import Path
from gateproof.inputs.redact import Redactor, is_marked, is_redacted

SECRET = "correct-horse-battery-staple"


def parsed(**members: Any) -> inputs.Input:
    subject = inputs.parse(json.dumps({"format_version": "1.2", "resource_changes": [], **members}).encode())
    assert subject.problem == ""
    return subject


def change(**members: Any) -> dict[str, Any]:
    return {"address": "t.a", "mode": "managed", "type": "t", "name": "a", "change": {"actions": ["update"], **members}}


CONFIGURED = {
    "root_module": {
        "variables": {"v": {"sensitive": True, "default": SECRET}, "open": {"default": "shown"}},
        "outputs": {"o": {"sensitive": True, "expression": {"constant_value": SECRET}}},
        "module_calls": {
            "m": {
                "expressions": {"w": {"constant_value": SECRET}, "open": {"constant_value": "shown"}},
                "module": {"variables": {"w": {"sensitive": True}, "open": {}}},
            }
        },
    }
}


@pytest.mark.parametrize(
    ("members", "paths"),
    [
        (
            {"resource_changes": [change(before={"p": SECRET}, after={"p": SECRET}, before_sensitive={"p": True})]},
            [("resource_changes", 0, "change", "before", "p")],
        ),
        (
            {"resource_drift": [change(after={"p": SECRET}, after_sensitive={"p": True})]},
            [("resource_drift", 0, "change", "after", "p")],
        ),
        (
            {"deferred_changes": [{"resource_change": change(after={"p": SECRET}, after_sensitive=True)}]},
            [("deferred_changes", 0, "resource_change", "change", "after", "p")],
        ),
        (
            {"output_changes": {"o": {"after": {"a": [SECRET, 1, None]}, "after_sensitive": True}}},
            [("output_changes", "o", "after", "a", 0), ("output_changes", "o", "after", "a", 1)],
        ),
        (
            {
                "planned_values": {
                    "outputs": {"o": {"sensitive": True, "value": SECRET}, "p": {"sensitive": False, "value": 1}},
                    "root_module": {
                        "child_modules": [
                            {"resources": [{"values": {"p": SECRET, "q": 1}, "sensitive_values": {"p": True}}]}
                        ]
                    },
                }
            },
            [
                ("planned_values", "outputs", "o", "value"),
                ("planned_values", "root_module", "child_modules", 0, "resources", 0, "values", "p"),
            ],
        ),
        (
            {
                "prior_state": {
                    "values": {
                        "root_module": {"resources": [{"values": {"p": SECRET}, "sensitive_values": {"p": True}}]}
                    }
                }
            },
            [("prior_state", "values", "root_module", "resources", 0, "values", "p")],
        ),
        (
            {"variables": {"v": {"value": SECRET}, "open": {"value": "shown"}}, "configuration": CONFIGURED},
            [
                ("variables", "v", "value"),
                ("configuration", "root_module", "variables", "v", "default"),
                ("configuration", "root_module", "outputs", "o", "expression", "constant_value"),
                ("configuration", "root_module", "module_calls", "m", "expressions", "w", "constant_value"),
            ],
        ),
        (
            {"output_changes": {"o": {"before": 1, "after": SECRET}}, "configuration": CONFIGURED},
            [("output_changes", "o", "before"), ("output_changes", "o", "after")],
        ),
    ],
)
def test_every_marked_place_is_replaced(members: dict[str, Any], paths: list[Path]) -> None:
    subject = parsed(**members)
    found = {redaction.path: redaction for redaction in subject.redactions}
    assert set(paths) <= set(found)
    for path, redaction in found.items():
        value: Any = subject.documents[redaction.document]
        for step in path:
            value = value[step]
        assert value == redaction.commitment
        assert inputs.is_redacted(value)


def test_literals_of_marked_attributes_are_replaced_in_the_configuration() -> None:
    literals = {
        "password": {"constant_value": SECRET},
        "disk": [{"key": {"constant_value": SECRET}, "size": {"constant_value": 10}}],
        "name": {"constant_value": "shown"},
    }
    after = {"password": SECRET, "disk": [{"key": SECRET, "size": 10}], "name": "shown"}
    marks = {"password": True, "disk": [{"key": True}], "tags": {}}
    module = {"module_calls": {"m": {"module": {"resources": [{"address": "t.a", "expressions": literals}]}}}}
    row = {**change(after=after, after_sensitive=marks), "address": 'module.m["x"].t.a'}
    subject = parsed(resource_changes=[row], configuration={"root_module": module})
    assert SECRET.encode() not in subject.encoded
    assert len(subject.redactions) == 4
    assert inputs.resources(subject)[0].view["values"]["disk"][0]["size"] == 10
    assert b'"size":{"constant_value":10}' in subject.encoded
    assert b'"name":{"constant_value":"shown"}' in subject.encoded


@pytest.mark.parametrize(
    ("value", "marker", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": True}, {"a": "#", "b": 2}),
        ({"a": 1}, {"missing": True}, {"a": 1}),
        ({"a": {"b": [1, None]}}, {"a": True}, {"a": {"b": ["#", None]}}),
        ([1, 2], [False, True], [1, "#"]),
        ([1, 2], [True], ["#", "#"]),
        ({"a": 1}, [True], {"a": "#"}),
        ({"a": 1}, [False], {"a": 1}),
        ("x", {"a": {"b": True}}, "#"),
        ("x", {"a": {"true": False}}, "x"),
        (None, True, None),
        ("", True, "#"),
        (False, True, "#"),
        ("x", "yes", "#"),
        ("x", 0, "#"),
        ("x", None, "x"),
        ("x", False, "x"),
    ],
)
def test_markers(value: Any, marker: Any, expected: Any) -> None:
    def shown(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shown(child) for key, child in value.items()}
        if isinstance(value, list):
            return [shown(child) for child in value]
        return "#" if is_redacted(value) else value

    before = json.dumps(value)
    assert shown(Redactor(hashlib.sha256(b"file")).hide_marked(value, marker, 0, ())) == expected
    assert json.dumps(value) == before


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        (True, True),
        (False, False),
        (None, False),
        ({}, False),
        ({"true": [{}, False]}, False),
        ([{"a": [True]}], True),
        ({"a": "yes"}, True),
    ],
)
def test_is_marked(marker: Any, expected: bool) -> None:
    assert is_marked(marker) is expected


def test_commitments_depend_on_file_document_path_and_value() -> None:
    def commitment(raw: bytes, value: Any, document: int, path: Path) -> Any:
        return Redactor(hashlib.sha256(raw)).hide(value, document, path)

    first = commitment(b"file", "x", 0, ("a",))
    assert first == commitment(b"file", "x", 0, ("a",))
    others = {
        commitment(b"other", "x", 0, ("a",)),
        commitment(b"file", "y", 0, ("a",)),
        commitment(b"file", "x", 1, ("a",)),
        commitment(b"file", "x", 0, ("b",)),
        commitment(b"file", 1, 0, ("a",)),
        commitment(b"file", "1", 0, ("a",)),
        commitment(b"file", True, 0, ("a",)),
    }
    assert len(others) == 7
    assert first not in others


@pytest.mark.parametrize(
    "value", [None, 1, "", "redacted:sha256:", "redacted:sha256:" + "g" * 64, ["redacted:sha256:"]]
)
def test_other_values_are_not_taken_for_commitments(value: object) -> None:
    assert not is_redacted(value)
    assert not is_redacted("redacted:sha256:" + "a" * 64 + "\n")


def test_secrets_of_kubernetes_are_replaced() -> None:
    data = base64.b64encode(SECRET.encode()).decode()
    text = f"""
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata:
    name: s
    annotations:
      note: shown
      kubectl.kubernetes.io/last-applied-configuration: '{{"data":{{"p":"{data}"}}}}'
  data: {{p: {data}, q: null}}
  stringData: {{p: {SECRET}}}
- apiVersion: v1
  kind: ConfigMap
  metadata: {{name: c}}
  data: {{p: shown}}
"""
    subject = inputs.parse(text.encode())
    assert SECRET.encode() not in subject.encoded
    assert data.encode() not in subject.encoded
    assert [(r.document, r.path) for r in subject.redactions] == [
        (0, ("data", "p")),
        (0, ("stringData", "p")),
        (0, ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")),
    ]
    secret, config = inputs.resources(subject)
    assert secret.view["object"]["data"]["q"] is None
    assert secret.view["annotations"]["note"] == "shown"
    assert config.view["object"]["data"] == {"p": "shown"}


def test_a_secret_written_as_an_alias_is_replaced_once_and_only_there() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: &x {p: open}}\ndata: *x\nstringData: *x\n"
    subject = inputs.parse(text.encode())
    (secret,) = subject.documents
    assert secret["metadata"]["labels"] == {"p": "open"}
    assert is_redacted(secret["data"]["p"])
    assert secret["data"]["p"] != secret["stringData"]["p"]


@pytest.mark.parametrize("data", ["x", ["x"], 1, {"p": {"deep": ["x"]}}])
def test_secrets_of_a_wrong_shape_are_replaced_too(data: Any) -> None:
    raw = json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": "x", "data": data}).encode()
    assert len(inputs.parse(raw).redactions) == 1
