"""JSON Web Tokens (RFC 7519) in compact serialisation: ``io.jwt``."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

from gateproof.errors import EvaluationError
from gateproof.rego.builtins import jose
from gateproof.rego.builtins.encoding import decode_base64url, decode_utf8
from gateproof.rego.builtins.json_text import from_text, to_text
from gateproof.rego.builtins.operands import fail, object_, string
from gateproof.rego.builtins.quoting import encode_utf8
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value, object_keys

_SIGNATURE_COST = 500  # steps; an RSA verification takes tens of microseconds
_TEXT_FIELDS = ("alg", "kid", "typ", "cty")
_NANOSECONDS = 10**9


class Token(NamedTuple):
    """The three parts of a token as they were encoded."""

    header: str
    payload: str
    signature: str

    def signed(self) -> bytes:
        return jose.signed_bytes(self.header, self.payload)


def _token(ctx: Context, text: Value) -> Token:
    ctx.spend(1 + len(string(text, 1)) // 8)
    parts = text.split(".")
    if len(parts) == 1:
        raise fail("encoded JWT had no period separators")
    if len(parts) != 3:
        raise fail(f"encoded JWT must have 3 sections, found {len(parts)}")
    return Token(*parts)


def _decoded(part: str, name: str) -> bytes:
    try:
        return decode_base64url(part)
    except BuiltinError as error:
        raise fail(f"JWT {name} had invalid encoding: {error.message}") from None


def _object(text: str) -> dict[str, Value]:
    decoded = from_text(text)
    if type(decoded) is not dict:
        raise fail("decoded JSON type was not an Object")
    return decoded


def _header(token: Token) -> dict[str, Value]:
    try:
        header = _object(decode_utf8(_decoded(token.header, "header")))
    except BuiltinError as error:
        if error.message.startswith("JWT header"):
            raise
        raise fail(f"bad JWT header: {error.message}") from None
    if "enc" in header:
        raise fail("JWT is a JWE object, which is not supported")
    return header


def _check_header(header: dict[str, Value]) -> None:
    """The fields that mean something to us have the right types."""
    for name in sorted(header):
        if name in _TEXT_FIELDS and type(header[name]) is not str:
            raise fail(f"{name}: must be a string")
        if name == "crit" and (type(header[name]) is not list or not any(type(each) is str for each in header[name])):
            raise fail("crit: must be a nonempty list of strings")


def io_jwt_decode(ctx: Context, text: Value) -> list[Value]:
    """Header, payload and signature (in hexadecimal), unverified. A token in a token is taken out."""
    while True:
        token = _token(ctx, text)
        header = _header(token)
        payload = decode_utf8(_decoded(token.payload, "payload"))
        if header.get("cty") != "JWT":
            break
        text = payload.strip("\"'")
    return [header, _object(payload), _decoded(token.signature, "signature").hex()]


# Verification with a key


def _verify(algorithm: str) -> Callable[[Context, Value, Value], bool]:
    def verify(ctx: Context, text: Value, keys: Value) -> bool:
        token = _token(ctx, text)
        ctx.spend(_SIGNATURE_COST + len(string(keys, 2)) // 8)
        candidates = jose.verification_keys(keys)
        signature = decode_base64url(token.signature)
        header = _header(token)
        _check_header(header)
        return _any_verifies(ctx, candidates, header, algorithm, token.signed(), signature)

    return verify


def _any_verifies(
    ctx: Context, keys: list[jose.Key], header: dict[str, Value], algorithm: str, message: bytes, signature: bytes
) -> bool:
    """Whether the key that the header names verifies, or where it names none of these, any that may."""
    named = [key for key in keys if header.get("kid") and key.id == header["kid"]][:1]
    for key in named or keys:
        if named or not key.algorithm or key.algorithm == header.get("alg", ""):
            ctx.spend(_SIGNATURE_COST)
            if jose.verifies(key.material, algorithm, message, signature):
                return True
    return False


def _verify_secret(algorithm: str) -> Callable[[Context, Value, Value], bool]:
    def verify(ctx: Context, text: Value, secret: Value) -> bool:
        string(text, 1)
        key = encode_utf8(string(secret, 2))
        token = _token(ctx, text)
        ctx.spend(1 + (len(text) + len(key)) // 32)
        return jose.verifies(key, algorithm, token.signed(), decode_base64url(token.signature))

    return verify


io_jwt_verify_rs256 = _verify("RS256")
io_jwt_verify_rs384 = _verify("RS384")
io_jwt_verify_rs512 = _verify("RS512")
io_jwt_verify_ps256 = _verify("PS256")
io_jwt_verify_ps384 = _verify("PS384")
io_jwt_verify_ps512 = _verify("PS512")
io_jwt_verify_es256 = _verify("ES256")
io_jwt_verify_es384 = _verify("ES384")
io_jwt_verify_es512 = _verify("ES512")
io_jwt_verify_eddsa = _verify("EdDSA")
io_jwt_verify_hs256 = _verify_secret("HS256")
io_jwt_verify_hs384 = _verify_secret("HS384")
io_jwt_verify_hs512 = _verify_secret("HS512")


# Verification under constraints


def io_jwt_decode_verify(ctx: Context, text: Value, constraints: Value) -> list[Value]:
    """``[true, header, payload]`` for a token that verifies and meets all constraints, else ``[false, {}, {}]``."""
    wanted, keys, now = _constraints(ctx, object_(constraints, 2))
    while True:
        token = _token(ctx, text)
        header = _header(token)
        _check_header(header)
        if not header.get("alg") or _unknown_critical(header) or wanted.get("alg") not in (None, "", header["alg"]):
            return [False, {}, {}]
        signature = decode_base64url(token.signature)
        if not _any_verifies(ctx, keys, header, header["alg"], token.signed(), signature):
            return [False, {}, {}]
        payload_text = decode_utf8(_decoded(token.payload, "payload"))
        if header.get("cty", "").upper() != "JWT":
            break
        text = payload_text
    payload = _object(payload_text)
    if _meets(payload, wanted, now):
        return [True, header, payload]
    return [False, {}, {}]


def _constraints(ctx: Context, constraints: dict[Any, Value]) -> tuple[dict[str, str], list[jose.Key], float]:
    wanted: dict[str, str] = {}
    keys: list[jose.Key] | None = None
    now: Value = ctx.now_ns
    for name in object_keys(constraints):
        value = constraints[name] if type(name) is str else None
        if name == "time":
            if (type(value) is not int and type(value) is not float) or value < 0:
                raise fail("token time constraint: must be a number that is not negative")
            now = value
        elif name not in ("alg", "aud", "cert", "iss", "secret"):
            raise fail(f"unknown token validation constraint: {name}")
        elif type(value) is not str:
            raise fail(f"{name} constraint: must be a string")
        elif name == "cert":
            ctx.spend(_SIGNATURE_COST + len(value) // 8)
            keys = jose.verification_keys(value)
        else:
            wanted[name] = value
    if now is None:
        raise EvaluationError("io.jwt.decode_verify: this evaluation was given no time", hint="pass now_ns, or time")
    if wanted.get("secret"):
        if keys is not None:
            raise fail("duplicate key constraints")
        keys = [jose.Key(encode_utf8(wanted["secret"]))]
    if keys is None:
        raise fail("no key constraint")
    return wanted, keys, float(now)


def _unknown_critical(header: dict[str, Value]) -> bool:
    known = (*_TEXT_FIELDS, "crit")
    return any(name in header and name not in known for name in header.get("crit", ()) if type(name) is str)


def _meets(payload: dict[str, Value], wanted: dict[str, str], now: float) -> bool:
    if wanted.get("iss") and payload.get("iss") != wanted["iss"]:
        return False
    audience = payload.get("aud", "")
    audiences = audience if type(audience) is list else [audience]
    if ("aud" in payload or wanted.get("aud")) and wanted.get("aud", "") not in audiences:
        return False
    for name in ("exp", "nbf"):
        if name in payload and type(payload[name]) not in (int, float):
            raise fail(f"{name} value must be a number")
    seconds = now / _NANOSECONDS
    return bool(seconds < payload.get("exp", seconds + 1) and seconds >= payload.get("nbf", seconds))


# Signing


def io_jwt_encode_sign(ctx: Context, headers: Value, payload: Value, key: Value) -> str:
    """A token of an object of headers and a payload, signed with a JWK."""
    for operand in (headers, payload, key):
        charge_for(ctx, operand)
    return _signed(ctx, to_text(headers), to_text(payload), to_text(key))


def io_jwt_encode_sign_raw(ctx: Context, headers: Value, payload: Value, key: Value) -> str:
    """The same of JSON texts, which are encoded as they are."""
    jwk = string(key, 3)
    return _signed(ctx, string(headers, 1), string(payload, 2), jwk)


def _signed(ctx: Context, headers: str, payload: str, jwk: str) -> str:
    ctx.spend(2 * _SIGNATURE_COST + (len(headers) + len(payload) + len(jwk)) // 8)
    keys = jose.jwk_keys(jwk)
    if not keys:
        raise fail("no keys found in JWK set")
    algorithm, kind = _signing_fields(headers)
    if algorithm not in jose.ALGORITHMS:
        raise fail(f"unknown JWS algorithm: {algorithm}")
    if kind in (None, "JWT") and not _is_json(payload):
        raise fail("type is JWT but payload is not JSON")
    encoded = [base64.urlsafe_b64encode(encode_utf8(part)).rstrip(b"=").decode() for part in (headers, payload)]
    signature = jose.sign(keys[0].material, algorithm, ".".join(encoded).encode())
    return ".".join([*encoded, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


def _signing_fields(headers: str) -> tuple[str, str | None]:
    complaint = "missing or invalid 'alg' header:"
    if not headers.strip():
        raise fail(f"{complaint} cannot parse JSON: cannot parse empty string")
    try:
        fields = from_text(headers)
    except BuiltinError as error:
        raise fail(f"{complaint} cannot parse JSON: {error.message}") from None
    if type(fields) is not dict or type(fields.get("alg")) is not str:
        raise fail(f'{complaint} jwsbb: header "alg" not found')
    kind = fields.get("typ")
    return fields["alg"], kind if type(kind) is str else None


def _is_json(text: str) -> bool:
    try:
        from_text(text)
    except BuiltinError:
        return False
    return True
