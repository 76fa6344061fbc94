"""JSON Schema: ``json.verify_schema`` and ``json.match_schema``, with the verdicts and errors of OPA's validator.

It follows drafts 4, 6 and 7, more leniently than they say: what it does not know it passes over. Where several
members are wrong, their errors come in the order of their names; OPA's come in any order.
"""

from __future__ import annotations

from typing import Any

from gateproof.rego.builtins import schema_reading
from gateproof.rego.builtins.formats import FORMATS
from gateproof.rego.builtins.json_text import from_text
from gateproof.rego.builtins.numerals import format_float
from gateproof.rego.builtins.operands import fail
from gateproof.rego.builtins.regex import regex_is_valid, regex_match
from gateproof.rego.builtins.schema_reading import Schema, spelled
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value, to_json

_OF_A_VALUE = 10
_OF_AN_ERROR = 10
_KNOWN = 8
_ROOT = "(Root)"

Path = tuple[str, ...]


def json_verify_schema(ctx: Context, schema: Value) -> list[Value]:
    """``[true, null]`` for a schema, ``[false, reason]`` for what is none."""
    try:
        schema_reading.read(ctx, _document(ctx, schema))
    except BuiltinError as error:
        return [False, f"jsonschema: {error.message}"]
    return [True, None]


def json_match_schema(ctx: Context, document: Value, schema: Value) -> list[Value]:
    """Whether ``document`` matches, and the errors: objects of ``error``, ``type``, ``field`` and ``desc``."""
    subject = _document(ctx, document)
    result = _Result(ctx)
    result.check(_schema(ctx, schema), subject, ())
    return [not result.errors, result.errors]


def _document(ctx: Context, value: Value) -> Any:
    """An object or array, or the JSON text of any value."""
    charge_for(ctx, value)
    charge_for(ctx, value)
    if type(value) is str:
        try:
            return from_text(value)
        except BuiltinError:
            raise fail("invalid JSON string") from None
    if type(value) is dict or type(value) is list:
        return to_json(value)
    raise fail("wrong type, expected string or object")


def _schema(ctx: Context, value: Value) -> Schema:
    """The schema, which is read again where it is not among the last of this evaluation."""
    recent: dict[int, tuple[Value, Schema]] = ctx.cache.setdefault(_schema, {})
    known = recent.get(id(value))
    if known is None:
        known = value, schema_reading.read(ctx, _document(ctx, value))
        if len(recent) >= _KNOWN:
            del recent[next(iter(recent))]
        recent[id(value)] = known  # with the value, or another could get its id
    return known[1]


