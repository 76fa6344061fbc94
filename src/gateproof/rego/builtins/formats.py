"""The ``format`` of JSON Schemas: which there are, and what each accepts, as OPA's validator decides it.

It is more lenient than JSON Schema asks: a ``date-time`` may be a date or a time alone, an ``ipv4`` one that is
written as IPv6. Of any other format everything is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateproof.rego.builtins.addresses import is_address
from gateproof.rego.builtins.network import parse_address
from gateproof.rego.builtins.time_layouts import parse_moment
from gateproof.rego.builtins.uris import parse as parse_uri
from gateproof.rego.errors import BuiltinError

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TEMPLATE = re.compile(r"(?:[^{]|\{[^}]*\})*")
_UUID = re.compile(r"[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}")
_POINTER = re.compile(r"(?:/(?:[^~/]|~0|~1)*)*")
_RELATIVE_POINTER = re.compile(r"(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)")
_DATE = "2006-01-02"
_TIME = "15:04:05"
_ZONE = "Z07:00"
_LONGEST_NAME = 255


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _laid_out(*layouts: str) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        for layout in layouts:
            try:
                parse_moment(layout, text)
            except BuiltinError:
                continue
            return True
        return False

    return check


def _ip(separator: str) -> Callable[[str], bool]:
    return lambda text: separator in text and parse_address(text) is not None


def _hostname(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in text.split("."))


def _parts(text: str) -> dict[str, str] | None:
    """The parts of a URI reference; None for what is none."""
    if "\\" in text:
        return None
    try:
        return parse_uri(text)
    except BuiltinError:
        return None


def _uri(text: str) -> bool:
    parts = _parts(text)
    return parts is not None and bool(parts["scheme"])


def _uri_reference(text: str) -> bool:
    return _parts(text) is not None


def _uri_template(text: str) -> bool:
    parts = _parts(text)
    return parts is not None and _TEMPLATE.fullmatch(parts.get("path", "")) is not None


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _laid_out(_DATE),
    "time": _laid_out(_TIME + _ZONE, _TIME),
    "date-time": _laid_out(_TIME, _TIME + _ZONE, _DATE, f"{_DATE}T{_TIME}{_ZONE}"),
    "hostname": _hostname,
    "email": is_address,
    "idn-email": is_address,
    "ipv4": _ip("."),
    "ipv6": _ip(":"),
    "uri": _uri,
    "uri-reference": _uri_reference,
    "iri": _uri,
    "iri-reference": _uri_reference,
    "uri-template": _uri_template,
    "uuid": _matches(_UUID),
    "json-pointer": _matches(_POINTER),
    "relative-json-pointer": _matches(_RELATIVE_POINTER),
}
"""All formats but ``regex``, which depends on what an evaluation may spend."""
