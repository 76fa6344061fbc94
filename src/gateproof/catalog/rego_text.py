"""What a Rego file says about itself, read from its text: package, METADATA blocks, deciding rules, references.

The file is not parsed for that. METADATA is found and read by :mod:`gateproof.rego.annotations`; it is about the
statement after it, or the package when it says ``scope: package``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gateproof.errors import DocumentError, PolicyError
from gateproof.rego.annotations import found

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
        notes=tuple(_notes(name, text, lines)),
        decides=any(_DECIDES.match(line) for _, line in code),
        references=frozenset(match[1].lstrip(".") for _, line in code for match in _DATA.finditer(line)),
    )


def _notes(name: str, text: str, lines: list[str]) -> Iterator[Note]:
    for block in found(text):
        try:
            value = block.values()
        except DocumentError as error:
            message = error.message if error.message.startswith("METADATA") else f"METADATA is no YAML: {error.message}"
            hint = error.hint or "write `# title: …` below it"
            raise PolicyError(message, where=f"{name}:{error.line}", hint=hint) from None
        after = (line.strip() for line in lines[block.last :] if line.strip() and not _is_comment(line))
        scope = value.get("scope", "package" if next(after, "").startswith("package ") else "rule")
        yield Note(value, block.line, package=scope in ("package", "subpackages"))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
