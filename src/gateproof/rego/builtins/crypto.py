"""Digests and message authentication codes, in hexadecimal."""

from __future__ import annotations

import hashlib
import hmac

from gateproof.rego.builtins.operands import string
from gateproof.rego.builtins.quoting import encode_utf8
from gateproof.rego.context import Context
from gateproof.rego.values import Value


def crypto_md5(ctx: Context, text: Value) -> str:
    return hashlib.md5(_bytes(ctx, text, 1), usedforsecurity=False).hexdigest()


def crypto_sha1(ctx: Context, text: Value) -> str:
    return hashlib.sha1(_bytes(ctx, text, 1), usedforsecurity=False).hexdigest()


def crypto_sha256(ctx: Context, text: Value) -> str:
    return hashlib.sha256(_bytes(ctx, text, 1)).hexdigest()


def crypto_hmac_md5(ctx: Context, text: Value, secret: Value) -> str:
    return _hmac(ctx, text, secret, "md5")


def crypto_hmac_sha1(ctx: Context, text: Value, secret: Value) -> str:
    return _hmac(ctx, text, secret, "sha1")


def crypto_hmac_sha256(ctx: Context, text: Value, secret: Value) -> str:
    return _hmac(ctx, text, secret, "sha256")


def crypto_hmac_sha512(ctx: Context, text: Value, secret: Value) -> str:
    return _hmac(ctx, text, secret, "sha512")


def crypto_hmac_equal(ctx: Context, left: Value, right: Value) -> bool:
    """Whether two codes are the same, in time that does not tell where they differ."""
    return hmac.compare_digest(_bytes(ctx, left, 1), _bytes(ctx, right, 2))


def _hmac(ctx: Context, text: Value, secret: Value, digest: str) -> str:
    return hmac.new(_bytes(ctx, secret, 2), _bytes(ctx, text, 1), digest).hexdigest()


def _bytes(ctx: Context, text: Value, position: int) -> bytes:
    ctx.spend(1 + len(string(text, position)) // 32)
    return encode_utf8(text)
