"""Whatever a change asserts, no policy is judged more leniently; and what has ended leaves no trace."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateproof.catalog.gate_table import Loosening
from gateproof.catalog.overlays import Overlay, apply
from gateproof.catalog.policy import EngineName, Policy, Scope
from gateproof.catalog.scales import Environment, Severity, Tier

NOW = "2026-11-23T05:00:00Z"
NAMES = ("a", "b", "c")
severities = st.sampled_from(Severity)
scopes = st.builds(
    Scope,
    environments=st.lists(st.sampled_from(Environment), unique=True).map(tuple),
    tiers=st.lists(st.sampled_from(Tier), unique=True).map(tuple),
)
policies = st.tuples(
    *(
        st.builds(Policy, id=st.just(name), engine=st.just(EngineName.REGO), title=st.just(name), severity=severities)
        for name in NAMES
    )
)


def overlays(expires: str) -> st.SearchStrategy[tuple[Overlay, ...]]:
    loosens = st.just(Loosening("moving", "ann", expires))
    one = st.builds(
        Overlay,
        policy=st.sampled_from(NAMES),
        enabled=st.booleans(),
        severity=st.none() | severities,
        scope=scopes,
        loosens=loosens,
    )
    return st.lists(one, max_size=3, unique_by=lambda overlay: overlay.policy).map(tuple)


asserted = st.lists(st.builds(Overlay, policy=st.sampled_from(NAMES), severity=severities), max_size=3).map(tuple)


@given(policies, overlays("2027-01-01T00:00:00Z"), asserted)
def test_an_assertion_only_tightens(
    written: tuple[Policy, ...], protected: tuple[Overlay, ...], claims: tuple[Overlay, ...]
) -> None:
    without, with_them = (apply(written, protected, asserted=more, now=NOW).policies for more in ((), claims))
    assert [policy.id for policy in without] == [policy.id for policy in with_them]
    for before, after in zip(without, with_them, strict=True):
        assert after.severity.rank >= before.severity.rank
        assert after == msgspec.structs.replace(before, severity=after.severity)


@given(policies, overlays(NOW))
def test_what_has_ended_leaves_the_policies_as_they_were_or_stricter(
    written: tuple[Policy, ...], protected: tuple[Overlay, ...]
) -> None:
    found = apply(written, protected, now=NOW)
    assert [policy.id for policy in found.policies] == [policy.id for policy in written]
    for before, after in zip(written, found.policies, strict=True):
        assert after == msgspec.structs.replace(before, severity=after.severity)
        assert after.severity.rank >= before.severity.rank
    assert all(overlay.loosens is None for overlay in found.overlays)
    assert apply(written, found.overlays, now=NOW).policies == found.policies
