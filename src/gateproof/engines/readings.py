"""What a policy had before it: the values of an input at the places of its findings, and at those that it names.

Values are those of the Input, from which what is sensitive was taken out before judging.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from gateproof import inputs
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.documents.interface import Path
from gateproof.inputs.input import Input, Resource

_LONGEST = 120
_DEEPEST = 8
_MOST = 12


class Reading(msgspec.Struct, frozen=True):
    """A place, inside of a resource where it is about one, and what is there: JSON, shortened, or why nothing is."""

    path: Path
    shown: str


def at(subject: Input, document: int, path: Path) -> Reading:
    """What stands at a place of ``subject``."""
    value: Any = subject.documents[document] if document < len(subject.documents) else None
    for depth, step in enumerate(path):
        present = (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value)
        )
        if not present:
            return Reading(path, _absent(subject, document, path, depth))
        value = value[step]
    return Reading(path, _shown(value))


def named(policy: Policy, subject: Input) -> dict[str, tuple[Reading, ...]]:
    """By address of a resource, the attributes that the text of ``policy`` names and that are set there."""
    if policy.engine is not EngineName.REGO_RESOURCE:
        return {}
    names = _names(policy)
    return {one.address: tuple(_found(one, names)) for one in inputs.resources(subject)}


def _found(one: Resource, names: frozenset[str]) -> list[Reading]:
    view = one.view
    values = view.get("values") if "values" in view else view.get("object", view.get("instructions"))
    found = [Reading(path, _shown(value)) for path, value in _leaves(values, (), names)]
    found += [Reading(path, _UNKNOWN) for path, value in _leaves(view.get("unknown"), (), names) if value is True]
    return found[:_MOST]


def _leaves(value: Any, path: Path, names: frozenset[str]) -> Iterator[tuple[Path, Any]]:
    """The scalars, and lists of scalars, at places of which the last name is among ``names``."""
    if len(path) > _DEEPEST:
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in inner:
        below = (*path, step)
        if step in names and (not isinstance(member, dict | list) or _is_plain(member)):
            yield below, member
        elif isinstance(member, dict | list):
            yield from _leaves(member, below, names)


def _is_plain(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and not any(isinstance(each, dict | list) for each in value)


def _names(policy: Policy) -> frozenset[str]:
    """Every text that the policy's own files have: names of attributes are among them."""
    from gateproof.rego.parser import parse_module
    from gateproof.rego.syntax import Node, Scalar, children

    found: set[str] = set()
    for source in policy.sources:
        if source.name.startswith("lib/") or not source.name.endswith(".rego"):
            continue
        waiting: list[Node] = list(parse_module(source.name, source.text).rules)
        while waiting:
            node = waiting.pop()
            if isinstance(node, Scalar) and isinstance(node.value, str):
                found.add(node.value)
            waiting.extend(children(node))
    return frozenset(found)


_UNKNOWN = "(known only after apply)"


def _absent(subject: Input, document: int, path: Path, depth: int) -> str:
    """Why nothing stands at ``path`` from its step ``depth`` on."""
    if subject.subject.kind is InputKind.TERRAFORM_PLAN and "after" in path[:depth]:
        place = path.index("after")
        value: Any = subject.documents[document]
        for step in (*path[:place], "after_unknown", *path[place + 1 :]):
            if value is True:
                break
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                value = None
        if value is True:
            return _UNKNOWN
    return "(not set)"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
