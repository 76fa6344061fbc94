"""DSSE: the protocol's own vector, one spelling, and what a signature is worth."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from gateproof.errors import TrustError
from gateproof.trust import Algorithm, Envelope, KeySigner, Signature, dsse, keys

CASES = Path(os.environ.get("GATEPROOF_CASES", Path(__file__).parents[4] / "shared" / "cases"))
TYPE = "application/vnd.example+json"
ALICE, BOB = KeySigner.generate(), KeySigner.generate(Algorithm.ECDSA_P256)
RING = {signer.fingerprint: signer.public_key_pem for signer in (ALICE, BOB)}


def sealed(*signers: KeySigner) -> Envelope:
    return dsse.seal(b'{"a":1}', TYPE, signers)


@pytest.mark.conformance
@pytest.mark.skipif(not (CASES / "vectors.json").exists(), reason="the shared cases are not here")
def test_the_vector_of_the_protocol() -> None:
    vector = json.loads((CASES / "vectors.json").read_bytes())["dsse_spec"]
    numbers = ec.EllipticCurvePublicNumbers(int(vector["p256_x"]), int(vector["p256_y"]), ec.SECP256R1())
    pem = numbers.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    fingerprint = keys.fingerprint(pem.decode())
    # The vector writes r and s side by side; everything since, and this project, writes them as DER.
    raw = base64.b64decode(vector["sig_b64_r_s"])
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    envelope = Envelope(
        payload=base64.b64encode(vector["payload"].encode()).decode(),
        payload_type=vector["payloadType"],
        signatures=(Signature(sig=base64.b64encode(der).decode()),),
    )
    assert dsse.pae(vector["payloadType"], vector["payload"].encode()).decode() == vector["pae"]
    assert dsse.verify(envelope, {fingerprint: pem.decode()}, [fingerprint]) == {fingerprint}


def test_pae_counts_bytes() -> None:
    assert dsse.pae("é", b"\x00\xff") == b"DSSEv1 2 \xc3\xa9 2 \x00\xff"


def test_what_is_sealed_opens_again() -> None:
    raw = dsse.encode(sealed(ALICE, BOB))
    envelope = dsse.decode(raw)
    assert envelope == dsse.decode(raw)
    assert dsse.payload_of(envelope) == b'{"a":1}'
    assert dsse.verify(envelope, RING, RING) == set(RING)


def test_nobody_signing_is_refused() -> None:
    with pytest.raises(TrustError, match="at least one signer"):
        dsse.seal(b"", TYPE, [])


def test_only_accepted_keys_count() -> None:
    assert dsse.verify(sealed(ALICE, BOB), RING, [BOB.fingerprint]) == {BOB.fingerprint}
    assert dsse.verify(sealed(ALICE), RING, [BOB.fingerprint]) == frozenset()
    assert dsse.verify(sealed(ALICE), {}, [ALICE.fingerprint]) == frozenset()


def test_a_key_counts_once_however_often_it_signed() -> None:
    assert dsse.verify(sealed(ALICE, ALICE, BOB, BOB), RING, RING) == set(RING)


def test_a_key_id_adds_no_trust() -> None:
    (signature,) = sealed(ALICE).signatures
    lying = msgspec.structs.replace(signature, keyid=BOB.fingerprint)
    silent = msgspec.structs.replace(signature, keyid="")
    assert dsse.verify(msgspec.structs.replace(sealed(ALICE), signatures=(lying,)), RING, RING) == frozenset()
    assert dsse.verify(msgspec.structs.replace(sealed(ALICE), signatures=(silent,)), RING, RING) == {ALICE.fingerprint}


def test_a_signature_does_not_move_to_another_payload_or_type() -> None:
    envelope = sealed(ALICE)
    assert not dsse.verify(msgspec.structs.replace(envelope, payload_type=TYPE + "x"), RING, RING)
    assert not dsse.verify(msgspec.structs.replace(envelope, payload=base64.b64encode(b"{}").decode()), RING, RING)


def test_a_key_filed_under_another_name_is_an_error() -> None:
    with pytest.raises(TrustError, match="not its own"):
        dsse.verify(sealed(ALICE), {ALICE.fingerprint: BOB.public_key_pem}, [ALICE.fingerprint])


def signers_of(raw: bytes) -> frozenset[str]:
    try:
        return dsse.verify(dsse.decode(raw), RING, RING)
    except TrustError:
        return frozenset()


@pytest.mark.parametrize("signer", [ALICE, BOB], ids=["ed25519", "ecdsa"])
def test_every_byte_matters(signer: KeySigner) -> None:
    raw = dsse.encode(sealed(signer))
    assert signers_of(raw) == {signer.fingerprint}
    noticed = 0
    for index in range(len(raw)):
        for bit in range(8):
            flipped = raw[:index] + bytes([raw[index] ^ (1 << bit)]) + raw[index + 1 :]
            noticed += not signers_of(flipped)
    assert noticed == 8 * len(raw)


def other_spellings() -> dict[str, bytes]:
    raw = dsse.encode(sealed(ALICE))
    return {
        "white space": raw + b"\n",
        "order": json.dumps(dict(reversed(json.loads(raw).items())), separators=(",", ":")).encode(),
        "duplicate key": raw.replace(b"{", b'{"payload":"",', 1),
        "unknown field": raw.replace(b"{", b'{"extra":1,', 1),
        "unknown field of a signature": raw.replace(b'{"keyid"', b'{"cert":"","keyid"', 1),
        "escapes": raw.replace(b"application/", b"application\\/", 1),
        "no padding": raw.replace(b"=", b"", 1),
        "url-safe base64": dsse.encode(msgspec.structs.replace(sealed(ALICE), payload="-_-_")),
        "trailing bits": dsse.encode(msgspec.structs.replace(sealed(ALICE), payload="eyJhIjoxfR==")),
        "no signatures": dsse.encode(msgspec.structs.replace(sealed(ALICE), signatures=())),
        "many signatures": dsse.encode(sealed(*[ALICE] * (dsse.SIGNATURE_LIMIT + 1))),
        "a long key id": dsse.encode(msgspec.structs.replace(sealed(ALICE), signatures=(Signature("", "x" * 9999),))),
        "not UTF-8": raw.replace(b"vnd", b"\xff\xfe\xfd", 1),
        "a list": b"[]",
        "deep": b"[" * 100_000,
        "nothing": b"",
    }


@pytest.mark.parametrize("name", other_spellings())
def test_other_spellings_are_refused(name: str) -> None:
    with pytest.raises(TrustError, match="not a DSSE envelope that gateproof accepts"):
        dsse.decode(other_spellings()[name])


def test_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = dsse.encode(sealed(ALICE))
    monkeypatch.setattr(dsse, "SIZE_LIMIT", len(raw))
    assert dsse.decode(raw) == sealed(ALICE)
    with pytest.raises(TrustError, match="is the limit"):
        dsse.decode(raw + b" ")
