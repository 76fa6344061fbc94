"""The grammar of queries (https://spec.graphql.org/October2021/#sec-Document), as OPA accepts it.

Beyond the specification an empty document is a document, and fragments may define variables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateproof.rego.builtins.graphql.lexer import BLOCK_STRING, END, NAME, Token, complaint, tokenize
from gateproof.rego.builtins.graphql.nodes import (
    BLOCK,
    BOOLEAN,
    ENUM,
    FLOAT,
    INT,
    LIST,
    MAX_DEPTH,
    NULL,
    OBJECT,
    STRING,
    VARIABLE,
    Node,
    node,
    too_deep,
)
from gateproof.rego.errors import BuiltinError

__all__ = ["Parser", "QueryParser", "comment_group"]

_OPERATIONS = ("query", "mutation", "subscription")
_LITERALS = {"Int": INT, "Float": FLOAT, "String": STRING, BLOCK_STRING: BLOCK}
_WORDS = {"true": BOOLEAN, "false": BOOLEAN, "null": NULL}


def comment_group(token: Token) -> Node | None:
    """The comments before ``token``."""
    return {"List": [{"Value": comment} for comment in token.comments]} if token.comments else None


class Parser:
    """What queries and schemas share: tokens, names, types, values, arguments and directives.

    Every method reads what it is named after and returns its node, or raises
    :class:`~gateproof.rego.errors.BuiltinError`; ``const`` forbids variables.
    """

    def __init__(self, text: str, spend: Callable[[int], None]) -> None:
        self.text = text
        self._tokens = iter(tokenize(text, spend))
        self.token = next(self._tokens)
        self._depth = 0

    def advance(self) -> Token:
        """The token, which is passed (the end never is)."""
        passed = self.token
        if passed.kind != END:
            self.token = next(self._tokens)
        return passed

    def accept(self, kind: str) -> bool:
        """Whether the token is of this kind; it is passed then."""
        accepted = self.token.kind == kind
        if accepted:
            self.advance()
        return accepted

    def expect(self, kind: str) -> Token:
        if self.token.kind != kind:
            raise complaint(self.text, self.token.offset, f"Expected {kind}, found {self.token.kind}")
        return self.advance()

    def keyword(self, word: str) -> Token:
        if self.token.kind != NAME or self.token.value != word:
            raise complaint(self.text, self.token.offset, f'Expected "{word}", found {self.token}')
        return self.advance()

    def unexpected(self, token: Token | None = None) -> BuiltinError:
        found = token or self.token
        return complaint(self.text, found.offset, f"Unexpected {found}")

    def name(self) -> str:
        return self.expect(NAME).value

    def one_or_more(self, opening: str, closing: str, parse: Callable[[], Node]) -> list[Node]:
        """The members between two brackets; none where the opening one is not there."""
        return self.enclosed(opening, closing, parse)[0]

    def enclosed(self, opening: str, closing: str, parse: Callable[[], Node]) -> tuple[list[Node], Node | None]:
        """The same, and the comments before the closing bracket."""
        if self.token.kind != opening:
            return [], None
        members = self._members(closing, parse)
        if not members:
            found = self.token
            raise complaint(self.text, found.offset, f"expected at least one definition, found {found.kind}")
        return members, comment_group(self.advance())

    def _members(self, closing: str, parse: Callable[[], Node]) -> list[Node]:
        """What stands after the opening bracket, which is the token, up to the closing one."""
        self.advance()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        members = []
        while self.token.kind != closing:
            members.append(parse())
        self._depth -= 1
        return members

    def type_reference(self) -> Node:
        """A type with ``[]`` and ``!``; read from the outside in, so that nesting needs no recursion."""
        lists = 0
        while self.accept("["):
            lists += 1
            if lists > MAX_DEPTH:
                raise too_deep()
        result = node(NamedType=self.name(), NonNull=self.accept("!"))
        for _ in range(lists):
            self.expect("]")
            result = node(NamedType="", Elem=result, NonNull=self.accept("!"))
        return result

    def value(self, const: bool) -> Node:
        token = self.token
        if token.kind == "[":
            items = self._members("]", lambda: node(Name="", Value=self.value(const)))
            return self._compound(token, LIST, items)
        if token.kind == "{":
            return self._compound(token, OBJECT, self._members("}", lambda: self._named_value(const)))
        if token.kind == "$" and not const:
            return _value(VARIABLE, self.variable())
        if token.kind == NAME:
            return _value(_WORDS.get(token.value, ENUM), self.advance().value)
        if token.kind in _LITERALS:
            return _value(_LITERALS[token.kind], self.advance().value)
        raise self.unexpected()

    def _compound(self, opening: Token, kind: int, members: list[Node]) -> Node:
        self.advance()
        return _value(kind, "", Children=members, Comment=comment_group(opening))

    def _named_value(self, const: bool) -> Node:
        """A field of an object, or an argument."""
        comment = comment_group(self.token)
        name = self.name()
        self.expect(":")
        return node(Name=name, Value=self.value(const), Comment=comment)

    def variable(self) -> str:
        self.expect("$")
        return self.name()

    def arguments(self, const: bool) -> list[Node]:
        return self.one_or_more("(", ")", lambda: self._named_value(const))

    def directives(self, const: bool) -> list[Node]:
        found = []
        while self.accept("@"):
            found.append(node(Name=self.name(), Arguments=self.arguments(const), Location=""))
        return found

    def operation_type(self) -> str:
        token = self.advance()
        if token.value not in _OPERATIONS:
            raise self.unexpected(token)
        return token.value


def _value(kind: int, raw: str, **members: Any) -> Node:
    return node(Kind=kind, Raw=raw, ExpectedTypeHasDefault=False, **members)


class QueryParser(Parser):
    """Operations and fragments."""

    def document(self) -> Node:
        operations, fragments = [], []
        while self.token.kind != END:
            word = self.token.value if self.token.kind == NAME else ""
            if word == "fragment":
                fragments.append(self._fragment_definition())
            elif word in _OPERATIONS:
                operations.append(self._operation())
            elif self.token.kind == "{":
                operations.append(node(Operation="query", Name="", SelectionSet=self._selection_set()))
            else:
                raise self.unexpected()
        return node(Operations=operations, Fragments=fragments)

    def _operation(self) -> Node:
        return node(
            Comment=comment_group(self.token),
            Operation=self.operation_type(),
            Name=self.name() if self.token.kind == NAME else "",
            VariableDefinitions=self._variable_definitions(),
            Directives=self.directives(const=False),
            SelectionSet=self._selection_set(),
        )

    def _fragment_definition(self) -> Node:
        comment = comment_group(self.token)
        self.keyword("fragment")
        name = self._fragment_name()
        variables = self._variable_definitions()
        self.keyword("on")
        return node(
            Comment=comment,
            Name=name,
            VariableDefinition=variables,
            TypeCondition=self.name(),
            Directives=self.directives(const=False),
            SelectionSet=self._selection_set(),
        )

    def _fragment_name(self) -> str:
        if self.token.value == "on":
            raise self.unexpected()
        return self.name()

    def _variable_definitions(self) -> list[Node]:
        return self.one_or_more("(", ")", self._variable_definition)

    def _variable_definition(self) -> Node:
        comment = comment_group(self.token)
        name = self.variable()
        self.expect(":")
        return node(
            Comment=comment,
            Variable=name,
            Type=self.type_reference(),
            DefaultValue=self.value(const=True) if self.accept("=") else None,
            Directives=self.directives(const=False),
            Used=False,
        )

    def _selection_set(self) -> list[Node]:
        if self.token.kind != "{":
            self.expect("{")
        return self.one_or_more("{", "}", self._selection)

    def _selection(self) -> Node:
        return self._fragment() if self.token.kind == "..." else self._field()

    def _field(self) -> Node:
        comment = comment_group(self.token)
        alias = self.name()
        return node(
            Comment=comment,
            Alias=alias,
            Name=self.name() if self.accept(":") else alias,
            Arguments=self.arguments(const=False),
            Directives=self.directives(const=False),
            SelectionSet=self.one_or_more("{", "}", self._selection),
        )

    def _fragment(self) -> Node:
        """A spread, or a fragment in place."""
        comment = comment_group(self.expect("..."))
        if self.token.kind == NAME and self.token.value != "on":
            return node(Comment=comment, Name=self.name(), Directives=self.directives(const=False))
        condition = ""
        if self.token.value == "on":  # as in OPA even where it is a string
            self.advance()
            condition = self.name()
        return node(
            Comment=comment,
            TypeCondition=condition,
            Directives=self.directives(const=False),
            SelectionSet=self._selection_set(),
        )
