"""Opening a trust policy and a roster: the pin, the roles, the times, and everything that is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.trust import (
    DocumentKind,
    KeySigner,
    Person,
    Revocation,
    Role,
    Roster,
    Trust,
    TrustedKey,
    TrustPolicy,
    TrustRecord,
    WaiverLimits,
    dsse,
    open_trust,
    read_trust_record,
    sign_document,
)

NOW = "2026-11-23T05:00:00Z"
ROOT, HR, CI, STRANGER = (KeySigner.generate() for _ in range(4))


def trusted(signer: KeySigner, *roles: Role, **changes: Any) -> TrustedKey:
    return TrustedKey(
        fingerprint=signer.fingerprint, public_key=signer.public_key_pem, name="a key", roles=roles, **changes
    )


POLICY = TrustPolicy(
    version=2,
    name="payments",
    log_origin="gateproof.example/payments",
    keys=(trusted(ROOT, Role.TRUST), trusted(HR, Role.ROSTER), trusted(CI, Role.DECISION, Role.CHECKPOINT)),
)
ROSTER = Roster(version=1, people=(Person("vera@example.com", "Vera", "vp"),))


def policy(signer: KeySigner = ROOT, **changes: Any) -> bytes:
    return sign_document(DocumentKind.TRUST, msgspec.structs.replace(POLICY, **changes), signer)


def roster(signer: KeySigner = HR, **changes: Any) -> bytes:
    return sign_document(DocumentKind.ROSTER, msgspec.structs.replace(ROSTER, **changes), signer)


def opened(policy_envelope: bytes = policy(), roster_envelope: bytes | None = None) -> Trust:
    return open_trust(policy_envelope, ROOT.fingerprint, roster_envelope, NOW)


def test_what_the_root_signed_opens() -> None:
    trust = opened(policy(), roster())
    assert trust.policy == POLICY
    assert trust.roster == ROSTER
    assert trust.root == ROOT.fingerprint
    assert opened().roster is None


def test_the_digest_names_root_policy_and_roster() -> None:
    trust = opened(policy(), roster())
    record = TrustRecord(ROOT.fingerprint, canonical.digest(policy()), canonical.digest(roster()))
    assert read_trust_record(trust.encoded) == record
    assert trust.digest == canonical.digest_of(record)
    assert len({trust.digest, opened().digest, opened(policy(version=3), roster()).digest}) == 3


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"policy":"../../etc","root":"x","roster":""}', b"\xff"])
def test_what_is_no_record_of_trust_is_refused(raw: bytes) -> None:
    with pytest.raises(TrustError, match="not a record of trust"):
        read_trust_record(raw)


def forged(envelope: bytes, kind: DocumentKind, value: TrustPolicy | Roster) -> bytes:
    """``value`` under the signature that ``envelope`` has over something else."""
    payload = dsse.seal(canonical.encode(value), kind.payload_type, [STRANGER]).payload
    return dsse.encode(msgspec.structs.replace(dsse.decode(envelope), payload=payload))


EXPIRED = {"not_after": NOW}
EARLY = {"not_before": "2026-11-23T05:00:01Z"}


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        (b"", "not a DSSE envelope"),
        (roster(), "it holds 'application/vnd.gateproof.roster"),
        (policy(STRANGER), "not signed by the pinned root key"),
        (policy(CI), "not signed by the pinned root key"),
        (forged(policy(), DocumentKind.TRUST, msgspec.structs.replace(POLICY, version=9)), "not signed by the pinned"),
        (policy(keys=(trusted(STRANGER, Role.TRUST),)), "pinned root key is not among the keys"),
        (policy(keys=(trusted(ROOT, Role.ROSTER), trusted(CI, Role.TRUST))), "pinned root key is not among the keys"),
        (policy(not_after=NOW), "trust policy expired at"),
        (policy(keys=(trusted(ROOT, Role.TRUST, **EXPIRED),)), "root key has expired"),
        (policy(keys=(trusted(ROOT, Role.TRUST, **EARLY),)), "root key has expired, is not valid yet"),
        (policy(revoked=(Revocation(ROOT.fingerprint, "lost", NOW),)), "is revoked by its own policy"),
    ],
)
def test_a_trust_policy_that_is_refused(envelope: bytes, message: str) -> None:
    with pytest.raises(TrustError, match=message):
        opened(envelope)


def test_the_root_does_not_sign_itself_in() -> None:
    usurper = policy(STRANGER, keys=(trusted(STRANGER, Role.TRUST), *POLICY.keys))
    with pytest.raises(TrustError, match="not signed by the pinned root key"):
        opened(usurper)
    assert open_trust(usurper, STRANGER.fingerprint, None, NOW).root == STRANGER.fingerprint


@pytest.mark.parametrize(
    "pin", ["", "sha256:", ROOT.fingerprint.upper(), ROOT.fingerprint[7:]], ids=["empty", "prefix", "upper", "bare"]
)
def test_a_pin_is_a_whole_fingerprint(pin: str) -> None:
    with pytest.raises(TrustError, match="must be sha256"):
        open_trust(policy(), pin, None, NOW)


def test_an_older_policy_is_refused_to_who_has_seen_a_newer_one() -> None:
    assert open_trust(policy(), ROOT.fingerprint, None, NOW, lowest_version=2).policy.version == 2
    with pytest.raises(TrustError, match="version 3 has been seen"):
        open_trust(policy(), ROOT.fingerprint, None, NOW, lowest_version=3)


@pytest.mark.parametrize(
    ("policy_envelope", "envelope", "message"),
    [
        (policy(), b"", "not a DSSE envelope"),
        (policy(), policy(), "it holds 'application/vnd.gateproof.trust"),
        (policy(), roster(ROOT), "not signed by a key that may sign rosters"),
        (policy(), roster(CI), "not signed by a key that may sign rosters"),
        (policy(), roster(STRANGER), "not signed by a key that may sign rosters"),
        (policy(), forged(roster(), DocumentKind.ROSTER, msgspec.structs.replace(ROSTER, version=2)), "not signed"),
        (policy(revoked=(Revocation(HR.fingerprint, "left", NOW),)), roster(), "not signed by a key that may"),
        (policy(), roster(not_after=NOW), "roster expired"),
        (policy(waivers=WaiverLimits(exception_rank="lead")), roster(), "'lead' is not at or above 'manager'"),
        (policy(waivers=WaiverLimits(break_glass_rank="king")), roster(), "'king' is not at or above 'vp'"),
        (policy(), roster(ranks=("low", "vp")), "'manager' is not at or above 'manager'"),
    ],
)
def test_a_roster_that_is_refused(policy_envelope: bytes, envelope: bytes, message: str) -> None:
    with pytest.raises(TrustError, match=message):
        opened(policy_envelope, envelope)


def test_keys_have_their_roles_and_times_and_no_others() -> None:
    keys = (
        trusted(ROOT, Role.TRUST),
        trusted(CI, Role.DECISION, not_before="2026-11-01T00:00:00Z", not_after="2026-12-01T00:00:00Z"),
        trusted(HR, Role.DECISION),
    )
    trust = opened(policy(keys=keys, revoked=(Revocation(HR.fingerprint, "left", "2026-11-10T00:00:00Z"),)))
    both = {CI.fingerprint: CI.public_key_pem, HR.fingerprint: HR.public_key_pem}
    assert trust.keys_for(Role.CHECKPOINT, NOW) == {}
    assert trust.keys_for(Role.DECISION, "2026-11-09T23:59:59Z") == both
    assert set(trust.keys_for(Role.DECISION, "2026-11-10T00:00:00Z")) == {CI.fingerprint}
    assert set(trust.keys_for(Role.DECISION, "2026-10-31T23:59:59Z")) == {HR.fingerprint}
    assert trust.keys_for(Role.DECISION, "2026-12-01T00:00:00Z") == {}
    found = trust.key(CI.fingerprint)
    assert found is not None
    assert found.roles == (Role.DECISION,)
    assert trust.key(STRANGER.fingerprint) is None


@pytest.mark.parametrize("kind", ["policy", "roster"])
def test_every_byte_matters(kind: str) -> None:
    raw = policy() if kind == "policy" else roster()
    opened(policy(), roster())
    for index in range(len(raw)):
        flipped = raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]
        with pytest.raises(TrustError):
            opened(*((flipped, roster()) if kind == "policy" else (policy(), flipped)))
