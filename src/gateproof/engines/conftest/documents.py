"""Configurations as conftest's parsers give them to policies: which parser a file name means, and what it reads.

A configuration that is a list stands for several, each of which is tested by itself: the documents of a YAML file, the
members of a JSON array. A Dockerfile is a list inside a list, so that it is one. Numbers are what Go's ``float64``
makes of them, integers in TOML excepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from gateproof.documents import Format, decode_text, read
from gateproof.engines.conftest import flat_files
from gateproof.errors import DocumentError, UsageError

Value = Any
"""A JSON value."""

REFUSED = frozenset(("cue", "edn", "hcl1", "hocon", "jsonc", "jsonnet", "nginx", "spdx", "textproto", "vcl", "xml"))
"""Parsers of conftest that are refused by name."""

_EXTENSIONS = {
    "yml": "yaml",
    "tf": "hcl2",
    "tfvars": "hcl2",
    "hcl": "hcl2",
    "gitignore": "ignore",
    "dockerignore": "ignore",
    "env": "dotenv",
} | dict.fromkeys(("textproto", "textpb"), "textproto")
_BY_EXTENSION = REFUSED | {
    "cyclonedx",
    "toml",
    "ini",
    "hcl2",
    "dockerfile",
    "yaml",
    "json",
    "ignore",
    "properties",
    "dotenv",
}
_MILLION = 10**6
"""From here on conftest hands a float to OPA as a number with an exponent."""

_WITH_EXPONENT = 1e21
"""The same where it writes it as JSON first."""


def parser_of(path: str) -> str | None:
    """The parser that conftest takes for a file of this name; None for a file that it does not know."""
    if path == "-":
        return "yaml"
    name = path.rpartition("/")[2].lower()
    extension = name.rpartition(".")[2] if "." in name else ""
    for parser in ("dockerfile", ".env"):
        if name == parser or name.startswith(f"{parser}."):
            return parser.replace(".env", "dotenv")
    if name == "nginx.conf":
        return "nginx"
    parser = _EXTENSIONS.get(extension, extension)
    return parser if parser in _BY_EXTENSION else None


def parse(raw: bytes, parser: str) -> Value:
    """What ``parser`` makes of ``raw``, numbers as they stand. Raises UsageError for a parser that is not here."""
    if parser not in _PARSERS:
        known = ", ".join(sorted(_PARSERS))
        what = "is not read here" if parser in REFUSED else "is unknown"
        raise UsageError(f"the parser {parser[:40]!r} {what}", hint=f"conftest itself may; gateproof has {known}")
    return _PARSERS[parser](raw)


def as_input(configuration: Value) -> Value:
    """``configuration`` as ``input``: floats of a million or more keep an exponent, as conftest hands them to OPA."""
    return _mapped(configuration, _rego_number)


def combined(configurations: Mapping[str, Value]) -> Value:
    """The one input of ``--combine``: every configuration with its path, in the order of the paths."""
    parts = []
    for path in sorted(configurations):
        found = configurations[path]
        parts += [{"path": path, "contents": one} for one in (found if isinstance(found, list) else [found])]
    return _mapped(parts, _json_number)


def _one(format: Format) -> Callable[[bytes], Value]:
    return lambda raw: _mapped(read(raw, format)[0].value, _float64)


def _toml(raw: bytes) -> Value:
    return read(raw, Format.TOML)[0].value


def _cyclonedx(raw: bytes) -> Value:
    """A bill of materials in JSON, as it stands; conftest also checks the types of its members."""
    found = _PARSERS["json"](raw)
    if not isinstance(found, dict) or "specVersion" not in found:
        raise DocumentError("this is no CycloneDX in JSON", hint="convert it with cyclonedx-cli")
    return found


def _dockerfile(raw: bytes) -> Value:
    return [read(raw, Format.DOCKERFILE)[0].value]


def _yaml(raw: bytes) -> Value:
    """Lines of exactly ``---`` separate documents; a file that can be separated otherwise is refused."""
    text = decode_text(raw)
    line_end = "\r\n" if "\r\n" in text else "\n"
    parts = text.split(f"{line_end}---{line_end}")
    if text.startswith("%") and len(parts) > 1:
        parts[:2] = [f"{line_end}---{line_end}".join(parts[:2])]
    values = [_yaml_document(part, line) for part, line in zip(parts, _first_lines(parts), strict=True)]
    return values if len(values) > 1 else values[0]


def _yaml_document(text: str, line: int) -> Value:
    found = read(text.encode(), Format.YAML)
    if len(found) > 1 or (found and found[0].index > 0):
        raise DocumentError(
            "conftest reads one document here, and there are more",
            line=line,
            column=1,
            hint="separate documents by lines of --- and nothing else",
        )
    return _mapped(found[0].value, _float64) if found else None


def _first_lines(parts: list[str]) -> list[int]:
    lines = [1]
    for part in parts[:-1]:
        lines.append(lines[-1] + part.count("\n") + 2)
    return lines


def _flat(reader: Callable[[str], Value]) -> Callable[[bytes], Value]:
    return lambda raw: reader(decode_text(raw))


_PARSERS: dict[str, Callable[[bytes], Value]] = {
    "json": _one(Format.JSON),
    "yaml": _yaml,
    "toml": _toml,
    "hcl2": _one(Format.HCL),
    "dockerfile": _dockerfile,
    "cyclonedx": _cyclonedx,
    "dotenv": _flat(flat_files.dotenv),
    "properties": _flat(flat_files.properties),
    "ini": _flat(flat_files.ini),
    "ignore": _flat(lambda text: [flat_files.ignore(text)]),
}


def _mapped(value: Value, number: Callable[[int | float], int | float]) -> Value:
    kind = type(value)
    if kind is dict:
        return {name: _mapped(member, number) for name, member in value.items()}
    if kind is list:
        return [_mapped(member, number) for member in value]
    return number(value) if kind is int or kind is float else value


def _float64(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        raise DocumentError(f"the number {str(number)[:40]}… is too large", hint="write it as a string") from None


def _rego_number(number: int | float) -> int | float:
    return int(number) if number == int(number) and abs(number) < _MILLION else number


def _json_number(number: int | float) -> int | float:
    """Go writes the shortest digits that mean this float, and zeros behind them: not all digits that it has."""
    whole = type(number) is float and number.is_integer() and abs(number) < _WITH_EXPONENT
    return int(Decimal(repr(number))) if whole else number
