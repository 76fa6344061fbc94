"""A verified view of a log: nothing that it gives was taken on trust from the store."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.documents import canonical
from gateproof.errors import LogError
from gateproof.log import checkpoint as checkpoints
from gateproof.log import entry as entries
from gateproof.log import merkle, tiles
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.entry import Entry
from gateproof.log.interface import RESTORE, Store
from gateproof.log.lock import CHECKPOINT, LOCK
from gateproof.log.note import MAX_NOTE_BYTES, VerifierKey
from gateproof.log.receipt import Receipt
from gateproof.log.tiles import TileTree


def open_log(store: Store, key: VerifierKey, last_seen: Checkpoint | None = None) -> LogView:
    """The log at its public checkpoint, which must be signed by ``key``.

    ``last_seen`` is the newest checkpoint that the caller has verified before; the log must contain its tree. Raises
    LogError where there is no log, where the signature or the tree does not hold, and where the log was rolled back or
    forked; StoreError.
    """
    raw = store.get(CHECKPOINT, MAX_NOTE_BYTES)
    if raw is None:
        begun = store.get(LOCK) is not None
        raise LogError(
            f"the store holds no log: there is no {CHECKPOINT}",
            hint="its first append did not finish; append again to recover it" if begun else "check the store's path",
        )
    checkpoint = checkpoints.read(raw, key, CHECKPOINT)
    tree = TileTree(checkpoint.size, checkpoint.root, store.get)
    if last_seen is not None:
        checkpoints.check_extends(tree, checkpoint.origin, last_seen)
    return LogView(store, checkpoint, raw, tree)


class LogView:
    """A log as it was at one checkpoint. Made by ``open_log``; every method raises LogError for what does not hold.

    ``checkpoint`` is what was verified, ``note`` the signed text that said so.
    """

    def __init__(self, store: Store, checkpoint: Checkpoint, note: bytes, tree: TileTree) -> None:
        self.checkpoint = checkpoint
        self.note = note.decode()
        self._store = store
        self._tree = tree

    def __len__(self) -> int:
        return self.checkpoint.size

    def leaves(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of every leaf from ``start`` on, one bundle of 256 in memory at a time."""
        for bundle in range(start // tiles.WIDTH, -(-len(self) // tiles.WIDTH)):
            for index, leaf in enumerate(self._tree.leaves(bundle), bundle * tiles.WIDTH):
                if index >= start:
                    yield index, leaf

    def entries(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Number and content of every entry from ``start`` on."""
        for index, leaf in self.leaves(start):
            yield index, entries.decode(leaf, f"entry {index}")

    def leaf(self, index: int) -> bytes:
        """The bytes of entry ``index``."""
        if not 0 <= index < len(self):
            raise LogError(f"there is no entry {index} in a log of {len(self)}", hint="see `gateproof log list`")
        return self._tree.leaves(index // tiles.WIDTH)[index % tiles.WIDTH]

    def entry(self, index: int) -> Entry:
        """Entry ``index``."""
        return entries.decode(self.leaf(index), f"entry {index}")

    def blob(self, digest: str) -> bytes:
        """The blob with this digest, checked against it. Raises StoreError too."""
        raw = self._store.get(entries.blob_name(digest))
        if raw is None or canonical.digest(raw) != digest:
            raise LogError(
                f"the blob {digest} {'is missing' if raw is None else 'was altered'}",
                where=entries.blob_name(digest),
                hint=RESTORE,
            )
        return raw

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Proof that entry ``index`` is in the tree of ``checkpoint`` (RFC 6962, section 2.1.1)."""
        return merkle.inclusion_proof(self._tree.node, index, len(self))

    def consistency_proof(self, size: int) -> tuple[bytes, ...]:
        """Proof that the tree of ``checkpoint`` begins with the one of ``size`` entries (RFC 6962, section 2.1.2)."""
        return merkle.consistency_proof(self._tree.node, size, len(self))

    def receipt(self, index: int) -> Receipt:
        """A receipt for entry ``index`` under ``checkpoint``."""
        entry = self.entry(index)
        return Receipt(
            index=index,
            leaf_hash=self._tree.node(0, index),
            proof=self.inclusion_proof(index),
            checkpoint=self.note,
            retention=self._store.retention(entries.blob_name(entry.envelope)),
        )
