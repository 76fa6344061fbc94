"""JSON Web Tokens, with keys made here and the published example of RFC 7515."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateproof.errors import EvaluationError
from gateproof.rego.builtins import resolve
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError

Call = Callable[..., Any]

# RFC 7515, A.1
RFC_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC_KEY = {
    "kty": "oct",
    "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
}
SECRET = {"kty": "oct", "k": "c2VjcmV0"}  # "secret"


def signed(call: Call, payload: dict[str, Any], **headers: Any) -> str:
    token: str = call("io.jwt.encode_sign", {"alg": "HS256", "typ": "JWT", **headers}, payload, SECRET)
    return token


def test_the_published_example_verifies(call: Call) -> None:
    jwk = json.dumps(RFC_KEY)
    header, payload, _ = call("io.jwt.decode", RFC_TOKEN)
    raw = call("io.jwt.encode_sign_raw", '{"typ":"JWT",\r\n "alg":"HS256"}', '{"iss":"joe"}', jwk)
    assert header == {"typ": "JWT", "alg": "HS256"}
    assert payload["iss"] == "joe"
    assert raw.split(".")[0] == RFC_TOKEN.split(".")[0]


def test_a_secret_verifies_what_it_signed_and_nothing_else(call: Call) -> None:
    token = signed(call, {"sub": "x"})
    assert call("io.jwt.verify_hs256", token, "secret")
    assert not call("io.jwt.verify_hs256", token, "Secret")
    assert not call("io.jwt.verify_hs384", token, "secret")


def jwk_of(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    import base64

    numbers = key.private_numbers()
    size = (key.curve.key_size + 7) // 8
    parts = {"d": numbers.private_value, "x": numbers.public_numbers.x, "y": numbers.public_numbers.y}
    encoded = {n: base64.urlsafe_b64encode(v.to_bytes(size)).rstrip(b"=").decode() for n, v in parts.items()}
    return {"kty": "EC", "crv": "P-256", **encoded}


def test_signing_with_a_curve_is_repeatable_and_verifies(call: Call) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    tokens = [call("io.jwt.encode_sign", {"alg": "ES256"}, {"a": 1}, jwk_of(key)) for _ in range(2)]
    assert tokens[0] == tokens[1]
    assert call("io.jwt.verify_es256", tokens[0], pem)
    other = ed25519.Ed25519PrivateKey.generate().public_key()
    foreign = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert not call("io.jwt.verify_es256", tokens[0], foreign)
    assert not call("io.jwt.verify_rs256", tokens[0], pem)


@pytest.mark.parametrize(
    ("payload", "constraints", "valid"),
    [
        ({}, {}, True),
        ({"iss": "me"}, {"iss": "me"}, True),
        ({"iss": "me"}, {"iss": "you"}, False),
        ({"aud": ["a", "b"]}, {"aud": "b"}, True),
        ({"aud": "a"}, {}, False),
        ({}, {"aud": "a"}, False),
        ({"exp": 1_700_000_001}, {}, True),
        ({"exp": 1_700_000_000}, {}, False),
        ({"nbf": 1_700_000_000}, {}, True),
        ({"nbf": 1_700_000_001}, {}, False),
        ({"exp": 100}, {"time": 99 * 10**9}, True),
        ({}, {"alg": "HS256"}, True),
        ({}, {"alg": "RS256"}, False),
    ],
)
def test_constraints(call: Call, payload: dict[str, Any], constraints: dict[str, Any], valid: bool) -> None:
    token = signed(call, payload)
    result = call("io.jwt.decode_verify", token, {"secret": "secret", **constraints})
    assert result == ([True, {"alg": "HS256", "typ": "JWT"}, payload] if valid else [False, {}, {}])


def test_an_unsigned_token_never_verifies(call: Call) -> None:
    token = "eyJhbGciOiJub25lIn0.e30."
    assert call("io.jwt.decode_verify", token, {"secret": "secret"}) == [False, {}, {}]


def test_a_token_in_a_token_is_taken_out(call: Call) -> None:
    inner = signed(call, {"deep": True})
    outer = call("io.jwt.encode_sign_raw", '{"alg":"HS256","typ":"x","cty":"JWT"}', inner, json.dumps(SECRET))
    assert call("io.jwt.decode", outer)[1] == {"deep": True}
    assert call("io.jwt.decode_verify", outer, {"secret": "secret"})[2] == {"deep": True}


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("io.jwt.decode", ["abc"], "no period separators"),
        ("io.jwt.decode", ["a.b"], "must have 3 sections, found 2"),
        ("io.jwt.decode", ["!.b.c"], "JWT header had invalid encoding"),
        ("io.jwt.decode", ["eyJlbmMiOjF9.e30."], "JWT is a JWE object"),
        ("io.jwt.verify_rs256", [RFC_TOKEN, "nope"], "failed to parse a JWK key (set)"),
        ("io.jwt.decode_verify", [RFC_TOKEN, {}], "no key constraint"),
        ("io.jwt.decode_verify", [RFC_TOKEN, {"nope": 1}], "unknown token validation constraint: nope"),
        ("io.jwt.encode_sign", [{"alg": "none"}, {}, SECRET], "unknown JWS algorithm: none"),
        ("io.jwt.encode_sign_raw", ["", "{}", json.dumps(SECRET)], "cannot parse empty string"),
        ("io.jwt.encode_sign_raw", ['{"alg":"HS256"}', "x", json.dumps(SECRET)], "payload is not JSON"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message


def test_without_a_time_nothing_is_verified(call: Call) -> None:
    with pytest.raises(EvaluationError, match="given no time"):
        resolve("io.jwt.decode_verify")(Context(), signed(call, {}), {"secret": "secret"})
