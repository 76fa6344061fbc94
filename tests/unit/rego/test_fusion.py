"""Clauses of one rule are one function; they find what they find by themselves."""

from __future__ import annotations

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
