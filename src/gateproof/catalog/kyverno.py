"""Kyverno's objects in policy files: policies, exceptions from them, and what judges nothing.

A PolicyException of ``kyverno.io`` or ``policies.kyverno.io`` belongs to each policy that it names and that is read
together with it. Where there is none, it is a policy of its own that says so instead of judging, and so is what deletes
objects or feeds policies (CleanupPolicy, GlobalContextEntry): its id is ``KIND.NAME``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

POLICIES = ("ClusterPolicy", "Policy")
IDLE = {
    "CleanupPolicy": "what deletes objects does not gate",
    "ClusterCleanupPolicy": "what deletes objects does not gate",
    "GlobalContextEntry": "what it asks the cluster for, the fact kyverno-context says here",
}
"""Kinds of ``kyverno.io`` that judge nothing, and why."""
CEL_IDLE = {
    "MutatingPolicy": "what changes objects does not gate",
    "GeneratingPolicy": "what makes objects does not gate",
    "DeletingPolicy": "what deletes objects does not gate",
    "ImageValidatingPolicy": "signatures of images, which it asks a registry for, are not judged here",
}
"""Kinds of ``policies.kyverno.io`` that do not gate, also with ``Namespaced`` before them, and why."""
EXCEPTION = "PolicyException"
EXCEPTION_VERSIONS = ("kyverno.io/v2", "kyverno.io/v2beta1", "kyverno.io/v2alpha1")
RULES = ("mutate", "generate")
"""What rules have that change or make objects."""
_GROUP = "kyverno.io/"
_CEL_GROUP = "policies.kyverno.io/"


def is_read(value: Mapping[str, Any]) -> bool:
    """Whether this object of Kyverno is read: a policy in YAML, an exception, or what judges nothing."""
    return str(value.get("kind")) in POLICIES or is_exception(value) or bool(why_idle(value))


def is_exception(value: Mapping[str, Any]) -> bool:
    """Whether it is an exception from policies of Kyverno."""
    known = value.get("apiVersion") in EXCEPTION_VERSIONS or is_of_cel(value)
    return value.get("kind") == EXCEPTION and known


def is_of_cel(value: Mapping[str, Any]) -> bool:
    """Whether it is of the API group of policies in CEL."""
    return str(value.get("apiVersion")).startswith(_CEL_GROUP)


def why_idle(value: Mapping[str, Any]) -> str:
    """Why an object judges nothing; empty when it may."""
    return IDLE.get(str(value.get("kind")), "") if str(value.get("apiVersion")).startswith(_GROUP) else ""


def not_gating(value: Mapping[str, Any]) -> str:
    """What of an object does not gate, in words: all of it, or rules that change or make objects; empty for nothing."""
    if is_of_cel(value):
        return CEL_IDLE.get(str(value.get("kind")).removeprefix("Namespaced"), "")
    rules = _object(value, "spec").get("rules") if value.get("kind") in POLICIES else None
    named = [
        f"{rule.get('name')} ({key})"
        for rule in (rules if isinstance(rules, list) else ())
        for key in RULES
        if isinstance(rule, dict) and key in rule
    ]
    return why_idle(value) or (f"rules that change or make objects do not gate: {', '.join(named)}" if named else "")


def key(value: Mapping[str, Any]) -> str:
    """How exceptions name a policy; empty for what is none."""
    metadata = _object(value, "metadata")
    if is_of_cel(value):
        return "" if is_exception(value) else f"{_CEL_GROUP}{value.get('kind')}/{metadata.get('name')}"
    if value.get("kind") == "ClusterPolicy":
        return str(metadata.get("name"))
    return f"{metadata.get('namespace') or 'default'}/{metadata.get('name')}" if value.get("kind") == "Policy" else ""


def excepted(value: Mapping[str, Any]) -> frozenset[str]:
    """The policies that an exception names; nothing for what is none, and of what is misshapen."""
    if not is_exception(value):
        return frozenset()
    if is_of_cel(value):
        refs = _object(value, "spec").get("policyRefs")
        given = [one for one in refs if isinstance(one, dict)] if isinstance(refs, list) else []
        return frozenset(f"{_CEL_GROUP}{one.get('kind')}/{one.get('name')}" for one in given)
    named = _object(value, "spec").get("exceptions")
    policies = (one.get("policyName") for one in named if isinstance(one, dict)) if isinstance(named, list) else ()
    return frozenset(policy for policy in policies if isinstance(policy, str))


def identity(value: Mapping[str, Any]) -> str:
    """The id of a policy: its name, with its kind before it where it judges nothing."""
    name = str(_object(value, "metadata").get("name") or "").strip()
    return f"{value.get('kind')}.{name}" if is_exception(value) or why_idle(value) else name


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
