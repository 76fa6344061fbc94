"""What can go wrong with an expression."""

from __future__ import annotations


class JmespathError(ValueError):
    """An expression is none, or has no value on these data; the message says why."""


class UnknownKeyError(JmespathError):
    """An expression ends at a key that the data do not have."""


class HiddenValueError(JmespathError):
    """An expression computes with a sensitive value, which was replaced before judging."""
