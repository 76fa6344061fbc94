"""Syntax trees that a policy hands in as objects, read as OPA reads them.

OPA decodes JSON into the structures of its parser: unknown members are ignored, null is nothing, names of members
count without case in most structures, and any other type is an error. A selection becomes a field wherever it can be
read as one, so that trees with fragments do not survive the way through an object; the rest of them is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.graphql.nodes import MAX_DEPTH, Node, node, too_deep
from gateproof.rego.builtins.operands import fail
from gateproof.rego.errors import BuiltinError

__all__ = ["read_tree"]

_MAX_STRUCTURES = 2 * MAX_DEPTH  # a value within a value is two of them
_INT64 = range(-(2**63), 2**63)
_JSON_NAMES = {str: "string", bool: "bool", int: "integer", dict: "object", list: "array"}

_VALIDATED = "what validation adds"
_SELECTIONS = "selections"

# What the members of a structure are: a type, a structure, a list ([…]) or one of the two above.
_COMMENTS = {
    "BeforeDescriptionComment": "CommentGroup",
    "AfterDescriptionComment": "CommentGroup",
}
_ARGUMENT_DEFINITION = {
    "Description": str,
    "Name": str,
    "DefaultValue": "Value",
    "Type": "Type",
    "Directives": ["Directive"],
    **_COMMENTS,
}
_DEFINITION = {
    "Kind": str,
    "Description": str,
    "Name": str,
    "Directives": ["Directive"],
    "Interfaces": [str],
    "Fields": ["FieldDefinition"],
    "Types": [str],
    "EnumValues": ["EnumValueDefinition"],
    "BuiltIn": bool,
    **_COMMENTS,
    "EndOfDefinitionComment": "CommentGroup",
}
_SCHEMA_DEFINITION = {
    "Description": str,
    "Directives": ["Directive"],
    "OperationTypes": ["OperationTypeDefinition"],
    **_COMMENTS,
    "EndOfDefinitionComment": "CommentGroup",
}
_STRUCTURES: dict[str, dict[str, Any]] = {
    "QueryDocument": {
        "Operations": ["OperationDefinition"],
        "Fragments": ["FragmentDefinition"],
        "Comment": "CommentGroup",
    },
    "SchemaDocument": {
        "Schema": ["SchemaDefinition"],
        "SchemaExtension": ["SchemaDefinition"],
        "Directives": ["DirectiveDefinition"],
        "Definitions": ["Definition"],
        "Extensions": ["Definition"],
        "Comment": "CommentGroup",
    },
    "OperationDefinition": {
        "Operation": str,
        "Name": str,
        "VariableDefinitions": ["VariableDefinition"],
        "Directives": ["Directive"],
        "Position": "Position",
        "SelectionSet": _SELECTIONS,
    },
    "FragmentDefinition": {
        "Name": str,
        "VariableDefinition": ["VariableDefinition"],
        "TypeCondition": str,
        "Directives": ["Directive"],
        "Definition": _VALIDATED,
        "Position": "Position",
        "SelectionSet": _SELECTIONS,
    },
    "VariableDefinition": {
        "Variable": str,
        "Type": "Type",
        "DefaultValue": "Value",
        "Directives": ["Directive"],
        "Comment": "CommentGroup",
        "Definition": _VALIDATED,
        "Used": bool,
    },
    "Field": {
        "Alias": str,
        "Name": str,
        "Arguments": ["Argument"],
        "Directives": ["Directive"],
        "Position": "Position",
        "Definition": _VALIDATED,
        "ObjectDefinition": _VALIDATED,
        "SelectionSet": _SELECTIONS,
    },
    "FragmentSpread": {
        "Name": str,
        "Directives": ["Directive"],
        "ObjectDefinition": _VALIDATED,
        "Definition": _VALIDATED,
        "Comment": "CommentGroup",
    },
    "InlineFragment": {
        "TypeCondition": str,
        "Directives": ["Directive"],
        "ObjectDefinition": _VALIDATED,
        "Position": "Position",
        "SelectionSet": _SELECTIONS,
    },
    "Argument": {"Name": str, "Value": "Value", "Comment": "CommentGroup"},
    "Value": {
        "Raw": str,
        "Children": ["Argument"],
        "Kind": int,
        "Comment": "CommentGroup",
        "Definition": _VALIDATED,
        "VariableDefinition": _VALIDATED,
        "ExpectedType": _VALIDATED,
        "ExpectedTypeHasDefault": bool,
    },
    "Directive": {
        "Name": str,
        "Arguments": ["Argument"],
        "ParentDefinition": _VALIDATED,
        "Definition": _VALIDATED,
        "Location": str,
    },
    "Type": {"NamedType": str, "Elem": "Type", "NonNull": bool},
    "SchemaDefinition": _SCHEMA_DEFINITION,
    "OperationTypeDefinition": {"Operation": str, "Type": str, "Comment": "CommentGroup"},
    "Definition": _DEFINITION,
    "FieldDefinition": {**_ARGUMENT_DEFINITION, "Arguments": ["ArgumentDefinition"]},
    "ArgumentDefinition": _ARGUMENT_DEFINITION,
    "EnumValueDefinition": {"Description": str, "Name": str, "Directives": ["Directive"], **_COMMENTS},
    "DirectiveDefinition": {
        "Description": str,
        "Name": str,
        "Arguments": ["ArgumentDefinition"],
        "Locations": [str],
        "IsRepeatable": bool,
        **_COMMENTS,
    },
    "CommentGroup": {"List": ["Comment"]},
    "Comment": {"Value": str, "Position": "Position"},
    "Position": {"Start": int, "End": int, "Line": int, "Column": int, "Src": "Source"},
    "Source": {"Name": str, "Input": str, "BuiltIn": bool},
}
_EXACT = frozenset(("OperationDefinition", "FragmentDefinition", "Field", "InlineFragment"))
"""The structures whose members are told apart by case."""

# Of several selections that an object could be, the first counts.
_SELECTION_STRUCTURES = ("Field", "FragmentSpread", "InlineFragment")


def read_tree(tree: Any, structure: str, spend: Callable[[int], None]) -> Node:
    """The tree that ``tree`` (JSON) stands for, as its parser would have made it.

    ``structure``: ``QueryDocument`` or ``SchemaDocument``. Raises :class:`~gateproof.rego.errors.BuiltinError` for
    what is none, :class:`~gateproof.errors.EvaluationError` for a tree with the results of validation in it, and
    :class:`~gateproof.errors.BudgetError` for one that nests too deeply.
    """
    return _Reader(spend).structure(tree, structure, 0)


class _Reader:
    def __init__(self, spend: Callable[[int], None]) -> None:
        self._spend = spend

    def structure(self, value: Any, name: str, depth: int) -> Node:
        if type(value) is not dict:
            raise _wrong_type(value, name)
        members = _STRUCTURES[name]
        self._spend(len(members) + len(value))
        if depth > _MAX_STRUCTURES:
            raise too_deep()
        given = value if name in _EXACT else _without_case(value, members)
        read = {member: self.member(given.get(member), kind, depth + 1) for member, kind in members.items()}
        read.pop("Position", None)
        if read.get("ExpectedTypeHasDefault"):
            raise _validated()
        return node(**read)

    def member(self, value: Any, kind: Any, depth: int) -> Any:
        if kind in (str, bool, int):
            return kind() if value is None else _scalar(value, kind)
        if value is None:
            return None
        if kind == _VALIDATED:
            raise _validated()
        if kind == _SELECTIONS:
            return self.selections(value, depth)
        if type(kind) is list:
            return [self.item(item, kind[0], depth) for item in _array(value)]
        return self.structure(value, kind, depth)

    def item(self, value: Any, kind: Any, depth: int) -> Any:
        """A member of a list; OPA does not survive a structure that is null there."""
        if value is None and kind is not str:
            raise EvaluationError("a GraphQL syntax tree has null in a list", hint="leave it out")
        return self.member(value, kind, depth)

    def selections(self, value: Any, depth: int) -> list[Node]:
        read = []
        for item in _array(value):
            for name in _SELECTION_STRUCTURES:
                try:
                    read.append(self.structure({} if item is None else item, name, depth))
                except BuiltinError:
                    continue
                break
        return read


def _without_case(value: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    """``value`` with its members named as in the structure."""
    if value.keys() <= members.keys():
        return value
    names = {member.lower(): member for member in members}
    result: dict[str, Any] = {}
    for name, member in value.items():
        known = names.get(name.lower().replace("ſ", "s"))
        if known in result:
            raise EvaluationError(
                f"a GraphQL syntax tree has the member {known} more than once", hint="use the names as OPA writes them"
            )
        if known is not None:
            result[known] = member
    return result


def _validated() -> EvaluationError:
    """Trees from OPA's builtins never hold such members, and they would sway the verdict."""
    return EvaluationError(
        "a GraphQL syntax tree holds results of validation", hint="pass it as graphql.parse_query returned it"
    )


def _scalar(value: Any, kind: type) -> Any:
    if type(value) is not kind or (kind is int and value not in _INT64):
        raise _wrong_type(value, _JSON_NAMES[kind])
    return value


def _array(value: Any) -> list[Any]:
    if type(value) is not list:
        raise _wrong_type(value, "array")
    return value


def _wrong_type(value: Any, expected: str) -> BuiltinError:
    found = _JSON_NAMES.get(type(value), "number" if type(value) is float else "null")
    return fail(f"a GraphQL syntax tree has {found} where {expected} is expected")
