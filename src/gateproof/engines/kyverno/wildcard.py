"""Kyverno's wildcards: ``*`` stands for any run of characters, ``?`` for exactly one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial


def has_wildcard(pattern: str) -> bool:
    """Whether ``pattern`` is more than a literal."""
    return "*" in pattern or "?" in pattern


def compile(pattern: str) -> Callable[[str], bool]:
    """The test that ``matches`` makes of many texts by one pattern."""
    if pattern == "?*":
        return bool
    if not has_wildcard(pattern):
        return partial(operator.eq, pattern)
    if "?" in pattern or pattern.count("*") > 1:
        return partial(matches, pattern)
    head, _, tail = pattern.partition("*")
    least = len(head) + len(tail)
    return lambda text: len(text) >= least and text.startswith(head) and text.endswith(tail)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of ``text`` matches ``pattern``.

    Greedy with one point to come back to, so that no pattern costs more than ``len(pattern) * len(text)`` steps.
    """
    if pattern == "*" or pattern == text:
        return True
    if "?" not in pattern:
        return "*" in pattern and _matches_parts(pattern, text)
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


def _matches_parts(pattern: str, text: str) -> bool:
    """The same for a pattern without ``?``: each part is looked for behind the one before, which is quick."""
    head, *middle, tail = pattern.split("*")
    end = len(text) - len(tail)
    position = len(head)
    if end < position or not text.startswith(head) or not text.endswith(tail):
        return False
    for part in middle:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
