"""Gatekeeper's objects in policy files: which belong together as one policy, and what they say about themselves.

A policy is a Constraint with its ConstraintTemplate and every ExpansionTemplate beside them, wherever among the files
they stand. Its id is ``KIND.NAME`` of the constraint. What is alone, and what judges nothing (a template without a
constraint, Config, SyncSet, Provider, mutators), is a policy that says so instead of judging. Annotations of the
constraint, or else of its template, say the rest: ``gateproof.dev/severity``, ``…/controls`` (separated by commas),
``…/title``, ``…/description`` and ``…/remediation``; ``metadata.gatekeeper.sh/title`` and ``description`` are read,
too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from gateproof.catalog.policy import Source
from gateproof.catalog.scales import Layer
from gateproof.documents import canonical
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.errors import DocumentError

CONSTRAINTS = "constraints.gatekeeper.sh"
TEMPLATES = "templates.gatekeeper.sh"
EXPANSIONS = "expansion.gatekeeper.sh"
IDLE = {
    "config": "Config is Gatekeeper's own: the namespaces that it excludes are judged here",
    "connection": "Connections are Gatekeeper's own: evidence has what is found here",
    "externaldata": "Providers are not asked: templates that read external_data are refused",
    "gvkmanifest": "GVKManifest is gator's own",
    "mutations": "what changes objects does not gate, and is not applied to what expansions make",
    "status": "the status of Gatekeeper's pods judges nothing",
    "syncset": "SyncSet is Gatekeeper's own: here a fact gives the objects of the cluster",
}
"""API groups (before ``.gatekeeper.sh``) whose objects judge nothing, and why."""
TESTS = "test.gatekeeper.sh"

_OURS = "gateproof.dev/"
_MARK = "gatekeeper.sh/"
_NEXT = re.compile(r"(?m)^---(?=\s|$)")
_READS_INVENTORY = re.compile(r"(?m)^(?!\s*#).*(?<![\w.])data(?:\.inventory\b|\[)")

SCOPED = "scoped"
EVERYWHERE = "*"
_RUNTIME = (Layer.RUNTIME,)
GATOR = "gator.gatekeeper.sh"
POINTS: dict[str, tuple[Layer, ...]] = {
    GATOR: tuple(layer for layer in Layer if layer is not Layer.RUNTIME),
    "validation.gatekeeper.sh": _RUNTIME,
    "audit.gatekeeper.sh": _RUNTIME,
    "vap.k8s.io": (),
    EVERYWHERE: tuple(Layer),
}
"""Enforcement point → the layers that it is; at ``vap.k8s.io``, the API server itself, nothing of ours stands."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One policy as the files have it. ``file``: where its own object stands, in words. ``annotations``: see above."""

    id: str
    file: str
    sources: tuple[Source, ...]
    annotations: dict[str, Any]
    layers: tuple[Layer, ...] = ()
    reads_inventory: bool = False

    def said(self, name: str) -> str:
        """What an annotation says; empty where there is none."""
        for key in (f"{_OURS}{name}", f"metadata.{_MARK}{name}", name):
            if isinstance(text := self.annotations.get(key), str):
                return text
        return ""


class _Object(msgspec.Struct, frozen=True):
    """An object in a file, alone in ``source`` on the lines on which it stands."""

    value: dict[str, Any]
    source: Source

    @property
    def group(self) -> str:
        return str(self.value.get("apiVersion")).rpartition("/")[0]

    @property
    def kind(self) -> str:
        return str(self.value.get("kind"))

    @property
    def name(self) -> str:
        return str(_below(self.value, "metadata", "name") or "nameless")

    @property
    def annotations(self) -> dict[str, Any]:
        found = _below(self.value, "metadata", "annotations")
        return found if isinstance(found, dict) else {}

    @property
    def makes(self) -> str:
        """The kind of the constraints of a template."""
        return str(_below(self.value, "spec", "crd", "spec", "names", "kind") or "")


def is_among(text: str) -> bool:
    """Whether a file may hold objects of Gatekeeper."""
    return _MARK in text


