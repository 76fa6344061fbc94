"""``input`` as policies written for gateproof are given it, as a JSON Schema: the members that there are.

What a member may hold is said only where that is all that it may hold; docs/reference/policy-contract.md has the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateproof.catalog.policy import InputKind

_TEXT: dict[str, Any] = {"type": "string"}
_LIST: dict[str, Any] = {"type": "array"}


def _object(*members: str, **typed: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {**{name: {} for name in members}, **typed}
    return {"type": "object", "properties": properties, "additionalProperties": False}


VIEWS: dict[InputKind, dict[str, Any]] = {
    InputKind.TERRAFORM_PLAN: _object(
        *("before", "configured", "deposed", "index", "mode", "module_address", "name", "previous_address"),
        *("provider", "provider_config", "references", "sensitive", "source", "unknown", "values"),
        action=_TEXT,
        actions=_LIST,
        address=_TEXT,
        deleted={"type": "boolean"},
        type=_TEXT,
    ),
    InputKind.KUBERNETES: _object(
        *("annotations", "labels", "name", "namespace", "object", "pod", "pod_labels", "pod_path"),
        address=_TEXT,
        apiVersion=_TEXT,
        group=_TEXT,
        kind=_TEXT,
        version=_TEXT,
    ),
    InputKind.GITHUB_WORKFLOW: _object("object", "workflow", address=_TEXT, id=_TEXT, kind=_TEXT, steps=_LIST),
    InputKind.DOCKERFILE: _object(
        *("image", "index", "stage"),
        address=_TEXT,
        base=_TEXT,
        instructions={"type": "array", "items": _object("cmd", "flags", "json", "path", "sub", "value")},
        kind=_TEXT,
        last={"type": "boolean"},
        name=_TEXT,
    ),
}
"""A resource of each kind of input."""


def schema(kinds: Iterable[InputKind]) -> dict[str, Any]:
    """JSON Schema of ``input`` for a policy that judges ``kinds`` (none: all of them)."""
    views = [VIEWS[kind] for kind in kinds if kind in VIEWS] or [*VIEWS.values()]
    resources = {"type": "array", "items": views[0] if len(views) == 1 else {"anyOf": views}}
    by_type = {"type": "object", "additionalProperties": resources}
    return _object(kind=_TEXT, resources=resources, planned=by_type, removed=by_type)
