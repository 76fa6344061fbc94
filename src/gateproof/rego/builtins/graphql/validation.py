"""Queries against a schema (https://spec.graphql.org/October2021/#sec-Validation), by the rules that OPA has.

All selections are visited from the root of their operation, fragments where they are spread, and fragments once more
by themselves. The first thing that is wrong ends it: what the others are is of no account.
"""

from __future__ import annotations

from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter

from gateproof.rego.builtins.graphql.nodes import MAX_DEPTH, Node, by_name, too_deep, type_name
from gateproof.rego.builtins.graphql.overlaps import Overlaps, field_definition
from gateproof.rego.builtins.graphql.schema import COMPOSITE_KINDS, LEAF_KINDS, Schema, is_required
from gateproof.rego.builtins.graphql.values import Values
from gateproof.rego.builtins.operands import fail

__all__ = ["validate"]

_LOCATIONS = {"query": "QUERY", "mutation": "MUTATION", "subscription": "SUBSCRIPTION"}
_INTROSPECTION_LISTS = frozenset(("fields", "interfaces", "possibleTypes", "inputFields"))
_MAX_INTROSPECTION_LISTS = 2


def validate(schema: Schema, document: Node, spend: Callable[[int], None]) -> None:
    """Raise :class:`~gateproof.rego.errors.BuiltinError` where ``document`` is no query for ``schema``."""
    operations, fragments = document.get("Operations", []), document.get("Fragments", [])
    _check_names([operation["Name"] for operation in operations], "operation")
    _check_names([fragment["Name"] for fragment in fragments], "fragment")
    if len(operations) > 1 and any(not operation["Name"] for operation in operations):
        raise fail("An anonymous operation must be the only operation")
    _check_nesting(operations, fragments)
    walk = _Walk(schema, by_name(fragments), spend)
    for operation in operations:
        walk.operation(operation)
    walk.check_unused_fragments()
    for fragment in fragments:
        walk.fragment(fragment)


def _check_names(names: list[str], what: str) -> None:
    if len(set(names)) < len(names):
        raise fail(f"There can be only one {what} of a name")


def _check_nesting(operations: list[Node], fragments: list[Node]) -> None:
    """No fragment spreads itself, and with all fragments in their places selections are not nested too deeply."""
    levels = {fragment["Name"]: _levels(fragment) for fragment in fragments}
    spreads = {name: [spread for spread, _ in found] for name, (_, found) in levels.items()}
    depths: dict[str, int] = {}
    try:
        order = [name for name in TopologicalSorter(spreads).static_order() if name in levels]
    except CycleError as error:
        raise fail(f'Cannot spread fragment "{error.args[1][0]}" within itself') from None
    for name in order:
        depths[name] = _depth(levels[name], depths)
    if any(depth > MAX_DEPTH for depth in [*depths.values(), *(_depth(_levels(each), depths) for each in operations)]):
        raise too_deep()


def _levels(definition: Node) -> tuple[int, list[tuple[str, int]]]:
    """How deep the selections of an operation or fragment nest, and the level of every fragment spread in them."""
    deepest, spreads = 0, []
    waiting = [(definition, 0)]
    while waiting:
        place, level = waiting.pop()
        deepest = max(deepest, level)
        for selection in place.get("SelectionSet", ()):
            if "Alias" in selection or "TypeCondition" in selection:
                waiting.append((selection, level + 1))
            else:
                spreads.append((selection["Name"], level + 1))
    return deepest, spreads


def _depth(levels: tuple[int, list[tuple[str, int]]], depths: dict[str, int]) -> int:
    deepest, spreads = levels
    return max([deepest, *(level + depths.get(name, 0) for name, level in spreads)])


