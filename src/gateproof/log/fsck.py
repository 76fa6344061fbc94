"""Check every file of a store. Unlike a reader, which stops at the first thing that does not hold, this lists them all.

What each file is checked against: blobs and staging bundles against the digest that is their name; entry bundles and
tiles, full and partial, against the tree that is computed anew from the entries; that tree against the checkpoints;
pointers against the entries. The chain of staging bundles says which files must exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import msgspec

from gateproof.documents import canonical
from gateproof.errors import GateproofError, LogError, StoreError
from gateproof.log import checkpoint as checkpoints
from gateproof.log import entry as entries
from gateproof.log import lock as locks
from gateproof.log import merkle, note, tiles
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.interface import MAX_OBJECT_BYTES, Store
from gateproof.log.lock import CHECKPOINT, LOCK
from gateproof.log.note import VerifierKey
from gateproof.log.tiles import Tile, TileTree


class Problem(msgspec.Struct, frozen=True, order=True):
    """What is wrong with the object ``name``."""

    name: str
    message: str


class FsckReport(msgspec.Struct, frozen=True):
    """All problems, by name, and how many objects of each kind were checked.

    ``orphans`` among the counts are blobs and staging bundles of appends that never came to be: harmless.
    """

    problems: tuple[Problem, ...]
    counts: dict[str, int]


def fsck(store: Store, key: VerifierKey | None = None) -> FsckReport:
    """Check every object of ``store``. Never raises for what it finds there.

    Without the log's ``key`` the store is checked for agreement with itself, but a log that somebody made anew would
    pass.
    """
    check = _Check(store, key)
    try:
        # 1. What is there.
        check.listed = set(store.names())
        # 2. What the log says of itself: newest checkpoint, and all those before.
        head = check.head()
        check.history()
        # 3. The tree, computed from the entries.
        if head is not None:
            check.tree(head)
        # 4. Everything that is beside the tree.
        check.tiles_beside_the_tree()
        check.blobs()
        check.pointers()
        check.strangers()
    except StoreError as error:
        check.report("", str(error))
    return FsckReport(tuple(sorted(check.problems)), dict(sorted(check.counts.items())))


class _Check:
    """One run. The methods are its steps, in order."""

    def __init__(self, store: Store, key: VerifierKey | None) -> None:
        self.store = store
        self.key = key
        self.listed: set[str] = set()
        self.problems: set[Problem] = set()
        self.counts: Counter[str] = Counter()
        self._doubtful: set[str] = set()  # names of checkpoints whose signature does not hold
        self._staging = ""
        self._chain: dict[str, tuple[int, bytes]] = {}  # staging digest → size and root that it leads to
        self._is_chain_whole = False
        self._expected_tiles: dict[tuple[int, int], set[int]] = {}  # level and index → widths
        self._checked_tiles: set[str] = set()
        self._is_every_entry_read = True
        self._references: dict[str, int] = {}  # digest → the first entry that refers to it
        self._pointers: dict[str, bytes] = {}

    def report(self, name: str, message: str) -> None:
        self.problems.add(Problem(name, message))

    def head(self) -> Checkpoint | None:
        """The checkpoint to compare the tree with: that of the lock, or the public one if only that can be trusted."""
        published = self._checkpoint(CHECKPOINT, self._get(CHECKPOINT, note.MAX_NOTE_BYTES))
        raw = self._get(LOCK, 2 * note.MAX_NOTE_BYTES)
        if raw is None and published is None and not self._has_objects_of_the_log():
            return None
        for name in (LOCK, CHECKPOINT):
            if name not in self.listed:
                self.report(name, "is missing")
        lock = self._decoded_lock(raw)
        promised = None
        if lock is not None:
            self._staging = lock.staging
            promised = self._checkpoint(LOCK, lock.checkpoint.encode())
        if promised is not None and published is not None and not self._doubtful:
            self._compare(published, promised)
        found = {name: read for name, read in ((LOCK, promised), (CHECKPOINT, published)) if read is not None}
        # Where no signature holds, perhaps for a wrong key, the rest is still worth checking.
        best = min(found, key=lambda name: (name in self._doubtful, name != LOCK), default=None)
        return found[best][0] if best else None

    def history(self) -> None:
        """Follow the chain of staging bundles from the newest to the first."""
        digest, size, referrer = self._staging, -1, LOCK
        while digest:
            name = locks.staging_name(digest)
            try:
                staging = locks.read_staging(self.store, digest)
            except GateproofError as error:
                self.report(name, error.message)
                if name not in self.listed:  # or else it is the name that is wrong
                    self.report(referrer, f"names the staging bundle {name}, which is missing")
                return
            if size not in (-1, staging.size):
                self.report(name, f"leads to {staging.size} entries, the next starts from {size}")
                return
            self._chain[digest] = (staging.size, staging.root)
            for tile in locks.new_tiles(staging.start, staging.size):
                self._expected_tiles.setdefault((tile.level, tile.index), set()).add(tile.width)
            digest, size, referrer = staging.previous, staging.start, name
        if size > 0:
            self.report(LOCK, f"the chain of staging bundles ends at {size} entries instead of at the first")
        self._is_chain_whole = size == 0

    def tree(self, head: Checkpoint) -> None:
        """Compute the tree from the entries, and compare every tile and every checkpoint with it."""
        roots = dict(self._chain.values())
        names = {size: locks.staging_name(digest) for digest, (size, _) in self._chain.items()}
        trusted = self._trusted_tree(head)
        edge: dict[int, bytes] = {}
        for bundle in range(-(-head.size // tiles.WIDTH)):
            start = bundle * tiles.WIDTH
            hashes = self._leaf_hashes(tiles.at(tiles.ENTRIES, bundle, head.size), trusted)
            if hashes is None:
                return
            for size in range(start + 1, start + len(hashes) + 1):
                if size not in roots and size != head.size:
                    continue
                root = tiles.edge_root(size, tiles.grow(start, edge, hashes[: size - start])[1])
                if roots.get(size, root) != root:
                    self.report(names[size], f"its root is not that of the first {size} entries")
                if size == head.size and head.root != root:
                    self.report(CHECKPOINT, f"its root is not that of the first {size} entries")
            grown, edge = tiles.grow(start, edge, hashes)
            for tile, raw in grown.items():
                if tile.width == tiles.WIDTH or tile == tiles.at(tile.level, tile.index, head.size):
                    self._compare_tiles(tile, raw, merkle.HASH_BYTES)

    def tiles_beside_the_tree(self) -> None:
        """Tiles and staging bundles that the tree did not account for."""
        for name in sorted(self.listed):
            if name.startswith("log/tile/") and name not in self._checked_tiles:
                self.report(name, "is no tile of this log" if Tile.from_name(name) is None else "could not be checked")
            elif name.startswith(locks.STAGING):
                self._content_addressed(name, locks.staging_name, self._chain.keys(), "staging")

    def blobs(self) -> None:
        """Blobs have the digest that they are called by, and none that an entry needs is missing."""
        for name in sorted(self.listed):
            if name.startswith("blobs/"):
                self._content_addressed(name, entries.blob_name, self._references.keys(), "blobs")
        for digest, index in self._references.items():
            if entries.blob_name(digest) not in self.listed:
                self.report(entries.blob_name(digest), f"is missing; entry {index} refers to it")

    def pointers(self) -> None:
        """Pointers are exactly those that the entries imply."""
        for name in sorted(self.listed):
            if name.startswith("evidence/"):
                self.counts["pointers"] += 1
                if name not in self._pointers:
                    if self._is_every_entry_read:
                        self.report(name, "is a pointer that no entry names")
                elif self._get(name) != self._pointers[name]:
                    self.report(name, "does not say what its entry implies")
        for name in self._pointers.keys() - self.listed:
            self.report(name, "is missing; it can be made again from the entries")

    def strangers(self) -> None:
        """Whatever is no part of a log."""
        ours = ("log/tile/", locks.STAGING, "blobs/", "evidence/")
        for name in sorted(self.listed - {LOCK, CHECKPOINT}):
            if not name.startswith(ours):
                self.report(name, "is not a file of a log")

    def _content_addressed(self, name: str, name_of: Callable[[str], str], used: Collection[str], kind: str) -> None:
        """Check an object whose name is made of its digest, and count it as used or as an orphan."""
        raw = self._get(name)
        if raw is None:
            return
        digest = canonical.digest(raw)
        if name_of(digest) != name:
            self.report(name, "does not have the digest that it is called by")
        self.counts[kind if digest in used else "orphans"] += 1

    def _get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        try:
            return self.store.get(name, max_bytes)
        except StoreError as error:
            self.report(name, error.message)
            return None

    def _has_objects_of_the_log(self) -> bool:
        return any(name.startswith(("log/tile/", "evidence/")) for name in self.listed)

    def _decoded_lock(self, raw: bytes | None) -> locks.Lock | None:
        if raw is None:
            return None
        try:
            return locks.decode_lock(raw)
        except LogError as error:
            self.report(LOCK, error.message)
            return None

    def _checkpoint(self, name: str, raw: bytes | None) -> tuple[Checkpoint, note.Note] | None:
        """The checkpoint in a note; None where it cannot be read. A bad signature is reported and remembered."""
        if raw is None:
            return None
        self.counts["checkpoints"] += 1
        try:
            signed = note.parse(raw)
            checkpoint = checkpoints.parse(signed.text)
        except LogError as error:
            self.report(name, error.message)
            return None
        try:
            checkpoints.read(raw, self.key, name)
        except LogError as error:
            self.report(name, error.message)
            self._doubtful.add(name)
        return checkpoint, signed

    def _compare(self, published: tuple[Checkpoint, note.Note], promised: tuple[Checkpoint, note.Note]) -> None:
        try:
            if not locks.is_published(published[0], promised[0]):
                self.report(CHECKPOINT, "is older than the lock: an append did not finish, and the next one will do it")
            elif not set(promised[1].signatures) <= set(published[1].signatures):
                self.report(CHECKPOINT, f"does not carry the signatures of {LOCK}")
        except LogError as error:
            self.report(LOCK, error.message)

    def _trusted_tree(self, head: Checkpoint) -> TileTree | None:
        """The tree from its tiles, where these hold: it tells which of a tile and an entry bundle was altered."""
        try:
            return TileTree(head.size, head.root, self.store.get)
        except GateproofError:
            return None  # the tiles at fault are found when they are compared with what the entries give

    def _leaf_hashes(self, tile: Tile, trusted: TileTree | None) -> list[bytes] | None:
        """Leaf hashes of an entry bundle: those that the log committed to, as far as that can be told."""
        try:
            committed = trusted.leaf_hashes(tile.index) if trusted else None
        except GateproofError:
            committed = None
        leaves = self._decoded_bundle(tile)
        hashes = committed or [merkle.leaf_hash(leaf) for leaf in leaves]
        if not hashes:
            self.report(tile.name, "and its tile cannot be read, so nothing after them can be checked")
            self._is_every_entry_read = False
            return None
        for width in self._widths(tile):
            part = Tile(tile.level, tile.index, width)
            self.counts["tiles"] += 1
            self._checked_tiles.add(part.name)
            held = leaves if part == tile else self._decoded_bundle(part)
            if held and [merkle.leaf_hash(leaf) for leaf in held] != hashes[:width]:
                self.report(part.name, "does not hold the entries that the log committed to")
        self._read_entries(tile, leaves, hashes)
        return hashes

    def _decoded_bundle(self, tile: Tile) -> list[bytes]:
        """The leaves of a bundle; empty, and reported, where they cannot be read."""
        if tile.name not in self.listed:
            self.report(tile.name, "is missing")
            return []
        raw = self._get(tile.name, tiles.MAX_BUNDLE_BYTES)
        try:
            return [] if raw is None else tiles.decode_bundle(raw, tile.width)
        except LogError as error:
            self.report(tile.name, error.message)
            return []

    def _read_entries(self, tile: Tile, leaves: list[bytes], hashes: list[bytes]) -> None:
        """Note what the entries refer to: those entries that the log committed to."""
        self._is_every_entry_read &= len(leaves) == len(hashes)
        for index, (leaf, committed) in enumerate(zip(leaves, hashes, strict=False), tile.index * tiles.WIDTH):
            self.counts["entries"] += 1
            try:
                if merkle.leaf_hash(leaf) != committed:
                    raise LogError("is not the one that the log committed to")
                entry = entries.decode(leaf)
            except LogError as error:
                self.report(tile.name, f"entry {index}: {error.message}")
                self._is_every_entry_read = False
                continue
            for digest in entry.blobs:
                self._references.setdefault(digest, index)
            for name, raw in entries.pointers([(index, entry)]):
                self._pointers.setdefault(name, raw)

    def _compare_tiles(self, tile: Tile, raw: bytes, step: int) -> None:
        """Compare a tile in its last form, and in every earlier one, with what it must be."""
        for width in self._widths(tile):
            self._compare_tile(Tile(tile.level, tile.index, width), raw[: width * step], tiles.WIDTH * step)

    def _widths(self, tile: Tile) -> list[int]:
        """The widths in which a tile must be there; where the chain is broken, those that happen to be, too."""
        widths = {tile.width} | self._expected_tiles.get((tile.level, tile.index), set())
        if not self._is_chain_whole:
            every = (Tile(tile.level, tile.index, width) for width in range(1, tile.width))
            widths |= {part.width for part in every if part.name in self.listed}
        return sorted(width for width in widths if width <= tile.width)

    def _compare_tile(self, tile: Tile, expected: bytes, max_bytes: int) -> None:
        self.counts["tiles"] += 1
        self._checked_tiles.add(tile.name)
        if tile.name not in self.listed:
            self.report(tile.name, "is missing")
        elif self._get(tile.name, max_bytes) != expected:
            self.report(tile.name, "is not what the entries of the log give")
