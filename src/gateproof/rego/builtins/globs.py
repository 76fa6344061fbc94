"""``glob.match``: what OPA's globs (the Go module gobwas/glob) match, in all particulars."""

from __future__ import annotations

from functools import lru_cache

from gateproof.rego.builtins import glob_reading
from gateproof.rego.builtins.glob_matching import Part, Search
from gateproof.rego.builtins.operands import array, fail, string, wrong_element, wrong_type
from gateproof.rego.builtins.quoting import well_formed
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value

_SPECIAL = "*?\\[]{}"
_REMEMBERED = 128
_COMPILING = 40


def glob_match(ctx: Context, pattern: Value, delimiters: Value, text: Value) -> bool:
    """Whether all of ``text`` matches; the delimiters of ``[]`` are ``["."]``, null is none."""
    glob = string(pattern, 1)
    separators = _delimiters(delimiters)
    whole = string(text, 3)
    ctx.spend(1 + (len(glob) + len(whole)) // 16)
    compiled = _known(ctx, glob, separators)
    if isinstance(compiled, str):
        raise fail(compiled)
    encoded = well_formed(whole).encode()
    return compiled.match(Search(ctx, encoded), 0, len(encoded))


def _delimiters(value: Value) -> str:
    if value is None:
        return ""
    if type(value) is not list:
        raise wrong_type(2, value, "array", "null")
    for item in array(value, 2):
        if type(item) is not str:
            raise wrong_element(2, value, item, "string")
        if len(item) != 1:
            raise wrong_element(2, value, item, "rune")
    return "".join(value) or "."


def glob_quote_meta(ctx: Context, text: Value) -> str:
    ctx.spend(len(string(text, 1)) // 16)
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


def _known(ctx: Context, glob: str, separators: str) -> Part | str:
    """The compiled ``glob``, or why it is none; paid for where it is not among the last of this evaluation."""
    recent: dict[tuple[str, str], Part | str] = ctx.cache.setdefault(_known, {})
    compiled = recent.pop((glob, separators), None)
    if compiled is None:
        ctx.spend(_COMPILING + 2 * len(glob))
        node = _read(glob)
        if isinstance(node, str):
            compiled = node
        else:
            ctx.spend(10 * glob_reading.size(node))
            compiled = _compiled(glob, separators)
        if len(recent) >= _REMEMBERED:
            del recent[next(iter(recent))]
    recent[glob, separators] = compiled
    return compiled


@lru_cache(maxsize=_REMEMBERED)
def _read(glob: str) -> glob_reading.Node | str:
    try:
        return glob_reading.read(glob)
    except BuiltinError as error:
        return error.message


@lru_cache(maxsize=_REMEMBERED)
def _compiled(glob: str, separators: str) -> Part:
    return glob_reading.compiled(glob_reading.read(glob), separators)
