"""The schemas of schemas of drafts 4, 6 and 7 (json-schema.org): the only other documents a schema may refer to."""

from __future__ import annotations

from typing import Any

ADDRESSES = {f"http://json-schema.org/draft-0{draft}/schema": draft for draft in (4, 6, 7)}

_SELF = {"$ref": "#"}
_TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]
_OF_SCHEMAS = {"type": "object", "additionalProperties": _SELF}


def document(draft: int) -> dict[str, Any]:
    """The schema that every schema of ``draft`` matches."""
    address = f"http://json-schema.org/draft-0{draft}/schema#"
    old = draft == 4
    found: dict[str, Any] = {
        "id" if old else "$id": address,
        "$schema": address,
        "definitions": _definitions(old=old),
        "type": "object" if old else ["object", "boolean"],
        "properties": _properties(draft),
    }
    if old:
        found["dependencies"] = {"exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]}
    return found


def _definitions(*, old: bool) -> dict[str, Any]:
    texts: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    return {
        "schemaArray": {"type": "array", "minItems": 1, "items": _SELF},
        "count": {"type": "integer", "minimum": 0},
        "countOrNone": {"allOf": [_definition("count"), {"default": 0}]},
        "simpleTypes": {"enum": _TYPES},
        "stringArray": {**texts, "minItems": 1} if old else texts,
    }


def _definition(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/{name}"}


def _properties(draft: int) -> dict[str, Any]:
    old = draft == 4
    text, number, truth = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
    exclusive = truth if old else number
    rest = {"anyOf": [truth, _SELF]} if old else _SELF
    types = _definition("simpleTypes")
    found: dict[str, Any] = {
        **dict.fromkeys(("title", "description", "format"), text),
        **dict.fromkeys(("maximum", "minimum"), number),
        **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum"), exclusive),
        **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), _definition("count")),
        **dict.fromkeys(("minLength", "minItems", "minProperties"), _definition("countOrNone")),
        **dict.fromkeys(("definitions", "properties", "patternProperties"), _OF_SCHEMAS),
        **dict.fromkeys(("additionalItems", "additionalProperties"), rest),
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), _definition("schemaArray")),
        "multipleOf": {**number, "minimum": 0, "exclusiveMinimum": True} if old else {**number, "exclusiveMinimum": 0},
        "pattern": {**text, "format": "regex"},
        "items": {"anyOf": [_SELF, _definition("schemaArray")]},
        "uniqueItems": truth,
        "required": _definition("stringArray"),
        "dependencies": {"type": "object", "additionalProperties": {"anyOf": [_SELF, _definition("stringArray")]}},
        "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
        "type": {"anyOf": [types, {"type": "array", "items": types, "minItems": 1, "uniqueItems": True}]},
        "not": _SELF,
    }
    if old:
        return {**found, "id": text, "$schema": text}
    reference = {**text, "format": "uri-reference"}
    found |= {"$id": reference, "$ref": reference, "$schema": {**text, "format": "uri"}, "examples": {"type": "array"}}
    found |= {"contains": _SELF, "propertyNames": _SELF}
    if draft >= 7:
        found |= {"patternProperties": {**_OF_SCHEMAS, "propertyNames": {"format": "regex"}}, "readOnly": truth}
        found |= dict.fromkeys(("$comment", "contentMediaType", "contentEncoding"), text)
        found |= dict.fromkeys(("if", "then", "else"), _SELF)
    return found
