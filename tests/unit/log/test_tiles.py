"""Names and contents of tiles and entry bundles."""

from __future__ import annotations

import pytest

from gateproof.errors import LogError
from gateproof.log import merkle, tiles
from gateproof.log.tiles import ENTRIES, Tile, TileTree


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 0), "log/tile/0/000"),
        (Tile(0, 999, 1), "log/tile/0/999.p/1"),
        (Tile(3, 1000), "log/tile/3/x001/000"),
        (Tile(63, 1234067, 255), "log/tile/63/x001/x234/067.p/255"),
        (Tile(ENTRIES, 1234067), "log/tile/entries/x001/x234/067"),
    ],
)
def test_a_tile_is_spelled_as_the_specification_does(tile: Tile, name: str) -> None:
    assert tile.name == name
    assert Tile.from_name(name) == tile


@pytest.mark.parametrize(
    "name",
    [
        "log/tile/0/000.p/256",
        "log/tile/0/000.p/0",
        "log/tile/0/000.p/01",
        "log/tile/0/000.p/300",
        "log/tile/00/000",
        "log/tile/64/000",
        "log/tile/-1/000",
        "log/tile/0/x000/000",
        "log/tile/0/1",
        "log/tile/0/001/000",
        "log/tile/0/000/",
        "log/tile/0/000\n",
        "log/tile/0/٠٠٠",
        "tile/0/000",
    ],
)
def test_no_other_spelling_is_a_tile(name: str) -> None:
    assert Tile.from_name(name) is None


def test_the_right_edge_is_that_of_the_specifications_example() -> None:
    assert list(tiles.right_edge(70_000)) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.right_edge(256)) == [Tile(1, 0, 1)]
    assert list(tiles.right_edge(0)) == []


def test_a_bundle_gives_its_leaves_back() -> None:
    leaves = [b"", b"a", bytes(tiles.MAX_LEAF_BYTES)]
    assert tiles.decode_bundle(tiles.encode_bundle(leaves), 3) == leaves
    assert tiles.encode_bundle([b"ab"]) == b"\x00\x02ab"


def test_a_leaf_that_is_too_long_is_refused() -> None:
    with pytest.raises(LogError, match="65536 bytes"):
        tiles.encode_bundle([bytes(65_536)])


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x00\x01a\x00\x01b", b"\x00\x01a\x00"])
def test_bytes_that_are_not_one_whole_leaf_are_refused(raw: bytes) -> None:
    with pytest.raises(LogError, match="1 whole entries"):
        tiles.decode_bundle(raw, 1)


def _stored(size: int) -> tuple[dict[str, bytes], bytes]:
    grown, edge = tiles.grow(0, {}, [merkle.leaf_hash(b"%d" % number) for number in range(size)])
    return {tile.name: raw for tile, raw in grown.items()}, tiles.edge_root(size, edge)


def _tree(size: int, root: bytes, stored: dict[str, bytes]) -> TileTree:
    return TileTree(size, root, lambda name, _max_bytes: stored.get(name))


def test_a_tree_gives_every_node_out_of_its_tiles() -> None:
    stored, root = _stored(600)
    tree = _tree(600, root, stored)
    assert tree.node(0, 599) == merkle.leaf_hash(b"599")
    assert tree.node(1, 100) == merkle.node_hash(tree.node(0, 200), tree.node(0, 201))
    assert tree.node(9, 0) == merkle.node_hash(tree.node(8, 0), tree.node(8, 1))
    assert merkle.root(tree.node, 600) == root


def test_an_altered_tile_is_not_used() -> None:
    stored, root = _stored(600)
    stored["log/tile/0/000"] = stored["log/tile/0/001"]
    tree = _tree(600, root, stored)
    assert tree.node(0, 300)
    with pytest.raises(LogError, match="log/tile/0/000 does not hash to its place"):
        tree.node(0, 0)


def test_an_altered_or_missing_right_edge_is_found_at_once() -> None:
    for name in ("log/tile/0/002.p/88", "log/tile/1/000.p/2"):
        stored, root = _stored(600)
        raw = stored.pop(name)
        with pytest.raises(LogError, match="is missing"):
            _tree(600, root, stored)
        stored[name] = raw[:-1]
        with pytest.raises(LogError, match="bytes instead of"):
            _tree(600, root, stored)
        stored[name] = bytes(len(raw))
        with pytest.raises(LogError, match="do not give the root"):
            _tree(600, root, stored)


def test_many_tiles_do_not_pile_up_in_memory() -> None:
    stored, root = _stored(256 * 70)
    tree = _tree(256 * 70, root, stored)
    assert all(tree.leaf_hashes(bundle) for bundle in range(70))
    assert len(tree._cache) == 64
