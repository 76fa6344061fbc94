"""Sequencer: who alone signs the checkpoints of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateproof.trust.keys import KeySigner


class Sequencer:
    """A NoteSigner for the log ``name`` (its origin) with ``key``, which must be an Ed25519 key."""

    def __init__(self, name: str, key: KeySigner) -> None:
        self.name = name
        self.key = key

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes. Raises TrustError where it is not an Ed25519 key."""
        from gateproof.trust.keys import raw_ed25519

        return raw_ed25519(self.key.public_key_pem)

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature over ``message``, 64 bytes."""
        return self.key.sign(message)
