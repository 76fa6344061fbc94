"""Conditions of ``preconditions`` and ``deny``: ``any`` and ``all``, or the older list, of which all must hold."""

from __future__ import annotations

from typing import Any

import msgspec

from gateproof.engines.kyverno.jmespath.values import Int64, weigh
from gateproof.engines.kyverno.operators import OPERATORS, Operator, evaluate
from gateproof.engines.kyverno.scope import Scope
from gateproof.engines.kyverno.variables import Document, TemplateError, compile_document

_CONDITION = 5
"""Steps that it takes to come to comparing."""
_KEYS = {"key", "operator", "value", "message"}


class ConditionError(ValueError):
    """Conditions that cannot be read; the message says why."""


class Condition(msgspec.Struct, frozen=True):
    """``key`` compared with ``value``."""

    key: Document
    apply: Operator
    value: Document
    message: str = ""

    def holds(self, scope: Scope) -> bool:
        """Whether it does. Raises UndecidableError where a variable of it has no value."""
        key, value, ctx = self.key.resolve(scope), self.value.resolve(scope), scope.ctx
        weigh(ctx, key, value)
        ctx.spend(_CONDITION + _members(key) * _members(value))
        return evaluate(self.apply, key, value)


class Conditions(msgspec.Struct, frozen=True):
    """One of ``any``, if there is such a block, and all of ``all``."""

    any: tuple[Condition, ...] | None = None
    all: tuple[Condition, ...] = ()

    def judge(self, scope: Scope) -> tuple[bool, str]:
        """Whether they hold, and the messages of those that did, or did not. Raises UndecidableError."""
        if self.any is None and not self.all:
            return True, ""
        verdicts: list[tuple[bool, str]] = []
        holds = True
        if self.any is not None:
            holds = False
            for condition in self.any:
                holds = condition.holds(scope)
                verdicts.append((holds, condition.message))
                if holds:
                    break
        for condition in self.all:
            one = condition.holds(scope)
            verdicts.append((one, condition.message))
            if not one:
                holds = False
                break
        return holds, "; ".join([message for one, message in verdicts if message and one is holds])


def _members(value: Any) -> int:
    return 1 + len(value) if isinstance(value, list) else 1


def read_conditions(raw: Any) -> Conditions:
    """Read what stands under ``preconditions`` or ``conditions``. Raises ConditionError."""
    if raw is None:
        return Conditions()
    if isinstance(raw, list):
        return Conditions(None, _each(raw))
    if not isinstance(raw, dict) or raw.keys() - {"any", "all"}:
        raise ConditionError("conditions are a list, or an object with any and all")
    alternatives = raw.get("any")
    return Conditions(None if alternatives is None else _each(alternatives), _each(raw.get("all") or []))


def _each(raw: Any) -> tuple[Condition, ...]:
    if not isinstance(raw, list):
        raise ConditionError("any and all are lists of conditions")
    return tuple(map(_condition, raw))


def _condition(raw: Any) -> Condition:
    if not isinstance(raw, dict) or raw.keys() - _KEYS:
        raise ConditionError(f"a condition has {', '.join(sorted(_KEYS))}")
    name = raw.get("operator")
    if not isinstance(name, str) or name not in OPERATORS:
        raise ConditionError(f"{name!r} is no operator (expected one of {', '.join(OPERATORS)})")
    for part in ("key", "value"):
        if "$(" in str(raw.get(part)):
            raise ConditionError(f"the reference in {raw[part]!r} leads to nothing")
    try:
        return Condition(
            compile_document(_typed(raw.get("key"))),
            OPERATORS[name],
            compile_document(_typed(raw.get("value"))),
            str(raw.get("message") or ""),
        )
    except TemplateError as error:
        raise ConditionError(str(error)) from None


def _typed(value: Any) -> Any:
    """Integers that a policy writes are others to Kyverno than those of an object, all of which are floats to it."""
    if isinstance(value, dict):
        return {key: _typed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_typed(one) for one in value]
    return Int64(value) if isinstance(value, int) and not isinstance(value, bool) else value
