"""JMESPath as Kyverno has it: https://jmespath.org with Kyverno's functions and its errors for missing keys.

    expression = compile("request.object.spec.replicas || `1`")
    expression.search({"request": …}, ctx)

A library of its own: it knows nothing of policies. ``ctx`` carries the budget and the time of the evaluation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from gateproof.engines.kyverno.jmespath.errors import HiddenValueError, JmespathError, UnknownKeyError
from gateproof.engines.kyverno.jmespath.evaluation import BINDINGS, Evaluate, Unknown, build
from gateproof.engines.kyverno.jmespath.interface import Reference
from gateproof.engines.kyverno.jmespath.syntax import parse
from gateproof.rego.context import Context

__all__ = ["BINDINGS", "Expression", "HiddenValueError", "JmespathError", "UnknownKeyError", "compile"]

# A name that is not the member of something.
_WORD = re.compile(r"(?<![.0-9A-Za-z])[A-Za-z_][A-Za-z0-9_]*")


class Expression:
    """A compiled expression. ``text`` is its source, ``words`` the names in it that may be of variables."""

    __slots__ = ("_evaluate", "text", "words")

    def __init__(self, text: str, *, bindings: bool = False) -> None:
        self.text = text
        self.words = frozenset(_WORD.findall(text))
        self._evaluate: Evaluate = build(parse(text, bindings=bindings))

    def speaks_of(self, name: str) -> bool:
        """Whether the expression may read the variable ``name``."""
        return name in self.words or (name in self.text and not name.isidentifier())

    def search(self, data: Any, ctx: Context) -> Any:
        """The value on ``data``. Raises JmespathError where it has none, BudgetError where it takes too much."""
        ctx.spend(1)
        found = self._evaluate(data, ctx)
        if found.__class__ is Unknown:
            raise UnknownKeyError(f"there is no key {found.key!r} for {self.text!r}")
        if found.__class__ is Reference:
            raise JmespathError(f"{self.text!r} is an expression without a value")
        return found


@lru_cache(maxsize=4096)
def compile(text: str, *, bindings: bool = False) -> Expression:
    """Compile an expression; with ``bindings``, ``$name`` may stand in it. Raises JmespathError with what is wrong."""
    return Expression(text.strip(), bindings=bindings)
