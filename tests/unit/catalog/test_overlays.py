"""Overlays: what they change, until when, and what they may not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Loosening
from gateproof.catalog.listing import Listed, matching
from gateproof.catalog.overlays import Overlay, apply, check
from gateproof.catalog.policy import Deprecation, EngineName, InputKind, Policy, Scope
from gateproof.catalog.scales import Environment, Severity, Tier
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
LOOSE = Loosening(reason="moving", owner="ann", expires="2026-12-01T00:00:00Z")
OVER = msgspec.structs.replace(LOOSE, expires=NOW)


def policy(name: str = "a", severity: Severity = Severity.HIGH, **more: Any) -> Policy:
    return Policy(id=name, engine=EngineName.REGO, title=name, severity=severity, **more)


def applied(overlay: Overlay, *, now: str = NOW, asserted: tuple[Overlay, ...] = (), **more: Any) -> Policy | None:
    found = apply([policy(**more)], [overlay], asserted=asserted, now=now)
    return found.policies[0] if found.policies else None


def test_nothing_changes_nothing() -> None:
    found = apply([policy()], [], now=NOW)
    assert (found.policies, found.overlays, found.parameters, found.idle) == ((policy(),), (), {}, ())


@pytest.mark.parametrize(("loosens", "remains"), [(LOOSE, False), (OVER, True)])
def test_a_policy_is_off_until_the_time_is_over(loosens: Loosening, remains: bool) -> None:
    overlay = Overlay("a", enabled=False, loosens=loosens)
    found = apply([policy()], [overlay], now=NOW)
    assert found.policies == ((policy(),) if remains else ())
    assert found.overlays == (() if remains else (overlay,))


def test_a_severity_is_raised_without_a_reason_and_for_ever() -> None:
    changed = applied(Overlay("a", severity=Severity.CRITICAL))
    assert changed is not None
    assert changed.severity is Severity.CRITICAL


@pytest.mark.parametrize(("loosens", "severity"), [(LOOSE, Severity.LOW), (OVER, Severity.HIGH)])
def test_a_severity_is_lowered_until_the_time_is_over(loosens: Loosening, severity: Severity) -> None:
    changed = applied(Overlay("a", severity=Severity.LOW, loosens=loosens))
    assert changed is not None
    assert changed.severity is severity


def test_a_scope_is_narrowed_within_the_policys_own() -> None:
    wanted = Scope(environments=(Environment.STAGING, Environment.PROD), tiers=(Tier.ONE,))
    own = Scope(environments=(Environment.PROD,))
    changed = applied(Overlay("a", scope=wanted, loosens=LOOSE), scope=own)
    assert changed is not None
    assert changed.scope == Scope(environments=(Environment.PROD,), tiers=(Tier.ONE,))
    kept = applied(Overlay("a", scope=wanted, loosens=OVER), scope=own)
    assert kept is not None
    assert kept.scope == own


def test_what_tightens_stays_when_the_rest_is_over() -> None:
    overlay = Overlay("a", severity=Severity.CRITICAL, enabled=False, parameters={"x": 1}, loosens=OVER)
    found = apply([policy(parameters={"x": 0})], [overlay], now=NOW)
    assert [one.severity for one in found.policies] == [Severity.CRITICAL]
    assert found.parameters == {"a": {"x": 1}}
    assert found.overlays == (Overlay("a", severity=Severity.CRITICAL, parameters={"x": 1}),)


@pytest.mark.parametrize(
    ("overlay", "problem"),
    [
        (Overlay("a", severity=Severity.LOW), "below high"),
        (Overlay("a", enabled=False), "more lenient"),
        (Overlay("a", scope=Scope(tiers=(Tier.ONE,))), "more lenient"),
        (Overlay("b", severity=Severity.CRITICAL), "no such policy"),
        (Overlay("a", scope=Scope(tiers=(Tier.TWO,)), loosens=LOOSE), "leaves nothing"),
        (Overlay("a", enabled=False, loosens=Loosening(" ", "ann", LOOSE.expires)), "a reason and an owner"),
        (Overlay("a", enabled=False, loosens=Loosening("x", "ann", "soon")), "must look like"),
    ],
)
def test_what_an_overlay_may_not(overlay: Overlay, problem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        apply([policy(scope=Scope(tiers=(Tier.ONE,)))], [overlay], now=NOW)
    assert problem in str(caught.value)
    assert caught.value.hint


def test_a_policy_has_one_overlay() -> None:
    assert [index for index, _ in check([Overlay("a"), Overlay("b"), Overlay("a")])] == [2]


def test_what_a_change_asserts_only_raises() -> None:
    raising = Overlay("a", severity=Severity.CRITICAL)
    lowered = Overlay("a", severity=Severity.LOW, loosens=LOOSE)
    raised = applied(lowered, asserted=(raising,))
    assert raised is not None
    assert raised.severity is Severity.CRITICAL
    idle = Overlay("a", severity=Severity.LOW)
    found = apply([policy()], [], asserted=(idle,), now=NOW)
    assert (found.policies, found.overlays, found.idle) == ((policy(),), (), (idle,))


def test_a_change_cannot_bring_back_what_is_off_and_cannot_be_without_a_policy() -> None:
    off = Overlay("a", enabled=False, loosens=LOOSE)
    assert applied(off, asserted=(Overlay("a", severity=Severity.CRITICAL),)) is None
    with pytest.raises(PolicyError):
        apply([policy()], [], asserted=(Overlay("b", severity=Severity.CRITICAL),), now=NOW)


def test_two_policies_of_one_id_stay_two() -> None:
    found = apply([policy(), policy()], [Overlay("a", severity=Severity.CRITICAL)], now=NOW)
    with pytest.raises(PolicyError):
        build(found.policies, DEFAULT)


def test_a_bundle_without_overlays_and_versions_keeps_its_bytes() -> None:
    bundle = build([policy()], DEFAULT)
    assert b"overlays" not in bundle.encoded
    assert b"version" not in bundle.encoded
    assert b"deprecated" not in bundle.encoded
    overlay = Overlay("a", severity=Severity.CRITICAL)
    changed = build([policy(version="1.0.0", deprecated=Deprecation("2026-01-01"))], DEFAULT, overlays=(overlay,))
    again = msgspec.json.decode(changed.encoded, type=Bundle)
    assert (again.overlays, again.policies[0].version, again.digest) == ((overlay,), "1.0.0", changed.digest)


def test_parameters_of_a_listed_policy_say_where_they_are_from() -> None:
    written = policy(parameters={"x": 1, "y": 1, "z": 1})
    used = msgspec.structs.replace(written, parameters={"x": 2, "y": 2, "z": 1})
    listed = Listed(written=written, policy=used, origin="pack", overlay=Overlay("a", parameters={"x": 2}))
    assert listed.parameters == (("x", 2, "overlay"), ("y", 2, "gateproof.yaml"), ("z", 1, "policy"))


def test_matching() -> None:
    plans = policy("p", kinds=(InputKind.TERRAFORM_PLAN,), controls=("c",))
    listed = [Listed(written=one, policy=one, origin="pack") for one in (plans, policy("q", controls=("d",)))]
    assert [one.policy.id for one in matching(listed)] == ["p", "q"]
    assert [one.policy.id for one in matching(listed, controls=["c"])] == ["p"]
    assert [one.policy.id for one in matching(listed, kinds=[InputKind.KUBERNETES])] == ["q"]
    assert [one.policy.id for one in matching(listed, controls=["e"])] == []


@pytest.mark.parametrize(("until", "over"), [("2026-11-23", True), ("2026-11-24", False), (None, False)])
def test_a_deprecation_is_over(until: str | None, over: bool) -> None:
    assert Deprecation("2026-01-01", "b", until).is_over(NOW) is over
    assert "use b" in Deprecation("2026-01-01", "b", until).told(NOW)
