"""X.509 certificates, requests and private keys: parsing, and verification of a chain (RFC 5280)."""

from __future__ import annotations

import base64
import re
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from gateproof.errors import EvaluationError
from gateproof.rego.builtins import x509_fields
from gateproof.rego.builtins.der import elements
from gateproof.rego.builtins.encoding import decode_base64
from gateproof.rego.builtins.operands import fail, object_, string
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet, Value, object_keys

_PEM = re.compile(
    rb"-----BEGIN (?P<type>[^\n]*?)-----[ \t\r]*\n(?P<body>.*?)-----END (?P=type)-----[ \t\r]*(?:\n|\Z)", re.DOTALL
)
_PARSE_COST = 200  # steps for a certificate
_VERIFY_COST = 500
_MAX_KEY_BITS = 8192
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_USAGES = {
    f"KeyUsage{name}": number
    for number, name in enumerate(
        (
            "Any",
            "ServerAuth",
            "ClientAuth",
            "CodeSigning",
            "EmailProtection",
            "IPSECEndSystem",
            "IPSECTunnel",
            "IPSECUser",
            "TimeStamping",
            "OCSPSigning",
            "MicrosoftServerGatedCrypto",
            "NetscapeServerGatedCrypto",
            "MicrosoftCommercialCodeSigning",
            "MicrosoftKernelCodeSigning",
        )
    )
}
_SERVER_AUTH = 1


def crypto_x509_parse_certificates(ctx: Context, text: Value) -> list[Value]:
    """The certificates in PEM or DER, the latter and optionally the former in Base64."""
    return _shown(ctx, _certificates(ctx, string(text, 1)))


def _shown(ctx: Context, certs: list[x509.Certificate], *, uri_strings: bool = True) -> list[Value]:
    ctx.spend(_PARSE_COST * len(certs))
    try:
        return [
            x509_fields.certificate(cert) | ({"URIStrings": x509_fields.uri_strings(cert)} if uri_strings else {})
            for cert in certs
        ]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise fail(f"x509: malformed certificate: {error}") from None


