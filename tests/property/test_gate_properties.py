"""Properties of the gate: order decides nothing, strictness is monotonic, layers do not reach the core."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable, Row
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.gate import Decision, Verdict, check_table, decide, merge, row_for
from gateproof.gate.table import cells
from gateproof.inputs.context import Claim, Context, Fact
from gateproof.inputs.input import Input, Subject

NOW = "2026-11-23T05:00:00Z"
PLAN = Input(Subject(InputKind.TERRAFORM_PLAN, "sha256:" + "1" * 64, 10))
POLICIES = tuple(
    Policy(id=name, engine=EngineName.REGO, title=name, severity=severity, remediation=f"mend {name}")
    for name, severity in (("a", Severity.LOW), ("b", Severity.HIGH), ("c", Severity.CRITICAL))
)

names = st.sampled_from(["a", "b", "c"])
resources = st.sampled_from(["", "x", "y", "z"])
paths = st.lists(st.one_of(st.integers(0, 3), st.sampled_from(["0", "k"])), max_size=3).map(tuple)
findings = st.builds(
    Finding,
    names,
    resources,
    st.text(max_size=3),
    st.sampled_from(Severity),
    st.just(()),
    st.integers(0, 1),
    paths,
    st.sampled_from([True, msgspec.UNSET]),
)
results = st.lists(
    st.builds(
        Result,
        names,
        resources,
        st.sampled_from(Outcome),
        st.text(max_size=3),
        st.lists(findings, max_size=3).map(tuple),
    ),
    max_size=8,
)
contexts = st.builds(
    Context,
    environment=st.sampled_from(Environment),
    tier=st.sampled_from(Tier),
    data_classification=st.sampled_from(Classification),
)


def columns(scale: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(scale), unique=True, max_size=2).map(tuple)


rows = st.lists(
    st.builds(
        Row,
        name=st.sampled_from(["r1", "r2", "r3", "r4"]),
        action=st.sampled_from(Action),
        environments=columns(Environment),
        tiers=columns(Tier),
        classifications=columns(Classification),
        severities=columns(Severity),
        layers=columns(Layer),
        policies=columns(["a", "b*", "*"]),
    ),
    max_size=3,
    unique_by=lambda row: row.name,
).map(tuple)


def judged(found: list[Result], context: Context, own: tuple[Row, ...] = (), **given_: Any) -> Decision:
    bundle = build(given_.pop("policies", POLICIES), merge(DEFAULT, GateTable(own)))
    return decide(PLAN, found, bundle=bundle, context=context, now=NOW, tool="gateproof 0", **given_)


@given(results, contexts, rows, st.randoms(use_true_random=False))
def test_the_same_things_in_any_order_give_the_same_bytes(
    found: list[Result], context: Context, own: tuple[Row, ...], chance: random.Random
) -> None:
    facts = [Fact(name=n, source="s", observed_at=NOW, max_age=1, value=1) for n in "xyz"]
    claims = tuple(Claim("tier", tier, "flag") for tier in Tier)
    context, turned = (msgspec.structs.replace(context, claims=said) for said in (claims, claims[::-1]))
    first = judged(found, context, own, facts={fact.name: fact for fact in facts})
    shuffled = [
        Result(r.policy, r.resource, r.outcome, r.reason, tuple(chance.sample(r.findings, len(r.findings))))
        for r in chance.sample(found, len(found))
    ]
    chance.shuffle(facts)
    policies = chance.sample(POLICIES, len(POLICIES))
    second = judged(shuffled, turned, own, facts={fact.name: fact for fact in facts}, policies=policies)
    assert first.encoded == second.encoded


@given(results, contexts, rows)
def test_the_core_has_the_same_bytes_at_every_layer(
    found: list[Result], context: Context, own: tuple[Row, ...]
) -> None:
    decisions = []
    for layer in Layer:
        asked = Context(
            environment=context.environment,
            tier=context.tier,
            data_classification=context.data_classification,
            layer=layer,
            actor=f"somebody at {layer}",
            surface=str(layer),
        )
        decisions.append(judged(found, asked, own))
    assert len({decision.encoded for decision in decisions}) == 1
    for decision in decisions:
        assert decision.verdict is decisions[0].core.verdict_at(decision.layer)


@given(results, contexts)
def test_a_pass_means_that_nothing_blocks_and_nothing_is_open(found: list[Result], context: Context) -> None:
    core = judged(found, context).core
    if core.verdict in (Verdict.ALLOW, Verdict.WARN):
        assert not any(result.outcome is Outcome.ERROR for result in found)
        assert {policy.id for policy in POLICIES} <= {result.policy for result in found}
        assert core.smallest_change == ()
    else:
        assert core.smallest_change


@given(results, contexts, contexts)
def test_a_stricter_place_never_gives_a_looser_verdict(found: list[Result], one: Context, other: Context) -> None:
    strict = Context(
        environment=Environment.tightest(one.environment, other.environment),
        tier=Tier.tightest(one.tier, other.tier),
        data_classification=Classification.tightest(one.data_classification, other.data_classification),
    )
    order = [Verdict.ALLOW, Verdict.WARN, Verdict.UNDECIDED, Verdict.DENY]
    assert order.index(judged(found, strict).verdict) >= order.index(judged(found, one).verdict)


@given(rows)
def test_own_rows_that_pass_the_check_are_never_looser_than_the_default(own: tuple[Row, ...]) -> None:
    if check_table(GateTable(own), DEFAULT):
        return
    table = merge(DEFAULT, GateTable(own))
    for cell in cells():
        place = Context(environment=cell.environment, tier=cell.tier, data_classification=cell.data_classification)
        for policy in ("a", "b", "bb"):
            finding = Finding(policy, "x", "", cell.severity)
            if row_for(DEFAULT, place, finding, NOW).action is Action.BLOCK:
                for layer in (None, *Layer):
                    assert row_for(table, place, finding, NOW, layer).action is Action.BLOCK
