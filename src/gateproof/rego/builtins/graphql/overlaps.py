"""Fields of one response name must be mergeable (https://spec.graphql.org/October2021/#FieldsInSetCanMerge()).

Fields are compared within a selection set, with those of the fragments that are spread in it, and the fragments with
one another. As in OPA arguments are told apart by the kind and the text of their values, members not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gateproof.rego.builtins.graphql.nodes import Node, type_name
from gateproof.rego.builtins.graphql.schema import LEAF_KINDS, Schema
from gateproof.rego.builtins.operands import fail

__all__ = ["Overlaps", "field_definition"]

_STEPS_OF_A_COMPARISON = 20
_TYPENAME: Node = {"Name": "__typename", "Type": {"NamedType": "String", "NonNull": False}}


class _Field(NamedTuple):
    """A field with the type that it is of and its definition there."""

    field: Node
    parent: Node
    definition: Node


class _Collected(NamedTuple):
    """The fields of a selection set by response name, those of inline fragments included; the spread fragments."""

    fields: dict[str, list[_Field]]
    spreads: list[str]


_NOTHING = _Collected({}, [])


def field_definition(schema: Schema, parent: Node, name: str) -> Node:
    """The definition of a field of ``parent``; every type has ``__typename``."""
    if name == "__typename":
        return _TYPENAME
    definition = schema.fields(parent).get(name)
    if definition is None:
        raise fail(f'Cannot query field "{name}" on type "{parent["Name"]}"')
    return definition


class Overlaps:
    """Finds fields that cannot be merged in the selection sets of one document.

    All types, fields and fragments in it are known, no fragment spreads itself, and nesting is bounded.
    """

    def __init__(self, schema: Schema, fragments: dict[str, Node], spend: Callable[[int], None]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._spend = spend
        self._collected: dict[int, _Collected] = {}
        self._compared_pairs: dict[tuple[str, str], bool] = {}
        self._compared: set[str] = set()

    def check(self, selections: list[Node], parent: Node) -> None:
        """Raise :class:`~gateproof.rego.errors.BuiltinError` where two fields of ``selections`` conflict."""
        collected = self._collect(selections, parent)
        for fields in collected.fields.values():
            for position, field in enumerate(fields):
                for other in fields[position + 1 :]:
                    self._compare(field, other, exclusive=False)
        self._compared = set()
        for position, spread in enumerate(collected.spreads):
            self._compare_with_fragment(collected, spread, exclusive=False)
            for other_spread in collected.spreads[position + 1 :]:
                self._compare_fragments(spread, other_spread, exclusive=False)

    def _collect(self, selections: list[Node], parent: Node) -> _Collected:
        if not selections:
            return _NOTHING
        known = self._collected.get(id(selections))  # they live as long as the document, at one place in it
        if known is None:
            known = self._collected[id(selections)] = _Collected({}, [])
            self._collect_into(known, selections, parent)
        return known

    def _collect_into(self, collected: _Collected, selections: list[Node], parent: Node) -> None:
        for selection in selections:
            self._spend(4)
            if "Alias" in selection:
                definition = field_definition(self._schema, parent, selection["Name"])
                response_name = selection["Alias"] or selection["Name"]
                collected.fields.setdefault(response_name, []).append(_Field(selection, parent, definition))
            elif "TypeCondition" in selection:
                condition = selection["TypeCondition"]
                inner = self._schema.types[condition] if condition else parent
                self._collect_into(collected, selection.get("SelectionSet", []), inner)
            else:
                collected.spreads.append(selection["Name"])

    def _collect_fragment(self, name: str) -> _Collected:
        fragment = self._fragments[name]
        return self._collect(fragment.get("SelectionSet", []), self._schema.types[fragment["TypeCondition"]])

    def _compare_with_fragment(self, collected: _Collected, spread: str, *, exclusive: bool) -> None:
        if spread in self._compared or not collected.fields:
            return
        self._compared.add(spread)
        fragment = self._collect_fragment(spread)
        self._compare_all(collected, fragment, exclusive=exclusive)
        for inner in fragment.spreads:
            self._compare_with_fragment(collected, inner, exclusive=exclusive)

    def _compare_fragments(self, one: str, other: str, *, exclusive: bool) -> None:
        self._spend(_STEPS_OF_A_COMPARISON)
        # What was compared as not exclusive has been compared more strictly.
        known = self._compared_pairs.get((one, other))
        if one == other or known is False or (known is True and exclusive):
            return
        self._compared_pairs[one, other] = self._compared_pairs[other, one] = exclusive
        fragment, other_fragment = self._collect_fragment(one), self._collect_fragment(other)
        self._compare_all(fragment, other_fragment, exclusive=exclusive)
        for spread in other_fragment.spreads:
            self._compare_fragments(one, spread, exclusive=exclusive)
        for spread in fragment.spreads:
            self._compare_fragments(spread, other, exclusive=exclusive)

    def _compare_all(self, one: _Collected, other: _Collected, *, exclusive: bool) -> None:
        """Every field of one collection with those of the same response name in the other."""
        self._spend(1 + len(one.fields) // 4)
        for response_name, fields in one.fields.items():
            for other_field in other.fields.get(response_name, ()):
                for field in fields:
                    self._compare(field, other_field, exclusive=exclusive)

    def _compare(self, one: _Field, other: _Field, *, exclusive: bool) -> None:
        """``exclusive``: an object never has both of the fields, for they belong to different object types."""
        self._spend(_STEPS_OF_A_COMPARISON)
        exclusive = exclusive or (
            one.parent["Name"] != other.parent["Name"] and one.parent["Kind"] == other.parent["Kind"] == "OBJECT"
        )
        name = one.field["Alias"] or one.field["Name"]
        if not exclusive and one.field["Name"] != other.field["Name"]:
            raise fail(f'Fields "{name}" conflict because they are different fields')
        if not exclusive and not self._same_arguments(one.field, other.field):
            raise fail(f'Fields "{name}" conflict because they have differing arguments')
        if self._types_conflict(one.definition["Type"], other.definition["Type"]):
            raise fail(f'Fields "{name}" conflict because they return conflicting types')
        self._compare_selections(self._selections(one), self._selections(other), exclusive=exclusive)

    def _selections(self, field: _Field) -> _Collected:
        parent = self._schema.types[type_name(field.definition["Type"])]
        return self._collect(field.field.get("SelectionSet", []), parent)

    def _compare_selections(self, one: _Collected, other: _Collected, *, exclusive: bool) -> None:
        self._compare_all(one, other, exclusive=exclusive)
        for fields, spreads in ((one, other.spreads), (other, one.spreads)):
            for spread in spreads:
                self._compared = set()
                self._compare_with_fragment(fields, spread, exclusive=exclusive)
        for spread in one.spreads:
            for other_spread in other.spreads:
                self._compare_fragments(spread, other_spread, exclusive=exclusive)

    def _same_arguments(self, field: Node, other: Node) -> bool:
        arguments, other_arguments = field.get("Arguments", ()), other.get("Arguments", ())
        self._spend(len(arguments) + len(other_arguments))
        return len(arguments) == len(other_arguments) and _texts(arguments) <= _texts(other_arguments)

    def _types_conflict(self, one: Node, other: Node) -> bool:
        """Lists go with lists; what is in them may be null in both or none, and scalars and enums must be the same."""
        while "Elem" in one and "Elem" in other:
            one, other = one["Elem"], other["Elem"]
        if "Elem" in one or "Elem" in other or one["NonNull"] != other["NonNull"]:
            return True
        kinds = [self._schema.types[each["NamedType"]]["Kind"] for each in (one, other)]
        leaves = all(kind in LEAF_KINDS for kind in kinds)
        return leaves and one["NamedType"] != other["NamedType"]


def _texts(arguments: list[Node]) -> set[tuple[str, int, str]]:
    values = [(argument["Name"], argument.get("Value")) for argument in arguments]
    return {(name, value["Kind"], value["Raw"]) for name, value in values if value is not None}
