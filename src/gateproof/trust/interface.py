"""What trust passes around: envelopes, signers, what a key may sign."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec


class Role(StrEnum):
    """What a key or identity may sign."""

    TRUST = "trust"
    ROSTER = "roster"
    GATE_TABLE = "gate-table"
    BUNDLE = "bundle"
    DECISION = "decision"
    WAIVER = "waiver"
    CHECKPOINT = "checkpoint"
    DEPLOYMENT = "deployment"


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One DSSE signature: ``sig`` is base64, ``keyid`` the fingerprint of the key (a hint, never trusted)."""

    sig: str
    keyid: str = ""


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A DSSE envelope, https://github.com/secure-systems-lab/dsse: ``payload`` is base64."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...]


class Signer(Protocol):
    """Holds a private key. ``fingerprint`` is ``sha256:<hex>`` of the public key's DER SubjectPublicKeyInfo."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def public_key_pem(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """Signature over ``message``: Ed25519, or ECDSA P-256 with SHA-256 (DER, ``s`` in the lower half)."""
