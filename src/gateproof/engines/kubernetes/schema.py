"""Structural schemas (``openAPIV3Schema``), as an API server applies them to a custom resource.

First members that are missing get their defaults, then the value is validated, and what the schema does not know is a
problem: a cluster would drop it, and a misspelt parameter would be none. The keywords are those that Kubernetes allows
(https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/); ``format`` asserts
nothing here, since nothing that a rule decides depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

from gateproof.documents.interface import Path

Schema = Mapping[str, Any]
Problem = tuple[Path, str]

PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_RULES = "x-kubernetes-validations"
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int, float),
}
_JOINS = ("allOf", "anyOf", "oneOf")
_SHAPES: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), (int,), "an integer"),
    (("minimum", "maximum", "multipleOf"), (int, float), "a number"),
    (("properties", "items", "not"), (dict,), "an object"),
    (("enum", "required", *_JOINS), (list,), "a list"),
    (("additionalProperties",), (dict, bool), "a schema or a boolean"),
    (("pattern",), (str,), "a string"),
)
"""Keywords, the types of their values, and these in words."""


def flaws(schema: Any, at: Path = ()) -> Iterator[Problem]:
    """What makes ``schema`` none that can be applied."""
    if not isinstance(schema, dict):
        yield at, "a schema is an object"
        return
    kind = schema.get("type")
    if kind is not None and (not isinstance(kind, str) or kind not in _TYPES):
        yield (*at, "type"), f"{kind!r} is no type ({', '.join(_TYPES)})"
    if schema.get(_RULES):
        yield (*at, _RULES), "rules of CEL in a schema are not supported"
    if isinstance(pattern := schema.get("pattern"), str) and _compiled(pattern) is None:
        yield (*at, "pattern"), f"{pattern!r} is no regular expression (RE2)"
    if isinstance(names := schema.get("required"), list) and not all(isinstance(name, str) for name in names):
        yield (*at, "required"), "must be a list of names"
    if schema.get("uniqueItems"):
        yield (*at, "uniqueItems"), "uniqueItems is not allowed in the schema of a custom resource"
    for names, types, wanted in _SHAPES:
        for name in names:
            if schema.get(name) is not None and not isinstance(schema[name], types):
                yield (*at, name), f"must be {wanted}"
    for path, inner in _inner(schema):
        yield from flaws(inner, (*at, *path))


def _inner(schema: Schema) -> Iterator[tuple[Path, Any]]:
    """The schemas in ``schema``, each with its path."""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from ((("properties", name), inner) for name, inner in properties.items())
    for name in ("items", "not"):
        if schema.get(name) is not None:
            yield (name,), schema[name]
    if isinstance(schema.get("additionalProperties"), dict):
        yield ("additionalProperties",), schema["additionalProperties"]
    for join in _JOINS:
        if isinstance(schema.get(join), list):
            yield from (((join, index), inner) for index, inner in enumerate(schema[join]))


def preserving(schema: Schema) -> dict[str, Any]:
    """``schema`` that keeps what it does not know, at every level: ``legacySchema`` of a template."""
    made = {**schema}
    if made.get("type") in (None, "object"):
        made[PRESERVE] = True
    if made.get("type") == "array" and not made.get("items"):
        made["items"] = {PRESERVE: True}
    if isinstance(made.get("properties"), dict):
        made["properties"] = {name: preserving(inner) for name, inner in made["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), dict):
            made[name] = preserving(made[name])
    return made


def defaulted(schema: Schema, value: Any) -> Any:
    """A copy of ``value`` with the defaults of members that are missing, or null and not nullable."""
    if isinstance(value, dict):
        made = dict(value)
        properties = schema.get("properties") or {}
        for name, inner in properties.items():
            if "default" in inner and (name not in made or (made[name] is None and not inner.get("nullable"))):
                made[name] = inner["default"]
        for name, member in made.items():
            if (inner := _member(schema, name)) is not None:
                made[name] = defaulted(inner, member)
        return made
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        return [defaulted(items, item) for item in value]
    return value


def problems(schema: Schema, value: Any, at: Path = ()) -> Iterator[Problem]:
    """What is wrong with ``value``: types, bounds, and members that the schema does not know."""
    yield from _invalid(schema, value, at)
    yield from _unknown(schema, value, at)


def _member(schema: Schema, name: str) -> Schema | None:
    """The schema of a member of an object; None where there is none."""
    properties = schema.get("properties") or {}
    if name in properties:
        found: Schema = properties[name]
        return found
    additional = schema.get("additionalProperties")
    return additional if isinstance(additional, dict) else None


def _unknown(schema: Schema, value: Any, at: Path) -> Iterator[Problem]:
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _unknown(items, item, (*at, index))
    if not isinstance(value, dict):
        return
    keeps = schema.get(PRESERVE) or schema.get("additionalProperties") is True
    for name, member in value.items():
        inner = _member(schema, name)
        if inner is not None:
            yield from _unknown(inner, member, (*at, name))
        elif not keeps:
            yield (*at, name), "the schema does not know it"


def _invalid(schema: Schema, value: Any, at: Path) -> Iterator[Problem]:
    if value is None and schema.get("nullable"):
        return
    if not _is_of_type(schema, value):
        wanted = "an integer or a string" if schema.get(_INT_OR_STRING) else f"of type {schema['type']}"
        yield at, f"must be {wanted}, not {_shown(value)}"
        return
    if isinstance(allowed := schema.get("enum"), list) and not any(_equal(value, one) for one in allowed):
        yield at, f"must be one of {', '.join(map(_shown, allowed))}, not {_shown(value)}"
    match value:
        case bool() | None:
            pass
        case str():
            yield from _text(schema, value, at)
        case int() | float():
            yield from _number(schema, value, at)
        case list():
            yield from _list(schema, value, at)
        case dict():
            yield from _object(schema, value, at)
    yield from _joined(schema, value, at)


def _is_of_type(schema: Schema, value: Any) -> bool:
    if schema.get(_INT_OR_STRING):
        return type(value) in (int, str)
    kind = schema.get("type")
    if kind is None:
        return True
    if isinstance(value, bool):
        return bool(kind == "boolean")
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _text(schema: Schema, value: str, at: Path) -> Iterator[Problem]:
    if len(value) < schema.get("minLength", 0):
        yield at, f"must have at least {schema['minLength']} characters"
    if len(value) > schema.get("maxLength", len(value)):
        yield at, f"must have at most {schema['maxLength']} characters"
    if isinstance(pattern := schema.get("pattern"), str):
        compiled = _compiled(pattern)
        if compiled is None or compiled.search(value) is None:
            yield at, f"{_shown(value)} does not match {pattern!r}"


def _number(schema: Schema, value: float, at: Path) -> Iterator[Problem]:
    least, most, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if least is not None and (value < least or (value == least and schema.get("exclusiveMinimum"))):
        yield at, f"must be at least {least}"
    if most is not None and (value > most or (value == most and schema.get("exclusiveMaximum"))):
        yield at, f"must be at most {most}"
    if step and value % step:
        yield at, f"must be a multiple of {step}"


def _list(schema: Schema, value: list[Any], at: Path) -> Iterator[Problem]:
    if len(value) < schema.get("minItems", 0):
        yield at, f"must have at least {schema['minItems']} items"
    if len(value) > schema.get("maxItems", len(value)):
        yield at, f"must have at most {schema['maxItems']} items"
    if isinstance(items := schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _invalid(items, item, (*at, index))


def _object(schema: Schema, value: dict[str, Any], at: Path) -> Iterator[Problem]:
    if missing := [name for name in schema.get("required") or () if name not in value]:
        yield at, f"must have {' and '.join(map(str, missing))}"
    if len(value) < schema.get("minProperties", 0):
        yield at, f"must have at least {schema['minProperties']} members"
    if len(value) > schema.get("maxProperties", len(value)):
        yield at, f"must have at most {schema['maxProperties']} members"
    for name, member in value.items():
        if (inner := _member(schema, name)) is not None:
            yield from _invalid(inner, member, (*at, name))


def _joined(schema: Schema, value: Any, at: Path) -> Iterator[Problem]:
    for inner in schema.get("allOf") or ():
        yield from _invalid(inner, value, at)
    if (schemas := schema.get("anyOf")) and not any(_fits(one, value) for one in schemas):
        yield at, "fits none of the schemas in anyOf"
    if (schemas := schema.get("oneOf")) and sum(_fits(one, value) for one in schemas) != 1:
        yield at, "does not fit exactly one of the schemas in oneOf"
    if (forbidden := schema.get("not")) is not None and _fits(forbidden, value):
        yield at, "fits the schema that it must not"


def _fits(schema: Schema, value: Any) -> bool:
    return next(_invalid(schema, value, ()), None) is None


def _equal(one: Any, other: Any) -> bool:
    """Equal as JSON: ``1`` and ``True`` are not."""
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "an object"
        case list():
            return "a list"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= 60 else f"{text[:60]}…"
