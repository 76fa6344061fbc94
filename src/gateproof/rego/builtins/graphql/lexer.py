"""GraphQL's tokens (https://spec.graphql.org/October2021/#sec-Language.Source-Text).

As in OPA a number may stand directly before a name, escapes are those of JSON, halves of surrogate pairs
become U+FFFD, and the first line of a block string counts for its indentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from gateproof.rego.builtins.operands import fail
from gateproof.rego.errors import BuiltinError

__all__ = ["BLOCK_STRING", "END", "NAME", "Token", "complaint", "tokenize"]

NAME, STRING, BLOCK_STRING, INT, FLOAT, END = "Name", "String", "BlockString", "Int", "Float", "<EOF>"

_STEPS_OF_A_TOKEN = 20

# Repetitions are possessive: nothing is read twice.
_TOKEN = re.compile(
    r"""(?P<ignored> [\t\n\r\ ,\ufeff]++ )
    |   (?P<comment> \#[^\x00-\x08\x0a-\x1f]*+ )
    |   (?P<name> [_A-Za-z][_0-9A-Za-z]*+ )
    |   (?P<punctuator> \.\.\. | [!$&():=@\[\]{}|] )
    |   (?P<number> [-0-9][0-9]*+ (?:\.[0-9]*+)? (?:[eE][+-]?[0-9]*+)? )
    |   \"\"\" (?P<block> (?: \\\"\"\" | (?!\"\"\")[^\x00-\x08\x0b\x0c\x0e-\x1f] )*+ ) (?P<closing> \"{3,}+ )
    |   (?!\"\"\") " (?P<string> (?: [^"\\\x00-\x08\x0a-\x1f] | \\(?: ["\\/bfnrt] | u[0-9a-fA-F]{4} ) )*+ ) "
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?P<fraction>(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)")
_ESCAPE = re.compile(r"\\(?:u(?P<code>.{4})|(?P<letter>.))")
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LINE_END = re.compile(r"\r\n|\r|\n")


class Token(NamedTuple):
    """``kind``: one of the names above, or the punctuator. ``comments``: those right before the token."""

    kind: str
    value: str
    offset: int
    comments: tuple[str, ...]

    def __str__(self) -> str:
        return f'{self.kind} "{self.value}"' if self.value else self.kind


def tokenize(text: str, spend: Callable[[int], None]) -> list[Token]:
    """The tokens of ``text``, the last of them :data:`END`; every one is paid for with ``spend``.

    Raises :class:`~gateproof.rego.errors.BuiltinError` where no token can be read.
    """
    tokens: list[Token] = []
    comments: list[str] = []
    offset = 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None:
            raise complaint(text, offset, "no token begins")
        spend(_STEPS_OF_A_TOKEN)
        group = found.lastgroup
        if group == "comment":
            comments.append(found[0])
        elif group != "ignored":
            kind, value = _read(found, text)
            tokens.append(Token(kind, value, offset, tuple(comments)))
            comments.clear()
        offset = found.end()
    tokens.append(Token(END, "", offset, tuple(comments)))
    return tokens


def complaint(text: str, offset: int, message: str) -> BuiltinError:
    """The error ``message`` with the line and the column (both from 1) of ``offset``."""
    ends = [end.end() for end in _LINE_END.finditer(text, 0, offset)]
    column = offset - (ends[-1] if ends else 0) + 1
    return fail(f"{message} in GraphQL string at location {len(ends) + 1}:{column}")


def _read(found: re.Match[str], text: str) -> tuple[str, str]:
    group = found.lastgroup
    if group == "name":
        return NAME, found[0]
    if group == "punctuator":
        return found[0], ""
    if group == "number":
        number = _NUMBER.fullmatch(found[0])
        if number is None:
            raise complaint(text, found.start(), "a number is incomplete or begins with 0")
        return (FLOAT if number["fraction"] else INT), found[0]
    if group == "string":
        return STRING, _ESCAPE.sub(_unescape, found["string"])
    quotes_within = '"' * (len(found["closing"]) - 3)
    return BLOCK_STRING, _dedent(found["block"].replace('\\"""', '"""') + quotes_within)


def _unescape(found: re.Match[str]) -> str:
    if found["code"] is None:
        return _LETTERS.get(found["letter"], found["letter"])
    code = int(found["code"], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def _dedent(raw: str) -> str:
    """A block string without the indentation that all of its lines share, and without blank lines around it."""
    lines = _LINE_END.sub("\n", raw).split("\n")
    written = [number for number, line in enumerate(lines) if line.strip(" \t")]
    if not written:
        return ""
    indent = min(len(lines[number]) - len(lines[number].lstrip(" \t")) for number in written)
    dedented = [lines[0], *(line[indent:] for line in lines[1:])]
    return "\n".join(dedented[written[0] : written[-1] + 1])
