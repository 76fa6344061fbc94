"""Of a library only what a policy reaches is compiled, and nothing that it needs is missing."""

from __future__ import annotations

import pytest

from gateproof import rego
from gateproof.errors import PolicyError

LIBRARY = """package lib.numbers

import rego.v1

twice(x) := sum([same(x) | some _ in [1, 2]])

same(x) := max([x | some _ in [1]])

default limit := 3

limit := 4 if input.high

unused := nonsense(1)

nonsense(x) := x

nonsense(x) := y if y := table[x]

table := {1: 1}
"""
OTHER = """package lib.texts

import rego.v1
import data.lib.numbers

shown(x) := concat("", [sprintf("%d", [numbers.twice(x)]) | some _ in [1]])
"""


def compiled(body: str) -> rego.Program:
    modules = {"p.rego": f"package p\n\nimport rego.v1\n{body}", "lib/numbers.rego": LIBRARY, "lib/texts.rego": OTHER}
    return rego.compile(modules, library=["lib/numbers.rego", "lib/texts.rego"])


def paths(program: rego.Program) -> set[str]:
    said = [function.label for function in program.plan.functions]
    return {label.split()[0].removeprefix("data.lib.") for label in said if label.startswith("data.lib.")}


def test_what_is_reached_is_compiled_and_nothing_else() -> None:
    program = compiled("import data.lib.texts\n\nx := texts.shown(4)\n")
    assert program.evaluate("data.p.x") == "8"
    assert paths(program) == {"texts.shown", "numbers.twice", "numbers.same"}


def test_every_clause_of_a_rule_stays() -> None:
    program = compiled("x := data.lib.numbers.limit\n")
    assert [program.evaluate("data.p.x", given) for given in ({}, {"high": True})] == [3, 4]
    assert paths(program) == {"numbers.limit"}


@pytest.mark.parametrize(
    "body",
    [
        'n := "limit"\n\nx := data.lib.numbers[n]\n',
        "import data.lib.numbers\n\nx := numbers.limit if is_object(numbers)\n",
        "import data.lib\n\nx := y if some y in [lib.numbers[k] | some k in input.keys]\n",
        "x := y if some y in [data.lib[p].limit | some p in input.packages]\n",
        "x := y if y := data.lib.numbers.limit with data.lib as data.lib\n",
    ],
)
def test_what_is_read_as_a_whole_stays_whole(body: str) -> None:
    program = compiled(body)
    assert {"numbers.unused", "numbers.nonsense", "numbers.table"} <= paths(program)
    assert program.evaluate("data.p.x", {"keys": ["limit"], "packages": ["numbers"]}) == 3


def test_a_problem_of_the_policy_is_told_as_ever() -> None:
    with pytest.raises(PolicyError, match="var y is unsafe"):
        compiled("x := y\n")
    with pytest.raises(PolicyError, match=r"undefined function data\.lib\.numbers\.thrice"):
        compiled("import data.lib.numbers\n\nx := numbers.thrice(2)\n")
