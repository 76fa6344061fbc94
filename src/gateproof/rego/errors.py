"""What goes wrong in Rego, with OPA's error codes.

PolicyError
└── CompileError        the modules do not compile; ``code`` is OPA's (``rego_parse_error`` …)
    └── Unsupported     … because they use something that this compiler refuses, by name
EvaluationError
└── EvalError           evaluation failed; ``code`` is OPA's (``eval_conflict_error`` …)
    └── BuiltinError    a builtin could not give a result: undefined, unless errors are strict
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gateproof.errors import EvaluationError, PolicyError

PARSE_ERROR = "rego_parse_error"
COMPILE_ERROR = "rego_compile_error"
TYPE_ERROR = "rego_type_error"
UNSAFE_VAR_ERROR = "rego_unsafe_var_error"
RECURSION_ERROR = "rego_recursion_error"


class CompileError(PolicyError):
    """The modules do not compile. ``code`` is the code of the first problem; ``problems`` holds all."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint, problems=problems)
        self.code = code


class Unsupported(CompileError):  # noqa: N818 - a refusal, named as one
    """The modules use a construct or builtin that is refused; never a different verdict instead."""

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__("rego_unsupported", message, where=where, hint=hint)


class EvalError(EvaluationError):
    """Evaluation failed. ``code``: ``eval_conflict_error``, ``eval_builtin_error``, ``eval_type_error`` …"""

    def __init__(self, code: str, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, where=where, hint=hint)
        self.code = code


class BuiltinError(EvalError):
    """A builtin cannot give a result for these operands.

    Raised by builtins as ``BuiltinError(code, message)`` with ``eval_type_error`` for an operand of the
    wrong type and ``eval_builtin_error`` for everything else. The call is undefined in OPA's default
    mode; in strict mode evaluation ends with the error.
    """


@contextmanager
def refusing_depth() -> Iterator[None]:
    """Refuse policies that are nested deeper than Python's stack reaches when they are compiled."""
    try:
        yield
    except RecursionError:
        raise Unsupported("the policy is nested too deeply", hint="split its longest expression") from None
