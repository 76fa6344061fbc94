"""Rego's operators on numbers and sets, the same for operators and for builtins of their names.

Numbers are exact where both operands are integers; other results are the nearest number to the exact
decimal result, as OPA's big floats print. Operands of the wrong type raise :class:`BuiltinError`.
"""

from __future__ import annotations

from typing import Any

from gateproof.rego.errors import BuiltinError, EvalError
from gateproof.rego.values import RegoSet, Value, type_name

BITS = 64
"""Significant bits of OPA's numbers where they are not whole, or are divided."""
_EXACT = 2**53
MAX_BITS = 16_384
"""The largest integer that arithmetic makes, in bits; beyond it the result would only eat memory."""


def plus(left: Value, right: Value) -> Value:
    """``left + right``."""
    _numbers("plus", left, right)
    return left + right if _integers(left, right) else _decimal("+", left, right)


def minus(left: Value, right: Value) -> Value:
    """``left - right`` of numbers, or the elements of one set that the other does not have."""
    if type(left) is RegoSet and type(right) is RegoSet:
        return RegoSet({name: item for name, item in left.items.items() if name not in right.items})
    if (type(left) is RegoSet) != (type(right) is RegoSet) and is_number(left if type(right) is RegoSet else right):
        wanted, given = ("number", "set") if is_number(left) else ("set", "number")
        raise BuiltinError("eval_type_error", f"minus: operand 2 must be {wanted} but got {given}")
    _numbers("minus", left, right, "{number, set}")
    return left - right if _integers(left, right) else _decimal("-", left, right)


def mul(left: Value, right: Value) -> Value:
    """``left * right``."""
    _numbers("mul", left, right)
    if not _integers(left, right):
        return _decimal("*", left, right)
    if left.bit_length() + right.bit_length() > MAX_BITS:
        raise BuiltinError("eval_builtin_error", "mul: the product is too large")
    return left * right


def div(left: Value, right: Value) -> Value:
    """``left / right``; an integer where the division has no rest."""
    _numbers("div", left, right)
    if right == 0:
        raise BuiltinError("eval_builtin_error", "div: divide by zero")
    if _integers(left, right) and max(left.bit_length(), right.bit_length()) <= BITS:
        quotient, rest = divmod(left, right)
        if not rest:
            return quotient
    return _decimal("/", left, right)


def rem(left: Value, right: Value) -> Value:
    """``left % right`` of integers, with the sign of ``left``."""
    _numbers("rem", left, right)
    if not (float(left).is_integer() if type(left) is float else True) or (
        type(right) is float and not right.is_integer()
    ):
        raise BuiltinError("eval_builtin_error", "rem: modulo on floating-point number")
    if right == 0:
        raise BuiltinError("eval_builtin_error", "rem: modulo by zero")
    result = abs(int(left)) % abs(int(right))
    return -result if left < 0 else result


def union(left: Value, right: Value) -> Value:
    """``left | right`` of sets."""
    _sets("or", left, right)
    return RegoSet({**left.items, **right.items})


def intersection(left: Value, right: Value) -> Value:
    """``left & right`` of sets."""
    _sets("and", left, right)
    return RegoSet({name: item for name, item in left.items.items() if name in right.items})


def is_number(value: Value) -> bool:
    """Whether ``value`` is a number; booleans are not."""
    return type(value) is int or type(value) is float


def _integers(left: Value, right: Value) -> bool:
    return type(left) is int and type(right) is int


def _numbers(name: str, left: Value, right: Value, wanted: str = "number") -> None:
    for position, operand in ((1, left), (2, right)):
        if not is_number(operand):
            raise BuiltinError(
                "eval_type_error", f"{name}: operand {position} must be {wanted} but got {type_name(operand)}"
            )


def _sets(name: str, left: Value, right: Value) -> None:
    for position, operand in ((1, left), (2, right)):
        if type(operand) is not RegoSet:
            raise BuiltinError(
                "eval_type_error", f"{name}: operand {position} must be set but got {type_name(operand)}"
            )


def _decimal(operator: str, left: Any, right: Any) -> int | float:
    """The result in decimal, as the nearest float; an integer where it is one exactly."""
    if any(type(operand) is int and operand.bit_length() > BITS for operand in (left, right)):
        return _extended(operator, left, right)
    from decimal import Context, Decimal

    context = Context(prec=40)
    a = Decimal(left) if type(left) is int else Decimal(repr(left))
    b = Decimal(right) if type(right) is int else Decimal(repr(right))
    if operator == "+":
        result = context.add(a, b)
    elif operator == "-":
        result = context.subtract(a, b)
    elif operator == "*":
        result = context.multiply(a, b)
    else:
        result = context.divide(a, b)
    if result.adjusted() > 308:
        raise BuiltinError("eval_builtin_error", "the result is too large")
    return normal(result) if abs(result) < _EXACT else _extended(operator, left, right)


def _extended(operator: str, left: int | float, right: int | float) -> int | float:
    """The result of 64 significant bits. One that is not whole is refused where doubles have no fractions."""
    from gateproof.rego.extended import operand, rounded, shown

    a, b = operand(left), operand(right)
    result = shown(rounded({"+": a + b, "-": a - b, "*": a * b}[operator] if operator != "/" else a / b))
    if result.denominator == 1:
        return int(result)
    if abs(result) < _EXACT:
        return float(result)
    raise EvalError(
        "eval_builtin_error",
        "the result of a calculation has more digits than a double",
        hint="calculate with whole numbers beyond 2**53",
    )


def normal(number: Any) -> int | float:
    """A decimal as an integer where it is one, else as the nearest float."""
    return int(number) if number == number.to_integral_value() else float(number)
