"""The host's own builtins: what they return is checked once, so that nothing but Rego values gets in."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from gateproof.errors import GateproofError
from gateproof.rego import runtime
from gateproof.rego.arithmetic import MAX_BITS
from gateproof.rego.context import Context
from gateproof.rego.errors import EvalError
from gateproof.rego.values import UNDEFINED, BooleanKey, RegoSet, Value, key, unkey

_CODE = "eval_builtin_error"


def builtin(name: str, function: Callable[..., Value]) -> Callable[..., Value]:
    """The host's ``function`` as generated code calls it.

    What it returns is copied and paid for. A ``set`` or ``frozenset`` becomes a Rego set and a ``tuple`` an array, at
    any depth. Anything else that is no Rego value, and any exception that is not gateproof's, is an
    :class:`EvalError` that names the builtin; the words of the exception are not in it.
    """

    def call(ctx: Context, *args: Value) -> Value:
        try:
            returned = function(*args)
        except GateproofError:
            raise
        except Exception as error:
            hint = "look into the host's function; it raises rego.BuiltinError where there is no result"
            raise EvalError(_CODE, f"{name}: the host's function failed ({type(error).__name__})", hint=hint) from error
        try:
            return _value(ctx, returned) if returned is not UNDEFINED else UNDEFINED
        except RecursionError:
            raise EvalError(_CODE, f"{name}: what it returned is nested too deeply", hint="return less") from None
        except _NoValueError as error:
            hint = "return JSON values, sets or rego.UNDEFINED"
            raise EvalError(_CODE, f"{name} returned {error}, which is no Rego value", hint=hint) from None

    return runtime.wrapped(call, context=True)


class _NoValueError(Exception):
    """Says what was returned in the place of a Rego value."""


def _value(ctx: Context, given: Any) -> Value:
    """``given`` as a Rego value of its own: what the host changes later changes nothing here."""
    kind = type(given)
    if given is None or kind is bool:
        return given
    if kind is str:
        ctx.check_size(len(given))
        return given
    if kind is int or kind is float:
        return _number(given)
    if kind is RegoSet:
        return RegoSet.of(_items(ctx, given.items.values()))
    if isinstance(given, (set, frozenset)):
        return RegoSet.of(_items(ctx, given))
    if isinstance(given, (list, tuple)):
        return _items(ctx, given)
    if isinstance(given, dict):
        return dict(zip([_key(ctx, name) for name in given], _items(ctx, given.values()), strict=True))
    raise _NoValueError(f"a value of the type {kind.__name__}")


def _number(given: float) -> float:
    if isinstance(given, float) and not math.isfinite(given):
        raise _NoValueError(str(given))
    if isinstance(given, int) and given.bit_length() > MAX_BITS:
        raise _NoValueError(f"an integer of more than {MAX_BITS:,} bits")
    return given


def _items(ctx: Context, given: Collection[Any]) -> list[Value]:
    ctx.check_size(len(given))
    ctx.spend(1 + len(given))
    return [_value(ctx, item) for item in given]


def _key(ctx: Context, name: Any) -> Any:
    """The key of a member: a string, or what stands for another Rego value in an object that a builtin is given."""
    if type(name) is str:
        return name
    try:
        plain = unkey(name) if type(name) in (tuple, frozenset, BooleanKey) else name
    except (TypeError, ValueError):
        raise _NoValueError("an object with a set as a key") from None
    return key(_value(ctx, plain))
