"""Calls of functions while an expression is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from typing import Final

import msgspec

from gateproof.cel import costs
from gateproof.cel.checker import Resolved
from gateproof.cel.context import Context
from gateproof.cel.errors import no_such_overload
from gateproof.cel.types import DYN, Type, list_of
from gateproof.cel.values import Value, type_name, unkey


class Function(msgspec.Struct, frozen=True):
    """A function that the host adds: ``call`` gets the operands, that before the dot first, and gives a CEL value.

    ``arguments``: how many there may be, the target included. ``cost``: of a call. ``call`` raises EvaluationError
    where it has no value.
    """

    call: Callable[..., Value]
    arguments: Collection[int] = ()
    cost: int = 1


_OF_PATTERNS: Final = {
    **dict.fromkeys(("matches", "regex.replace"), ""),
    **dict.fromkeys(("find", "findAll"), "Illegal regex: "),
    **dict.fromkeys(("regex.extract", "regex.extractAll"), "given regex is invalid: "),
}
"""Functions whose second operand is a regular expression, and what their errors about it begin with."""
_Overloads = list[tuple[tuple[Type, ...], Callable[..., Value]]]


def caller(call: Resolved, host: Function | None) -> Callable[..., Value]:
    """What runs for a call: it finds the overload for the operands, charges, and calls."""
    if host is not None:
        return _host(host)
    cost, work = costs.rule(call), costs.work(call.function)
    after = costs.is_of_result(cost)
    pattern = _pattern(call.function)
    overloads = _overloads(call)
    shallow = all(not param.params for params, _ in overloads for param in params)
    known: dict[tuple[type, ...], Callable[..., Value]] = {}

    def run(ctx: Context, *args: Value) -> Value:
        kinds = tuple(map(type, args))
        implementation = known.get(kinds)
        if implementation is None:
            implementation = chosen(call.function, overloads, args)
            if shallow:
                known[kinds] = implementation
        if work is not None:
            ctx.budget.work(work(args))
        if after:
            result = implementation(*args)
            ctx.budget.spend(cost(args, result))
            return result
        ctx.budget.spend(cost(args, None))
        return implementation(*args) if pattern is None else implementation(*pattern(ctx.budget, *args))

    return run


def _pattern(function: str) -> Callable[..., tuple[Value, ...]] | None:
    """Where the second operand of a function is a regular expression: what gives its operands with that compiled."""
    prefix = _OF_PATTERNS.get(function)
    if prefix is None:
        return None
    from gateproof.cel.library import regexes

    return lambda meter, text, pattern, *rest: (text, regexes.compiled(meter, pattern, prefix), *rest)


def _overloads(call: Resolved) -> _Overloads:
    """The overloads of a call, with the types that are asked for when it runs: of ``flatten``, any list."""
    found: _Overloads = []
    for overload in call.overloads:
        params = overload.signature.params
        if call.function == "flatten":
            params = (list_of(DYN), *params[1:])
        found.append((params, implementation_of(overload.implementation)))
    return found


def chosen(function: str, overloads: _Overloads, args: tuple[Value, ...]) -> Callable[..., Value]:
    """The implementation for ``args``."""
    for params, implementation in overloads:
        if all(map(_is_of, args, params)):
            return implementation
    raise no_such_overload(f": {function}({', '.join(map(type_name, args))})")


_RUNTIME_NAMES: Final = {
    "null": "null_type",
    "timestamp": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}


def apply(call: Resolved, args: list[Value]) -> Value:
    """The result of a call for ``args``."""
    return chosen(call.function, _overloads(call), tuple(args))(*args)


def _is_of(value: Value, type_: Type) -> bool:
    """Whether ``value`` is of the type, as cel-go tells: of a collection, the first member is."""
    if type_.name == "dyn" or type_.is_variable:
        return True
    if type_name(value) != _RUNTIME_NAMES.get(type_.name, type_.name):
        return False
    if type_.name == "list" and value:
        return _is_of(value[0], type_.params[0])
    if type_.name == "map" and value:
        key, member = next(iter(value.items()))
        return _is_of(unkey(key), type_.params[0]) and _is_of(member, type_.params[1])
    return True


def _host(function: Function) -> Callable[..., Value]:
    def run(ctx: Context, *args: Value) -> Value:
        if function.arguments and len(args) not in function.arguments:
            raise no_such_overload()
        ctx.budget.spend(function.cost)
        return function.call(*args)

    return run


def implementation_of(name: str) -> Callable[..., Value]:
    module, _, function = name.partition(".")
    found: Callable[..., Value] = getattr(import_module(f"gateproof.cel.library.{module}"), function)
    return found
