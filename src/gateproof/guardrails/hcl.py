"""Values → HCL, laid out as `terraform fmt` leaves it: two blanks a level, `=` aligned over lines that are whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_WIDTH = 100
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Expression(str):
    """Source text that stands in HCL as it is."""

    __slots__ = ()


def block(header: str, attributes: Mapping[str, Any], *blocks: str) -> str:
    """A block with its attributes, then blocks within it that were written by this function."""
    lines = _body(attributes)
    for inner in blocks:
        lines += ["", *inner.splitlines()] if lines else inner.splitlines()
    return "\n".join([f"{header} {{", *map(_indented, lines), "}"]) + "\n"


def comment(text: str) -> str:
    """``text`` as lines of comment."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def quoted(text: str) -> str:
    """A text between quotes, in which nothing is interpolated."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _body(attributes: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for key, value in attributes.items():
        name = key if _IDENTIFIER.fullmatch(key) else quoted(key)
        first, *rest = _lines(value)
        if rest:
            lines += [*_aligned(run), f"{name} = {first}", *rest]
            run = []
        else:
            run.append((name, first))
    return [*lines, *_aligned(run)]


def _aligned(run: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in run), default=0)
    return [f"{name:<{width}} = {value}" for name, value in run]


def _lines(value: Any) -> list[str]:
    if isinstance(value, Expression):
        return value.splitlines()
    if isinstance(value, str):
        return [quoted(value)]
    if isinstance(value, Mapping):
        return ["{", *map(_indented, _body(value)), "}"] if value else ["{}"]
    if isinstance(value, list | tuple):
        return _list(value)
    return [json.dumps(value)]


def _list(values: Sequence[Any]) -> list[str]:
    elements = [_lines(value) for value in values]
    on_one_line = f"[{', '.join(lines[0] for lines in elements)}]"
    if all(len(lines) == 1 for lines in elements) and len(on_one_line) <= _WIDTH:
        return [on_one_line]
    inner = [line for *before, last in elements for line in (*before, f"{last},")]
    return ["[", *map(_indented, inner), "]"]


def _indented(line: str) -> str:
    return f"  {line}" if line else line
