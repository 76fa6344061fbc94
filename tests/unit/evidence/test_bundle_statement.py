"""Signatures on policy bundles: one counts when a key with the role signed this bundle, and it was not taken back."""

from __future__ import annotations

import json

import pytest

from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.policy_bundle import PolicyBundle, encode
from gateproof.catalog.scales import Severity
from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.evidence import seal
from gateproof.evidence.bundle_statement import BUNDLE_TYPE, SignedBundle, state_bundle, verify_bundle
from gateproof.evidence.statement import Statement
from gateproof.trust import (
    Algorithm,
    DocumentKind,
    KeySigner,
    Revocation,
    Role,
    Trust,
    TrustedKey,
    TrustPolicy,
    dsse,
    open_trust,
    sign_document,
)

NOW = "2026-11-23T05:00:00Z"
ROOT, SIGNER, OTHER = KeySigner.generate(), KeySigner.generate(), KeySigner.generate(Algorithm.ECDSA_P256)


def bundle(version: str = "1.0.0") -> PolicyBundle:
    policy = Policy(
        id="a",
        engine=EngineName.REGO,
        title="A",
        severity=Severity.HIGH,
        sources=(Source("policy.rego", "package a\n"),),
    )
    return PolicyBundle(name="acme/base", version=version, policies=(policy,))


BUNDLE = bundle()
RAW = encode(BUNDLE)
ENVELOPE = seal(state_bundle(BUNDLE, RAW), SIGNER)


def trust(*roles: Role, revoked: tuple[Revocation, ...] = (), not_before: str = "", not_after: str = "") -> Trust:
    """A trust in which SIGNER has ``roles``."""
    keys = [
        TrustedKey(ROOT.fingerprint, ROOT.public_key_pem, "root", (Role.TRUST,)),
        TrustedKey(OTHER.fingerprint, OTHER.public_key_pem, "other", (Role.DECISION,)),
        TrustedKey(
            SIGNER.fingerprint, SIGNER.public_key_pem, "signer", roles, not_before=not_before, not_after=not_after
        ),
    ]
    policy = TrustPolicy(version=1, name="acme", log_origin="acme.example", keys=tuple(keys), revoked=revoked)
    return open_trust(sign_document(DocumentKind.TRUST, policy, ROOT), ROOT.fingerprint, None, NOW)


TRUST = trust(Role.BUNDLE)


def test_a_signature_by_a_key_with_the_role_counts() -> None:
    found = verify_bundle(BUNDLE, RAW, [ENVELOPE], TRUST, NOW)
    assert found == SignedBundle(ENVELOPE, SIGNER.fingerprint, "signer")
    assert verify_bundle(BUNDLE, RAW, [b"nonsense", ENVELOPE], TRUST, NOW) == found


def test_what_is_signed_names_the_bundle() -> None:
    statement = state_bundle(BUNDLE, RAW)
    assert statement.predicate_type == BUNDLE_TYPE
    assert statement.subject[0].digest == {"sha256": canonical.digest(RAW)[7:]}
    assert statement.predicate == {"name": "acme/base", "version": "1.0.0", "policies": ("a",)}


def test_a_bundle_without_a_signature_is_refused() -> None:
    with pytest.raises(TrustError, match="is not signed") as caught:
        verify_bundle(BUNDLE, RAW, [], TRUST, NOW)
    assert "bundle sign" in (caught.value.hint or "")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.BUNDLE])
def test_every_other_role_is_not_enough(role: Role) -> None:
    with pytest.raises(TrustError, match="no signature on the policy bundle counts") as caught:
        verify_bundle(BUNDLE, RAW, [ENVELOPE], trust(role), NOW)
    assert "may sign as 'bundle'" in str(caught.value)


def test_a_key_that_is_not_trusted_is_not_enough() -> None:
    foreign = seal(state_bundle(BUNDLE, RAW), KeySigner.generate())
    with pytest.raises(TrustError):
        verify_bundle(BUNDLE, RAW, [foreign], TRUST, NOW)


@pytest.mark.parametrize(("start", "end"), [("2026-11-23T05:00:01Z", ""), ("", NOW)], ids=["early", "late"])
def test_a_key_counts_in_its_interval_alone(start: str, end: str) -> None:
    with pytest.raises(TrustError):
        verify_bundle(BUNDLE, RAW, [ENVELOPE], trust(Role.BUNDLE, not_before=start, not_after=end), NOW)


@pytest.mark.parametrize(
    "digest",
    [SIGNER.fingerprint, canonical.digest(RAW), canonical.digest(ENVELOPE), state_bundle(BUNDLE, RAW).encoded],
    ids=["key", "bundle", "envelope", "payload"],
)
def test_what_is_revoked_does_not_count(digest: str | bytes) -> None:
    spelled = digest if isinstance(digest, str) else canonical.digest(digest)
    revoked = trust(Role.BUNDLE, revoked=(Revocation(spelled, "a mistake in it", NOW),))
    with pytest.raises(TrustError) as caught:
        verify_bundle(BUNDLE, RAW, [ENVELOPE], revoked, NOW)
    assert spelled == SIGNER.fingerprint or "a mistake in it" in str(caught.value)
    later = trust(Role.BUNDLE, revoked=(Revocation(spelled, "a mistake in it", "2026-11-23T05:00:01Z"),))
    assert verify_bundle(BUNDLE, RAW, [ENVELOPE], later, NOW)


def test_a_signature_on_another_bundle_does_not_count() -> None:
    other = bundle("1.0.1")
    with pytest.raises(TrustError, match="no signature") as caught:
        verify_bundle(other, encode(other), [ENVELOPE], TRUST, NOW)
    assert "another bundle" in str(caught.value)


def test_a_statement_that_says_something_else_about_the_bundle_does_not_count() -> None:
    said = state_bundle(BUNDLE, RAW)
    others = [
        Statement(
            subject=said.subject, predicate_type=said.predicate_type, predicate={**said.predicate, "version": "2"}
        ),
        Statement(subject=said.subject * 2, predicate_type=said.predicate_type, predicate=said.predicate),
        Statement(subject=said.subject, predicate_type="https://example/other", predicate=said.predicate),
    ]
    for statement in others:
        with pytest.raises(TrustError, match="no signature"):
            verify_bundle(BUNDLE, RAW, [seal(statement, SIGNER)], TRUST, NOW)


def test_every_mutated_byte_of_the_envelope_is_refused() -> None:
    refused = 0
    for at in range(len(ENVELOPE)):
        altered = bytearray(ENVELOPE)
        altered[at] ^= 1
        with pytest.raises(TrustError):
            verify_bundle(BUNDLE, RAW, [bytes(altered)], TRUST, NOW)
        refused += 1
    assert refused == len(ENVELOPE)


def test_an_envelope_with_two_signatures_does_not_count() -> None:
    envelope = json.loads(ENVELOPE)
    envelope["signatures"] *= 2
    with pytest.raises(TrustError):
        verify_bundle(BUNDLE, RAW, [canonical.encode(envelope)], TRUST, NOW)
    both = dsse.encode(dsse.seal(state_bundle(BUNDLE, RAW).encoded, "application/vnd.in-toto+json", [SIGNER, OTHER]))
    with pytest.raises(TrustError):
        verify_bundle(BUNDLE, RAW, [both], TRUST, NOW)
