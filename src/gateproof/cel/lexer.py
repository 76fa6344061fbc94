"""CEL's tokens, after the lexical part of its grammar."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from gateproof.cel.errors import CompileError, Problem

MOST_CHARACTERS: Final = 100_000
"""Of an expression; as cel-go."""

_TOKEN = re.compile(
    r"""
    (?P<skip>(?:[\t\ \r\n\f]+|//[^\n]*)+)
  | (?P<bytes>[bB][rR](?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n\r]*"|'[^'\n\r]*')
      |[bB](?:\"{3}(?:\\[\s\S]|[^\\])*?\"{3}|'{3}(?:\\[\s\S]|[^\\])*?'{3}|"(?:\\.|[^\\"\n\r])*"|'(?:\\.|[^\\'\n\r])*'))
  | (?P<string>[rR](?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n\r]*"|'[^'\n\r]*')
      |(?:\"{3}(?:\\[\s\S]|[^\\])*?\"{3}|'{3}(?:\\[\s\S]|[^\\])*?'{3}|"(?:\\.|[^\\"\n\r])*"|'(?:\\.|[^\\'\n\r])*'))
  | (?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
  | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<operator>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]{}])
    """,
    re.VERBOSE,
)
_WORDS: Final = frozenset({"in", "true", "false", "null"})
_SIMPLE: Final = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\"'\\?`])|([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|)"
)


class Token(msgspec.Struct, frozen=True):
    """``kind``: the operator or word itself, ``name``, ``end``, or the type of a literal.

    ``value`` is that of a literal, or the text of a name; ``at`` counts characters from the start of the source.
    """

    kind: str
    value: object
    at: int


class Source:
    """The text of an expression, and the problems found in it."""

    def __init__(self, text: str, where: str = "") -> None:
        self.text = text
        self.where = where
        self._problems: list[tuple[int, str]] = []

    def report(self, at: int, message: str) -> None:
        """Note that there is something wrong at the character ``at``."""
        self._problems.append((at, message))

    def check(self) -> None:
        """Raise CompileError if there is any problem."""
        if self._problems:
            problems = dict.fromkeys(sorted(self._problems, key=lambda problem: problem[0]))
            raise CompileError([Problem(*self.place(at), message) for at, message in problems], where=self.where)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of the character ``at``, from 1."""
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)


def tokens(source: Source) -> list[Token]:
    """The tokens of ``source``, ending with one of the kind ``end``. Problems are reported to it, and raised."""
    text = source.text
    if len(text) > MOST_CHARACTERS:
        source.report(0, f"the expression is longer than {MOST_CHARACTERS} characters")
        source.check()
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            source.report(at, _unreadable(text[at]))
            if text[at] in "\"'":
                break
            at += 1
            continue
        if match.lastgroup != "skip":
            found.append(_token(source, str(match.lastgroup), match[0], at))
        at = match.end()
    source.check()
    found.append(Token("end", None, len(text)))
    return found


def _unreadable(character: str) -> str:
    if character in "\"'":
        return "a string that does not end"
    if character == "`":
        return "identifiers in backquotes are not supported"
    return f"unexpected character {character!r}"


def _token(source: Source, kind: str, text: str, at: int) -> Token:
    match kind:
        case "operator":
            return Token(text, text, at)
        case "name":
            return Token(text if text in _WORDS else "name", text, at)
        case "int" | "uint":
            digits = text.rstrip("uU") if kind == "uint" else text
            hexadecimal = digits.startswith("0x")
            if len(digits) > 30:  # more than 64 bits, and quadratic to read
                source.report(at, f"invalid {kind} literal")
                return Token(kind, 0, at)
            return Token(kind, int(digits, 16 if hexadecimal else 10), at)
        case "double":
            value = float(text)
            if value in (float("inf"), float("-inf")):
                source.report(at, "invalid double literal")
            return Token(kind, value, at)
    return Token(kind, _text(source, text, at, is_bytes=kind == "bytes"), at)


def _text(source: Source, literal: str, at: int, *, is_bytes: bool) -> str | bytes:
    """The value of a literal of a string or of bytes."""
    start = literal.lstrip("bBrR") if literal[0] not in "\"'" else literal
    prefix = literal[: len(literal) - len(start)]
    quotes = 3 if start[:3] in ('"""', "'''") and len(start) >= 6 else 1
    body = start[quotes:-quotes].replace("\r\n", "\n").replace("\r", "\n")
    try:
        if "r" in prefix.lower() or "\\" not in body:
            return body.encode() if is_bytes else body
        return _unescaped_bytes(body) if is_bytes else _ESCAPE.sub(_character, body)
    except ValueError as error:
        source.report(at, str(error))
        return b"" if is_bytes else ""


def _code(escape: re.Match[str], *, is_bytes: bool) -> int:
    """The number of the character that ``escape`` stands for."""
    simple, octal, byte, short, long = escape.groups()
    if simple:
        return _SIMPLE.get(simple, ord(simple))
    if octal:
        return int(octal, 8)
    if byte:
        return int(byte, 16)
    if (short or long) and not is_bytes:
        code = int(short or long, 16)
        if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return code
    raise ValueError("invalid escape sequence in a literal")


def _character(escape: re.Match[str]) -> str:
    return chr(_code(escape, is_bytes=False))


def _unescaped_bytes(body: str) -> bytes:
    parts: list[bytes] = []
    at = 0
    for escape in _ESCAPE.finditer(body):
        parts.append(body[at : escape.start()].encode())
        parts.append(bytes([_code(escape, is_bytes=True)]))
        at = escape.end()
    return b"".join((*parts, body[at:].encode()))
