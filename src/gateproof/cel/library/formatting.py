"""``string.format``, as cel-go's second version of the strings library has it, for en_US."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from gateproof.cel.budget import check_characters, check_members
from gateproof.cel.errors import EvaluationError
from gateproof.cel.library import conversions
from gateproof.cel.library.times import rfc3339
from gateproof.cel.operators import extent
from gateproof.cel.values import Duration, Timestamp, TypeValue, Uint, Value, type_name, unkey

_CLAUSE = re.compile(r"%(?:(%)|(?:\.([0-9]*))?(.)?)", re.DOTALL)
_PRECISION: Final = 6
_MOST_PRECISE: Final = 1000
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SPECIAL: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def _failed(message: str, prefix: str = "error during formatting") -> EvaluationError:
    return EvaluationError(f"{prefix}: {message}", hint="compare the format with its arguments")


def format(template: str, args: list[Value]) -> str:
    """``template.format(args)``."""
    parts: list[str] = []
    at = used = size = 0
    for clause in _CLAUSE.finditer(template):
        parts.append(template[at : clause.start()])
        at = clause.end()
        if clause[1]:
            parts.append("%")
        else:
            if used >= len(args):
                raise EvaluationError(f"index {used} out of range", hint="give an argument for each clause")
            check_members(extent(args[used]))
            parts.append(_formatted(clause, args[used]))
            used += 1
        size += len(parts[-1])
        check_characters(size)
    return "".join((*parts, template[at:]))


def _formatted(clause: re.Match[str], value: Value) -> str:
    _, precision, verb = clause.groups()
    if verb is None:
        raise EvaluationError("unexpected end of string", hint="end the format, or write %% for a percent sign")
    if precision is not None and not (precision and int(precision[:6]) <= _MOST_PRECISE):
        raise _failed("error while parsing precision", "could not parse formatting clause")
    if verb in "fe":
        digits = _PRECISION if precision is None else int(precision)
        return _fixed(value, digits) if verb == "f" else _scientific(value, digits)
    if verb not in _VERBS:
        raise _failed(f'unrecognized formatting clause "{verb}"', "could not parse formatting clause")
    return _VERBS[verb](value)


_ANY: Final = frozenset(
    {"bool", "bytes", "double", "duration", "int", "list", "map", "null", "string", "timestamp", "type", "uint"}
)
_WHOLE: Final = frozenset({"int", "uint"})
_TAKES: Final = {
    "s": _ANY,
    "d": _WHOLE,
    "o": _WHOLE,
    "b": _WHOLE | {"bool"},
    "x": _WHOLE | {"string", "bytes"},
    "X": _WHOLE | {"string", "bytes"},
    "f": frozenset({"double", "string"}),
    "e": frozenset({"double", "string"}),
}


def check(template: str, types: list[str]) -> None:
    """Raise EvaluationError where arguments of the ``types`` cannot be formatted so."""
    used = 0
    for clause in _CLAUSE.finditer(template):
        _, precision, verb = clause.groups()
        if clause[1]:
            continue
        if used >= len(types):
            raise EvaluationError(f"index {used} out of range", hint="give an argument for each clause")
        kind = types[used]
        if verb not in _TAKES or (precision is not None and not precision):
            _formatted(clause, None)  # which says what is wrong with it
        elif kind != "dyn" and kind not in _TAKES[verb]:
            raise _failed(f"%{verb} cannot be used on {kind}")
        used += 1
    if used < len(types):
        said = f"too many arguments supplied to string.format (expected {used}, got {len(types)})"
        raise EvaluationError(said, hint="write a clause for each argument")


def _string(value: Value) -> str:
    match value:
        case None:
            return "null"
        case str():
            return value
        case bool():
            return conversions.string_of_bool(value)
        case bytes():
            return conversions.string_of_bytes(value)
        case int():
            return str(int(value))
        case float():
            return conversions.string_of_double(value)
        case list():
            return f"[{', '.join(map(_member, value))}]"
        case dict():
            members = sorted((_member(unkey(key)), _member(member)) for key, member in value.items())
            return f"{{{', '.join(f'{key}:{member}' for key, member in members)}}}"
        case Timestamp():
            return rfc3339(value)
        case Duration():
            return conversions.string_of_duration(value)
        case TypeValue():
            return value.name
    raise _failed(
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
        f"and timestamps, was given {type_name(value)}"
    )


def _member(value: Value) -> str:
    """``value`` inside of a list or map: as a literal."""
    match value:
        case str():
            return _quoted(value)
        case bytes():
            return "b" + _quoted(conversions.string_of_bytes(value))
        case float():
            text = f"{value:.{_PRECISION}f}"
            special = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(text)
            return f'"{special}"' if special else text
        case Timestamp():
            return f'timestamp("{_string(value)}")'
        case Duration():
            return f'duration("{_string(value)}")'
    return _string(value)


_ESCAPES: Final = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\", 34: '\\"'}


def _quoted(text: str) -> str:
    """``text`` as Go quotes it."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if code in _ESCAPES:
        return _ESCAPES[code]
    if character.isprintable():
        return character
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _double(value: Value, clause: str) -> float:
    if type(value) is float:
        return value
    if type(value) is str and value in _SPECIAL:
        return _SPECIAL[value]
    raise _failed(f"{clause} clause can only be used on doubles, was given {type_name(value)}")


def _fixed(value: Value, digits: int) -> str:
    """``%f``: with commas between thousands."""
    number = _double(value, "fixed-point")
    return _nonfinite(number) or f"{number:,.{digits}f}"


def _scientific(value: Value, width: int) -> str:
    """``%e``: such as ``1.050000×10⁰³``; what should be its precision is its width in this version."""
    number = _double(value, "scientific")
    if said := _nonfinite(number):
        return said.rjust(width)
    mantissa, _, exponent = f"{number:.{_PRECISION}e}".partition("e")
    raised = exponent.removeprefix("+").translate(_SUPERSCRIPTS)
    return f"{mantissa}×10{raised}".rjust(width)


def _nonfinite(number: float) -> str:
    if number != number:
        return "NaN"
    return {float("inf"): "∞", float("-inf"): "-∞"}.get(number, "")


def _decimal(value: Value) -> str:
    if type(value) is int or type(value) is Uint:
        return str(int(value))
    raise _failed(f"decimal clause can only be used on integers, was given {type_name(value)}")


def _binary(value: Value) -> str:
    if type(value) in (int, Uint, bool):
        return f"{int(value):b}"
    raise _failed(f"only integers and bools can be formatted as binary, was given {type_name(value)}")


def _octal(value: Value) -> str:
    if type(value) is int or type(value) is Uint:
        return f"{int(value):o}"
    raise _failed(f"octal clause can only be used on integers, was given {type_name(value)}")


def _hexadecimal(value: Value) -> str:
    match value:
        case str():
            return value.encode("utf-8", "surrogatepass").hex()
        case bytes():
            return value.hex()
        case int() if type(value) is not bool:
            return f"{int(value):x}"
    kind = type_name(value)
    raise _failed(f"only integers, byte buffers, and strings can be formatted as hex, was given {kind}")


_VERBS: Final[dict[str, Callable[[Value], str]]] = {
    "s": _string,
    "d": _decimal,
    "b": _binary,
    "o": _octal,
    "x": _hexadecimal,
    "X": lambda value: _hexadecimal(value).upper(),
}
