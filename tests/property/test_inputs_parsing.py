"""Whatever the bytes: parse does not raise, stores what it judged, gives the same every time and lets no secret out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateproof import inputs

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
PLAN_KEYS = re.findall(
    r"\w+",
    """
    address after after_sensitive after_unknown before before_sensitive change child_modules configuration
    constant_value count_expression deferred_changes expression expressions for_each_expression format_version index
    mode module module_address module_calls name output_changes outputs planned_values prior_state references
    resource_change resource_changes resource_drift resources root_module sensitive sensitive_values type value values
    variables
    """,
)
OBJECT_KEYS = re.findall(
    r"\w+", "annotations apiVersion containers data items jobTemplate kind labels metadata name spec template"
)
KINDS = ["v1", "apps/v1", "batch/v1", "Pod", "Deployment", "CronJob", "Secret", "List", "PodList"]


def shaped(keys: list[str]) -> st.SearchStrategy[Any]:
    """JSON values that use the names which the readers look for, and so get far into them."""
    leaves = scalars | st.sampled_from([*KINDS, "module.m.o", "var.v", "t.a[0].id", 'module.m["x"].t.a', "each.value"])
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=6),
        max_leaves=25,
    )


def survives(raw: bytes) -> None:
    subject = inputs.parse(raw)
    assert subject == inputs.parse(raw)
    decoded = inputs.decode(subject.encoded)
    assert decoded == subject
    assert decoded.encoded == subject.encoded
    assert inputs.resources(decoded) == inputs.resources(subject)
    assert (subject.subject.kind == "unknown") == (not subject.documents)
    assert subject.problem or subject.documents


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes(raw: bytes) -> None:
    survives(raw)


@given(values)
def test_any_json(value: Any) -> None:
    survives(json.dumps(value).encode())


@given(shaped(PLAN_KEYS), shaped(PLAN_KEYS), shaped(PLAN_KEYS))
def test_anything_like_a_plan(change: Any, configuration: Any, rest: Any) -> None:
    members = rest if isinstance(rest, dict) else {}
    changes = [{"address": "module.m.t.a", "change": change if isinstance(change, dict) else {}}]
    survives(json.dumps({**members, "resource_changes": changes, "configuration": configuration}).encode())
    root = configuration if isinstance(configuration, dict) else {}
    survives(json.dumps({"resource_changes": changes, "configuration": {"root_module": root}}).encode())


@given(shaped(OBJECT_KEYS), st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_anything_like_a_manifest(value: Any, version: str, kind: str) -> None:
    members = value if isinstance(value, dict) else {}
    survives(json.dumps({**members, "apiVersion": version, "kind": kind}).encode())


secrets = st.text(st.characters(min_codepoint=0x41, max_codepoint=0x7A), min_size=8).map(lambda text: "§" + text)
attributes = st.dictionaries(
    st.sampled_from("abcdef"),
    st.recursive(
        st.tuples(st.just(True), secrets) | st.tuples(st.just(False), st.integers()),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ghi"), inner, max_size=3),
        max_leaves=8,
    ),
)


def split(tree: Any) -> tuple[Any, Any, list[str]]:
    """A tree of (marked, value) → values, markers in Terraform's form, and the secrets in it."""
    if isinstance(tree, tuple):
        return tree[1], tree[0], [tree[1]] if tree[0] else []
    items = list(tree.items() if isinstance(tree, dict) else enumerate(tree))
    parts = [split(child) for _, child in items]
    found = [secret for part in parts for secret in part[2]]
    if isinstance(tree, list):
        return [part[0] for part in parts], [part[1] for part in parts], found
    keys = [key for key, _ in items]
    return (
        dict(zip(keys, (part[0] for part in parts), strict=True)),
        dict(zip(keys, (part[1] for part in parts), strict=True)),
        found,
    )


@given(attributes)
def test_no_secret_that_is_only_at_marked_places_gets_out(tree: Any) -> None:
    value, marker, found = split(tree)
    resource = {"address": "t.a", "type": "t", "name": "a", "mode": "managed"}
    literals = {name: {"constant_value": child} for name, child in value.items()}
    plan = {
        "resource_changes": [{**resource, "change": {"before": value, "before_sensitive": marker, "after": None}}],
        "output_changes": {"o": {"after": value, "after_sensitive": marker}},
        "planned_values": {"root_module": {"resources": [{**resource, "values": value, "sensitive_values": marker}]}},
        "configuration": {"root_module": {"resources": [{**resource, "expressions": literals}]}},
    }
    subject = inputs.parse(json.dumps(plan).encode())
    assert subject.problem == ""
    stored = subject.encoded.decode()
    assert all(secret not in stored for secret in found)
    assert len(subject.redactions) >= 3 * len(found)


@given(st.dictionaries(st.sampled_from("abc"), secrets, min_size=1))
def test_no_value_of_a_secret_gets_out(data: dict[str, str]) -> None:
    raw = json.dumps({"apiVersion": "v1", "kind": "Secret", "data": data, "stringData": data}).encode()
    subject = inputs.parse(raw)
    assert all(secret not in subject.encoded.decode() for secret in data.values())
    assert len(subject.redactions) == 2 * len(data)


@given(shaped(PLAN_KEYS))
def test_a_large_plan_is_stored_as_a_small_one_is(document: Any) -> None:
    members = document if isinstance(document, dict) else {"variables": document}
    raw = json.dumps({"resource_changes": [], **members}, separators=(",", ":"), ensure_ascii=False).encode()
    small = inputs.parse(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateproof.documents.json_reader._LARGE", 0)
        large = inputs.parse(raw)
    assert (large, large.digest, large.encoded) == (small, small.digest, small.encoded)
