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

_PARTS_OF_TIME: Final[Functions] = {
    function: {
        "timestamp.() int": f"times.{implementation}",
        "timestamp.(string) int": f"times.{implementation}",
        **({"duration.() int": f"times.duration_{unit}"} if unit else {}),
    }
    for function, implementation, unit in (
        ("getFullYear", "get_full_year", ""),
        ("getMonth", "get_month", ""),
        ("getDayOfYear", "get_day_of_year", ""),
        ("getDayOfMonth", "get_day_of_month", ""),
        ("getDate", "get_date", ""),
        ("getDayOfWeek", "get_day_of_week", ""),
        ("getHours", "get_hours", "hours"),
        ("getMinutes", "get_minutes", "minutes"),
        ("getSeconds", "get_seconds", "seconds"),
        ("getMilliseconds", "get_milliseconds", "milliseconds"),
    )
}

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
    "-_": _operator("(int) int", "(double) double"),
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
    **_PARTS_OF_TIME,
}

_OPTIONAL: Final[Functions] = {
    "optional.of": {"(A) optional_type(A)": "optionals.of"},
    "optional.ofNonZeroValue": {"(A) optional_type(A)": "optionals.of_non_zero"},
    "optional.none": {"() optional_type(A)": "optionals.none"},
    "value": {"optional_type(A).() A": "optionals.value"},
    "hasValue": {"optional_type(A).() bool": "optionals.has_value"},
    "or": {"optional_type(A).(optional_type(A)) optional_type(A)": "optionals.or_"},
    "first": {"list(A).() optional_type(A)": "lists.first"},
    "last": {"list(A).() optional_type(A)": "lists.last"},
    "orValue": {"optional_type(A).(A) A": "optionals.or_value"},
}

_STRINGS: Final[Functions] = {
    "charAt": {"string.(int) string": "strings.char_at"},
    "indexOf": {"string.(string) int": "strings.index_of", "string.(string, int) int": "strings.index_of"},
    "lastIndexOf": {
        "string.(string) int": "strings.last_index_of",
        "string.(string, int) int": "strings.last_index_of",
    },
    "lowerAscii": {"string.() string": "strings.lower_ascii"},
    "upperAscii": {"string.() string": "strings.upper_ascii"},
    "replace": {
        "string.(string, string) string": "strings.replace",
        "string.(string, string, int) string": "strings.replace",
    },
    "split": {
        "string.(string) list(string)": "strings.split",
        "string.(string, int) list(string)": "strings.split",
    },
    "substring": {"string.(int) string": "strings.substring", "string.(int, int) string": "strings.substring"},
    "trim": {"string.() string": "strings.trim"},
    "format": {"string.(list(dyn)) string": "formatting.format"},
    "strings.quote": {"(string) string": "strings.quote"},
    "join": {"list(string).() string": "strings.join", "list(string).(string) string": "strings.join"},
}


def _for_each(types: Iterable[str], notation: str, implementation: str) -> dict[str, str]:
    """A signature for each of ``types``, which stands where the notation has T."""
    return {notation.replace("T", name): implementation.replace("T", name) for name in types}


_LISTS: Final[Functions] = {
    "isSorted": _for_each(_ORDERED, "list(T).() bool", "lists.is_sorted"),
    "min": _for_each(_ORDERED, "list(T).() T", "lists.minimum"),
    "max": _for_each(_ORDERED, "list(T).() T", "lists.maximum"),
    "sum": _for_each((*_ARITHMETIC, "duration"), "list(T).() T", "lists.sum_T"),
    "indexOf": {"list(A).(A) int": "lists.index_of"},
    "lastIndexOf": {"list(A).(A) int": "lists.last_index_of"},
    "slice": {"list(A).(int, int) list(A)": "lists.slice"},
    "flatten": {"list(list(A)).() list(A)": "lists.flatten", "list(dyn).(int) list(dyn)": "lists.flatten"},
    "sort": _for_each(_ORDERED, "list(T).() list(T)", "lists.sort"),
    "distinct": {"list(A).() list(A)": "lists.distinct"},
    "reverse": {"list(A).() list(A)": "lists.reverse"},
    "lists.range": {"(int) list(int)": "lists.numbers"},
}

_SETS: Final[Functions] = {
    "sets.contains": {"(list(A), list(A)) bool": "lists.sets_contains"},
    "sets.equivalent": {"(list(A), list(A)) bool": "lists.sets_equivalent"},
    "sets.intersects": {"(list(A), list(A)) bool": "lists.sets_intersects"},
}

_REGEXES: Final[Functions] = {
    "find": {"string.(string) string": "regexes.find"},
    "findAll": {
        "string.(string) list(string)": "regexes.find_all",
        "string.(string, int) list(string)": "regexes.find_all",
    },
}

