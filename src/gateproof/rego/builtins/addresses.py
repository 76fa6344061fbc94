"""Mail addresses as Go's ``mail.ParseAddress`` reads them (RFC 5322, with Go's deviations)."""

from __future__ import annotations

import re

from gateproof.rego.builtins.network import parse_address
from gateproof.rego.errors import BuiltinError

_SPECIALS = frozenset('()<>[]:;@\\,"')
_CHARSET = re.compile(r"=\?([^?]+)\?[bBqQ]\?[^?]*\?=")
_CHARSETS = frozenset({"utf-8", "iso-8859-1", "us-ascii"})
_REFUSED = BuiltinError("eval_builtin_error", "not a mail address")


def is_address(text: str) -> bool:
    """Whether ``text`` is one mail address, alone or with a name: ``a@b.c``, ``Ann <a@b.c>``, ``team: a@b.c;``."""
    reader = _Reader(text)
    try:
        count = reader.address(group=True)
        reader.comments()
    except BuiltinError:
        return False
    return count == 1 and reader.at == len(text)


def _visible(char: str) -> bool:
    return "!" <= char <= "~" or char >= "\x80"


class _Reader:
    """An address, piece by piece; each piece raises BuiltinError for what is none of its kind."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def consume(self, char: str) -> bool:
        found = self.peek() == char
        self.at += found
        return found

    def expect(self, char: str) -> None:
        if not self.consume(char):
            raise _REFUSED

    def spaces(self) -> None:
        while self.peek() in (" ", "\t"):
            self.at += 1

    def comments(self) -> None:
        """Spaces, and comments between them."""
        self.spaces()
        while self.peek() == "(":
            self.comment()
            self.spaces()

    def comment(self) -> str:
        start = self.at
        self.expect("(")
        depth = 1
        while depth:
            char = self.peek()
            if not char:
                raise _REFUSED
            self.at += 1
            if char == "\\" and self.at < len(self.text):
                self.at += 1
            depth += (char == "(") - (char == ")")
        return self.text[start + 1 : self.at - 1]

    def address(self, *, group: bool) -> int:
        """A mailbox or, where it may be one, a group; how many mailboxes it was."""
        self.spaces()
        start = self.at
        try:
            self.mailbox()
        except BuiltinError:
            self.at = start
        else:
            self.spaces()
            if self.peek() == "(":
                for word in self.comment().split():
                    _decodable(word)
            return 1
        if self.peek() != "<":
            self.phrase()
        self.spaces()
        if group and self.consume(":"):
            return self.group()
        self.expect("<")
        self.mailbox()
        self.expect(">")
        return 1

    def group(self) -> int:
        count = 0
        self.spaces()
        if not self.consume(";"):
            while True:
                count += self.address(group=False)
                self.comments()
                if self.consume(";"):
                    break
                self.expect(",")
        self.comments()
        return count

    def mailbox(self) -> None:
        """A local part, an @ and a domain."""
        self.spaces()
        if self.peek() == '"':
            if not self.quoted():
                raise _REFUSED
        else:
            self.atom()
        self.expect("@")
        self.spaces()
        if self.peek() == "[":
            self.literal()
        else:
            self.atom()

    def phrase(self) -> None:
        """Words, quoted or not; what follows the first word and is none ends it."""
        words = 0
        while True:
            if words:
                self.comments()
            self.spaces()
            try:
                if self.peek() == '"':
                    self.quoted()
                else:
                    _decodable(self.atom(strict=False))
            except BuiltinError:
                if not words:
                    raise
                return
            words += 1

    def quoted(self) -> str:
        """A quoted string, of which only the quotes at its ends are missing."""
        start = self.at
        at = start + 1
        while self.text[at : at + 1] != '"':
            at += self.text[at : at + 1] == "\\"
            char = self.text[at : at + 1]
            if not char or not (_visible(char) or char in " \t"):
                raise _REFUSED
            at += 1
        self.at = at + 1
        return self.text[start + 1 : at]

    def atom(self, *, strict: bool = True) -> str:
        start = self.at
        while (char := self.peek()) and _visible(char) and char not in _SPECIALS:
            self.at += 1
        found = self.text[start : self.at]
        if not found or (strict and (found[0] == "." or found[-1] == "." or ".." in found)):
            raise _REFUSED
        return found

    def literal(self) -> None:
        """A domain in brackets: the address of a host."""
        start = self.at + 1
        end = self.text.find("]", start)
        domain = self.text[start:end]
        if end < 0 or not all(_visible(char) and char not in "[\\" for char in domain):
            raise _REFUSED
        self.at = end + 1
        if parse_address(domain) is None:
            raise _REFUSED


def _decodable(word: str) -> None:
    """Refuse an encoded word (RFC 2047) in a character set that Go does not know."""
    match = _CHARSET.fullmatch(word)
    if match and match[1].lower() not in _CHARSETS:
        raise _REFUSED
