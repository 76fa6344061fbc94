"""Context: whose change it is and where it goes. Facts: what a policy needs beside its input."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

import msgspec

from gateproof.catalog.scales import Classification, Environment, Layer, Tier
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.errors import TrustError


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

    @property
    def asserts_its_service(self) -> bool:
        """Whether the change alone says which service it is: neither what is protected nor the caller's flag does."""
        said = [claim for claim in self.claims if claim.field == "service" and claim.used]
        return bool(said) and not any(claim.protected or claim.source.startswith("--") for claim in said)


class Fact(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A content-addressed snapshot: ``observed_at`` is RFC 3339 UTC, ``max_age`` seconds."""

    name: str
    source: str
    observed_at: str
    max_age: int
    value: Any

    @cached_property
    def encoded(self) -> bytes:
        """Canonical JSON of the whole fact: what is stored as evidence."""
        return canonical.encode(self)

    @cached_property
    def digest(self) -> str:
        """Digest of the whole fact."""
        return canonical.digest(self.encoded)


def why_unusable(fact: Fact | None, now: str, *, ahead: timedelta = timedelta()) -> str:
    """Why ``fact`` cannot be relied on at ``now`` (RFC 3339 UTC), in words that follow its name; empty when it can.

    ``ahead``: how far its clock may be ahead of ``now``. Raises TrustError for a malformed ``now``.
    """
    if fact is None:
        return "is missing"
    moment = instant(now)
    try:
        observed = instant(fact.observed_at)
        expires = observed + timedelta(seconds=fact.max_age)
    except (TrustError, OverflowError):
        return f"has no usable time: observed at {fact.observed_at[:40]!r}, good for {fact.max_age} s"
    if observed - moment > ahead:
        return f"was observed at {fact.observed_at}, after {now}"
    if expires < moment:
        return f"is stale: observed at {fact.observed_at}, good for {fact.max_age} s, now {now}"
    return ""
