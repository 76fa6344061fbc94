"""Engines: policies and an Input → Results, one for each policy and resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter

from msgspec import UnsetType

from gateproof.catalog.bundle import Bundle
from gateproof.catalog.cluster_facts import CLUSTER_FACTS
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.documents import collector
from gateproof.engines.bounds import MAX_FINDINGS, bounded
from gateproof.engines.interface import Engine, Finding, Outcome, Result
from gateproof.errors import GateproofError, PolicyError
from gateproof.inputs.context import Context, Fact, why_unusable
from gateproof.inputs.input import Input

__all__ = ["Engine", "Finding", "Outcome", "Result", "check", "engine_for", "evaluate"]


@cache
def engine_for(name: EngineName) -> Engine:
    """The engine that runs policies written in this way. Only the engine that is asked for is imported."""
    match name:
        case EngineName.REGO | EngineName.REGO_RESOURCE:
            from gateproof.engines.rego import RegoEngine

            return RegoEngine()
        case EngineName.KYVERNO:
            from gateproof.engines.kyverno.engine import KyvernoEngine

            return KyvernoEngine()
        case EngineName.GATEKEEPER:
            from gateproof.engines.gatekeeper.engine import GatekeeperEngine

            return GatekeeperEngine()
        case EngineName.KYVERNO_VALIDATING:
            from gateproof.engines.kyverno.validating_policy import ValidatingPolicyEngine

            return ValidatingPolicyEngine()
        case EngineName.VALIDATING:
            from gateproof.engines.validating.engine import ValidatingEngine

            return ValidatingEngine()


def check(*policies: Policy) -> None:
    """Load ``policies`` and throw the result away. Raises PolicyError with all problems of all of them."""
    failed: list[PolicyError] = []
    for policy in policies:
        try:
            engine_for(policy.engine).check(policy)
        except PolicyError as error:
            failed.append(error)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        problems = [problem for error in failed for problem in error.problems or (f"{error} ({error.hint})",)]
        raise PolicyError("the policies cannot be used", problems=problems, hint="correct them and run again")


def evaluate(
    subject: Input,
    bundle: Bundle,
    context: Context,
    facts: Mapping[str, Fact],
    *,
    now: str,
    rego: Engine | None = None,
) -> tuple[Result, ...]:
    """Results of every policy of ``bundle`` on ``subject``, by policy id and resource; ``now`` is RFC 3339 UTC.

    ``rego`` stands in for the engine of policies in Rego.
    Never raises for what a policy or an input does: whatever could not be evaluated is an ERROR. An input without
    documents has no results, since nothing of it can be judged. Of very many findings on one object of a cluster the
    first are kept, see ``bounds``.
    """
    if subject.problem and not subject.documents:
        return ()
    results: list[Result] = []
    usable = {name: fact for name in CLUSTER_FACTS if (fact := facts.get(name)) and not why_unusable(fact, now)}
    with collector.paused():
        for policy in bundle.policies:
            results.extend(_evaluate(policy, subject, context, facts, usable, now, rego))
    if subject.subject.kind is InputKind.KUBERNETES:
        results = [bounded(each) if len(each.findings) > MAX_FINDINGS else each for each in results]
    results.sort(key=attrgetter("policy", "resource"))
    return tuple(results)


def _evaluate(
    policy: Policy,
    subject: Input,
    context: Context,
    facts: Mapping[str, Fact],
    usable: Mapping[str, Fact],
    now: str,
    rego: Engine | None,
) -> Sequence[Result]:
    """Results of one policy; ``usable`` are the facts about the cluster that are at hand and not too old."""
    if reason := _out_of_scope(policy, subject, context):
        return (Result(policy.id, "", Outcome.SKIP, reason),)
    if policy.facts:
        unusable = {name: why for name in policy.facts if (why := why_unusable(facts.get(name), now))}
        if unusable:
            reasons = [f"the fact {name} {why}" for name, why in unusable.items()]
            return (Result(policy.id, "", Outcome.ERROR, "; ".join(reasons)),)
        usable = {**usable, **{name: facts[name] for name in policy.facts}}
    try:
        engine = rego if rego and policy.engine.is_rego else engine_for(policy.engine)
        return engine.evaluate(policy, subject, usable, now=now)
    except GateproofError as error:
        return (Result(policy.id, "", Outcome.ERROR, error.one_line),)
    except Exception as error:  # noqa: BLE001 - a bug in an engine must end as UNDECIDED, not as a traceback
        # The error's text may differ from run to run, and decisions must not.
        return (Result(policy.id, "", Outcome.ERROR, f"the engine failed: {type(error).__name__}"),)


def _out_of_scope(policy: Policy, subject: Input, context: Context) -> str:
    """Why the policy is not for this input or context; empty when it is."""
    kind = subject.subject.kind
    if policy.kinds and kind not in policy.kinds:
        return f"judges {' and '.join(policy.kinds)}, this is {kind}"
    if policy.engine.is_rego and (reason := _not_written(subject)):
        return reason
    scope = policy.scope
    if not (scope.environments or scope.tiers or scope.classifications):
        return ""
    for allowed, value, name in (
        (scope.environments, context.environment, "environment"),
        (scope.tiers, context.tier, "tier"),
        (scope.classifications, context.data_classification, "data classification"),
    ):
        if allowed and value not in allowed:
            return f"is for {name} {' or '.join(allowed)}, this is {value}"
    return ""


_WHOLE_OBJECTS = ("", "ephemeralcontainers", "resize")
"""Subresources whose requests have the whole object, about to be changed in what policies judge."""


def _not_written(subject: Input) -> str:
    """Why a policy that says nothing of requests is not for this one; empty where an object is created or changed."""
    if isinstance(subject.request, UnsetType):
        return ""
    operation, subresource = subject.request["operation"], subject.request.get("subResource", "")
    if operation not in ("CREATE", "UPDATE"):
        return f"judges what is created or changed, this is {operation}"
    return "" if subresource in _WHOLE_OBJECTS else f"judges whole objects, this is the subresource {subresource}"
