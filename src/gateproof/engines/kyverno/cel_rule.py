"""``validate.cel``: validations in CEL, as an API server evaluates them, in a rule of Kyverno.

What cannot be evaluated is a failure, as it is in Kyverno, whose rules know no failurePolicy of their own
(https://kyverno.io/docs/policy-types/cluster-policy/validate/#common-expression-language-cel). It differs in this:
who asks, parameters, and more of a namespace than its name are errors where they are not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.interface import Outcome
from gateproof.engines.kubernetes import schema
from gateproof.engines.kyverno.checks import CheckError, Reading, Verdict
from gateproof.engines.kyverno.scope import Scope
from gateproof.engines.validating import spec
from gateproof.engines.validating.cluster import Cluster, ParamRef
from gateproof.engines.validating.expressions import Bindings, Compiler, Listed, Validations

_CEL: dict[str, Any] = {
    "type": "object",
    "required": ["expressions"],
    "properties": {
        "generate": {"type": "boolean"},
        "expressions": {**spec.VALIDATIONS, "minItems": 1},
        "variables": spec.VARIABLES,
        "auditAnnotations": spec.AUDIT_ANNOTATIONS,
        "paramKind": spec.PARAM_KIND,
        "paramRef": spec.PARAM_REF,
    },
}
_CONDITIONS = ("celPreconditions",)
_MATCH_CONDITIONS = ("matchConditions",)
_BELOW = ("validate", "cel")


class CelRule(msgspec.Struct, frozen=True, kw_only=True):
    """A check that is written in CEL."""

    validations: Validations
    params: ParamRef | None = None

    def judge(self, scope: Scope) -> Verdict:
        """See Check."""
        request = scope.data["request"]
        cluster = Cluster(scope.answers.manifests, scope.answers.facts)
        name = "" if request["kind"]["kind"] == "Namespace" else request["namespace"]
        params: Sequence[Any] = (None,) if self.params is None else cluster.parameters(self.params, name)
        if not params:
            return Verdict(Outcome.SKIP, "there are no parameters for it")
        said: dict[str, None] = {}
        for one in params:
            verdict = self.validations.judge(Bindings.of(request, name, cluster, one))
            if verdict.unmet:
                return Verdict(Outcome.SKIP, f"the precondition {verdict.unmet} does not hold")
            said |= dict.fromkeys((*verdict.failed, *verdict.errors))
        return Verdict(Outcome.FAIL if said else Outcome.PASS, "; ".join(said))


def read_match_conditions(raw: Any) -> Validations:
    """``matchConditions`` of a policy: a list. Raises CheckError with all that is wrong with it."""
    problems = list(schema.problems(spec.MATCH_CONDITIONS, raw, _MATCH_CONDITIONS))

    def report(path: Path, message: str) -> None:
        problems.append((path, message))

    none: Listed = ((), [])
    found = Compiler(report).compile(
        conditions=none if problems else (_MATCH_CONDITIONS, raw), variables=none, validations=none, annotations=none
    )
    if problems:
        raise CheckError("; ".join(f"{spec.shown(path)}: {message}" for path, message in problems))
    return found


def read(reading: Reading) -> CelRule:
    """The check in a rule whose ``validate`` has ``cel``. Raises CheckError with all that is wrong with it."""
    rule: Mapping[str, Any] = reading.rule
    raw = rule["validate"]["cel"]
    conditions = rule.get("celPreconditions") or []
    problems = [*schema.problems(_CEL, raw, _BELOW), *schema.problems(spec.MATCH_CONDITIONS, conditions, _CONDITIONS)]

    def report(path: Path, message: str) -> None:
        problems.append((path, message))

    found = None
    if not problems:
        params = spec.param_ref(raw.get("paramKind"), raw.get("paramRef"), (*_BELOW, "paramRef"), report)
        if params is None and ("paramKind" in raw or "paramRef" in raw):
            report(_BELOW, "paramKind and paramRef belong together")
        lists = {name: ((*_BELOW, name), raw.get(name) or []) for name in ("variables", "auditAnnotations")}
        validations = Compiler(report, params=params is not None).compile(
            conditions=(_CONDITIONS, conditions),
            variables=lists["variables"],
            validations=((*_BELOW, "expressions"), raw["expressions"]),
            annotations=lists["auditAnnotations"],
        )
        found = CelRule(validations=validations, params=params)
    if found is None or problems:
        raise CheckError("; ".join(f"{spec.shown(path)}: {message}" for path, message in problems))
    return found
