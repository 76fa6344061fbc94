"""JSON Schema: ``json.verify_schema`` and ``json.match_schema`` (drafts 4, 6 and 7).

Decided by the package ``jsonschema-rs``. The verdict and the failing field are OPA's; the wording of most
descriptions is not.
"""

from __future__ import annotations

from typing import Any, NoReturn

from gateproof.errors import EvaluationError, MissingExtraError
from gateproof.rego.builtins.json_text import from_text, to_text
from gateproof.rego.builtins.operands import fail
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value, to_json, type_name

_TYPES = ("array", "boolean", "integer", "number", "null", "object", "string")
_LIMITS = {
    "exclusiveMaximum": ("number_lt", "Must be less than {}"),
    "exclusiveMinimum": ("number_gt", "Must be greater than {}"),
    "maxItems": ("array_max_items", "Array must have at most {} items"),
    "maxLength": ("string_lte", "String length must be less than or equal to {}"),
    "maxProperties": ("array_max_properties", "Must have at most {} properties"),
    "maximum": ("number_lte", "Must be less than or equal to {}"),
    "minItems": ("array_min_items", "Array must have at least {} items"),
    "minLength": ("string_gte", "String length must be greater than or equal to {}"),
    "minProperties": ("array_min_properties", "Must have at least {} properties"),
    "minimum": ("number_gte", "Must be greater than or equal to {}"),
}
_PLAIN = {
    "anyOf": ("number_any_of", "Must validate at least one schema (anyOf)"),
    "not": ("number_not", "Must not validate the schema (not)"),
    "uniqueItems": ("unique", "array items must be unique"),
}


def json_verify_schema(ctx: Context, schema: Value) -> list[Value]:
    """``[true, null]`` for a schema, ``[false, reason]`` for what is none."""
    try:
        _validator(_document(ctx, schema))
    except BuiltinError as error:
        return [False, f"jsonschema: {error.message}"]
    return [True, None]


def json_match_schema(ctx: Context, document: Value, schema: Value) -> list[Value]:
    """Whether ``document`` matches, and the errors: objects of ``error``, ``type``, ``field`` and ``desc``."""
    subject = _document(ctx, document)
    validator = _validator(_document(ctx, schema))
    errors = [each for error in validator.iter_errors(subject) for each in _errors(subject, error)]
    ctx.spend(10 * len(errors))
    return [not errors, errors]


def _document(ctx: Context, value: Value) -> Any:
    """An object or array, or the JSON text of any value."""
    charge_for(ctx, value)
    charge_for(ctx, value)
    if type(value) is str:
        return from_text(value)
    if type(value) is dict or type(value) is list:
        return to_json(value)
    raise fail("wrong type, expected string or object")


def _validator(schema: Any) -> Any:
    try:
        import jsonschema_rs
    except ImportError:
        raise MissingExtraError("jsonschema-rs", "schema") from None
    _check_types(schema)
    try:
        return jsonschema_rs.validator_for(
            schema, retriever=_refuse_reference, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ValidationError) as error:
        if "retrieving it failed" in str(error):
            raise EvaluationError(
                "a JSON Schema refers to another document", hint="put all definitions into one schema"
            ) from None
        raise fail(str(error).partition("\n")[0]) from None


def _refuse_reference(uri: str) -> NoReturn:
    """A schema never makes us read a file or ask the network."""
    raise ValueError(uri)


def _check_types(schema: Any) -> None:
    """OPA's own words for the commonest mistake. (``schema`` is a copy of ours.)"""
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if type(each) is list:
            waiting += each
        if type(each) is not dict:
            continue
        if each.get("additionalProperties") is False:
            each.setdefault("properties", {})  # else the validator does not name the members
        kinds = each.get("type")
        for kind in kinds if type(kinds) is list else [kinds]:
            if type(kind) is str and kind not in _TYPES:
                known = " ".join(_TYPES)
                raise fail(
                    f"has a primitive type that is NOT VALID -- given: /{kind}/ Expected valid values are:[{known}]"
                )
        waiting += [value for name, value in each.items() if name not in ("enum", "const", "default", "examples")]


def _errors(subject: Any, error: Any) -> list[dict[str, Value]]:
    """One error for each member that may not be there; else one."""
    if error.kind.name == "additionalProperties":
        kind = "additional_property_not_allowed"
        return [_entry(error, kind, f"Additional property {name} is not allowed") for name in error.kind.unexpected]
    return [_entry(error, *_description(subject, error))]


def _entry(error: Any, kind: str, description: str) -> dict[str, Value]:
    path = [str(step) for step in error.instance_path]
    field = ".".join(path) or "(Root)"
    if kind in ("enum", "const"):
        description = f"{field} {description}"
    return {"error": f"{field}: {description}", "type": kind, "field": field, "desc": description}


def _description(subject: Any, error: Any) -> tuple[str, str]:
    """OPA's name and words for an error; of rarer keywords the keyword itself and the validator's words."""
    what = error.kind
    if what.name in _LIMITS:
        name, words = _LIMITS[what.name]
        return name, words.format(what.limit)
    if what.name in _PLAIN:
        return _PLAIN[what.name]
    if what.name == "type":
        expected = what.types if len(what.types) == 1 else [f"[{','.join(what.types)}]"]
        given = _kind(_at(subject, error.instance_path))
        return "invalid_type", f"Invalid type. Expected: {expected[0]}, given: {given}"
    if what.name == "required":
        return "required", f"{what.property} is required"
    if what.name == "enum":
        return "enum", f"must be one of the following: {', '.join(to_text(option) for option in what.options)}"
    if what.name == "const":
        return "const", f"does not match: {to_text(what.expected_value)}"
    if what.name == "pattern":
        return "pattern", f"Does not match pattern '{what.pattern}'"
    if what.name == "multipleOf":
        return "multiple_of", f"Must be a multiple of {to_text(what.multiple_of)}"
    return str(what.name), str(error.message)


def _at(subject: Any, path: list[Any]) -> Any:
    for step in path:
        subject = subject[step]
    return subject


def _kind(value: Any) -> str:
    return "integer" if type(value) is int else type_name(value)
