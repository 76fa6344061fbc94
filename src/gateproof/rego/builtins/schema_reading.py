"""JSON Schemas (drafts 4, 6 and 7, told apart by ``$schema``) as OPA's validator reads them, or refuses to.

Without ``$schema`` a schema may use what any of the drafts has. References lead to places of the same
document, or to the schemas of schemas.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.json_text import to_text
from gateproof.rego.builtins.operands import fail
from gateproof.rego.builtins.regex import regex_is_valid
from gateproof.rego.builtins.schema_of_schemas import ADDRESSES
from gateproof.rego.builtins.schema_of_schemas import document as schema_of_schemas
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value

_ANY_DRAFT = 99
_TYPES = ("array", "boolean", "integer", "number", "null", "object", "string")
_LITERAL = ("const", "enum")
_BY_NAME = ("properties", "dependencies", "patternProperties")
_OF_A_SCHEMA = 40
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WORD = range(-(2**63), 2**63)


class Schema:
    """One schema. ``passes``: it is ``true`` or ``false``. ``target``: it is only a reference to that one.

    ``rules``: its keywords, with a Schema in the place of each schema in them.
    """

    __slots__ = ("passes", "rules", "target")

    def __init__(self) -> None:
        self.passes: bool | None = None
        self.target: Schema | None = None
        self.rules: dict[str, Any] = {}


def read(ctx: Context, document: Any) -> Schema:
    """The schema that ``document`` (JSON values) is; raises BuiltinError with OPA's words where it is none."""
    return _Reader(ctx, document).root()


