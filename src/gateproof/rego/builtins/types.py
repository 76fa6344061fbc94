"""Types: names, tests and conversions; ``trace``, which only talks."""

from __future__ import annotations

from typing import Any

from gateproof.rego.builtins import operands
from gateproof.rego.builtins.numerals import parse_number
from gateproof.rego.builtins.operands import fail, string, wrong_type
from gateproof.rego.builtins.quoting import quote
from gateproof.rego.context import Context
from gateproof.rego.values import RegoSet, Value
from gateproof.rego.values import type_name as name_of_type


def type_name(value: Value) -> str:
    return name_of_type(value)


def is_null(value: Value) -> bool:
    return value is None


def is_boolean(value: Value) -> bool:
    return type(value) is bool


def is_number(value: Value) -> bool:
    return type(value) is int or type(value) is float


def is_string(value: Value) -> bool:
    return type(value) is str


def is_array(value: Value) -> bool:
    return type(value) is list


def is_object(value: Value) -> bool:
    return type(value) is dict


def is_set(value: Value) -> bool:
    return type(value) is RegoSet


def to_number(value: Value) -> int | float:
    """Null is 0, true 1, a string what Go reads of it."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]  # a number, says its kind
    if value is None or kind is bool:
        return int(bool(value))
    if kind is not str:
        raise wrong_type(1, value, "null", "boolean", "number", "string")
    if value.lstrip("+-").lower() in ("inf", "infinity", "nan"):
        raise wrong_type(1, value, "valid number string")
    number = parse_number(value)
    if number is None:
        raise fail(f"strconv.ParseFloat: parsing {quote(value)}: invalid syntax")
    return number


def cast_array(value: Value) -> list[Value]:
    if type(value) is list:
        return value
    if type(value) is RegoSet:
        return list(value.ordered())
    raise wrong_type(1, value, "array", "set")


def cast_set(ctx: Context, value: Value) -> RegoSet:
    if type(value) is RegoSet:
        return value
    if type(value) is list:
        ctx.spend(len(value))
        return RegoSet.of(value)
    raise wrong_type(1, value, "array", "set")


def cast_string(value: Value) -> str:
    return string(value, 1)


def cast_boolean(value: Value) -> bool:
    if type(value) is bool:
        return value
    raise wrong_type(1, value, "boolean")


def cast_null(value: Value) -> None:
    if value is not None:
        raise wrong_type(1, value, "null")


def cast_object(value: Value) -> dict[Any, Value]:
    return operands.object_(value, 1)


def trace(ctx: Context, note: Value) -> bool:
    """Say ``note`` to the host; always true."""
    ctx.print(string(note, 1))
    return True
