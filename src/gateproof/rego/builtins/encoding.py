"""Text encodings: Base64 (RFC 4648), hexadecimal, and the query strings of URLs, with Go's strictness."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote_plus

from gateproof.rego.builtins.operands import fail, object_, string, wrong_operand
from gateproof.rego.builtins.quoting import encode_utf8, quote
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value, to_json

_STANDARD = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_URL_SAFE = re.compile(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?")
_ESCAPE = re.compile(r"%(?:[0-9A-Fa-f]{2})?")


def decode_utf8(raw: bytes) -> str:
    """The text of ``raw``, with bytes that are not UTF-8 kept as ``surrogateescape`` keeps them."""
    return raw.decode("utf-8", "surrogateescape")


def decode_base64(text: str) -> bytes:
    """``base64.StdEncoding.DecodeString``: padding required, line breaks ignored."""
    return _decode(text, _STANDARD, b"+/")


def decode_base64url(text: str) -> bytes:
    """``base64.URLEncoding.DecodeString``, with the padding that JOSE leaves out put back."""
    if not text.endswith("="):
        missing = -len(encode_utf8(text)) % 4
        if missing == 3:
            raise fail(f"illegal base64url string: {text}")
        text += "=" * missing
    return _decode(text, _URL_SAFE, b"-_")


def _decode(text: str, form: re.Pattern[str], altchars: bytes) -> bytes:
    plain = text.replace("\r", "").replace("\n", "")
    if not form.fullmatch(plain):
        raise fail(f"illegal base64 data at input byte {_corrupt_at(text, altchars)}")
    return base64.b64decode(plain, altchars)


def _corrupt_at(text: str, altchars: bytes) -> int:
    """The offset that Go reports: of the first byte that cannot stand there, or of an incomplete group."""
    raw = encode_utf8(text)
    alphabet = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + altchars)
    in_group = 0
    for at, byte in enumerate(raw):
        if byte in alphabet:
            in_group = (in_group + 1) % 4
        elif byte == ord("=") and in_group >= 2:
            return _corrupt_padding(raw, at, in_group)
        elif byte not in b"\r\n":
            return at
    return len(raw) - in_group


def _corrupt_padding(raw: bytes, at: int, in_group: int) -> int:
    rest = [place for place in range(at + 1, len(raw)) if raw[place] not in b"\r\n"]
    if in_group == 3:
        return rest[0]
    if not rest:
        return len(raw)
    return rest[0] - 1 if raw[rest[0]] != ord("=") else rest[1]


def base64_encode(ctx: Context, text: Value) -> str:
    return base64.b64encode(_bytes(ctx, text)).decode()


def base64_decode(ctx: Context, text: Value) -> str:
    _bytes(ctx, text)
    return decode_utf8(decode_base64(text))


def base64_is_valid(ctx: Context, text: Value) -> bool:
    if type(text) is not str:
        return False
    ctx.spend(len(text) // 64)
    return _STANDARD.fullmatch(text.replace("\r", "").replace("\n", "")) is not None


def base64url_encode(ctx: Context, text: Value) -> str:
    return base64.urlsafe_b64encode(_bytes(ctx, text)).decode()


def base64url_encode_no_pad(ctx: Context, text: Value) -> str:
    return base64url_encode(ctx, text).rstrip("=")


def base64url_decode(ctx: Context, text: Value) -> str:
    _bytes(ctx, text)
    return decode_utf8(decode_base64url(text))


def hex_encode(ctx: Context, text: Value) -> str:
    return _bytes(ctx, text).hex()


def hex_decode(ctx: Context, text: Value) -> str:
    raw = _bytes(ctx, text)
    for byte in raw:
        if byte not in b"0123456789abcdefABCDEF":
            shown = quote(chr(byte))[1:-1]
            raise fail(f"encoding/hex: invalid byte: U+{byte:04X} '{shown}'")
    if len(raw) % 2:
        raise fail("encoding/hex: odd length hex string")
    return decode_utf8(bytes.fromhex(text))


def urlquery_encode(ctx: Context, text: Value) -> str:
    return quote_plus(_bytes(ctx, text))


def urlquery_decode(ctx: Context, text: Value) -> str:
    _bytes(ctx, text)
    return unescape_query(text)


def unescape_query(text: str) -> str:
    """``url.QueryUnescape``."""
    for match in _ESCAPE.finditer(text):
        if match[0] == "%":
            raise fail(f"invalid URL escape {quote(text[match.start() : match.start() + 3])}")
    plain = encode_utf8(text.replace("+", " "))
    return decode_utf8(re.sub(rb"%(..)", lambda match: bytes.fromhex(match[1].decode()), plain))


def urlquery_encode_object(ctx: Context, parameters: Value) -> str:
    pieces: list[str] = []
    for name, value in sorted(to_json(object_(parameters, 1)).items()):
        values = [value] if type(value) is str else value
        if type(values) is not list or not all(type(each) is str for each in values):
            raise wrong_operand(1, "values must be string, array[string], or set[string]")
        pieces += [f"{urlquery_encode(ctx, name)}={urlquery_encode(ctx, each)}" for each in values]
    return "&".join(pieces)


def urlquery_decode_object(ctx: Context, query: Value) -> dict[str, Value]:
    _bytes(ctx, query)
    parameters: dict[str, Value] = {}
    problem: BuiltinError | None = None
    for piece in filter(None, query.split("&")):
        ctx.spend(1)
        try:
            if ";" in piece:
                raise fail("invalid semicolon separator in query")
            name, _, value = piece.partition("=")
            parameters.setdefault(unescape_query(name), []).append(unescape_query(value))
        except BuiltinError as error:
            problem = problem or error
    if problem:
        raise problem
    return parameters


def _bytes(ctx: Context, text: Value) -> bytes:
    """The bytes of a string operand, charged for."""
    ctx.spend(len(string(text, 1)) // 32)
    ctx.check_size(3 * len(text))
    return encode_utf8(text)
