"""The gate's table for one policy, and what differs between two decisions."""

from __future__ import annotations

import json
from typing import Any

from gateproof import inputs
from gateproof.catalog.bundle import build
from gateproof.catalog.comparing import Difference, as_used, differences
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable, Loosening, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.policy import EngineName, Policy, Scope, Source
from gateproof.catalog.scales import Classification, Environment, Layer, Severity
from gateproof.flow import judge_input
from gateproof.gate.comparing import Shift, State, shifts
from gateproof.gate.decision import Decision, Verdict
from gateproof.gate.effects import effects
from gateproof.gate.table import merge
from gateproof.inputs.context import Context

NOW = "2026-11-23T05:00:00Z"
PLAN = inputs.parse(
    json.dumps(
        {
            "format_version": "1.2",
            "resource_changes": [
                {
                    "address": "aws_s3_bucket.a",
                    "mode": "managed",
                    "type": "aws_s3_bucket",
                    "name": "a",
                    "change": {"actions": ["create"], "before": None, "after": {"acl": "x"}, "after_unknown": {}},
                }
            ],
        }
    ).encode()
)


def policy(severity: Severity = Severity.HIGH, acl: str = "x", **more: Any) -> Policy:
    text = f"""package p
import rego.v1
deny contains "bad" if input.resource_changes[_].change.after.acl == "{acl}"
"""
    return Policy(
        id="p", engine=EngineName.REGO, title="P", severity=severity, sources=(Source("p.rego", text),), **more
    )


def decision(*policies: Policy, environment: Environment = Environment.STAGING) -> Decision:
    context = Context(environment=environment, data_classification=Classification.INTERNAL)
    return judge_input(PLAN, build(policies, DEFAULT), {}, context, (), None, NOW)


def test_every_cell_says_what_happens() -> None:
    found = effects(DEFAULT, policy(Severity.MEDIUM, scope=Scope(environments=(Environment.STAGING,))), NOW)
    assert len(found) == 3 * 3 * 4
    assert {each.action for each in found if each.environment is not Environment.STAGING} == {None}
    staging = [each for each in found if each.environment is Environment.STAGING]
    blocked = {(each.data_classification.value, each.row) for each in staging if each.action is Action.BLOCK}
    assert blocked == {("restricted", "staging-restricted")}


def test_a_row_of_a_layer_is_told() -> None:
    own = Row("cd-blocks", Action.BLOCK, layers=(Layer.CD,), policies=("p",), environments=(Environment.DEV,))
    found = effects(merge(DEFAULT, GateTable((own,))), policy(Severity.LOW), NOW)
    dev = next(each for each in found if each.environment is Environment.DEV)
    assert (dev.action, dev.layers) == (Action.WARN, ((Layer.CD, Action.BLOCK, "cd-blocks"),))


def test_shifts() -> None:
    blocked, warned, passed = (
        decision(policy()),
        decision(policy(Severity.LOW)),
        decision(policy(acl="y")),
    )
    assert shifts("i", passed, blocked) == (Shift("i", "p", "plan", State.PASSED, State.BLOCKED, ("bad",)),)
    assert [(each.before, each.after) for each in shifts("i", blocked, warned)] == [(State.BLOCKED, State.WARNED)]
    assert [(each.before, each.after) for each in shifts("i", blocked, passed)] == [(State.BLOCKED, State.PASSED)]
    assert [(each.before, each.after) for each in shifts("i", blocked, decision())] == [
        (State.BLOCKED, State.NOT_JUDGED)
    ]
    assert shifts("i", blocked, blocked) == ()


def test_differences() -> None:
    old, new = policy(controls=("c",), parameters={"x": 1}), policy(Severity.LOW, "y", version="1.0.0")
    assert differences([old], [new]) == (
        Difference("p", "version", None, "1.0.0"),
        Difference("p", "severity", "high", "low"),
        Difference("p", "controls", ["c"], []),
        Difference("p", "parameters", {"x": 1}, {}),
        Difference("p", "text", ["p.rego"], ["p.rego"]),
    )
    assert differences([], [new]) == (Difference("p", "policy", None, "P"),)
    assert differences([new], [new]) == ()


def test_policies_are_compared_as_a_team_uses_them() -> None:
    bundle = as_used(
        [policy(parameters={"x": 1}, layers=(Layer.RUNTIME,))],
        DEFAULT,
        parameters={"p": {"x": 2, "gone": 3}, "other": {"y": 1}},
        changes=[Overlay("p", severity=Severity.CRITICAL), Overlay("other", severity=Severity.CRITICAL)],
        now=NOW,
    )
    [used] = bundle.policies
    assert (used.parameters, used.severity, used.layers) == ({"x": 2}, Severity.CRITICAL, ())


def test_a_bundle_with_an_overlay_that_has_ended_decides_nothing() -> None:
    def verdict(expires: str) -> Verdict:
        overlay = Overlay("q", enabled=False, loosens=Loosening("moving", "ann", expires))
        bundle = build([policy(acl="y")], DEFAULT, overlays=(overlay,))
        return judge_input(PLAN, bundle, {}, Context(), (), None, NOW).verdict

    assert verdict("2026-11-23T05:00:01Z") is Verdict.ALLOW
    assert verdict(NOW) is Verdict.UNDECIDED
