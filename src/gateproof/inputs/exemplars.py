"""Schemas → exemplars: documents with everything that a document of the schema can have.

What a policy reads and no exemplar has, no input of these schemas has. Read are the answer of
`terraform providers schema -json` (https://developer.hashicorp.com/terraform/cli/commands/providers/schema), the
OpenAPI documents of a Kubernetes API server (`kubectl get --raw /openapi/v2`, or one of /openapi/v3), and JSON Schema.
Where a schema leaves the type open, the exemplar says nothing, and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gateproof.errors import InputError

_MOST = 5_000_000
"""Values of all exemplars of one schema: the largest providers have about a tenth of that."""
_DEEPEST = 60
_UNSAID: Any = object()
_SCALARS = {"string": "", "number": 0, "integer": 0, "bool": True, "boolean": True}
_GROUP = "x-kubernetes-group-version-kind"
_BESIDES = ("anyOf", "oneOf", "allOf", "not", "if", "patternProperties", "dependentSchemas", "$dynamicRef")
_HINT = "give `terraform providers schema -json`, an OpenAPI document of Kubernetes, or JSON Schema, as JSON"


class Exemplars(msgspec.Struct, frozen=True):
    """Documents that together have everything.

    ``closed`` are the objects in them that can have no other members, each with the names that it may have but of which
    nothing is said here. A whole document is none of them: a policy may be for inputs of another kind.
    """

    documents: tuple[Any, ...]
    closed: tuple[tuple[dict[str, Any], frozenset[str]], ...]


def exemplars(raw: bytes, name: str) -> Exemplars:
    """The exemplars of the schema in the file ``name``. Raises InputError for anything that is no schema."""
    try:
        schema = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where=name, hint=_HINT) from None
    maker = _Maker(name)
    try:
        documents = tuple(maker.documents(schema))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"not a schema: {type(error).__name__}: {error}", where=name, hint=_HINT) from None
    whole = set(map(id, documents))
    return Exemplars(documents, tuple(each for each in maker.closed if id(each[0]) not in whole))


class _Maker:
    def __init__(self, name: str) -> None:
        self.closed: list[tuple[dict[str, Any], frozenset[str]]] = []
        self._name = name
        self._made = 0
        self._root: Any = None
        self._kubernetes = False

    def documents(self, schema: Any) -> Iterator[Any]:
        """One plan, or an object of each kind, or one document."""
        if not isinstance(schema, dict):
            raise InputError("a schema is an object", where=self._name, hint=_HINT)
        self._root = schema
        if "provider_schemas" in schema:
            yield self._plan(schema["provider_schemas"])
            return
        definitions = schema.get("definitions") if "swagger" in schema else schema.get("components", {}).get("schemas")
        if definitions and any(_GROUP in each for each in definitions.values()):
            self._kubernetes = True
            for definition in definitions.values():
                for kind in definition.get(_GROUP, ()):
                    yield self._object(definition, kind)
            return
        if not ({"type", "properties", "$ref", "allOf", "$schema"} & schema.keys()):
            raise InputError("nothing says what kind of schema this is", where=self._name, hint=_HINT)
        document = self._value(schema, ())
        if document is not _UNSAID:
            yield document

    # Terraform

    def _plan(self, providers: Mapping[str, Any]) -> dict[str, Any]:
        """A plan with a change of every resource and data source."""
        changes, planned = [], []
        for provider, schema in providers.items():
            for mode, kinds in (("managed", "resource_schemas"), ("data", "data_source_schemas")):
                for kind, described in (schema.get(kinds) or {}).items():
                    values = self._block(described["block"], 0)
                    names = {"address": f"{kind}.x", "mode": mode, "type": kind, "name": "x", "provider_name": provider}
                    change = {"actions": ["create", "update"], "before": values, "after": values}
                    changes.append({**names, "change": change})
                    planned.append({**names, "values": values})
        values = {"root_module": {"resources": planned}}
        return {"format_version": "1.2", "resource_changes": changes, "planned_values": values}

    def _block(self, block: Mapping[str, Any], depth: int) -> Any:
        self._count(depth)
        members = {}
        for name, attribute in (block.get("attributes") or {}).items():
            nested = attribute.get("nested_type")
            members[name] = self._nested(nested, depth + 1) if nested else self._cty(attribute["type"], depth + 1)
        for name, inner in (block.get("block_types") or {}).items():
            members[name] = self._nesting(inner["nesting_mode"], self._block(inner["block"], depth + 1))
        return self._closed(members)

    def _nested(self, nested: Mapping[str, Any], depth: int) -> Any:
        return self._nesting(nested["nesting_mode"], self._block(nested, depth))

    def _nesting(self, mode: str, value: Any) -> Any:
        if mode in ("list", "set"):
            return [] if value is _UNSAID else [value]
        if mode == "map":
            return {} if value is _UNSAID else {"key": value}
        return value if mode in ("single", "group") else _UNSAID

    def _cty(self, described: Any, depth: int) -> Any:
        """A value of a type constraint, in cty's JSON form."""
        self._count(depth)
        match described:
            case str():
                return _SCALARS.get(described, _UNSAID)
            case ["list" | "set", of]:
                return self._nesting("list", self._cty(of, depth + 1))
            case ["map", of]:
                return self._nesting("map", self._cty(of, depth + 1))
            case ["object", dict(members), *_]:
                return self._closed({name: self._cty(of, depth + 1) for name, of in members.items()})
            case ["tuple", list(members)]:
                items = [self._cty(of, depth + 1) for of in members]
                return _UNSAID if _UNSAID in items else items
        return _UNSAID

    # JSON Schema and OpenAPI

    def _object(self, definition: Any, kind: Mapping[str, str]) -> Any:
        document = self._value(definition, ())
        version = "/".join(filter(None, (kind.get("group"), kind["version"])))
        document.update(apiVersion=version, kind=kind["kind"])
        return document

    def _value(self, schema: Any, within: tuple[str, ...]) -> Any:
        self._count(len(within))
        if not isinstance(schema, dict):
            return _UNSAID
        if "$ref" in schema:
            reference = schema["$ref"]
            return _UNSAID if reference in within else self._value(self._resolved(reference), (*within, reference))
        if len(schema.get("allOf", ())) == 1 and not ({"type", "properties"} & schema.keys()):
            return self._value(schema["allOf"][0], (*within, ""))
        if "const" in schema or "enum" in schema:
            kinds = {type(each) for each in schema.get("enum", [schema.get("const")])}
            return schema.get("const", schema.get("enum", [_UNSAID])[0]) if kinds <= {str} else _UNSAID
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind == "object":
            return self._members(schema, within)
        if kind == "array":
            items = schema.get("items")
            return self._nesting("list", self._value(items, (*within, "")) if isinstance(items, dict) else _UNSAID)
        if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
            return _UNSAID
        return _SCALARS.get(kind, _UNSAID) if isinstance(kind, str) else _UNSAID

    def _members(self, schema: Mapping[str, Any], within: tuple[str, ...]) -> Any:
        inner = (*within, "")
        members = {name: self._value(each, inner) for name, each in (schema.get("properties") or {}).items()}
        more = schema.get("additionalProperties", not (self._kubernetes and members))
        more = more or any(word in schema for word in _BESIDES) or schema.get("x-kubernetes-preserve-unknown-fields")
        if not more:
            return self._closed(members)
        said = {name: value for name, value in members.items() if value is not _UNSAID}
        if isinstance(more, dict) and not said and (value := self._value(more, inner)) is not _UNSAID:
            return {"key": value}
        return said

    def _resolved(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            return None
        place = self._root
        for part in reference[2:].split("/"):
            place = place[part.replace("~1", "/").replace("~0", "~")]
        return place

    def _closed(self, members: dict[str, Any]) -> Any:
        said = {name: value for name, value in members.items() if value is not _UNSAID}
        self.closed.append((said, frozenset(members.keys() - said.keys())))
        return said

    def _count(self, depth: int) -> None:
        self._made += 1
        if self._made > _MOST or depth > _DEEPEST:
            what = f"more than {_MOST} values" if self._made > _MOST else f"nested deeper than {_DEEPEST} levels"
            raise InputError(f"the schema has {what}", where=self._name, hint="give a schema of fewer kinds")
