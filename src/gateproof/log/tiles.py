"""The tree and the entries as files: tiles of 256 hashes and bundles of 256 entries.

Layout and encoding follow https://c2sp.org/tlog-tiles, under the prefix ``log/``. A tile that is not full yet is stored
under a name that carries its width, so that no stored tile ever changes.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from gateproof.errors import LogError
from gateproof.log import merkle
from gateproof.log.interface import RESTORE

WIDTH = 256
HEIGHT = 8
ENTRIES = -1
MAX_LEAF_BYTES = 0xFFFF
MAX_BUNDLE_BYTES = WIDTH * (2 + MAX_LEAF_BYTES)

_CACHED_TILES = 64
_NAME = re.compile(r"log/tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(msgspec.Struct, frozen=True, order=True):
    """Coordinates of a tile (``level`` counts tiles, not nodes) or, at level ENTRIES, of an entry bundle."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def name(self) -> str:
        """Name in the store."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"log/tile/{level}/{_index_path(self.index)}{suffix}"

    @classmethod
    def from_name(cls, name: str) -> Tile | None:
        """The tile of that name; None for anything that ``name`` would not spell in this way."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        level = ENTRIES if match[1] == "entries" else int(match[1])
        tile = cls(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH))
        return tile if tile.level < 64 and tile.width <= WIDTH and tile.name == name else None


def at(level: int, index: int, size: int) -> Tile:
    """The tile number ``index`` of ``level`` in a tree of ``size`` leaves."""
    available = (size >> (HEIGHT * max(level, 0))) - index * WIDTH
    return Tile(level, index, min(available, WIDTH))


def right_edge(size: int) -> Iterator[Tile]:
    """The tiles that are not full in a tree of ``size`` leaves, lowest level first."""
    level = 0
    while count := size >> (HEIGHT * level):
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level += 1


