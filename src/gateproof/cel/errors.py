"""What goes wrong in CEL.

PolicyError
└── CompileError        an expression does not compile; each problem with its line and column
EvaluationError
└── EvaluationError     an expression has no value: CEL's own errors, which ``&&``, ``||`` and ``?:`` may absorb
"""

from __future__ import annotations

from collections.abc import Sequence

from gateproof import errors
from gateproof.errors import BudgetError

__all__ = ["BudgetError", "CompileError", "EvaluationError", "no_such_key", "no_such_overload"]

_HINT_COMPILE = "correct the expression where it is marked"
_HINT_EVALUATE = "guard the access with has(), or with an optional such as object.?field.orValue(...)"


_SHOWN = 50
"""Problems that an error lists."""


class Problem:
    """One reason why an expression does not compile: ``line`` and ``column`` count from 1."""

    __slots__ = ("column", "line", "message")

    def __init__(self, line: int, column: int, message: str) -> None:
        self.line = line
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


class CompileError(errors.PolicyError):
    """An expression does not compile. ``found`` holds all that is wrong with it, in the order of the source."""

    def __init__(self, found: Sequence[Problem], *, where: str | None = None, hint: str | None = None) -> None:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(
            f"the CEL expression does not compile{more}",
            where=where or None,
            hint=hint or _HINT_COMPILE,
            problems=[str(problem) for problem in found[:_SHOWN]],
        )
        self.found = tuple(found)


class EvaluationError(errors.EvaluationError):
    """An expression has no value for its input. ``message`` has cel-go's words."""

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, where=where, hint=hint or _HINT_EVALUATE)


def no_such_overload(what: str = "") -> EvaluationError:
    """The operands are of types that the function or operator is not defined for."""
    return EvaluationError(f"no such overload{what}", hint="convert the operand, or compare its type() first")


def no_such_key(name: object) -> EvaluationError:
    """A map has no member of this name."""
    return EvaluationError(f"no such key: {name}")
