"""The lock checkpoint: the one object whose change commits an append, and how what it promises is finished.

The lock holds the signed checkpoint of the newest tree and the digest of a staging bundle. The bundle holds every tile
that the append adds, so that whoever comes next, be it another process, can put them in place. Bundles are chained:
each names the one before it, so that a check can tell which tiles must exist.
"""

from __future__ import annotations

import msgspec

from gateproof.documents import canonical
from gateproof.errors import DocumentError, LogError
from gateproof.log import checkpoint as checkpoints
from gateproof.log import entry as entries
from gateproof.log import tiles
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.entry import Entry
from gateproof.log.interface import RESTORE, Store
from gateproof.log.note import MAX_NOTE_BYTES, VerifierKey
from gateproof.log.tiles import Tile

LOCK = "log/lock"
CHECKPOINT = "log/checkpoint"
STAGING = "log/staging/"

_PUBLISH_ATTEMPTS = 64


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest signed checkpoint (a note) and the digest of the staging bundle that completes it."""

    checkpoint: str
    staging: str


class Staging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one append adds to the tree of ``start`` entries to make the one of ``size`` entries with this root.

    ``previous`` is the digest of the bundle of the append before, empty for the first. ``at`` is when the append was
    made (RFC 3339, UTC). ``tiles`` maps the names of the new tiles and entry bundles to their bytes.
    """

    at: str
    previous: str
    start: int
    size: int
    root: bytes
    tiles: dict[str, bytes]


class Head(msgspec.Struct, frozen=True):
    """Where the log stands: its newest checkpoint and the signed note, its staging bundle, and the lock's bytes."""

    checkpoint: Checkpoint
    note: bytes
    staging: str
    lock: bytes


_locks = msgspec.json.Decoder(Lock)
_stagings = msgspec.json.Decoder(Staging)


def recover(store: Store, key: VerifierKey | None = None) -> Head | None:
    """Finish the append that the lock checkpoint promised, if it is not finished. None where there is no log yet.

    With a ``key``, the lock's checkpoint must be signed by it. Raises LogError where lock, public checkpoint and
    staging bundle contradict each other, and StoreError.
    """
    # The public checkpoint is read first: the lock, read later, can then only be as new or newer.
    published = store.get(CHECKPOINT, MAX_NOTE_BYTES)
    raw = store.get(LOCK, 2 * MAX_NOTE_BYTES)
    if raw is None:
        if published is not None:
            raise LogError(f"{CHECKPOINT} exists, but {LOCK} is missing", hint=RESTORE)
        return None
    lock = decode_lock(raw)
    head = Head(checkpoints.read(lock.checkpoint.encode(), key, LOCK), lock.checkpoint.encode(), lock.staging, raw)
    if published is None or not is_published(checkpoints.read(published, key, CHECKPOINT), head.checkpoint):
        finish(store, head, read_staging(store, head.staging))
    return head


def is_published(published: Checkpoint, head: Checkpoint) -> bool:
    """Whether the public checkpoint is that of the lock, not an older one. Raises LogError where it is neither."""
    if published.origin != head.origin or published.size > head.size:
        raise LogError(
            f"{CHECKPOINT} has size {published.size} of {published.origin!r}, but {LOCK} has size {head.size} of"
            f" {head.origin!r}: the lock was rolled back or replaced",
            hint="restore the newest lock from a copy of the store",
        )
    if published.size == head.size and published.root != head.root:
        raise LogError(
            f"{CHECKPOINT} and {LOCK} have different roots for size {head.size}: the log was forked",
            hint="do not use this store; keep both checkpoints, they prove that the log's key signed two histories",
        )
    return published.size == head.size


def finish(store: Store, head: Head, staging: Staging) -> None:
    """Put the tiles of a committed append in place, then its pointers, then the public checkpoint. Idempotent."""
    if (staging.size, staging.root) != (head.checkpoint.size, head.checkpoint.root):
        raise LogError(
            f"{LOCK} names a staging bundle of another tree", hint="restore the lock from a copy of the store"
        )
    for name, raw in sorted(staging.tiles.items()):
        store.put(name, raw)
    for name, raw in entries.pointers(staged_entries(staging)):
        # A pointer that somebody else put here must not keep the log from growing; fsck reports it.
        if store.get(name) is None:
            store.put(name, raw)
    _publish(store, head)


