"""JSON Schemas: OPA and gateproof find the same faults in the same values, and in the schemas themselves."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateproof import rego

Peer = Callable[[str], str]
Pair = tuple[Any, Any]

PROGRAM = """package s

verdicts := [[json.verify_schema(schema), found] |
	some [value, schema] in input
	found := [[matches, sort(errors)] | [matches, errors] := json.match_schema(value, schema)]
]
"""
TEXTS = [
    "",
    "a",
    "ab",
    "1.2.3.4",
    "1.2.3.400",
    "::1",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "2020-02-29",
    "2021-02-29",
    "2020-2-1",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.123+01:00",
    "2020-01-01t00:00:00z",
    "2020-01-01 00:00:00Z",
    "12:00:00",
    "1:00:00",
    "24:00:00",
    "12:00:00.5",
    "12:00:00Z",
    "12:00:00+25:00",
    "a@b.c",
    "a@b",
    "Ann <a@b.c>",
    '"Ann B" <a@b.c>',
    "a@b.c (Ann)",
    "a@b.c (Ann",
    "team: a@b.c;",
    "team: a@b.c, b@c.d;",
    "a@[1.2.3.4]",
    "a@[IPv6:::1]",
    "a@[::1]",
    ".a@b",
    "a.@b",
    "a..b@c",
    "ä@b.c",
    '"a b"@c',
    '""@c',
    "a b@c",
    "<a@b>",
    "<a@b",
    " a@b ",
    "a@",
    "=?x?q?a?= <a@b>",
    "a@b\n",
    "http://a.b/c",
    "http://a b/",
    "http://a/%zz",
    "/a/b",
    "a:b",
    ":a",
    "a\\b",
    "http://a/{b}",
    "/{a",
    "/a}b",
    "urn:a:b",
    "#x",
    "http://[::1]:80/",
    "http://[::1/",
    "mailto:a@b",
    "//host/p",
    "a.b-c.d",
    "-a.b",
    "a..b",
    "a_b",
    "a" * 64,
    "12345678-1234-1234-1234-123456789abC",
    "12345678-1234-1234-1234-12345678",
    "/a~0b",
    "/a~2b",
    "0#",
    "0/a",
    "01/a",
    "(a",
    "[a-z]+",
    "(?=a)",
    "null",
    "äö",
    "1",
]
FORMATS = [
    "ipv4",
    "ipv6",
    "date",
    "time",
    "date-time",
    "hostname",
    "email",
    "idn-email",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "regex",
    "json-pointer",
    "relative-json-pointer",
    "duration",
    "colour",
]
SCALARS = [None, True, False, 0, 1, 1.0, -1, 2, 3, 1.5, 0.3, 7, 100, 1e6, 12345678, *TEXTS[:3]]
NAMES = ["a", "b", "c", "ab"]
TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]
DRAFTS = ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema", "https://example.com/x"]
BROKEN: list[Any] = [
    {"type": "x"},
    {"type": ["string", "string"]},
    {"type": 1},
    {"properties": 1},
    {"additionalProperties": 1},
    {"items": 1},
    {"minimum": "1"},
    {"multipleOf": 0},
    {"multipleOf": "a"},
    {"minLength": -1},
    {"minLength": 1.5},
    {"maxLength": "a"},
    {"minLength": 2, "maxLength": 1},
    {"pattern": "("},
    {"pattern": 1},
    {"format": 1},
    {"required": "a"},
    {"required": [1]},
    {"required": ["a", "a"]},
    {"uniqueItems": 1},
    {"enum": 1},
    {"enum": [1, 1]},
    {"oneOf": 1},
    {"allOf": {}},
    {"not": 1},
    {"if": 1},
    {"dependencies": 1},
    {"dependencies": {"a": 1}},
    {"dependencies": {"a": [1]}},
    {"patternProperties": {"(": {}}},
    {"patternProperties": 1},
    {"propertyNames": 1},
    {"definitions": {"a": 1}},
    {"exclusiveMinimum": True},
    {"contains": 1},
    {"$ref": "#/definitions/none"},
    {"$ref": "other"},
    {"$ref": 1},
    {"$schema": 1},
    {"title": 1},
    [],
    "[]",
    "true",
    "nul",
]


class Writer:
    """Writes random schemas and values that have something to do with each other."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - sample data, not a secret

    def value(self, depth: int = 2) -> Any:
        pick = self.random.random()
        if depth and pick < 0.35:
            return {name: self.value(depth - 1) for name in self.random.sample(NAMES, self.random.randint(0, 3))}
        if depth and pick < 0.6:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 4))]
        return self.random.choice(SCALARS if pick < 0.85 else TEXTS)

    def schema(self, depth: int = 3) -> Any:
        if self.random.random() < 0.05:
            return self.random.random() < 0.7
        count = self.random.randint(1, 3)
        schema = dict(self.keyword(depth) for _ in range(count))
        return {"$ref": schema["$ref"]} if "$ref" in schema else schema  # OPA reads what is beside it now and then

    def keyword(self, depth: int) -> tuple[str, Any]:
        pick = self.random
        plain: list[tuple[str, Any]] = [
            ("type", pick.choice(TYPES)),
            ("type", pick.sample(TYPES, 2)),
            ("enum", pick.sample([None, 0, True, "a", "ab", [1], {"a": 1.0}], 3)),
            ("const", pick.choice([1, 1.0, "a", None, [1, "a"], {"a": 1}])),
            ("format", pick.choice(FORMATS)),
            (
                pick.choice(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
                pick.choice([0, 1, 1.5, 1e6, 9999999]),
            ),
            ("multipleOf", pick.choice([0.1, 2, 1.5, 0.3])),
            (
                pick.choice(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]),
                pick.randint(0, 3),
            ),
            ("pattern", pick.choice(["^a", "b$", "[0-9]+"])),
            ("required", pick.sample(NAMES, 2)),
            ("uniqueItems", pick.random() < 0.8),
            ("$ref", pick.choice(["#/definitions/d", "#named"])),
        ]
        if not depth or pick.random() < 0.3:
            return pick.choice(plain)
        some = [self.schema(depth - 1) for _ in range(pick.randint(1, 3))]
        one = some[0]
        keyword = pick.choice(
            [
                "properties",
                "properties",
                "patternProperties",
                "additionalProperties",
                "items",
                "additionalItems",
                "contains",
                "propertyNames",
                "dependencies",
                "anyOf",
                "oneOf",
                "allOf",
                "not",
                "if",
                "then",
                "else",
            ]
        )
        if keyword == "properties":
            return keyword, dict(zip(NAMES, some, strict=False))
        if keyword == "patternProperties":
            return keyword, {"^a": one}
        if keyword == "additionalProperties":
            return keyword, pick.choice([False, one])
        if keyword == "items":
            return keyword, pick.choice([some, one])
        if keyword == "dependencies":
            return keyword, {"a": pick.choice([["b", "c"], one])}
        return keyword, some if keyword in ("anyOf", "oneOf", "allOf") else one

    def pair(self) -> Pair:
        schema = self.schema()
        if isinstance(schema, dict):
            if self.random.random() < 0.3:
                schema["if"], schema["then"], schema["else"] = self.schema(1), self.schema(1), self.schema(1)
            if self.random.random() < 0.15:
                schema["$schema"] = self.random.choice(DRAFTS)
            if '"#' in json.dumps(schema):
                schema["definitions"] = {
                    "d": {"type": self.random.choice(TYPES)},
                    "n": {"$id": "#named", "type": "string"},
                }
        else:
            schema = json.dumps(schema)
        value = self.value()
        return value if isinstance(value, dict | list) else json.dumps(value), schema


