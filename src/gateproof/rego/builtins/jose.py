"""Keys and signatures of JOSE: JWK (RFC 7517), JWA (RFC 7518), and keys in PEM (RFC 7468)."""

from __future__ import annotations

import hmac
import re
from typing import Any, NamedTuple

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.encoding import decode_base64url
from gateproof.rego.builtins.json_text import from_text
from gateproof.rego.builtins.operands import fail
from gateproof.rego.builtins.quoting import encode_utf8
from gateproof.rego.errors import BuiltinError

ALGORITHMS = frozenset(f"{family}{size}" for family in ("RS", "PS", "ES", "HS") for size in (256, 384, 512)) | {"EdDSA"}

_PEM = re.compile(
    r"-----BEGIN (?P<type>[^\n]*?)-----[ \t\r]*\n(?P<body>.*?)-----END (?P=type)-----[ \t\r]*(?:\n|\Z)", re.DOTALL
)
_CURVES = {"P-256": "SECP256R1", "P-384": "SECP384R1", "P-521": "SECP521R1"}
_MAX_BITS = 8192  # of RSA keys: larger ones only take time
_MAX_BLOCKS = 100  # begun in one PEM text, of which only one may be there


class Key(NamedTuple):
    """A key with what its JWK says of its use; ``material`` is bytes for a secret."""

    material: Any
    algorithm: str = ""
    id: str = ""


def verification_keys(text: str) -> list[Key]:
    """The public keys or secrets of a certificate or public key in PEM, or of a JWK or a set of JWKs."""
    match = _PEM.search(text) if text.count("-----BEGIN") <= _MAX_BLOCKS else None
    if match is None:
        return [key for key in jwk_keys(text) if not key.algorithm or key.algorithm in ALGORITHMS]
    if match.end() < len(text):
        raise fail("extra data after a PEM certificate block")
    pem = match[0].encode("utf-8", "replace")
    if match["type"] == "CERTIFICATE":
        from cryptography import x509

        try:
            return [Key(x509.load_pem_x509_certificate(pem).public_key())]
        except ValueError as error:
            raise fail(f"failed to parse a PEM certificate: {error}") from None
    if match["type"] == "PUBLIC KEY":
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            return [Key(load_pem_public_key(pem))]
        except ValueError as error:
            raise fail(f"failed to parse a PEM public key: {error}") from None
    raise fail("failed to extract a Key from the PEM certificate")


def jwk_keys(text: str) -> list[Key]:
    """The keys of a JWK or a JWK Set."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        document = from_text(text)
        members = document.get("keys", [document])
        return [Key(_material(member), member.get("alg", ""), member.get("kid", "")) for member in members]
    except (BuiltinError, UnsupportedAlgorithm, ValueError, KeyError, TypeError, AttributeError) as error:
        raise fail(f"failed to parse a JWK key (set): {error}") from None


def _material(member: dict[str, Any]) -> Any:
    kind = member["kty"]
    if kind == "oct":
        return _octets(member, "k")
    if kind == "RSA":
        return _rsa(member)
    if kind == "EC":
        return _elliptic(member)
    if kind == "OKP" and member["crv"] == "Ed25519":
        from cryptography.hazmat.primitives.asymmetric import ed25519

        if "d" in member:
            return ed25519.Ed25519PrivateKey.from_private_bytes(_octets(member, "d"))
        return ed25519.Ed25519PublicKey.from_public_bytes(_octets(member, "x"))
    raise ValueError(f"keys of type {kind} are not known")


def _octets(member: dict[str, Any], name: str) -> bytes:
    return decode_base64url(member[name])


def _number(member: dict[str, Any], name: str) -> int:
    octets = _octets(member, name)
    if len(octets) * 8 > _MAX_BITS:
        raise ValueError("the key is too large")
    return int.from_bytes(octets)


def _rsa(member: dict[str, Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    public = rsa.RSAPublicNumbers(_number(member, "e"), _number(member, "n"))
    if "d" not in member:
        return public.public_key()
    private = {name: _number(member, name) for name in ("d", "p", "q", "dp", "dq", "qi") if name in member}
    d = private["d"]
    p, q = (private["p"], private["q"]) if "q" in private else rsa.rsa_recover_prime_factors(public.n, public.e, d)
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=private.get("dp", rsa.rsa_crt_dmp1(d, p)),
        dmq1=private.get("dq", rsa.rsa_crt_dmq1(d, q)),
        iqmp=private.get("qi", rsa.rsa_crt_iqmp(p, q)),
        public_numbers=public,
    )
    return numbers.private_key()


def _elliptic(member: dict[str, Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = getattr(ec, _CURVES[member["crv"]])()
    public = ec.EllipticCurvePublicNumbers(_number(member, "x"), _number(member, "y"), curve)
    if "d" in member:
        return ec.EllipticCurvePrivateNumbers(_number(member, "d"), public).private_key()
    return public.public_key()


def _hash(algorithm: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    return {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[algorithm[2:]]


def verifies(key: Any, algorithm: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` under ``key``; a key of another kind verifies nothing."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    family = algorithm[:2]
    if algorithm not in ALGORITHMS:
        return False
    if family == "HS":
        return isinstance(key, bytes) and hmac.compare_digest(_mac(key, algorithm, message), signature)
    public = key.public_key() if hasattr(key, "public_key") else key
    try:
        if family == "RS" and isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, padding.PKCS1v15(), _hash(algorithm))
        elif family == "PS" and isinstance(public, rsa.RSAPublicKey):
            digest = _hash(algorithm)
            public.verify(signature, message, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
        elif family == "ES" and isinstance(public, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            pair = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            public.verify(encode_dss_signature(*pair), message, ec.ECDSA(_hash(algorithm)))
        elif family == "Ed" and isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def sign(key: Any, algorithm: str, message: bytes) -> bytes:
    """The signature of ``message``; the same every time, so that an evaluation can be repeated."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    family = algorithm[:2]
    if family == "HS" and isinstance(key, bytes):
        return _mac(key, algorithm, message)
    if family == "RS" and isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), _hash(algorithm))
    if family == "PS" and isinstance(key, rsa.RSAPrivateKey):
        raise EvaluationError("signatures with PSS are random, which evaluations are not", hint="sign with RS256")
    if family == "ES" and isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.key_size + 7) // 8
        der = key.sign(message, ec.ECDSA(_hash(algorithm), deterministic_signing=True))
        return b"".join(number.to_bytes(size) for number in decode_dss_signature(der))
    if family == "Ed" and isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    raise fail(f"the key cannot sign with {algorithm}")


def _mac(secret: bytes, algorithm: str, message: bytes) -> bytes:
    return hmac.new(secret, message, f"sha{algorithm[2:]}").digest()


def signed_bytes(header: str, payload: str) -> bytes:
    """What a JWS signs: both parts as they were encoded."""
    return encode_utf8(f"{header}.{payload}")
