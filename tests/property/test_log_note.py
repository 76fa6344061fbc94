"""Reading hostile bytes: an error of ours, or something that is written back byte for byte."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from gateproof.errors import LogError
from gateproof.log import checkpoint as checkpoints
from gateproof.log import entry as entries
from gateproof.log import lock as locks
from gateproof.log import note, tiles
from gateproof.log.note import VerifierKey
from gateproof.testing import LogSigner

SIGNER = LogSigner("example.org/payments", 1)
SIGNED = checkpoints.sign(checkpoints.Checkpoint(SIGNER.name, 7, bytes(32)), SIGNER)

_lines = st.lists(st.sampled_from(["", "origin", "7", "A" * 43 + "=", "— a AAAAAAA=", "— a b", "\t", "é"]), max_size=8)
hostile = st.one_of(st.binary(max_size=200), _lines.map(lambda lines: "\n".join(lines).encode()))


@given(hostile)
def test_a_note_is_refused_or_has_this_one_spelling(raw: bytes) -> None:
    with contextlib.suppress(LogError):
        assert note.parse(raw).encode() == raw


@given(st.text(max_size=80))
def test_a_checkpoint_is_refused_or_has_this_one_spelling(text: str) -> None:
    with contextlib.suppress(LogError):
        assert checkpoints.parse(text).text == text


@given(st.text(max_size=80))
def test_a_verifier_key_is_refused_or_has_this_one_spelling(text: str) -> None:
    with contextlib.suppress(LogError):
        assert VerifierKey.parse(text).text == text


@given(hostile)
def test_entries_pointers_and_locks_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(LogError):
        assert entries.encode(entries.decode(raw)) == raw
    with contextlib.suppress(LogError):
        entries.decode_pointer(raw)
    with contextlib.suppress(LogError):
        assert locks.encode_lock(locks.decode_lock(raw)) == raw


@given(st.binary(max_size=64), st.integers(1, 8))
def test_a_bundle_is_refused_or_has_this_one_spelling(raw: bytes, width: int) -> None:
    with contextlib.suppress(LogError):
        assert tiles.encode_bundle(tiles.decode_bundle(raw, width)) == raw


@given(st.integers(0, len(SIGNED) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_a_spliced_checkpoint_does_not_verify(place: int, inserted: bytes, removed: int) -> None:
    spliced = SIGNED[:place] + inserted + SIGNED[place + removed :]
    try:
        checkpoints.verify(spliced, VerifierKey(SIGNER.name, SIGNER.public_key))
    except LogError:
        return
    assert spliced == SIGNED
