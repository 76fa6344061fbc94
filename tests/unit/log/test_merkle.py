"""Hashing and proofs, against a tree that is computed straight from the definition."""

from __future__ import annotations

import hashlib
import itertools
from functools import partial

import pytest

from gateproof.errors import LogError
from gateproof.log import merkle

# The leaves and roots of the reference tree that Certificate Transparency implementations test with.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
)]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def nodes_of(leaves: list[bytes]) -> merkle.Nodes:
    return lambda level, index: naive_root(leaves[index << level : (index + 1) << level])


def _raised(nodes: merkle.Nodes, by: int, level: int, index: int) -> bytes:
    return nodes(level + by, index)


def test_the_reference_tree_has_its_published_roots() -> None:
    for size, root in ROOTS.items():
        assert merkle.root(nodes_of(LEAVES), size).hex() == root


@pytest.mark.parametrize("size", range(1, 20))
def test_inclusion_of_every_leaf_is_proved_and_of_no_other(size: int) -> None:
    leaves = [b"%d" % number for number in range(size)]
    root = naive_root(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(nodes_of(leaves), index, size)
        merkle.verify_inclusion(index, size, merkle.leaf_hash(leaves[index]), root, proof)
        for wrong in range(size):
            if wrong != index:
                with pytest.raises(LogError):
                    merkle.verify_inclusion(wrong, size, merkle.leaf_hash(leaves[index]), root, proof)


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations_with_replacement(range(1, 20), 2)))
def test_consistency_is_proved_from_every_size_and_only_for_that_root(old: int, new: int) -> None:
    leaves = [b"%d" % number for number in range(new)]
    roots = naive_root(leaves[:old]), naive_root(leaves)
    proof = merkle.consistency_proof(nodes_of(leaves), old, new)
    merkle.verify_consistency(old, new, *roots, proof)
    with pytest.raises(LogError):
        merkle.verify_consistency(old, new, naive_root([b"other", *leaves[1:old]]), roots[1], proof)
    with pytest.raises(LogError):
        merkle.verify_consistency(old, new, *roots, [*proof, roots[0]])


def test_proofs_that_cannot_exist_are_refused() -> None:
    nodes = nodes_of(LEAVES)
    for index, size in ((8, 8), (-1, 8), (0, 0)):
        with pytest.raises(LogError, match="no entry"):
            merkle.inclusion_proof(nodes, index, size)
    for old, new in ((0, 8), (8, 7), (-1, 3)):
        with pytest.raises(LogError, match="no consistency proof"):
            merkle.consistency_proof(nodes, old, new)


def test_a_proof_of_hashes_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(LogError, match="3 bytes instead of 32"):
        merkle.verify_inclusion(0, 2, merkle.leaf_hash(b""), bytes(32), [b"abc"])
    with pytest.raises(LogError, match="3 bytes instead of 32"):
        merkle.verify_consistency(1, 2, bytes(32), bytes(32), [b"abc"])


def test_consistency_from_nothing_is_no_statement() -> None:
    with pytest.raises(LogError, match="shows nothing"):
        merkle.verify_consistency(0, 8, merkle.EMPTY_ROOT, bytes.fromhex(ROOTS[8]), [])


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_perfect_subtree_anywhere_is_shown_to_be_in_the_tree(level: int) -> None:
    width = 1 << level
    for size in range(width, 33, width):
        leaves = [b"%d" % number for number in range(size)]
        root = naive_root(leaves)
        subtrees = partial(_raised, nodes_of(leaves), level)
        for start in range(0, size, width):
            # Taking the subtrees for leaves, the proof is the one that such a leaf is in the tree.
            proof = merkle.inclusion_proof(subtrees, start // width, size // width)
            subtree = naive_root(leaves[start : start + width])
            merkle.verify_subtree_consistency(start, start + width, size, subtree, root, proof)
            with pytest.raises(LogError):
                merkle.verify_subtree_consistency(start, start + width, size, naive_root([b"x"] * width), root, proof)
