"""Regular expressions, in RE2's syntax and linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gateproof.cel.budget import Meter, check_characters
from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import NONE, Optional

_REMEMBERED = 128
_TOO_LARGE = 200_000
"""Steps for an expression that could not be compiled."""


@lru_cache(maxsize=_REMEMBERED)
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


def compiled(meter: Meter, text: str, prefix: str) -> Any:
    """The compiled expression, kept for the evaluation, which pays for its size once. ``prefix``: of its error."""
    known = meter.patterns.get(text)
    if known is None:
        try:
            known = pattern(text)
        except EvaluationError as error:
            meter.work(_TOO_LARGE)
            raise EvaluationError(prefix + error.message, hint=error.hint) from None
        meter.work(known.programsize)
        meter.patterns[text] = known
    return known


def matches(text: str, expression: Any) -> bool:
    """``text.matches(expression)``: whether it is found anywhere."""
    return expression.search(text) is not None


def find(text: str, expression: Any) -> str:
    """``text.find(expression)``: what is found first, or nothing."""
    match = expression.search(text)
    return match[0] if match else ""


def find_all(text: str, expression: Any, most: int = -1) -> list[str]:
    """``text.findAll(expression, most)``: all that is found, or as many."""
    found: list[str] = []
    if most == 0:
        return found
    for match in _matches(expression, text):
        found.append(match[0])
        if len(found) == most:
            break
    return found


def _matches(expression: Any, text: str) -> Iterator[Any]:
    """What Go finds: an empty match right after another does not count."""
    end = -1
    for match in expression.finditer(text):
        if match.start() != match.end() or match.start() != end:
            yield match
        end = match.end()


def _one_group(expression: Any) -> Any:
    if expression.groups > 1:
        said = f'regular expression has more than one capturing group: "{expression.pattern}"'
        raise EvaluationError(said, hint="write (?:…) for groups that are not wanted")
    return expression


def extract(text: str, expression: Any) -> Optional:
    """``regex.extract(text, expression)``: the group, or all that is found where there is none."""
    match = _one_group(expression).search(text)
    found = match[expression.groups] if match else None
    return Optional(found) if match and (found or not expression.groups) else NONE


def extract_all(text: str, expression: Any) -> list[str]:
    """``regex.extractAll(text, expression)``: of each match the group, or all of it where there is none."""
    found = [match[expression.groups] for match in _matches(_one_group(expression), text)]
    return [each for each in found if each] if expression.groups else found


_INT32 = 2**31 - 1


def replace(text: str, expression: Any, replacement: str, most: int = -1) -> str:
    """``regex.replace(text, expression, replacement, most)``; ``\\1`` in the replacement is a group."""
    if most == 0:
        return text
    if most > _INT32:
        raise EvaluationError("integer overflow", hint="give a smaller count")
    parts: list[str] = []
    at = size = 0
    for number, match in enumerate(_matches(expression, text)):
        if number == most:
            break
        parts += (text[at : match.start()], _replaced(match, expression.groups, replacement))
        size += len(parts[-1])
        check_characters(size)
        at = match.end()
    return "".join((*parts, text[at:]))


_REFERENCE = re.compile(r"\\(.?)", re.DOTALL)


def _replaced(match: Any, groups: int, replacement: str) -> str:
    def resolved(reference: re.Match[str]) -> str:
        name = reference[1]
        if name == "\\":
            return "\\"
        said = f"invalid replacement string: '{replacement}' \\ "
        if not name:
            raise EvaluationError(said + "not allowed at end", hint="write \\\\ for a backslash")
        if name not in "0123456789":
            raise EvaluationError(said + "must be followed by a digit or \\", hint="write \\\\ for a backslash")
        if int(name) > groups:
            said = f"replacement string references group {name} but regex has only {groups} group(s)"
            raise EvaluationError(said, hint="add the group")
        return match[int(name)] or ""

    return _REFERENCE.sub(resolved, replacement)
