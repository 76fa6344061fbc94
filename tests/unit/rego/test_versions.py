"""v0 and v1: which grammar a module is read with."""

from __future__ import annotations

import pytest

from gateproof import rego

V0 = "package a\np[x] { x := input[_] }\nq = 1 { true } { true }\nr { p[1] }"
V1 = "package a\np contains x if some x in input\nr if p[1]"


@pytest.mark.parametrize("source", [V0, V1])
def test_either_version_is_recognised(source: str) -> None:
    program = rego.compile({"a.rego": source})
    assert rego.to_json(program.evaluate("data.a.p", [2, 1])) == [1, 2]
    assert program.evaluate("data.a.r", [1]) is True


@pytest.mark.parametrize(("source", "v0"), [(V0, False), (V1, True)])
def test_a_fixed_version_is_not_guessed(source: str, v0: bool) -> None:
    with pytest.raises(rego.CompileError) as caught:
        rego.compile({"a.rego": source}, v0=v0)
    assert caught.value.code == "rego_parse_error"


def test_future_keywords_in_v0() -> None:
    source = "package a\nimport future.keywords\np contains x if { some x in input }"
    program = rego.compile({"a.rego": source}, v0=True)
    assert rego.to_json(program.evaluate("data.a.p", [1])) == [1]


def test_import_rego_v1_makes_v0_files_v1() -> None:
    program = rego.compile({"a.rego": "package a\nimport rego.v1\np contains 1 if true"}, v0=True)
    assert rego.to_json(program.evaluate("data.a.p")) == [1]


def test_v0_names_that_are_keywords_later() -> None:
    program = rego.compile({"a.rego": "package a\nif = 1\nin = contains { contains := if }"}, v0=True)
    assert program.evaluate("data.a.in") == 1
