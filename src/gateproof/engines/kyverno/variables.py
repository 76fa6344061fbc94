"""Variables ``{{ … }}`` in policies: documents with gaps, compiled once.

A text that is one variable takes its value whatever it is; in a longer text, the value is written in. What the object
puts into a text is never read as a variable in turn: where a value has ``{{``, Kyverno evaluates it, and here the text
has no value, unless the policy says that it is to be taken as it is (``{{- … }}``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from gateproof.engines.kyverno.jmespath import Expression, JmespathError, compile
from gateproof.engines.kyverno.jmespath.values import encode
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope, VariableError
from gateproof.errors import EvaluationError

Resolve = Callable[[Scope], Any]
# The innermost braces; and, before them, the character that must not be a backslash.
_VARIABLE = re.compile(r"(^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})")
_MOST_ROUNDS = 64


class TemplateError(ValueError):
    """A variable of a policy that cannot be compiled; the message says which."""


class Document(msgspec.Struct, frozen=True):
    """A value with variables: what makes it, or, where there are none, the value itself."""

    fixed: Any
    make: Resolve | None = None

    def resolve(self, scope: Scope) -> Any:
        """The value in ``scope``. Raises UndecidableError where a variable has none."""
        return self.fixed if self.make is None else self.make(scope)


def compile_document(raw: Any) -> Document:
    """Compile a JSON value with variables in its texts and keys. Raises TemplateError."""
    make = _compile(raw)
    return Document(_unescaped(raw)) if make is None else Document(None, make)


def compile_message(text: str) -> Resolve:
    """A message, which is always made: what has no value stays as it is written."""
    if "{{" not in text:
        return lambda _: text
    return lambda scope: _written_as_far_as_possible(scope, text)


def _compile(raw: Any) -> Resolve | None:
    """What gives the value of ``raw``, or None where it is always the same."""
    if isinstance(raw, str):
        return _compile_text(raw) if "{{" in raw else None
    if isinstance(raw, list):
        members = [(_compile(one), one) for one in raw]
        if all(resolve is None for resolve, _ in members):
            return None
        return lambda scope: [resolve(scope) if resolve else _unescaped(one) for resolve, one in members]
    if isinstance(raw, dict):
        return _compile_object(raw)
    return None


def _compile_object(raw: dict[str, Any]) -> Resolve | None:
    entries = [(_compile(key), key, _compile(value), value) for key, value in raw.items()]
    if all(of_key is None and of_value is None for of_key, _, of_value, _ in entries):
        return None

    def run(scope: Scope) -> dict[str, Any]:
        made = {}
        for of_key, key, of_value, value in entries:
            name = of_key(scope) if of_key else _unescaped(key)
            if not isinstance(name, str):
                raise VariableError(f"the key {key!r} is no text")
            made[name] = of_value(scope) if of_value else _unescaped(value)
        return made

    return run


def _compile_text(text: str) -> Resolve | None:
    found = list(_VARIABLE.finditer(text))
    if not found:
        return None
    expressions = {one[2]: _compile_expression(one[2]) for one in found}
    if len(found) > 1 or found[0][2] != text:
        return lambda scope: _written(scope, text)
    [expression] = expressions.values()
    if "request.object" in expression.text:
        return lambda scope: scope.query(compile(_asked(scope, expression.text)))
    return lambda scope: scope.query(expression)


def _compile_expression(variable: str) -> Expression:
    text, _ = _expression(variable)
    if text == "@":
        raise TemplateError(f"the variable {variable}, which is for rules that change objects,")
    try:
        return compile(text)
    except JmespathError as error:
        raise TemplateError(f"the variable {variable}: {error}") from None


def _expression(variable: str) -> tuple[str, bool]:
    """The expression between braces, and whether its value is to be taken as it is."""
    text = variable.replace("{{", "").replace("}}", "").strip()
    return (text[1:].strip(), True) if text.startswith("-") else (text, False)


def _asked(scope: Scope, text: str) -> str:
    """Where something is deleted, what is said of the object is meant of the old one."""
    return text.replace("request.object", "request.oldObject") if scope.operation == "DELETE" else text


def _written(scope: Scope, text: str) -> Any:
    """The text with the values of its variables; they are evaluated from the inside out."""
    for _ in range(_MOST_ROUNDS):
        found = list(_VARIABLE.finditer(text))
        if not found:
            return text.replace("\\{{", "{{")
        whole, as_it_is = text, False
        for before, variable in (one.groups() for one in found):
            expression, as_it_is = _expression(variable)
            value = scope.query_text(_asked(scope, expression))
            if variable == whole:
                return value
            piece = value if isinstance(value, str) else encode(scope.ctx, value)
            if "{{" in piece:
                if not as_it_is:
                    raise UndecidableError(f"the value of {variable} has braces, which Kyverno would evaluate")
                piece = piece.replace("{{", "\\{{")
            if piece.endswith("\\") and f"{variable}{{{{" in text:
                raise UndecidableError(f"the value of {variable} ends so that the variable behind it would be none")
            scope.ctx.check_size(len(text) + len(piece))
            text = text.replace(before + variable, before + piece, 1)
        if as_it_is:
            return text.replace("\\{{", "{{")
    raise VariableError("variables are nested too deeply")


def _written_as_far_as_possible(scope: Scope, text: str) -> str:
    def piece(found: re.Match[str]) -> str:
        try:
            value = scope.query_text(_asked(scope, _expression(found[2])[0]))
            shown = value if isinstance(value, str) else encode(scope.ctx, value)
        except (UndecidableError, JmespathError, EvaluationError):
            return found[0]
        return found[1] + shown

    return _VARIABLE.sub(piece, text).replace("\\{{", "{{")


def _unescaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\\{{", "{{")
    if isinstance(value, list):
        return [_unescaped(one) for one in value]
    if isinstance(value, dict):
        return {_unescaped(key): _unescaped(one) for key, one in value.items()}
    return value
