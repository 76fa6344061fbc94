"""Kyverno's wildcards: ``*`` stands for any run of characters, ``?`` for exactly one."""

from __future__ import annotations


def has_wildcard(pattern: str) -> bool:
    """Whether ``pattern`` is more than a literal."""
    return "*" in pattern or "?" in pattern


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of ``text`` matches ``pattern``.

    Greedy with one point to come back to, so that no pattern costs more than ``len(pattern) * len(text)`` steps.
    """
    if pattern == "*" or pattern == text:
        return True
    if not has_wildcard(pattern):
        return False
    at, here, star, resume = 0, 0, -1, 0
    while at < len(text):
        if here < len(pattern) and pattern[here] == "*":
            star, resume = here, at
            here += 1
        elif here < len(pattern) and pattern[here] in ("?", text[at]):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = resume, star + 1
        else:
            return False
    return all(rest == "*" for rest in pattern[here:])
