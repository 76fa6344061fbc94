"""Keys: what opens, what verifies, and what errors do not give away."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, utils

from gateproof.errors import TrustError
from gateproof.trust import Algorithm, KeySigner, keys

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED, EC = KeySigner.generate(), KeySigner.generate(Algorithm.ECDSA_P256)
BOTH = pytest.mark.parametrize("signer", [ED, EC], ids=["ed25519", "ecdsa"])


@BOTH
def test_an_encrypted_key_opens_with_its_password(signer: KeySigner) -> None:
    pem = signer.encrypted_pem(b"correct horse")
    assert b"ENCRYPTED PRIVATE KEY" in pem
    again = KeySigner.load(pem, b"correct horse")
    assert again.fingerprint == signer.fingerprint
    assert keys.verifies(signer.public_key_pem, b"message", again.sign(b"message"))


@BOTH
def test_openssl_reads_what_is_written(signer: KeySigner, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "key").write_bytes(signer.encrypted_pem(b"correct horse"))
    command = [openssl, "pkey", "-in", str(tmp_path / "key"), "-passin", "pass:correct horse", "-pubout"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert keys.fingerprint(found.stdout) == signer.fingerprint


def test_no_two_encryptions_are_alike() -> None:
    assert ED.encrypted_pem(b"correct horse") != ED.encrypted_pem(b"correct horse")


def test_a_key_that_openssl_or_cryptography_encrypted_opens_too() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"p")
    )
    KeySigner.load(pem, b"p")


@BOTH
@pytest.mark.parametrize("password", [b"wrong-pass", b""])
def test_a_wrong_password_says_so_and_nothing_else(signer: KeySigner, password: bytes) -> None:
    with pytest.raises(TrustError, match="does not open with this password") as caught:
        KeySigner.load(signer.encrypted_pem(b"correct horse"), password)
    shown = f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert caught.value.hint
    assert "wrong-pass" not in shown
    assert "correct" not in shown


def test_a_key_is_never_written_in_the_clear() -> None:
    with pytest.raises(TrustError, match="never written without a password"):
        ED.encrypted_pem(b"")
    clear = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(TrustError, match="not an encrypted private key"):
        KeySigner.load(clear, b"password")


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())])
def test_other_kinds_of_key_are_refused(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"p")
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TrustError, match="only Ed25519 and ECDSA P-256"):
        KeySigner.load(private, b"p")
    with pytest.raises(TrustError, match="only Ed25519 and ECDSA P-256"):
        keys.fingerprint(public.decode())


@pytest.mark.parametrize(
    "pem", ["", "rubbish", "\x00\udcff", ED.public_key_pem.replace("M", "N", 3), "-----BEGIN PUBLIC KEY-----"]
)
def test_what_is_no_public_key_is_refused(pem: str) -> None:
    with pytest.raises(TrustError, match="not a public key"):
        keys.fingerprint(pem)


@BOTH
def test_the_fingerprint_is_of_the_der(signer: KeySigner) -> None:
    key = serialization.load_pem_public_key(signer.public_key_pem.encode())
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert signer.fingerprint == "sha256:" + hashlib.sha256(der).hexdigest()


def test_raw_public_keys_are_for_ed25519_alone() -> None:
    raw = keys.raw_ed25519(ED.public_key_pem)
    ed25519.Ed25519PublicKey.from_public_bytes(raw).verify(ED.sign(b"note"), b"note")
    with pytest.raises(TrustError, match="Ed25519 key is needed"):
        keys.raw_ed25519(EC.public_key_pem)


@BOTH
def test_a_signature_is_for_one_message_and_key(signer: KeySigner) -> None:
    signature = signer.sign(b"message")
    other = KeySigner.generate(Algorithm.ED25519 if signer is ED else Algorithm.ECDSA_P256)
    assert keys.verifies(signer.public_key_pem, b"message", signature)
    assert not keys.verifies(signer.public_key_pem, b"massage", signature)
    assert not keys.verifies(other.public_key_pem, b"message", signature)
    assert not keys.verifies(signer.public_key_pem, b"message", b"")


def test_ed25519_signs_the_same_every_time() -> None:
    assert ED.sign(b"message") == ED.sign(b"message")


def test_ecdsa_signatures_have_one_spelling() -> None:
    for index in range(20):
        message = b"%d" % index
        signature = EC.sign(message)
        r, s = utils.decode_dss_signature(signature)
        assert keys.verifies(EC.public_key_pem, message, signature)
        assert not keys.verifies(EC.public_key_pem, message, utils.encode_dss_signature(r, ORDER - s))
        assert not keys.verifies(EC.public_key_pem, message, signature + b"\x00")
        assert not keys.verifies(EC.public_key_pem, message, r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_no_representation_shows_the_key() -> None:
    assert repr(ED).startswith("<gateproof.trust.keys.KeySigner object")


def test_importing_loads_no_cryptography_and_no_yaml() -> None:
    program = (
        "import sys, gateproof.trust, gateproof.evidence;"
        "print(sorted({'cryptography', 'yaml'} & {name.partition('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
