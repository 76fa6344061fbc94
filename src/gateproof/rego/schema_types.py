"""JSON Schemas as types, so that a misspelt member of the input is found when a policy is compiled.

As for OPA, an object has the properties that its schema lists and no others; unlike for OPA, also others where
``additionalProperties`` says so. What a schema says of values (patterns, limits, formats) is no matter of types.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateproof.rego.errors import Unsupported
from gateproof.rego.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Key, ObjectType, Type, Types

_KINDS = {"null": NULL, "boolean": BOOLEAN, "integer": NUMBER, "number": NUMBER, "string": STRING}


def type_of_schema(schema: object, types: Types) -> Type:
    """The type of what is valid for ``schema``, a JSON Schema of any draft, or the schema of an OpenAPI document.

    What refers to itself can be anything there. Raises :class:`Unsupported` for a reference to another document, or
    to what is not there.
    """
    return _Reader(schema, types).type_of(schema)


class _Reader:
    def __init__(self, root: object, types: Types) -> None:
        self._root = root
        self._types = types
        self._known: dict[str, Type] = {}

    def type_of(self, schema: object) -> Type:
        """The type of what is valid for ``schema``; anything, where it does not say."""
        self._types.spend()
        if not isinstance(schema, dict):
            return ANY
        if isinstance(schema.get("$ref"), str):
            return self._referred(schema["$ref"])
        for word in ("anyOf", "oneOf"):
            if _many(schema.get(word)):
                return self._any(schema[word])
        if _many(schema.get("allOf")):
            return self._all([{name: part for name, part in schema.items() if name != "allOf"}, *schema["allOf"]])
        if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
            return self._types.union([NUMBER, STRING]) or ANY
        kinds = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else None)
        nullable = [NULL] if schema.get("nullable") is True else []
        return self._types.union([*nullable, *(self._kind(kind, schema) for kind in _listed(kinds))]) or ANY

    def _kind(self, kind: object, schema: dict[str, object]) -> Type:
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            items = schema.get("items")
            if isinstance(items, list):
                return self._types.array_type(map(self.type_of, items), ANY)
            return self._types.array_type([], self.type_of(items))
        return _KINDS.get(kind, ANY) if isinstance(kind, str) else ANY

    def _object(self, schema: dict[str, object]) -> Type:
        properties, others = schema.get("properties"), schema.get("additionalProperties")
        static: dict[Key, Type | None] = {}
        if isinstance(properties, dict):
            static = {str(name): self.type_of(member) for name, member in properties.items()}
        if schema.get("patternProperties") or schema.get("x-kubernetes-preserve-unknown-fields"):
            others = True
        if others or not static:
            return self._types.object_type(static, (STRING, self.type_of(others)))
        return self._types.object_type(static)

    def _any(self, schemas: list[object]) -> Type:
        return self._types.union(map(self.type_of, schemas)) or ANY

    def _all(self, schemas: list[object]) -> Type:
        """Objects become one with the properties of all; of other types, the first that says something is taken."""
        found = [one for one in map(self.type_of, schemas) if one is not ANY]
        objects = [one for one in found if isinstance(one, ObjectType)]
        if not found or len(objects) < len(found):
            return found[0] if found else ANY
        dynamic = next((one.dynamic for one in objects if one.dynamic is not None), None)
        return self._types.object_type({key: member for one in objects for key, member in one.static.items()}, dynamic)

    def _referred(self, reference: str) -> Type:
        if reference not in self._known:
            self._known[reference] = ANY  # while it is read, what refers to itself
            self._known[reference] = self.type_of(self._found(reference))
        return self._known[reference]

    def _found(self, reference: str) -> object:
        place = self._root
        if not reference.startswith("#"):
            raise Unsupported(f"the schema refers to another document: {reference}", hint="put it into the schema")
        for part in reference[1:].split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(place, dict) or name not in place:
                raise Unsupported(f"the schema refers to what is not there: {reference}", hint="correct the schema")
            place = place[name]
        return place


def _many(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
