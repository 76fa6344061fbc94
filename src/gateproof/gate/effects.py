"""What the gate would do with the findings of a policy: every cell of environment, tier and data classification."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import msgspec

from gateproof.catalog.gate_table import Action, GateTable
from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Tier
from gateproof.engines.interface import Finding
from gateproof.gate.table import Cell, Lookup


class Effect(msgspec.Struct, frozen=True):
    """What happens to a finding in a cell, and the row that says so; both are empty where the policy does not apply.

    ``layers`` are those at which another row decides.
    """

    environment: Environment
    tier: Tier
    data_classification: Classification
    action: Action | None = None
    row: str = ""
    layers: tuple[tuple[Layer, Action, str], ...] = ()


def effects(table: GateTable, policy: Policy, now: str) -> tuple[Effect, ...]:
    """Every cell, from lenient to strict, for findings of ``policy`` at ``now`` (RFC 3339 UTC)."""
    return tuple(_effects(table, policy, now))


def _effects(table: GateTable, policy: Policy, now: str) -> Iterator[Effect]:
    finding = Finding(policy.id, "", "", policy.severity, policy.controls)
    for environment, tier, classification in product(Environment, Tier, Classification):
        if not _in_scope(policy, environment, tier, classification):
            yield Effect(environment, tier, classification)
            continue
        lookup = Lookup(table, Cell(environment, tier, classification, policy.severity), now)
        row = lookup.row_for(finding)
        elsewhere = [(layer, lookup.row_for(finding, layer)) for layer in Layer if layer in lookup.layers]
        changed = tuple((layer, other.action, other.name) for layer, other in elsewhere if other is not row)
        yield Effect(environment, tier, classification, row.action, row.name, changed)


def _in_scope(policy: Policy, environment: Environment, tier: Tier, classification: Classification) -> bool:
    scope = policy.scope
    pairs = (
        (scope.environments, environment),
        (scope.tiers, tier),
        (scope.classifications, classification),
    )
    return all(not allowed or value in allowed for allowed, value in pairs)
