"""Receipt: what somebody holds who wants to show, without the store, that an entry is in the log."""

from __future__ import annotations

import msgspec

from gateproof.errors import LogError, placed
from gateproof.log import checkpoint as checkpoints
from gateproof.log import merkle
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.note import VerifierKey


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entry ``index`` has the hash ``leaf_hash``, and ``proof`` leads from it to the root of ``checkpoint``.

    ``checkpoint`` is the text of a signed note. ``retention`` is what keeps the envelope's blob from being deleted, as
    read back from the store; nothing signs it. In JSON, hashes are base64.
    """

    index: int
    leaf_hash: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    retention: str


def verify_receipt(receipt: Receipt, leaf: bytes, key: VerifierKey) -> Checkpoint:
    """Check that ``leaf`` is the entry that the receipt is for, and that the log's key committed to it.

    Gives the checkpoint that was signed. Raises LogError where signature, leaf or proof do not hold.
    """
    with placed(f"the receipt of entry {receipt.index}", hint="do not rely on it; ask for it anew from the store"):
        checkpoint = checkpoints.verify(receipt.checkpoint.encode(), key)
        if merkle.leaf_hash(leaf) != receipt.leaf_hash:
            raise LogError("it is for other bytes", hint="compare the bytes with those that were recorded")
        merkle.verify_inclusion(receipt.index, checkpoint.size, receipt.leaf_hash, checkpoint.root, receipt.proof)
        return checkpoint
