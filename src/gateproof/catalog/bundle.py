"""Bundle: the policies, the controls they cite and the gate table that apply, content-addressed."""

from __future__ import annotations

from functools import cached_property

import msgspec

from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.policy import Policy
from gateproof.documents import canonical


class Control(msgspec.Struct, frozen=True):
    """A requirement of a framework. ``id`` is ``framework@version:id``; ``related`` are its crosswalk."""

    id: str
    title: str
    related: tuple[str, ...] = ()


class Bundle(msgspec.Struct, frozen=True, dict=True):
    """What a Decision was made with. Policies are sorted by id, controls by id."""

    policies: tuple[Policy, ...]
    controls: tuple[Control, ...]
    gate_table: GateTable

    @cached_property
    def encoded(self) -> bytes:
        """Canonical JSON: what is stored as evidence and read back by a replay."""
        return canonical.encode(self)

    @cached_property
    def digest(self) -> str:
        """Digest of ``encoded``; every Decision names it."""
        return canonical.digest(self.encoded)

    @cached_property
    def gate_table_digest(self) -> str:
        """Digest of the gate table alone."""
        return canonical.digest_of(self.gate_table)
