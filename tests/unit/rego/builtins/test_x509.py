"""Certificates, requests and keys, made here."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateproof.rego.errors import BuiltinError

Call = Callable[..., Any]
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)
ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
LEAF_KEY = rsa.generate_private_key(65537, 2048)


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text), x509.NameAttribute(NameOID.COUNTRY_NAME, "CH")])


def certificate(name: str, key: Any, *, ca: bool, usage: x509.ObjectIdentifier | None = None) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("root"))
        .public_key(key.public_key())
        .serial_number(2**70)
        .not_valid_before(START)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("*.example.com"), x509.UniformResourceIdentifier("spiffe://example.com/a")]
            ),
            critical=False,
        )
    )
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(ROOT_KEY, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> str:
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


ROOT = certificate("root", ROOT_KEY, ca=True)
LEAF = certificate("leaf", LEAF_KEY, ca=False)
KEY = LEAF_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("form", ["pem", "pem in base64", "der in base64"])
def test_certificates_are_read(call: Call, form: str) -> None:
    text = pem(ROOT, LEAF)
    if form == "pem in base64":
        text = call("base64.encode", text)
    elif form == "der in base64":
        import base64

        text = base64.b64encode(ROOT.public_bytes(Encoding.DER) + LEAF.public_bytes(Encoding.DER)).decode()
    root, leaf = call("crypto.x509.parse_certificates", text)
    assert (root["Subject"]["CommonName"], root["Subject"]["Country"], root["IsCA"]) == ("root", ["CH"], True)
    assert (root["MaxPathLen"], root["MaxPathLenZero"], root["PublicKeyAlgorithm"]) == (0, True, 3)
    assert (leaf["DNSNames"], leaf["URIStrings"]) == (["*.example.com"], ["spiffe://example.com/a"])
    assert (leaf["SerialNumber"], leaf["NotAfter"], leaf["Version"]) == (2**70, "2040-01-01T00:00:00Z", 3)
    assert leaf["PublicKey"]["E"] == 65537
    assert leaf["EmailAddresses"] is None


@pytest.mark.parametrize(
    ("options", "valid"),
    [
        ({}, True),
        ({"DNSName": "a.example.com"}, True),
        ({"DNSName": "a.b.example.com"}, False),
        ({"DNSName": "example.com"}, False),
        ({"CurrentTime": 10**18}, False),
        ({"CurrentTime": 3 * 10**18}, False),
        ({"KeyUsages": ["KeyUsageCodeSigning"]}, True),
    ],
)
def test_a_chain_is_verified(call: Call, options: dict[str, Any], valid: bool) -> None:
    name = "crypto.x509.parse_and_verify_certificates_with_options"
    verified, chain = call(name, pem(ROOT, LEAF), options)
    assert verified is valid
    assert [each["Subject"]["CommonName"] for each in chain] == (["leaf", "root"] if valid else [])


def test_a_certificate_for_other_uses_is_not_for_a_server(call: Call) -> None:
    leaf = certificate("leaf", LEAF_KEY, ca=False, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    text = pem(ROOT, leaf)
    assert call("crypto.x509.parse_and_verify_certificates", text) == [False, []]
    name = "crypto.x509.parse_and_verify_certificates_with_options"
    assert call(name, text, {"KeyUsages": ["KeyUsageClientAuth"]})[0]


def test_a_stranger_does_not_verify(call: Call) -> None:
    stranger = certificate("root", LEAF_KEY, ca=True)
    assert call("crypto.x509.parse_and_verify_certificates", pem(stranger, LEAF)) == [False, []]
    assert call("crypto.x509.parse_and_verify_certificates", pem(LEAF)) == [False, []]


def test_a_leaf_may_not_issue(call: Call) -> None:
    fake = (
        x509.CertificateBuilder()
        .subject_name(named("fake"))
        .issuer_name(named("leaf"))
        .public_key(ROOT_KEY.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(END)
        .sign(LEAF_KEY, hashes.SHA256())
    )
    assert call("crypto.x509.parse_and_verify_certificates", pem(ROOT, LEAF, fake)) == [False, []]


def test_requests_and_keys(call: Call) -> None:
    csr = x509.CertificateSigningRequestBuilder().subject_name(named("me")).sign(ROOT_KEY, hashes.SHA256())
    text = csr.public_bytes(Encoding.PEM).decode()
    assert call("crypto.x509.parse_certificate_request", text)["Subject"]["CommonName"] == "me"
    assert call("crypto.x509.parse_rsa_private_key", KEY)["kty"] == "RSA"
    assert call("crypto.parse_private_keys", KEY)[0]["N"] == LEAF_KEY.public_key().public_numbers().n
    assert call("crypto.parse_private_keys", "nope") == []
    assert call("crypto.parse_private_keys", "") is None
    assert call("crypto.x509.parse_keypair", pem(LEAF), KEY)["Leaf"]["Subject"]["CommonName"] == "leaf"


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("crypto.x509.parse_certificates", ["foobar"], "illegal base64"),
        ("crypto.x509.parse_certificates", ["YmFkc3RyaW5n"], "x509: malformed certificate"),
        ("crypto.x509.parse_certificates", [KEY], "PEM block type is 'PRIVATE KEY', expected CERTIFICATE"),
        ("crypto.x509.parse_certificate_request", ["YmFkc3RyaW5n"], "asn1: structure error"),
        ("crypto.x509.parse_keypair", [pem(ROOT), KEY], "private key does not match public key"),
        (
            "crypto.x509.parse_and_verify_certificates_with_options",
            [pem(ROOT), {"KeyUsages": ["x"]}],
            "invalid entries for 'KeyUsages'",
        ),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message
