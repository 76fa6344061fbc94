"""Strings: code points, Go's case mapping, trimming, replacing, limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("startswith", ["arn:aws:kms:us-east-1", "arn:aws:kms:us-"], True),
        ("endswith", ["a.rego", ".rego"], True),
        ("contains", ["abc", "d"], False),
        ("indexof", ["héllo", "l"], 2),
        ("indexof", ["abc", "z"], -1),
        ("indexof_n", ["aaaa", "aa"], [0, 1, 2]),
        ("substring", ["héllo", 1, 3], "éll"),
        ("substring", ["abc", 1, -1], "bc"),
        ("substring", ["abc", 9, 1], ""),
        ("lower", ["ΑΣİ"], "ασi"),
        ("upper", ["ßéᾳ"], "ßÉᾼ"),
        ("split", ["a,b,", ","], ["a", "b", ""]),
        ("split", ["abc", ""], ["a", "b", "c"]),
        ("strings.split_n", ["a,b,c", ",", 2], ["a", "b"]),
        ("strings.split_n", ["a,b,c", ",", -2], ["b", "c"]),
        ("trim", ["abcba", "ab"], "c"),
        ("trim_left", ["aab", "a"], "b"),
        ("trim_right", ["baa", "a"], "b"),
        ("trim_prefix", ["aab", "a"], "ab"),
        ("trim_suffix", ["baa", "a"], "ba"),
        ("trim_space", ["\u001c a\u00a0\u0085"], "\u001c a"),
        ("strings.reverse", ["héé"], "ééh"),
        ("strings.count", ["aaa", "a"], 3),
        ("strings.any_prefix_match", [["xa", "yb"], RegoSet.of(["y"])], True),
        ("strings.any_suffix_match", ["abc", ["b"]], False),
        ("concat", [", ", RegoSet.of(["b", "a"])], "a, b"),
        ("concat", [",", []], ""),
        ("replace", ["aaa", "aa", "b"], "ba"),
        ("replace", ["ab", "", "-"], "-a-b-"),
        ("strings.replace_n", [{"<": "&lt;", ">": "&gt;"}, "<b>"], "&lt;b&gt;"),
        ("strings.replace_n", [{"a": "X", "ab": "Y"}, "abcab"], "XbcXb"),
        ("strings.replace_n", [{"": "-", "a": "X"}, "ab"], "-X-b-"),
        ("format_int", [255, 16], "ff"),
        ("format_int", [-15.9, 16], "-f"),
    ],
)
def test_gives(call: Call, name: str, operands: list[Any], result: Any) -> None:
    assert call(name, *operands) == result


@pytest.mark.parametrize(
    ("name", "operands", "code", "message"),
    [
        ("startswith", [1, "a"], "eval_type_error", "operand 1 must be string but got number"),
        ("contains", ["a", None], "eval_type_error", "operand 2 must be string but got null"),
        ("concat", [",", ["a", 1]], "eval_type_error", "must be array of strings but got array containing number"),
        ("concat", [",", {}], "eval_type_error", "must be one of {set, array} but got object"),
        ("indexof", ["a", ""], "eval_builtin_error", "empty search character"),
        ("substring", ["a", -1, 1], "eval_builtin_error", "negative offset"),
        ("substring", ["a", 0.5, 1], "eval_type_error", "must be integer number but got floating-point number"),
        ("format_int", [1, 3], "eval_type_error", "operand 2 must be one of {2, 8, 10, 16}"),
        ("strings.replace_n", [{"a": 1}, "a"], "eval_type_error", "non-string value found in pattern object"),
        ("strings.any_prefix_match", [{}, "a"], "eval_type_error", "must be one of {string, set, array}"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], code: str, message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert caught.value.code == code
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("replace", ["a" * 1000, "a", "b" * 1000]),
        ("replace", ["a" * 1000, "", "b" * 1000]),
        ("strings.replace_n", [{"a": "b" * 1000}, "a" * 1000]),
        ("concat", ["x" * 1000, ["a"] * 100]),
        ("split", ["a" * 5000, "a"]),
        ("split", ["a" * 5000, ""]),
        ("format_int", [2**60_000, 2]),
        ("indexof_n", ["a" * 5000, "a"]),
    ],
)
def test_growth_is_paid_for(poor_call: Call, name: str, operands: list[Any]) -> None:
    with pytest.raises(BudgetError):
        poor_call(name, *operands)
