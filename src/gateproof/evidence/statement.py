"""Statements: what a Decision says, in the words of in-toto and SLSA.

Every Decision is stated twice. The **decision statement** (predicate ``https://gateproof.dev/decision/v1``, described
at ``DecisionPredicate``) names by digest all that a replay needs. The **verification summary** (SLSA VSA,
https://slsa.dev/spec/v1.0/verification_summary) carries the verdict to tools that know nothing of gateproof, and names
the decision statement as the attestation that it summarizes.

Both are in-toto Statements v1 (https://github.com/in-toto/attestation/tree/main/spec/v1) about the same subjects: the
bytes that were judged, and the artifact where the context gives its digest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import quote

import msgspec

from gateproof.catalog.scales import Layer
from gateproof.documents import canonical
from gateproof.gate.decision import Core, Decision, Verdict, WaiverUse
from gateproof.inputs.input import Subject
from gateproof.trust.policy import TrustRecord

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
DECISION_TYPE = "https://gateproof.dev/decision/v1"
VSA_TYPE = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://gateproof.dev/verifier"


class ResourceDescriptor(msgspec.Struct, frozen=True, omit_defaults=True):
    """in-toto ResourceDescriptor, the fields that we write. ``digest`` maps algorithm names to hex digests."""

    name: str = ""
    uri: str = ""
    digest: dict[str, str] = {}


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """in-toto Statement v1: ``predicate`` (JSON values), of the type named, holds for every ``subject``."""

    type: str = msgspec.field(name="_type", default=STATEMENT_TYPE)
    subject: tuple[ResourceDescriptor, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: dict[str, Any]

    @property
    def encoded(self) -> bytes:
        """Canonical JSON: the payload of its envelope."""
        return canonical.encode(self)


class DecisionPredicate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Predicate ``https://gateproof.dev/decision/v1``: what was decided, and the digest of everything it followed from.

    ``core`` is the digest of ``Decision.core`` in canonical JSON: the bytes that a replay must give again. ``verdict``
    is the one that held where the question was asked (``layer``, ``actor``, ``surface``). ``input`` (the redacted
    input), ``bundle``, ``gateTable``, each of ``facts``, each waiver and ``trust`` are digests of canonical bytes that
    are stored beside this statement; ``trust`` is empty where none was given. ``subject`` is the kind, digest and size
    of the bytes as they were given. ``decidedAt`` is RFC 3339 in UTC, the ``now`` that was judged with; ``tool`` is
    name and version.
    """

    core: str
    verdict: Verdict
    subject: Subject
    input: str
    bundle: str
    gate_table: str
    facts: dict[str, str]
    waivers: tuple[WaiverUse, ...]
    trust: str
    decided_at: str
    tool: str
    layer: Layer
    actor: str
    surface: str


class VerificationResult(StrEnum):
    """Result of a VSA: UNDECIDED is not a pass."""

    PASSED = "PASSED"
    FAILED = "FAILED"

    @classmethod
    def of(cls, verdict: Verdict) -> VerificationResult:
        """PASSED for ALLOW and WARN; FAILED for DENY, UNDECIDED, and whatever else may come."""
        return cls.PASSED if verdict in (Verdict.ALLOW, Verdict.WARN) else cls.FAILED


class Verifier(msgspec.Struct, frozen=True):
    """Who verified: a URI that consumers pair with the keys that may sign for it."""

    id: str


class VerificationSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Predicate of a SLSA VSA, v1. Unknown fields are ignored when reading, as the specification asks.

    ``verified_levels`` makes no claim about SLSA tracks: it is ``GATEPROOF_ALLOW``, ``GATEPROOF_WARN`` or ``FAILED``.
    """

    verifier: Verifier
    time_verified: str
    resource_uri: str
    policy: ResourceDescriptor
    verification_result: VerificationResult
    verified_levels: tuple[str, ...]
    input_attestations: tuple[ResourceDescriptor, ...] = ()


def state(decision: Decision, *, name: str = "", verifier: str = VERIFIER) -> tuple[Statement, Statement]:
    """The decision statement and the verification summary of ``decision``.

    ``name`` is what to call the judged bytes (a file name; their kind if empty); ``verifier`` is the URI of whoever
    runs the gate.
    """
    subjects = _subjects(decision, name)
    decided = Statement(
        subject=subjects,
        predicate_type=DECISION_TYPE,
        predicate=msgspec.to_builtins(predicate_of(decision)),
    )
    summary = Statement(
        subject=subjects,
        predicate_type=VSA_TYPE,
        predicate=msgspec.to_builtins(_summary_of(decision, decided, verifier)),
    )
    return decided, summary


def cited(core: Core, trust: TrustRecord | None) -> frozenset[str]:
    """Digests of every blob that a replay of ``core`` needs; ``trust`` is what ``core.trust`` stands for."""
    documents = {core.trust, *((trust.policy, trust.roster) if trust else ())} - {""}
    return frozenset({core.input, core.bundle, *core.facts.values(), *(use.digest for use in core.waivers), *documents})


def predicate_of(decision: Decision) -> DecisionPredicate:
    """What the decision statement says about ``decision``. A stored core is the right one if this gives it again."""
    core = decision.core
    return DecisionPredicate(
        core=decision.digest,
        verdict=decision.verdict,
        subject=core.subject,
        input=core.input,
        bundle=core.bundle,
        gate_table=core.gate_table,
        facts=core.facts,
        waivers=core.waivers,
        trust=core.trust,
        decided_at=core.decided_at,
        tool=core.tool,
        layer=decision.layer,
        actor=decision.actor,
        surface=decision.surface,
    )


def _summary_of(decision: Decision, decided: Statement, verifier: str) -> VerificationSummary:
    core = decision.core
    result = VerificationResult.of(decision.verdict)
    passed = result is VerificationResult.PASSED
    return VerificationSummary(
        verifier=Verifier(verifier),
        time_verified=core.decided_at,
        resource_uri=_resource_uri(decision),
        policy=ResourceDescriptor(uri=f"urn:gateproof:bundle:{core.bundle}", digest=_digest_set(core.bundle)),
        input_attestations=(
            ResourceDescriptor(
                uri=f"urn:gateproof:decision:{decision.digest}", digest=_digest_set(canonical.digest(decided.encoded))
            ),
        ),
        verification_result=result,
        verified_levels=(f"GATEPROOF_{decision.verdict.value}" if passed else result.value,),
    )


def _subjects(decision: Decision, name: str) -> tuple[ResourceDescriptor, ...]:
    judged = decision.core.subject
    subjects = [ResourceDescriptor(name=name or judged.kind.value, digest=_digest_set(judged.digest))]
    artifact = decision.core.scene.artifact
    digest = artifact.rpartition("@")[2]
    if canonical.is_digest(digest) and digest != judged.digest:
        subjects.append(ResourceDescriptor(name=artifact, digest=_digest_set(digest)))
    return tuple(subjects)


def _resource_uri(decision: Decision) -> str:
    scene = decision.core.scene
    return f"urn:gateproof:service:{quote(scene.service or 'unknown', safe='')}:{scene.environment.value}"


def _digest_set(digest: str) -> dict[str, str]:
    algorithm, _, value = digest.partition(":")
    return {algorithm: value}
