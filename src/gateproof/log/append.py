"""Append: the only way in which a log grows.

The order of the writes is what makes it safe (docs/adr, log as truth): blobs, staging bundle, compare-and-swap of the
lock checkpoint, tiles, pointers, public checkpoint. Up to the swap nothing has happened to the log; from the swap on,
whoever comes next finishes it. The public checkpoint is last, so that whoever can see it can check everything in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gateproof.documents import canonical
from gateproof.documents.instants import is_instant
from gateproof.errors import LogError
from gateproof.log import checkpoint as checkpoints
from gateproof.log import entry as entries
from gateproof.log import lock as locks
from gateproof.log import merkle, tiles
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.entry import Entry
from gateproof.log.interface import NoteSigner, Store
from gateproof.log.lock import Head, Lock, Staging
from gateproof.log.note import VerifierKey
from gateproof.log.reader import LogView
from gateproof.log.receipt import Receipt
from gateproof.log.tiles import TileTree

ATTEMPTS = 64
_MANY = 16
_AT_ONCE = 16
"""With at least so many blobs, so many are put at once, into a store that takes them from several threads."""


class _Growth(msgspec.Struct, frozen=True):
    """An append that is ready to be committed: the head that it leads to, and its staging bundle."""

    head: Head
    staging: Staging


def append(
    store: Store,
    new: Sequence[Entry],
    blobs: Mapping[str, bytes],
    signer: NoteSigner,
    *,
    now: str,
    last_seen: Checkpoint | None = None,
    attempts: int = ATTEMPTS,
) -> list[Receipt]:
    """Add entries to the log under one checkpoint, and give a receipt for each. The first append makes the log.

    ``blobs`` maps digests to the bytes that the entries refer to; a blob that is in the store already may be left out.
    ``now`` (RFC 3339, UTC) is noted as the time of the append. ``last_seen`` is the newest checkpoint that the caller
    knows: a store that was rolled back behind it is refused.

    Raises LogError where entries or blobs are not fit for the log, where the log contradicts itself, and where other
    writers were quicker in every one of ``attempts``; StoreError where the store fails. After a StoreError the entries
    may or may not be in the log, but never by half.
    """
    if not new:
        return []
    if not is_instant(now):
        raise LogError(
            f"the time of an append is {now[:40]!r}, which is not RFC 3339 in UTC to the second",
            hint="write it as 2026-11-23T05:00:00Z",
        )
    leaves = [entries.encode(entry) for entry in new]
    _check_blobs(store, new, blobs)
    key = VerifierKey(signer.name, signer.public_key)
    for attempt in range(attempts):
        head = locks.recover(store, key)
        tree = TileTree(head.checkpoint.size, head.checkpoint.root, store.get) if head else TileTree.empty()
        if last_seen is not None:
            checkpoints.check_extends(tree, signer.name, last_seen)
        _check_pointers(store, new)
        growth = _grow(tree, head.staging if head else "", leaves, signer, now)
        if attempt == 0:
            _put_blobs(store, blobs)
        store.put(locks.staging_name(growth.head.staging), locks.encode_staging(growth.staging))
        if store.swap(locks.LOCK, head.lock if head else None, growth.head.lock):
            locks.finish(store, growth.head, growth.staging)
            return _receipts(store, new, growth)
    raise LogError(
        f"other writers were quicker {attempts} times in a row; nothing was added",
        hint="run the command again, or let one sequencer write the log",
    )


def restore_pointers(store: Store, view: LogView) -> int:
    """Make the pointers again that the entries of ``view`` imply and that are missing; gives their number.

    Raises LogError where the log does not hold, and StoreError.
    """
    restored = 0
    for name, raw in entries.pointers(view.entries()):
        if store.get(name) is None:
            store.put(name, raw)
            restored += 1
    return restored


def _grow(tree: TileTree, previous: str, leaves: Sequence[bytes], signer: NoteSigner, now: str) -> _Growth:
    """The tiles that the leaves add to ``tree``, and the signed checkpoint of the result."""
    start, size = tree.size, tree.size + len(leaves)
    last = tree.leaves(start // tiles.WIDTH) if start % tiles.WIDTH else []
    new, edge = tiles.grow(start, tree.edge(), [merkle.leaf_hash(leaf) for leaf in leaves])
    root = tiles.edge_root(size, edge)
    new.update(tiles.bundle_tiles(start, last, leaves))
    staged = {tile.name: raw for tile, raw in new.items()}
    staging = Staging(at=now, previous=previous, start=start, size=size, root=root, tiles=staged)
    digest = canonical.digest(locks.encode_staging(staging))
    checkpoint = Checkpoint(signer.name, size, root)
    note = checkpoints.sign(checkpoint, signer)
    return _Growth(Head(checkpoint, note, digest, locks.encode_lock(Lock(note.decode(), digest))), staging)


def _receipts(store: Store, new: Sequence[Entry], growth: _Growth) -> list[Receipt]:
    staged, checkpoint = growth.staging.tiles, growth.head.checkpoint

    def read(name: str, max_bytes: int) -> bytes | None:
        return staged[name] if name in staged else store.get(name, max_bytes)

    tree = TileTree(checkpoint.size, checkpoint.root, read)
    return [
        Receipt(
            index=index,
            leaf_hash=tree.node(0, index),
            proof=merkle.inclusion_proof(tree.node, index, tree.size),
            checkpoint=growth.head.note.decode(),
            retention=store.retention(entries.blob_name(entry.envelope)),
        )
        for index, entry in enumerate(new, growth.staging.start)
    ]


def _check_blobs(store: Store, new: Sequence[Entry], blobs: Mapping[str, bytes]) -> None:
    """Every blob that an entry refers to is at hand, every blob at hand is referred to, each under its digest."""
    needed = {digest for entry in new for digest in entry.blobs}
    for digest, raw in blobs.items():
        if canonical.digest(raw) != digest:
            raise LogError(
                f"the blob given as {digest} has the digest {canonical.digest(raw)}", hint="give each under its digest"
            )
        if digest not in needed:
            raise LogError(f"the blob {digest} is given, but no entry refers to it", hint="leave it out")
    for digest in sorted(needed - blobs.keys()):
        stored = store.get(entries.blob_name(digest))
        if stored is None or canonical.digest(stored) != digest:
            found = "it is not in the store" if stored is None else "the one in the store was altered"
            raise LogError(f"an entry refers to the blob {digest}, which is not given, and {found}", hint="give it")


def _put_blobs(store: Store, blobs: Mapping[str, bytes]) -> None:
    """Put every blob, in no order that matters. Flushes of a disk take about as long for many as for one."""
    if len(blobs) < _MANY or not getattr(store, "is_concurrent", False):
        for digest, raw in sorted(blobs.items()):
            store.put(entries.blob_name(digest), raw)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(store.put, entries.blob_name(digest), raw) for digest, raw in blobs.items()]:
            done.result()


def _check_pointers(store: Store, new: Sequence[Entry]) -> None:
    """No pointer may take a name that leads to other evidence."""
    taken: dict[str, str] = {}
    for entry in new:
        for name in entry.pointers:
            if name not in taken:
                raw = store.get(name)
                taken[name] = entry.envelope if raw is None else entries.decode_pointer(raw, name).envelope
            if taken[name] != entry.envelope:
                raise LogError(
                    f"the pointer {name} already leads to the envelope {taken[name]}",
                    hint="make the last part of the name unique, for example by the digest of the decision",
                )