def _certificates(ctx: Context, text: str) -> list[x509.Certificate]:
    ctx.spend(1 + len(text) // 8)
    raw = text.encode("utf-8", "surrogateescape")
    if not raw.startswith(b"-----BEGIN"):
        raw = decode_base64(text)
    if raw.startswith(b"-----BEGIN"):
        _charge_blocks(ctx, raw)
        raw = b"".join(_blocks(raw, "CERTIFICATE"))
    try:
        parts = elements(raw)
        ctx.spend(_PARSE_COST * len(parts))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of certificates that are only odd: the policy decides about them
            return [x509.load_der_x509_certificate(part.raw) for part in parts]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise fail(f"x509: malformed certificate: {error}") from None


def _charge_blocks(ctx: Context, raw: bytes) -> None:
    """Charge for the search of the end of every block that begins."""
    ctx.spend(raw.count(b"-----BEGIN") * len(raw) // 64)


def _blocks(raw: bytes, kind: str) -> list[bytes]:
    blocks = []
    for match in _PEM.finditer(raw):
        if match["type"] != kind.encode():
            raise fail(f"PEM block type is '{match['type'].decode('utf-8', 'replace')}', expected {kind}")
        blocks.append(_body(match))
    return blocks


def _body(match: re.Match[bytes]) -> bytes:
    lines = match["body"].split(b"\n\n", 1) if b": " in match["body"] else [match["body"]]  # headers end at a blank
    return base64.b64decode(b"".join(lines[-1].split()))


def crypto_x509_parse_certificate_request(ctx: Context, text: Value) -> Value:
    """A certificate signing request in PEM, or PEM or DER in Base64."""
    raw = string(text, 1).encode("utf-8", "surrogateescape")
    ctx.spend(_PARSE_COST + len(raw) // 8)
    if not raw.startswith(b"-----BEGIN CERTIFICATE REQUEST-----"):
        raw = decode_base64(text)
    _charge_blocks(ctx, raw)
    match = _PEM.search(raw)
    if match is not None:
        if match["type"] != b"CERTIFICATE REQUEST":
            raise fail("invalid PEM-encoded certificate signing request")
        raw = _body(match)
    try:
        return x509_fields.request(x509.load_der_x509_csr(raw))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise fail(f"asn1: structure error: {error}") from None


def crypto_parse_private_keys(ctx: Context, text: Value) -> Value:
    """The private keys in PEM, which may be in Base64; null for nothing."""
    if not string(text, 1):
        return None
    return [x509_fields.private_key(key) for key in _private_keys(ctx, text)]


def crypto_x509_parse_rsa_private_key(ctx: Context, text: Value) -> Value:
    """The first private key in PEM as a JWK."""
    if not string(text, 1):
        raise fail("input PEM data was empty")
    if not text.startswith("-----BEGIN"):
        text = decode_base64(text).decode("utf-8", "surrogateescape")
    keys = _private_keys(ctx, text)
    return _jwk(keys[0]) if keys else None


def _private_keys(ctx: Context, text: str) -> list[Any]:
    ctx.spend(1 + len(text) // 8)
    try:
        raw = decode_base64(text)
    except BuiltinError:
        raw = text.encode("utf-8", "surrogateescape")
    _charge_blocks(ctx, raw)
    kinds = (b"RSA PRIVATE KEY", b"PRIVATE KEY", b"EC PRIVATE KEY")
    bodies = [_body(match) for match in _PEM.finditer(raw) if match["type"] in kinds]
    ctx.spend(_VERIFY_COST * len(bodies))
    return [_load_key(body) for body in bodies]


def _load_key(der: bytes) -> Any:
    if len(der) * 8 > 10 * _MAX_KEY_BITS:
        raise EvaluationError("a private key is too large", hint="use keys of usual sizes")
    try:
        return load_der_private_key(der, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise fail(f"x509: failed to parse private key: {error}") from None


def _jwk(key: Any) -> dict[str, Value]:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        parts = {
            "n": numbers.public_numbers.n,
            "e": numbers.public_numbers.e,
            "d": numbers.d,
            "p": numbers.p,
            "q": numbers.q,
            "dp": numbers.dmp1,
            "dq": numbers.dmq1,
            "qi": numbers.iqmp,
        }
        octets = {name: number.to_bytes((number.bit_length() + 7) // 8) for name, number in parts.items()}
        return {"kty": "RSA", **{name: _base64url(each) for name, each in octets.items()}}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.key_size + 7) // 8
        secret = key.private_numbers()
        point = secret.public_numbers
        coordinates = {"d": secret.private_value, "x": point.x, "y": point.y}
        encoded = {name: _base64url(number.to_bytes(size)) for name, number in coordinates.items()}
        return {"kty": "EC", "crv": f"P-{key.curve.key_size}", **encoded}
    if isinstance(key, ed25519.Ed25519PrivateKey):
        seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "d": _base64url(seed), "x": _base64url(public)}
    raise EvaluationError("a private key is of an unusual kind", hint="use RSA, ECDSA or Ed25519 keys")


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def crypto_x509_parse_keypair(ctx: Context, certificates: Value, key: Value) -> Value:
    """Go's ``tls.Certificate`` of a chain and the private key of its first certificate."""
    certs = _certificates(ctx, string(certificates, 1))
    keys = _private_keys(ctx, string(key, 1)) or [_load_key(decode_base64(key))]
    if not certs:
        raise fail("tls: failed to find any PEM data in certificate input")
    forms = [
        each.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for each in (certs[0].public_key(), keys[0].public_key())
    ]
    if forms[0] != forms[1]:
        raise fail("tls: private key does not match public key")
    return {
        "Certificate": [base64.b64encode(cert.public_bytes(Encoding.DER)).decode() for cert in certs],
        "PrivateKey": x509_fields.private_key(keys[0]),
        "Leaf": _shown(ctx, certs[:1], uri_strings=False)[0],
        "OCSPStaple": None,
        "SignedCertificateTimestamps": None,
        "SupportedSignatureAlgorithms": None,
    }


# Verification


def crypto_x509_parse_and_verify_certificates(ctx: Context, text: Value) -> list[Value]:
    """``[true, chain]`` where the last certificate verifies up to the first, now and for a server."""
    return _verified(ctx, string(text, 1), {}, uri_strings=True)


def crypto_x509_parse_and_verify_certificates_with_options(ctx: Context, text: Value, options: Value) -> list[Value]:
    """The same for a name, a time or other uses."""
    string(text, 1)
    return _verified(ctx, text, _options(object_(options, 2)), uri_strings=False)


def _options(options: dict[Any, Value]) -> dict[str, Value]:
    for name in object_keys(options):
        value = options[name] if type(name) is str else None
        if name == "DNSName":
            if type(value) is not str:
                raise fail("'DNSName' should be a string")
        elif name in ("CurrentTime", "MaxConstraintComparisons"):
            if type(value) is not int:
                raise fail(f"'{name}' should be a valid number")
        elif name == "KeyUsages":
            if type(value) is not list and type(value) is not RegoSet:
                raise fail("'KeyUsages' should be an Array or Set")
            unknown = [each for each in value if type(each) is str and each.strip('"') not in _USAGES]
            if unknown:
                raise fail(f"invalid entries for 'KeyUsages' found: {unknown}")
        elif type(name) is str:
            raise fail("invalid key option")
    return options


def _verified(ctx: Context, text: str, options: dict[str, Value], *, uri_strings: bool) -> list[Value]:
    now_ns = options.get("CurrentTime", ctx.now_ns)
    if now_ns is None:
        raise EvaluationError("a certificate is verified at a time, and there is none", hint="pass now_ns")
    try:
        certs = _certificates(ctx, text)
        if len(certs) < 2:
            return [False, []]
        chain = _chain(ctx, certs[0], certs[1:-1], certs[-1])
        _check(chain, options, _EPOCH + timedelta(seconds=now_ns // 10**9))
        return [True, _shown(ctx, chain, uri_strings=uri_strings)]
    except (BuiltinError, ValueError, UnsupportedAlgorithm):
        return [False, []]


def _chain(
    ctx: Context, root: x509.Certificate, intermediates: list[x509.Certificate], leaf: x509.Certificate
) -> list[x509.Certificate]:
    """The certificates from ``leaf`` to ``root``, each issued by the next."""
    chain = [leaf]
    unused = list(intermediates)
    while chain[-1] != root:
        ctx.spend(_VERIFY_COST * (1 + len(unused)))
        issuer = next((each for each in (root, *unused) if _issued(chain[-1], each)), None)
        if issuer is None:
            raise fail("x509: certificate signed by unknown authority")
        chain.append(issuer)
        unused = [each for each in unused if each is not issuer]
    return chain


def _issued(cert: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        cert.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _check(chain: list[x509.Certificate], options: dict[str, Value], now: datetime) -> None:
    wanted = [_USAGES[each.strip('"')] for each in options.get("KeyUsages", ()) if type(each) is str] or [_SERVER_AUTH]
    for place, cert in enumerate(chain):
        fields = x509_fields.certificate(cert)
        if not cert.not_valid_before_utc <= now <= cert.not_valid_after_utc:
            raise fail("x509: certificate has expired or is not yet valid")
        if fields["UnhandledCriticalExtensions"]:
            raise fail("x509: unhandled critical extension")
        if any(fields[f"{side}{kind}"] for side in ("Permitted", "Excluded") for kind in _NAME_KINDS):
            raise EvaluationError(
                "chains with name constraints are not verified", hint="verify such certificates outside of policies"
            )
        if place and not _may_issue(fields, place - 1):
            raise fail("x509: invalid certificate: it may not issue others")
        uses = fields["ExtKeyUsage"] or []
        if (uses or fields["UnknownExtKeyUsage"]) and 0 not in uses and 0 not in wanted:
            wanted = [use for use in wanted if use in uses]
            if not wanted:
                raise fail("x509: certificate specifies an incompatible key usage")
    if options.get("DNSName"):
        _check_host(x509_fields.certificate(chain[0]), options["DNSName"].strip('"'))


_NAME_KINDS = ("DNSDomains", "EmailAddresses", "IPRanges", "URIDomains")


def _may_issue(fields: dict[str, Value], below: int) -> bool:
    """Whether a certificate is a CA's, and for as many intermediates as are ``below`` it."""
    may_sign = fields["KeyUsage"] == 0 or fields["KeyUsage"] & 32
    long_enough = fields["MaxPathLen"] < 0 or below <= fields["MaxPathLen"] or not fields["BasicConstraintsValid"]
    return bool(fields["IsCA"] and may_sign and long_enough)


def _check_host(fields: dict[str, Value], host: str) -> None:
    if host.strip("[]") in (fields["IPAddresses"] or ()):
        return
    labels = host.lower().rstrip(".").split(".")
    for pattern in fields["DNSNames"] or ():
        parts = pattern.lower().split(".")
        if parts == labels or (parts[0] == "*" and len(parts) > 1 and parts[1:] == labels[1:]):
            return
    raise fail(f"x509: certificate is not valid for {host}")
