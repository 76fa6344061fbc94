"""Expressions that are compiled, and their evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Final

from gateproof.cel import checker, declarations, folding, parser, planner, runtime
from gateproof.cel.budget import Budget, Meter
from gateproof.cel.calls import Function, caller
from gateproof.cel.context import Context
from gateproof.cel.errors import BudgetError, CompileError, EvaluationError, Problem
from gateproof.cel.lexer import Source
from gateproof.cel.types import DYN, Type
from gateproof.cel.values import Value
from gateproof.compiler import code

KUBERNETES: Final = frozenset(declarations.LIBRARIES) - {"bindings", "encoders", "math", "regex"}
"""The libraries of an API server, without its authorizer; members of a literal must be of one type."""
EVERYTHING: Final = frozenset(declarations.LIBRARIES) - {"homogeneous"}
"""All libraries: also ``cel.bind``, ``base64``, ``math`` and ``regex``. Literals may have members of any types."""


class Program:
    """An expression that is compiled. Nothing in it changes between evaluations; any number of threads may use it."""

    __slots__ = ("_main", "references", "source", "where")

    def __init__(self, main: Callable[[Context], Value], source: Source, references: Iterable[str]) -> None:
        self._main = main
        self.source = source.text
        self.where = source.where
        self.references = frozenset(references)

    def evaluate(self, bindings: Mapping[str, object], budget: Budget | None = None) -> Value:
        """The value of the expression, as :mod:`gateproof.cel.values` has it.

        ``bindings``: the variables, JSON values or :class:`Lazy` ones, which are not changed. ``budget``: what may be
        spent, from which the cost is taken; a policy's for one evaluation where none is given. Raises EvaluationError
        where the expression has no value, BudgetError where it costs too much.
        """
        budget = budget if budget is not None else Budget()
        meter = Meter(min(budget.expression, budget.left))
        try:
            return self._main(Context(bindings, meter))
        except (EvaluationError, BudgetError) as error:
            error.where = error.where or self.where or None
            raise
        except (OverflowError, ValueError):  # of integers beyond 64 bits and text that is no Unicode, from the bindings
            raise EvaluationError("a value of the bindings is out of range", where=self.where or None) from None
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
        checked = checker.check(tree, types, known, {name: each.arguments for name, each in functions.items()}, text)
        text.check()
        constants = folding.fold(tree, checked, text)
        text.check()
        plan = planner.plan(tree, checked, constants, where or "a CEL expression")
        calls = {name: checked.calls[node] for name, node in plan.calls.items()}
        late = {name: partial(caller, call, functions.get(call.function)) for name, call in calls.items()}
        scope = code.load(plan.functions, {**runtime.NAMESPACE, **plan.constants}, late=late)
    except RecursionError:
        raise CompileError([Problem(1, 1, "nested too deeply")], where=where) from None
    return Program(scope["main"], text, checked.references)
