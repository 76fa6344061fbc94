"""Every function and operator: its signatures and, for each, where it is implemented.

A signature is ``(parameters) result``, with the type of the target and a dot before it where there is one. An
implementation is ``module.function`` of ``gateproof.cel.library``; operators are implemented by ``runtime``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from gateproof.cel.types import Signature, signature


class Overload(msgspec.Struct, frozen=True):
    """A function for operands of certain types."""

    signature: Signature
    implementation: str


Functions = dict[str, dict[str, str]]

_ARITHMETIC: Final = ("int", "uint", "double")
_ORDERED: Final = ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration")


def _operator(*signatures: str) -> dict[str, str]:
    return dict.fromkeys(signatures, "")


_ORDER: Final = _operator(
    *(f"({name}, {name}) bool" for name in _ORDERED),
    *(f"({one}, {two}) bool" for one in _ARITHMETIC for two in _ARITHMETIC if one != two),
)

_STANDARD: Final[Functions] = {
    "==": _operator("(A, A) bool"),
    "!=": _operator("(A, A) bool"),
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDER),
    "in": _operator("(A, list(A)) bool", "(A, map(A, B)) bool"),
    "+": _operator(
        *(f"({name}, {name}) {name}" for name in (*_ARITHMETIC, "string", "bytes", "duration")),
        "(list(A), list(A)) list(A)",
        "(timestamp, duration) timestamp",
        "(duration, timestamp) timestamp",
    ),
    "-": _operator(
        *(f"({name}, {name}) {name}" for name in (*_ARITHMETIC, "duration")),
        "(timestamp, timestamp) duration",
        "(timestamp, duration) timestamp",
    ),
    "*": _operator(*(f"({name}, {name}) {name}" for name in _ARITHMETIC)),
    "/": _operator(*(f"({name}, {name}) {name}" for name in _ARITHMETIC)),
    "%": _operator("(int, int) int", "(uint, uint) uint"),
    "!": _operator("(bool) bool"),
    "negate": _operator("(int) int", "(double) double"),
    "[]": _operator(
        "(list(A), int) A",
        "(map(A, B), A) B",
        "(optional_type(list(A)), int) optional_type(A)",
        "(optional_type(map(A, B)), A) optional_type(B)",
    ),
    "[?]": _operator(
        "(list(A), int) optional_type(A)",
        "(map(A, B), A) optional_type(B)",
        "(optional_type(list(A)), int) optional_type(A)",
        "(optional_type(map(A, B)), A) optional_type(B)",
    ),
    "size": {
        f"{before}{kind}{after} int": "standard.size"
        for kind in ("string", "bytes", "list(A)", "map(A, B)")
        for before, after in (("(", ")"), ("", ".()"))
    },
    "type": {"(A) type(A)": "standard.type_of"},
    "dyn": {"(A) dyn": "standard.same"},
    "bool": {"(bool) bool": "standard.same", "(string) bool": "conversions.bool_of_string"},
    "bytes": {"(bytes) bytes": "standard.same", "(string) bytes": "conversions.bytes_of_string"},
    "double": {
        "(double) double": "standard.same",
        "(int) double": "conversions.double_of_number",
        "(uint) double": "conversions.double_of_number",
        "(string) double": "conversions.double_of_string",
    },
    "int": {
        "(int) int": "standard.same",
        "(uint) int": "conversions.int_of_uint",
        "(double) int": "conversions.int_of_double",
        "(string) int": "conversions.int_of_string",
        "(timestamp) int": "conversions.int_of_timestamp",
        "(duration) int": "conversions.int_of_duration",
    },
    "uint": {
        "(uint) uint": "standard.same",
        "(int) uint": "conversions.uint_of_int",
        "(double) uint": "conversions.uint_of_double",
        "(string) uint": "conversions.uint_of_string",
    },
    "string": {
        "(string) string": "standard.same",
        "(bool) string": "conversions.string_of_bool",
        "(bytes) string": "conversions.string_of_bytes",
        "(double) string": "conversions.string_of_double",
        "(int) string": "conversions.string_of_int",
        "(uint) string": "conversions.string_of_int",
        "(timestamp) string": "conversions.string_of_timestamp",
        "(duration) string": "conversions.string_of_duration",
    },
    "timestamp": {
        "(timestamp) timestamp": "standard.same",
        "(int) timestamp": "conversions.timestamp_of_int",
        "(string) timestamp": "conversions.timestamp_of_string",
    },
    "duration": {
        "(duration) duration": "standard.same",
        "(string) duration": "conversions.duration_of_string",
    },
    "startsWith": {"string.(string) bool": "standard.starts_with"},
    "endsWith": {"string.(string) bool": "standard.ends_with"},
    "contains": {"string.(string) bool": "standard.contains"},
    "matches": {"string.(string) bool": "regexes.matches", "(string, string) bool": "regexes.matches"},
    **{
        f"get{part}": {
            "timestamp.() int": f"times.get_{name}",
            "timestamp.(string) int": f"times.get_{name}",
            **({"duration.() int": f"times.duration_{name}"} if name in _CLOCK else {}),
        }
        for part, name in (
            ("FullYear", "full_year"),
            ("Month", "month"),
            ("DayOfYear", "day_of_year"),
            ("DayOfMonth", "day_of_month"),
            ("Date", "date"),
            ("DayOfWeek", "day_of_week"),
            ("Hours", "hours"),
            ("Minutes", "minutes"),
            ("Seconds", "seconds"),
            ("Milliseconds", "milliseconds"),
        )
        for _CLOCK in (("hours", "minutes", "seconds", "milliseconds"),)
    },
}

_OPTIONAL: Final[Functions] = {
    "optional.of": {"(A) optional_type(A)": "optionals.of"},
    "optional.ofNonZeroValue": {"(A) optional_type(A)": "optionals.of_non_zero"},
    "optional.none": {"() optional_type(A)": "optionals.none"},
    "value": {"optional_type(A).() A": "optionals.value"},
    "hasValue": {"optional_type(A).() bool": "optionals.has_value"},
    "or": {"optional_type(A).(optional_type(A)) optional_type(A)": "optionals.or_"},
    "orValue": {"optional_type(A).(A) A": "optionals.or_value"},
}

LIBRARIES: Final[dict[str, Functions]] = {
    "standard": _STANDARD,
    "optional": _OPTIONAL,
    "comprehensions": {},
    "bindings": {},
}

TYPES: Final = {
    **{name: name for name in ("bool", "bytes", "double", "int", "list", "map", "string", "type", "uint")},
    "null_type": "null_type",
    "optional_type": "optional_type",
    "google.protobuf.Timestamp": "google.protobuf.Timestamp",
    "google.protobuf.Duration": "google.protobuf.Duration",
}
"""The names that stand for types in expressions, and what ``type()`` calls them."""


@lru_cache(maxsize=32)
def functions(libraries: frozenset[str]) -> dict[str, list[Overload]]:
    """Every function of ``libraries``, with its overloads."""
    found: dict[str, list[Overload]] = {}
    for library in sorted(libraries):
        for name, overloads in LIBRARIES[library].items():
            found.setdefault(name, []).extend(_overloads(overloads.items()))
    return found


def _overloads(overloads: Iterable[tuple[str, str]]) -> Iterable[Overload]:
    return [Overload(signature(text), implementation) for text, implementation in overloads]
