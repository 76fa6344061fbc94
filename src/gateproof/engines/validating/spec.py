"""The parts of specs that policies with validations share: their schemas, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateproof.documents.interface import Path
from gateproof.engines.kubernetes.selectors import LabelSelector, wrong
from gateproof.engines.validating.cluster import ParamRef
from gateproof.engines.validating.expressions import Report
from gateproof.engines.validating.matching import MatchResources

Schema = dict[str, Any]


def _object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


def _enum(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items, "nullable": True}


_TEXT: Schema = {"type": "string"}
_NAME: Schema = {"type": "string", "minLength": 1}
_TEXTS = _list(_TEXT)
_SOME = {"type": "array", "items": _NAME, "minItems": 1}

SELECTOR: Schema = {
    **_object(
        matchLabels={"type": "object", "additionalProperties": _TEXT, "nullable": True},
        matchExpressions=_list(_object("key", "operator", key=_TEXT, operator=_TEXT, values=_TEXTS)),
    ),
    "nullable": True,
}
_RULE = _object(
    *("apiGroups", "apiVersions", "operations", "resources"),
    apiGroups={"type": "array", "items": _TEXT, "minItems": 1},
    apiVersions=_SOME,
    operations={"type": "array", "items": _enum("*", "CREATE", "UPDATE", "DELETE", "CONNECT"), "minItems": 1},
    resources=_SOME,
    resourceNames=_TEXTS,
    scope=_enum("*", "Cluster", "Namespaced"),
)
MATCH_RESOURCES: Schema = {
    **_object(
        resourceRules=_list(_RULE),
        excludeResourceRules=_list(_RULE),
        namespaceSelector=SELECTOR,
        objectSelector=SELECTOR,
        matchPolicy=_enum("Exact", "Equivalent"),
    ),
    "nullable": True,
}
MATCH_CONDITIONS = _list(_object("name", "expression", name=_NAME, expression=_TEXT))
VARIABLES = _list(_object("name", "expression", name=_NAME, expression=_TEXT))
VALIDATIONS = _list(
    _object(
        "expression",
        expression=_TEXT,
        message=_TEXT,
        messageExpression=_TEXT,
        reason=_enum("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"),
    )
)
AUDIT_ANNOTATIONS = _list(_object("key", "valueExpression", key=_NAME, valueExpression=_TEXT))
PARAM_KIND: Schema = {**_object("apiVersion", "kind", apiVersion=_NAME, kind=_NAME), "nullable": True}
PARAM_REF: Schema = {
    **_object(name=_TEXT, namespace=_TEXT, selector=SELECTOR, parameterNotFoundAction=_enum("Allow", "Deny")),
    "nullable": True,
}


def shown(path: Path) -> str:
    """A path in words: ``spec.validations[0].expression``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def match_resources(raw: Mapping[str, Any], path: Path, report: Report) -> MatchResources:
    """The MatchResources in ``raw``, which fits its schema and stands at ``path``."""
    for name in ("namespaceSelector", "objectSelector"):
        if said := wrong(raw.get(name) or {}):
            report((*path, name), said)
    return MatchResources.read(raw)


def param_ref(
    kind: Mapping[str, Any] | None, raw: Mapping[str, Any] | None, path: Path, report: Report
) -> ParamRef | None:
    """The parameters that a binding or rule refers to; None where it has none."""
    if not kind or raw is None:
        return None
    selector = raw.get("selector")
    if bool(raw.get("name")) is (selector is not None):
        report(path, "exactly one of name and selector says which parameters")
    if selector is not None and (said := wrong(selector)):
        report((*path, "selector"), said)
        selector = {}
    return ParamRef(
        api_version=kind["apiVersion"],
        kind=kind["kind"],
        name=raw.get("name") or "",
        namespace=raw.get("namespace") or "",
        selector=None if selector is None else LabelSelector.read(selector),
        required=raw.get("parameterNotFoundAction") != "Allow",
    )
