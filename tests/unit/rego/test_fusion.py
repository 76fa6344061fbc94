"""Clauses of one rule are one function; they find what they find by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego

SOURCE = """package p
x contains [r.name, "large"] if { some r in input.items; r.size > 10 }
x contains [r.name, "named"] if { some r in input.items; startswith(r.name, "a") }
x contains [k, "key"] if { some k, _ in input.items; k > 0 }
x contains "always"
"""


def test_one_clause_that_fails_does_not_end_another() -> None:
    program = rego.compile({"p.rego": SOURCE}, v0=False)
    items = [{"name": "a", "size": 1}, {"name": "b", "size": 11}, {"size": 12}]
    found = rego.to_json(program.evaluate("data.p.x", {"items": items}))
    assert found == ["always", [1, "key"], [2, "key"], ["a", "named"], ["b", "large"]]


def test_what_is_looped_over_by_two_clauses_is_looped_over_once() -> None:
    text = rego.explain(rego.compile({"p.rego": SOURCE}, v0=False))
    assert text.count("def rule_0_") == 1
    assert text.count("in values(") == 1
    assert text.count("in items(") == 1


@pytest.mark.parametrize(
    ("clauses", "given", "expected"),
    [
        ('f(a) := 1 if a == "x"\nf(a) := 2 if a == "y"', "y", 2),
        ('f(a) := 1 if a == "x"\nf(a) := 2 if a == "y"', "z", rego.UNDEFINED),
        ('f(a) := 1 if a == "x"\nf(a) := 2 if a == "y"\ndefault f(_) := 3', "z", 3),
        ("f(a) := n if some n in a\nf(a) := 1 if count(a) == 1", [1], 1),
        ("f(a) if { some n in a; n > 5 }\nf(a) if count(a) == 1", [1, 9, 7], True),
        ("f(a) if { some n in a; n > 5 }\nf(a) if count(a) == 1", [1], True),
        ("f(a) if { some n in a; n > 5 }\nf(a) if count(a) == 1", [1, 2], rego.UNDEFINED),
        ("f(a) if { some n in a; n > 5 }\nf(a) := false if count(a) == 0", [1, 9], True),
        ("f(a) if { some n in a; some m in n; m > 5 }\nf(a) := false if count(a) == 0", [[1], [9, 8]], True),
        ("f(a) if { some n in a; n > 5 }\nf(a) := false if count(a) == 0", [], False),
        ('f(a) := 1 if a == "x" else := 2 if a == "y"\nf(a) := 3 if a == "z"', "y", 2),
        ('f(a) := 1 if a == "x" else := 2 if a == "y"\nf(a) := 3 if a == "z"', "z", 3),
        ("default f(_) := 4", "z", 4),
    ],
)
def test_clauses_of_a_function_are_tried_one_after_the_other(clauses: str, given: Any, expected: Any) -> None:
    program = rego.compile({"p.rego": f"package p\n{clauses}\nx := f(input)"}, v0=False)
    assert program.evaluate("data.p.x", given) == expected
    assert rego.Program.from_bytes(program.to_bytes()).evaluate("data.p.x", given) == expected


@pytest.mark.parametrize(
    "clauses",
    [
        "f(a) := 1 if a\nf(a) := 2 if a",
        "f(a) := 1 if a\nf(a) := 2 if some n in [a]",
        "f(a) := n if some n in [a]\nf(a) := 2 if a",
        "f(a) := 1 if not a else := 2\nf(a) := 3 if a",
    ],
)
def test_clauses_of_a_function_must_agree(clauses: str) -> None:
    program = rego.compile({"p.rego": f"package p\n{clauses}\nx := f(input)"}, v0=False)
    with pytest.raises(rego.EvalError, match="multiple outputs"):
        program.evaluate("data.p.x", True)


def test_clauses_of_a_rule_with_one_value_are_one_function() -> None:
    source = "package p\nx if input.a == 1\nx if input.b == 1\ndefault x := false"
    program = rego.compile({"p.rego": source}, v0=False)
    text = rego.explain(program)
    assert "def rule_0_0(" not in text
    assert "def rule_0_1(" not in text
    found = [program.evaluate("data.p.x", given) for given in ({"a": 1}, {"b": 1}, {"c": 1})]
    assert found == [True, True, False]