_URLS: Final[Functions] = {
    "url": {"(string) kubernetes.URL": "urls.url"},
    "isURL": {"(string) bool": "urls.is_url"},
    "getScheme": {"kubernetes.URL.() string": "urls.get_scheme"},
    "getHost": {"kubernetes.URL.() string": "urls.get_host"},
    "getHostname": {"kubernetes.URL.() string": "urls.get_hostname"},
    "getPort": {"kubernetes.URL.() string": "urls.get_port"},
    "getEscapedPath": {"kubernetes.URL.() string": "urls.get_escaped_path"},
    "getQuery": {"kubernetes.URL.() map(string, list(string))": "urls.get_query"},
}

_QUANTITY: Final = "kubernetes.Quantity"
_QUANTITIES: Final[Functions] = {
    "quantity": {f"(string) {_QUANTITY}": "quantities.quantity"},
    "isQuantity": {"(string) bool": "quantities.is_quantity"},
    "sign": {f"({_QUANTITY}) int": "quantities.sign"},
    "isGreaterThan": {f"{_QUANTITY}.({_QUANTITY}) bool": "quantities.is_greater_than"},
    "isLessThan": {f"{_QUANTITY}.({_QUANTITY}) bool": "quantities.is_less_than"},
    "compareTo": {f"{_QUANTITY}.({_QUANTITY}) int": "quantities.compare_to"},
    "asApproximateFloat": {f"{_QUANTITY}.() double": "quantities.as_approximate_float"},
    "asInteger": {f"{_QUANTITY}.() int": "quantities.as_integer"},
    "isInteger": {f"{_QUANTITY}.() bool": "quantities.is_integer"},
    "add": {
        f"{_QUANTITY}.({_QUANTITY}) {_QUANTITY}": "quantities.add",
        f"{_QUANTITY}.(int) {_QUANTITY}": "quantities.add_int",
    },
    "sub": {
        f"{_QUANTITY}.({_QUANTITY}) {_QUANTITY}": "quantities.sub",
        f"{_QUANTITY}.(int) {_QUANTITY}": "quantities.sub_int",
    },
}

_ADDRESSES: Final[Functions] = {
    "ip": {"(string) net.IP": "addresses.ip", "net.CIDR.() net.IP": "addresses.address_of"},
    "isIP": {"(string) bool": "addresses.is_ip"},
    "ip.isCanonical": {"(string) bool": "addresses.ip_is_canonical"},
    "family": {"net.IP.() int": "addresses.family"},
    "isUnspecified": {"net.IP.() bool": "addresses.is_unspecified"},
    "isLoopback": {"net.IP.() bool": "addresses.is_loopback"},
    "isLinkLocalMulticast": {"net.IP.() bool": "addresses.is_link_local_multicast"},
    "isLinkLocalUnicast": {"net.IP.() bool": "addresses.is_link_local_unicast"},
    "isGlobalUnicast": {"net.IP.() bool": "addresses.is_global_unicast"},
    "cidr": {"(string) net.CIDR": "addresses.cidr"},
    "isCIDR": {"(string) bool": "addresses.is_cidr"},
    "containsIP": {
        "net.CIDR.(string) bool": "addresses.contains_ip_string",
        "net.CIDR.(net.IP) bool": "addresses.contains_ip",
    },
    "containsCIDR": {
        "net.CIDR.(string) bool": "addresses.contains_cidr_string",
        "net.CIDR.(net.CIDR) bool": "addresses.contains_cidr",
    },
    "prefixLength": {"net.CIDR.() int": "addresses.prefix_length"},
    "masked": {"net.CIDR.() net.CIDR": "addresses.masked"},
    "string": {"(net.IP) string": "addresses.string_of_ip", "(net.CIDR) string": "addresses.string_of_cidr"},
}

_SEMVER: Final = "kubernetes.Semver"
_VERSIONS: Final[Functions] = {
    "semver": {f"(string) {_SEMVER}": "versions.semver", f"(string, bool) {_SEMVER}": "versions.semver"},
    "isSemver": {"(string) bool": "versions.is_semver", "(string, bool) bool": "versions.is_semver"},
    "isGreaterThan": {f"{_SEMVER}.({_SEMVER}) bool": "versions.is_greater_than"},
    "isLessThan": {f"{_SEMVER}.({_SEMVER}) bool": "versions.is_less_than"},
    "compareTo": {f"{_SEMVER}.({_SEMVER}) int": "versions.compare_to"},
    "major": {f"{_SEMVER}.() int": "versions.major"},
    "minor": {f"{_SEMVER}.() int": "versions.minor"},
    "patch": {f"{_SEMVER}.() int": "versions.patch"},
}

