"""Operands of builtins: the checks that every family makes, and the words in which OPA refuses an operand.

Each function takes the value and its position (from 1) and returns the value, now of a known type, or raises
:class:`~gateproof.rego.errors.BuiltinError` with the code ``eval_type_error``.
"""

from __future__ import annotations

from typing import Any

from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet, Value, type_name

__all__ = [
    "array",
    "collection",
    "fail",
    "integer",
    "machine_integer",
    "number",
    "object_",
    "set_",
    "string",
    "string_items",
    "wrong_element",
    "wrong_operand",
    "wrong_type",
]

_INT64 = range(-(2**63), 2**63)


def fail(message: str) -> BuiltinError:
    """The error of a builtin that got operands of the right types and still has no result."""
    return BuiltinError("eval_builtin_error", message)


def wrong_operand(position: int, complaint: str) -> BuiltinError:
    """The type error that says ``complaint`` of the operand at ``position``."""
    return BuiltinError("eval_type_error", f"operand {position} {complaint}")


def wrong_type(position: int, value: Value, *expected: str) -> BuiltinError:
    """The type error for an operand that is none of the ``expected`` types."""
    return wrong_operand(position, f"must be {_choice(expected)} but got {type_name(value)}")


def wrong_element(position: int, value: Value, element: Value, expected: str) -> BuiltinError:
    """The type error for an array or set with an element that is not ``expected``."""
    kind = type_name(value)
    return wrong_operand(position, f"must be {kind} of {expected}s but got {kind} containing {type_name(element)}")


def _choice(expected: tuple[str, ...]) -> str:
    return expected[0] if len(expected) == 1 else f"one of {{{', '.join(expected)}}}"


def string(value: Value, position: int) -> str:
    if type(value) is str:
        return value
    raise wrong_type(position, value, "string")


def number(value: Value, position: int) -> int | float:
    if type(value) is int or type(value) is float:
        return value
    raise wrong_type(position, value, "number")


def integer(value: Value, position: int) -> int:
    """An integer of any size; a float counts when it is whole."""
    if type(value) is int:
        return value
    if type(value) is float:
        if value.is_integer():
            return int(value)
        raise _not_integer(position)
    raise wrong_type(position, value, "integer")


def machine_integer(value: Value, position: int) -> int:
    """An integer of 64 bits, which OPA takes only where it is written as one: not ``1.0``."""
    if type(value) is int and value in _INT64:
        return value
    number(value, position)
    raise _not_integer(position)


def _not_integer(position: int) -> BuiltinError:
    return wrong_operand(position, "must be integer number but got floating-point number")


def array(value: Value, position: int) -> list[Value]:
    if type(value) is list:
        return value
    raise wrong_type(position, value, "array")


def object_(value: Value, position: int) -> dict[Any, Value]:
    if type(value) is dict:
        return value
    raise wrong_type(position, value, "object")


def set_(value: Value, position: int) -> RegoSet:
    if type(value) is RegoSet:
        return value
    raise wrong_type(position, value, "set")


def collection(value: Value, position: int) -> list[Value]:
    """The elements of an array or a set (in Rego's order); not to be changed."""
    if type(value) is list:
        return value
    if type(value) is RegoSet:
        return value.ordered()
    raise wrong_type(position, value, "set", "array")


def string_items(value: Value, position: int) -> list[str]:
    """The elements of an array or set of strings."""
    items = collection(value, position)
    for item in items:
        if type(item) is not str:
            raise wrong_element(position, value, item, "string")
    return items
