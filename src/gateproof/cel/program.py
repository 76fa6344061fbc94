"""Expressions that are compiled, and their evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Final

import msgspec

from gateproof.cel import checker, costs, declarations, parser, planner, runtime
from gateproof.cel.budget import Budget, Meter
from gateproof.cel.checker import Resolved
from gateproof.cel.errors import BudgetError, CompileError, Problem, no_such_overload
from gateproof.cel.lexer import Source
from gateproof.cel.types import DYN, Type
from gateproof.cel.values import BooleanKey, Value, type_name, unkey
from gateproof.compiler import code

KUBERNETES: Final = frozenset(
    name for name in declarations.LIBRARIES if name not in ("bindings", "encoders", "math", "regex")
)
"""The libraries of an API server, without its authorizer."""
EVERYTHING: Final = frozenset(declarations.LIBRARIES)
"""All libraries: also ``cel.bind``, ``base64``, ``math`` and ``regex``."""


class Function(msgspec.Struct, frozen=True):
    """A function that the host adds: ``call`` gets the operands, that before the dot first, and gives a CEL value.

    ``arguments``: how many there may be, the target included. ``cost``: of a call. ``call`` raises EvaluationError
    where it has no value.
    """

    call: Callable[..., Value]
    arguments: Collection[int] = ()
    cost: int = 1


class Program:
    """An expression that is compiled. Nothing in it changes between evaluations; any number of threads may use it."""

    __slots__ = ("_main", "references", "source", "where")

    def __init__(self, main: Callable[[runtime.Context], Value], source: Source, references: Iterable[str]) -> None:
        self._main = main
        self.source = source.text
        self.where = source.where
        self.references = frozenset(references)

    def evaluate(self, bindings: Mapping[str, object], budget: Budget | None = None) -> Value:
        """The value of the expression.

        ``bindings``: the variables, JSON values or :class:`Lazy` ones, which are not changed. ``budget``: what may be
        spent, from which the cost is taken; a policy's for one evaluation where none is given. Raises EvaluationError
        where the expression has no value, BudgetError where it costs too much.
        """
        budget = budget if budget is not None else Budget()
        meter = Meter(min(budget.expression, budget.left))
        try:
            value = self._main(runtime.Context(bindings, meter))
            return _plain(value) if type(value) is dict else value
        except RecursionError:
            raise BudgetError("values are nested too deeply", hint="look for values in values without end") from None
        finally:
            budget.left = max(budget.left - meter.spent, 0)


def compile(
    source: str,
    variables: Collection[str] | Mapping[str, Type],
    *,
    where: str = "",
    libraries: Collection[str] = KUBERNETES,
    functions: Mapping[str, Function] = {},
) -> Program:
    """Compile a CEL expression.

    ``variables``: what it may read, with types where they are known. ``where``: what messages call it. ``libraries``:
    names of :data:`EVERYTHING`. ``functions``: those of the host, by name: ``verify`` of ``verify(x)`` and
    ``x.verify()``, ``http.Get`` of ``http.Get(url)``. Raises CompileError with all problems.
    """
    text = Source(source, where)
    known = frozenset((*libraries, "standard"))
    types = variables if isinstance(variables, Mapping) else dict.fromkeys(variables, DYN)
    try:
        tree = parser.parse(text, known)
        checked = checker.check(tree, types, known, functions, text)
        text.check()
        plan = planner.plan(tree, checked, where or "a CEL expression")
        calls = {name: checked.calls[node] for name, node in plan.calls.items()}
        late = {name: partial(_function, call, functions.get(call.function)) for name, call in calls.items()}
        scope = code.load(plan.functions, {**runtime.NAMESPACE, **plan.constants}, late=late)
    except RecursionError:
        raise CompileError([Problem(1, 1, "nested too deeply")], where=where) from None
    return Program(scope["main"], text, checked.references)


def _plain(value: dict[Any, Value]) -> dict[Any, Value]:
    """A map with booleans as they are, where it has any for keys."""
    if any(type(key) is BooleanKey for key in value):
        return {key.value if type(key) is BooleanKey else key: member for key, member in value.items()}
    return value


_Overloads = list[tuple[tuple[Type, ...], Callable[..., Value]]]


def _function(call: Resolved, host: Function | None) -> Callable[..., Value]:
    """What runs for a call: it finds the overload for the operands, charges, and calls."""
    if host is not None:
        return _host(host)
    cost = costs.rule(call)
    overloads = [(each.signature.params, _implementation(each.implementation)) for each in call.overloads]
    shallow = all(not param.params for params, _ in overloads for param in params)
    known: dict[tuple[type, ...], Callable[..., Value]] = {}

    def run(ctx: runtime.Context, *args: Value) -> Value:
        kinds = tuple(map(type, args))
        implementation = known.get(kinds)
        if implementation is None:
            implementation = _chosen(overloads, args)
            if shallow:
                known[kinds] = implementation
        result = implementation(*args)
        ctx.budget.spend(cost(args, result))
        return result

    return run


def _chosen(overloads: _Overloads, args: tuple[Value, ...]) -> Callable[..., Value]:
    """The implementation for ``args``."""
    for params, implementation in overloads:
        if all(map(_is_of, args, params)):
            return implementation
    raise no_such_overload()


_RUNTIME_NAMES: Final = {
    "null": "null_type",
    "timestamp": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}


def _is_of(value: Value, type_: Type) -> bool:
    """Whether ``value`` is of the type, as cel-go tells: of a collection, the first member is."""
    if type_ == DYN or type_.is_variable:
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
    def run(ctx: runtime.Context, *args: Value) -> Value:
        if function.arguments and len(args) not in function.arguments:
            raise no_such_overload()
        ctx.budget.spend(function.cost)
        return function.call(*args)

    return run


def _implementation(name: str) -> Callable[..., Value]:
    module, _, function = name.partition(".")
    found: Callable[..., Value] = getattr(import_module(f"gateproof.cel.library.{module}"), function)
    return found
