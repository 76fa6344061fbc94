"""Terraform source → its blocks, as far as an inventory needs them: types, labels, literal text, keys of maps.

The native syntax (HCL 2, https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md) is cut into tokens in one pass;
expressions are skipped, not understood. What is not balanced is read as far as it goes: an inventory says what seems to
be there, and a plan says what is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))
      |(?P<newline>\n)
      |(?P<heredoc><<-?(?P<end>\w+)[^\n]*\n)
      |(?P<quote>")
      |(?P<name>[^\W\d][\w-]*)
      |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_WORD_ALONE = re.compile(r"^[ \t]*(\w+)[ \t\r]*$", re.MULTILINE)
_IN_QUOTES = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|["\n]', re.DOTALL)
_IN_TEMPLATE = re.compile(r'["{}]')
_MAX_DEPTH = 30


class Block(msgspec.Struct, frozen=True):
    """A block. ``text``: attributes that are literal text; ``keys``: attributes that are maps, and their keys;
    ``names``: all attributes.
    """

    type: str
    labels: tuple[str, ...]
    names: frozenset[str]
    text: dict[str, str]
    keys: dict[str, tuple[str, ...]]
    blocks: tuple[Block, ...]


class _Token(msgspec.Struct, frozen=True, gc=False):
    """``kind``: name, text (of a quoted literal), newline or mark; a template or here-document is the mark ``"``."""

    kind: str
    text: str


def read(text: str) -> tuple[Block, ...]:
    """The top-level blocks of a ``.tf`` file."""
    return _Reader(list(_tokens(text))).body(0)[3]


def from_json(document: Any) -> tuple[Block, ...]:
    """The same of a decoded ``.tf.json`` file, https://developer.hashicorp.com/terraform/language/syntax/json."""
    found = []
    for kind, depth in (("resource", 2), ("module", 1), ("provider", 1)):
        holder = document.get(kind) if isinstance(document, dict) else None
        found += [_json_block(kind, labels, body) for labels, body in _labelled(holder, depth)]
    return tuple(found)


def _labelled(
    holder: Any, depth: int, labels: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for each in holder if isinstance(holder, list) else [holder]:
        if not isinstance(each, dict):
            continue
        if not depth:
            yield labels, each
            continue
        for label, inner in each.items():
            yield from _labelled(inner, depth - 1, (*labels, label))


def _json_block(kind: str, labels: tuple[str, ...], body: dict[str, Any]) -> Block:
    return Block(
        kind,
        labels,
        frozenset(body),
        {name: value for name, value in body.items() if isinstance(value, str) and "${" not in value},
        {name: tuple(value) for name, value in body.items() if isinstance(value, dict)},
        (),
    )


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while match := _TOKEN.match(text, at):
        at = match.end()
        kind = match.lastgroup
        if kind == "newline":
            yield _Token("newline", "")
        elif match["heredoc"]:
            ends = (line for line in _WORD_ALONE.finditer(text, at) if line[1] == match["end"])
            at = next((line.end() for line in ends), len(text))
            yield _Token("mark", '"')
        elif match["quote"]:
            literal, at = _quoted(text, at)
            yield _Token("mark", '"') if literal is None else _Token("text", literal)
        elif match["name"]:
            yield _Token("name", match["name"])
        elif match["mark"]:
            yield _Token("mark", match["mark"])


def _quoted(text: str, at: int) -> tuple[str | None, int]:
    """What stands between the quotes, None where it is a template, and where it ends."""
    start, template = at, False
    # For every template that is open: how many braces are. A quote in it opens text of its own, marked by -1.
    nested: list[int] = []
    while match := (_IN_TEMPLATE if nested and nested[-1] >= 0 else _IN_QUOTES).search(text, at):
        at, found = match.end(), match[0]
        if nested and nested[-1] >= 0:
            if found == '"':
                nested.append(-1)
            elif found == "{":
                nested[-1] += 1
            elif nested[-1]:
                nested[-1] -= 1
            else:
                nested.pop()
        elif found in ("${", "%{"):
            template = True
            nested.append(0)
        elif found == '"' and nested:
            nested.pop()
        elif found in ('"', "\n"):  # text does not go over lines: what does is not closed
            return (None if template else text[start : match.start()]), at
    return None, len(text)


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def body(self, depth: int) -> tuple[frozenset[str], dict[str, str], dict[str, tuple[str, ...]], tuple[Block, ...]]:
        """Names, literal text, keys of maps and blocks up to the closing brace."""
        names: set[str] = set()
        text: dict[str, str] = {}
        keys: dict[str, tuple[str, ...]] = {}
        blocks: list[Block] = []
        header: list[_Token] = []
        while (token := self._take()) is not None:
            if token.kind == "newline":
                header = []
            elif token.text == "}" and token.kind == "mark":
                break
            elif token.text == "=" and token.kind == "mark" and len(header) == 1:
                name = header[0].text
                names.add(name)
                literal, members = self._expression()
                if literal is not None:
                    text[name] = literal
                if members is not None:
                    keys[name] = members
                header = []
            elif token.text == "{" and token.kind == "mark":
                if header and depth < _MAX_DEPTH:
                    inner = self.body(depth + 1)
                    blocks.append(Block(header[0].text, tuple(each.text for each in header[1:]), *inner))
                else:
                    self._skip()
                header = []
            else:
                header.append(token)
        return frozenset(names), text, keys, tuple(blocks)

    def _take(self) -> _Token | None:
        if self._at == len(self._tokens):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _expression(self) -> tuple[str | None, tuple[str, ...] | None]:
        """The literal text, or the keys of the map, that an attribute is; skips to the end of its line."""
        first = self._tokens[self._at] if self._at < len(self._tokens) else None
        members: list[str] = []
        depth = count = 0
        item: list[_Token] = []  # what came since the last separator: a key stands alone before its value
        while (token := self._take()) is not None:
            count += 1
            if token.kind == "mark" and token.text in "([{":
                depth += 1
            elif token.kind == "mark" and token.text in ")]}":
                depth -= 1
                if depth < 0:  # the end of the block that the attribute is in
                    self._at -= 1
                    count -= 1
                    break
            elif token.kind == "newline" and depth == 0:
                count -= 1
                break
            elif token.kind == "mark" and token.text in "=:" and depth == 1 and len(item) == 1:
                members.append(item[0].text)
            starts = token.kind == "newline" or (token.kind == "mark" and token.text in "{,")
            item = [] if starts else [*item[:1], token]
        if first is None:
            return None, None
        literal = first.text if first.kind == "text" and count == 1 else None
        return literal, tuple(members) if first.kind == "mark" and first.text == "{" else None

    def _skip(self) -> None:
        """To the brace that closes the one just taken."""
        depth = 1
        while depth and (token := self._take()) is not None:
            if token.kind == "mark":
                depth += (token.text == "{") - (token.text == "}")
