"""Structural schemas as an API server applies them."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof.engines.kubernetes import schema

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("rules", "value", "said"),
    [
        ({"type": "string"}, 1, "must be of type string, not 1"),
        ({"type": "string"}, None, "must be of type string, not null"),
        ({"type": "boolean"}, "yes", "must be of type boolean, not 'yes'"),
        ({"type": "integer"}, True, "must be of type integer, not true"),
        ({"type": "integer"}, 1.5, "must be of type integer, not 1.5"),
        ({"type": "number"}, "1", "must be of type number"),
        ({"type": "object"}, [], "must be of type object, not a list"),
        ({"type": "array"}, {}, "must be of type array, not an object"),
        ({"enum": ["a", 1]}, "b", "must be one of 'a', 1, not 'b'"),
        ({"enum": [1]}, True, "must be one of 1, not true"),
        ({"type": "string", "minLength": 2}, "a", "at least 2 characters"),
        ({"type": "string", "maxLength": 2}, "abc", "at most 2 characters"),
        ({"type": "string", "pattern": "^a+$"}, "b", "does not match '^a+$'"),
        ({"type": "integer", "minimum": 2}, 1, "must be at least 2"),
        ({"type": "integer", "minimum": 2, "exclusiveMinimum": True}, 2, "must be at least 2"),
        ({"type": "integer", "maximum": 2}, 3, "must be at most 2"),
        ({"type": "integer", "maximum": 2, "exclusiveMaximum": True}, 2, "must be at most 2"),
        ({"type": "integer", "multipleOf": 2}, 3, "multiple of 2"),
        ({"type": "array", "minItems": 1, "items": TEXT}, [], "at least 1 items"),
        ({"type": "array", "maxItems": 1, "items": TEXT}, ["a", "b"], "at most 1 items"),
        ({"type": "array", "items": TEXT}, ["a", 1], "[1]: must be of type string"),
        ({"type": "object", "properties": {"a": TEXT}, "required": ["a"]}, {}, "must have a"),
        ({"type": "object", "additionalProperties": TEXT}, {"a": 1}, "a: must be of type string"),
        ({"type": "object", "additionalProperties": TEXT, "minProperties": 1}, {}, "at least 1 members"),
        ({"type": "object", "additionalProperties": TEXT, "maxProperties": 0}, {"a": "b"}, "at most 0 members"),
        ({"type": "object", "properties": {"a": TEXT}}, {"b": "x"}, "b: the schema does not know it"),
        ({"type": "object"}, {"b": "x"}, "b: the schema does not know it"),
        ({"type": "array", "items": {"type": "object"}}, [{"b": 1}], "[0]b: the schema does not know it"),
        ({"type": "integer", "allOf": [{"minimum": 2}]}, 1, "must be at least 2"),
        ({"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 2}]}, 3, "none of the schemas in anyOf"),
        ({"type": "integer", "oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3, "not fit exactly one"),
        ({"type": "integer", "not": {"minimum": 1}}, 3, "fits the schema that it must not"),
        ({"x-kubernetes-int-or-string": True}, 1.5, "must be an integer or a string"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_wrong(rules: dict[str, Any], value: Any, said: str) -> None:
    assert not list(schema.flaws(rules))
    found = [
        "".join(f"[{s}]" if isinstance(s, int) else s for s in path) + f": {text}" for path, text in _all(rules, value)
    ]
    assert len(found) == 1
    assert said in found[0]


def _all(rules: dict[str, Any], value: Any) -> list[schema.Problem]:
    return list(schema.problems(rules, value))


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"type": "string", "nullable": True}, None),
        ({"type": "integer"}, 2.0),
        ({"type": "number"}, 2),
        ({"type": "object", schema.PRESERVE: True}, {"a": {"b": 1}}),
        ({schema.PRESERVE: True}, None),
        ({"type": "object", "additionalProperties": True}, {"a": 1}),
        ({"x-kubernetes-int-or-string": True}, "50%"),
        ({"type": "string", "format": "date-time"}, "later"),
        ({"type": "integer", "oneOf": [{"minimum": 1}, {"maximum": 0}]}, 3),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_well(rules: dict[str, Any], value: Any) -> None:
    assert not _all(rules, value)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "a schema is an object"),
        ({"type": "int"}, "'int' is no type"),
        ({"properties": {"a": 1}}, "a schema is an object"),
        ({"properties": []}, "must be an object"),
        ({"items": {"type": "x"}}, "'x' is no type"),
        ({"additionalProperties": {"type": "x"}}, "'x' is no type"),
        ({"anyOf": [{"type": "x"}]}, "'x' is no type"),
        ({"minLength": "1"}, "must be an integer"),
        ({"minimum": "1"}, "must be a number"),
        ({"required": "a"}, "must be a list"),
        ({"pattern": "("}, "is no regular expression"),
        ({"uniqueItems": True}, "uniqueItems is not allowed"),
        ({"x-kubernetes-validations": [{"rule": "true"}]}, "rules of CEL in a schema are not supported"),
    ],
    ids=str,
)
def test_schemas_that_cannot_be_applied(rules: Any, said: str) -> None:
    [(_, problem)] = schema.flaws(rules)
    assert said in problem


def test_defaults() -> None:
    rules = {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "default": 1},
            "b": {"type": "object", "properties": {"c": {"type": "string", "default": "d"}}},
            "e": {"type": "array", "items": {"type": "object", "properties": {"f": {"type": "integer", "default": 2}}}},
            "g": {"type": "string", "nullable": True, "default": "h"},
        },
        "additionalProperties": {"type": "object", "properties": {"i": {"type": "integer", "default": 3}}},
    }
    value: dict[str, Any] = {"a": None, "b": {}, "e": [{}, {"f": 5}], "g": None, "z": {}}
    assert schema.defaulted(rules, value) == {
        "a": 1,
        "b": {"c": "d"},
        "e": [{"f": 2}, {"f": 5}],
        "g": None,
        "z": {"i": 3},
    }
    assert schema.defaulted(rules, {}) == {"a": 1, "g": "h"}
    assert value["b"] == {}
