"""Keys: Ed25519 and ECDSA P-256, private ones only ever written encrypted.

A key is named by its fingerprint, ``sha256:<hex>`` of the DER SubjectPublicKeyInfo. Ed25519 is RFC 8032; ECDSA is
FIPS 186-5 over P-256 with SHA-256. Signatures have one spelling: strict DER with ``s`` in the lower half for ECDSA,
so that nobody without the private key can turn a valid signature into another one (and a revoked envelope into one
whose digest is not on the list).
"""

from __future__ import annotations

import hmac
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from gateproof.documents import canonical
from gateproof.errors import TrustError

if TYPE_CHECKING:  # importing cryptography takes longer than the rest of this package together
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
    PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

_PEM_LIMIT = 16 * 1024
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Algorithm(StrEnum):
    """What kind of key to make."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256"


class KeySigner:
    """A Signer that holds its private key in memory. It has no representation that shows the key."""

    def __init__(self, private_key: PrivateKey) -> None:
        self._private_key = private_key
        self.public_key_pem = _public_pem(private_key.public_key())
        self.fingerprint = fingerprint(self.public_key_pem)

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ED25519) -> KeySigner:
        """A new key from the operating system's random source."""
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519

        match algorithm:
            case Algorithm.ED25519:
                return cls(ed25519.Ed25519PrivateKey.generate())
            case Algorithm.ECDSA_P256:
                return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load(cls, pem: bytes, password: bytes) -> KeySigner:
        """The key in ``pem``, encrypted PKCS#8.

        Raises TrustError for a wrong password, an unencrypted key, and any other kind of file or key.
        """
        return cls(_load_private(pem, password))

    def encrypted_pem(self, password: bytes) -> bytes:
        """The private key as PKCS#8 PEM, encrypted under ``password``. Raises TrustError for an empty password."""
        from cryptography.hazmat.primitives import serialization

        from gateproof.trust import pkcs8

        if not password:
            raise TrustError("a private key is never written without a password", hint="give a non-empty password")
        clear = self._private_key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pkcs8.encrypt(clear, password)

    def sign(self, message: bytes) -> bytes:
        """Signature over ``message``; the same one every time for Ed25519, never the same twice for ECDSA."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if isinstance(self._private_key, Ed25519PrivateKey):
            return self._private_key.sign(message)
        r, s = utils.decode_dss_signature(self._private_key.sign(message, ec.ECDSA(hashes.SHA256())))
        return utils.encode_dss_signature(r, min(s, _P256_ORDER - s))


def fingerprint(public_key_pem: str) -> str:
    """``sha256:<hex>`` of the key's DER SubjectPublicKeyInfo. Raises TrustError if it is no key that we use."""
    from cryptography.hazmat.primitives import serialization

    key = _load_public(public_key_pem)
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return canonical.digest(der)


def raw_ed25519(public_key_pem: str) -> bytes:
    """The 32 bytes of an Ed25519 public key (RFC 8032), as signed notes need them. Raises TrustError for ECDSA."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = _load_public(public_key_pem)
    if not isinstance(key, Ed25519PublicKey):
        raise TrustError(
            "an Ed25519 key is needed here, and this is an ECDSA key", hint="make one with gateproof keygen"
        )
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def verifies(public_key_pem: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is this key's over ``message``. Raises TrustError if the PEM is no key that we use."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = _load_public(public_key_pem)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        elif not _is_canonical_ecdsa(signature):
            return False
        else:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def same(left: str, right: str) -> bool:
    """Whether two digests or fingerprints are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode(errors="surrogatepass"), right.encode(errors="surrogatepass"))


def _is_canonical_ecdsa(signature: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric import utils

    try:
        r, s = utils.decode_dss_signature(signature)
    except ValueError:
        return False
    return 0 < s <= _P256_ORDER // 2 and utils.encode_dss_signature(r, s) == signature


def _public_pem(key: PublicKey) -> str:
    from cryptography.hazmat.primitives import serialization

    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@lru_cache(maxsize=256)
def _load_public(pem: str) -> PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = serialization.load_pem_public_key(pem[:_PEM_LIMIT].encode())
    except (ValueError, UnsupportedAlgorithm):
        raise TrustError(
            "this is not a public key in PEM form", hint="use the .pub file that gateproof keygen wrote"
        ) from None
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise TrustError("only Ed25519 and ECDSA P-256 keys are used", hint="make one with gateproof keygen")


def _load_private(pem: bytes, password: bytes) -> PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if b"-----BEGIN ENCRYPTED PRIVATE KEY-----" not in pem[:_PEM_LIMIT]:
        raise TrustError(
            "this is not an encrypted private key (PKCS#8 PEM)",
            hint="make one with gateproof keygen, or encrypt yours: openssl pkcs8 -topk8 -v2 aes-256-cbc",
        )
    # What cryptography says is left out on purpose: the messages differ by library version, and none is worth showing.
    try:
        key = serialization.load_pem_private_key(pem[:_PEM_LIMIT], password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise TrustError(
            "the private key does not open with this password", hint="check the password, and that the file is whole"
        ) from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    raise TrustError("only Ed25519 and ECDSA P-256 keys are used", hint="make one with gateproof keygen")
