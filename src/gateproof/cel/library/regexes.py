"""Regular expressions, in RE2's syntax and linear time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from gateproof.cel.errors import EvaluationError


@lru_cache(maxsize=512)
def pattern(text: str) -> Any:
    """The compiled expression. Raises EvaluationError where RE2 cannot read it, or it is too large."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise EvaluationError(f"error parsing regexp: {reason}", hint="write it in RE2's syntax") from None


def matches(text: str, expression: str) -> bool:
    """``text.matches(expression)``: whether it is found anywhere."""
    return pattern(expression).search(text) is not None
