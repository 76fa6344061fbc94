"""ValidatingPolicy and NamespacedValidatingPolicy of ``policies.kyverno.io``: a ValidatingAdmissionPolicy of Kyverno's.

It needs no binding, has more functions (see ``cel_library``), and one for Pods alone is for what makes Pods, too. The
other kinds of the API group do not gate here, and say so. On purpose it differs from Kyverno in these, each time
towards the stricter: every validation is asked, not only until one fails; ``evaluation`` turns nothing off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import msgspec

from gateproof import inputs
from gateproof.catalog.kyverno import CEL_IDLE
from gateproof.catalog.policy import InputKind, Policy, Source
from gateproof.documents.interface import Path
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems, manifests
from gateproof.engines.kyverno import cel_exceptions
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.cel_exceptions import CelException, Excepted, excepted
from gateproof.engines.validating import spec
from gateproof.engines.validating.cluster import Cluster
from gateproof.engines.validating.engine import Found, told
from gateproof.engines.validating.expressions import Bindings, Compiler, Report, Validations, Verdict
from gateproof.engines.validating.matching import MatchResources
from gateproof.errors import EvaluationError, PolicyError
from gateproof.inputs import admission
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input

GROUP = "policies.kyverno.io"
KINDS = ("ValidatingPolicy", "NamespacedValidatingPolicy")
_VERSIONS = ("v1", "v1beta1", "v1alpha1")
_HINT = "correct what is listed, or run this policy with Kyverno itself"
_DEFAULTS, _CRON_JOBS = ("spec", "template"), ("spec", "jobTemplate", "spec", "template")
_CONTROLLERS: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(("daemonsets", "deployments", "replicasets", "statefulsets"), ("apps", _DEFAULTS)),
    "jobs": ("batch", _DEFAULTS),
    "cronjobs": ("batch", _CRON_JOBS),
}
"""Resource → its API group, and where its Pod template stands."""
_PLACE = re.compile(r"(object|oldObject)\.(spec|metadata)(?!\.namespace(?![A-Za-z0-9_]))")
_SWITCH: dict[str, Any] = {"type": "object", "properties": {"enabled": {"type": "boolean"}}}
_SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["matchConstraints", "validations"],
    "properties": {
        "matchConstraints": spec.MATCH_RESOURCES,
        "matchConditions": spec.MATCH_CONDITIONS,
        "variables": spec.VARIABLES,
        "validations": {**spec.VALIDATIONS, "minItems": 1, "nullable": False},
        "auditAnnotations": spec.AUDIT_ANNOTATIONS,
        "failurePolicy": {"type": "string", "enum": ["Fail", "Ignore"]},
        "validationActions": {"type": "array", "items": {"type": "string", "enum": ["Deny", "Warn", "Audit"]}},
        "autogen": {
            "type": "object",
            "properties": {
                "podControllers": {
                    "type": "object",
                    "properties": {"controllers": {"type": "array", "items": {"type": "string"}}},
                },
                "validatingAdmissionPolicy": _SWITCH,
            },
        },
        "evaluation": {
            "type": "object",
            "properties": {
                "mode": {"type": "string", "enum": ["Kubernetes", "JSON"]},
                "admission": _SWITCH,
                "background": _SWITCH,
            },
        },
        "webhookConfiguration": {"type": "object", "properties": {"timeoutSeconds": {"type": "integer"}}},
    },
}


class Part(msgspec.Struct, frozen=True):
    """What is judged: the policy's own validations, or those generated from them for controllers."""

    match: MatchResources
    validations: Validations


class ValidatingPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A ValidatingPolicy, or (with ``namespace``) a NamespacedValidatingPolicy, and the exceptions from it."""

    name: str
    parts: tuple[Part, ...]
    actions: tuple[str, ...]
    namespace: str | None = None
    ignores_errors: bool = False
    exceptions: tuple[CelException, ...] = ()


class Idle(msgspec.Struct, frozen=True):
    """What judges nothing, and why."""

    reason: str


class ValidatingPolicyEngine:
    """Engine for ``EngineName.KYVERNO_VALIDATING``."""

    def check(self, policy: Policy) -> None:
        """See Engine."""
        load(policy.sources)

    def evaluate(self, policy: Policy, subject: Input, facts: Mapping[str, Fact], *, now: str) -> Sequence[Result]:
        """See Engine. Objects that the policy is not for have no Result; when it is for none, one SKIP says so."""
        from gateproof.engines.kyverno.cel_library import variables

        loaded = load(policy.sources)
        if isinstance(loaded, Idle):
            return [_skip(policy, loaded.reason)]
        if subject.subject.kind is not InputKind.KUBERNETES:
            return [_skip(policy, "ValidatingPolicies judge Kubernetes objects")]
        cluster, answers = Cluster(subject.documents, facts), Answers(facts, subject.documents)
        more = variables(answers, now, loaded.namespace)
        results = []
        for resource in inputs.resources(subject):
            request = admission.request(subject, resource)
            try:
                found, out = judge(loaded, request, cluster, more, now)
            except EvaluationError as error:
                found, out = [Found(Verdict(errors=(error.one_line,)), "", ())], Excepted()
            if out.whole is not None:
                reason = f"excepted by the PolicyException {out.whole.name} until {out.whole.expires}"
                results.append(Result(policy.id, resource.address, Outcome.SKIP, reason))
            elif found:
                result = told(policy, resource, found, ignores_errors=loaded.ignores_errors)
                reason = "; ".join((*filter(None, [result.reason]), *out.idle))
                results.append(msgspec.structs.replace(result, reason=reason))
        return results or [_skip(policy, "its matchConstraints select no object in this input")]


def judge(
    policy: ValidatingPolicy, request: Mapping[str, Any], cluster: Cluster, more: Mapping[str, Any], now: str
) -> tuple[list[Found], Excepted]:
    """What ``policy`` says about an AdmissionRequest, and the exceptions for it; nothing where it is not for it.

    ``more``: variables of ``cel_library``. Raises EvaluationError when it cannot be told whether it is for it.
    """
    kind, namespace = request["kind"], request["namespace"]
    if policy.namespace is not None and namespace != policy.namespace:
        return [], Excepted()
    parts = [part for part in policy.parts if part.match.selects(request, cluster.labels_of_namespace)]
    if not parts:
        return [], Excepted()
    inside = "" if (kind["group"], kind["kind"]) == ("", "Namespace") else namespace
    bindings = msgspec.structs.replace(Bindings.of(request, inside, cluster), whole_request=True, more=more)
    out = excepted(policy.exceptions, bindings, now)
    if out.whole is not None:
        return [], out
    if out.images or out.values:
        allowed = {"allowedImages": list(out.images), "allowedValues": list(out.values)}
        bindings = msgspec.structs.replace(bindings, more={**more, "exceptions": allowed})
    return [Found(part.validations.judge(bindings), "", policy.actions) for part in parts], out


@lru_cache(maxsize=512)
def load(sources: tuple[Source, ...]) -> ValidatingPolicy | Idle:
    """The policy in ``sources``. Raises PolicyError with every problem, each with its file and line."""
    found = manifests(sources)
    policies = [one for one in found if one.kind != cel_exceptions.KIND]
    if any(one.group != GROUP for one in found) or len(policies) > 1 or not found:
        names = ", ".join(dict.fromkeys(source.name for source in sources))
        raise PolicyError(f"it is not one policy of {GROUP}", where=names or None, hint=_HINT)
    problems = Problems()
    for one in found:
        if one.version not in _VERSIONS:
            problems.add(one, ("apiVersion",), f"{one.version} is none of {', '.join(_VERSIONS)}")
    exceptions = [_exception(one, problems) for one in found if one.kind == cel_exceptions.KIND]
    policy = _policy(policies[0], problems) if policies and not problems.found else None
    if problems.found:
        every = list(dict.fromkeys(problems.found))
        raise PolicyError(f"the policy {found[0].name} cannot be used", hint=_HINT, problems=every)
    if policy is None:
        return Idle("the policy that it is an exception from is not here")
    if isinstance(policy, Idle):
        return policy
    return msgspec.structs.replace(policy, exceptions=tuple(one for one in exceptions if one is not None))


def _exception(manifest: Manifest, problems: Problems) -> CelException | None:
    return cel_exceptions.read(manifest, _compiler(partial(_report, problems, manifest)), problems)


def _report(problems: Problems, manifest: Manifest, path: Path, message: str) -> None:
    problems.add(manifest, ("spec", *path), message)


def _compiler(report: Report) -> Compiler:
    from gateproof import cel
    from gateproof.engines.kyverno.cel_library import FUNCTIONS, VARIABLES

    return Compiler(report, functions=FUNCTIONS, more=VARIABLES, libraries=cel.EVERYTHING | {"homogeneous"})


def _policy(manifest: Manifest, problems: Problems) -> ValidatingPolicy | Idle | None:
    report = partial(_report, problems, manifest)
    if why := CEL_IDLE.get(manifest.kind.removeprefix("Namespaced")):
        return Idle(f"{manifest.kind}: {why}")
    if manifest.kind not in KINDS:
        problems.add(manifest, ("kind",), f"{manifest.kind} is not supported (expected {' or '.join(KINDS)})")
        return None
    for path, message in schema.problems(_SPEC, manifest.value.get("spec")):
        report(path, message)
    if problems.found:
        return None
    raw: dict[str, Any] = manifest.value["spec"]
    if (raw.get("evaluation") or {}).get("mode") == "JSON":
        report(("evaluation", "mode"), "JSON is not supported: what is judged here are Kubernetes objects")
    parts = [_part(raw, report)]
    if not problems.found:
        parts += [_part(one, report) for one in _generated(raw, report)]
    metadata = manifest.value["metadata"]
    return ValidatingPolicy(
        name=manifest.name,
        parts=tuple(parts),
        actions=tuple(raw.get("validationActions") or ("Deny",)),
        namespace=(metadata.get("namespace") or "default") if manifest.kind == KINDS[1] else None,
        ignores_errors=raw.get("failurePolicy") == "Ignore",
    )


def _part(raw: Mapping[str, Any], report: Report) -> Part:
    lists = ("matchConditions", "variables", "validations", "auditAnnotations")
    listed = {name: ((name,), raw.get(name) or []) for name in lists}
    validations = _compiler(report).compile(
        conditions=listed["matchConditions"],
        variables=listed["variables"],
        validations=listed["validations"],
        annotations=listed["auditAnnotations"],
        conditions_see_namespace=True,
    )
    match = raw["matchConstraints"] or {}
    return Part(spec.match_resources(match, ("matchConstraints",), report), validations)


def _generated(raw: Mapping[str, Any], report: Report) -> Iterator[dict[str, Any]]:
    """The spec for the controllers whose Pods a spec for Pods is about, for each place of the Pod template."""
    match = raw["matchConstraints"] or {}
    if not _is_for_pods(match):
        return
    named = ((raw.get("autogen") or {}).get("podControllers") or {}).get("controllers")
    chosen = set(_CONTROLLERS if named is None else named)
    for name in sorted(chosen - _CONTROLLERS.keys()):
        path = ("autogen", "podControllers", "controllers")
        report(path, f"{name!r} is no Pod controller (expected {', '.join(_CONTROLLERS)})")
    (rule,) = match["resourceRules"]
    for place in (_DEFAULTS, _CRON_JOBS):
        resources = [
            (group, name) for name, (group, where) in _CONTROLLERS.items() if where == place and name in chosen
        ]
        rules = [
            {
                "apiGroups": [group],
                "apiVersions": ["v1"],
                "operations": rule["operations"],
                "resources": [name for owner, name in resources if owner == group],
            }
            for group in sorted({group for group, _ in resources})
        ]
        if rules:
            constraints = {"resourceRules": rules, "namespaceSelector": match.get("namespaceSelector")}
            yield {**redirected({**raw, "matchConstraints": None}, place), "matchConstraints": constraints}


def _is_for_pods(match: Mapping[str, Any]) -> bool:
    """Whether it is for Pods and nothing else, and none of them by what a controller has not."""
    rules = match.get("resourceRules") or []
    selector = match.get("objectSelector") or {}
    if len(rules) != 1 or match.get("excludeResourceRules") or any(selector.values()) or rules[0].get("resourceNames"):
        return False
    rule = rules[0]
    return (rule["apiGroups"], rule["apiVersions"], rule["resources"]) == ([""], ["v1"], ["pods"])


def redirected(value: Any, template: tuple[str, ...]) -> Any:
    """A spec in which ``object.spec`` and ``object.metadata`` are those of the Pod template at ``template``.

    As Kyverno does it, in every text; ``object.metadata.namespace`` stays that of the object.
    """
    if isinstance(value, str):
        return _PLACE.sub(rf"\1.{'.'.join(template)}.\2", value)
    if isinstance(value, dict):
        return {key: redirected(one, template) for key, one in value.items()}
    return [redirected(one, template) for one in value] if isinstance(value, list) else value


def _skip(policy: Policy, reason: str) -> Result:
    return Result(policy.id, "", Outcome.SKIP, reason)
