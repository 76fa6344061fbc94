"""``json.marshal`` and its relatives: JSON (RFC 8259) as Go's ``encoding/json`` writes and reads it."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from gateproof.errors import BudgetError, EvaluationError
from gateproof.rego.builtins.operands import fail, object_, string, wrong_operand
from gateproof.rego.builtins.quoting import well_formed
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.values import Value, object_keys, to_json

# Go escapes what HTML would take for markup and JavaScript for line ends.
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"} | dict.fromkeys(
    range(0xD800, 0xE000), "\\ufffd"
)


def json_marshal(ctx: Context, value: Value) -> str:
    charge_for(ctx, value)
    return to_text(value)


def json_marshal_with_options(ctx: Context, value: Value, options: Value) -> str:
    """With ``pretty``, ``indent`` and ``prefix`` (each of the last two implies the first)."""
    prefix, indent, pretty = "", "\t", False
    explicit = None
    for name in object_keys(object_(options, 2)):
        if name == "pretty":
            explicit = options[name]
            if type(explicit) is not bool:
                raise wrong_operand(2, "key pretty failed cast to bool")
        elif name in ("indent", "prefix"):
            if type(options[name]) is not str:
                raise wrong_operand(2, f"key {name} failed cast to string")
            pretty = True
        else:
            raise wrong_operand(2, f'object contained unknown key "{name}"')
    prefix, indent = options.get("prefix", prefix), options.get("indent", indent)
    if not (pretty if explicit is None else explicit):
        return json_marshal(ctx, value)
    charge_for(ctx, value)
    text = _indented(ctx, to_json(value), indent)
    lines = text.split("\n")
    made = len(text) + len(lines) * len(prefix)
    ctx.check_size(made)
    ctx.spend(made // 16)
    return "\n".join(prefix + line for line in lines)


def _indented(ctx: Context, plain: Any, indent: str) -> str:
    ctx.check_size(_indentation(plain, len(indent), 1, ctx))
    return _dumps(plain, indent=indent, separators=(",", ": "))


def _indentation(plain: Any, width: int, depth: int, ctx: Context) -> int:
    """The characters that indenting adds: on lines with members ``depth`` times ``width``."""
    if type(plain) is not list and type(plain) is not dict:
        return 0
    members = plain.values() if type(plain) is dict else plain
    added = (1 + depth * width) * (1 + len(plain))
    ctx.spend(1 + added // 16)
    return added + sum(_indentation(each, width, depth + 1, ctx) for each in members)


def to_text(value: Value) -> str:
    """``value`` as compact JSON, keys sorted."""
    return _dumps(to_json(value), separators=(",", ":"))


def _dumps(plain: Any, **layout: Any) -> str:
    try:
        return json.dumps(plain, ensure_ascii=False, **layout).translate(_ESCAPED)
    except ValueError:  # an integer longer than Python writes
        raise BudgetError("json.marshal: a number has too many digits", hint="pass such numbers as strings") from None


def json_unmarshal(ctx: Context, text: Value) -> Value:
    ctx.spend(len(string(text, 1)) // 4)
    return from_text(text)


def json_is_valid(ctx: Context, text: Value) -> bool:
    if type(text) is not str:
        return False
    ctx.spend(len(text) // 4)
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except ValueError:
        return False
    except RecursionError:
        raise _too_deep() from None
    return True


def from_text(text: str) -> Value:
    """The value that ``text`` writes in JSON; of equal keys the last wins."""
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_fraction, parse_constant=_refuse_constant)
    except ValueError as error:
        raise fail(f"invalid JSON: {error}") from None
    except RecursionError:
        raise _too_deep() from None
    return value if text.isascii() and "\\u" not in text else _well_formed(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"invalid character in {name}")


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise BudgetError("a number has too many digits", hint="pass such numbers as strings") from None


def _fraction(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise EvaluationError(f"the number {text[:40]} is out of range", hint="pass such numbers as strings")
    return number


def _too_deep() -> BudgetError:
    return BudgetError("a JSON text is nested too deeply", hint="decode the parts one by one")


def _well_formed(value: Value) -> Value:
    kind = type(value)
    if kind is str:
        return well_formed(value)
    if kind is list:
        return [_well_formed(item) for item in value]
    if kind is dict:
        return {well_formed(name): _well_formed(item) for name, item in value.items()}
    return value
