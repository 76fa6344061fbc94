"""Bitwise operations on integers of any size, negative ones as two's complement without end."""

from __future__ import annotations

from gateproof.errors import BudgetError
from gateproof.rego.arithmetic import MAX_BITS
from gateproof.rego.builtins.operands import integer, wrong_operand
from gateproof.rego.context import Context
from gateproof.rego.values import Value


def bits_and(left: Value, right: Value) -> int:
    return integer(left, 1) & integer(right, 2)


def bits_or(left: Value, right: Value) -> int:
    return integer(left, 1) | integer(right, 2)


def bits_xor(left: Value, right: Value) -> int:
    return integer(left, 1) ^ integer(right, 2)


def bits_negate(value: Value) -> int:
    return ~integer(value, 1)


def bits_lsh(ctx: Context, value: Value, distance: Value) -> int:
    """``value`` shifted left; the result may have 16,384 bits."""
    number, places = integer(value, 1), _unsigned(distance)
    if number.bit_length() + places > MAX_BITS and number:
        raise BudgetError(f"bits.lsh: the result has more than {MAX_BITS} bits", hint="shift by fewer places")
    ctx.spend(places // 64)
    return number << places if number else 0


def bits_rsh(value: Value, distance: Value) -> int:
    return integer(value, 1) >> min(_unsigned(distance), 2**20)


def _unsigned(distance: Value) -> int:
    places = integer(distance, 2)
    if places < 0:
        raise wrong_operand(2, "must be an unsigned integer number but got a negative integer")
    return places
