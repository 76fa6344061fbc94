"""The guardrails that there are: on which platforms, for which topics and controls, and what they need."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from gateproof.guardrails.guardrail import OPTIONS, Kind, guardrails


class Row(msgspec.Struct, frozen=True):
    """A guardrail. ``platforms``: the kinds that have one of this name for the same; ``needs``: options."""

    id: str
    title: str
    platforms: tuple[Kind, ...]
    topics: tuple[str, ...]
    controls: tuple[str, ...]
    needs: tuple[str, ...]
    caveats: tuple[str, ...]


def rows(kinds: Iterable[Kind]) -> tuple[Row, ...]:
    """One row for each guardrail of ``kinds``, in the order of their files."""
    found: dict[tuple[str, str], Row] = {}
    for kind in kinds:
        for each in guardrails(kind):
            key = (each.id, each.title)
            needs = tuple(OPTIONS[name] for name in each.parameters)
            caveats = (each.caveat,) if each.caveat else ()
            row = found.get(key) or Row(each.id, each.title, (), each.topics, each.controls, needs, ())
            found[key] = msgspec.structs.replace(
                row,
                platforms=(*row.platforms, kind),
                controls=tuple(dict.fromkeys((*row.controls, *each.controls))),
                caveats=tuple(dict.fromkeys((*row.caveats, *caveats))),
            )
    return tuple(found.values())


def as_json(found: Iterable[Row]) -> str:
    """The rows as a list of objects."""
    return json.dumps(msgspec.to_builtins(list(found)), indent=2, ensure_ascii=False) + "\n"


def as_text(found: Iterable[Row]) -> str:
    """The rows, a paragraph each."""
    lines: list[str] = []
    for row in found:
        needs = f" (needs {' '.join(row.needs)})" if row.needs else ""
        indented = [", ".join(row.platforms), ", ".join(row.topics), ", ".join(row.controls), *row.caveats]
        lines += [f"{row.id}: {row.title}{needs}", *(f"    {line}" for line in indented)]
    return "\n".join(lines) + "\n"