_FORMAT: Final = "kubernetes.NamedFormat"
_FORMATS: Final[Functions] = {
    "format.named": {f"(string) optional_type({_FORMAT})": "formats.named"},
    "validate": {f"{_FORMAT}.(string) optional_type(list(string))": "formats.validate"},
    "format.dns1123Label": {f"() {_FORMAT}": "formats.dns1123_label"},
    "format.dns1123Subdomain": {f"() {_FORMAT}": "formats.dns1123_subdomain"},
    "format.dns1035Label": {f"() {_FORMAT}": "formats.dns1035_label"},
    "format.qualifiedName": {f"() {_FORMAT}": "formats.qualified_name"},
    "format.dns1123LabelPrefix": {f"() {_FORMAT}": "formats.dns1123_label_prefix"},
    "format.dns1123SubdomainPrefix": {f"() {_FORMAT}": "formats.dns1123_subdomain_prefix"},
    "format.dns1035LabelPrefix": {f"() {_FORMAT}": "formats.dns1035_label_prefix"},
    "format.labelValue": {f"() {_FORMAT}": "formats.label_value"},
    "format.uri": {f"() {_FORMAT}": "formats.uri"},
    "format.uuid": {f"() {_FORMAT}": "formats.uuid"},
    "format.byte": {f"() {_FORMAT}": "formats.byte"},
    "format.date": {f"() {_FORMAT}": "formats.date"},
    "format.datetime": {f"() {_FORMAT}": "formats.datetime"},
}

_MOST_NUMBERS: Final = 12
_MATH: Final[Functions] = {
    **{
        f"math.{name}": {
            f"({', '.join(['dyn'] * count)}) dyn": f"numbers.{name}" for count in range(1, _MOST_NUMBERS + 1)
        }
        for name in ("greatest", "least")
    },
    **{f"math.{name}": {"(double) double": f"numbers.{name}"} for name in ("ceil", "floor", "round", "trunc")},
    "math.isInf": {"(double) bool": "numbers.is_inf"},
    "math.isNaN": {"(double) bool": "numbers.is_nan"},
    "math.isFinite": {"(double) bool": "numbers.is_finite"},
    "math.abs": _for_each(_ARITHMETIC, "(T) T", "numbers.abs_"),
    "math.sign": _for_each(_ARITHMETIC, "(T) T", "numbers.sign"),
    "math.sqrt": _for_each(_ARITHMETIC, "(T) double", "numbers.sqrt"),
    "math.bitAnd": _for_each(("int", "uint"), "(T, T) T", "numbers.bit_and"),
    "math.bitOr": _for_each(("int", "uint"), "(T, T) T", "numbers.bit_or"),
    "math.bitXor": _for_each(("int", "uint"), "(T, T) T", "numbers.bit_xor"),
    "math.bitNot": _for_each(("int", "uint"), "(T) T", "numbers.bit_not"),
    "math.bitShiftLeft": _for_each(("int", "uint"), "(T, int) T", "numbers.bit_shift_left"),
    "math.bitShiftRight": _for_each(("int", "uint"), "(T, int) T", "numbers.bit_shift_right"),
}

_ENCODERS: Final[Functions] = {
    "base64.encode": {"(bytes) string": "encoders.base64_encode"},
    "base64.decode": {"(string) bytes": "encoders.base64_decode"},
}

_REGEX: Final[Functions] = {
    "regex.extract": {"(string, string) optional_type(string)": "regexes.extract"},
    "regex.extractAll": {"(string, string) list(string)": "regexes.extract_all"},
    "regex.replace": {
        "(string, string, string) string": "regexes.replace",
        "(string, string, string, int) string": "regexes.replace",
    },
}

LIBRARIES: Final[dict[str, Functions]] = {
    "standard": _STANDARD,
    "optional": _OPTIONAL,
    "comprehensions": {},
    "homogeneous": {},
    "strings": _STRINGS,
    "lists": _LISTS,
    "sets": _SETS,
    "find": _REGEXES,
    "urls": _URLS,
    "quantity": _QUANTITIES,
    "network": _ADDRESSES,
    "semver": _VERSIONS,
    "format": _FORMATS,
    "bindings": {},
    "encoders": _ENCODERS,
    "math": _MATH,
    "regex": _REGEX,
}

TYPES: Final = {
    **{name: name for name in ("bool", "bytes", "double", "int", "list", "map", "string", "type", "uint")},
    "null_type": "null_type",
    "optional_type": "optional_type",
    "google.protobuf.Timestamp": "google.protobuf.Timestamp",
    "google.protobuf.Duration": "google.protobuf.Duration",
    **{name: name for name in ("net.IP", "net.CIDR")},
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


def elsewhere(function: str) -> str:
    """What a message adds about a function that is not known here."""
    if function.startswith("authorizer."):
        return ": the authorizer of an API server is not at hand here"
    found = [library for library, functions in LIBRARIES.items() if function in functions]
    if function == "cel.bind":
        found = ["bindings"]
    return f": the library {found[0]!r} is not enabled" if found else ""


def _overloads(overloads: Iterable[tuple[str, str]]) -> Iterable[Overload]:
    return [Overload(signature(text), implementation) for text, implementation in overloads]
