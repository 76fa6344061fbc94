"""Kyverno policies on Kubernetes objects: rules to one Result for each object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Severity
from gateproof.documents.interface import Path
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.engines.kyverno.actions import AUDIT
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.checks import PASSED
from gateproof.engines.kyverno.exceptions import Excepted, excepted
from gateproof.engines.kyverno.match import in_namespace
from gateproof.engines.kyverno.occasion import Occasion, Who, occasions
from gateproof.engines.kyverno.pod_security import PodSecurity
from gateproof.engines.kyverno.policy import KyvernoPolicy, Rule, load
from gateproof.engines.kyverno.requests import begin
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope
from gateproof.errors import EvaluationError
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

# What the rules say about one object together is the first of these that any of them says.
_PRECEDENCE = (Outcome.FAIL, Outcome.ERROR, Outcome.PASS, Outcome.SKIP)
_NO_EXCEPTIONS = Excepted()


class RuleOutcome(msgspec.Struct, frozen=True):
    """What one rule says about one object. ``audited``: Kyverno would let it pass, and say so."""

    rule: str
    outcome: Outcome
    message: str = ""
    path: Path = ()
    audited: bool = False


class KyvernoEngine:
    """Engine for ``EngineName.KYVERNO``."""

    def check(self, policy: Policy) -> None:
        """See Engine."""
        load(policy.sources)

    def evaluate(self, policy: Policy, subject: Input, facts: Mapping[str, Fact], *, now: str) -> Sequence[Result]:
        """See Engine. Objects that no rule is for have no Result; when there are none at all, one SKIP says so."""
        loaded = load(policy.sources)
        if subject.subject.kind is not InputKind.KUBERNETES:
            return [_skip(policy, "Kyverno policies judge Kubernetes objects")]
        answers = Answers(facts, subject.documents)
        results: list[Result] = []
        for occasion in occasions(subject, facts):
            outcomes: list[RuleOutcome] = []
            for one in loaded:
                outcomes += _judge(one, occasion, answers, now)
            if outcomes:
                results.append(_result(policy, occasion.resource, outcomes))
        idle: list[str] = []
        not_gating: list[str] = []
        for one in loaded:
            not_gating += one.not_gating
            if one.idle:
                idle.append(one.idle)
        reasons = idle if results or idle else ["no rule of this policy is for an object in this input"]
        if not_gating:
            reasons.append(f"rules that change or make objects do not gate: {', '.join(not_gating)}")
        return [*results, _skip(policy, "; ".join(reasons))] if reasons else results


def judge(
    policy: KyvernoPolicy,
    subject: Input,
    resource: Resource,
    answers: Answers | None = None,
    *,
    now: str = "",
    who: Who | None = None,
) -> Sequence[RuleOutcome]:
    """What each rule of ``policy`` that is for ``resource`` of ``subject`` says about it, in the order of the rules.

    ``who`` asks, where that is known otherwise than by the request.
    """
    known = answers or Answers({})
    return _judge(policy, Occasion(subject, resource, known.facts, who), known, now)


def _judge(policy: KyvernoPolicy, occasion: Occasion, answers: Answers, now: str) -> Sequence[RuleOutcome]:
    if occasion.malformed:
        return (RuleOutcome("", Outcome.ERROR, f"metadata.{occasion.malformed} is of a wrong type"),)
    rules = policy.rules_for(occasion.about)
    if not rules or (policy.namespace is not None and not in_namespace(policy.namespace, occasion)):
        return ()
    scope: Scope | None = None
    outcomes: list[RuleOutcome] = []
    for rule, test in rules:
        try:
            if not test(occasion):
                continue
        except UndecidableError as error:
            outcomes.append(RuleOutcome(rule.name, Outcome.ERROR, f"rule {rule.name}: {error}"))
            continue
        if scope is None:
            if (unmet := _unmet(policy, occasion)) is not None:
                return [*outcomes, *unmet]
            scope = begin(occasion, answers, now)
        found = _NO_EXCEPTIONS
        if policy.exceptions:
            found = excepted(policy.exceptions, policy.key, rule.name, occasion, scope, now)
        outcome = _apply(rule, scope, found)
        if outcome.outcome is Outcome.FAIL:
            outcome = _told(outcome, found, audited=rule.actions.action(occasion) == AUDIT)
        outcomes.append(outcome)
        if policy.first_only and outcome.outcome in (Outcome.PASS, Outcome.FAIL):
            break
    return outcomes


def _unmet(policy: KyvernoPolicy, occasion: Occasion) -> tuple[RuleOutcome, ...] | None:
    """What is said where the conditions of a policy do not hold (nothing), or cannot be evaluated."""
    if policy.conditions is None:
        return None
    from gateproof.engines.validating.expressions import Bindings

    verdict = policy.conditions.judge(Bindings.of(occasion.request))
    if verdict.unmet:
        return ()
    said = f"matchConditions: {'; '.join(verdict.errors)}"
    return (RuleOutcome("", Outcome.ERROR, said),) if verdict.errors else None


def _told(outcome: RuleOutcome, found: Excepted, *, audited: bool) -> RuleOutcome:
    """A failure with what its rule's action is, and why exceptions that would be for it do not count."""
    said = "; ".join((outcome.message, *found.idle))
    return msgspec.structs.replace(outcome, message=f"{said} ({AUDIT})" if audited else said, audited=audited)


