"""What is signed of a policy bundle, and what a signature on one is worth.

An in-toto Statement v1 about the bundle's file, with the predicate ``https://gateproof.dev/bundle/v1``, in a DSSE
envelope. It counts under a trust policy when a key with the role ``bundle`` signed it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gateproof.catalog.policy_bundle import PolicyBundle
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.errors import TrustError
from gateproof.evidence.sealing import open_statement
from gateproof.evidence.statement import ResourceDescriptor, Statement
from gateproof.trust import dsse
from gateproof.trust.interface import Role
from gateproof.trust.policy import Trust

BUNDLE_TYPE = "https://gateproof.dev/bundle/v1"


class BundlePredicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Predicate ``https://gateproof.dev/bundle/v1``: name and version of the bundle, and the ids of its policies."""

    name: str
    version: str
    policies: tuple[str, ...]


class SignedBundle(msgspec.Struct, frozen=True):
    """A signature that counts: the envelope, and the fingerprint and name of the key."""

    envelope: bytes
    fingerprint: str
    key: str


def state_bundle(bundle: PolicyBundle, raw: bytes) -> Statement:
    """The statement about ``bundle``, whose file is ``raw``."""
    algorithm, _, value = canonical.digest(raw).partition(":")
    return Statement(
        subject=(ResourceDescriptor(name=f"{bundle.name}@{bundle.version}", digest={algorithm: value}),),
        predicate_type=BUNDLE_TYPE,
        predicate=msgspec.to_builtins(_predicate(bundle)),
    )


def verify_bundle(bundle: PolicyBundle, raw: bytes, envelopes: Iterable[bytes], trust: Trust, at: str) -> SignedBundle:
    """The first of ``envelopes`` that counts for ``bundle``, whose file is ``raw``, at ``at`` (RFC 3339 UTC).

    Raises TrustError with what is wrong with each, when none does: it is foreign or altered, its key may not sign
    bundles now, it is revoked (by its own digest, that of its payload, or the bundle's), or is about another bundle.
    """
    digest, refused = canonical.digest(raw), []
    for envelope in envelopes:
        try:
            return _verified(bundle, raw, envelope, trust, at)
        except TrustError as error:
            refused.append(f"{canonical.digest(envelope)[:19]}: {error.message}")
    if not refused:
        raise TrustError(
            "the policy bundle is not signed, and a trust policy is configured",
            where=digest,
            hint="have it signed with `gateproof bundle sign`, by a key with the role 'bundle' in the trust policy",
        )
    raise TrustError(
        "no signature on the policy bundle counts",
        where=digest,
        problems=refused,
        hint="have it signed by a key with the role 'bundle' in the trust policy; see docs/guides/bundles.md",
    )


def _verified(bundle: PolicyBundle, raw: bytes, envelope: bytes, trust: Trust, at: str) -> SignedBundle:
    statement = open_statement(envelope, trust, at, role=Role.BUNDLE)
    digest = canonical.digest(raw)
    revoked = trust.policy.revocation(
        instant(at), digest, canonical.digest(envelope), canonical.digest(statement.encoded)
    )
    if revoked is not None:
        raise TrustError(f"it was revoked at {revoked.at}: {revoked.reason}", where=digest, hint="use a newer bundle")
    if statement.encoded != state_bundle(bundle, raw).encoded:
        raise TrustError(
            "it is a statement about another bundle", where=digest, hint="give the signature that was made for this one"
        )
    # The envelope is in one spelling and has one key id, and only that key was tried: it is the signer's.
    signer = dsse.decode(envelope).signatures[0].keyid
    key = trust.key(signer)
    return SignedBundle(envelope, signer, key.name if key else "")


def _predicate(bundle: PolicyBundle) -> BundlePredicate:
    return BundlePredicate(bundle.name, bundle.version, tuple(policy.id for policy in bundle.policies))
