"""From the YAML of a ValidatingAdmissionPolicy and its bindings to what can be evaluated.

Whatever is not understood is refused here, each problem with its file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

import msgspec

from gateproof.catalog.admission_policies import BINDING, GROUP, POLICY
from gateproof.catalog.policy import Source
from gateproof.documents.interface import Path
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems, manifests
from gateproof.engines.validating import spec
from gateproof.engines.validating.cluster import ParamRef
from gateproof.engines.validating.expressions import Compiler, Validations
from gateproof.engines.validating.matching import MatchResources
from gateproof.errors import PolicyError

DENY, WARN, AUDIT = "Deny", "Warn", "Audit"
_VERSIONS = ("v1", "v1beta1")
_IDLE = {
    "MutatingAdmissionPolicy": "what changes objects does not gate",
    "MutatingAdmissionPolicyBinding": "what changes objects does not gate",
    "MutatingWebhookConfiguration": "what it asks judges nothing here",
    "ValidatingWebhookConfiguration": "what it asks judges nothing here",
}
_HINT = "correct what is listed, or leave this policy to the API server"
_SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["matchConstraints"],
    "properties": {
        "paramKind": spec.PARAM_KIND,
        "matchConstraints": spec.MATCH_RESOURCES,
        "matchConditions": spec.MATCH_CONDITIONS,
        "variables": spec.VARIABLES,
        "validations": spec.VALIDATIONS,
        "auditAnnotations": spec.AUDIT_ANNOTATIONS,
        "failurePolicy": {"type": "string", "enum": ["Fail", "Ignore"]},
    },
}
_BINDING: dict[str, Any] = {
    "type": "object",
    "required": ["policyName", "validationActions"],
    "properties": {
        "policyName": {"type": "string", "minLength": 1},
        "paramRef": spec.PARAM_REF,
        "matchResources": spec.MATCH_RESOURCES,
        "validationActions": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": [DENY, WARN, AUDIT]},
        },
    },
}


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """Where and with which parameters a policy judges, and what is done about what it finds."""

    name: str
    actions: tuple[str, ...]
    match: MatchResources = MatchResources()
    params: ParamRef | None = None


class AdmissionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A ValidatingAdmissionPolicy with its bindings. ``given``: objects among which its parameters may be.

    ``ignores_errors``: ``failurePolicy: Ignore``.
    """

    name: str
    match: MatchResources
    validations: Validations
    bindings: tuple[Binding, ...] = ()
    ignores_errors: bool = False
    given: tuple[dict[str, Any], ...] = ()


class Idle(msgspec.Struct, frozen=True):
    """What judges nothing, and why."""

    reason: str


@lru_cache(maxsize=512)
def load(sources: tuple[Source, ...]) -> AdmissionPolicy | Idle:
    """What ``sources`` hold. Raises PolicyError with every problem, each with its file and line."""
    found = manifests(sources)
    ours = [one for one in found if one.group == GROUP]
    policies = [one for one in ours if one.kind == POLICY]
    if len(found) == 1 and found == ours and (why := _IDLE.get(found[0].kind)):
        return Idle(f"{found[0].kind}: {why}")
    if len(policies) != 1:
        names = ", ".join(dict.fromkeys(source.name for source in sources))
        raise PolicyError(f"it is not one {POLICY} with its bindings", where=names or None, hint=_HINT)
    problems = Problems()
    bound = [one for one in ours if one.kind == BINDING]
    given = tuple(one.value for one in found if one.group != GROUP)
    policy = _policy(policies[0], bound, given, problems)
    if policy is None or problems.found:
        raise PolicyError(
            f"the policy {policies[0].name} cannot be used", hint=_HINT, problems=list(dict.fromkeys(problems.found))
        )
    return policy if policy.bindings else Idle("no ValidatingAdmissionPolicyBinding binds it: it judges nothing")


def _policy(
    manifest: Manifest, bound: Iterable[Manifest], given: tuple[dict[str, Any], ...], problems: Problems
) -> AdmissionPolicy | None:
    raw = _spec(manifest, _SPEC, problems)
    bindings = [(one, _spec(one, _BINDING, problems)) for one in bound]
    if raw is None:
        return None
    report = partial(_report, problems, manifest)
    if not raw.get("validations") and not raw.get("auditAnnotations"):
        report((), "it has neither validations nor auditAnnotations")
    compiler = Compiler(report, params=bool(raw.get("paramKind")))
    lists = ("matchConditions", "variables", "validations", "auditAnnotations")
    listed = {name: ((name,), raw.get(name) or []) for name in lists}
    return AdmissionPolicy(
        name=manifest.name,
        match=spec.match_resources(raw["matchConstraints"] or {}, ("matchConstraints",), report),
        validations=compiler.compile(
            conditions=listed["matchConditions"],
            variables=listed["variables"],
            validations=listed["validations"],
            annotations=listed["auditAnnotations"],
        ),
        bindings=tuple(
            _binding(one, found, raw.get("paramKind"), problems) for one, found in bindings if found is not None
        ),
        ignores_errors=raw.get("failurePolicy") == "Ignore",
        given=given,
    )


def _binding(manifest: Manifest, raw: Mapping[str, Any], kind: Mapping[str, Any] | None, problems: Problems) -> Binding:
    report = partial(_report, problems, manifest)
    actions = tuple(raw["validationActions"])
    if len(set(actions)) != len(actions) or {DENY, WARN} <= set(actions):
        report(("validationActions",), "an action is there twice, or Warn beside Deny")
    return Binding(
        name=manifest.name,
        actions=actions,
        match=spec.match_resources(raw.get("matchResources") or {}, ("matchResources",), report),
        params=spec.param_ref(kind, raw.get("paramRef"), ("paramRef",), report),
    )


def _spec(manifest: Manifest, fitting: dict[str, Any], problems: Problems) -> dict[str, Any] | None:
    """The spec of a manifest, if it fits its schema."""
    found = list(schema.problems(fitting, manifest.value.get("spec"), ("spec",)))
    for path, message in found:
        problems.add(manifest, path, message)
    if manifest.version not in _VERSIONS:
        problems.add(manifest, ("apiVersion",), f"{manifest.version} is none of {', '.join(_VERSIONS)}")
    if not manifest.name:
        problems.add(manifest, ("metadata",), "it has no name")
    raw: dict[str, Any] | None = None if found else manifest.value["spec"]
    return raw


def _report(problems: Problems, manifest: Manifest, path: Path, message: str) -> None:
    problems.add(manifest, ("spec", *path), message)
