"""A bundle's policies on an input: scope, facts, order, and engines that break."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateproof import engines, inputs
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.policy import EngineName, InputKind, Policy, Scope, Source
from gateproof.catalog.scales import Classification, Environment, Severity, Tier
from gateproof.engines.gatekeeper.engine import GatekeeperEngine
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.engines.kyverno.validating_policy import ValidatingPolicyEngine
from gateproof.engines.rego import RegoEngine
from gateproof.engines.validating.engine import ValidatingEngine
from gateproof.errors import BudgetError, PolicyError
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Input

NOW = "2026-11-23T05:00:00Z"
PODS = inputs.parse(
    b"".join(
        b"---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: []}\n" % name
        for name in b"b a".split()
    )
)
DENY = 'package main\n\ndeny contains "no" if true\n'


def policy(id: str = "p", text: str = DENY, **more: Any) -> Policy:
    source = (Source("policy.rego", text),)
    return Policy(id=id, engine=EngineName.REGO, title=id, severity=Severity.HIGH, sources=source, **more)


def evaluate(
    *policies: Policy, subject: Input = PODS, facts: Mapping[str, Fact] | None = None, **context: Any
) -> tuple[Result, ...]:
    bundle = Bundle(policies, (), GateTable(()))
    return engines.evaluate(subject, bundle, Context(**context), facts or {}, now=NOW)


def test_results_stand_by_policy_and_resource() -> None:
    found = evaluate(policy("z"), policy("a"))
    assert [(one.policy, one.resource) for one in found] == [
        ("a", "v1/Pod/a"),
        ("a", "v1/Pod/b"),
        ("z", "v1/Pod/a"),
        ("z", "v1/Pod/b"),
    ]
    assert {one.outcome for one in found} == {Outcome.FAIL}


def test_an_input_with_a_problem_has_no_results() -> None:
    assert evaluate(policy(), subject=inputs.parse(b"")) == ()


def test_a_policy_for_another_kind_is_skipped() -> None:
    (result,) = evaluate(policy(kinds=(InputKind.TERRAFORM_PLAN,)))
    assert (result.resource, result.outcome) == ("", Outcome.SKIP)
    assert result.reason == "judges terraform-plan, this is kubernetes"


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        (Scope(environments=(Environment.PROD,)), "is for environment prod, this is dev"),
        (Scope(tiers=(Tier.ONE, Tier.TWO)), "is for tier 2 or 1, this is 3"),
        (Scope(classifications=(Classification.RESTRICTED,)), "is for data classification restricted, this is public"),
    ],
)
def test_a_policy_out_of_scope_is_skipped(scope: Scope, reason: str) -> None:
    scope = Scope(scope.environments, tuple(sorted(scope.tiers, key=lambda tier: tier.rank)), scope.classifications)
    (result,) = evaluate(
        policy(scope=scope),
        environment=Environment.DEV,
        tier=Tier.THREE,
        data_classification=Classification.PUBLIC,
    )
    assert (result.outcome, result.reason) == (Outcome.SKIP, reason)
    # Nothing known counts as the strictest, which is in scope here.
    assert {one.outcome for one in evaluate(policy(scope=scope))} == {Outcome.FAIL}


def fact(observed_at: str = NOW, max_age: int = 3600) -> Fact:
    return Fact(name="freeze", source="test", observed_at=observed_at, max_age=max_age, value=1)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, "the fact freeze is missing"),
        ({"other": fact()}, "the fact freeze is missing"),
        ({"freeze": fact("2026-11-23T03:59:59Z")}, "is stale"),
        ({"freeze": fact("2026-11-23T05:00:01Z")}, "after 2026-11-23T05:00:00Z"),
        ({"freeze": fact("yesterday")}, "has no usable time"),
        ({"freeze": fact("2026-11-23T05:00:00")}, "has no usable time"),
        ({"freeze": fact(max_age=10**30)}, "has no usable time"),
    ],
)
def test_a_fact_that_cannot_be_relied_on_is_an_error(facts: dict[str, Fact], reason: str) -> None:
    (result,) = evaluate(policy(facts=("freeze",)), facts=facts)
    assert (result.resource, result.outcome) == ("", Outcome.ERROR)
    assert reason in result.reason


def test_a_fact_is_good_to_the_end_of_its_age() -> None:
    found = evaluate(policy(facts=("freeze",)), facts={"freeze": fact("2026-11-23T04:00:00Z")})
    assert {one.outcome for one in found} == {Outcome.FAIL}


def test_a_policy_sees_only_the_facts_that_it_names() -> None:
    text = 'package main\n\ndeny contains "seen" if data.facts.freeze\n'
    assert {one.outcome for one in evaluate(policy(text=text), facts={"freeze": fact()})} == {Outcome.PASS}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BudgetError("evaluation needs more than 5 steps"), "evaluation needs more than 5 steps"),
        (KeyError("<object at 0x7f0000>"), "the engine failed: KeyError"),
        (RecursionError("deep"), "the engine failed: RecursionError"),
        (MemoryError(), "the engine failed: MemoryError"),
    ],
)
def test_an_engine_that_breaks_is_an_error_of_its_policy(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def break_down(*_args: object, **_more: object) -> list[Result]:
        raise error

    monkeypatch.setattr(RegoEngine, "evaluate", break_down)
    (result,) = evaluate(policy("p"))
    assert result == Result("p", "", Outcome.ERROR, reason)


def test_a_policy_that_does_not_load_is_an_error_and_the_others_are_judged() -> None:
    found = evaluate(policy("bad", "package"), policy("good"))
    assert [(one.policy, one.outcome) for one in found] == [
        ("bad", Outcome.ERROR),
        ("good", Outcome.FAIL),
        ("good", Outcome.FAIL),
    ]


def test_check_says_what_is_wrong() -> None:
    engines.check(policy())
    with pytest.raises(PolicyError):
        engines.check(policy(text="package"))


def test_check_says_what_is_wrong_with_every_policy() -> None:
    with pytest.raises(PolicyError) as caught:
        engines.check(policy(text="package"), policy(), policy(text="package main\n"))
    assert len(caught.value.problems) == 2
    assert "it could never fail (name a rule deny" in caught.value.problems[1]


def test_every_way_of_writing_has_its_engine() -> None:
    assert {name: type(engines.engine_for(name)) for name in EngineName} == {
        EngineName.REGO: RegoEngine,
        EngineName.REGO_RESOURCE: RegoEngine,
        EngineName.KYVERNO: KyvernoEngine,
        EngineName.GATEKEEPER: GatekeeperEngine,
        EngineName.VALIDATING: ValidatingEngine,
        EngineName.KYVERNO_VALIDATING: ValidatingPolicyEngine,
    }
