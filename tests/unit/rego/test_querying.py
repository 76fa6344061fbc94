"""Queries: solutions as `opa eval` gives them, and the trace of what was evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego
from gateproof.rego.querying import Given, Query, Solution
from gateproof.rego.visits import Visit

POLICY = """\
package app

default allow := false

allow if {
	some role in input.roles
	role == "admin"
	weekday(input.day)
}

weekday(day) if day in {"mo", "tu"}
"""
INPUT = {"roles": ["dev", "admin"], "day": "su"}


def ask(query: str, **given: Any) -> list[Solution]:
    return Query(query, {"app.rego": POLICY}).solutions(Given(input=INPUT, **given))


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("1 > 2", [[False]]),
        ("1 > 2; true", []),
        ("data.app.allow", [[False]]),
        ("data.nothing", []),
        ("not false", [[True]]),
        ("[1, 2, 3][_] > 1", [[True], [True]]),
        ("{1, 2}", [[[1, 2]]]),
        ("data.app.allow with input.day as `mo`", [[True]]),
        ("[x | some x in [1, 2]]", [[[1, 2]]]),
    ],
)
def test_values_of_expressions(query: str, values: list[list[Any]]) -> None:
    assert [[rego.to_json(each.value) for each in one.expressions] for one in ask(query)] == values


@pytest.mark.parametrize(
    ("query", "bindings"),
    [
        ("x := [1, 2, 3][_]; x > 1", [{"x": 2}, {"x": 3}]),
        ("input.roles[i]", [{"i": 0}, {"i": 1}]),
        ("some name, value in input", [{"name": "day", "value": "su"}, {"name": "roles", "value": ["dev", "admin"]}]),
        ("walk({`a`: 1}, [path, value])", [{"path": [], "value": {"a": 1}}, {"path": ["a"], "value": 1}]),
        ("to_number(`7`, n)", [{"n": 7}]),
    ],
)
def test_variables(query: str, bindings: list[dict[str, Any]]) -> None:
    assert [one.bindings for one in ask(query)] == bindings


def test_expressions_have_their_text_and_place() -> None:
    (solution,) = ask("x := 1;\n  x <  2")
    assert [(each.text, each.row, each.column) for each in solution.expressions] == [("x := 1", 1, 1), ("x < 2", 2, 3)]


def test_what_is_given() -> None:
    printed: list[str] = []
    (solution,) = ask("print(data.x); time.now_ns()", data={"x": 1}, now_ns=5, on_print=printed.append)
    assert solution.expressions[1].value == 5
    assert printed == ["1"]
    with pytest.raises(rego.EvalError):
        ask("to_number(`x`)", strict=True)
    with pytest.raises(rego.CompileError):
        ask("x +")


def test_the_trace_shows_what_held() -> None:
    (query,) = Query("data.app.allow", {"app.rego": POLICY}).trace(Given(input=INPUT))
    assert (query.rule, query.held) == ("query", True)
    (asked,) = query.expressions
    assert asked.values == (("data.app.allow", "false"),)
    allow, default = asked.visits
    assert (allow.rule, allow.place, allow.held) == ("data.app.allow", "app.rego:5", False)
    assert [(each.expression, each.held, each.times) for each in allow.expressions] == [
        ("some role in input.roles", 2, 1),
        ('role == "admin"', 1, 2),
        ("weekday(input.day)", 0, 1),
    ]
    (weekday,) = allow.expressions[2].visits
    assert (weekday.arguments, weekday.held) == (('"su"',), False)
    assert (default.place, default.held, default.expressions) == ("app.rego:3", True, ())


def test_an_error_ends_the_trace() -> None:
    source = "package a\np := f(1)\nf(_) := 1\nf(_) := 2\n"
    visits: tuple[Visit, ...] = Query("data.a.p", {"a.rego": source}).trace(Given())
    (query,) = visits
    (p,) = query.expressions[0].visits
    assert (query.held, p.rule, p.held) == (False, "data.a.p", False)
    assert [visit.rule for visit in p.visits] == ["data.a.f", "data.a.f"]
