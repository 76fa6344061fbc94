"""Strings: searching, case, trimming, splitting. Lengths and offsets count code points, as Go's runes do.

Spending: one step for each 64 characters that are read, one for each piece that is made.
"""

from __future__ import annotations

from gateproof.rego.builtins.numerals import decimal
from gateproof.rego.builtins.operands import (
    collection,
    fail,
    machine_integer,
    number,
    string,
    wrong_element,
    wrong_operand,
    wrong_type,
)
from gateproof.rego.context import Context
from gateproof.rego.values import RegoSet, Value

_GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" + (
    "\u2028\u2029\u202f\u205f\u3000"
)
_RADIX = {2: "b", 8: "o", 10: "d", 16: "x"}


def startswith(text: Value, prefix: Value) -> bool:
    return string(text, 1).startswith(string(prefix, 2))


def endswith(text: Value, suffix: Value) -> bool:
    return string(text, 1).endswith(string(suffix, 2))


def contains(ctx: Context, text: Value, part: Value) -> bool:
    _read(ctx, string(text, 1))
    return string(part, 2) in text


def strings_count(ctx: Context, text: Value, part: Value) -> int:
    _read(ctx, string(text, 1))
    return string(text, 1).count(string(part, 2))


def indexof(ctx: Context, text: Value, part: Value) -> int:
    _read(ctx, string(text, 1))
    return string(text, 1).find(_sought(part))


def indexof_n(ctx: Context, text: Value, part: Value) -> list[Value]:
    """The offsets of all occurrences, overlapping ones included."""
    haystack, needle = string(text, 1), _sought(part)
    _read(ctx, haystack)
    found: list[Value] = []
    at = haystack.find(needle)
    while at >= 0:
        ctx.spend(1 + len(needle) // 64)
        found.append(at)
        at = haystack.find(needle, at + 1)
    return found


def _sought(part: Value) -> str:
    if string(part, 2) == "":
        raise fail("empty search character")
    return string(part, 2)


def substring(ctx: Context, text: Value, offset: Value, length: Value) -> str:
    """``length`` code points from ``offset``; all that follow when ``length`` is negative."""
    whole, start, size = string(text, 1), machine_integer(offset, 2), machine_integer(length, 3)
    if start < 0:
        raise fail("negative offset")
    _read(ctx, whole)
    return whole[start:] if size < 0 else whole[start : start + size]


def strings_any_prefix_match(ctx: Context, texts: Value, prefixes: Value) -> bool:
    found, sought = _candidates(ctx, texts, 1), tuple(_candidates(ctx, prefixes, 2))
    ctx.spend(len(found) * len(sought))
    return any(text.startswith(sought) for text in found)


def strings_any_suffix_match(ctx: Context, texts: Value, suffixes: Value) -> bool:
    found, sought = _candidates(ctx, texts, 1), tuple(_candidates(ctx, suffixes, 2))
    ctx.spend(len(found) * len(sought))
    return any(text.endswith(sought) for text in found)


def _candidates(ctx: Context, value: Value, position: int) -> list[str]:
    if type(value) is str:
        return [value]
    if type(value) is not list and type(value) is not RegoSet:
        raise wrong_type(position, value, "string", "set", "array")
    items = collection(value, position)
    ctx.spend(len(items))
    for item in items:
        if type(item) is not str:
            raise wrong_element(position, value, item, "string")
    return items


def lower(ctx: Context, text: Value) -> str:
    """Lower case by Unicode's simple mapping: one code point for one, as Go maps them."""
    _read(ctx, string(text, 1))
    if text.isascii():
        return string(text, 1).lower()
    ctx.spend(len(text))
    return "".join(char.lower()[0] for char in text)


def upper(ctx: Context, text: Value) -> str:
    """Upper case by Unicode's simple mapping: ``ß`` stays as it is."""
    _read(ctx, string(text, 1))
    if text.isascii():
        return string(text, 1).upper()
    ctx.spend(len(text))
    return "".join(_upper(char) for char in text)


def _upper(char: str) -> str:
    for mapped in (char.upper(), char.title()):
        if len(mapped) == 1:
            return mapped
    return char


def strings_reverse(ctx: Context, text: Value) -> str:
    _read(ctx, string(text, 1))
    return string(text, 1)[::-1]


def trim(ctx: Context, text: Value, cutset: Value) -> str:
    _read(ctx, string(text, 1))
    return string(text, 1).strip(string(cutset, 2))


def trim_left(ctx: Context, text: Value, cutset: Value) -> str:
    _read(ctx, string(text, 1))
    return string(text, 1).lstrip(string(cutset, 2))


def trim_right(ctx: Context, text: Value, cutset: Value) -> str:
    _read(ctx, string(text, 1))
    return string(text, 1).rstrip(string(cutset, 2))


def trim_prefix(ctx: Context, text: Value, prefix: Value) -> str:
    _read(ctx, string(text, 1))
    return string(text, 1).removeprefix(string(prefix, 2))


def trim_suffix(ctx: Context, text: Value, suffix: Value) -> str:
    _read(ctx, string(text, 1))
    return string(text, 1).removesuffix(string(suffix, 2))


def trim_space(ctx: Context, text: Value) -> str:
    """Without Unicode's white space at both ends."""
    _read(ctx, string(text, 1))
    return string(text, 1).strip(_GO_SPACE)


def split(ctx: Context, text: Value, delimiter: Value) -> list[Value]:
    """The pieces between delimiters; the code points where the delimiter is empty."""
    whole, between = string(text, 1), string(delimiter, 2)
    _read(ctx, whole)
    ctx.spend(whole.count(between))
    return list(whole.split(between)) if between else list(whole)


def strings_split_n(ctx: Context, text: Value, delimiter: Value, limit: Value) -> list[Value]:
    """The first ``limit`` pieces; the last ones where ``limit`` is negative."""
    count = machine_integer(limit, 3)
    pieces = split(ctx, text, delimiter)
    return pieces[:count] if count >= 0 else pieces[count:]


def format_int(ctx: Context, value: Value, base: Value) -> str:
    """``value``, its fraction cut off, in base 2, 8, 10 or 16."""
    whole = int(number(value, 1))
    radix = _RADIX.get(base) if type(number(base, 2)) is int else None
    if radix is None:
        raise wrong_operand(2, "must be one of {2, 8, 10, 16}")
    ctx.check_size(whole.bit_length())
    ctx.spend(whole.bit_length() // 64)
    return decimal(whole) if radix == "d" else format(whole, radix)


def _read(ctx: Context, text: str) -> None:
    """Charge for reading ``text`` once."""
    if len(text) >= 64:
        ctx.spend(len(text) // 64)
