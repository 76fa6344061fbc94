"""The operators of conditions: how a key is compared with a value.

Kyverno's, with their types: a key of a type that an operator does not know makes it false, ``NotEquals`` included.
Texts are tried as durations and quantities first, and are else matched with wildcards, in ``In`` and its kin from both
sides.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any

from gateproof.engines.kyverno import measures, scalars, versions, wildcard
from gateproof.engines.kyverno.jmespath.interface import hides
from gateproof.engines.kyverno.jmespath.standard import number_in
from gateproof.engines.kyverno.jmespath.values import equal, shown
from gateproof.engines.kyverno.scalars import UndecidableError

Operator = Callable[[Any, Any], bool]
_SECOND = 10**9
_LONGEST_WILDCARD = 65_536
_BEGINNINGS = frozenset("+-.0123456789")


def evaluate(apply: Operator, key: Any, value: Any) -> bool:
    """Whether the operator holds. Raises UndecidableError where a hidden value, or what is too long, is compared."""
    if hides(key) or hides(value):
        raise UndecidableError("a condition compares a sensitive value, which was replaced before judging")
    return apply(key, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equals(key: Any, value: Any) -> bool:
    if isinstance(key, str):
        return _text_equals(key, value)
    if _is_number(key):
        other = number_in(value) if isinstance(value, str) else value if _is_number(value) else None
        return other is not None and float(key) == float(other)
    return key is not None and type(key) is type(value) and equal(key, value)


def _not_equals(key: Any, value: Any) -> bool:
    return key is not None and not _equals(key, value)


def _text_equals(key: str, value: Any) -> bool:
    if (durations := _durations(key, value)) is not None:
        return durations[0] == durations[1]
    if not isinstance(value, str):
        return False
    if (mine := _quantity(key)) is not None and value:
        return bool(mine == _quantity(value))
    return _matches(value, key)


def _matches(pattern: str, text: str) -> bool:
    if wildcard.has_wildcard(pattern) and max(len(pattern), len(text)) > _LONGEST_WILDCARD:
        raise UndecidableError(f"a text of {len(text)} characters is compared with wildcards")
    return wildcard.matches(pattern, text)


def _measurable(value: Any) -> str | None:
    """``value``, where it may be a quantity or a duration: most texts begin otherwise."""
    return value if isinstance(value, str) and value[:1] in _BEGINNINGS and len(value) <= measures.LONGEST else None


def _quantity(value: Any) -> Any:
    text = _measurable(value)
    return None if text is None else measures.quantity(text)


def _durations(key: Any, value: Any) -> tuple[int, int] | None:
    """Both in nanoseconds where one is a text that is a duration; the other may be a number of seconds."""
    mine, theirs = _duration(key), _duration(value)
    if mine is None and theirs is None:
        return None
    mine = _seconds(key) if mine is None else mine
    theirs = _seconds(value) if theirs is None else theirs
    return None if mine is None or theirs is None else (mine, theirs)


def _duration(value: Any) -> int | None:
    text = _measurable(value)
    return measures.duration(text) if text is not None and text != "0" else None


def _seconds(value: Any) -> int | None:
    return int(value) * _SECOND if _is_number(value) else None


def _ordered(compare: Callable[[Any, Any], bool]) -> Operator:
    def apply(key: Any, value: Any) -> bool:
        sides = _sides(key, value)
        return sides is not None and compare(*sides)

    return apply


def _sides(key: Any, value: Any) -> tuple[Any, Any] | None:
    """What is compared: durations, quantities, numbers or versions; None for what is in no order."""
    if not (_is_number(key) or isinstance(key, str)):
        return None
    if (durations := _durations(key, value)) is not None:
        return durations
    if isinstance(key, str) and isinstance(value, str):
        mine, theirs = _quantity(key), _quantity(value)
        if mine is not None and theirs is not None:
            return mine, theirs
    number = number_in(key) if isinstance(key, str) else key
    if number is not None:
        if (durations := _durations(number, value)) is not None:
            return durations
        other = number_in(value) if isinstance(value, str) else value if _is_number(value) else None
        return None if other is None else (number, other)
    if isinstance(value, str):
        version, other_version = versions.parse(key), versions.parse(value)
        return (version, other_version) if version and other_version else None
    return None


def _ordered_durations(compare: Callable[[Any, Any], bool]) -> Operator:
    def apply(key: Any, value: Any) -> bool:
        mine, theirs = _any_duration(key), _any_duration(value)
        return mine is not None and theirs is not None and compare(mine, theirs)

    return apply


def _any_duration(value: Any) -> int | None:
    text = _measurable(value)
    return _seconds(value) if text is None else measures.duration(text)


def _is_plain(key: Any) -> bool:
    return isinstance(key, str | bool | int | float)


def _in(key: Any, value: Any) -> bool:
    if isinstance(key, list):
        return bool(_legacy_subset(key, value))
    return _is_plain(key) and bool(_found(shown(key), value, ranges=False))


def _not_in(key: Any, value: Any) -> bool:
    if isinstance(key, list):
        inside = _legacy_subset(key, value)
        return inside is not None and (not inside or key == [value])  # the latter is a slip of Kyverno's
    return _is_plain(key) and _found(shown(key), value, ranges=False) is False


def _legacy_subset(keys: list[Any], value: Any) -> bool | None:
    """Whether all ``keys`` are among the values, without wildcards; None for what cannot be compared."""
    if not all(isinstance(one, str) for one in keys):
        raise UndecidableError("the deprecated operators In and NotIn compare lists of texts alone")
    if isinstance(value, str):
        if keys == [value]:
            return True
        value = _listed(value, bare=False)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return set(keys) <= set(value)


def _any_in(key: Any, value: Any) -> bool:
    if not isinstance(key, list):
        return _is_plain(key) and bool(_found(shown(key), value))
    hits = _hits(key, value, scalars_too=True)
    return hits is not None and any(hits)


def _any_not_in(key: Any, value: Any) -> bool:
    if not isinstance(key, list):
        return _is_plain(key) and _found(shown(key), value) is False
    if _is_range(value) and not (len(key) == 1 and shown(key[0]) == value):
        outside = value.replace("-", "!-", 1)
        return any(scalars.holds(shown(one), outside) for one in key)
    hits = _hits(key, value, scalars_too=True)
    return hits is not None and not all(hits)


def _all_in(key: Any, value: Any) -> bool:
    if not isinstance(key, list):
        return _is_plain(key) and bool(_found(shown(key), value))
    hits = _hits(key, value)
    return hits is not None and all(hits)


def _all_not_in(key: Any, value: Any) -> bool:
    if not isinstance(key, list):
        return _is_plain(key) and _found(shown(key), value) is False
    hits = _hits(key, value)
    return hits is not None and not any(hits)


def _found(key: str, value: Any, *, ranges: bool = True) -> bool | None:
    """Whether one key is among the values; None where the values are none."""
    if isinstance(value, list):
        return any(_alike(key, shown(one)) for one in value)
    if not isinstance(value, str):
        return None
    if _matches(value, key):
        return True
    if ranges and _is_range(value):
        return scalars.holds(key, value)
    listed = _listed(value, bare=ranges)
    return None if listed is None else key in listed


def _hits(keys: list[Any], value: Any, *, scalars_too: bool = False) -> list[bool] | None:
    """For each key whether it is among the values; None where the values are none."""
    texts = [shown(one) for one in keys]
    if isinstance(value, str):
        if texts == [value]:
            return [True]
        if _is_range(value):
            return [scalars.holds(text, value) for text in texts]
        listed = _listed(value, bare=True)
    elif isinstance(value, list):
        listed = [shown(one) for one in value]
    else:
        listed = [shown(value)] if scalars_too and _is_plain(value) else None
    return None if listed is None else [any(_alike(text, one) for one in listed) for text in texts]


def _alike(one: str, other: str) -> bool:
    return _matches(one, other) or _matches(other, one)


def _is_range(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= measures.LONGEST and scalars.is_range(value)


def _listed(text: str, *, bare: bool) -> list[str] | None:
    """The list of texts that ``text`` is in JSON; with ``bare``, what is no JSON at all is a list of itself."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return [text] if bare else None
    if found is None:
        return []
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else None


OPERATORS: dict[str, Operator] = {
    "Equal": _equals,
    "Equals": _equals,
    "NotEqual": _not_equals,
    "NotEquals": _not_equals,
    "In": _in,
    "AnyIn": _any_in,
    "AllIn": _all_in,
    "NotIn": _not_in,
    "AnyNotIn": _any_not_in,
    "AllNotIn": _all_not_in,
    "GreaterThan": _ordered(operator.gt),
    "GreaterThanOrEquals": _ordered(operator.ge),
    "LessThan": _ordered(operator.lt),
    "LessThanOrEquals": _ordered(operator.le),
    "DurationGreaterThan": _ordered_durations(operator.gt),
    "DurationGreaterThanOrEquals": _ordered_durations(operator.ge),
    "DurationLessThan": _ordered_durations(operator.lt),
    "DurationLessThanOrEquals": _ordered_durations(operator.le),
}