def staged_entries(staging: Staging) -> list[tuple[int, Entry]]:
    """The entries that an append adds, with their numbers. Raises LogError."""
    found = []
    for bundle in range(staging.start // tiles.WIDTH, (staging.size - 1) // tiles.WIDTH + 1):
        tile = tiles.at(tiles.ENTRIES, bundle, staging.size)
        for place, leaf in enumerate(tiles.decode_bundle(staging.tiles[tile.name], tile.width)):
            index = bundle * tiles.WIDTH + place
            if index >= staging.start:
                found.append((index, entries.decode(leaf, f"entry {index}")))
    return found


def encode_lock(lock: Lock) -> bytes:
    """The lock's bytes."""
    return canonical.encode(lock)


def decode_lock(raw: bytes) -> Lock:
    """Read a lock. Raises LogError where it is not the one spelling of one."""
    try:
        lock = _locks.decode(raw)
        if encode_lock(lock) != raw or not canonical.is_digest(lock.staging):
            raise LogError(f"{LOCK} is not canonical", hint=RESTORE)
    except (msgspec.DecodeError, DocumentError, UnicodeError, RecursionError) as error:
        raise LogError(f"{LOCK} cannot be read: {error}", hint=RESTORE) from None
    return lock


def encode_staging(staging: Staging) -> bytes:
    """The staging bundle's bytes."""
    return canonical.encode(staging)


def staging_name(digest: str) -> str:
    """Name of the staging bundle with this digest in the store."""
    return STAGING + digest.removeprefix("sha256:")


def read_staging(store: Store, digest: str) -> Staging:
    """The staging bundle with this digest, checked: it can name nothing but the tiles that its append adds.

    Raises LogError where it is missing, altered or not such a bundle.
    """
    name = staging_name(digest)
    raw = store.get(name)
    if raw is None:
        raise LogError(f"the staging bundle {name} is missing", hint=RESTORE)
    if canonical.digest(raw) != digest:
        raise LogError(f"the staging bundle {name} was altered", hint=RESTORE)
    try:
        staging = _stagings.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise LogError(f"the staging bundle {name} cannot be read: {error}", hint=RESTORE) from None
    # The first condition bounds the work for the second, whatever numbers the bundle claims.
    if not 0 <= staging.start < staging.size <= staging.start + len(staging.tiles) * tiles.WIDTH or (
        staging.tiles.keys() != {tile.name for tile in new_tiles(staging.start, staging.size)}
    ):
        raise LogError(
            f"the staging bundle {name} does not hold the tiles from {staging.start} to {staging.size}",
            hint=RESTORE,
        )
    return staging


def new_tiles(start: int, size: int) -> list[Tile]:
    """The tiles and entry bundles that come into being when a log of ``start`` entries grows to ``size``."""
    found: list[Tile] = []
    for level in (tiles.ENTRIES, *range(8)):
        before, after = (count >> (tiles.HEIGHT * max(level, 0)) for count in (start, size))
        if after > before:
            indexes = range(before // tiles.WIDTH, (after - 1) // tiles.WIDTH + 1)
            found.extend(tiles.at(level, index, size) for index in indexes)
    return found


def _publish(store: Store, head: Head) -> None:
    """Make the head's checkpoint the public one, unless a newer one is."""
    for _ in range(_PUBLISH_ATTEMPTS):
        published = store.get(CHECKPOINT, MAX_NOTE_BYTES)
        if published is not None and checkpoints.read(published, None, CHECKPOINT).size >= head.checkpoint.size:
            return
        if store.swap(CHECKPOINT, published, head.note):
            return
    raise LogError(
        f"{CHECKPOINT} kept changing while it was being written",
        hint="the entries are in the log; run the command again to publish the checkpoint",
    )
