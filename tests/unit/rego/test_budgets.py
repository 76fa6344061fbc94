"""Hostile policies and inputs end, within their budget, with a clear error."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego
from gateproof.errors import BudgetError, PolicyError

LIMITS = rego.Limits(steps=200_000, size=100_000, output=10_000)


def evaluate(body: str, given: Any = None) -> Any:
    program = rego.compile({"p.rego": f"package p\n{body}"}, v0=False)
    return program.evaluate("data.p.x", given, limits=LIMITS)


def doubling(rule: str, first: str = '["a", "b"]', levels: int = 60) -> str:
    """Rules ``s0 … s60``, each made of the one before by ``rule``."""
    lines = [f"s0 := {first}", *[rule.replace("NEXT", f"s{n + 1}").replace("LAST", f"s{n}") for n in range(levels)]]
    return "\n".join([*lines, f"x := s{levels}"])


@pytest.mark.parametrize(
    "body",
    [
        "x := count([1 | some a in input; some b in input; some c in input])",
        "x if { some a in input; some b in input; some c in input; a + b == c + 0.5 }",
        "x if every a in input { a >= 0; every b in input { b >= 0; every c in input { c >= 0 } } }",
        "x if not y\ny if { some a in input; some b in input; some c in input; a + b == c + 0.5 }",
        "x := {[a, b, c] | some a in input; some b in input; some c in input}",
        'x := {sprintf("%v %v", [a, b]): 1 | some a in input; some b in input; input[_] == 0.5}',
        "x contains [a, b, c] if { some a in input; some b in input; some c in input }",
        "x[a][b] contains c if { some a in input; some b in input; some c in input }",
        "f(n) := n + 1\nx := sum([f(f(a + b)) | some a in input; some b in input; input[_] > 0])",
        "x := numbers.range(0, 1000000000000)",
        "x := count([1 | some a in numbers.range(0, 1000); some b in numbers.range(0, 1000)])",
        "x := count([1 | walk(input, [_, a]); walk(input, [_, b]); walk(input, [_, c])])",
        doubling("NEXT := [LAST, LAST]"),
        doubling('NEXT := {"a": LAST, "b": LAST}'),
        doubling("NEXT := {[1, LAST], [2, LAST]}"),
        doubling("NEXT := [LAST | some _ in [1, 2]]"),
        doubling('NEXT[k] := LAST if some k in ["a", "b"]'),
        doubling('NEXT contains [k, LAST] if some k in ["a", "b"]'),
        doubling("NEXT := array.concat(LAST, LAST)"),
        doubling('NEXT := concat("", [LAST, LAST])', '"aaaa"'),
        doubling('NEXT := sprintf("%s%s", [LAST, LAST])', '"aaaa"'),
        doubling('NEXT := $"{LAST}{LAST}"', '"aaaa"'),
        doubling('NEXT := replace(LAST, "a", "aaaaaaaa")', '"aaaa"'),
        doubling("NEXT := LAST + 1", "1", levels=400),
        "x := [a | some a in input; some b in input]",
        "m := {input: 1}\nx if { some a in numbers.range(0, 900); m[input] == a + 0.5 }",
        "x if { some a in numbers.range(0, 900); input in {a} }",
        "x := [y | some a in numbers.range(0, 900); y := {input: a | a > 0}]",
    ],
)
def test_evaluation_ends(body: str) -> None:
    with pytest.raises(BudgetError):
        evaluate(body, list(range(200)))


def test_squaring_ends_as_a_builtin_error() -> None:
    assert evaluate(doubling("NEXT := LAST * LAST", "1000000007")) is rego.UNDEFINED


@pytest.mark.parametrize(
    "body",
    [
        "x := " + "[" * 5000 + "]" * 5000,
        "x := " + "[" * 5000,
        "x := " + "{" * 5000,
        "x := " + "(" * 5000 + "1" + ")" * 5000,
        "x := " + "1 - " * 5000 + "1",
        "x := " + "9" * 100_000,
        "x := 1e999999999",
        "x := input" + ".a" * 5000,
        "x if { " + "; ".join(["input"] * 5000) + " }",
        "x := 1" + " " * 1_000_000,
        "x := " + '$"{' * 500,
        'x := "unterminated',
        "x := 1 if { false }" + " else := 2 if { false }" * 2000,
        "x if { " + "; ".join(f"some a{n} in input" for n in range(40)) + " }",
        "x if { " + "every a in input { " * 40 + "true" + " }" * 40 + " }",
    ],
)
def test_compilation_ends(body: str) -> None:
    with pytest.raises(PolicyError):
        evaluate(body)


def test_nested_comprehensions_compile_in_reasonable_work() -> None:
    assert evaluate("x := " + "[y | y := " * 15 + "1" + "]" * 15) is not rego.UNDEFINED


def test_deep_input_ends() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BudgetError):
        evaluate("x if { y := {input}; count(y) == 1 }", deep)


def test_the_same_budget_ends_at_the_same_step() -> None:
    program = rego.compile({"p.rego": "package p\nx := count([1 | some a in input; some b in input])"}, v0=False)
    given = list(range(30))

    def fits(steps: int) -> bool:
        try:
            program.evaluate("data.p.x", given, limits=rego.Limits(steps=steps, steps_per_member=0))
        except BudgetError:
            return False
        return True

    needed = next(steps for steps in range(2000) if fits(steps))
    assert not fits(needed - 1)
    assert fits(needed)
    assert 900 <= needed <= 1100
