"""What a Rego file says about itself, read from its text: package, METADATA blocks, deciding rules, references.

The Rego compiler is not needed for that. METADATA follows OPA's annotations
(https://www.openpolicyagent.org/docs/policy-language#metadata): a line ``# METADATA``, then YAML in the comment lines
that follow at once; it is about the statement after it, or the package when it says ``scope: package``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gateproof.errors import DocumentError, PolicyError

_PACKAGE = re.compile(r"package\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\"[^\"\]]*\"\])*)")
_DECIDES = re.compile(r"\s*(?:default\s+)?(?:deny|violation|warn)(?:_\w+)?\s*(?:\[|\{|:?=|contains\b|if\b|$)")
_DATA = re.compile(r"(?<![\w.])data\b((?:\.[A-Za-z_]\w*)*)")


class Note(msgspec.Struct, frozen=True):
    """A METADATA block: its values, its line (from 1), and whether it is about the package."""

    value: dict[str, Any]
    line: int
    package: bool


class Module(msgspec.Struct, frozen=True):
    """One Rego file. ``references`` are the paths below ``data`` that it names, '' when it names ``data`` itself."""

    name: str
    text: str
    package: str
    notes: tuple[Note, ...]
    decides: bool
    references: frozenset[str]

    @property
    def folder(self) -> str:
        """The folder that the file is in."""
        return self.name.rpartition("/")[0]

    @property
    def about(self) -> dict[str, Any]:
        """METADATA of the package, empty if there is none."""
        return next((note.value for note in self.notes if note.package), {})

    @property
    def is_ours(self) -> bool:
        """Whether this is the ``policy.rego`` of a policy written for gateproof."""
        custom = self.about.get("custom")
        return self.name.rpartition("/")[2] == "policy.rego" and isinstance(custom, dict) and "id" in custom


def module(name: str, text: str) -> Module:
    """Read ``text`` of the file ``name``. Raises PolicyError when it has no package, or METADATA that is no YAML."""
    lines = text.split("\n")
    code = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not _is_comment(line)]
    package = next((match for _, line in code if (match := _PACKAGE.match(line.strip()))), None)
    if package is None:
        raise PolicyError("there is no package in it", where=name, hint="a Rego file begins with `package name`")
    return Module(
        name=name,
        text=text,
        package=re.sub(r"\[\"([^\"\]]*)\"\]", r".\1", package[1]),
        notes=tuple(_notes(name, lines)),
        decides=any(_DECIDES.match(line) for _, line in code),
        references=frozenset(match[1].lstrip(".") for _, line in code for match in _DATA.finditer(line)),
    )


def _notes(name: str, lines: list[str]) -> Iterator[Note]:
    for number, line in enumerate(lines):
        if not re.fullmatch(r"\s*#\s*METADATA\s*", line):
            continue
        end = number + 1
        while end < len(lines) and _is_comment(lines[end]):
            end += 1
        value = _yaml(name, number + 1, [line.strip()[1:] for line in lines[number + 1 : end]])
        statement = next((line.strip() for line in lines[end:] if line.strip() and not _is_comment(line)), "")
        scope = value.get("scope", "package" if statement.startswith("package ") else "rule")
        yield Note(value, number + 1, package=scope in ("package", "subpackages"))


def _yaml(name: str, line: int, text: list[str]) -> dict[str, Any]:
    from gateproof.documents import Format, read

    try:
        found = read("\n".join(text).encode(), Format.YAML)
    except DocumentError as error:
        place = f"{name}:{line + (error.line or 0)}"
        raise PolicyError(f"METADATA is no YAML: {error.message}", where=place, hint=error.hint) from None
    value = found[0].value if found else {}
    if len(found) > 1 or not isinstance(value, dict):
        raise PolicyError("METADATA must be one mapping", where=f"{name}:{line}", hint="write `# title: …` below it")
    return value


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
