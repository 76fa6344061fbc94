"""ExpansionTemplates: what the controllers of an object would make of it, so that it is judged before they do.

As Gatekeeper expands (https://open-policy-agent.github.io/gatekeeper/website/docs/expansion), but that no mutation is
applied to what is made, since none gates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.gatekeeper.constraint import ACTIONS
from gateproof.engines.gatekeeper.review import metadata, text_of
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems
from gateproof.errors import EvaluationError

KIND = "ExpansionTemplate"
_VERSIONS = ("v1beta1", "v1alpha1")
_LONGEST_NAME = 63
_MOST = 100
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_SPEC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "applyTo": {
            "type": "array",
            "items": {"type": "object", "properties": {"groups": _TEXTS, "kinds": _TEXTS, "versions": _TEXTS}},
        },
        "templateSource": _TEXT,
        "generatedGVK": {"type": "object", "properties": {"group": _TEXT, "version": _TEXT, "kind": _TEXT}},
        "enforcementAction": _TEXT,
    },
}

_Gvk = tuple[str, str, str]


class Expansion(msgspec.Struct, frozen=True, kw_only=True):
    """An ExpansionTemplate. ``action`` replaces that of the constraint; empty: it does not."""

    name: str
    applies_to: frozenset[_Gvk]
    source: tuple[str, ...]
    makes: _Gvk
    action: str = ""


class Expanded(msgspec.Struct, frozen=True):
    """An object that would be made, and by which template."""

    value: dict[str, Any]
    by: Expansion


def read(manifest: Manifest, problems: Problems) -> Expansion | None:
    """The template in ``manifest``; None after problems."""
    found = len(problems.found)
    if manifest.version not in _VERSIONS:
        problems.add(manifest, ("apiVersion",), f"{manifest.version!r} is not one of {', '.join(_VERSIONS)}")
    if not 0 < len(manifest.name) <= _LONGEST_NAME:
        problems.add(manifest, ("metadata", "name"), "must be a name of up to 63 characters")
    spec = manifest.value.get("spec")
    for path, problem in schema.problems(_SPEC, spec):
        problems.add(manifest, ("spec", *path), problem)
    if len(problems.found) > found or not isinstance(spec, dict):
        return None
    makes = spec.get("generatedGVK") or {}
    made = Expansion(
        name=manifest.name,
        applies_to=frozenset(
            (group, version, kind)
            for one in spec.get("applyTo") or ()
            for group in one.get("groups") or ()
            for version in one.get("versions") or ()
            for kind in one.get("kinds") or ()
        ),
        source=tuple(filter(None, (spec.get("templateSource") or "").split("."))),
        makes=(makes.get("group") or "", makes.get("version") or "", makes.get("kind") or ""),
        action=spec.get("enforcementAction") or "",
    )
    for path, problem in _wrong(made):
        problems.add(manifest, ("spec", *path), problem)
    return made if len(problems.found) == found else None


def _wrong(made: Expansion) -> Iterator[tuple[Path, str]]:
    if not made.applies_to:
        yield ("applyTo",), "it applies to nothing: groups, versions and kinds are all needed"
    if not made.source:
        yield ("templateSource",), "it does not say where what is made stands"
    if not (made.makes[1] and made.makes[2]):
        yield ("generatedGVK",), "it does not say the version and kind of what is made"
    if made.makes in made.applies_to:
        yield ("generatedGVK",), "it applies to what it makes itself, without end"
    if made.action and made.action not in ACTIONS:
        yield ("enforcementAction",), f"{made.action!r} is no action ({', '.join(ACTIONS)})"


def check_cycles(expansions: Sequence[Expansion], problems: list[str]) -> None:
    """Adds a problem for templates that expand each other's objects without end."""
    left = list(expansions)
    while ends := [one for one in left if not any(one.makes in other.applies_to for other in left)]:
        left = [one for one in left if one not in ends]
    if left:
        problems.append(f"the ExpansionTemplates {', '.join(one.name for one in left)} expand without end")


def expand(value: dict[str, Any], expansions: Sequence[Expansion]) -> Iterator[Expanded]:
    """What would be made of ``value``, and of what is made; ``expansions`` have no cycle.

    Raises EvaluationError where an object has nothing at the place that a template names, or where too much is made.
    """
    waiting = [value]  # what is made is expanded in its turn
    for count, each in enumerate(waiting):
        if count > _MOST:
            raise EvaluationError(f"expansions make more than {_MOST} objects of one")
        group, _, version = each["apiVersion"].rpartition("/")
        for one in expansions:
            if (group, version, each["kind"]) in one.applies_to:
                waiting.append(_made(each, one))
                yield Expanded(waiting[-1], one)


def _made(value: dict[str, Any], by: Expansion) -> dict[str, Any]:
    source: Any = value
    for step in by.source:
        source = source.get(step) if isinstance(source, dict) else None
    if not isinstance(source, dict):
        raise EvaluationError(f"{by.name} expands {'.'.join(by.source)}, and there is no object")
    group, version, kind = by.makes
    name, namespace = text_of(value, "name"), text_of(value, "namespace")
    about = {**metadata(source), "name": f"{name}-{kind}".lower()}
    if namespace:
        about["namespace"] = namespace
    if name:
        about["ownerReferences"] = _owned(about.get("ownerReferences"), value, name)
    return {**source, "apiVersion": f"{group}/{version}" if group else version, "kind": kind, "metadata": about}


def _owned(references: Any, owner: Mapping[str, Any], name: str) -> list[Any]:
    """Owner references with one to ``owner``."""
    made = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name, "uid": ""}
    known = list(references) if isinstance(references, list) else []
    same = ("apiVersion", "kind", "name")
    if any(isinstance(one, dict) and all(one.get(key) == made[key] for key in same) for one in known):
        return known
    return [*known, made]
