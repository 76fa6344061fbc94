"""Kyverno's expressions, conditions and templates on arbitrary values: a value, or an error that is one of ours."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.compiler import Limits
from gateproof.engines.kyverno import measures, versions
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.images import ImageError, parse_image
from gateproof.engines.kyverno.jmespath import JmespathError, compile
from gateproof.engines.kyverno.jmespath.functions import names
from gateproof.engines.kyverno.jmespath.values import encode, equal, shown
from gateproof.engines.kyverno.measures import Quantity
from gateproof.engines.kyverno.operators import OPERATORS, evaluate
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Evaluation, Scope
from gateproof.engines.kyverno.variables import TemplateError, compile_document, compile_message
from gateproof.errors import EvaluationError
from gateproof.rego.context import Context

TEXTS = st.text(alphabet='ab1.0-KiGmhs*?{}$@"\\[] é', max_size=10)
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
FINITE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
TOKENS = st.sampled_from(
    [*"abc.*[]{}()@|&!,:", "||", "&&", "==", "<", "[?", "[]", "[0]", "[-1:]", "'x'", "`1`", "`[1, 2]`", '"a b"', " "]
)
CALLS = st.builds("{}({})".format, st.sampled_from(sorted(names())), st.sampled_from(["@", "a", "a, b", "@, 'x'", ""]))
EXPRESSIONS = st.lists(TOKENS | CALLS, max_size=8).map("".join)


def context() -> Context:
    return Context(now_ns=10**18, limits=Limits(steps=50_000, size=50_000))


@given(expression=EXPRESSIONS, value=VALUES)
def test_an_expression_has_a_value_or_none(expression: str, value: Any) -> None:
    with suppress(JmespathError, EvaluationError):
        compiled = compile(expression)
        first = compiled.search(value, context())
        assert equal(compiled.search(value, context()), first)


@given(function=st.sampled_from(sorted(names())), arguments=st.lists(VALUES, max_size=4))
def test_a_function_has_a_value_or_none(function: str, arguments: list[Any]) -> None:
    listed = ", ".join(f"[{place}]" for place in range(len(arguments)))
    with suppress(JmespathError, EvaluationError):
        compile(f"{function}({listed})").search(arguments, context())


@given(name=st.sampled_from(sorted(OPERATORS)), key=VALUES, value=VALUES)
def test_an_operator_holds_or_does_not(name: str, key: Any, value: Any) -> None:
    with suppress(UndecidableError):
        assert evaluate(OPERATORS[name], key, value) in (True, False)


@given(key=FINITE, value=FINITE)
def test_what_equals_does_not_differ(key: Any, value: Any) -> None:
    equals, differs = (evaluate(OPERATORS[name], key, value) for name in ("Equals", "NotEquals"))
    assert differs is (key is not None and not equals)


@given(document=FINITE, value=VALUES)
def test_templates_end(document: Any, value: Any) -> None:
    scope = Scope({"request": {"object": value}, "a": value}, Evaluation(Answers({}), context))
    with suppress(TemplateError, UndecidableError, EvaluationError, JmespathError):
        compile_document([document, "x{{ a }}", "{{ a }}"]).resolve(scope)
    assert isinstance(compile_message(f"{document} {{{{ a }}}}")(scope), str)


@given(value=FINITE)
def test_json_that_is_written_is_read_again(value: Any) -> None:
    assert equal(json.loads(encode(context(), value), parse_int=float), value)
    assert isinstance(shown(value), str)


@given(text=TEXTS | st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{1,3})?(m|k|Ki|Mi|e3)?", fullmatch=True))
def test_the_text_of_a_quantity_is_the_same_quantity(text: str) -> None:
    quantity = Quantity.parse(text)
    assert (quantity is None) is (measures.quantity(text) is None)
    if quantity is not None and (canonical := quantity.text()) is not None:
        assert measures.quantity(canonical) == quantity.value == measures.quantity(text)


@given(nanoseconds=st.integers(-(2**62), 2**62))
def test_the_text_of_a_duration_is_the_same_duration(nanoseconds: int) -> None:
    assert measures.duration(measures.duration_text(nanoseconds)) == nanoseconds


@given(text=st.text(alphabet="aB1.:/@-_[]", max_size=20))
def test_a_reference_to_an_image_is_read_or_refused(text: str) -> None:
    with suppress(ImageError):
        image = parse_image(text)
        assert parse_image(image.reference).reference == image.reference


@given(text=st.text(alphabet="1.0x<>=!| -a", max_size=16))
def test_a_range_of_versions_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        version = versions.parse("1.0.0")
        assert version is not None
        assert versions.parse_range(text).holds(version) in (True, False)
