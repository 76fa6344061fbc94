"""Paths in documents, JSON Patch, JSON, YAML and schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gateproof import rego
from gateproof.errors import BudgetError, EvaluationError
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet, equal

Call = Callable[..., Any]
S = RegoSet.of
DOC = {"a": {"b": [1, {"c": 2}], "d": 3}, "e": 4}


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("json.filter", [DOC, ["a/b/1/c"]], {"a": {"b": [{"c": 2}]}}),
        ("json.filter", [DOC, S([["a", "d"], "e"])], {"a": {"d": 3}, "e": 4}),
        ("json.remove", [DOC, ["a/b/0", "e"]], {"a": {"b": [{"c": 2}], "d": 3}}),
        ("json.remove", [{"a/b": 1}, ["a~1b"]], {}),
        ("json.patch", [[1, 2], [{"op": "add", "path": "-", "value": 3}]], [1, 2, 3]),
        ("json.patch", [{"a": [1]}, [{"op": "replace", "path": "/a/0", "value": 5}]], {"a": [5]}),
        ("json.patch", [[1, 2], [{"op": "remove", "path": "+1"}]], [1]),
        ("json.patch", [{"a": 1}, [{"op": "move", "from": "a", "path": "b"}]], {"b": 1}),
        ("json.patch", [{"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}]], {"a": 1, "b": 1}),
        ("json.patch", [{"s": S([1, 2])}, [{"op": "remove", "path": ["s", 1]}]], {"s": S([2])}),
        ("json.patch", [{"a": 1}, [{"op": "test", "path": "a", "value": 1}]], {"a": 1}),
        ("json.marshal", [{"b": S([2, 1]), "a": "<&>"}], '{"a":"\\u003c\\u0026\\u003e","b":[1,2]}'),
        ("json.marshal", [[1, 1.5, None, True]], "[1,1.5,null,true]"),
        ("json.marshal_with_options", [{"a": [1]}, {"indent": " ", "prefix": ">"}], '>{\n> "a": [\n>  1\n> ]\n>}'),
        ("json.marshal_with_options", [{"a": 1}, {"pretty": False, "indent": " "}], '{"a":1}'),
        ("json.unmarshal", ['{"a": 1, "a": "\\ud800"}'], {"a": "\ufffd"}),
        ("json.is_valid", ["[1,]"], False),
        ("json.is_valid", ["NaN"], False),
        ("yaml.unmarshal", ["a: yes\nb: 010\n---\nx: 1"], {"a": True, "b": 8}),
        ("yaml.is_valid", ["a: b: c"], False),
        ("yaml.marshal", [{"b": ["x", {"c": []}], "a": "yes"}], 'a: "yes"\nb:\n- x\n- c: []\n'),
        ("json.verify_schema", [{"type": "object"}], [True, None]),
        ("json.match_schema", [{"id": 1}, '{"required": ["id"]}'], [True, []]),
    ],
)
def test_gives(call: Call, name: str, operands: list[Any], result: Any) -> None:
    assert equal(call(name, *operands), result)


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("json.filter", [[], []], "operand 1 must be object but got array"),
        ("json.remove", [{}, "a"], "operand 2 must be one of {set, array} but got string"),
        ("json.remove", [{}, [1]], "containing string paths or array of path segments but got number"),
        ("json.patch", [{}, [1]], "at least one element is not an object"),
        ("json.patch", [{}, [{"op": "add", "path": "a"}]], "missing required attribute 'value'"),
        ("json.patch", [{}, [{"op": "x", "path": "a"}]], "unrecognized op: 'x'"),
        ("json.patch", [{}, [{"op": "remove", "path": "a"}]], "does not exist"),
        ("json.patch", [[1], [{"op": "add", "path": "01", "value": 1}]], "leading zeros"),
        ("json.patch", [[1], [{"op": "add", "path": "9", "value": 1}]], "out of bounds"),
        ("json.patch", [[1], [{"op": "add", "path": [0.0], "value": 1}]], "invalid type for indexing"),
        ("json.patch", [{}, [{"op": "remove", "path": ""}]], "removes the whole document"),
        ("json.patch", [{}, [{"op": "move", "path": "/z", "from": ""}]], "nil value"),
        ("json.unmarshal", ["{"], "invalid JSON"),
        ("json.marshal_with_options", [1, {"nope": 1}], 'object contained unknown key "nope"'),
        ("yaml.unmarshal", ["a: [1"], "yaml: "),
        ("json.match_schema", [1, {}], "wrong type, expected string or object"),
        ("json.match_schema", [{}, {"type": "x"}], "has a primitive type that is NOT VALID -- given: /x/"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("schema", "kind", "description"),
    [
        ({"type": "array"}, "invalid_type", "Invalid type. Expected: array, given: object"),
        ({"required": ["z"]}, "required", "z is required"),
        ({"additionalProperties": False}, "additional_property_not_allowed", "Additional property a is not allowed"),
        ({"properties": {"a": {"minLength": 3}}}, "string_gte", "String length must be greater than or equal to 3"),
        ({"properties": {"a": {"enum": ["b", 1]}}}, "enum", 'a must be one of the following: "b", 1'),
        ({"properties": {"a": {"pattern": "^y"}}}, "pattern", "Does not match pattern '^y'"),
        ({"properties": {"a": {"format": "ipv4"}}}, "format", "Does not match format 'ipv4'"),
        ({"dependencies": {"a": ["b"]}}, "missing_dependency", "Has a dependency on b"),
        ({"minProperties": 2}, "array_min_properties", "Must have at least 2 properties"),
        (False, "false", "False always fails validation"),
    ],
)
def test_a_mismatch_is_described(call: Call, schema: Any, kind: str, description: str) -> None:
    matched, errors = call("json.match_schema", {"a": "x"}, json.dumps(schema))
    assert not matched
    assert [(error["type"], error["desc"]) for error in errors] == [(kind, description)]


@pytest.mark.parametrize(
    ("format_", "good", "bad"),
    [
        ("ipv4", "1.2.3.4", "1.2.3.400"),
        ("ipv6", "::1", "::g"),
        ("date", "2020-02-29", "2021-02-29"),
        ("time", "12:00:00.5Z", "24:00:00"),
        ("date-time", "2020-01-01T00:00:00Z", "2020-01-01 00:00:00Z"),
        ("hostname", "a.b-c.d", "a_b"),
        ("email", "Ann <ann@example.com>", "ann@"),
        ("uri", "urn:a", "/a"),
        ("uri-reference", "/a", "a\\b"),
        ("uri-template", "/{a}", "/{a"),
        ("uuid", "12345678-1234-1234-1234-123456789abC", "12345678"),
        ("regex", "a+", "(?=a)"),
        ("json-pointer", "/a~0", "/a~2"),
        ("relative-json-pointer", "1/a", "01"),
    ],
)
def test_formats(call: Call, format_: str, good: str, bad: str) -> None:
    for text, expected in [(good, True), (bad, False)]:
        assert call("json.match_schema", [text], {"items": {"format": format_}})[0] is expected
    assert call("json.match_schema", [bad, 1], {"items": {"format": "no such format"}}) == [True, []]


def test_errors_of_the_alternative_that_was_nearest(call: Call) -> None:
    schema = {"anyOf": [{"type": "array"}, {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}]}
    errors = call("json.match_schema", {"a": 1, "b": "x"}, schema)[1]
    assert [(error["type"], error["field"]) for error in errors] == [
        ("number_any_of", "(Root)"),
        ("invalid_type", "a"),
    ]


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}])
def test_a_schema_without_end(schema: Any) -> None:
    program = rego.compile({"a.rego": "package a\nx := json.match_schema({}, input)"})
    with pytest.raises(BudgetError):
        program.evaluate("data.a.x", schema)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9/x", "file:///etc/passwd"])
def test_a_schema_makes_us_read_nothing(call: Call, uri: str) -> None:
    with pytest.raises(EvaluationError, match="refers to another document"):
        call("json.match_schema", {}, {"$ref": uri})


def test_nothing_is_changed_in_place(call: Call) -> None:
    document = {"a": {"b": [1]}}
    call("json.patch", document, [{"op": "add", "path": "a/b/0", "value": 0}, {"op": "remove", "path": "a/b/1"}])
    assert document == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("json.patch", [list(range(500)), [{"op": "add", "path": "0", "value": 1}] * 10]),
        ("json.unmarshal", ["[" * 50_000]),
        ("json.marshal", ["x" * 5000]),
        ("json.marshal_with_options", [[[1] * 400], {"indent": " " * 100}]),
        ("yaml.unmarshal", ["- x\n" * 1000]),
    ],
)
def test_work_is_paid_for(poor_call: Call, name: str, operands: list[Any]) -> None:
    with pytest.raises(BudgetError):
        poor_call(name, *operands)


def test_deep_json_is_refused(call: Call) -> None:
    with pytest.raises(EvaluationError, match="nested too deeply"):
        call("json.unmarshal", "[" * 100_000)
