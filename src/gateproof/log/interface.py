"""The storage contract, and what signs checkpoints.

A store holds named byte strings for one log. It is trusted with availability, never with integrity: whatever is read
back is checked against a digest, a Merkle root or a signature. It makes three promises.

**Put if absent.** ``put`` creates an object that never changes afterwards. Putting the same bytes again is a success;
putting other bytes under the same name is a StoreError and leaves the first bytes in place. When ``put`` returns, the
object survives a crash of the process and of the machine. At no moment can a reader see a part of an object.

**Read.** ``get`` gives the bytes of the last completed ``put`` or ``swap``, or None where there are none. A reader that
starts after a write has returned sees that write, in whatever process it runs.

**Compare and swap.** A few names are mutable: the lock checkpoint and the public checkpoint. ``swap`` replaces the
bytes of such a name if, and only if, they are the expected ones at that moment; of several concurrent swaps with the
same expectation exactly one succeeds. It is as durable and as whole as ``put``. A name is written by ``put`` or by
``swap``, never by both.

An operation that raises may or may not have taken effect, but never by half. Nothing is ever deleted. A store whose
attribute ``is_concurrent`` is true may be asked to ``put`` from several threads at once.

Names are relative POSIX paths, ``log/tile/0/x001/234.p/5``: one to sixteen components joined by single slashes, each of
at most 200 characters out of ASCII letters, digits and ``._-@:()+=,~``, and not starting with a dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from gateproof.errors import StoreError

MAX_OBJECT_BYTES = 256 * 1024 * 1024
RESTORE = "restore it from a copy of the store; `gateproof log fsck` lists everything that is damaged"
"""The next step wherever an object of a store is not what it should be."""

_COMPONENT = r"[A-Za-z0-9_\-@:()+=,~][A-Za-z0-9._\-@:()+=,~]{0,199}"
_NAME = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT}){{0,15}}")


class Store(Protocol):
    """Where a log keeps its bytes; the module's docstring is the contract. Every method raises StoreError."""

    def put(self, name: str, data: bytes) -> None:
        """Create the immutable object ``name``; the same bytes again are a success, other bytes a StoreError."""

    def get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        """The bytes of ``name``, None where there is no such object, StoreError where it is over ``max_bytes``."""

    def swap(self, name: str, expected: bytes | None, new: bytes) -> bool:
        """Replace the bytes of ``name`` if they are ``expected`` (None: absent). Whether they were."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """Every object whose name starts with ``prefix``, sorted by code point.

        Things that are no objects of this contract (a link, a hidden file) are listed too, so that a check sees them.
        """

    def retention(self, name: str) -> str:
        """What keeps ``name`` from being deleted or replaced, as read back from the store just now."""


class NoteSigner(Protocol):
    """Holds a log's Ed25519 key. ``name`` is the log's origin, such as ``gateproof.dev/payments``."""

    @property
    def name(self) -> str: ...

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature over ``message``, 64 bytes."""


def is_name(name: str) -> bool:
    """Whether ``name`` has the form that the contract asks for."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """``name`` itself. Raises StoreError where it does not have the form that the contract asks for."""
    if not is_name(name):
        raise StoreError(
            f"{name[:200]!r} is not a name of a store",
            hint="use a relative path of letters, digits and ._-@:()+=,~ whose parts do not start with a dot",
        )
    return name
