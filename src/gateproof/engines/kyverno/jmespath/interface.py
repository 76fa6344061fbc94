"""What a function is: the types of its arguments, and what it computes."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import msgspec

from gateproof.engines.kyverno.jmespath.errors import HiddenValueError, JmespathError
from gateproof.engines.kyverno.jmespath.values import is_number, weigh
from gateproof.inputs.redact import is_redacted
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError


class Reference(msgspec.Struct, frozen=True):
    """``&expression`` as an argument: what evaluates it on a value."""

    evaluate: Callable[[Any, Context], Any]


def _all(members: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(members, list) and all(map(test, members))


def _is_text(value: Any) -> bool:
    return value.__class__ is str


TESTS: dict[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "array": lambda value: value.__class__ is list,
    "array[number]": lambda value: _all(value, is_number),
    "array[string]": lambda value: _all(value, _is_text),
    "expression": lambda value: isinstance(value, Reference),
    "number": is_number,
    "object": lambda value: value.__class__ is dict,
    "string": _is_text,
}


class Hidden(Enum):
    """Which sensitive texts, replaced before judging, a function may be given: those with which it computes nothing."""

    NONE = "none"
    MEMBERS = "those in a list or object"
    ANY = "any"


def hides(value: Any) -> bool:
    """Whether ``value`` is hidden, or has something hidden in it."""
    if isinstance(value, str):
        return is_redacted(value)
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(hides, members))


class Function(msgspec.Struct, frozen=True):
    """``arguments``: the types of each, joined by ``|``; with ``variadic``, the last may come more than once.

    ``compute`` gets the context and the arguments.
    """

    name: str
    arguments: tuple[str, ...]
    compute: Callable[..., Any]
    variadic: bool = False
    hidden: Hidden = Hidden.NONE

    def check_count(self, count: int) -> None:
        """Raise JmespathError unless the function may be called with so many arguments."""
        least = len(self.arguments)
        if count < least or (count > least and least and not self.variadic):
            raise JmespathError(f"{self.name}() takes {least} arguments, and is given {count}")

    def call(self, ctx: Context, arguments: list[Any]) -> Any:
        """The value. Raises JmespathError for arguments of wrong types, or that have none."""
        for position, value in enumerate(arguments):
            types = self.arguments[min(position, len(self.arguments) - 1)] if self.arguments else "any"
            if types != "any" and not any(TESTS[one](value) for one in types.split("|")):
                raise JmespathError(
                    f"{self.name}(): argument {position + 1} is not of type {types.replace('|', ' or ')}"
                )
            if self.hidden is Hidden.NONE:
                weigh(ctx, value)
            if hides(value) if self.hidden is Hidden.NONE else self.hidden is Hidden.MEMBERS and is_redacted(value):
                raise HiddenValueError(f"{self.name}() is given a sensitive value, which was replaced before judging")
        try:
            return self.compute(ctx, *arguments[: len(self.arguments)] if not self.variadic else arguments)
        except BuiltinError as error:
            raise JmespathError(f"{self.name}(): {error.message}") from None
