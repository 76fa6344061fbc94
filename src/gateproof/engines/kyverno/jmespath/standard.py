"""The functions of JMESPath's specification, as go-jmespath has them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from gateproof.engines.kyverno.jmespath.errors import HiddenValueError, JmespathError
from gateproof.engines.kyverno.jmespath.interface import TESTS, Function, Hidden, Reference, hides
from gateproof.engines.kyverno.jmespath.values import Int64, encode, equal, is_number, weigh
from gateproof.rego.context import Context

_LONGEST = 512
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def number_in(text: str) -> float | None:
    """The number that ``text`` writes (strconv.ParseFloat, of decimal numbers), or None."""
    if len(text) > _LONGEST or _FLOAT.fullmatch(text) is None:
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _length(_: Context, value: Any) -> int:
    return len(value)


def _contains(ctx: Context, where: Any, what: Any) -> bool:
    if isinstance(where, str):
        ctx.spend(1 + len(where) // 64)
        return isinstance(what, str) and what in where
    ctx.spend(len(where))
    if isinstance(what, dict | list) and any(one.__class__ is what.__class__ for one in where):
        raise JmespathError("contains(): objects and lists cannot be looked for")
    return any(equal(one, what) for one in where)


def _average(ctx: Context, numbers: list[float]) -> float:
    ctx.spend(len(numbers))
    if not numbers:
        raise JmespathError("avg(): the list is empty")
    return sum(numbers) / len(numbers)


def _map(ctx: Context, reference: Reference, elements: list[Any]) -> list[Any]:
    ctx.spend(len(elements))
    return [reference.evaluate(one, ctx) for one in elements]


def _merge(ctx: Context, *objects: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for one in objects:
        ctx.spend(len(one))
        merged |= one
    return merged


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    def compute(ctx: Context, elements: list[Any]) -> Any:
        ctx.spend(len(elements))
        return choose(elements) if elements else None

    return compute


def _by_key(choose: Callable[..., Any]) -> Callable[..., Any]:
    """``choose`` from elements by what an expression gives for each, which must be numbers or texts throughout."""

    def compute(ctx: Context, elements: list[Any], reference: Reference) -> Any:
        if len(elements) < 2:
            return choose([(None, one) for one in elements])
        ctx.spend(len(elements) * len(elements).bit_length())
        keys = [reference.evaluate(one, ctx) for one in elements]
        weigh(ctx, *keys)
        if hides(keys):
            raise HiddenValueError("elements are ordered by sensitive values, which were replaced before judging")
        if not (TESTS["array[number]"](keys) or TESTS["array[string]"](keys)):
            raise JmespathError("elements are ordered by something else than numbers or texts")
        return choose(list(zip(keys, elements, strict=True)))

    return compute


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _keys(ctx: Context, value: dict[str, Any]) -> list[str]:
    ctx.spend(len(value))
    return sorted(value)


def _values(ctx: Context, value: dict[str, Any]) -> list[Any]:
    ctx.spend(len(value))
    return [value[key] for key in sorted(value)]


def _sort(ctx: Context, elements: list[Any]) -> list[Any]:
    ctx.spend(len(elements) * len(elements).bit_length())
    return sorted(elements)


def _join(ctx: Context, separator: str, texts: list[str]) -> str:
    ctx.spend(len(texts))
    ctx.check_size(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _reverse(ctx: Context, value: Any) -> Any:
    ctx.spend(len(value))
    return value[::-1]


def _type(_: Context, value: Any) -> str:
    names = (("number", "number"), ("string", "string"), ("array", "array"), ("object", "object"))
    for name, test in names:
        if TESTS[test](value):
            return name
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    raise JmespathError("type(): unknown type")


def _to_array(_: Context, value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _to_string(ctx: Context, value: Any) -> str:
    return value if isinstance(value, str) else encode(ctx, value)


def _to_number(_: Context, value: Any) -> float | None:
    if isinstance(value, Int64 | Reference):
        raise JmespathError("to_number(): unknown type")
    if isinstance(value, str):
        return number_in(value)
    return value if is_number(value) else None


def _not_null(_: Context, *values: Any) -> Any:
    return next((value for value in values if value is not None), None)


FUNCTIONS = (
    Function("abs", ("number",), lambda _, value: abs(value)),
    Function("avg", ("array[number]",), _average),
    Function("ceil", ("number",), lambda _, value: math.ceil(value)),
    Function("contains", ("array|string", "any"), _contains),
    Function("ends_with", ("string", "string"), lambda _, text, end: text.endswith(end)),
    Function("floor", ("number",), lambda _, value: math.floor(value)),
    Function("join", ("string", "array[string]"), _join),
    Function("keys", ("object",), _keys, hidden=Hidden.MEMBERS),
    Function("length", ("string|array|object",), _length, hidden=Hidden.MEMBERS),
    Function("map", ("expression", "array"), _map, hidden=Hidden.MEMBERS),
    Function("max", ("array[number]|array[string]",), _extreme(max)),
    Function(
        "max_by",
        ("array", "expression"),
        _by_key(lambda pairs: max(pairs, key=_first)[1] if pairs else None),
        hidden=Hidden.MEMBERS,
    ),
    Function("merge", ("object",), _merge, variadic=True, hidden=Hidden.MEMBERS),
    Function("min", ("array[number]|array[string]",), _extreme(min)),
    Function(
        "min_by",
        ("array", "expression"),
        _by_key(lambda pairs: min(pairs, key=_first)[1] if pairs else None),
        hidden=Hidden.MEMBERS,
    ),
    Function("not_null", ("any",), _not_null, variadic=True, hidden=Hidden.ANY),
    Function("reverse", ("array|string",), _reverse, hidden=Hidden.MEMBERS),
    Function("sort", ("array[string]|array[number]",), _sort),
    Function(
        "sort_by",
        ("array", "expression"),
        _by_key(lambda pairs: [one for _, one in sorted(pairs, key=_first)]),
        hidden=Hidden.MEMBERS,
    ),
    Function("starts_with", ("string", "string"), lambda _, text, start: text.startswith(start)),
    Function("to_array", ("any",), _to_array, hidden=Hidden.ANY),
    Function("to_number", ("any",), _to_number),
    Function("to_string", ("any",), _to_string),
    Function("type", ("any",), _type, hidden=Hidden.ANY),
    Function("values", ("object",), _values, hidden=Hidden.MEMBERS),
)
