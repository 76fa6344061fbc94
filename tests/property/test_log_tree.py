"""Whatever the batches, the log is the tree of RFC 6962, and only ever grows."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from gateproof.log import entry as entries
from gateproof.log import merkle, tiles
from gateproof.log.append import append
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.note import VerifierKey
from gateproof.log.reader import open_log
from gateproof.testing import LogSigner, MemoryStore
from gateproof.testing.log import numbered_entries

SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0] if leaves else b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(st.one_of(st.integers(1, 5), st.integers(250, 260)), min_size=1, max_size=6))
def test_any_batches_give_the_naive_tree_and_every_checkpoint_extends_those_before(batches: list[int]) -> None:
    store = MemoryStore()
    leaves: list[bytes] = []
    seen: list[Checkpoint] = []
    for count in batches:
        new, blobs = numbered_entries(len(leaves), count)
        append(store, new, blobs, SIGNER, now="2026-11-23T05:00:00Z", last_seen=seen[-1] if seen else None)
        leaves.extend(map(entries.encode, new))
        seen.append(open_log(store, KEY).checkpoint)
        assert seen[-1].root == naive_root(leaves)
    view = open_log(store, KEY)
    assert [leaf for _, leaf in view.leaves()] == leaves
    for old in seen:
        open_log(store, KEY, last_seen=old)
        proof = view.consistency_proof(old.size)
        merkle.verify_consistency(old.size, len(view), old.root, view.checkpoint.root, proof)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 70_000), data=st.data())
def test_proofs_out_of_tiles_verify_at_any_size(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, old - 1))
    assert tiles.grow(old, _edge(old), HASHES[old:size])[1] == _edge(size)
    stored = {tile.name: raw for tile, raw in tiles.grow(0, {}, HASHES[:size])[0].items()}
    tree = tiles.TileTree(size, tiles.edge_root(size, _edge(size)), lambda name, _max_bytes: stored.get(name))
    old_root = merkle.root(tree.node, old)
    assert old_root == tiles.edge_root(old, _edge(old))
    merkle.verify_inclusion(index, size, HASHES[index], tree.root, merkle.inclusion_proof(tree.node, index, size))
    merkle.verify_consistency(old, size, old_root, tree.root, merkle.consistency_proof(tree.node, old, size))


HASHES = [hashlib.sha256(b"%d" % number).digest() for number in range(70_000)]


def _edge(size: int) -> dict[int, bytes]:
    return tiles.grow(0, {}, HASHES[:size])[1]
