"""What goes wrong in Rego, with OPA's error codes.

PolicyError
└── CompileError        the modules do not compile; ``code`` is OPA's (``rego_parse_error`` …)
    └── Unsupported     … because they use something that this compiler refuses, by name
EvaluationError
└── EvalError           evaluation failed; ``code`` is OPA's (``eval_conflict_error`` …)
    └── BuiltinError    a builtin could not give a result: undefined, unless errors are strict
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateproof.errors import EvaluationError, PolicyError

if TYPE_CHECKING:
    from gateproof.compiler.ir import Function

PARSE_ERROR = "rego_parse_error"
COMPILE_ERROR = "rego_compile_error"
TYPE_ERROR = "rego_type_error"
UNSAFE_VAR_ERROR = "rego_unsafe_var_error"
RECURSION_ERROR = "rego_recursion_error"

_PLACE = re.compile(r"(?P<file>.*?):(?P<line>[0-9]+):(?P<column>[0-9]+): ", re.DOTALL)
_LABELLED = re.compile(r"\(([^()]*:[0-9]+:[0-9]+)\)")
_SHOWN = 3
_TAB = 4
_WIDEST = 110


class CompileError(PolicyError):
    """The modules do not compile. ``code`` is the code of the first problem; ``problems`` holds all.

    A problem is ``file:line:column: code: message``, and below it the line that it is about with a mark under the
    column, where the source is known (:func:`excerpted`).
    """

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

    def __str__(self) -> str:
        if self.where and len(self.problems) == 1:  # which says both, and more
            return self.problems[0]
        return "\n".join((self.message, *self.problems)) if self.problems else super().__str__()

    @property
    def one_line(self) -> str:
        """All that it says but for the lines of the source."""
        said = self.problems if self.where and len(self.problems) == 1 else (self.message, *self.problems)
        return "; ".join(part.partition("\n")[0] for part in said)


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


def place_of(error: EvalError, functions: Iterable[Function]) -> str | None:
    """``file:line:column`` of the rules in which evaluation failed: those of the innermost generated function."""
    names: list[str] = []
    traceback = error.__traceback__
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    labels = {function.name: function.label for function in functions}
    label = next((labels[name] for name in reversed(names) if name in labels), "")
    return ", ".join(_LABELLED.findall(label)[:_SHOWN]) or None


def excerpted(problems: Iterable[str], sources: Mapping[str, str]) -> list[str]:
    """``problems``, each with the line of ``sources`` (file name to text) that it is about, marked at its column."""
    return [_excerpted(problem, sources) for problem in problems]


def _excerpted(problem: str, sources: Mapping[str, str]) -> str:
    place = _PLACE.match(problem)
    if place is None or place["file"] not in sources or "\n" in problem:
        return problem
    lines = sources[place["file"]].split("\n")
    number, column = int(place["line"]), int(place["column"])
    line = lines[number - 1].rstrip() if number <= len(lines) else ""
    if not line:
        return problem
    at = len(line[: column - 1].expandtabs(_TAB))
    shown = line.expandtabs(_TAB)
    cut = max(at - _WIDEST // 2, 0) if len(shown) > _WIDEST else 0
    return f"{problem}\n    {shown[cut : cut + _WIDEST]}\n    {' ' * (at - cut)}^"


@contextmanager
def refusing_depth() -> Iterator[None]:
    """Refuse policies that are nested deeper than Python's stack reaches when they are compiled."""
    try:
        yield
    except RecursionError:
        raise Unsupported("the policy is nested too deeply", hint="split its longest expression") from None
