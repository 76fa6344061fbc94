"""Aggregates, arrays, sets, objects, bits, numbers, types, operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import FALSE_KEY, UNDEFINED, RegoSet, equal

Call = Callable[..., Any]
S = RegoSet.of


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("count", ["héé"], 3),
        ("count", [{"a": 1}], 1),
        ("sum", [[1, 2.5]], 3.5),
        ("sum", [S([1, 2])], 3),
        ("product", [[2, 2**64]], 2**65),
        ("max", [[1, "a", None]], "a"),
        ("max", [[]], UNDEFINED),
        ("min", [S([None, 3])], 3),
        ("min", [[None, 3]], None),
        ("sort", [S(["b", 1, "a"])], [1, "a", "b"]),
        ("any", [[False, True]], True),
        ("all", [[True, 1]], False),
        ("array.concat", [[1], [2]], [1, 2]),
        ("array.flatten", [[1, [2, [3]]]], [1, 2, [3]]),
        ("array.slice", [[1, 2, 3], -5, 2], [1, 2]),
        ("array.slice", [[1, 2, 3], 2, 1], []),
        ("array.reverse", [[1, 2]], [2, 1]),
        ("union", [S([S([1]), S([2])])], S([1, 2])),
        ("intersection", [S([S([1, 2]), S([2])])], S([2])),
        ("intersection", [S([])], S([])),
        ("set_diff", [S([1, 2]), S([2])], S([1])),
        ("object.get", [{"a": {"b": 1}}, ["a", "b"], 0], 1),
        ("object.get", [{"a": [7]}, ["a", 0], 0], 7),
        ("object.get", [{"a": [7]}, ["a", "0"], "no"], "no"),
        ("object.get", [{"a": 1}, [], 0], {"a": 1}),
        ("object.get", [{}, "a", 0], 0),
        ("object.keys", [{"a": 1, FALSE_KEY: 2}], S(["a", False])),
        ("object.filter", [{"a": 1, "b": 2}, {"b": 0}], {"b": 2}),
        ("object.remove", [{"a": 1, "b": 2}, S(["b"])], {"a": 1}),
        ("object.union", [{"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}], {"a": {"b": 3, "c": 2}}),
        ("object.union_n", [[{"a": {"b": 2}}, {"a": 4}, {"a": {"c": 3}}]], {"a": {"c": 3}}),
        ("object.subset", [{"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}], True),
        ("object.subset", [[1, 2, 1, 2, 3], [1, 2, 3]], True),
        ("object.subset", [[1, 2, 3], S([3, 1])], True),
        ("object.subset", [[True], [1]], False),
        ("bits.and", [6, 3], 2),
        ("bits.lsh", [1, 70], 2**70),
        ("bits.rsh", [-5, 1], -3),
        ("bits.negate", [0], -1),
        ("abs", [-1.5], 1.5),
        ("ceil", [1.1], 2),
        ("floor", [-1.1], -2),
        ("floor", [-0.6], 0),
        ("ceil", [-0.6], 1),
        ("round", [-2.5], -3),
        ("numbers.range", [3, 1], [3, 2, 1]),
        ("numbers.range_step", [0, 5, 2], [0, 2, 4]),
        ("to_number", ["1.5e3"], 1500),
        ("to_number", [True], 1),
        ("type_name", [S([])], "set"),
        ("is_number", [True], False),
        ("is_object", [{}], True),
        ("cast_set", [[1, 1]], S([1])),
        ("plus", [0.1, 0.2], 0.3),
        ("lt", [None, False], True),
        ("neq", [1, True], True),
    ],
)
def test_gives(call: Call, name: str, operands: list[Any], result: Any) -> None:
    given = call(name, *operands)
    assert given is result if result is UNDEFINED else equal(given, result)


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("count", [1], "operand 1 must be one of {array, object, set, string} but got number"),
        ("sum", [[1, "a"]], "operand 1 must be array of numbers but got array containing string"),
        ("array.concat", [{}, []], "operand 1 must be array but got object"),
        ("union", [S([1])], "must be set but got number"),
        ("object.get", ["a", "b", 0], "operand 1 must be object but got string"),
        ("object.remove", [{}, 1], "operand 2 must be one of {object, set, array} but got number"),
        ("object.union_n", [[{}, 1]], "must be array of objects but got array containing number"),
        ("bits.and", [1.5, 1], "operand 1 must be integer number but got floating-point number"),
        ("bits.lsh", [1, -1], "operand 2 must be an unsigned integer number but got a negative integer"),
        ("numbers.range_step", [1, 2, 0], "step must be a positive integer"),
        ("to_number", ["0x"], "invalid syntax"),
        ("to_number", ["+Infinity"], "valid number string"),
        ("cast_null", [1], "operand 1 must be null but got number"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message


def test_operands_are_left_as_they_are(call: Call) -> None:
    left, right = {"a": {"b": 1}}, {"a": {"c": 2}}
    call("object.union", left, right)
    items = [3, 1, 2]
    call("sort", items)
    call("array.reverse", items)
    assert (left, right, items) == ({"a": {"b": 1}}, {"a": {"c": 2}}, [3, 1, 2])


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("numbers.range", [0, 10**30]),
        ("numbers.range_step", [0, 10**12, 2]),
        ("bits.lsh", [1, 10**30]),
        ("array.concat", [[0] * 1500, [0] * 1500]),
        ("array.flatten", [[[0] * 1500, [0] * 1500]]),
        ("union", [S([S(range(1500)), S(range(1500, 3000))])]),
        ("sort", [list(range(5000))]),
        ("object.subset", [list(range(2000)), [0, 1]]),
    ],
)
def test_work_is_paid_for(poor_call: Call, name: str, operands: list[Any]) -> None:
    with pytest.raises(BudgetError):
        poor_call(name, *operands)
