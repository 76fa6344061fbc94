"""Regular expressions, in RE2's syntax and linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gateproof.cel.budget import check_characters
from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import NONE, Optional


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


def _illegal(expression: str) -> Any:
    try:
        return pattern(expression)
    except EvaluationError as error:
        said = error.message.removeprefix("error parsing regexp: ")
        raise EvaluationError(f"Illegal regex: error parsing regexp: {said}", hint=error.hint) from None


def find(text: str, expression: str) -> str:
    """``text.find(expression)``: what is found first, or nothing."""
    match = _illegal(expression).search(text)
    return match[0] if match else ""


def find_all(text: str, expression: str, most: int = -1) -> list[str]:
    """``text.findAll(expression, most)``: all that is found, or as many."""
    compiled = _illegal(expression)
    found: list[str] = []
    if most == 0:
        return found
    for match in _matches(compiled, text):
        found.append(match[0])
        if len(found) == most:
            break
    return found


def _matches(compiled: Any, text: str) -> Iterator[Any]:
    """What Go finds: an empty match right after another does not count."""
    end = -1
    for match in compiled.finditer(text):
        if match.start() != match.end() or match.start() != end:
            yield match
        end = match.end()


def _given(expression: str, *, groups: int | None = None) -> Any:
    try:
        compiled = pattern(expression)
    except EvaluationError as error:
        raise EvaluationError(f"given regex is invalid: {error.message}", hint=error.hint) from None
    if groups is not None and compiled.groups > groups:
        said = f'regular expression has more than one capturing group: "{expression}"'
        raise EvaluationError(said, hint="write (?:…) for groups that are not wanted")
    return compiled


def extract(text: str, expression: str) -> Optional:
    """``regex.extract(text, expression)``: the group, or all that is found where there is none."""
    compiled = _given(expression, groups=1)
    match = compiled.search(text)
    found = match[compiled.groups] if match else None
    return Optional(found) if match and (found or not compiled.groups) else NONE


def extract_all(text: str, expression: str) -> list[str]:
    """``regex.extractAll(text, expression)``: of each match the group, or all of it where there is none."""
    compiled = _given(expression, groups=1)
    found = [match[compiled.groups] for match in _matches(compiled, text)]
    return [each for each in found if each] if compiled.groups else found


_INT32 = 2**31 - 1


def replace(text: str, expression: str, replacement: str, most: int = -1) -> str:
    """``regex.replace(text, expression, replacement, most)``; ``\\1`` in the replacement is a group."""
    if most == 0:
        return text
    if most > _INT32:
        raise EvaluationError("integer overflow", hint="give a smaller count")
    compiled = pattern(expression)
    parts: list[str] = []
    at = size = 0
    for number, match in enumerate(_matches(compiled, text)):
        if number == most:
            break
        parts += (text[at : match.start()], _replaced(match, compiled.groups, replacement))
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
