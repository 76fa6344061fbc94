"""Bundles: sorted, resolved, content-addressed; what is wrong is reported at once."""

from __future__ import annotations

import msgspec
import pytest

from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import EngineName, Policy
from gateproof.catalog.scales import Severity
from gateproof.errors import PolicyError


def policy(name: str, *controls: str, **parameters: object) -> Policy:
    return Policy(
        id=name, engine=EngineName.REGO, title=name, severity=Severity.LOW, controls=controls, parameters=parameters
    )


def test_order_decides_nothing() -> None:
    one, two = policy("a", "soc2@2017:CC6.1"), policy("b", "nist-800-53@5:SC-28")
    assert build([one, two], DEFAULT).digest == build([two, one], DEFAULT).digest
    bundle = build([two, one], DEFAULT)
    assert [p.id for p in bundle.policies] == ["a", "b"]
    assert [control.id for control in bundle.controls] == ["nist-800-53@5:SC-28", "soc2@2017:CC6.1"]
    assert "soc2@2017:CC6.1" in bundle.controls[0].related


def test_a_bundle_reads_back_as_it_was() -> None:
    bundle = build([policy("a", "soc2@2017:CC6.1", approved=["x"])], DEFAULT)
    again = msgspec.json.decode(bundle.encoded, type=Bundle)
    assert again == bundle
    assert again.digest == bundle.digest


def test_own_values_replace_defaults_and_change_the_digest() -> None:
    plain = build([policy("a", approved=["x"], strict=True)], DEFAULT)
    tuned = build([policy("a", approved=["x"], strict=True)], DEFAULT, {"a": {"approved": ["y"]}})
    assert tuned.policies[0].parameters == {"approved": ["y"], "strict": True}
    assert tuned.digest != plain.digest
    assert tuned.gate_table_digest == plain.gate_table_digest


def test_every_problem_is_reported() -> None:
    policies = [policy("a"), policy("a"), policy("b", "CC66.1", approved=["x"])]
    with pytest.raises(PolicyError) as caught:
        build(policies, DEFAULT, {"b": {"approved": "x", "aproved": []}, "c": {}})
    said = "\n".join(caught.value.problems)
    assert "a: two policies have this id" in said
    assert "b: there is no control 'CC66.1'" in said
    assert "b: the parameter 'approved' is a list, not a str" in said
    assert "b: there is no parameter 'aproved'; it declares approved" in said
    assert "parameters are given for 'c', and no such policy is loaded" in said
