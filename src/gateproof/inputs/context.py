"""Context: whose change it is and where it goes. Facts: what a policy needs beside its input."""

from __future__ import annotations

from typing import Any

import msgspec

from gateproof.catalog.scales import Classification, Environment, Layer, Tier
from gateproof.documents import canonical


class Claim(msgspec.Struct, frozen=True):
    """Who said what about the change: ``field`` is a field of Context, ``source`` names a file, flag or variable.

    ``protected`` claims come from the default branch or a signed registry, cited by ``digest``; the others could only
    tighten, and ``used`` says whether this one decided the value.
    """

    field: str
    value: str
    source: str
    protected: bool = False
    used: bool = True
    digest: str = ""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Whose change it is and where it goes.

    ``layer``, ``actor`` and ``surface`` say where the question was asked: they are no part of ``Decision.core``.
    """

    service: str = ""
    environment: Environment = Environment.PROD
    tier: Tier = Tier.ONE
    data_classification: Classification = Classification.RESTRICTED
    commit: str = ""
    artifact: str = ""
    author: str = ""
    claims: tuple[Claim, ...] = ()
    layer: Layer = Layer.CI
    actor: str = ""
    surface: str = "cli"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A content-addressed snapshot: ``observed_at`` is RFC 3339 UTC, ``max_age`` seconds."""

    name: str
    source: str
    observed_at: str
    max_age: int
    value: Any

    @property
    def digest(self) -> str:
        """Digest of the whole fact."""
        return canonical.digest_of(self)
