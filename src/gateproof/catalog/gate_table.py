"""GateTable: which findings block and which only warn, as data.

``gateproof.gate`` decides with it; it stands here because it is part of the Bundle that every Decision names.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier


class Action(StrEnum):
    """What a row does with a finding, from lenient to strict."""

    WARN = "warn"
    BLOCK = "block"


class Loosening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a row may be more lenient than the default table, who answers for it, and until when (RFC 3339, UTC)."""

    reason: str
    owner: str
    expires: str


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row: it matches where each of its non-empty columns holds the value at hand.

    ``controls`` and ``policies`` match exactly or with a trailing ``*``. The most specific row wins (the one with most
    non-empty columns); a tie goes to the stricter. A row that loosens says so with ``loosens`` and counts until it
    expires.
    """

    name: str
    action: Action
    environments: tuple[Environment, ...] = ()
    tiers: tuple[Tier, ...] = ()
    classifications: tuple[Classification, ...] = ()
    severities: tuple[Severity, ...] = ()
    layers: tuple[Layer, ...] = ()
    controls: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    loosens: Loosening | None = None


class ObligationRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must be true before a deployment although no finding says so (``approval``, ``canary``, ``witness``)."""

    name: str
    detail: str
    environments: tuple[Environment, ...] = ()
    tiers: tuple[Tier, ...] = ()
    classifications: tuple[Classification, ...] = ()


class GateTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows and obligations that apply, the default table and the team's own rows together."""

    rows: tuple[Row, ...]
    obligations: tuple[ObligationRule, ...] = ()
