"""``sprintf``: Go's verbs on Rego's values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError, EvaluationError
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet

Call = Callable[..., Any]

NESTED = {"a": [1, 2.5, "xé\n"], "b": RegoSet.of([1, "z"]), "c": RegoSet.of([]), "d": {}, "e": [], "f": None}


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        ("S3 %s is public", ["logs"], "S3 logs is public"),
        ("%v %v %v", [1, 1.0, 2.5], "1 1 2.5"),
        ("%v %v", [True, None], "true null"),
        ("%v", [1234567.5], "1.2345675e+06"),
        ("%v", [["a", 1]], '["a", 1]'),
        ("%v", [NESTED], '{"a": [1, 2.5, "xé\\n"], "b": {1, "z"}, "c": set(), "d": {}, "e": [], "f": null}'),
        ("%d|%5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%b", [7] * 10, "7|    7|7    |00007|+7|7|7|0x7|7|111"),
        ("%5.2f|%e|%g|%6.1f|%-8.3f|%08.3f", [3.14159] * 6, " 3.14|3.141590e+00|3.14159|   3.1|3.142   |0003.142"),
        ("%q %q %c %U", ['a"b', 65, 65, 0x1F600], '"a\\"b" \'A\' A U+1F600'),
        ("%10s|%-10s|%.2s|%x", ["abc", "abc", "abc", "é"], "       abc|abc       |ab|c3a9"),
        ("%T %T %T %T", [1, 1.5, "s", [1]], "int64 float64 string string"),
        ("%d%%", [50], "50%"),
        ("%[2]d %[1]d", [1, 2], "2 1"),
        ("%*d|%-*d", [5, 42, 5, 42], "   42|42   "),
        ("%d", [2**70], "1180591620717411303424"),
        ("%T", [2**70], "*big.Int"),
    ],
)
def test_formats(call: Call, form: str, values: list[Any], text: str) -> None:
    assert call("sprintf", form, values) == text


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        ("%d", ["foo"], "%!d(string=foo)"),
        ("%d", [1.5], "%!d(float64=1.5)"),
        ("%s", [5], "%!s(int64=5)"),
        ("%f", [3], "%!f(int64=3)"),
        ("%s %d", ["a"], "a %!d(MISSING)"),
        ("%s", ["a", 1, RegoSet.of(["x"])], 'a%!(EXTRA int64=1, string={"x"})'),
        ("%", [], "%!(NOVERB)"),
        ("%[9]d", [1], "%!d(BADINDEX)"),
        ("%*d", ["x", 1], "%!(BADWIDTH)1"),
        ("%z", [1], "%!z(int64=1)"),
        ("%c", [2**70], "%!c(big.Int=1180591620717411303424)"),
    ],
)
def test_complains_as_go_does(call: Call, form: str, values: list[Any], text: str) -> None:
    assert call("sprintf", form, values) == text


def test_refuses_operands_of_other_types(call: Call) -> None:
    with pytest.raises(BuiltinError, match="operand 2 must be array but got string"):
        call("sprintf", "%s", "a")


def test_hexadecimal_fractions_end_the_evaluation(call: Call) -> None:
    with pytest.raises(EvaluationError, match="not offered"):
        call("sprintf", "%x", [1.5])


@pytest.mark.parametrize("form", ["%999999d", "%.999999f", "%99999999999d" + "%999999d" * 4])
def test_width_is_paid_for(poor_call: Call, form: str) -> None:
    if form.startswith("%99999999999"):
        assert poor_call("sprintf", form, [1]) == "%!(NOVERB)%!(EXTRA int64=1)"
        return
    with pytest.raises(BudgetError):
        poor_call("sprintf", form, [1.5 if "f" in form else 1])


def test_values_that_share_members_are_paid_for_in_full(poor_call: Call) -> None:
    value: list[Any] = []
    for _ in range(40):
        value = [value, value]
    with pytest.raises(BudgetError):
        poor_call("sprintf", "%v", [value])
