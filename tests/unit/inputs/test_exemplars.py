"""Exemplars have everything that a document of the schema can have, and say nothing of what it leaves open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof.errors import InputError
from gateproof.inputs.exemplars import Exemplars, exemplars


def of(schema: Any) -> Exemplars:
    return exemplars(json.dumps(schema).encode(), "schema.json")


def closed(found: Exemplars, one: Any) -> frozenset[str] | None:
    """The names that a closed object may have beside those that it has; None for an object that is open."""
    return next((names for each, names in found.closed if each is one), None)


def provider(**resources: Any) -> dict[str, Any]:
    schemas = {name: {"version": 0, "block": block} for name, block in resources.items()}
    return {"format_version": "1.0", "provider_schemas": {"example.com/a/b": {"resource_schemas": schemas}}}


def test_a_plan_has_every_resource_with_all_that_it_can_have() -> None:
    leaf = {"attributes": {"id": {"type": "string"}}}
    nested = {"nesting_mode": "map", "attributes": {"n": {"type": "number"}}}
    attributes = {
        "on": {"type": "bool"},
        "tags": {"type": ["map", "string"]},
        "names": {"type": ["set", "string"]},
        "any": {"type": "dynamic"},
        "anys": {"type": ["list", "dynamic"]},
        "object": {"type": ["object", {"a": "string", "b": "dynamic"}, ["b"]]},
        "pair": {"type": ["tuple", ["string", "number"]]},
        "framework": {"nested_type": nested},
    }
    blocks = {mode: {"nesting_mode": mode, "block": leaf} for mode in ("list", "set", "map", "single", "group")}
    found = of(provider(thing={"attributes": attributes, "block_types": blocks}))
    (plan,) = found.documents
    (change,) = plan["resource_changes"]
    assert (change["type"], change["mode"], change["provider_name"]) == ("thing", "managed", "example.com/a/b")
    after = change["change"]["after"]
    assert after == {
        "on": True,
        "tags": {"key": ""},
        "names": [""],
        "anys": [],
        "object": {"a": ""},
        "pair": ["", 0],
        "framework": {"key": {"n": 0}},
        "list": [{"id": ""}],
        "set": [{"id": ""}],
        "map": {"key": {"id": ""}},
        "single": {"id": ""},
        "group": {"id": ""},
    }
    assert plan["planned_values"]["root_module"]["resources"][0]["values"] is after
    assert closed(found, after) == frozenset({"any"})
    assert closed(found, after["object"]) == frozenset({"b"})
    assert closed(found, after["list"][0]) == frozenset()
    assert [closed(found, each) for each in (plan, change, after["tags"], after["map"])] == [None] * 4


def test_an_object_of_every_kind_of_kubernetes() -> None:
    reference = {"$ref": "#/definitions/Meta"}
    kind = {"group": "apps", "version": "v1", "kind": "Thing"}
    schema = {
        "swagger": "2.0",
        "definitions": {
            "Meta": {"properties": {"labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
            "Thing": {
                "type": "object",
                "x-kubernetes-group-version-kind": [kind],
                "properties": {
                    "apiVersion": {"type": "string"},
                    "metadata": {"allOf": [reference], "default": {}},
                    "port": {"type": "string", "format": "int-or-string"},
                    "inner": {"$ref": "#/definitions/Thing"},
                    "items": {"type": "array", "items": reference},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                },
            },
        },
    }
    found = of(schema)
    (thing,) = found.documents
    meta = {"labels": {"key": ""}}
    assert thing == {"apiVersion": "apps/v1", "kind": "Thing", "metadata": meta, "items": [meta], "free": {}, "inner": {
        "apiVersion": "", "metadata": meta, "items": [meta], "free": {},
    }}  # fmt: skip
    assert closed(found, thing["metadata"]) == frozenset()
    assert closed(found, thing["inner"]) == frozenset({"port", "inner"})
    assert [closed(found, each) for each in (thing, thing["free"], thing["metadata"]["labels"])] == [None] * 3


def test_json_schema_is_closed_only_where_it_says_so() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]}}}
    properties = {
        "open": inner,
        "shut": {**inner, "additionalProperties": False},
        "either": {**inner, "additionalProperties": False, "anyOf": [{}]},
        "word": {"enum": ["x", "y"]},
        "mixed": {"enum": ["x", 1]},
    }
    found = of({"type": "object", "properties": properties, "additionalProperties": False})
    (document,) = found.documents
    assert document == {"open": {"a": ""}, "shut": {"a": ""}, "either": {"a": ""}, "word": "x"}
    assert closed(found, document["shut"]) == frozenset({"b"})
    assert [closed(found, each) for each in (document, document["open"], document["either"])] == [None] * 3


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "a schema is an object"),
        (b'{"a": 1}', "nothing says what kind of schema this is"),
        (b'{"provider_schemas": []}', "not a schema"),
        (b'{"provider_schemas": {"a": {"resource_schemas": {"b": {}}}}}', "not a schema"),
        (b'{"$ref": "#/gone"}', "not a schema"),
        (b'{"swagger": "2.0", "definitions": {"a": 1}}', "not a schema"),
        (b'{"type": "object", "properties": 1}', "not a schema"),
    ],
)
def test_what_is_no_schema_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        exemplars(raw, "schema.json")
    assert caught.value.where == "schema.json"
    assert caught.value.hint


def test_schemas_that_explode_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateproof.inputs.exemplars._MOST", 100_000)  # as it stands, it takes seconds to get there
    wide = {f"d{n}": {"properties": {k: {"$ref": f"#/$defs/d{n + 1}"} for k in "abcdefgh"}} for n in range(20)}
    with pytest.raises(InputError, match="more than"):
        of({"$ref": "#/$defs/d0", "$defs": {**wide, "d20": {"type": "string"}}})
    deep: Any = "string"
    for _ in range(80):
        deep = ["list", deep]
    with pytest.raises(InputError, match="nested deeper"):
        of(provider(thing={"attributes": {"a": {"type": deep}}}))
    block: Any = {}
    for _ in range(80):
        block = {"block_types": {"b": {"nesting_mode": "list", "block": block}}}
    with pytest.raises(InputError, match="nested deeper"):
        of(provider(thing=block))
