"""The transparency log: what was decided, in an order that nobody can change without being seen.

``append`` adds entries, ``reader`` gives a verified view, ``receipt`` shows inclusion without the store, ``fsck``
checks every file. ``interface`` is the contract that stores fulfil.
"""

from gateproof.log.checkpoint import Checkpoint
from gateproof.log.entry import Entry
from gateproof.log.interface import NoteSigner, Store
from gateproof.log.note import VerifierKey
from gateproof.log.reader import LogView, open_log
from gateproof.log.receipt import Receipt, verify_receipt
from gateproof.log.sequencer import Sequencer

__all__ = [
    "Checkpoint",
    "Entry",
    "LogView",
    "NoteSigner",
    "Receipt",
    "Sequencer",
    "Store",
    "VerifierKey",
    "open_log",
    "verify_receipt",
]
