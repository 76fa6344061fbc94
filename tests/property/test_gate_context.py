"""No combination of claims that nothing protects gives anything looser than what is protected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable, Loosening, ObligationRule, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.pack import STARTER
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.engines.interface import Finding
from gateproof.gate import merge, row_for
from gateproof.gate.table import cells
from gateproof.inputs.context import Context
from gateproof.settings.ci import CI
from gateproof.settings.resolving import File, Flags, added_overlays, resolve_context, resolve_settings
from gateproof.settings.schema import Gate, Policies, Settings, Trust

NOW = "2026-11-23T05:00:00Z"
IDS = [*STARTER, "a"]


def maybe(scale: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.sampled_from(scale))


def some(values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


loosenings = st.one_of(st.none(), st.just(Loosening("r", "o", "2027-01-01T00:00:00Z")))
rows = st.builds(
    Row,
    name=st.sampled_from(["r1", "r2", "r3"]),
    action=st.sampled_from(Action),
    environments=some(Environment),
    tiers=some(Tier),
    severities=some(Severity),
    layers=some(Layer),
    policies=some(["a", "b*"]),
    loosens=loosenings,
)
gates = st.builds(
    Gate,
    rows=st.lists(rows, max_size=3, unique_by=lambda row: row.name).map(tuple),
    obligations=some([ObligationRule("witness", "w"), ObligationRule("canary", "c", environments=(Environment.DEV,))]),
)
overlays = st.builds(
    Overlay,
    policy=st.sampled_from(IDS),
    enabled=st.booleans(),
    severity=maybe(Severity),
    parameters=st.sampled_from([{}, {"x": 1}]),
    loosens=st.sampled_from([None, Loosening("r", "o", "2027-01-01T00:00:00Z")]),
)
policies = st.builds(
    Policies,
    pack=st.one_of(st.booleans(), some(IDS)),
    paths=some(["/r/p", "/r/q", "/r/s"]),
    disabled=some(IDS),
    parameters=st.dictionaries(st.sampled_from(IDS), st.just({"x": 1}), max_size=2),
    overlays=st.lists(overlays, max_size=2, unique_by=lambda overlay: overlay.policy).map(tuple),
)
settings = st.builds(
    Settings,
    service=st.sampled_from(["", "x", "y"]),
    tier=maybe(Tier),
    data_classification=maybe(Classification),
    environment=maybe(Environment),
    policies=policies,
    gate=gates,
    trust=st.builds(Trust, root=st.sampled_from(["", "k1", "k2"]), policy=st.sampled_from(["", "/r/t", "/r/u"])),
    base=st.sampled_from(["", "HEAD"]),
)


def files(ref: str) -> st.SearchStrategy[File]:
    return st.builds(File, settings, st.just(Path("/r/gateproof.yaml")), st.just("sha256:0"), st.just(ref))


bases = st.one_of(st.none(), files("origin/main"))
trees = st.one_of(st.none(), files(""))
flags = st.builds(
    Flags, environment=maybe(Environment), tier=maybe(Tier), classification=maybe(Classification), service=maybe(["z"])
)


def loaded(policies: Policies) -> set[str]:
    """What of the built-in pack, were it IDS, is loaded."""
    pack = set(IDS) if policies.pack is True else set(policies.pack or ())
    return pack - set(policies.disabled)


@given(bases, trees, flags)
def test_nothing_asserted_loosens_the_context(base: File | None, tree: File | None, asked: Flags) -> None:
    found = resolve_context(base, tree, asked, CI())
    protected = base.settings if base else Settings()
    assert found.tier.rank >= (protected.tier or Tier.strictest()).rank
    assert found.data_classification.rank >= (protected.data_classification or Classification.strictest()).rank
    question = Environment(asked.environment) if asked.environment else None
    assert found.environment.rank >= Environment.tightest(protected.environment, question).rank
    assert not protected.service or found.service == protected.service
    for claim in found.claims:
        value = getattr(found, claim.field)
        assert claim.used is (claim.value == value)
        assert not claim.used or not claim.source.endswith(")")


@given(bases, trees)
def test_nothing_asserted_loosens_the_settings(base: File | None, tree: File | None) -> None:
    protected = base.settings if base else Settings()
    found, claims = resolve_settings(base, tree)
    assert loaded(found.policies) >= loaded(protected.policies)
    assert found.policies.parameters == protected.policies.parameters
    assert found.policies.overlays == protected.policies.overlays
    for added in added_overlays(base, tree):
        assert added == Overlay(added.policy, severity=added.severity)
    assert set(found.policies.paths) >= set(protected.policies.paths)
    assert set(found.gate.obligations) >= set(protected.gate.obligations)
    assert found.trust.root == protected.trust.root
    assert not protected.trust.policy or found.trust.policy == protected.trust.policy
    assert not any(claim.used or claim.protected for claim in claims)
    before, after = (merge(DEFAULT, GateTable(rows=gate.rows)) for gate in (protected.gate, found.gate))
    for cell in cells():
        place = Context(environment=cell.environment, tier=cell.tier, data_classification=cell.data_classification)
        finding = Finding("a", "x", "", cell.severity)
        for layer in (None, Layer.CI):
            if row_for(before, place, finding, NOW, layer).action is Action.BLOCK:
                assert row_for(after, place, finding, NOW, layer).action is Action.BLOCK
