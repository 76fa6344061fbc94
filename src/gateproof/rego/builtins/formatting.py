"""``fmt.Sprintf`` of Go, for the types that Rego values reach it as.

Rego hands ``sprintf`` an ``int64`` or a ``*big.Int`` (Python ``int``), a ``float64`` (``float``) or a ``string``
(``str``; every other value arrives as its text). Verbs, flags, explicit argument indexes and the complaints
about wrong arguments follow the documentation of Go's package ``fmt``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.numerals import decimal, format_float
from gateproof.rego.builtins.quoting import encode_utf8, is_printable, quote, quote_rune

__all__ = ["Argument", "go_sprintf"]

Argument = int | float | str

_MAX_NUMBER = 10**6  # Go refuses widths, precisions and indexes above this
_MAX_RUNE = 0x10FFFF
_INT64 = range(-(2**63), 2**63)
_BASES = {"d": 10, "v": 10, "s": 10, "b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


def go_sprintf(template: str, arguments: Sequence[Argument], charge: Callable[[int], None]) -> str:
    """Format ``arguments`` by ``template``; ``charge`` gets the length of each piece before it is padded."""
    return _Printer(template, arguments, charge).run()


class _Spec:
    """One verb with its flags, width and precision."""

    __slots__ = ("go_syntax", "minus", "plus", "precision", "sharp", "space", "width", "zero")

    def __init__(self) -> None:
        self.sharp = self.zero = self.plus = self.minus = self.space = False
        self.go_syntax = False
        self.width: int | None = None
        self.precision: int | None = None

    def pad(self, text: str, *, zero: bool = False) -> str:
        """``text`` filled up to the width: zeros only ever on the left."""
        missing = (self.width or 0) - len(text)
        if missing <= 0:
            return text
        if self.minus:
            return text + " " * missing
        return ("0" if zero else " ") * missing + text


class _Printer:
    def __init__(self, template: str, arguments: Sequence[Argument], charge: Callable[[int], None]) -> None:
        self.template = template
        self.arguments = arguments
        self.charge = charge
        self.position = 0
        self.next = 0
        self.reordered = False
        self.good_index = True

    def run(self) -> str:
        pieces: list[str] = []
        end = len(self.template)
        while self.position < end:
            start = self.template.find("%", self.position)
            if start < 0:
                pieces.append(self.template[self.position :])
                break
            pieces.append(self.template[self.position : start])
            self.position = start + 1
            plain = self._plain()
            pieces.append(self._directive() if plain is None else plain)
            self.charge(len(pieces[-1]))
        if not self.reordered and self.next < len(self.arguments):
            pieces.append(self._extra())
        return "".join(pieces)

    def _plain(self) -> str | None:
        """What the commonest directives print, ``%s``, ``%d`` and ``%v`` of what they are for; None for others."""
        verb = self.template[self.position : self.position + 1]
        if verb not in ("s", "d", "v") or self.next >= len(self.arguments):
            return None
        value = self.arguments[self.next]
        if type(value) is str and verb != "d":
            text = value
        elif type(value) is int and verb != "s":
            text = decimal(value)
        else:
            return None
        self.position += 1
        self.next += 1
        return text

    # The syntax of a directive

    def _directive(self) -> str:
        spec = _Spec()
        complaints = ""
        self.good_index = True
        self._flags(spec)
        indexed = self._index()
        if self._accept("*"):
            spec.width = self._number_argument()
            if spec.width is None:
                complaints += "%!(BADWIDTH)"
            elif spec.width < 0:
                spec.width, spec.minus, spec.zero = -spec.width, True, False
            indexed = False
        else:
            spec.width = self._digits()
            if indexed and spec.width is not None:
                self.good_index = False
        if self._accept("."):
            if indexed:
                self.good_index = False
            indexed = self._index()
            if self._accept("*"):
                complaints += self._precision_argument(spec)
                indexed = False
            else:
                spec.precision = self._digits() or 0
        if not indexed:
            self._index()
        if self.position >= len(self.template):
            return complaints + "%!(NOVERB)"
        verb = self.template[self.position]
        self.position += 1
        return complaints + self._verb(spec, verb)

    def _flags(self, spec: _Spec) -> None:
        names = {"#": "sharp", "0": "zero", "+": "plus", "-": "minus", " ": "space"}
        while self.position < len(self.template) and self.template[self.position] in names:
            setattr(spec, names[self.template[self.position]], True)
            self.position += 1

    def _precision_argument(self, spec: _Spec) -> str:
        precision = self._number_argument()
        spec.precision = precision if precision is not None and precision >= 0 else None
        return "%!(BADPREC)" if spec.precision is None else ""

    def _accept(self, char: str) -> bool:
        if self.template.startswith(char, self.position):
            self.position += 1
            return True
        return False

    def _digits(self) -> int | None:
        start = self.position
        value = 0
        while self.position < len(self.template) and self.template[self.position] in "0123456789":
            if value > _MAX_NUMBER:
                self.position = len(self.template)
                return None
            value = value * 10 + int(self.template[self.position])
            self.position += 1
        return value if self.position > start else None

    def _index(self) -> bool:
        """An explicit argument index such as ``[2]``; whether there was a well-formed one."""
        if not self.template.startswith("[", self.position):
            return False
        self.reordered = True
        close = self.template.find("]", self.position)
        inside = self.template[self.position + 1 : close] if close > 0 else ""
        well_formed = inside.isascii() and inside.isdigit() and len(inside) <= 7
        self.position = close + 1 if close > 0 else self.position + 1
        if well_formed and 1 <= int(inside) <= len(self.arguments):
            self.next = int(inside) - 1
            return True
        self.good_index = False
        return well_formed

    def _number_argument(self) -> int | None:
        """The width or precision that ``*`` takes from the arguments; None where it is no acceptable integer."""
        if self.next >= len(self.arguments):
            return None
        value = self.arguments[self.next]
        self.next += 1
        return value if type(value) is int and abs(value) <= _MAX_NUMBER else None

    # What a directive prints

    def _verb(self, spec: _Spec, verb: str) -> str:
        if verb == "%":
            return "%"
        if not self.good_index:
            return f"%!{verb}(BADINDEX)"
        if self.next >= len(self.arguments):
            return f"%!{verb}(MISSING)"
        self.charge(spec.width or 0)
        self.charge(spec.precision or 0)
        value = self.arguments[self.next]
        self.next += 1
        if verb in "vw" and _type(value) != "*big.Int":
            # Both take "#" for Go's syntax and "+" for the names of fields; big.Int sees them all the same.
            spec.go_syntax, spec.sharp, spec.plus = spec.sharp, False, False
        return _print(spec, verb, value)

    def _extra(self) -> str:
        shown = [f"{_type(value)}={_print(_Spec(), 'v', value)}" for value in self.arguments[self.next :]]
        return f"%!(EXTRA {', '.join(shown)})"


def _type(value: Argument) -> str:
    if type(value) is int:
        return "int64" if value in _INT64 else "*big.Int"
    return "float64" if type(value) is float else "string"


def _print(spec: _Spec, verb: str, value: Argument) -> str:
    if verb == "T":
        return _print_string(spec, "s", _type(value))
    if type(value) is str:
        return _print_string(spec, verb, value)
    if type(value) is float:
        return _print_float(spec, verb, value)
    if type(value) is int and value not in _INT64:
        return _print_big(spec, verb, value)
    return _print_integer(spec, verb, int(value))


def _bad_verb(spec: _Spec, verb: str, value: Argument) -> str:
    return f"%!{verb}({_type(value)}={_print(spec, 'v', value)})"


def _print_string(spec: _Spec, verb: str, value: str) -> str:
    if verb in "xX":
        return _print_hex(spec, verb, value)
    text = value if spec.precision is None else value[: spec.precision]
    if verb == "s" or (verb == "v" and not spec.go_syntax):
        return spec.pad(text, zero=spec.zero)
    if verb == "q" and spec.sharp and "`" not in text and all(c.isprintable() or c == "\t" for c in text):
        return spec.pad(f"`{text}`", zero=spec.zero)
    if verb in "vq":
        return spec.pad(quote(text, ascii_only=spec.plus), zero=spec.zero)
    return _bad_verb(spec, verb, value)


def _print_hex(spec: _Spec, verb: str, value: str) -> str:
    pairs = [f"{byte:02x}" for byte in encode_utf8(value)[: spec.precision]]
    prefix = "0x" if spec.sharp and pairs else ""
    text = f" {prefix}".join(pairs) if spec.space else "".join(pairs)
    return spec.pad((prefix + text).upper() if verb == "X" else prefix + text, zero=spec.zero)


def _print_integer(spec: _Spec, verb: str, value: int) -> str:
    if verb in "dbooOxXv":
        return _print_digits(spec, verb, value)
    if verb == "c":
        return spec.pad(_rune(value), zero=spec.zero)
    if verb == "q":
        return spec.pad(quote_rune(_rune(value), ascii_only=spec.plus), zero=spec.zero)
    if verb == "U":
        unsigned = value % 2**64
        text = f"U+{unsigned:0{max(spec.precision or 0, 4)}X}"
        if spec.sharp and unsigned <= _MAX_RUNE and is_printable(chr(unsigned)):
            text += f" '{chr(unsigned)}'"
        return spec.pad(text)
    return _bad_verb(spec, verb, value)


def _print_digits(spec: _Spec, verb: str, value: int) -> str:
    if spec.precision == 0 and value == 0:
        return spec.pad("")
    sign = _sign(spec, negative=value < 0)
    digits = _in_base(abs(value), verb)
    wanted = spec.precision
    if wanted is None and spec.zero and not spec.minus and spec.width is not None:
        wanted = spec.width - len(sign)
    digits = digits.rjust(wanted or 0, "0")
    prefix = "0o" if verb == "O" else ""
    if spec.sharp and verb in "oO" and not digits.startswith("0"):
        prefix += "0"
    elif spec.sharp and verb in "bxX":
        prefix = _PREFIXES[verb]
    return spec.pad(sign + prefix + digits)


def _print_big(spec: _Spec, verb: str, value: int) -> str:
    """``big.Int`` formats itself: other verbs, another complaint, zeros that leave room for the prefix."""
    if verb not in _BASES:
        return f"%!{verb}(big.Int={decimal(value)})"
    sign = _sign(spec, negative=value < 0)
    digits = _in_base(abs(value), verb)
    prefix = "0o" if verb == "O" else _PREFIXES.get(verb, "") if spec.sharp else ""
    zeros = max((spec.precision or 0) - len(digits), 0)
    missing = (spec.width or 0) - len(sign) - len(prefix) - zeros - len(digits)
    if missing > 0 and spec.zero and not spec.minus and spec.precision is None:
        zeros = missing
    return spec.pad(sign + prefix + "0" * zeros + digits)


def _sign(spec: _Spec, *, negative: bool) -> str:
    return "-" if negative else "+" if spec.plus else " " if spec.space else ""


def _in_base(value: int, verb: str) -> str:
    base = _BASES[verb]
    if base == 10:
        return decimal(value)
    return format(value, {2: "b", 8: "o", 16: "X" if verb == "X" else "x"}[base])


def _rune(value: int) -> str:
    return chr(value) if 0 <= value <= _MAX_RUNE and value not in range(0xD800, 0xE000) else "\ufffd"


def _print_float(spec: _Spec, verb: str, value: float) -> str:
    if verb in "bxX":
        raise EvaluationError(
            f"sprintf: the verb %{verb} is not offered for fractions", hint="print fractions with %f, %e or %g"
        )
    if verb not in "vfFeEgG":
        return _bad_verb(spec, verb, value)
    style = {"v": "g", "F": "f"}.get(verb, verb)
    precision = spec.precision if spec.precision is not None else -1 if style in "gG" else 6
    number = format_float(abs(value), style, precision)
    if spec.sharp:
        number = _with_point(number, style, precision)
    negative = format_float(value, "e").startswith("-")
    sign = _sign(spec, negative=negative)
    if sign and spec.zero and not spec.minus:
        return sign + number.rjust((spec.width or 0) - len(sign), "0")
    return spec.pad(sign + number, zero=spec.zero)


def _with_point(number: str, style: str, precision: int) -> str:
    """``#`` keeps the point, and for %g the zeros up to the precision."""
    mantissa, letter, exponent = number.partition("E" if style in "EG" else "e")
    if "." not in mantissa:
        mantissa += "."
    if style in "gG":
        significant = mantissa.replace(".", "").lstrip("0") or "0"
        mantissa += "0" * ((6 if precision < 0 else precision) - len(significant))
    return mantissa + letter + exponent