def grow(size: int, edge: dict[int, bytes], leaf_hashes: Sequence[bytes]) -> tuple[dict[Tile, bytes], dict[int, bytes]]:
    """The tiles that come into being when leaves are added, and the right edge after that.

    ``edge`` maps levels to the hashes of the tiles at the right edge of the tree of ``size`` leaves. A partial tile is
    given only for the final size.
    """
    tiles: dict[Tile, bytes] = {}
    hashes, level = leaf_hashes, 0
    while hashes:
        first = (size >> (HEIGHT * level)) // WIDTH
        row = edge.get(level, b"") + b"".join(hashes)
        hashes = []
        step = WIDTH * merkle.HASH_BYTES
        for offset in range(0, len(row), step):
            raw = row[offset : offset + step]
            tile = Tile(level, first + offset // step, len(raw) // merkle.HASH_BYTES)
            tiles[tile] = raw
            if tile.width == WIDTH:
                hashes.append(_levels(raw)[HEIGHT][0])
        level += 1
    after = right_edge(size + len(leaf_hashes))
    return tiles, {tile.level: tiles[tile] if tile in tiles else edge[tile.level] for tile in after}


def edge_root(size: int, edge: dict[int, bytes]) -> bytes:
    """Root of the tree of ``size`` leaves that has these tiles at its right edge."""
    return _edge_root(size, {level: _levels(raw) for level, raw in edge.items()})


def bundle_tiles(size: int, last: Sequence[bytes], leaves: Sequence[bytes]) -> dict[Tile, bytes]:
    """The entry bundles that come into being when ``leaves`` are added after the ``last`` ones of a partial bundle."""
    row = [*last, *leaves]
    tiles = {}
    for offset in range(0, len(row), WIDTH):
        part = row[offset : offset + WIDTH]
        tiles[Tile(ENTRIES, size // WIDTH + offset // WIDTH, len(part))] = encode_bundle(part)
    return tiles


def encode_bundle(leaves: Sequence[bytes]) -> bytes:
    """Leaves, each after its length as a big-endian uint16. Raises LogError for a leaf that is too long."""
    for leaf in leaves:
        if len(leaf) > MAX_LEAF_BYTES:
            raise LogError(
                f"an entry has {len(leaf)} bytes; a log takes at most {MAX_LEAF_BYTES}", hint="split it over several"
            )
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def decode_bundle(raw: bytes, width: int) -> list[bytes]:
    """The ``width`` leaves of a bundle. Raises LogError where the bytes are not exactly that."""
    leaves = []
    offset = 0
    while offset < len(raw):
        start = offset + 2
        offset = start + int.from_bytes(raw[offset:start], "big")
        leaves.append(raw[start:offset])
    if offset != len(raw) or len(leaves) != width:
        raise LogError(f"an entry bundle does not hold {width} whole entries", hint=RESTORE)
    return leaves


class TileTree:
    """The tree with this size and root, read from tiles of which none is believed.

    The tiles at the right edge must give the root; every other tile must hash to its place in the tile above it. So
    every hash that ``node`` gives is one that the root commits to. Raises LogError for missing and for altered tiles.
    """

    def __init__(self, size: int, root: bytes, read: Callable[[str, int], bytes | None]) -> None:
        """``read(name, max_bytes)`` gives the bytes of an object, or None."""
        self.size = size
        self.root = root
        self._read = read
        self._edge = {tile.level: _levels(self._fetch(tile)) for tile in right_edge(size)}
        self._cache: OrderedDict[Tile, list[list[bytes]]] = OrderedDict()
        if _edge_root(size, self._edge) != root:
            names = ", ".join(tile.name for tile in right_edge(size)) or "nothing"
            raise LogError(
                f"the tiles at the right edge ({names}) do not give the root of the checkpoint of size {size}",
                hint=RESTORE,
            )

    @classmethod
    def empty(cls) -> TileTree:
        """The tree of no leaves."""
        return cls(0, merkle.EMPTY_ROOT, lambda _name, _max_bytes: None)

    def node(self, level: int, index: int) -> bytes:
        """Hash of the perfect subtree over the leaves ``[index << level, (index + 1) << level)``."""
        row, below = divmod(level, HEIGHT)
        number, place = divmod(index << below, WIDTH)
        return self._tile(at(row, number, self.size))[below][place >> below]

    def leaf_hashes(self, bundle: int) -> list[bytes]:
        """Hashes of the leaves of entry bundle number ``bundle``."""
        return self._tile(at(0, bundle, self.size))[0]

    def edge(self) -> dict[int, bytes]:
        """The bytes of the tiles at the right edge, by level."""
        return {level: b"".join(levels[0]) for level, levels in self._edge.items()}

    def leaves(self, bundle: int) -> list[bytes]:
        """The leaves of entry bundle number ``bundle``, checked against the root."""
        tile = at(ENTRIES, bundle, self.size)
        raw = self._read(tile.name, MAX_BUNDLE_BYTES)
        if raw is None:
            raise LogError(f"the entry bundle {tile.name} is missing", hint=RESTORE)
        leaves = decode_bundle(raw, tile.width)
        if [merkle.leaf_hash(leaf) for leaf in leaves] != self.leaf_hashes(bundle):
            raise LogError(f"the entries in {tile.name} are not those that the log committed to", hint=RESTORE)
        return leaves

    def _tile(self, tile: Tile) -> list[list[bytes]]:
        """All levels of hashes inside ``tile``."""
        if tile.width < WIDTH:
            return self._edge[tile.level]
        if tile in self._cache:
            self._cache.move_to_end(tile)
            return self._cache[tile]
        levels = _levels(self._fetch(tile))
        if levels[HEIGHT][0] != self.node(HEIGHT * (tile.level + 1), tile.index):
            raise LogError(f"the tile {tile.name} does not hash to its place in the log", hint=RESTORE)
        self._cache[tile] = levels
        if len(self._cache) > _CACHED_TILES:
            self._cache.popitem(last=False)
        return levels

    def _fetch(self, tile: Tile) -> bytes:
        expected = tile.width * merkle.HASH_BYTES
        raw = self._read(tile.name, WIDTH * merkle.HASH_BYTES)
        if raw is None:
            raise LogError(f"the tile {tile.name} is missing", hint=RESTORE)
        if len(raw) != expected:
            raise LogError(f"the tile {tile.name} has {len(raw)} bytes instead of {expected}", hint=RESTORE)
        return raw


def _edge_root(size: int, edge: dict[int, list[list[bytes]]]) -> bytes:
    def node(level: int, index: int) -> bytes:
        row, below = divmod(level, HEIGHT)
        return edge[row][below][(index << below) % WIDTH >> below]

    return merkle.root(node, size)


def _levels(raw: bytes) -> list[list[bytes]]:
    """The perfect subtrees inside a tile, one list a level; the first holds the tile's own hashes."""
    row = [raw[offset : offset + merkle.HASH_BYTES] for offset in range(0, len(raw), merkle.HASH_BYTES)]
    levels = [row]
    while len(row) > 1:
        row = [merkle.node_hash(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)]
        levels.append(row)
    return levels


def _index_path(index: int) -> str:
    """``1234067`` as ``x001/x234/067``."""
    path = f"{index % 1000:03d}"
    while index := index // 1000:
        path = f"x{index % 1000:03d}/{path}"
    return path
