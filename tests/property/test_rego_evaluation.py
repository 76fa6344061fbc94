"""Evaluation is a function of its arguments, and agrees with what Python says of simple programs."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof import rego
from gateproof.errors import GateproofError

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(alphabet="ab", max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=10,
)

PROGRAM = rego.compile(
    {
        "p.rego": """package p
values contains v if walk(input, [_, v])
pairs[k] contains v if some k, v in input
same := [v | some v in input]
equal_pairs := count([1 | some i, a in input; some j, b in input; a == b])
nested := {k: [x | some x in v] | some k, v in input}
has_null if null in input
negated if not input.a.b
"""
    },
    v0=False,
)
AGAIN = rego.Program.from_bytes(PROGRAM.to_bytes())


def answer(program: rego.Program, document: Any) -> str:
    try:
        return json.dumps(rego.to_json(program.evaluate("data.p", document)))
    except rego.EvalError as error:
        return error.code


def compiles_or_says_why(source: str) -> bool:
    try:
        rego.compile({"p.rego": source})
    except GateproofError as error:
        return bool(str(error))
    return True


@given(JSON)
def test_the_same_input_gives_the_same_answer(document: Any) -> None:
    first = answer(PROGRAM, document)
    assert answer(PROGRAM, json.loads(json.dumps(document))) == first
    assert answer(AGAIN, document) == first


@given(st.dictionaries(st.text(max_size=2), st.integers(), max_size=5))
def test_the_order_of_members_does_not_matter(document: dict[str, int]) -> None:
    turned = dict(reversed(document.items()))
    assert answer(PROGRAM, document) == answer(PROGRAM, turned)


@given(st.lists(JSON, max_size=5))
def test_iteration_gives_back_the_list(document: list[Any]) -> None:
    assert PROGRAM.evaluate("data.p.same", document) == document


@given(st.text(alphabet="px:=1[]{}()|.,_\"'`$\n #ifcontas", max_size=40))
def test_any_text_compiles_or_is_refused_with_a_reason(text: str) -> None:
    assert compiles_or_says_why("package p\n" + text)
