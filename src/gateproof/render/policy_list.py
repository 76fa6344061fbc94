"""The policies at hand → text or JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gateproof.catalog.listing import Listed
from gateproof.catalog.policy import Policy
from gateproof.render.untrusted import json_document, plain

VERSION = 1
"""Raised when a field of the JSON changes its meaning or goes away; new fields do not raise it."""


def text(listed: Sequence[Listed], now: str, width: int) -> str:
    """A line each: whether it judges, severity, id, version, where it is from, kinds; title and remarks below."""
    if not listed:
        return "no policy matches\n"
    lines = []
    columns = [max(len(plain(cell)) for cell in column) for column in zip(*map(_cells, listed), strict=True)]
    for each in listed:
        cells = (f"{plain(cell):{size}}" for cell, size in zip(_cells(each), columns, strict=True))
        lines.append("  ".join(cells).rstrip())
        for said in (each.policy.title, *remarks(each, now)):
            wrapped = textwrap.wrap(plain(said), max(width, 60), initial_indent=" " * 6, subsequent_indent=" " * 8)
            lines += map(plain, wrapped)
    judging = sum(each.enabled for each in listed)
    lines.append(f"{len(listed)} {'policy' if len(listed) == 1 else 'policies'}, {judging} of which judge here")
    return "\n".join(lines) + "\n"


def json(listed: Sequence[Listed], now: str) -> str:
    """One object: ``version`` and ``policies``, each with what it says about itself and what is so here."""
    document = {"version": VERSION, "policies": [as_json(each, now) for each in listed]}
    return json_document(msgspec.json.encode(document))


def as_json(each: Listed, now: str) -> dict[str, Any]:
    """A policy as JSON has it; its text is left out."""
    policy = each.policy
    return {
        "id": policy.id,
        "version": version(policy) or None,
        "title": policy.title,
        "description": policy.description,
        "severity": policy.severity,
        "written_severity": each.written.severity,
        "engine": policy.engine,
        "kinds": policy.kinds,
        "layers": policy.layers,
        "scope": policy.scope,
        "controls": policy.controls,
        "resources": policy.resources,
        "facts": policy.facts,
        "remediation": policy.remediation,
        "parameters": {name: {"value": value, "from": source} for name, value, source in each.parameters},
        "origin": each.origin,
        "enabled": each.enabled,
        "off": each.off,
        "asserted": each.asserted,
        "overlay": each.overlay,
        "deprecated": None if policy.deprecated is msgspec.UNSET else policy.deprecated,
        "remarks": list(remarks(each, now)),
    }


def version(policy: Policy) -> str:
    """Its version, empty where it says none."""
    return "" if policy.version is msgspec.UNSET else policy.version


def remarks(each: Listed, now: str) -> Iterator[str]:
    """What a reader should know: why it is off, what was changed about it, that it is deprecated."""
    if each.off:
        yield f"off: {each.off}"
    if each.asserted:
        yield "the change itself names it: it can deny, and that it judged counts for nothing"
    if each.overlay:
        yield f"overlay: {each.overlay.said}"
    deprecated = each.policy.deprecated
    if deprecated is not msgspec.UNSET:
        yield deprecated.told(now)


def _cells(each: Listed) -> tuple[str, ...]:
    policy = each.policy
    kinds = ", ".join(policy.kinds) or "any"
    return ("on" if each.enabled else "off", policy.severity, policy.id, version(policy) or "-", each.origin, kinds)
