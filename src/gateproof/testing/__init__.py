"""Parts for tests, ours and those of embedders: a store in memory, keys that are no secret, a time that stands still.

Nothing here reads a clock or a random source, so what a test records has the same bytes in every run. For tests of
stores and of the log itself there is ``gateproof.testing.log``.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.errors import StoreError
from gateproof.log.interface import MAX_OBJECT_BYTES, check_name
from gateproof.log.sequencer import Sequencer
from gateproof.trust.keys import KeySigner

__all__ = ["NOW", "LogSigner", "MemoryStore", "signer"]

NOW = "2026-11-23T05:00:00Z"
"""A fixed clock: everything that decides takes the time as ``now``."""


def signer(seed: int = 1) -> KeySigner:
    """An Ed25519 key that is derived from ``seed``: it signs the same bytes in the same way in every run."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return KeySigner(Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big")))


class LogSigner(Sequencer):
    """The sequencer of the log ``name`` with the key ``signer(seed)``."""

    def __init__(self, name: str, seed: int = 0) -> None:
        super().__init__(name, signer(seed))


class MemoryStore:
    """A Store in a dictionary, ``objects``, which tests may read and damage. Not safe for concurrent threads."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        if len(data) > MAX_OBJECT_BYTES:
            raise StoreError(f"{len(data)} bytes are too many", where=name)
        if self.objects.setdefault(check_name(name), data) != data:
            raise StoreError("exists with other bytes", where=name)

    def get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        data = self.objects.get(check_name(name))
        if data is not None and len(data) > max_bytes:
            raise StoreError(f"has {len(data)} bytes; at most {max_bytes} are read", where=name)
        return data

    def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
        if self.objects.get(check_name(name)) != expected:
            return False
        self.objects[name] = new
        return True

    def names(self, prefix: str = "") -> Iterator[str]:
        yield from sorted(name for name in self.objects if name.startswith(prefix))

    def retention(self, name: str) -> str:
        check_name(name)
        return "none (memory)"
