"""Values as Go compares, tells and writes them: what JMESPath and Kyverno's operators have in common."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.rego.context import Context
from gateproof.rego.values import extent


class Int64(int):
    """An integer of Go that did not come from JSON: JMESPath knows no such number, conditions do."""


def is_number(value: Any) -> bool:
    """Whether JMESPath takes ``value`` for a number."""
    return value.__class__ is int or value.__class__ is float


def equal(left: Any, right: Any) -> bool:
    """Deep equality that tells truth values from numbers (reflect.DeepEqual on JSON)."""
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and len(left) == len(right)
            and all(key in right and equal(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(equal, left, right))
    if is_number(left):
        return is_number(right) and bool(left == right)
    return left.__class__ is right.__class__ and bool(left == right)


def weigh(ctx: Context, *values: Any) -> None:
    """Charge for all that is in ``values``: lists may share members, so that little data can be a lot to go through."""
    for value in values:
        if isinstance(value, list | dict):
            ctx.spend(extent(value, ctx.budget.steps))


def encode(ctx: Context, value: Any) -> str:
    """JSON as Go's encoding/json writes it. Raises JmespathError for what is none, BudgetError for too much of it."""
    weigh(ctx, value)
    size, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        size += len(one) if isinstance(one, str) else 1
        if isinstance(one, dict):
            waiting += one.keys()
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    ctx.check_size(size)
    text = _json(value)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_json(value[key])}" for key in sorted(value)) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Int64):
        return str(int(value))
    if isinstance(value, int | float) and math.isfinite(value):
        return _json_number(float(value))
    raise JmespathError("an expression or an infinite number cannot be written as JSON")


def _json_number(value: float) -> str:
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return f"{Decimal(repr(value)).normalize():f}"
    return _with_exponent(value).replace("e-0", "e-")


def shown(value: Any) -> str:
    """``fmt.Sprint`` of Go for what is in JSON, in which every number is a float."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Int64):
        return str(int(value))
    if isinstance(value, int | float):
        return _shown_number(float(value))
    if isinstance(value, list):
        return f"[{' '.join(map(shown, value))}]"
    return f"map[{' '.join(f'{key}:{shown(value[key])}' for key in sorted(value))}]"


def _shown_number(value: float) -> str:
    """The shortest text that is read as the same number; with an exponent from seven digits on."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return f"{Decimal(repr(value)).normalize():f}"
    return _with_exponent(value)


def _with_exponent(value: float) -> str:
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    power = len(digits) + int(exponent) - 1
    text = "".join(map(str, digits))
    mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
    return f"{'-' if sign else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def plain_number(value: float) -> str:
    """``strconv.FormatFloat(value, 'f', -1, 32)``: the shortest text that is read as the same 32-bit number."""
    import struct

    single = struct.unpack("f", struct.pack("f", value))[0] if abs(value) < 3.4e38 else value
    for precision in range(1, 18):
        text = f"{single:.{precision}g}"
        if struct.pack("f", float(text)) == struct.pack("f", single):
            return f"{Decimal(text):f}"
    return f"{Decimal(repr(single)):f}"
