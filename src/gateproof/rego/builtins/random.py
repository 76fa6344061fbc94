"""Randomness that is none, and UUIDs (RFC 4122).

Random values derive from the evaluation's seed and the operands alone, so that an evaluation can be repeated.
"""

from __future__ import annotations

import hashlib
import re

from gateproof.rego.builtins.operands import machine_integer, string
from gateproof.rego.builtins.quoting import encode_utf8, term_text
from gateproof.rego.context import Context
from gateproof.rego.values import UNDEFINED, Undefined, Value

_UUID = re.compile(
    r"(?:urn:uuid:|.)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12}).?", re.I | re.A | re.S
)
_PLAIN_UUID = re.compile(r"[0-9a-f]{32}", re.I | re.A)
_UUID_LENGTHS = {36, 38, 45}
_DOMAINS = ("Person", "Group", "Org")
_GREGORIAN_TO_UNIX = 12_219_292_800 * 10**7  # from 15 October 1582 to 1970, in units of 100 ns


def rand_intn(ctx: Context, name: Value, limit: Value) -> int:
    """A number from 0 up to ``limit``, the same for the same name within an evaluation."""
    label, bound = string(name, 1), abs(machine_integer(limit, 2))
    ctx.spend(1 + len(label) // 64)
    return int.from_bytes(_derive(ctx, f"rand.intn {bound}", label)) % bound if bound else 0


def uuid_rfc4122(ctx: Context, name: Value) -> str:
    """A UUID of version 4, the same for the same name within an evaluation."""
    raw = bytearray(_derive(ctx, "uuid.rfc4122", term_text(name, ctx.spend))[:16])
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _derive(ctx: Context, purpose: str, label: str) -> bytes:
    digest = hashlib.sha256()
    for part in (ctx.seed, purpose.encode(), encode_utf8(label)):
        digest.update(len(part).to_bytes(8) + part)
    return digest.digest()


def uuid_parse(text: Value) -> dict[str, Value] | Undefined:
    """Version and variant; of versions 1 and 2 also the time and the node. Undefined for other strings."""
    raw = _uuid_bytes(string(text, 1))
    if raw is None:
        return UNDEFINED
    version = raw[6] >> 4
    parsed: dict[str, Value] = {"version": version, "variant": _variant(raw[8])}
    if version in (1, 2):
        ticks = int.from_bytes(raw[:4]) | int.from_bytes(raw[4:6]) << 32 | (int.from_bytes(raw[6:8]) & 0xFFF) << 48
        parsed["time"] = (ticks - _GREGORIAN_TO_UNIX) * 100
        parsed["nodeid"] = raw[10:].hex("-")
        scope, casts = ("global", "local")[raw[10] >> 1 & 1], ("unicast", "multicast")[raw[10] & 1]
        parsed["macvariables"] = f"{scope}:{casts}"
        parsed["clocksequence"] = int.from_bytes(raw[8:10]) & 0x3FFF
    if version == 2:
        parsed["id"] = int.from_bytes(raw[:4])
        parsed["domain"] = _DOMAINS[raw[9]] if raw[9] < len(_DOMAINS) else f"Domain{raw[9]}"
    return parsed


def _uuid_bytes(text: str) -> bytes | None:
    """The 16 bytes of a UUID: plain, hyphenated, in braces, or as a URN."""
    if _PLAIN_UUID.fullmatch(text):
        return bytes.fromhex(text)
    match = _UUID.fullmatch(text) if len(text) in _UUID_LENGTHS else None
    if match is None or (len(text) == 45) != text.lower().startswith("urn:uuid:"):
        return None
    return bytes.fromhex("".join(match.groups()))


def _variant(byte: int) -> str:
    if byte & 0xC0 == 0x80:
        return "RFC4122"
    if byte & 0xE0 == 0xC0:
        return "Microsoft"
    return "Future" if byte & 0xE0 == 0xE0 else "Reserved"