class _Result:
    """What is wrong with a value. ``score``: how nearly it matched, for the choice among alternatives."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.errors: list[Value] = []
        self.score = 0

    def add(self, path: Path, kind: str, description: str) -> None:
        field = ".".join(path) or _ROOT
        if kind in ("enum", "const"):
            description = f"{field} {description}"
        text = f"{field}: {description}"
        self.ctx.check_size(len(text))
        self.ctx.spend(_OF_AN_ERROR + len(text) // 8)
        self.errors.append({"error": text, "type": kind, "field": field, "desc": description})
        self.score -= 2

    def merge(self, other: _Result) -> None:
        self.ctx.spend(len(other.errors) // 4)
        self.errors += other.errors
        self.score += other.score

    def of(self, schema: Schema, value: Any, path: Path) -> _Result:
        result = _Result(self.ctx)
        result.check(schema, value, path)
        return result

    def check(self, schema: Schema, value: Any, path: Path) -> None:
        """Add what is wrong with ``value``, which is at ``path``."""
        self.ctx.spend(_OF_A_VALUE + len(schema.rules))
        while schema.target is not None:
            self.ctx.spend(1)
            schema = schema.target
        if schema.passes is not None:
            if not schema.passes:
                self.add(path, "false", "False always fails validation")
            return
        rules = schema.rules
        kind = _kind(value)
        types = rules.get("type")
        if types and kind not in types and not (kind == "integer" and "number" in types):
            expected = types[0] if len(types) == 1 else f"[{','.join(types)}]"
            self.add(path, "invalid_type", f"Invalid type. Expected: {expected}, given: {kind}")
            return
        self._combined(rules, value, path)
        if kind == "array":
            self._array(rules, value, path)
        elif kind == "object":
            self._object(rules, value, path)
        elif kind in ("integer", "number"):
            self._number(rules, value, path)
        self._any(rules, value, path)
        if kind == "string":
            self._string(rules, value, path)
        if kind == "object":
            for name, each in sorted(rules.get("properties", {}).items()):
                if name in value:
                    self.check(each, value[name], (*path, name))
        self.score += 1

    def _combined(self, rules: dict[str, Any], value: Any, path: Path) -> None:
        self._alternatives(rules, value, path)
        if rules.get("allOf"):
            results = [self.of(each, value, path) for each in rules["allOf"]]
            for result in results:
                self.merge(result)
            if any(result.errors for result in results):
                self.add(path, "number_all_of", "Must validate all the schemas (allOf)")
        if "not" in rules and not self.of(rules["not"], value, path).errors:
            self.add(path, "number_not", "Must not validate the schema (not)")
        if type(value) is dict and "dependencies" in rules:
            self._dependencies(rules["dependencies"], value, path)
        if "if" in rules:
            matched = not self.of(rules["if"], value, path).errors
            name = "then" if matched else "else"
            found = self.of(rules[name], value, path) if name in rules else None
            if found is not None and found.errors:
                reason = 'as "if" was valid' if matched else 'as "if" was not valid'
                self.add(path, f"condition_{name}", f'Must validate "{name}" {reason}')
                self.merge(found)
        self.score += 1

    def _alternatives(self, rules: dict[str, Any], value: Any, path: Path) -> None:
        """``anyOf`` and ``oneOf``; where none matches, with what is wrong by the one that was nearest."""
        best: _Result | None = None
        for each in rules.get("anyOf", ()):
            found = self.of(each, value, path)
            if not found.errors:
                best = None
                break
            best = _nearer(best, found)
        if best is not None:
            self.add(path, "number_any_of", "Must validate at least one schema (anyOf)")
            self.merge(best)
        results = [self.of(each, value, path) for each in rules.get("oneOf", ())]
        matched = sum(not result.errors for result in results)
        if results and matched != 1:
            self.add(path, "number_one_of", "Must validate one and only one schema (oneOf)")
            if not matched:
                self.merge(max(results, key=lambda result: result.score))

    def _dependencies(self, dependencies: dict[str, Any], value: dict[str, Any], path: Path) -> None:
        for name in sorted(dependencies.keys() & value.keys()):
            needed = dependencies[name]
            if isinstance(needed, Schema):
                self.check(needed, value, path)
                continue
            for other in needed:
                if other not in value:
                    self.add(path, "missing_dependency", f"Has a dependency on {other}")

    def _any(self, rules: dict[str, Any], value: Any, path: Path) -> None:
        if "const" in rules and spelled(self.ctx, value) != rules["const"]:
            self.add(path, "const", f"does not match: {rules['const']}")
        if rules.get("enum") and spelled(self.ctx, value) not in rules["enum"]:
            self.add(path, "enum", f"must be one of the following: {', '.join(rules['enum'])}")
        if type(value) is str and not self._has_format(rules.get("format"), value):
            self.add(path, "format", f"Does not match format '{rules['format']}'")
        self.score += 1

    def _has_format(self, name: str | None, text: str) -> bool:
        if name == "regex":
            return regex_is_valid(self.ctx, text)
        if name not in FORMATS:
            return True
        self.ctx.spend(_OF_A_VALUE + len(text))
        return FORMATS[name](text)

    def _array(self, rules: dict[str, Any], value: list[Any], path: Path) -> None:
        items = rules.get("items", ())
        rest = items if isinstance(items, Schema) else rules.get("additionalItems") if items else None
        first = () if isinstance(items, Schema) else items
        for place, item in enumerate(value):
            each = first[place] if place < len(first) else rest
            if isinstance(each, Schema):
                self.merge(self.of(each, item, (*path, str(place))))
        if rest is False and len(value) > len(first):
            self.add(path, "array_no_additional_items", "No additional items allowed on array")
        self._limit(rules, "minItems", len(value), path)
        self._limit(rules, "maxItems", len(value), path)
        if rules.get("uniqueItems"):
            seen: dict[str, int] = {}
            for place, item in enumerate(value):
                text = spelled(self.ctx, item)
                if text in seen:
                    self.add(path, "unique", f"array items[{seen[text]},{place}] must be unique")
                seen[text] = place
        if "contains" in rules:
            self._contains(rules["contains"], value, path)
        self.score += 1

    def _contains(self, schema: Schema, value: list[Any], path: Path) -> None:
        best: _Result | None = None
        for place, item in enumerate(value):
            result = self.of(schema, item, (*path, str(place)))
            if not result.errors:
                return
            best = _nearer(best, result)
        self.add(path, "contains", "At least one of the items must match")
        if best is not None:
            self.merge(best)

    def _object(self, rules: dict[str, Any], value: dict[str, Any], path: Path) -> None:
        self._limit(rules, "minProperties", len(value), path)
        self._limit(rules, "maxProperties", len(value), path)
        for name in rules.get("required", ()):
            if name in value:
                self.score += 1
            else:
                self.add(path, "required", f"{name} is required")
        patterns = rules.get("patternProperties", {})
        described = rules.get("properties", {})
        rest = rules.get("additionalProperties")
        for name in sorted(value) if patterns or rest is not None else ():
            matched = [pattern for pattern in sorted(patterns) if regex_match(self.ctx, pattern, name)]
            for pattern in matched:
                self.merge(self.of(patterns[pattern], value[name], (*path, name)))
            self.score += bool(matched)
            if matched or name in described:
                continue
            if isinstance(rest, Schema):
                self.merge(self.of(rest, value[name], (*path, name)))
            elif rest is False:
                kind = "additional_property_not_allowed"
                self.add(path, kind, f"Additional property {name} is not allowed")
        if "propertyNames" in rules:
            for name in sorted(value):
                result = self.of(rules["propertyNames"], name, path)
                if result.errors:
                    self.add(path, "invalid_property_name", f'Property name of "{name}" does not match')
                    self.merge(result)
        self.score += 1

    def _string(self, rules: dict[str, Any], value: str, path: Path) -> None:
        self._limit(rules, "minLength", len(value), path)
        self._limit(rules, "maxLength", len(value), path)
        if "pattern" in rules and not regex_match(self.ctx, rules["pattern"], value):
            self.add(path, "pattern", f"Does not match pattern '{rules['pattern']}'")
        self.score += 1

    def _number(self, rules: dict[str, Any], value: float, path: Path) -> None:
        multiple = rules.get("multipleOf")
        if multiple is not None and _exact(value) % _exact(multiple):
            self.add(path, "multiple_of", f"Must be a multiple of {_written(multiple)}")
        for keyword in ("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"):
            self._limit(rules, keyword, value, path)
        self.score += 1

    def _limit(self, rules: dict[str, Any], keyword: str, value: float, path: Path) -> None:
        limit = rules.get(keyword)
        if limit is None:
            return
        kind, words = _LIMITS[keyword]
        mine, its = _exact(value), _exact(limit)
        is_beyond = mine > its if keyword in _UPPER else mine < its
        if is_beyond or (keyword.startswith("exclusive") and mine == its):
            self.add(path, kind, words.format(_written(limit) if keyword in _OF_NUMBERS else limit))


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
_UPPER = frozenset(keyword for keyword in _LIMITS if "max" in keyword.lower())
_OF_NUMBERS = frozenset({"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"})


def _nearer(best: _Result | None, result: _Result) -> _Result:
    return result if best is None or result.score > best.score else best


def _kind(value: Any) -> str:
    if type(value) is float:
        return "integer" if value.is_integer() else "number"
    return _KINDS[type(value)]


_KINDS = {type(None): "null", bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}


def _exact(number: float) -> Any:
    """The number that is written: 0.1 is a tenth, which no double is."""
    if type(number) is int:
        return number
    from fractions import Fraction

    return Fraction(repr(number))


def _written(number: float) -> str:
    return format_float(float(number), "g")
