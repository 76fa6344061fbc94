"""Decision: the verdict on one subject, with everything that led to it."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import ClassVar

import msgspec

from gateproof.catalog.scales import Classification, Environment, Layer, Tier
from gateproof.documents import canonical
from gateproof.engines.interface import Finding, Result
from gateproof.inputs.context import Claim
from gateproof.inputs.input import Subject


class Verdict(StrEnum):
    """What the gate says. UNDECIDED is not a pass."""

    ALLOW = "ALLOW"
    WARN = "WARN"
    DENY = "DENY"
    UNDECIDED = "UNDECIDED"


class Treatment(StrEnum):
    """What was done with a finding or an error."""

    BLOCK = "block"
    WARN = "warn"
    WAIVED = "waived"


class Disposition(msgspec.Struct, frozen=True):
    """What was done with one finding, which row of the gate table said so, and the waiver that covers it, if any."""

    finding: Finding
    treatment: Treatment
    row: str
    waiver: str = ""


class WaiverUse(msgspec.Struct, frozen=True):
    """A waiver that was presented: whether it counted, and if not, why not (``IDLE``: it was valid and not needed)."""

    IDLE: ClassVar[str] = "it is valid, and nothing that it covers blocks here"

    digest: str
    counted: bool
    reason: str = ""


class Obligation(msgspec.Struct, frozen=True):
    """What must be true before the deployment: pending until a fact shows that it is met. ``reason`` says why not yet.

    It decides at CD only (see ``Departure``).
    """

    name: str
    detail: str
    met: bool = False
    reason: str = ""


class Coverage(msgspec.Struct, frozen=True):
    """How many of the loaded policies applied to the subject (gave anything but SKIP); those that the change itself
    names beside the protected ones are not counted.
    """

    applied: int
    policies: int


class Departure(msgspec.Struct, frozen=True):
    """What is different when the question is asked at ``layer``.

    Rows of the gate table that name layers, and obligations that are not met at CD, have their effect here and nowhere
    else, so that the core says the same wherever it is made. ``dispositions`` are those that the layer's rows changed.
    """

    layer: Layer
    verdict: Verdict
    dispositions: tuple[Disposition, ...] = ()
    reasons: tuple[str, ...] = ()


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the Context that decides."""

    service: str
    environment: Environment
    tier: Tier
    data_classification: Classification
    commit: str = ""
    artifact: str = ""
    author: str = ""
    claims: tuple[Claim, ...] = ()


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a Decision but where it was asked: same inputs, same bytes, at every layer.

    ``verdict`` holds at every layer that has no departure. ``decided_at`` is the ``now`` that was judged with (RFC
    3339, UTC). ``facts`` maps names to digests. ``problems`` are why nothing, or not everything, could be judged.
    ``reasons`` say in words how the verdict came about; ``smallest_change`` what would have to change for the change
    to pass (ALLOW or WARN), nothing when it passes.
    """

    verdict: Verdict
    subject: Subject
    input: str
    bundle: str
    gate_table: str
    decided_at: str
    scene: Scene
    tool: str
    facts: dict[str, str] = {}
    waivers: tuple[WaiverUse, ...] = ()
    trust: str = ""
    results: tuple[Result, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    problems: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    coverage: Coverage = Coverage(0, 0)
    reasons: tuple[str, ...] = ()
    smallest_change: tuple[str, ...] = ()
    departures: tuple[Departure, ...] = ()

    def departure_at(self, layer: Layer) -> Departure | None:
        """What is different at ``layer``, if anything."""
        return next((departure for departure in self.departures if departure.layer is layer), None)

    def verdict_at(self, layer: Layer) -> Verdict:
        """The verdict as it holds at ``layer``."""
        departure = self.departure_at(layer)
        return departure.verdict if departure else self.verdict

    def dispositions_at(self, layer: Layer) -> tuple[Disposition, ...]:
        """What is done with each finding at ``layer``."""
        departure = self.departure_at(layer)
        changed = {d.finding: d for d in departure.dispositions} if departure else {}
        return tuple(changed.get(d.finding, d) for d in self.dispositions)


class Decision(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The core, and where it was asked."""

    core: Core
    layer: Layer
    actor: str
    surface: str

    @property
    def verdict(self) -> Verdict:
        """The verdict at the layer where it was asked."""
        return self.core.verdict_at(self.layer)

    @cached_property
    def encoded(self) -> bytes:
        """Canonical JSON of the core: the bytes that a replay must give again."""
        return canonical.encode(self.core)

    @cached_property
    def digest(self) -> str:
        """Digest of ``encoded``; names the decision everywhere."""
        return canonical.digest(self.encoded)
