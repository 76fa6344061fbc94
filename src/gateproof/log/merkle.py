"""Merkle tree hashing and proofs, without storage.

Hashing and proofs follow RFC 6962, section 2.1. The verifiers also take subtrees, ``[start, end)`` with ``start`` a
multiple of the smallest power of two that is not below ``end - start``, as draft-ietf-plants-merkle-tree-certs defines
them; the proofs of RFC 6962 are those of subtrees that start at 0.

A tree is given as a function from (level, index) to a hash: that of the perfect subtree over the leaves
``[index << level, (index + 1) << level)``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from gateproof.errors import LogError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(nodes: Nodes, size: int) -> bytes:
    """Root of the tree over the first ``size`` leaves."""
    return _range_hash(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """Proof that leaf ``index`` is in the tree of ``size`` leaves. Raises LogError where it cannot be."""
    if not 0 <= index < size:
        raise LogError(f"there is no entry {index} in a log of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_hash(nodes, middle, end))
            end = middle
        else:
            proof.append(_range_hash(nodes, start, middle))
            start = middle
    return tuple(reversed(proof))


def consistency_proof(nodes: Nodes, old: int, new: int) -> tuple[bytes, ...]:
    """Proof that the tree of ``new`` leaves begins with the tree of ``old``. Raises LogError where it cannot be."""
    if not 0 < old <= new:
        raise LogError(f"no consistency proof leads from {old} to {new} entries")
    proof: list[bytes] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(nodes, middle, end))
            end = middle
        else:
            proof.append(_range_hash(nodes, start, middle))
            start = middle
    if start:  # otherwise the verifier has this hash: it is the old root
        proof.append(_range_hash(nodes, start, end))
    return tuple(reversed(proof))


def verify_inclusion(index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the leaf with hash ``leaf`` is number ``index`` in the tree with this size and root.

    Raises LogError where the proof does not show it.
    """
    verify_subtree_inclusion(index, 0, size, leaf, root, proof)


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that leaf ``index`` of a log is in its subtree ``[start, end)`` with this root. Raises LogError."""
    _check_subtree(start, end)
    if not start <= index < end:
        raise LogError(f"entry {index} is outside the tree [{start}, {end})")
    _check_hash(leaf)
    position, last = index - start, end - start - 1
    computed = leaf
    for sibling in proof:
        _check_hash(sibling)
        if last == 0:
            raise LogError("the inclusion proof is too long")
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            # A node without a right sibling moves up unchanged until it has a left one.
            while not position & 1:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise LogError("the inclusion proof is too short")
    if computed != root:
        raise LogError(f"the inclusion proof of entry {index} does not lead to the root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``new`` leaves begins with the tree of ``old``. Raises LogError where it is not shown.

    From an empty tree nothing can be shown, so that is an error too: the caller must decide what it means.
    """
    if old <= 0:
        raise LogError("a consistency proof from an empty tree shows nothing")
    verify_subtree_consistency(0, old, new, old_root, new_root, proof)


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of ``size`` leaves has the subtree ``[start, end)`` with this root. Raises LogError.

    An empty subtree is in every tree, whatever the tree's root.
    """
    if not 0 <= start <= end <= size:
        raise LogError(f"[{start}, {end}) is not inside a tree of {size} entries")
    if start == end:
        if proof or subtree_root != EMPTY_ROOT:
            raise LogError("an empty tree has the hash of nothing, and no proof")
        return
    _check_subtree(start, end)
    first, last, edge = start, end - 1, size - 1
    while first != last and (last == edge or last & 1):
        first, last, edge = first >> 1, last >> 1, edge >> 1
    hashes = list(proof)
    for value in hashes:
        _check_hash(value)
    if first == last:
        computed_subtree = computed = subtree_root
    elif hashes:
        computed_subtree = computed = hashes.pop(0)
    else:
        raise LogError("the consistency proof is too short")
    for sibling in hashes:
        if edge == 0:
            raise LogError("the consistency proof is too long")
        if last & 1 or last == edge:
            if first < last:
                computed_subtree = node_hash(sibling, computed_subtree)
            computed = node_hash(sibling, computed)
            while not last & 1:
                first, last, edge = first >> 1, last >> 1, edge >> 1
        else:
            computed = node_hash(computed, sibling)
        first, last, edge = first >> 1, last >> 1, edge >> 1
    if edge:
        raise LogError("the consistency proof is too short")
    if computed_subtree != subtree_root or computed != root:
        raise LogError(f"the tree of {size} entries does not contain the one over [{start}, {end})")


def _range_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """Hash over the leaves ``[start, end)``: ``start`` is a multiple of the largest power of two in ``end - start``."""
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(nodes(level, start >> level))
        start += 1 << level
    combined = parts.pop()
    while parts:
        combined = node_hash(parts.pop(), combined)
    return combined


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_subtree(start: int, end: int) -> None:
    if not 0 <= start < end or start % (1 << (end - start - 1).bit_length()):
        raise LogError(f"[{start}, {end}) is not a subtree")


def _check_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise LogError(f"a proof holds a hash of {len(value)} bytes instead of {HASH_BYTES}")
