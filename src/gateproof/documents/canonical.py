"""One spelling for every value: the bytes that digests and signatures are taken over.

Canonical JSON here is UTF-8, no white space, object keys and struct fields sorted by code point, numbers as
msgspec writes them (shortest form that reads back the same). Digests are written ``sha256:<64 hex digits>``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from gateproof.errors import DocumentError

_encoder = msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> bytes:
    """``value`` (JSON values, or structs of them) as canonical JSON. Raises DocumentError for what JSON lacks."""
    try:
        return _encoder.encode(value)
    except (TypeError, ValueError, RecursionError, UnicodeError) as error:
        raise DocumentError(f"a value cannot be written as JSON: {error}") from None


def digest(raw: bytes) -> str:
    """SHA-256 of ``raw``, as ``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def digest_of_parts(parts: Iterable[bytes]) -> str:
    """The same of all ``parts``, one after the other."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part)
    return f"sha256:{hashed.hexdigest()}"


def digest_of(value: Any) -> str:
    """Digest of the canonical JSON of ``value``."""
    return digest(encode(value))


def is_digest(text: str) -> bool:
    """Whether ``text`` has the form of a digest."""
    return len(text) == 71 and text.startswith("sha256:") and not set(text[7:]) - set("0123456789abcdef")
