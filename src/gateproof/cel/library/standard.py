"""Functions of the language itself."""

from __future__ import annotations

from gateproof.cel.values import TypeValue, Value, type_name


def same(value: Value) -> Value:
    """``dyn(x)``, and conversions to the type that a value has."""
    return value


def type_of(value: Value) -> TypeValue:
    """``type(x)``."""
    return TypeValue(type_name(value))


def size(value: Value) -> int:
    """Characters, bytes or members."""
    return len(value)


def starts_with(text: str, prefix: str) -> bool:
    """``text.startsWith(prefix)``."""
    return text.startswith(prefix)


def ends_with(text: str, suffix: str) -> bool:
    """``text.endsWith(suffix)``."""
    return text.endswith(suffix)


def contains(text: str, part: str) -> bool:
    """``text.contains(part)``."""
    return part in text
