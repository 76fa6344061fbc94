"""Watching an evaluation never changes what it gives or what it costs, and a rule that holds is never vacuous."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof import rego
from gateproof.errors import BudgetError
from gateproof.rego import vacuity

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(alphabet="ab", max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=10,
)
MODULES = {
    "p.rego": """package p
keys contains x.a if some x in input
chain contains x if x := input[_].a.b[_]
same if input.a == "b"
number if input.a == 1
both if { some i; input.a[i] == input.b[i] }
call if startswith(input.a, "b")
sums contains x + 1 if some x in input
walked contains v.a if walk(input, [_, v])
helper(x) if x.a == true
helper(x) if x.a == "a"
helped if { some x in input; helper(x) }
negated if { not input.a.b; input.c }
all_of if every x in input.a { x.b }
chosen := 1 if { input.a.b } else := 2 if { input.b[0] }
listed := [y | some x in input; y := x.b]
with_it if input.a.b with input.a as input.b
found[k] := v.a if some k, v in input
"""
}
PLAIN = rego.compile(MODULES, v0=False)
WATCHED = vacuity.watched(MODULES, v0=False)
RULES = PLAIN.rules


def answer(program: rego.Program, rule: str, document: Any, steps: int, observer: vacuity.Watch | None) -> str:
    try:
        value = program.evaluate(rule, document, limits=rego.Limits(steps=steps), observer=observer)
    except (rego.EvalError, BudgetError) as error:
        return str(error)
    return "undefined" if value is rego.UNDEFINED else json.dumps(rego.to_json(value))


@given(JSON, st.integers(1, 60) | st.just(100_000))
def test_observing_changes_neither_values_nor_costs(document: Any, steps: int) -> None:
    for rule in RULES:
        plain = answer(PLAIN, rule, document, steps, None)
        assert answer(WATCHED, rule, document, steps, None) == plain
        assert answer(WATCHED, rule, document, steps, vacuity.Watch(WATCHED)) == plain


@given(JSON)
def test_a_rule_that_holds_is_not_vacuous(document: Any) -> None:
    for rule in RULES:
        watch = vacuity.Watch(WATCHED)
        value = answer(WATCHED, rule, document, 100_000, watch)
        if value not in ("undefined", "[]", "{}"):
            assert rule.removeprefix("data.") not in [one.rule for one in watch.vacuous()]


@given(JSON, JSON)
def test_what_holds_on_one_document_is_not_vacuous_on_two(one: Any, other: Any) -> None:
    for rule in RULES:
        name = rule.removeprefix("data.")
        alone, together = vacuity.Watch(WATCHED), vacuity.Watch(WATCHED)
        held = answer(WATCHED, rule, one, 100_000, alone) not in ("undefined", "[]", "{}")
        answer(WATCHED, rule, other, 100_000, together)
        answer(WATCHED, rule, one, 100_000, together)
        assert not (held and name in [each.rule for each in together.vacuous()])
