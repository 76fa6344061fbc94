"""Quantities with units: ``10Ki``, ``1.5G``, ``200m``."""

from __future__ import annotations

import re
from fractions import Fraction

from gateproof.errors import BudgetError
from gateproof.rego.builtins.operands import fail, string
from gateproof.rego.context import Context
from gateproof.rego.values import Value

_PREFIXES = "kmgtpe"
_DECIMAL = {letter: 1000 ** (power + 1) for power, letter in enumerate(_PREFIXES)}
_BINARY = {f"{letter}i": 1024 ** (power + 1) for power, letter in enumerate(_PREFIXES)}
_UNITS = {**_DECIMAL, **_BINARY}
_BYTE_UNITS = {**_UNITS, **{f"{name}b": factor for name, factor in _UNITS.items()}}
_MILLI = Fraction(0.001)  # the binary fraction nearest to 0.001, as OPA has it
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?")
_AMOUNT = re.compile(r"(?:[0-9.+-]|[eE](?=[0-9+-])[+-]?)*")
_MAX_EXPONENT_DIGITS = 6
_MAX_EXPONENT = 4000
_PLACES = 10


def units_parse(ctx: Context, text: Value) -> int | float:
    """A quantity by Kubernetes' units: ``m`` is a thousandth, ``M`` a million; the rest is not case-sensitive."""
    ctx.spend(len(string(text, 1)) // 8)
    amount, unit = _split(text.replace('"', ""), "units.parse", "amount")
    unit = unit[:1] + unit[1:].lower()
    value = _number(amount, "units.parse", "amount") * _factor(unit)
    if value.denominator == 1:
        return value.numerator
    return float(Fraction(_round_half_up(value * 10**_PLACES), 10**_PLACES))


def _factor(unit: str) -> Fraction:
    if unit == "m":
        return _MILLI
    if unit == "":
        return Fraction(1)
    if unit.lower() not in _UNITS:
        raise fail(f"units.parse: unit {unit} not recognized")
    return Fraction(_UNITS[unit.lower()])


def _round_half_up(value: Fraction) -> int:
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -magnitude if value < 0 else magnitude


def units_parse_bytes(ctx: Context, text: Value) -> int:
    """A number of bytes, fractions of a byte cut off; case does not matter and a ``b`` may follow."""
    ctx.spend(len(string(text, 1)) // 8)
    amount, unit = _split(text.lower().replace('"', ""), "units.parse_bytes", "byte amount")
    if unit and unit not in _BYTE_UNITS:
        raise fail(f"units.parse_bytes: byte unit {unit} not recognized")
    value = _round_to_64_bits(_number(amount, "units.parse_bytes", "byte amount"))
    return int(_round_to_64_bits(value * _BYTE_UNITS.get(unit, 1)))


def _split(text: str, name: str, noun: str) -> tuple[str, str]:
    """The number in front and the unit behind it."""
    if " " in text:
        raise fail(f"{name}: spaces not allowed in resource strings")
    match = _AMOUNT.match(text)
    amount = match[0] if match else ""
    if re.search(rf"[eE][+-]?[0-9]{{{_MAX_EXPONENT_DIGITS + 1}}}", amount):
        raise fail(f"{name}: exponent too large")
    if not amount:
        raise fail(f"{name}: no {noun} provided")
    return amount, text[len(amount) :]


def _number(amount: str, name: str, noun: str) -> Fraction:
    match = _NUMBER.fullmatch(amount)
    if match is None:
        raise fail(f"{name}: could not parse {noun} to a number")
    if len(amount) > _MAX_EXPONENT or abs(int(match["exponent"] or 0)) > _MAX_EXPONENT:
        raise BudgetError(f"{name}: the number is too large", hint="write it with a larger unit")
    return Fraction(amount)


def _round_to_64_bits(value: Fraction) -> Fraction:
    """``value`` with the 64 bits of mantissa that OPA computes with, half to even."""
    if value == 0:
        return value
    shift = abs(value.numerator).bit_length() - value.denominator.bit_length() - 64
    scaled = round(value / Fraction(2) ** shift)
    if abs(scaled).bit_length() > 64:
        shift += 1
        scaled = round(value / Fraction(2) ** shift)
    return scaled * Fraction(2) ** shift
