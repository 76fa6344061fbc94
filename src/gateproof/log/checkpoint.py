"""Checkpoints: what a log's key says about the whole log, https://c2sp.org/tlog-checkpoint."""

from __future__ import annotations

import re

import msgspec

from gateproof.errors import LogError, placed
from gateproof.log import merkle, note
from gateproof.log.interface import RESTORE, NoteSigner
from gateproof.log.tiles import TileTree

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(msgspec.Struct, frozen=True):
    """The root hash of the log called ``origin`` when it had ``size`` entries."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{note.encode_base64(self.root)}\n"


def parse(text: str) -> Checkpoint:
    """Read a checkpoint's text. Raises LogError; extension lines, which our logs never write, are refused too."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise LogError("a checkpoint has three lines: origin, size and root hash; this note does not")
    root = note.decode_base64(lines[2], "the root hash of a checkpoint")
    if len(root) != merkle.HASH_BYTES:
        raise LogError(f"the root hash of a checkpoint has {len(root)} bytes instead of {merkle.HASH_BYTES}")
    return Checkpoint(lines[0], int(lines[1]), root)


def sign(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """The checkpoint as a note signed by the log. Raises LogError."""
    return note.Note(checkpoint.text, (note.sign(checkpoint.text, signer),)).encode()


def verify(raw: bytes, key: note.VerifierKey) -> Checkpoint:
    """The checkpoint in a note that is signed by the log's key and names its origin. Raises LogError."""
    signed = note.parse(raw)
    note.verify(signed, key)
    checkpoint = parse(signed.text)
    if checkpoint.origin != key.name:
        raise LogError(f"the checkpoint is of the log {checkpoint.origin!r}, not of {key.name!r}")
    return checkpoint


def read(raw: bytes, key: note.VerifierKey | None, where: str) -> Checkpoint:
    """``verify`` where there is a key; where there is none, only read. Raises LogError, placed at ``where``."""
    with placed(where, hint=RESTORE):
        return parse(note.parse(raw).text) if key is None else verify(raw, key)


def check_extends(tree: TileTree, origin: str, seen: Checkpoint) -> None:
    """Check that ``tree`` begins with the tree of an earlier checkpoint. Raises LogError for a rollback or a fork."""
    if seen.origin != origin:
        raise LogError(
            f"the checkpoint seen before is of the log {seen.origin!r}, this log is {origin!r}",
            hint="name the store of that log, or remember another log in a folder of its own with --state",
        )
    if seen.size > tree.size:
        raise LogError(
            f"the log has {tree.size} entries, but had {seen.size} when it was last seen: it was rolled back",
            hint="do not use this store; ask its keeper for the entries that are missing",
        )
    if merkle.root(tree.node, seen.size) != seen.root:
        raise LogError(
            f"the first {seen.size} entries are not those that the log had when it was last seen: it was forked",
            hint="do not use this store; keep both checkpoints, they prove that the log's key signed two histories",
        )