def _apply(rule: Rule, outer: Scope, exceptions: Excepted) -> RuleOutcome:
    by_control = rule.check if isinstance(rule.check, PodSecurity) else None
    if exceptions.counting and (exceptions.whole or by_control is None):
        return RuleOutcome(rule.name, Outcome.SKIP, f"rule {rule.name}: {exceptions.said}")
    scope = outer.inner({}, rule.context) if rule.context else outer
    try:
        holds, unmet = rule.preconditions.judge(scope)
        if not holds:
            reason = f"preconditions are not met{f': {unmet}' if unmet else ''}"
            return RuleOutcome(rule.name, Outcome.SKIP, f"rule {rule.name}: {reason}")
        verdict = rule.check.judge(scope)
        some = exceptions.exclusions if verdict.outcome is Outcome.FAIL else ()
        if by_control and some and by_control.judge_but(scope, some) == PASSED:
            return RuleOutcome(rule.name, Outcome.SKIP, f"rule {rule.name}: {exceptions.said}")
    except UndecidableError as error:
        return RuleOutcome(rule.name, Outcome.ERROR, f"rule {rule.name}: {error}")
    except EvaluationError as error:
        return RuleOutcome(rule.name, Outcome.ERROR, f"rule {rule.name}: {error.one_line}")
    except RecursionError:
        return RuleOutcome(rule.name, Outcome.ERROR, f"rule {rule.name}: values are nested too deeply")
    if verdict.outcome is Outcome.PASS:
        return RuleOutcome(rule.name, Outcome.PASS)
    if verdict.outcome is not Outcome.FAIL:
        return RuleOutcome(rule.name, verdict.outcome, f"rule {rule.name}: {verdict.detail}")
    text = ": ".join(part for part in (rule.message(scope), verdict.detail) if part)
    return RuleOutcome(rule.name, Outcome.FAIL, f"{text or 'denied'} (rule {rule.name})", verdict.path)


def _result(policy: Policy, resource: Resource, outcomes: list[RuleOutcome]) -> Result:
    said = _deciding(outcomes)
    outcome = said[0].outcome
    if outcome is not Outcome.FAIL:
        return Result(policy.id, resource.address, outcome, "; ".join([one.message for one in said]))
    findings = tuple(
        Finding(
            policy.id,
            resource.address,
            one.message,
            # What is only audited is of low severity, whatever the policy's.
            Severity.LOW if one.audited else policy.severity,
            policy.controls,
            resource.document,
            (*resource.path, *one.path),
            True if one.audited else msgspec.UNSET,
            one.rule or msgspec.UNSET,
        )
        for one in said
    )
    return Result(policy.id, resource.address, outcome, "", findings)


def _deciding(outcomes: list[RuleOutcome]) -> list[RuleOutcome]:
    """Those that say what the rules say together."""
    if len(outcomes) > 1:
        for outcome in _PRECEDENCE:
            if said := [one for one in outcomes if one.outcome is outcome]:
                return said
    return outcomes


def _skip(policy: Policy, reason: str) -> Result:
    return Result(policy.id, "", Outcome.SKIP, reason)