def find(
    sources: Iterable[tuple[str, str]], problems: list[str], *, beside: Iterable[tuple[str, str]] = ()
) -> Iterator[Found]:
    """The policies in ``sources``, pairs of a file's name and its text; ``problems`` gets what is wrong with files.

    ``beside``: other files, whose templates and expansions count where there are none among ``sources``.
    """
    objects = list(_objects(sources, problems))
    others = list(_objects(beside, []))
    templates = _templates(objects, problems)
    foreign = _templates(others, [])
    expansions = _expansions((*objects, *others))
    used = {one.kind for one in (*objects, *others) if one.group == CONSTRAINTS}
    for one in objects:
        if one.group == CONSTRAINTS:
            yield _pair(one, templates.get(one.kind) or foreign.get(one.kind), expansions)
        elif one.group == TEMPLATES:
            if one.makes not in used:
                yield _alone(one)
        elif why_idle(one.group) or (one.group == EXPANSIONS and not used):
            yield _alone(one)
        elif one.group.endswith(_MARK[:-1]) and one.group not in (EXPANSIONS, TESTS):
            problems.append(f"{one.source.name}: {one.kind} of {one.group} is no object of Gatekeeper that is known")


def layers(spec: Any) -> tuple[Layer, ...]:
    """The layers at which a constraint with this ``spec`` counts; empty: at all of them, or at none of ours."""
    named = {layer for _, points in scoped(spec) for point in points for layer in POINTS.get(point, ())}
    return () if len(named) == len(Layer) else tuple(layer for layer in Layer if layer in named)


def scoped(spec: Any) -> list[tuple[str, list[str]]]:
    """Actions and the points that they are for; nothing of what is misshapen, and nothing when it is not scoped."""
    if not isinstance(spec, dict) or spec.get("enforcementAction") != SCOPED:
        return []
    found = []
    for one in _dicts(spec.get("scopedEnforcementActions")):
        names = [str(point.get("name") or "") for point in _dicts(one.get("enforcementPoints"))]
        found.append((str(one.get("action") or ""), names))
    return found


def why_idle(group: str) -> str:
    """Why objects of an API group of Gatekeeper judge nothing; empty when they may."""
    return IDLE.get(group.removesuffix(f".{_MARK[:-1]}"), "")


def reads_inventory(template: Any) -> bool:
    """Whether a ConstraintTemplate, or a text of it, has Rego that reads ``data.inventory``."""
    found = template if isinstance(template, str) else _below(template, "spec", "targets")
    return any(_READS_INVENTORY.search(text) for text in _texts(found))


def _texts(value: Any) -> Iterator[str]:
    """Every text in ``value``."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _below(value: Any, *names: str) -> Any:
    """What stands below ``value`` by these names; None where there is nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))


def _objects(sources: Iterable[tuple[str, str]], problems: list[str]) -> Iterator[_Object]:
    """The objects of Gatekeeper in YAML files, each alone with as many empty lines before it as keep its lines."""
    for name, text in sources:
        if not name.endswith((".yaml", ".yml")) or not is_among(text):
            continue
        first, parts = 0, _NEXT.split(text)
        for part in parts:
            padded = part if len(parts) == 1 else "\n" * first + part.rstrip() + "\n"
            first += part.count("\n")
            if not is_among(part):
                continue
            try:
                documents = read(padded.encode(), Format.YAML)
            except DocumentError as error:
                problems.append(f"{name}:{error.line or 1}:{error.column or 1}: {error.message}")
                continue
            for document in documents:
                found = document.value
                if _is_ours(found):
                    yield _Object(found, Source(name, padded))
                for item in _dicts(_below(found, "items")):
                    # An item of a List, as kubectl prints it, has no lines of its own.
                    if _is_ours(item):
                        yield _Object(item, Source(name, canonical.encode(item).decode()))


def _is_ours(value: Any) -> bool:
    return isinstance(value, dict) and _MARK in str(value.get("apiVersion"))


def _templates(objects: Iterable[_Object], problems: list[str]) -> Mapping[str, _Object]:
    """Templates by the kind of their constraints."""
    found: dict[str, _Object] = {}
    for one in objects:
        if one.group != TEMPLATES:
            continue
        other = found.setdefault(one.makes, one)
        if other.value != one.value:
            problems.append(f"{one.source.name}: there is another template for {one.makes}, in {other.source.name}")
    return found


def _expansions(objects: Iterable[_Object]) -> tuple[Source, ...]:
    return tuple(sorted({one.source for one in objects if one.group == EXPANSIONS}))


def _pair(one: _Object, by: _Object | None, expansions: tuple[Source, ...]) -> Found:
    sources = (one.source, *((by.source,) if by else ()), *expansions)
    return Found(
        id=f"{one.kind}.{one.name}",
        file=one.source.name,
        sources=sources,
        annotations={**(by.annotations if by else {}), **one.annotations},
        layers=layers(one.value.get("spec")),
        reads_inventory=by is not None and reads_inventory(by.value),
    )


def _alone(one: _Object) -> Found:
    return Found(id=f"{one.kind}.{one.name}", file=one.source.name, sources=(one.source,), annotations=one.annotations)