class _Walk:
    """One document on its way through the rules."""

    def __init__(self, schema: Schema, fragments: dict[str, Node], spend: Callable[[int], None]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._spend = spend
        self._values = Values(schema, spend)
        self._overlaps = Overlaps(schema, fragments, spend)
        self._spread: set[str] = set()
        """The fragments that the operation or fragment being visited has spread so far."""
        self._used: set[str] = set()
        self._in_operation = False

    def operation(self, operation: Node) -> None:
        name = operation["Operation"] or "query"
        root = self._schema.roots.get(name)
        if root is None or name not in _LOCATIONS:
            raise fail(f'Schema does not support operation type "{name}"')
        selections = operation.get("SelectionSet", [])
        self._spread, self._in_operation = set(), True
        self._values.enter(operation)
        for variable in operation.get("VariableDefinitions", ()):
            self._directives(variable, "VARIABLE_DEFINITION")
        self._directives(operation, _LOCATIONS[name])
        self._selections(selections, root)
        if name == "subscription":
            self._check_subscription(selections)
        self._values.leave()
        self._overlaps.check(selections, root)
        self._used |= self._spread
        self._in_operation = False

    def check_unused_fragments(self) -> None:
        unused = self._fragments.keys() - self._used
        if unused:
            raise fail(f'Fragment "{min(unused)}" is never used')

    def fragment(self, fragment: Node) -> None:
        parent, selections = self._condition(fragment), fragment.get("SelectionSet", [])
        self._spread = set()
        self._directives(fragment, "FRAGMENT_DEFINITION")
        self._selections(selections, parent)
        self._overlaps.check(selections, parent)

    def _selections(self, selections: list[Node], parent: Node) -> None:
        for selection in selections:
            self._spend(8)
            if "Alias" in selection:
                self._field(selection, parent)
            elif "TypeCondition" in selection:
                self._inline_fragment(selection, parent)
            else:
                self._fragment_spread(selection, parent)

    def _field(self, field: Node, parent: Node) -> None:
        name, selections = field["Name"], field.get("SelectionSet", [])
        definition = field_definition(self._schema, parent, name)
        field_type = self._schema.types[type_name(definition["Type"])]
        if field_type["Kind"] in LEAF_KINDS and selections:
            raise fail(f'Field "{name}" must not have a selection: type "{field_type["Name"]}" has no fields')
        if field_type["Kind"] not in LEAF_KINDS and not selections:
            raise fail(f'Field "{name}" of type "{field_type["Name"]}" must have a selection of fields')
        self._arguments(field, definition)
        self._directives(field, "FIELD")
        self._selections(selections, field_type)
        if name in ("__schema", "__type"):
            self._check_introspection(field)
        if self._in_operation:
            self._overlaps.check(selections, field_type)

    def _inline_fragment(self, fragment: Node, parent: Node) -> None:
        inner, selections = parent, fragment.get("SelectionSet", [])
        if fragment["TypeCondition"]:
            inner = self._condition(fragment)
            self._check_possible(parent, inner)
        self._directives(fragment, "INLINE_FRAGMENT")
        self._selections(selections, inner)
        self._overlaps.check(selections, inner)

    def _fragment_spread(self, spread: Node, parent: Node) -> None:
        fragment = self._fragments.get(spread["Name"])
        if fragment is None:
            raise fail(f'Unknown fragment "{spread["Name"]}"')
        inner = self._condition(fragment)
        self._check_possible(parent, inner)
        self._directives(spread, "FRAGMENT_SPREAD")
        if spread["Name"] not in self._spread:
            self._spread.add(spread["Name"])
            self._directives(fragment, "FRAGMENT_DEFINITION")
            self._selections(fragment.get("SelectionSet", []), inner)

    def _condition(self, fragment: Node) -> Node:
        """The type that a fragment is on, which has fields."""
        condition = fragment["TypeCondition"]
        definition = self._schema.types.get(condition)
        if definition is None:
            raise fail(f'Unknown type "{condition}"')
        if definition["Kind"] not in COMPOSITE_KINDS:
            raise fail(f'A fragment cannot condition on "{condition}": it has no fields')
        return definition

    def _directives(self, place: Node, location: str) -> None:
        seen: set[str] = set()
        for directive in place.get("Directives", ()):
            name = directive["Name"]
            definition = self._schema.directives.get(name)
            if definition is None:
                raise fail(f'Unknown directive "@{name}"')
            locations = definition.get("Locations", ())
            self._spend(4 + len(locations) // 16)
            if location not in locations:
                raise fail(f'Directive "@{name}" may not be used on {location}')
            if name in seen and not definition["IsRepeatable"]:
                raise fail(f'The directive "@{name}" can only be used once at this location')
            seen.add(name)
            self._arguments(directive, definition)

    def _arguments(self, place: Node, definition: Node) -> None:
        """The arguments of a field or directive."""
        arguments, definitions = place.get("Arguments", []), definition.get("Arguments", [])
        if not arguments and not definitions:
            return
        self._spend(len(definitions))
        _check_names([argument["Name"] for argument in arguments], "argument")
        known = by_name(definitions)
        for argument in arguments:
            if argument["Name"] not in known:
                raise fail(f'Unknown argument "{argument["Name"]}" of "{place["Name"]}"')
            self._values.check(argument.get("Value"), known[argument["Name"]])
        given = {argument["Name"] for argument in arguments}
        for each in definitions:
            if is_required(each) and each["Name"] not in given:
                raise fail(f'Argument "{each["Name"]}" of "{place["Name"]}" is required and was not provided')

    def _check_possible(self, parent: Node, inner: Node) -> None:
        """Whether an object can be of the type around a fragment and of the fragment's."""
        if parent["Kind"] not in COMPOSITE_KINDS:
            return
        possible = self._schema.possible
        around = {parent["Name"]} if parent["Kind"] == "OBJECT" else possible.get(parent["Name"], set())
        within = possible.get(inner["Name"], set())
        self._spend(len(within) // 4)
        if around.isdisjoint(within):
            raise fail(f'Objects of type "{parent["Name"]}" can never be of type "{inner["Name"]}"')

    def _check_introspection(self, field: Node) -> None:
        """Lists of types within lists of types make answers that grow without bound."""
        seen: set[tuple[str, int]] = set()
        waiting = [(field, 0)]
        while waiting:
            node, lists = waiting.pop()
            for selection in node.get("SelectionSet", ()):
                self._spend(1)
                if "Alias" in selection:
                    within = lists + (selection["Name"] in _INTROSPECTION_LISTS)
                    if within > _MAX_INTROSPECTION_LISTS:
                        raise fail("Maximum introspection depth exceeded")
                    waiting.append((selection, within))
                elif "TypeCondition" in selection:
                    waiting.append((selection, lists))
                elif (selection["Name"], lists) not in seen:
                    seen.add((selection["Name"], lists))
                    waiting.append((self._fragments[selection["Name"]], lists))

    def _check_subscription(self, selections: list[Node]) -> None:
        """A subscription has one field, and none of introspection."""
        names: set[str] = set()
        spread: set[str] = set()
        waiting = list(selections)
        while waiting:
            selection = waiting.pop()
            self._spend(1)
            if "Alias" in selection:
                names.add(selection["Name"])
            elif "TypeCondition" in selection:
                waiting += selection.get("SelectionSet", ())
            elif selection["Name"] not in spread:
                spread.add(selection["Name"])
                waiting += self._fragments[selection["Name"]].get("SelectionSet", ())
        if len(names) > 1 or any(name.startswith("__") for name in names):
            raise fail("A subscription must select only one top level field, and none of introspection")
