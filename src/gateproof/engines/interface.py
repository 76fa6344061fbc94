"""What every engine takes and gives: Result, Finding, the Engine protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from gateproof.catalog.policy import Policy
from gateproof.catalog.scales import Severity
from gateproof.documents.interface import Path
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input


class Outcome(StrEnum):
    """What a policy found about a resource."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    SKIP = "skip"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True):
    """One failing place: the resource, and the document and path in it where known; the message is untrusted text.

    ``advisory``: the policy itself says that this only warns, as Kyverno's Audit or Gatekeeper's dryrun. ``rule``: the
    rule of the policy that found it, where rules have names, as Kyverno's do. Both are left out everywhere else: what
    was recorded without them reads the same.
    """

    policy: str
    resource: str
    message: str
    severity: Severity
    controls: tuple[str, ...] = ()
    document: int = 0
    path: Path = ()
    advisory: Literal[True] | msgspec.UnsetType = msgspec.UNSET
    rule: str | msgspec.UnsetType = msgspec.UNSET


class Result(msgspec.Struct, frozen=True):
    """A policy's outcome on one resource. FAIL has findings; SKIP and ERROR have a reason."""

    policy: str
    resource: str
    outcome: Outcome
    reason: str = ""
    findings: tuple[Finding, ...] = ()


class Engine(Protocol):
    """Runs policies written in one way. Engines keep no state between inputs."""

    def check(self, policy: Policy) -> None:
        """Load ``policy`` and throw the result away. Raises PolicyError with all its problems."""

    def evaluate(self, policy: Policy, subject: Input, facts: Mapping[str, Fact], *, now: str) -> Sequence[Result]:
        """Results of ``policy`` on ``subject``; ``now`` is RFC 3339 UTC.

        Whatever goes wrong while evaluating is an ERROR Result, never an exception and never a PASS.
        """