def theirs(peer: Peer, folder: Path, pairs: list[Pair]) -> list[Any]:
    (folder / "s.rego").write_text(PROGRAM, encoding="utf-8")
    (folder / "input.json").write_text(json.dumps(pairs), encoding="utf-8")
    command = [peer("opa"), "eval", "-d", "s.rego", "-i", "input.json", "data.s.verdicts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    answer = json.loads(done.stdout)
    assert "result" in answer, answer
    verdicts: list[Any] = answer["result"][0]["expressions"][0]["value"]
    return verdicts


def ours(pairs: list[Pair]) -> list[Any]:
    limits = rego.Limits(steps=200_000_000)
    program = rego.compile({"s.rego": PROGRAM})
    verdicts: list[Any] = rego.to_json(
        program.evaluate("data.s.verdicts", [list(pair) for pair in pairs], limits=limits)
    )
    return verdicts


def differences(peer: Peer, folder: Path, pairs: list[Pair], *, reasons: bool = True) -> list[str]:
    """The pairs of which not everything is the same: the value and the schema, what OPA says, what gateproof says.

    Without ``reasons`` only whether a schema is one: of several that it is none OPA gives any.
    """
    both = [theirs(peer, folder, pairs), ours(pairs)]
    if not reasons:
        both = [[[verified[0], matched] for verified, matched in verdicts] for verdicts in both]
    found = zip(pairs, *both, strict=True)
    return [f"{json.dumps(pair)}\n  {its}\n  {mine}" for pair, its, mine in found if its != mine]


@pytest.mark.parametrize("format_", FORMATS)
def test_formats(peer: Peer, tmp_path: Path, format_: str) -> None:
    pairs = [({"a": text}, {"properties": {"a": {"format": format_}}}) for text in TEXTS]
    assert differences(peer, tmp_path, pairs) == []


@pytest.mark.parametrize("seed", range(4))
def test_random_schemas(peer: Peer, tmp_path: Path, seed: int) -> None:
    writer = Writer(seed)
    assert differences(peer, tmp_path, [writer.pair() for _ in range(300)], reasons=False) == []


def test_what_is_no_schema(peer: Peer, tmp_path: Path) -> None:
    assert differences(peer, tmp_path, [({}, schema) for schema in BROKEN]) == []


@pytest.mark.parametrize("draft", [4, 6, 7])
def test_schemas_of_schemas(peer: Peer, tmp_path: Path, draft: int) -> None:
    about = {"$ref": f"http://json-schema.org/draft-0{draft}/schema#"}
    writer = Writer(draft)
    schemas = [*BROKEN, *(writer.schema() for _ in range(200))]
    pairs = [(schema, about) for schema in schemas if isinstance(schema, dict)]
    assert differences(peer, tmp_path, pairs) == []
    assert differences(peer, tmp_path, [({}, {"properties": {"a": about}, "$schema": DRAFTS[0]})]) == []
