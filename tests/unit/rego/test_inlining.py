"""Small functions stand in the places of their calls, and say there what they say as functions."""

from __future__ import annotations

import pytest

from gateproof import rego
from gateproof.errors import BudgetError
from gateproof.rego.parser import parse_modules
from gateproof.rego.tracing import traced

LIBRARY = """
value(r, path) := object.get(r.values, path, null)

hidden(text) if {
	is_string(text)
	startswith(text, "redacted:")
}

unknown(r, path) if r.unknown[path[0]] == true

unknown(r, path) if {
	count(path) > 1
	r.unknown[path[0]]
	some length in numbers.range(2, count(path))
	object.get(r.unknown, array.slice(path, 0, length), false) == true
}

why(r, path) := "hidden" if {
	hidden(value(r, path))
} else := "unknown" if {
	unknown(r, path)
}

word(1) := "one"

word(true) := "yes"

word("a") := "letter"

word(x) := "other" if not x in {1, true, "a"}

pair(x, y) := [x, y]

never(x) if {
	x == 1
	x == 2
}

same(x) := x
"""
INPUT = {
    "rs": [
        {"values": {"a": "redacted:x", "b": {"c": 1}}, "unknown": {}},
        {"values": {"b": {"c": None}}, "unknown": {"a": True, "b": {"c": True}}},
        {"values": {"a": False}, "unknown": {"b": True}},
        {"values": "no object", "unknown": {"a": True}},
        {"values": {"a": 1}},
    ],
    "xs": [1, True, 1.0, "a", None, [1], {"a": 1}, False, 2],
}
BODIES = {
    "a value": '[value(r, ["a"]) | some r in input.rs]',
    "a value below": '[value(r, ["b", "c"]) | some r in input.rs]',
    "a value of a path that is given": '[value(r, path) | some r in input.rs; some path in [["a"], ["b", "c"], []]]',
    "a reason": '[why(r, ["a"]) | some r in input.rs]',
    "a reason below": '[why(r, ["b", "c"]) | some r in input.rs]',
    "no reason": '[i | some i, r in input.rs; not why(r, ["a"])]',
    "no value": '[i | some i, r in input.rs; not value(r, ["a"])]',
    "hidden": '[i | some i, r in input.rs; hidden(value(r, ["a"]))]',
    "not hidden": '[i | some i, r in input.rs; x := value(r, ["a"]); not hidden(x)]',
    "every one": "1 if every each in input.xs { not never(each) }",
    "clauses": "[word(x) | some x in input.xs]",
    "a clause of a constant": '[word(1), word(true), word("a"), word(2), word(1.0)]',
    "a literal": "[pair(x, 1) | some x in input.xs]",
    "constants": 'pair(1, ["a", {"b": true}])',
    "nothing": "[x | some x in input.xs; never(x)]",
    "not nothing": "[x | some x in input.xs; not never(x)]",
    "a pattern": "[z | some y in input.xs; [z, 1] = pair(y, same(1))]",
    "calls in calls": '[same(same(pair(same(x), same("a")))) | some x in input.xs]',
    "with": 'y if y := [why(r, ["a"]) | some r in input.rs] with input as {"rs": [{"values": {"a": "redacted:"}}]}',
    "a function that is replaced": 'y if y := [why(r, ["a"]) | some r in input.rs] with hidden as never',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_values_are_those_of_calls(body: str) -> None:
    source = f"package p\n\nimport rego.v1\n{LIBRARY}\nx := {body}\n"
    called, _ = traced(parse_modules({"p.rego": source}))
    found = rego.compile({"p.rego": source}).evaluate("data.p.x", INPUT)
    assert found is not rego.UNDEFINED
    assert repr(found) == repr(called.evaluate("data.p.x", INPUT))


def test_what_is_constant_is_worked_out_beforehand() -> None:
    source = f'package p\n\nimport rego.v1\n{LIBRARY}\nx := [why(r, ["a"]) | some r in input.rs]\n'
    program = rego.explain(rego.compile({"p.rego": source}))
    (body,) = (each for each in program.split("\n\n\n") if each.startswith("# data.p.x"))
    assert "function_" not in body
    assert "numbers_range" not in body
    assert ".get('a', None)" in body
    assert ".get('a', UNDEFINED)" in body


def test_what_loops_or_decides_between_values_stays_a_call() -> None:
    source = (
        "package p\n\nimport rego.v1\n\nf(x) := 1 if x > 1\n\nf(x) := 2 if x > 2\n\nx := [f(y) | some y in input]\n"
    )
    program = rego.compile({"p.rego": source})
    assert program.evaluate("data.p.x", [2]) == [1]
    with pytest.raises(rego.EvalError, match="multiple outputs") as error:
        program.evaluate("data.p.x", [3])
    assert error.value.where == "p.rego:5:1, p.rego:7:1"


def test_functions_that_call_others_twice_still_pay() -> None:
    doubling = "".join(f"f{n}(x) := f{n + 1}(x) + f{n + 1}(x)\n" for n in range(60))
    program = rego.compile({"p.rego": f"package p\n{doubling}f60(x) := x\ny := f0(1)\n"})
    assert len(rego.explain(program)) < 200_000
    with pytest.raises(BudgetError):
        program.evaluate("data.p.y", limits=rego.Limits(steps=20_000))


def test_long_bodies_of_short_functions_compile() -> None:
    conditions = "\n".join(f"\tnot even({n}, input.a)" for n in range(300))
    even = "even(n, a) if {\n\ta[n] % 2 == 0\n\ta[n] > 1\n}"
    source = f"package p\n\nimport rego.v1\n\n{even}\n\nx if {{\n{conditions}\n}}\n"
    assert rego.compile({"p.rego": source}).evaluate("data.p.x", {"a": [1] * 300}) is True
