"""Values in a query: of the types that are wanted where they stand (https://spec.graphql.org/October2021/#sec-Values).

As in OPA an integer may have 64 bits, and a scalar of the schema's own takes any value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from gateproof.rego.builtins.graphql.nodes import (
    BLOCK,
    BOOLEAN,
    ENUM,
    FLOAT,
    INT,
    LIST,
    NULL,
    OBJECT,
    STRING,
    VARIABLE,
    Node,
    by_name,
    type_name,
)
from gateproof.rego.builtins.graphql.schema import INPUT_KINDS, Schema, is_compatible, is_required
from gateproof.rego.builtins.operands import fail

__all__ = ["Values"]

_SCALARS = frozenset(("Int", "Float", "String", "Boolean", "ID"))
_ACCEPTED_BY = {
    INT: frozenset(("Int", "Float", "ID")),
    FLOAT: frozenset(("Float",)),
    STRING: frozenset(("String", "ID")),
    BLOCK: frozenset(("String", "ID")),
    BOOLEAN: frozenset(("Boolean",)),
}
_INTEGER = re.compile(r"(?P<sign>[+-]?)0*(?P<digits>[0-9]{1,19})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_BOOLEANS = frozenset(("1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"))
_INT64 = range(-(2**63), 2**63)


class Values:
    """Checks values; between :meth:`enter` and :meth:`leave` those of one operation, with its variables."""

    def __init__(self, schema: Schema, spend: Callable[[int], None]) -> None:
        self._schema = schema
        self._spend = spend
        self._variables: dict[str, Node] | None = None
        self._used: set[str] = set()
        self._without_value: set[str] = set()

    def enter(self, operation: Node) -> None:
        """Begin an operation: its variables have input types, and their default values are of these types."""
        definitions = operation.get("VariableDefinitions", [])
        self._variables = by_name({**definition, "Name": definition["Variable"]} for definition in definitions)
        if len(self._variables) < len(definitions):
            raise fail("There can be only one variable of a name in an operation")
        self._used = {definition["Variable"] for definition in definitions if definition["Used"]}
        self._without_value = set()
        for definition in definitions:
            name = type_name(definition.get("Type"))
            if name not in self._schema.types or self._schema.types[name]["Kind"] not in INPUT_KINDS:
                raise fail(f'Variable "${definition["Variable"]}" cannot be of the type "{name}"')
            default = definition.get("DefaultValue")
            if default is not None and not self._check(default, definition.get("Type"), has_default=False):
                self._without_value.add(definition["Variable"])

    def leave(self) -> None:
        """End the operation: no variable is left unused."""
        unused = (self._variables or {}).keys() - self._used
        if unused:
            raise fail(f'Variable "${min(unused)}" is never used')
        self._variables, self._without_value = None, set()

    def check(self, value: Node | None, definition: Node) -> None:
        """Check the value of an argument."""
        self._check(value, definition.get("Type"), has_default=_has_default(definition))

    def _check(self, value: Node | None, expected: Node | None, *, has_default: bool) -> bool:
        """Check a value at a place where ``expected`` (None: anything) is wanted.

        Returns whether all numbers in it fit into 64 bits, which OPA asks for where the type is not a custom scalar.
        """
        self._spend(4)
        if value is None:
            raise fail("a value is missing in a GraphQL syntax tree")
        kind = value["Kind"]
        definition = self._schema.types.get(type_name(expected)) if expected is not None else None
        if kind == OBJECT:
            evaluates = self._check_members(value, definition)
        elif kind == LIST:
            items = value.get("Children", ())
            of = expected.get("Elem") if expected is not None else None
            checked = [self._check(item.get("Value"), of, has_default=False) for item in items]
            evaluates = all(checked)
        else:
            evaluates = self._evaluates(kind, value["Raw"])
        if kind == VARIABLE and self._variables is not None:
            self._check_variable(value["Raw"], expected, has_default=has_default)
        if definition is not None and expected is not None:
            self._check_type(value, expected, definition, evaluates=evaluates)
        return evaluates

    def _check_members(self, value: Node, definition: Node | None) -> bool:
        """The members of an object; whether all of them evaluate."""
        evaluates, names = True, set()
        fields = self._schema.fields(definition) if definition is not None else {}
        for member in value.get("Children", ()):
            name = member["Name"]
            if name in names:
                raise fail(f'There can be only one input field named "{name}"')
            names.add(name)
            field = fields.get(name)
            expected = field.get("Type") if field else None
            inner = member.get("Value")
            evaluates &= self._check(inner, expected, has_default=_has_default(field))
        return evaluates

    def _evaluates(self, kind: int, raw: str) -> bool:
        if kind == VARIABLE:
            return raw not in self._without_value
        if kind == INT:
            found = _INTEGER.fullmatch(raw)
            return found is not None and int(found["sign"] + found["digits"]) in _INT64
        if kind == FLOAT:
            return _NUMBER.fullmatch(raw) is not None and math.isfinite(float(raw))
        if kind == BOOLEAN:
            return raw in _BOOLEANS
        return kind in (STRING, BLOCK, ENUM, NULL)

    def _check_variable(self, name: str, expected: Node | None, *, has_default: bool) -> None:
        definition = (self._variables or {}).get(name)
        if definition is None:
            raise fail(f'Variable "${name}" is not defined')
        self._used.add(name)
        if expected is None:
            return
        if has_default or _has_default(definition):
            expected = {**expected, "NonNull": False}
        if not is_compatible(definition.get("Type"), expected):
            raise fail(f'Variable "${name}" is used where another type is expected')

    def _check_type(self, value: Node, expected: Node, definition: Node, *, evaluates: bool) -> None:
        kind, name, type_kind = value["Kind"], definition["Name"], definition["Kind"]
        if kind == NULL and expected["NonNull"]:
            raise fail(f'Expected a value of type "{name}", found null')
        if type_kind == "SCALAR" and name not in _SCALARS:
            return
        if not evaluates:
            raise fail(f'A value of type "{name}" is out of range')
        if kind in (NULL, VARIABLE):
            return
        if kind == OBJECT:
            self._check_object(value, definition)
        elif kind == LIST:
            fits = "Elem" in expected
        elif kind == ENUM:
            fits = type_kind == "ENUM" and value["Raw"] in self._schema.enum_values(definition)
        else:
            fits = name in _ACCEPTED_BY[kind]
        if kind != OBJECT and not fits:
            raise fail(f'"{name}" cannot represent the value {value["Raw"][:100]}')

    def _check_object(self, value: Node, definition: Node) -> None:
        name, fields = definition["Name"], self._schema.fields(definition)
        members = {member["Name"]: member.get("Value") for member in value.get("Children", ())}
        self._spend(len(fields) + len(definition.get("Directives", ())))
        for field in fields.values():
            if is_required(field) and field["Name"] not in members:
                raise fail(f'Field "{name}.{field["Name"]}" is required and was not provided')
        unknown = members.keys() - fields.keys()
        if unknown:
            raise fail(f'Field "{min(unknown)}" is not defined by type "{name}"')
        if any(directive["Name"] == "oneOf" for directive in definition.get("Directives", ())):
            self._check_one_of(name, list(members.values()))

    def _check_one_of(self, name: str, members: list[Node | None]) -> None:
        """https://spec.graphql.org/draft/#sec-OneOf-Input-Objects"""
        if len(members) != 1 or members[0] is None or members[0]["Kind"] == NULL:
            raise fail(f'"{name}" must have exactly one member, and that not null')
        variable = (self._variables or {}).get(members[0]["Raw"]) if members[0]["Kind"] == VARIABLE else None
        if variable is not None and not (variable.get("Type") or {"NonNull": False})["NonNull"]:
            raise fail(f'A variable for the member of "{name}" must not be null')


def _has_default(definition: Node | None) -> bool:
    """Whether what is declared so has a default value other than null."""
    default = definition.get("DefaultValue") if definition else None
    return default is not None and default["Kind"] != NULL
