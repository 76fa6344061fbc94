"""Rules for Pods, generated for the controllers that make Pods.

Kyverno's "auto-gen rules": a policy whose rules match the kind Pod alone, and nothing by name, selector or annotation,
also judges the Pod templates of controllers. The annotation ``pod-policies.kyverno.io/autogen-controllers`` names the
controllers, or says ``none``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from gateproof.engines.kyverno.match import Criteria, Filter, KindSelector

ANNOTATION = "pod-policies.kyverno.io/autogen-controllers"
_PREFIX = "autogen"
_LONGEST_NAME = 63
_CRON_JOB = "CronJob"
_CONTROLLERS = {
    "DaemonSet": "apps",
    "Deployment": "apps",
    "Job": "batch",
    "ReplicaSet": "apps",
    "ReplicationController": "",
    "StatefulSet": "apps",
    _CRON_JOB: "batch",
}
ALL_CONTROLLERS = frozenset(_CONTROLLERS)
# Only kinds spelled without group and version ask for generated rules.
_PLAIN_KINDS = {KindSelector("*", "*", kind, "") for kind in ("Pod", *_CONTROLLERS)}


def controllers_named(annotation: str) -> frozenset[str]:
    """The controllers that the annotation asks for. Raises ValueError for a name that is none of them."""
    if annotation in ("none", ""):
        return frozenset()
    if annotation == "all":
        return ALL_CONTROLLERS
    names = frozenset(annotation.split(","))
    if unknown := sorted(names - _CONTROLLERS.keys()):
        raise ValueError(f"{', '.join(unknown)} is not a Pod controller (expected {', '.join(_CONTROLLERS)} or none)")
    return names


def supported(blocks: list[Criteria]) -> bool:
    """Whether rules may be generated for a policy with these ``match`` and ``exclude`` blocks: all of them decide."""
    filters = [one for block in blocks for one in block.filters]
    if any(one.names or one.selector is not None or one.annotations for one in filters):
        return False
    if any(len(one.kinds) > 1 and _names_pods(one) for one in filters):
        return False
    return any(kind in _PLAIN_KINDS for one in filters for kind in one.kinds)


def is_only_for_pods(rule: Any) -> bool:
    """Whether a rule, as it is written, keeps its whole policy to Pods: it makes objects, or patches places in them."""
    if not isinstance(rule, dict):
        return False
    mutate = rule.get("mutate")
    patches = mutate if isinstance(mutate, dict) else {}
    loops = patches.get("foreach")
    patched = [patches, *(one for one in loops if isinstance(one, dict))] if isinstance(loops, list) else [patches]
    return "generate" in rule or any(one.get("patchesJson6902") for one in patched)


def applies(match: Criteria, exclude: Criteria) -> bool:
    """Whether one rule is about Pods, in what it matches and in what kinds it excludes."""
    excluding = [one for one in exclude.filters if one.kinds]
    return any(map(_names_pods, match.filters)) and (not excluding or any(map(_names_pods, excluding)))


def name(rule: str, *, cron_job: bool) -> str:
    """The generated rule's name."""
    return "-".join((_PREFIX, *(("cronjob",) if cron_job else ()), rule))[:_LONGEST_NAME]


def is_generated(rule: str) -> bool:
    """Whether ``rule`` is already the name of a generated rule."""
    return rule.startswith(f"{_PREFIX}-")


def split(controllers: frozenset[str]) -> list[tuple[frozenset[str], tuple[str, ...]]]:
    """Controllers by where their Pod template stands: kinds, and the path to the template."""
    groups = (
        (controllers - {_CRON_JOB}, ("spec", "template")),
        (controllers & {_CRON_JOB}, ("spec", "jobTemplate", "spec", "template")),
    )
    return [(kinds, path) for kinds, path in groups if kinds]


def is_cron_job(kinds: frozenset[str]) -> bool:
    """Whether ``kinds`` is the group of CronJob."""
    return _CRON_JOB in kinds


def redirect(block: Criteria, kinds: frozenset[str], *, every: bool = False) -> Criteria:
    """The block with the controllers ``kinds`` in place of Pod; in ``every`` filter that names kinds, if need be."""
    selectors = tuple(KindSelector(_CONTROLLERS[kind], "*", kind, "") for kind in sorted(kinds))
    filters = (
        msgspec.structs.replace(one, kinds=selectors) if _names_pods(one) or (every and one.kinds) else one
        for one in block.filters
    )
    return Criteria(tuple(filters), block.need_all)


def adapted(rule: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The rule for objects whose Pod template stands at ``path``.

    Patterns of the Pod become patterns of the template; every text of the rule that speaks of the Pod's ``spec`` or
    ``metadata`` by ``request.object`` or ``request.oldObject`` then speaks of the template's. In CEL these are called
    ``object`` and ``oldObject``.
    """
    validate = dict(rule["validate"])
    request = "" if "cel" in validate else "request."
    if "pattern" in validate:
        validate["pattern"] = _wrapped(validate["pattern"], path)
    if isinstance(validate.get("anyPattern"), list):
        validate["anyPattern"] = [_wrapped(one, path) for one in validate["anyPattern"]]
    places = [
        (f"{request}{value}.{part}", f"{request}{value}.{'.'.join(path)}.{part}")
        for part in ("spec", "metadata")
        for value in ("object", "oldObject")
    ]
    changed: dict[str, Any] = _replaced({**rule, "validate": validate}, places)
    return changed


def _replaced(value: Any, places: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        for old, new in places:
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {_replaced(key, places): _replaced(one, places) for key, one in value.items()}
    return [_replaced(one, places) for one in value] if isinstance(value, list) else value


def _wrapped(pattern: Any, path: tuple[str, ...]) -> Any:
    """The pattern of a Pod, put where the Pod template stands."""
    for step in reversed(path):
        pattern = {step: pattern}
    return pattern


def _names_pods(one: Filter) -> bool:
    return any(kind.kind == "Pod" for kind in one.kinds)
