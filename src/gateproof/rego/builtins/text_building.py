"""Strings made of other values: joining, replacing, ``sprintf``.

What is made can be much longer than the operands, so that every function says how long before it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateproof.rego.builtins.formatting import Argument, go_sprintf
from gateproof.rego.builtins.numerals import number_text
from gateproof.rego.builtins.operands import array, object_, string, string_items, wrong_operand
from gateproof.rego.builtins.quoting import encode_utf8, term_text
from gateproof.rego.context import Context
from gateproof.rego.values import Value, object_keys

_PLACES = re.compile("%[sv]")

_LARGE = 1e21
"""Numbers from here on are written with an exponent."""


def concat(ctx: Context, delimiter: Value, parts: Value) -> str:
    joint = string(delimiter, 1)
    items = string_items(parts, 2)
    _make(ctx, sum(map(len, items)) + len(joint) * max(len(items) - 1, 0))
    ctx.spend(len(items))
    return joint.join(items)


def replace(ctx: Context, text: Value, old: Value, new: Value) -> str:
    whole, before, after = string(text, 1), string(old, 2), string(new, 3)
    ctx.spend(len(whole) // 64)
    if not before:
        return _insert_everywhere(ctx, whole, {}, after)
    _make(ctx, len(whole) + whole.count(before) * (len(after) - len(before)))
    return whole.replace(before, after)


def strings_replace_n(ctx: Context, patterns: Value, text: Value) -> str:
    """Replace all patterns in one pass: at each place the first of them, in Rego's order, that is there."""
    pairs = _pairs(patterns)
    whole = string(text, 2)
    growth = _growth(ctx)
    ctx.spend(sum(1 + len(old) for old in pairs) + len(whole) * (1 + len(pairs)) // 64)
    insertion = pairs.pop("", None)
    if insertion is not None:
        return _insert_everywhere(ctx, whole, pairs, insertion)
    if not pairs:
        return whole
    finder = re.compile("|".join(map(re.escape, pairs)))

    def substitute(match: re.Match[str]) -> str:
        replacement = pairs[match[0]]
        ctx.spend(1)
        growth(len(replacement))
        return replacement

    return finder.sub(substitute, whole)


def _pairs(patterns: Value) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for name in object_keys(object_(patterns, 1)):
        if type(name) is not str:
            raise wrong_operand(1, "non-string key found in pattern object")
        if type(patterns[name]) is not str:
            raise wrong_operand(1, "non-string value found in pattern object")
        pairs[name] = patterns[name]
    return pairs


def _insert_everywhere(ctx: Context, text: str, pairs: dict[str, str], insertion: str) -> str:
    """The pattern ``""`` comes first: it matches once at every place, before the others have their turn.

    A place is between two bytes in Go, also inside of a character; so the text is taken byte by byte.
    """
    raw, new = _by_bytes(text), _by_bytes(insertion)
    replacements = {_by_bytes(old): _by_bytes(replacement) for old, replacement in pairs.items()}
    growth = _growth(ctx)
    pieces: list[str] = []
    at = 0
    while at < len(raw):
        ctx.spend(1 + len(pairs))
        old = next((old for old in replacements if raw.startswith(old, at)), raw[at])
        pieces += (new, replacements.get(old, old))
        growth(len(new) + len(pieces[-1]))
        at += len(old)
    return ("".join(pieces) + new).encode("latin-1").decode("utf-8", "surrogateescape")


def _by_bytes(text: str) -> str:
    return encode_utf8(text).decode("latin-1")


def sprintf(ctx: Context, template: Value, values: Value) -> str:
    """Go's ``fmt.Sprintf``; what is no string or number is formatted as its text."""
    form = string(template, 1)
    arguments = [value if type(value) is str else _argument(ctx, value) for value in array(values, 2)]
    ctx.spend(1 + len(form) // 16 + len(arguments))
    return _of_strings(ctx, form, arguments) or go_sprintf(form, arguments, _growth(ctx))


_PLAIN = 2**63
_FORMATTING = 4
"""Steps for a value that is printed as Go prints it, by its kind."""


def shown(ctx: Context, value: Value) -> str:
    """``value`` as ``sprintf`` shows it in the place of a ``%v``."""
    argument = _argument(ctx, value)
    if type(argument) is str:
        return argument
    if type(argument) is int and -_PLAIN < argument < _PLAIN:
        return str(argument)
    ctx.spend(_FORMATTING)
    return go_sprintf("%v", [argument], _growth(ctx))


def _of_strings(ctx: Context, form: str, arguments: list[Argument]) -> str | None:
    """What nearly every policy asks for: strings in the places of ``%s`` and ``%v``, and nothing else; else None."""
    pieces = _PLACES.split(form)
    if len(pieces) != len(arguments) + 1 or form.count("%") != len(arguments):
        return None
    whole: list[str] = []
    for piece, argument in zip(pieces, arguments, strict=False):
        if type(argument) is not str:
            return None
        whole += (piece, argument)
    whole.append(pieces[-1])
    _make(ctx, sum(map(len, whole)))
    return "".join(whole)


def _argument(ctx: Context, value: Value) -> Argument:
    """What stands for ``value``: OPA takes a large number without a point, such as 1e+21, for a string."""
    if type(value) is str or type(value) is int:
        return value
    if type(value) is float:
        written = number_text(value) if abs(value) >= _LARGE else "."
        return value if "." in written else written
    text = term_text(value, ctx.spend)
    _make(ctx, len(text))
    return text


def _growth(ctx: Context) -> Callable[[int], None]:
    """A counter of the characters made so far, which charges for them and refuses too many."""
    made = 0

    def grow(characters: int) -> None:
        nonlocal made
        made += characters
        _make(ctx, made, characters)

    return grow


def _make(ctx: Context, size: int, characters: int | None = None) -> None:
    ctx.check_size(size)
    ctx.spend((size if characters is None else characters) // 16)
