"""Where a comprehension begins: what stands before its ``|`` is a term without operators, as for OPA."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego
from gateproof.rego.errors import CompileError


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("[{1} & {2} | {3}]", [[3]]),
        ("[{1} - {2} | {3}]", [[1, 3]]),
        ("[{1} | {2} | {3}]", [[1]]),
        ("[1, {2} | {3}]", [1, [2, 3]]),
        ("[{1} | {2}, 3]", [[1, 2], 3]),
        ('{"a": {2} | {3}, "b": 1}', {"a": [2, 3], "b": 1}),
        ('{"a": {2} - {1} | {3}}', {"a": [2, 3]}),
        ("{{1} | {2}, 3}", [3, [1, 2]]),
        ("[(x + 1) | some x in [1, 2]]", [2, 3]),
        ('{"a" : {1} | true}', {"a": [1]}),
        ("{x + 1: x | some x in [1]}", {"2": 1}),
    ],
)
def test_what_is_a_comprehension(term: str, value: Any) -> None:
    assert rego.to_json(rego.compile({"a.rego": f"package a\n\nx := {term}\n"}).evaluate("data.a.x")) == value


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        ("[x + 1 | some x in [1]]", "unexpected `some`"),
        ("{x == 1 | some x in [1]}", "unexpected `some`"),
        ("{x: x * 2 | some x in [1]}", "unexpected `some`"),
        ("[x | some x in]", "unexpected `]`"),
        ("[1 + 1 | true]", "or: invalid argument"),
    ],
)
def test_what_is_none(term: str, reason: str) -> None:
    with pytest.raises(CompileError, match=reason):
        rego.compile({"a.rego": f"package a\n\nx := {term}\n"})


@pytest.mark.parametrize("beginning", ["[a | ", "{a | ", "{a: b | "])
def test_what_is_wrong_deep_inside_is_found_soon(beginning: str) -> None:
    with pytest.raises(CompileError):
        rego.compile({"a.rego": f"package a\n\nx := {beginning * 40} 1 2"})
