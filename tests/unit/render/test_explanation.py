"""Explanations: which lines each kind has, and that they end."""

from __future__ import annotations

import pytest

from gateproof.rego.querying import Given, Query
from gateproof.render.explanation import lines

MODULE = """\
package p

import rego.v1

a if {
	b
	c
}

b if {
	trace("in b")
	input.x in {1, 2}
}

c if {
	some y in input.ys
	y > 1
	print("y is", y)
	y > 2
}
"""
GIVEN = Given(input={"x": 1, "ys": [1, 2, 3]})


def explained(what: str, given: Given = GIVEN) -> list[str]:
    return list(lines(Query("data.p.a", {"p.rego": MODULE}).trace(given), what))


def test_fails_are_what_did_not_hold_each_time() -> None:
    assert explained("fails") == [
        "holds  query",
        "  true   query:1: data.p.a",
        "         holds  data.p.a  p.rego:5",
        "           true   p.rego:7: c",
        "                  holds  data.p.c  p.rego:15",
        "                    true   p.rego:17: y > 1  (2 of 3 times)",
        "                             y = 3",
        "                    true   p.rego:19: y > 2  (1 of 2 times)",
        "                             y = 3",
    ]


def test_notes_are_what_was_said_each_time() -> None:
    assert explained("notes") == [
        "holds  query",
        "  true   query:1: data.p.a",
        "         holds  data.p.a  p.rego:5",
        "           true   p.rego:6: b",
        "                  holds  data.p.b  p.rego:10",
        '                    true   p.rego:11: trace("in b")',
        "                           note: in b",
        "           true   p.rego:7: c",
        "                  holds  data.p.c  p.rego:15",
        '                    true   p.rego:18: print("y is", y)  (2 of 2 times)',
        "                           note: y is 2",
        "                           note: y is 3",
    ]


@pytest.mark.parametrize("what", ["full", "fails"])
def test_a_rule_that_fails_is_there_with_its_reason(what: str) -> None:
    found = explained(what, Given(input={"x": 7, "ys": []}))
    assert "                  fails  data.p.b  p.rego:10" in found
    assert "                    FALSE  p.rego:12: input.x in {1, 2}" in found
    assert "                             input.x = 7" in found


def test_they_end() -> None:
    body = "".join(f"\tinput.x{n}\n" for n in range(50))
    module = "package p\n" + "".join(f"a{n} if {{\n{body}}}\n" for n in range(50))
    query = "; ".join(f"data.p.a{n}" for n in range(50))
    found = list(lines(Query(query, {"p.rego": module}).trace(Given(input={f"x{n}": n for n in range(50)}))))
    assert (len(found), found[-1]) == (2_001, "…")
