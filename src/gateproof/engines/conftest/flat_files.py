"""Formats of lines: dotenv, properties, INI, ignore files; in the form that conftest's parsers give to policies.

The parsers that conftest uses know escapes, expansions, continuations and nested quotes, each in its own way. Here a
line is read where it means one thing only, and refused where it needs any of those: never another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from gateproof.errors import DocumentError

_DOTENV = re.compile(
    r"""(?:export[ \t]+)?(?P<name>[A-Za-z0-9_.]+)[ \t]*=[ \t]*+"""
    r"""(?:"(?P<double>[^"'$\\]*)"|'(?P<single>[^"'$\\]*)'|(?P<bare>[^#"'$\\][^#$\\]*+)?)[ \t]*+(?:\#.*)?"""
)
_PROPERTY = re.compile(r"(?P<name>[^\s=:]+)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+|$)(?P<value>.*)")
_SECTION = re.compile(r"\[(?P<name>[^\]\[\s]+(?: [^\]\[\s]+)*)\]\s*(?:[#;].*)?")
_ENTRY = re.compile(r"(?P<name>[^\s=:\"'`\-\[][^=:\"`]*+)[=:][ \t]*+(?P<value>.*)")
_REFERENCE = re.compile(r"%\(([^)]+)\)s")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NO_NUMBER = re.compile(r"[+-]?(?:inf|infinity|nan|0x[0-9a-f_.p+-]*)", re.IGNORECASE)
_DEFAULT = "DEFAULT"
_MOST_REFERENCES = 99
_MOST_EXPANDED = 1_000_000
_PLAINLY = "write it plainly, or test this file with conftest itself"
_BOOLEANS = dict.fromkeys(("t", "T", "TRUE", "true", "True"), True) | dict.fromkeys(
    ("f", "F", "FALSE", "false", "False"), False
)


def dotenv(text: str) -> dict[str, str]:
    """Names and values of a ``.env`` file: of equal names the last counts."""
    found = {}
    for number, line in _lines(text, comments="#"):
        match = _DOTENV.fullmatch(line)
        if match is None:
            _refuse(number, "this is no NAME=value without escapes, variables and inner quotes")
        value = match["double"] if match["double"] is not None else match["single"]
        found[match["name"]] = (match["bare"] or "").strip() if value is None else value
    return found


def properties(text: str) -> dict[str, str]:
    """Names and values of a Java properties file: of equal names the last counts."""
    found = {}
    for number, line in _lines(text, comments="#!", trailing=True):
        match = _PROPERTY.fullmatch(line)
        if match is None or "\\" in line or "${" in line:
            _refuse(number, "this is no name and value without escapes, continuations and expressions")
        found[match["name"]] = match["value"]
    return found


def ini(text: str) -> dict[str, dict[str, Any]]:
    """Sections of an INI file, without the default one; ``%(key)s`` is put in, numbers and booleans are values."""
    texts: dict[str, dict[str, str]] = {_DEFAULT: {}}
    section = _DEFAULT
    for number, line in _lines(text, comments="#;"):
        if match := _SECTION.fullmatch(line):
            section = match["name"]
            texts.setdefault(section, {})
            continue
        match = _ENTRY.fullmatch(line)
        if match is None or match["value"].startswith(('"""', "`")) or line.endswith("\\"):
            _refuse(number, "this is no [section] and no key = value without quotes in the key and continuations")
        texts[section][match["name"].rstrip(" \t")] = _ini_text(match["value"])
    references = _References(texts)
    return {
        section: {key: _ini_value(references.expanded(key, section)) for key in found}
        for section, found in texts.items()
        if section != _DEFAULT
    }


def _ini_text(text: str) -> str:
    text = re.split("[#;]", text, maxsplit=1)[0].strip()
    quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"" and text[0] not in text[1:-1]
    return text[1:-1] if quoted else text


class _References:
    """Puts in what ``%(key)s`` refers to: a key of the same section, else of the default one."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts
        self._left = _MOST_EXPANDED

    def expanded(self, key: str, section: str) -> str:
        """The text of ``key``. Raises DocumentError where it would grow without end, or depends on other sections."""
        text = self._texts[section][key]
        for _ in range(_MOST_REFERENCES):
            match = _REFERENCE.search(text)
            put = self._referred(match[1], key, section) if match else None
            if match is None or put is None:
                return text
            self._left -= len(text) + len(put) * text.count(match[0])
            if self._left < 0:
                break
            text = text.replace(match[0], put)
        raise DocumentError(f"the value of {key[:40]!r} in [{section[:40]}] refers to too much", hint=_PLAINLY)

    def _referred(self, name: str, key: str, section: str) -> str | None:
        own = self._texts[section].get(name) if name != key else None
        if own is None and "." in section:
            raise DocumentError(f"{name[:40]!r} may stand in the section above [{section[:40]}]", hint=_PLAINLY)
        return self._texts[_DEFAULT].get(name) if own is None else own


def _ini_value(text: str) -> Any:
    if _NO_NUMBER.fullmatch(text):
        raise DocumentError(f"{text[:40]!r} would be a number that JSON does not have", hint=_PLAINLY)
    return float(text) if _NUMBER.fullmatch(text) else _BOOLEANS.get(text, text)


def ignore(text: str) -> list[dict[str, str]]:
    """The lines of a ``.gitignore`` or ``.dockerignore``: empty, comments, paths, and paths that are taken back."""
    return [_pattern(line) for line in text.split("\n")]


def _pattern(line: str) -> dict[str, str]:
    stripped = line.rstrip(" ")
    if stripped.endswith("\\") and stripped != line:
        stripped += " "
    kind, value = "Path", _unescaped(stripped)
    if not stripped:
        kind, value = "Empty", line
    elif line.startswith("#"):
        kind, value = "Comment", stripped[1:].strip()
    elif line.startswith("!"):
        kind, value = "NegatedPath", _unescaped(stripped[1:])
    return {"Kind": kind, "Value": value, "Original": line}


def _unescaped(text: str) -> str:
    return re.sub(r"\\(\\?)", r"\1", text)


def _lines(text: str, *, comments: str, trailing: bool = False) -> Iterator[tuple[int, str]]:
    """Lines that are neither blank nor comments, numbered from 1, without the blanks around them."""
    for number, line in enumerate(re.split(r"\r\n|[\r\n]", text), 1):
        bare = line.strip(" \t\f")
        if bare and bare[0] not in comments:
            yield number, line.lstrip(" \t\f") if trailing else bare


def _refuse(line: int, problem: str) -> NoReturn:
    raise DocumentError(problem, line=line, column=1, hint=_PLAINLY)
