"""Constraints: which objects, with which parameters, and what is done about a violation.

Where an action counts (https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points): with
``enforcementAction: scoped``, each of ``scopedEnforcementActions`` names points. ``gator.gatekeeper.sh`` is every layer
before the cluster, ``validation.gatekeeper.sh`` and ``audit.gatekeeper.sh`` are the layer ``runtime``; ``vap.k8s.io``
is the API server itself, where nothing of ours stands. A decision is the same at every layer, so of several actions at
our points the strictest counts.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from gateproof.catalog.gatekeeper import CONSTRAINTS, EVERYWHERE, POINTS, SCOPED, scoped
from gateproof.documents.interface import Path
from gateproof.engines.gatekeeper.match import Match
from gateproof.engines.gatekeeper.template import Template
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems
from gateproof.engines.kubernetes.selectors import wrong

_VERSIONS = ("v1beta1", "v1alpha1")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_NAME = 63

ACTIONS = ("dryrun", "warn", "deny")
"""What is done about a violation, from lenient to strict."""
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_GLOB = {"type": "string", "pattern": r"^\*?[-:a-z0-9]*\*?$"}
_SELECTOR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "matchLabels": {"type": "object", "additionalProperties": _TEXT},
        "matchExpressions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "operator"],
                "properties": {"key": _TEXT, "operator": _TEXT, "values": _TEXTS},
            },
        },
    },
}
_MATCH: dict[str, Any] = {
    "type": "object",
    "properties": {
        "source": {"type": "string", "enum": ["All", "Generated", "Original"]},
        "kinds": {
            "type": "array",
            "items": {"type": "object", "properties": {"apiGroups": _TEXTS, "kinds": _TEXTS}},
        },
        "scope": _TEXT,
        "namespaces": {"type": "array", "items": _GLOB},
        "excludedNamespaces": {"type": "array", "items": _GLOB},
        "labelSelector": _SELECTOR,
        "namespaceSelector": _SELECTOR,
        "name": _GLOB,
    },
}
_SCOPES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "action": _TEXT,
            "enforcementPoints": {"type": "array", "items": {"type": "object", "properties": {"name": _TEXT}}},
        },
    },
}


class Constraint(msgspec.Struct, frozen=True, kw_only=True):
    """A Constraint. ``action``: the strictest of those at our points; empty where it has none there.

    ``parameters``: None where there are none.
    ``points``: the enforcement points that it is for; None: all of them.
    """

    kind: str
    name: str
    match: Match
    action: str
    points: frozenset[str] | None = None
    parameters: Any = None


def read(manifest: Manifest, template: Template, problems: Problems) -> Constraint | None:
    """The constraint in ``manifest``, of ``template``; None after problems."""
    found = len(problems.found)
    if manifest.group != CONSTRAINTS:
        problems.add(manifest, ("apiVersion",), f"must be of {CONSTRAINTS}")
        return None
    if manifest.version not in _VERSIONS:
        problems.add(manifest, ("apiVersion",), f"{manifest.version!r} is not one of {', '.join(_VERSIONS)}")
    name = manifest.name
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        problems.add(
            manifest, ("metadata", "name"), f"{name[:80]!r} is no name for a constraint (DNS-1123, up to 63 long)"
        )
    if manifest.kind != template.kind:
        problems.add(manifest, ("kind",), f"the template is for {template.kind}, not for {manifest.kind}")
    spec = _spec(manifest, template, problems)
    if len(problems.found) > found:
        return None
    match = spec.get("match")
    return Constraint(
        kind=manifest.kind,
        name=name,
        match=Match() if match is None else Match.read(match),
        action=_action(spec),
        points=_points(spec),
        parameters=spec.get("parameters"),
    )


def _spec(manifest: Manifest, template: Template, problems: Problems) -> dict[str, Any]:
    """The spec with the defaults of its schema."""
    found = manifest.value.get("spec")
    if found is None:
        found = {}
    properties = {
        "match": _MATCH,
        "enforcementAction": {"type": "string", "default": "deny"},
        "scopedEnforcementActions": _SCOPES,
    }
    if template.parameters is not None:
        properties["parameters"] = template.parameters
    wanted = {"type": "object", "properties": properties}
    spec = schema.defaulted(wanted, found)
    wrongs = list(schema.problems(wanted, spec))
    for path, problem in wrongs:
        problems.add(manifest, ("spec", *path), problem)
    if not wrongs:
        _check_selectors(spec.get("match") or {}, manifest, problems)
        _check_actions(spec, manifest, problems)
    return spec if isinstance(spec, dict) else {}


def _check_selectors(match: dict[str, Any], manifest: Manifest, problems: Problems) -> None:
    for name in ("labelSelector", "namespaceSelector"):
        if problem := wrong(match.get(name) or {}):
            problems.add(manifest, ("spec", "match", name), problem)


def _check_actions(spec: dict[str, Any], manifest: Manifest, problems: Problems) -> None:
    action, path = spec["enforcementAction"], ("spec", "enforcementAction")
    if action not in (*ACTIONS, SCOPED):
        problems.add(manifest, path, f"{action!r} is no action ({', '.join((*ACTIONS, SCOPED))})")
    if action != SCOPED:
        return
    at: Path = ("spec", "scopedEnforcementActions")
    if not spec.get("scopedEnforcementActions"):
        problems.add(manifest, path, "the action is scoped, and there are no scopedEnforcementActions")
    for index, (one, names) in enumerate(scoped(spec)):
        if one not in ACTIONS:
            problems.add(manifest, (*at, index, "action"), f"{one!r} is no action ({', '.join(ACTIONS)})")
        if not names:
            problems.add(manifest, (*at, index), "it names no enforcementPoints")
        for name in names:
            if name not in POINTS:
                problems.add(manifest, (*at, index), f"{name!r} is no enforcement point ({', '.join(POINTS)})")


def _action(spec: dict[str, Any]) -> str:
    if spec["enforcementAction"] != SCOPED:
        return str(spec["enforcementAction"])
    ours = [action for action, names in scoped(spec) if any(POINTS[name] for name in names)]
    return max(ours, key=ACTIONS.index, default="")


def _points(spec: dict[str, Any]) -> frozenset[str] | None:
    if spec["enforcementAction"] != SCOPED:
        return None
    named = {name for _, names in scoped(spec) for name in names}
    return None if EVERYWHERE in named else frozenset(named)