class _Reader:
    def __init__(self, ctx: Context, document: Any) -> None:
        self.ctx = ctx
        self.document = document
        self.places: dict[str, Any] = {"": document}
        self.known: dict[str, Schema] = {}
        self.draft = _draft(document)

    def root(self) -> Schema:
        self._find(self.document, "")
        return self.schema(self.document, "")

    def _find(self, document: Any, base: str) -> None:
        """Note every place that has a name of its own."""
        self.ctx.spend(1)
        if type(document) is list:
            for each in document:
                self._find(each, base)
        if type(document) is not dict:
            return
        name = document.get("id" if "id" in document else "$id")
        if type(name) is str:
            base = _joined(base, name)
            self.places.setdefault(base, document)
        for keyword, value in document.items():
            if keyword in _LITERAL:
                continue
            for each in value.values() if keyword in _BY_NAME and type(value) is dict else [value]:
                self._find(each, base)

    def schema(self, document: Any, base: str) -> Schema:
        self.ctx.spend(_OF_A_SCHEMA)
        schema = Schema()
        self._fill(schema, document, base)
        return schema

    def _fill(self, schema: Schema, document: Any, base: str) -> None:
        if type(document) is bool and self.draft >= 6:
            schema.passes = document
            return
        if type(document) is not dict:
            raise fail("Expected: Valid Schema, given: Invalid JSON")
        old = self.draft == 4 or (self.draft == _ANY_DRAFT and "id" in document)
        name = _text(document, "id" if old else "$id")
        if name is not None:
            base = _joined(base, name)
        if "definitions" in document:
            self._definitions(document["definitions"], base)
        _text(document, "title")
        _text(document, "description")
        reference = _text(document, "$ref")
        if reference is not None:
            place = _joined(base, reference)
            is_first = place not in self.known
            schema.target = self._target(place)
            if is_first:
                return  # what stands beside a reference says nothing, but it is read where another was there before
        rules = schema.rules
        for keyword, first, read in _KEYWORDS:
            if keyword in document and self.draft >= first:
                self.ctx.spend(1)
                value = read(self, document, keyword, base)
                if value is not None:
                    rules[keyword] = value
        _bounds(self.draft, document, rules)

    def _definitions(self, definitions: Any, base: str) -> None:
        if type(definitions) is not dict or not all(type(each) in (dict, bool) for each in definitions.values()):
            raise _invalid("Array Of Schemas", "definitions")
        for each in definitions.values():
            self.schema(each, base)

    def _target(self, reference: str) -> Schema:
        known = self.known.get(reference)
        if known is None:
            known = self.known[reference] = Schema()
            document, base = self._document(reference)
            if type(document) not in (dict, bool):
                raise fail("Valid Schema must be of type object")
            before = self.draft
            self.draft = ADDRESSES.get(urldefrag(base)[0], before)
            self._fill(known, document, base)
            self.draft = before
        return known

    def _document(self, reference: str) -> tuple[Any, str]:
        if reference in self.places:
            return self.places[reference], reference
        address, fragment = urldefrag(reference)
        if address not in self.places and address in ADDRESSES:
            self.places[address] = schema_of_schemas(ADDRESSES[address])
        if address not in self.places:
            if not _SCHEME.match(address):
                raise fail(f"Reference {reference} must be canonical")
            raise EvaluationError(
                "a JSON Schema refers to another document", hint="put all definitions into one schema"
            )
        return _pointed(self.places[address], unquote(fragment)), address

    # The values of keywords, each with the schemas in it read

    def types(self, document: Any, keyword: str, _base: str) -> list[str]:
        given = document[keyword]
        names = given if type(given) is list else [given]
        for place, name in enumerate(names):
            if type(name) is not str:
                raise _invalid("type", "string/Array Of Strings")
            if name not in _TYPES:
                expected = f"Expected valid values are:[{' '.join(_TYPES)}]"
                raise fail(f"has a primitive type that is NOT VALID -- given: /{name}/ {expected}")
            if name in names[:place]:
                raise fail(f"{name} type is duplicated")
        return list(names)

    def by_name(self, document: Any, keyword: str, base: str) -> dict[str, Schema]:
        schemas = document[keyword]
        if type(schemas) is not dict:
            raise fail("Properties must be of type object")
        return {name: self.schema(each, base) for name, each in schemas.items()}

    def by_pattern(self, document: Any, keyword: str, base: str) -> dict[str, Schema]:
        schemas = document[keyword]
        if type(schemas) is not dict:
            raise _invalid("Valid Schema", keyword)
        for pattern in schemas:
            if not regex_is_valid(self.ctx, pattern):
                raise fail(f"Invalid regex pattern '{pattern}'")
        return {pattern: self.schema(each, base) for pattern, each in schemas.items()}

    def dependencies(self, document: Any, keyword: str, base: str) -> dict[str, Schema | list[str]]:
        given = document[keyword]
        if type(given) is not dict:
            raise fail(f"{keyword} must be of type object")
        found: dict[str, Schema | list[str]] = {}
        for name, needed in given.items():
            if type(needed) in (dict, bool):
                found[name] = self.schema(needed, base)
            elif type(needed) is list and all(type(each) is str for each in needed):
                found[name] = needed
            else:
                raise fail("Dependency must be of type Schema Or Array Of Strings")
        return found

    def one_or_false(self, document: Any, keyword: str, base: str) -> Schema | bool:
        given = document[keyword]
        if type(given) not in (dict, bool):
            raise _invalid("boolean/Valid Schema", keyword)
        return given if type(given) is bool else self.schema(given, base)

    def property_names(self, document: Any, keyword: str, base: str) -> Schema:
        if type(document[keyword]) not in (dict, bool):
            raise _invalid("Valid Schema", "patternProperties")
        return self.schema(document[keyword], base)

    def one(self, document: Any, keyword: str, base: str) -> Schema:
        if type(document[keyword]) not in (dict, bool):
            raise fail(f"{keyword} must be of an object")
        return self.schema(document[keyword], base)

    def contained(self, document: Any, keyword: str, base: str) -> Schema:
        return self.schema(document[keyword], base)

    def items(self, document: Any, keyword: str, base: str) -> Schema | list[Schema]:
        given = document[keyword]
        each = given if type(given) is list else [given]
        if not all(type(item) in (dict, bool) for item in each):
            raise _invalid("Valid Schema/Array Of Schemas", keyword)
        return [self.schema(item, base) for item in given] if type(given) is list else self.schema(given, base)

    def several(self, document: Any, keyword: str, base: str) -> list[Schema]:
        given = document[keyword]
        if type(given) is not list:
            raise fail(f"{keyword} must be of an array")
        return [self.schema(each, base) for each in given]

    def number(self, document: Any, keyword: str, _base: str) -> int | float:
        given = document[keyword]
        if type(given) in (int, float):
            if keyword == "multipleOf" and given <= 0:
                raise fail("multipleOf must be strictly greater than 0")
            return given  # type: ignore[no-any-return]  # JSON is Any
        raise _invalid("Number", keyword) if keyword == "multipleOf" else fail(f"{keyword} must be of a Number")

    def count(self, document: Any, keyword: str, _base: str) -> int:
        given = document[keyword]
        if type(given) is not int or given not in _WORD:
            raise fail(f"{keyword} must be of an integer")
        if given < 0:
            raise fail(f"{keyword} must be greater than or equal to 0")
        least = document.get(keyword.replace("max", "min"))
        if keyword in ("maxLength", "maxProperties") and type(least) is int and least > given:
            raise fail(f"{keyword.replace('max', 'min')} cannot be greater than {keyword}")
        return given

    def pattern(self, document: Any, keyword: str, _base: str) -> str | None:
        expression = _text(document, keyword)
        if not regex_is_valid(self.ctx, expression):
            raise fail(f"{keyword} must be a valid regex")
        return expression

    def text(self, document: Any, keyword: str, _base: str) -> str | None:
        return _text(document, keyword)

    def names(self, document: Any, keyword: str, _base: str) -> list[str]:
        given = document[keyword]
        if type(given) is not list:
            raise fail(f"{keyword} must be of an array")
        for name in given:
            if type(name) is not str:
                raise _invalid("string", keyword)
        if len(set(given)) < len(given):
            raise fail(f"{keyword} items must be unique")
        return given

    def truth(self, document: Any, keyword: str, _base: str) -> bool:
        if type(document[keyword]) is not bool:
            raise fail(f"{keyword} must be of a boolean")
        return bool(document[keyword])

    def constant(self, document: Any, keyword: str, _base: str) -> str:
        return spelled(self.ctx, document[keyword])

    def options(self, document: Any, keyword: str, _base: str) -> list[str]:
        if type(document[keyword]) is not list:
            raise fail(f"{keyword} must be of an array")
        found = [spelled(self.ctx, option) for option in document[keyword]]
        if len(set(found)) < len(found):
            raise fail(f"{keyword} items must be unique")
        return found


