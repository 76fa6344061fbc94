"""Numbers as OPA calculates with them where integers do not suffice: binary fractions of 64 significant bits.

Go's ``big.Float`` takes that precision from the text of a number. Doubles have 53 bits, and both agree on everything
that policies usually calculate; this module is for the rest, beyond 2**53.
"""

from __future__ import annotations

from fractions import Fraction

from gateproof.rego.arithmetic import BITS

_DIGITS = 23
"""More than any number of 64 significant bits needs."""


def exact(number: int | float) -> Fraction:
    """The number that the text of ``number`` says: 0.1 is a tenth, not the double next to it."""
    return Fraction(number) if type(number) is int else Fraction(repr(number))


def rounded(number: Fraction) -> Fraction:
    """The nearest number of 64 significant bits; of two that are as near, the one whose last bit is 0."""
    if not number:
        return number
    shift = BITS - number.numerator.bit_length() + number.denominator.bit_length()
    if abs(number) * Fraction(2) ** shift >= 1 << BITS:  # the quotient of two lengths is one bit too long, or none
        shift -= 1
    scale = Fraction(2) ** shift
    return round(number * scale) / scale


def operand(number: int | float) -> Fraction:
    """``number`` as an operand."""
    return rounded(exact(number))


def shown(number: Fraction) -> Fraction:
    """``number`` as OPA writes it and reads it again: the fewest decimal digits that round to it."""
    from decimal import Context, Decimal

    for digits in range(1, _DIGITS):
        context = Context(prec=digits)
        short = Fraction(context.divide(Decimal(number.numerator), Decimal(number.denominator)))
        if rounded(short) == number:
            return short
    return number
