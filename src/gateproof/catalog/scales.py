"""The scales on which a gate decides: severity, environment, tier, data classification, layer.

Every scale is ordered from lenient to strict. Whatever is missing or unknown counts as the strictest value of its
scale (``strictest``), and two claims about the same thing meet in the stricter one (``tightest``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Scale(StrEnum):
    """An ordered set of words; members are declared from lenient to strict."""

    @property
    def rank(self) -> int:
        """Position on the scale, 0 for the most lenient."""
        return list(type(self)).index(self)

    @classmethod
    def strictest(cls) -> Self:
        """What counts when nothing is known."""
        return list(cls)[-1]

    @classmethod
    def read(cls, text: object) -> Self | None:
        """The member that ``text`` spells (case and surrounding blanks aside), or None if it is no member."""
        try:
            return cls(str(text).strip().lower())
        except ValueError:
            return None

    @classmethod
    def tightest(cls, *claims: Self | None) -> Self:
        """The strictest of ``claims``, None aside; with no claim at all, the strictest of the scale."""
        known = [claim for claim in claims if claim is not None]
        return max(known, key=lambda claim: claim.rank) if known else cls.strictest()


class Severity(Scale):
    """How bad a finding is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Environment(Scale):
    """Where the change goes."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class Tier(Scale):
    """How much the business depends on the service; tier 1 is the most critical."""

    THREE = "3"
    TWO = "2"
    ONE = "1"


class Classification(Scale):
    """How sensitive the data is that the service handles."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Layer(StrEnum):
    """The places where work happens and where a gate can stand."""

    PRE_COMMIT = "pre-commit"
    CI = "ci"
    REGISTRY = "registry"
    CD = "cd"
    RUNTIME = "runtime"
