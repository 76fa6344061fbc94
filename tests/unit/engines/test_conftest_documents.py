"""Configurations as conftest's parsers give them to policies."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof.engines.conftest.documents import REFUSED, as_input, combined, parse, parser_of
from gateproof.errors import DocumentError, UsageError


@pytest.mark.parametrize(
    ("path", "parser"),
    [
        ("-", "yaml"),
        ("a/b.yml", "yaml"),
        ("A.YAML", "yaml"),
        ("main.tf", "hcl2"),
        ("prod.tfvars", "hcl2"),
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.dev", "dockerfile"),
        ("dev.Dockerfile", "dockerfile"),
        (".env", "dotenv"),
        (".env.prod", "dotenv"),
        ("prod.env", "dotenv"),
        (".gitignore", "ignore"),
        ("x.dockerignore", "ignore"),
        ("a.properties", "properties"),
        ("nginx.conf", "nginx"),
        ("a.textpb", "textproto"),
        ("a.xml", "xml"),
        ("a.rego", None),
        ("README", None),
        ("yaml", None),
        ("a.yaml/b", None),
    ],
)
def test_names_mean_parsers(path: str, parser: str | None) -> None:
    assert parser_of(path) == parser


@pytest.mark.parametrize("parser", [*sorted(REFUSED), "nothing"])
def test_other_parsers_are_refused_by_name(parser: str) -> None:
    with pytest.raises(UsageError, match=parser):
        parse(b"", parser)


@pytest.mark.parametrize(
    ("parser", "text", "value"),
    [
        ("yaml", "", None),
        ("yaml", "a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("yaml", "a: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
        ("yaml", "# only\n---\na: 1\n", [None, {"a": 1}]),
        ("yaml", "%YAML 1.1\n---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("json", "[1, 2]", [1, 2]),
        (
            "dockerfile",
            "FROM a",
            [[{"Cmd": "from", "Flags": [], "JSON": False, "Stage": 0, "SubCmd": "", "Value": ["a"]}]],
        ),
        (
            "dotenv",
            "A=b # c\nexport B='d'\nC=\"e # f\"\nD=it's\nE=\nA=last\n",
            {"A": "last", "B": "d", "C": "e # f", "D": "it's", "E": ""},
        ),
        ("properties", "# c\n! c\na = b \nc:d\ne f g\nh\n", {"a": "b ", "c": "d", "e": "f g", "h": ""}),
        (
            "ini",
            "x = y\n[s]\na = 1\nb: t\nc = 'q' ; no\nd = %(x)s-%(a)s\ne = %(e)s\n",
            {"s": {"a": 1, "b": True, "c": "q", "d": "y-1", "e": "%(e)s"}},
        ),
        ("ini", "[s]\na = %(absent)s\n", {"s": {"a": "%(absent)s"}}),
        ("cyclonedx", '{"specVersion": "1.6"}', {"specVersion": "1.6"}),
    ],
)
def test_values(parser: str, text: str, value: Any) -> None:
    assert parse(text.encode(), parser) == value


def test_lines_of_an_ignore_file() -> None:
    entries = parse(b"# a \n!b\n\n c\\#\\\\ \nd\\ ", "ignore")[0]
    assert [(entry["Kind"], entry["Value"]) for entry in entries] == [
        ("Comment", "a"),
        ("NegatedPath", "b"),
        ("Empty", ""),
        ("Path", " c#\\ "),
        ("Path", "d "),
    ]


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("yaml", "a: 1\n--- # b\nb: 2\n"),
        ("yaml", "---\n---\na: 1\n--- \nb: 1\n"),
        ("json", f"[{10**400}]"),
        ("json", '{"a": 1, "a": 2}'),
        ("dotenv", "A=$B"),
        ("dotenv", 'A="b\nc"'),
        ("dotenv", "A: b"),
        ("dotenv", "A='b' c"),
        ("properties", "a = b\\\nc"),
        ("properties", "a = ${b}"),
        ("ini", "[s]\na = b \\\nc"),
        ("ini", "[s]\na"),
        ("ini", "[s]\n- = b"),
        ("ini", "[s]\na = inf"),
        ("ini", "[s]\na = 0x1p4"),
        ("ini", "[s.t]\na = %(b)s"),
        ("ini", "b = %(c)s%(c)s\nc = %(b)s%(b)s\n[s]\na = %(b)s"),
        ("ini", "[ s ]\na = b"),
        ("cyclonedx", "[]"),
    ],
)
def test_what_could_mean_something_else_is_refused(parser: str, text: str) -> None:
    with pytest.raises(DocumentError):
        parse(text.encode(), parser)


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("dotenv", "A=" + " " * 200_000 + "$"),
        ("dotenv", "A" * 200_000 + "$"),
        ("properties", "a" * 200_000 + "\v" + " " * 200_000),
        ("ini", "[s]\na" + " " * 200_000),
        ("ini", "[" + "a " * 100_000),
        ("ini", "[s]\n" + "a" * 200_000 + '"'),
    ],
)
def test_long_lines_end_at_once(parser: str, text: str) -> None:
    with pytest.raises(DocumentError):
        parse(text.encode(), parser)


def test_floats_of_a_million_keep_an_exponent_in_an_input() -> None:
    found = as_input(parse(b'{"a": 999999, "b": 1000000, "c": 1.5, "d": [12345678901234567890]}', "json"))
    assert repr(found) == "{'a': 999999, 'b': 1000000.0, 'c': 1.5, 'd': [1.2345678901234567e+19]}"
    assert repr(as_input(parse(b"a = 12345678", "toml"))) == "{'a': 12345678}"


def test_combined_configurations_stand_in_the_order_of_their_paths() -> None:
    found = combined({"b": parse(b"[1, 1e6]", "json"), "a": parse(b"12345678901234567890", "json")})
    assert repr(found) == repr(
        [
            {"path": "a", "contents": 12345678901234567000},
            {"path": "b", "contents": 1},
            {"path": "b", "contents": 1000000},
        ]
    )