_Read = Callable[[_Reader, Any, str, str], Any]
_KEYWORDS: tuple[tuple[str, int, _Read], ...] = (
    ("type", 0, _Reader.types),
    ("properties", 0, _Reader.by_name),
    ("additionalProperties", 0, _Reader.one_or_false),
    ("patternProperties", 0, _Reader.by_pattern),
    ("propertyNames", 6, _Reader.property_names),
    ("dependencies", 0, _Reader.dependencies),
    ("items", 0, _Reader.items),
    ("additionalItems", 0, _Reader.one_or_false),
    ("multipleOf", 0, _Reader.number),
    ("minimum", 0, _Reader.number),
    ("maximum", 0, _Reader.number),
    ("minLength", 0, _Reader.count),
    ("maxLength", 0, _Reader.count),
    ("pattern", 0, _Reader.pattern),
    ("format", 0, _Reader.text),
    ("minProperties", 0, _Reader.count),
    ("maxProperties", 0, _Reader.count),
    ("required", 0, _Reader.names),
    ("minItems", 0, _Reader.count),
    ("maxItems", 0, _Reader.count),
    ("uniqueItems", 0, _Reader.truth),
    ("contains", 6, _Reader.contained),
    ("const", 6, _Reader.constant),
    ("enum", 0, _Reader.options),
    ("oneOf", 0, _Reader.several),
    ("anyOf", 0, _Reader.several),
    ("allOf", 0, _Reader.several),
    ("not", 0, _Reader.one),
    ("if", 7, _Reader.one),
    ("then", 7, _Reader.one),
    ("else", 7, _Reader.one),
)
"""The keywords in the order in which they are checked, with the first draft that has them."""


def _bounds(draft: int, document: Any, rules: dict[str, Any]) -> None:
    """``exclusiveMinimum`` and ``exclusiveMaximum``: numbers, or (in draft 4) whether the other one is exclusive."""
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if exclusive not in document:
            continue
        given = document[exclusive]
        if type(given) is bool and draft in (4, _ANY_DRAFT):
            if inclusive not in rules:
                raise fail(f"{exclusive} cannot be used without {inclusive}")
            if given:
                rules[exclusive] = rules.pop(inclusive)
        elif type(given) in (int, float) and draft != 4:
            rules[exclusive] = given
        else:
            expected = {4: "boolean", _ANY_DRAFT: "boolean/number"}.get(draft, "number")
            raise _invalid(expected, exclusive)


def spelled(ctx: Context, value: Value) -> str:
    """``value`` as JSON in which equal values read the same: numbers are doubles."""
    charge_for(ctx, value)
    return to_text(_doubles(value))


def _doubles(value: Value) -> Value:
    kind = type(value)
    if kind is list:
        return [_doubles(item) for item in value]
    if kind is dict:
        return {name: _doubles(item) for name, item in value.items()}
    if kind is float and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def _draft(document: Any) -> int:
    if type(document) is bool:
        return _ANY_DRAFT
    if type(document) is not dict:
        raise fail("schema is invalid")
    name = document.get("$schema", "")
    if type(name) is not str:
        raise fail("$schema must be of type string")
    return ADDRESSES.get(name.removesuffix("#"), _ANY_DRAFT)


def _joined(base: str, reference: str) -> str:
    address = urldefrag(base)[0]
    joined = address + reference if reference.startswith("#") else urljoin(address, reference)
    if joined[:1] not in ("", "#", "/") and not _SCHEME.match(joined):
        joined = "/" + joined
    return joined.removesuffix("#")


def _pointed(document: Any, pointer: str) -> Any:
    """What a JSON Pointer (RFC 6901) leads to; what is none leads to the whole document."""
    if not pointer.startswith("/"):
        return document
    for step in pointer[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if type(document) is dict and name in document:
            document = document[name]
        elif type(document) is list and name.isascii() and name.isdigit() and int(name[:9]) < len(document):
            document = document[int(name[:9])]
        else:
            raise fail(f"Object has no key '{name}'")
    return document


def _text(document: Any, keyword: str) -> str | None:
    value = document.get(keyword)
    if value is None and keyword not in document:
        return None
    if type(value) is not str:
        raise _invalid("string", keyword)
    return value


def _invalid(expected: str, given: str) -> BuiltinError:
    return fail(f"Invalid type. Expected: {expected}, given: {given}")
