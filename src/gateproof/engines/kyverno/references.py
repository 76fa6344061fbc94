"""References ``$(…)`` from one place of a pattern to another, which stand for the text there.

A path is relative to the place where it stands (``$(./../limits/memory)``), or absolute; anchors around keys are no
part of it. They are replaced once, when a policy is loaded.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

_LONGEST = 4096
_REFERENCE = re.compile(r"(^|[^\\])(\$\(.[^ ]*\))")
_ESCAPED = re.compile(r"\\(\$\(.[^ )]*\))")
_ANCHOR = re.compile(r"[+<=X^]?\((.+)\)")
_COMPARISON = re.compile(r">=|<=|>|<|!")


class UnresolvedError(ValueError):
    """A reference to a place that is not there, or has no text; the message says which."""


def replace(document: Any) -> Any:
    """``document`` with the texts that its references are to. Raises UnresolvedError."""
    places = dict(_leaves(document, ""))
    return _replaced(document, "", places)


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in _leaves(one, f"{path}/{_key(key)}")]
    if isinstance(value, list):
        return [leaf for place, one in enumerate(value) for leaf in _leaves(one, f"{path}/{place}")]
    return [(path, value)]


def _key(key: str) -> str:
    found = _ANCHOR.fullmatch(key.strip())
    return found[1] if found else key


def _replaced(value: Any, path: str, places: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(one, f"{path}/{_key(key)}", places) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, f"{path}/{place}", places) for place, one in enumerate(value)]
    if not isinstance(value, str) or "$(" not in value:
        return value
    if len(value) > _LONGEST:
        raise UnresolvedError(f"a text of more than {_LONGEST} characters with a reference in it")
    text = _REFERENCE.sub(lambda found: found[1] + _target(found[2], path, places), value)
    return _ESCAPED.sub(r"\1", text)


def _target(reference: str, path: str, places: dict[str, Any]) -> str:
    target = reference.strip("$()")
    comparison = _COMPARISON.match(target)
    sign = comparison[0] if comparison else ""
    place = posixpath.normpath(posixpath.join(path or "/", target[len(sign) :]))
    found = places.get(place)
    if sign and isinstance(found, int | float) and not isinstance(found, bool):
        return f"{sign}{found}" if isinstance(found, int) else f"{sign}{found:f}"
    if not isinstance(found, str):
        raise UnresolvedError(f"the reference {reference} leads to {'nothing' if found is None else 'no text'}")
    return sign + found
