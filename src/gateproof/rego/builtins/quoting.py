"""How OPA writes a value into text: Go's quoted strings, and Rego's notation for everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateproof.rego.builtins.numerals import decimal, number_text
from gateproof.rego.values import RegoSet, Value, key, object_keys

__all__ = ["encode_utf8", "is_printable", "quote", "quote_rune", "term_text", "well_formed"]

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
}
_RAW_BYTES = range(0xDC80, 0xDD00)
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = "\ufffd"


def encode_utf8(text: str) -> bytes:
    """The bytes behind ``text``.

    Go's strings may hold bytes that are not UTF-8 (from ``base64.decode``, say); here such a byte is the lone
    surrogate that Python's ``surrogateescape`` makes of it, so that decoding and encoding give the bytes back.
    """
    return text.encode("utf-8", "surrogateescape")


def well_formed(text: str) -> str:
    """``text`` with U+FFFD in place of every surrogate: what Go's runes and JSON show; same length."""
    if text.isascii():
        return text
    return "".join(_REPLACEMENT if ord(char) in _SURROGATES else char for char in text)


def is_printable(char: str) -> bool:
    """Whether Go's ``strconv.IsPrint`` holds: letters, marks, numbers, punctuation, symbols and the space."""
    return char.isprintable()


def quote(text: str, *, ascii_only: bool = False) -> str:
    """``strconv.Quote``, or ``strconv.QuoteToASCII``."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escaped(char, '"', ascii_only) for char in text) + '"'


def quote_rune(char: str, *, ascii_only: bool = False) -> str:
    """``strconv.QuoteRune``, or ``strconv.QuoteRuneToASCII``."""
    return f"'{_escaped(char, chr(39), ascii_only)}'"


def _escaped(char: str, delimiter: str, ascii_only: bool) -> str:
    if char == delimiter:
        return "\\" + char
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if code in _RAW_BYTES:
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable() and (code < 0x80 or not ascii_only):
        return char
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    if code in _SURROGATES:
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def term_text(value: Value, spend: Callable[[int], None]) -> str:
    """``value`` in Rego's notation, strings quoted: what ``sprintf``'s ``%v`` shows of a value in a container.

    ``spend`` is charged for each value in it and for the characters of strings.
    """
    pieces: list[str] = []
    _write(value, pieces.append, spend)
    return "".join(pieces)


def _write(value: Value, write: Callable[[str], object], spend: Callable[[int], None]) -> None:
    kind = type(value)
    spend(1 + (len(value) >> 4) if kind is str else 1)
    if kind is str:
        write(quote(value))
    elif kind is list:
        _write_items("[", value, "]", write, spend)
    elif kind is RegoSet:
        if value:
            _write_items("{", value.ordered(), "}", write, spend)
        else:
            write("set()")
    elif kind is dict:
        _write_object(value, write, spend)
    else:
        write(scalar_text(value))


def scalar_text(value: bool | int | float | None) -> str:
    """The text of null, a boolean or a number."""
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    return decimal(value) if type(value) is int else number_text(value)


def _write_items(
    opening: str,
    items: list[Value],
    closing: str,
    write: Callable[[str], object],
    spend: Callable[[int], None],
) -> None:
    separator = opening
    for item in items:
        write(separator)
        _write(item, write, spend)
        separator = ", "
    write(closing if items else opening + closing)


def _write_object(value: dict[Any, Value], write: Callable[[str], object], spend: Callable[[int], None]) -> None:
    separator = "{"
    for name in object_keys(value):
        write(separator)
        _write(name, write, spend)
        write(": ")
        _write(value[key(name)], write, spend)
        separator = ", "
    write("}" if value else "{}")
