"""Schemas: the types that a document declares together with GraphQL's own, checked by OPA's rules.

The rules are those of https://spec.graphql.org/October2021/#sec-Type-System as far as OPA has them: default values
are not looked at, for one, and a schema without a root for queries is a schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from gateproof.rego.builtins.graphql.nodes import NULL, Node, by_name, type_name
from gateproof.rego.builtins.graphql.schema_parser import SchemaParser
from gateproof.rego.builtins.operands import fail

__all__ = ["COMPOSITE_KINDS", "INPUT_KINDS", "LEAF_KINDS", "Schema", "is_compatible", "is_required"]

COMPOSITE_KINDS = frozenset(("OBJECT", "INTERFACE", "UNION"))
INPUT_KINDS = frozenset(("SCALAR", "ENUM", "INPUT_OBJECT"))
LEAF_KINDS = frozenset(("SCALAR", "ENUM"))
_OUTPUT_KINDS = COMPOSITE_KINDS | LEAF_KINDS

_REDECLARABLE = frozenset(("include", "skip", "deprecated", "specifiedBy", "defer", "oneOf"))
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_MERGED = ("Directives", "Interfaces", "Fields", "Types", "EnumValues")

# The scalars, directives and introspection types that every schema has.
_BUILT_IN = """
scalar Int scalar Float scalar String scalar Boolean scalar ID
directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String = "No longer supported")
    on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema {
    description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
    directives: [__Directive!]!
}
type __Type {
    kind: __TypeKind! name: String description: String specifiedByURL: String
    fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
    enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
    inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field {
    name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type!
    isDeprecated: Boolean! deprecationReason: String
}
type __InputValue {
    name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean!
    deprecationReason: String
}
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive {
    name: String! description: String isRepeatable: Boolean! locations: [__DirectiveLocation!]!
    args(includeDeprecated: Boolean = false): [__InputValue!]!
}
enum __DirectiveLocation {
    QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA
    SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT
    INPUT_FIELD_DEFINITION
}
type Introspection { __schema: __Schema! __type(name: String!): __Type }
"""


@cache
def _built_in() -> tuple[Node, list[Node]]:
    """The document of what every schema has, and the fields that its query root has."""
    document = SchemaParser(_BUILT_IN, lambda _steps: None).document()
    introspection = document["Definitions"].pop()
    document["Definitions"] = [{**definition, "BuiltIn": True} for definition in document["Definitions"]]
    return document, introspection["Fields"]


class Schema:
    """The types of a valid schema.

    ``types`` and ``directives``: definitions by name, extensions merged in. ``possible``: for a type the names of
    those that its values can have. ``roots``: the types of ``query``, ``mutation`` and ``subscription``.
    """

    def __init__(self, document: Node, spend: Callable[[int], None]) -> None:
        """Check ``document``; raises :class:`~gateproof.rego.errors.BuiltinError` at the first thing that is wrong."""
        built_in, introspection = _built_in()
        self._spend = spend
        self._fields: dict[str, dict[str, Node]] = {}
        self._enum_values: dict[str, frozenset[str]] = {}
        self.types = _merged(
            [*built_in["Definitions"], *document.get("Definitions", ())], document.get("Extensions", ())
        )
        self.directives = _directives([*built_in["Directives"], *document.get("Directives", ())])
        self.possible = self._possible_types()
        self.roots = self._roots(document)
        for definition in self.types.values():
            self._check_definition(definition)
        for directive in self.directives.values():
            _check_name(directive["Name"])
            self._check_arguments(directive.get("Arguments", ()), within=directive["Name"])
        query = self.roots.get("query")
        if query is not None:
            query["Fields"] = [*query.get("Fields", ()), *introspection]

    def fields(self, definition: Node) -> dict[str, Node]:
        """The fields of a type by name."""
        name = definition["Name"]
        if name not in self._fields:
            self._fields[name] = by_name(definition.get("Fields", ()))
        return self._fields[name]

    def enum_values(self, definition: Node) -> frozenset[str]:
        """The names of the values of an enum."""
        name = definition["Name"]
        if name not in self._enum_values:
            self._enum_values[name] = frozenset(value["Name"] for value in definition.get("EnumValues", ()))
        return self._enum_values[name]

    def _possible_types(self) -> dict[str, set[str]]:
        possible: dict[str, set[str]] = {}
        for name, definition in self.types.items():
            kind = definition["Kind"]
            if kind == "UNION":
                possible.setdefault(name, set()).update(definition.get("Types", ()))
            if kind in ("OBJECT", "INPUT_OBJECT"):
                possible.setdefault(name, set()).add(name)
            if kind in ("OBJECT", "INPUT_OBJECT", "INTERFACE"):
                for interface in definition.get("Interfaces", ()):
                    possible.setdefault(interface, set()).add(name)
        return possible

    def _roots(self, document: Node) -> dict[str, Node]:
        definitions = document.get("Schema", [])
        if len(definitions) > 1:
            raise fail("Cannot have multiple schema entry points, consider schema extensions instead")
        roots = {}
        for definition in [*definitions, *document.get("SchemaExtension", ())]:
            for root in definition.get("OperationTypes", ()):
                if root["Type"] not in self.types:
                    raise fail(f"Schema root {root['Operation']} refers to a type {root['Type']} that does not exist")
                roots[root["Operation"]] = self.types[root["Type"]]
            self._check_directives(definition, "SCHEMA")
        if not definitions:
            for operation, name in _ROOTS.items():
                if name in self.types:
                    roots.setdefault(operation, self.types[name])
        return roots

    def _check_definition(self, definition: Node) -> None:
        name, kind = definition["Name"], definition["Kind"]
        if not definition["BuiltIn"]:
            _check_name(name)
        self._check_fields(definition)
        for member in definition.get("Types", ()):
            if self._definition(member)["Kind"] != "OBJECT":
                raise fail(f'{kind} type "{member}" must be OBJECT')
        for interface in definition.get("Interfaces", ()):
            self._check_implementation(definition, interface)
        if kind == "ENUM":
            self._check_enum_values(definition)
        _check_unique([value["Name"] for value in definition.get("EnumValues", ())], f"Enum value of {name}")
        _check_unique(definition.get("Types", ()), f"Member of the union {name}")
        self._check_directives(definition, kind, unique=False)

    def _check_fields(self, definition: Node) -> None:
        name, kind, fields = definition["Name"], definition["Kind"], definition.get("Fields", [])
        allowed = {"OBJECT": _OUTPUT_KINDS, "INTERFACE": _OUTPUT_KINDS, "INPUT_OBJECT": INPUT_KINDS}.get(kind)
        if allowed is not None and not fields:
            raise fail(f"{kind} {name}: must define one or more fields")
        _check_unique([field["Name"] for field in fields], f"Field of {name}")
        for field in fields:
            self._spend(4)
            _check_name(field["Name"])
            type_kind = self._definition(type_name(field.get("Type")))["Kind"]
            if allowed is not None and type_kind not in allowed:
                raise fail(f"{kind} {name}: field must be one of {', '.join(sorted(allowed))}")
            self._check_arguments(field.get("Arguments", ()))
            self._check_directives(field, "INPUT_FIELD_DEFINITION" if kind == "INPUT_OBJECT" else "FIELD_DEFINITION")

    def _check_enum_values(self, definition: Node) -> None:
        values = definition.get("EnumValues", ())
        if not values:
            raise fail(f"ENUM {definition['Name']}: must define one or more unique enum values")
        for value in values:
            if value["Name"] in ("true", "false", "null"):
                raise fail(f"ENUM {definition['Name']}: non-enum value {value['Name']}")
            self._check_directives(value, "ENUM_VALUE")

    def _check_arguments(self, arguments: Iterable[Node], within: str | None = None) -> None:
        """``within``: the directive whose arguments these are."""
        for argument in arguments:
            self._spend(4)
            _check_name(argument["Name"])
            kind = self._definition(type_name(argument.get("Type")))["Kind"]
            if kind not in INPUT_KINDS:
                raise fail(f"cannot use {kind} as argument {argument['Name']}: it is not a valid input type")
            self._check_directives(argument, "ARGUMENT_DEFINITION", within=within)

    def _check_directives(self, place: Node, location: str, *, unique: bool = True, within: str | None = None) -> None:
        """The directives of ``place``. Those of a type with extensions may repeat: they stand in several places."""
        seen: set[str] = set()
        for directive in place.get("Directives", ()):
            self._spend(4)
            name = directive["Name"]
            _check_name(name)
            if name == within:
                raise fail(f"Directive {name} cannot refer to itself")
            definition = self.directives.get(name)
            if definition is None:
                raise fail(f"Undefined directive {name}")
            if unique and name in seen and not definition["IsRepeatable"]:
                raise fail(f"The directive {name} can only be used once at this location")
            seen.add(name)
            locations, arguments = definition.get("Locations", ()), definition.get("Arguments", ())
            self._spend(len(locations) // 16 + len(arguments))
            if location not in locations:
                raise fail(f"Directive {name} is not applicable on {location}")
            _check_directive_arguments(directive, definition)

    def _check_implementation(self, definition: Node, interface_name: str) -> None:
        """https://spec.graphql.org/October2021/#IsValidImplementation()"""
        interface = self._definition(interface_name)
        if interface["Kind"] != "INTERFACE":
            raise fail(f'"{interface_name}" is a non interface type {interface["Kind"]}')
        fields = by_name(definition.get("Fields", ()))
        interfaces = frozenset(definition.get("Interfaces", ()))
        self._spend(len(fields) + len(interfaces))
        for required in interface.get("Fields", ()):
            self._spend(4)
            found = fields.get(required["Name"])
            where = f"For {definition['Name']} to implement {interface_name} the field {required['Name']}"
            if found is None:
                raise fail(f"{where} is needed")
            if not self._is_covariant(required.get("Type"), found.get("Type")):
                raise fail(f"{where} must have the same type or a narrower one")
            self._spend(len(required.get("Arguments", ())) + len(found.get("Arguments", ())))
            _check_implemented_arguments(required, found, where)
        for ancestor in interface.get("Interfaces", ()):
            if ancestor not in interfaces:
                raise fail(f"{definition['Name']} must implement {ancestor}, because {interface_name} does")

    def _is_covariant(self, required: Node | None, actual: Node | None) -> bool:
        while required is not None and actual is not None:
            if required["NonNull"] and not actual["NonNull"]:
                return False
            name = required["NamedType"]
            if name:
                return actual["NamedType"] == name or actual["NamedType"] in self.possible.get(name, ())
            required, actual = required.get("Elem"), actual.get("Elem")
        return False

    def _definition(self, name: str) -> Node:
        if name not in self.types:
            raise fail(f"Undefined type {name}")
        return self.types[name]


def is_compatible(actual: Node | None, expected: Node | None) -> bool:
    """Whether a value of the type ``actual`` can stand where ``expected`` is wanted: equal, or null less often."""
    while actual is not None and expected is not None:
        if actual["NamedType"] != expected["NamedType"] or (expected["NonNull"] and not actual["NonNull"]):
            return False
        actual, expected = actual.get("Elem"), expected.get("Elem")
        if actual is None:
            return True
    return False


def is_required(argument: Node) -> bool:
    """Whether an argument or a field of an input object has to be given."""
    reference = argument.get("Type")
    return reference is not None and bool(reference["NonNull"]) and "DefaultValue" not in argument


def _merged(definitions: list[Node], extensions: Iterable[Node]) -> dict[str, Node]:
    """Copies of the definitions by name, with what extensions add; an extension of nothing is a definition."""
    types: dict[str, Node] = {}
    for definition in definitions:
        if definition["Name"] in types:
            raise fail(f"Cannot redeclare type {definition['Name']}")
        types[definition["Name"]] = dict(definition)
    for extension in extensions:
        name, kind = extension["Name"], extension["Kind"]
        base = types.setdefault(name, {"Kind": kind, "Name": name, "BuiltIn": False})
        if base["Kind"] != kind:
            raise fail(f"Cannot extend type {name} because the base type is a {base['Kind']}, not {kind}")
        for part in _MERGED:
            if part in extension:
                base[part] = [*base.get(part, ()), *extension[part]]
    return types


def _directives(definitions: Iterable[Node]) -> dict[str, Node]:
    """The directives by name; those of GraphQL itself may be declared again, and the last one counts."""
    directives: dict[str, Node] = {}
    for definition in definitions:
        name = definition["Name"]
        if name in directives and name not in _REDECLARABLE:
            raise fail(f"Cannot redeclare directive {name}")
        directives[name] = definition
    return directives


def _check_directive_arguments(directive: Node, definition: Node) -> None:
    given = by_name(directive.get("Arguments", ()))
    known = definition.get("Arguments", ())
    unknown = given.keys() - {argument["Name"] for argument in known}
    if unknown:
        raise fail(f"Undefined argument {min(unknown)} for directive {directive['Name']}")
    for argument in known:
        if is_required(argument):
            name = argument["Name"]
            value = given[name].get("Value") if name in given else None
            if value is None or value["Kind"] == NULL:
                raise fail(f"Argument {name} for directive {directive['Name']} cannot be null")


def _check_implemented_arguments(required: Node, found: Node, where: str) -> None:
    wanted, given = required.get("Arguments", ()), found.get("Arguments", ())
    wanted_names, given_by_name = {argument["Name"] for argument in wanted}, by_name(given)
    for argument in wanted:
        other = given_by_name.get(argument["Name"])
        if other is None or not is_compatible(argument.get("Type"), other.get("Type")):
            raise fail(f"{where} must have the same arguments: {argument['Name']} is missing or has another type")
    for argument in given:
        if argument["Name"] not in wanted_names and is_required(argument):
            raise fail(f"{where} may have more arguments only where they are optional: {argument['Name']} is not")


def _check_unique(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise fail(f"{what} can only be defined once: {name}")
        seen.add(name)


def _check_name(name: str) -> None:
    if name.startswith("__"):
        raise fail(f'Name "{name}" must not begin with "__", which is reserved by GraphQL introspection')
