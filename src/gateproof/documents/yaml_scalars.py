"""What a YAML scalar means to a Kubernetes cluster.

A cluster converts YAML to JSON with ``sigs.k8s.io/yaml``, whose parser is go-yaml v2, and then decodes the JSON.
So booleans are those of YAML 1.1 (``yes``, ``on``, ``n``), numbers follow Go's ``strconv`` (``0777`` and ``0o17`` are
octal, ``1_000`` is a thousand, ``1e3`` is a number), dates and base 60 stay strings, and a float without a fraction
that fits 64 bits comes out as an integer. Found by asking kubectl; ``tests/integration/test_yaml_oracle.py`` asks it
again.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from decimal import Decimal

Scalar = str | int | float | bool | None

CORE = "tag:yaml.org,2002:"
MERGE = CORE + "merge"
SCALAR_TAGS = frozenset(
    ["!", *(CORE + name for name in ("str", "int", "float", "bool", "null", "binary", "timestamp", "merge"))]
)
COLLECTION_TAGS = SCALAR_TAGS | {CORE + name for name in ("map", "seq", "set", "omap", "pairs")}

_KEYWORDS: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_NUMBER_STARTS = frozenset("+-.0123456789")
_INTEGER = re.compile(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONE_UNDERSCORE = re.compile(r"(?<=[0-9])_(?=[0-9])")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)

_MIN_INT64, _MAX_INT64, _MAX_UINT64 = -(2**63), 2**63 - 1, 2**64 - 1
_MAX_DECIMAL_DIGITS = 20  # of a 64-bit integer


def resolve(text: str) -> Scalar:
    """What a plain scalar without a tag says. Infinite and NaN floats, and unsigned 64-bit integers, come as such."""
    if text in _KEYWORDS:
        return _KEYWORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if text[0] == ".":  # Go's own float syntax here: an underscore only between digits
        number = _float(_LONE_UNDERSCORE.sub("", text))
    else:
        plain = text.replace("_", "")
        number = _integer(plain)
        if number is None:
            number = _float(plain)
    return text if number is None else number


def resolve_tagged(text: str, tag: str) -> Scalar:
    """What a scalar with one of ``SCALAR_TAGS`` says, quoted or not; ``ValueError`` where the two do not fit."""
    kind = tag.removeprefix(CORE)
    if kind in ("str", "!") or (kind == "merge" and text == "<<"):
        return text
    if kind == "binary":
        return _binary(text)
    if kind == "timestamp" and _TIMESTAMP.fullmatch(text):
        return text
    value = resolve(text)
    if kind == "null" and value is None:
        return None
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "float" and isinstance(value, int | float) and not isinstance(value, bool) and value <= _MAX_INT64:
        return float(value)
    if kind == "float" and isinstance(value, float):
        return value
    raise ValueError(f"this is not a value of !!{kind}")


def as_value(scalar: Scalar) -> Scalar:
    """The JSON value that a cluster makes of ``scalar``; ``ValueError`` for what JSON cannot hold."""
    if isinstance(scalar, float):
        if not math.isfinite(scalar):
            raise ValueError("infinite and NaN numbers cannot be written as JSON")
        return _go_number(scalar)
    if isinstance(scalar, int) and not isinstance(scalar, bool) and scalar > _MAX_INT64:
        return float(scalar)
    return scalar


def as_key(scalar: Scalar) -> str:
    """The JSON member name that a cluster makes of a key; ``ValueError`` for a key that it refuses."""
    if isinstance(scalar, str):
        return scalar
    if scalar is None:
        raise ValueError("null cannot be a key")
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, int):
        if scalar > _MAX_INT64:
            raise ValueError("an integer key must fit 64 bits with sign")
        return str(scalar)
    return _go_float_key(scalar)


def _integer(plain: str) -> int | None:
    match = _INTEGER.fullmatch(plain)
    if not match:
        return None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    if hexadecimal:
        value = int(hexadecimal, 16)
    elif binary:
        value = int(binary, 2)
    elif octal:
        value = int(octal, 8)
    elif len(decimal) > _MAX_DECIMAL_DIGITS:
        return None
    else:
        value = int(decimal)
    if sign == "-":
        value = -value
    return value if _MIN_INT64 <= value <= (_MAX_INT64 if sign else _MAX_UINT64) else None


def _float(plain: str) -> float | None:
    if not _FLOAT.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def _binary(text: str) -> str:
    try:
        data = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("this is not valid base64") from None
    return data.decode("utf-8", "replace")


def _go_number(value: float) -> int | float:
    """Go writes a float below 1e21 in shortest digits, without exponent; what looks like an int64 is read as one."""
    if not value.is_integer() or abs(value) >= 1e21:
        return value
    whole = int(Decimal(repr(value)))
    return whole if _MIN_INT64 <= whole <= _MAX_INT64 else value


def _go_float_key(value: float) -> str:
    """Go's ``FormatFloat(value, 'g', -1, 32)``: the shortest digits that a 32-bit float needs."""
    if math.isnan(value):
        return ".nan"
    try:
        single: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    for precision in range(9):
        shortest = format(single, f".{precision}e")
        if struct.pack("f", float(shortest)) == struct.pack("f", single):
            break
    digits, _, exponent = shortest.partition("e")
    size = int(exponent)
    if -4 <= size < max(6, 0):
        return format(Decimal(shortest), "f")
    return f"{digits}e{'-' if size < 0 else '+'}{abs(size):02d}"
