"""The grammar of schemas (https://spec.graphql.org/October2021/#sec-Type-System), as OPA accepts it.

Short of the specification the extension of an interface cannot implement interfaces.
"""

from __future__ import annotations

from collections.abc import Callable

from gateproof.rego.builtins.graphql.lexer import BLOCK_STRING, END, NAME
from gateproof.rego.builtins.graphql.nodes import Node, node
from gateproof.rego.builtins.graphql.query_parser import Parser, comment_group

__all__ = ["SchemaParser"]

_KINDS = {
    "scalar": "SCALAR",
    "type": "OBJECT",
    "interface": "INTERFACE",
    "union": "UNION",
    "enum": "ENUM",
    "input": "INPUT_OBJECT",
}
_LOCATIONS = frozenset(
    (
        *("QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "VARIABLE_DEFINITION"),
        *("FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"),
        *("SCHEMA", "SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT"),
        *("FIELD_DEFINITION", "ARGUMENT_DEFINITION", "ENUM_VALUE", "INPUT_FIELD_DEFINITION"),
    )
)


class SchemaParser(Parser):
    """Types, directives, the schema's roots, and their extensions."""

    def document(self) -> Node:
        parts: dict[str, list[Node]] = {
            name: [] for name in ("Schema", "SchemaExtension", "Directives", "Definitions", "Extensions")
        }
        while self.token.kind != END:
            description, comment = self._description()
            token = self.token
            word = token.value if token.kind == NAME else ""
            head = {"Description": description, "BeforeDescriptionComment": comment}
            head["AfterDescriptionComment"] = comment_group(token)
            if word in _KINDS:
                parts["Definitions"].append(self._definition(head))
            elif word == "schema":
                parts["Schema"].append(self._schema(head))
            elif word == "directive":
                parts["Directives"].append(self._directive_definition(head))
            elif word == "extend" and not description:
                self._extension(parts)
            else:
                raise self.unexpected()
        return node(**parts, Comment=comment_group(self.token))

    def _description(self) -> tuple[str, Node | None]:
        """A description, which may be missing, and the comments before it."""
        if self.token.kind not in ("String", BLOCK_STRING):
            return "", None
        token = self.advance()
        return token.value, comment_group(token)

    def _head(self) -> Node:
        """Description and comments of what stands within a definition; the name is the next token."""
        description, comment = self._description()
        return {
            "Description": description,
            "BeforeDescriptionComment": comment if description else None,
            "AfterDescriptionComment": comment_group(self.token),
        }

    def _schema(self, head: Node) -> Node:
        self.keyword("schema")
        directives = self.directives(const=True)
        roots, ending = self.enclosed("{", "}", self._root)
        return node(**head, Directives=directives, OperationTypes=roots, EndOfDefinitionComment=ending)

    def _root(self) -> Node:
        comment = comment_group(self.token)
        operation = self.operation_type()
        self.expect(":")
        return node(Operation=operation, Type=self.name(), Comment=comment)

    def _definition(self, head: Node, extending: bool = False) -> Node:
        kind = _KINDS[self.advance().value]
        name = self.name()
        interfaces: list[str] = []
        if kind == "OBJECT" or (kind == "INTERFACE" and not extending):
            interfaces = self._interfaces()
        directives = self.directives(const=not (extending and kind == "INPUT_OBJECT"))
        members, ending = self._members_of(kind)
        return node(
            **head,
            Kind=kind,
            Name=name,
            Directives=directives,
            Interfaces=interfaces,
            **members,
            BuiltIn=False,
            EndOfDefinitionComment=ending,
        )

    def _members_of(self, kind: str) -> tuple[Node, Node | None]:
        """What a type of this kind consists of, and the comments before its end."""
        if kind == "SCALAR":
            return {}, None
        if kind == "UNION":
            return {"Types": self._names("|") if self.accept("=") else []}, None
        if kind == "ENUM":
            members, ending = self.enclosed("{", "}", self._enum_value)
            return {"EnumValues": members}, ending
        parse = self._input_value if kind == "INPUT_OBJECT" else self._field_definition
        members, ending = self.enclosed("{", "}", parse)
        return {"Fields": members}, ending

    def _interfaces(self) -> list[str]:
        if self.token.value != "implements":  # as in OPA even where it is a string
            return []
        self.advance()
        return self._names("&")

    def _names(self, separator: str, parse: Callable[[], str] | None = None) -> list[str]:
        """Names with a separator between them, and perhaps before the first."""
        parse = parse or self.name
        self.accept(separator)
        names = [parse()]
        while self.accept(separator):
            names.append(parse())
        return names

    def _field_definition(self) -> Node:
        head = self._head()
        name = self.name()
        arguments = self.one_or_more("(", ")", self._input_value)
        self.expect(":")
        reference = self.type_reference()
        return node(**head, Name=name, Arguments=arguments, Type=reference, Directives=self.directives(const=True))

    def _input_value(self) -> Node:
        """An argument, or a field of an input object."""
        head = self._head()
        name = self.name()
        self.expect(":")
        return node(
            **head,
            Name=name,
            Type=self.type_reference(),
            DefaultValue=self.value(const=True) if self.accept("=") else None,
            Directives=self.directives(const=True),
        )

    def _enum_value(self) -> Node:
        return node(**self._head(), Name=self.name(), Directives=self.directives(const=True))

    def _directive_definition(self, head: Node) -> Node:
        self.keyword("directive")
        self.expect("@")
        name = self.name()
        arguments = self.one_or_more("(", ")", self._input_value)
        repeatable = self.token.kind == NAME and self.token.value == "repeatable"
        if repeatable:
            self.advance()
        self.keyword("on")
        locations = self._names("|", self._location)
        return node(**head, Name=name, Arguments=arguments, Locations=locations, IsRepeatable=repeatable)

    def _location(self) -> str:
        token = self.expect(NAME)
        if token.value not in _LOCATIONS:
            raise self.unexpected(token)
        return token.value

    def _extension(self, parts: dict[str, list[Node]]) -> None:
        head = {"Description": "", "AfterDescriptionComment": comment_group(self.keyword("extend"))}
        word = self.token.value if self.token.kind == NAME else ""
        if word == "schema":
            part, extension = "SchemaExtension", self._schema(head)
        elif word in _KINDS:
            part, extension = "Extensions", self._definition(head, extending=True)
        else:
            raise self.unexpected()
        if not extension.keys() & {"Directives", "Interfaces", "Fields", "Types", "EnumValues", "OperationTypes"}:
            raise self.unexpected()
        parts[part].append(extension)
