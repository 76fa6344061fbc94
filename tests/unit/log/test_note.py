"""Signed notes and checkpoints: one spelling, and every byte counts."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateproof.errors import LogError
from gateproof.log import checkpoint as checkpoints
from gateproof.log import note
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.note import Note, Signature, VerifierKey
from gateproof.testing import LogSigner

SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)
CHECKPOINT = Checkpoint(SIGNER.name, 7, bytes(range(32)))
RAW = checkpoints.sign(CHECKPOINT, SIGNER)

# Key, text and signature that the documentation of golang.org/x/mod/sumdb/note publishes.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_elsewhere_verifies() -> None:
    key = VerifierKey.parse(PUBLISHED_KEY)
    signed = note.parse(PUBLISHED_NOTE.encode())
    note.verify(signed, key)
    assert key.text == PUBLISHED_KEY
    assert signed.encode() == PUBLISHED_NOTE.encode()


def test_a_checkpoint_is_read_back() -> None:
    assert checkpoints.verify(RAW, KEY) == CHECKPOINT
    assert RAW.decode().startswith("example.org/payments\n7\nAAECAwQ")


def test_every_changed_byte_of_a_signed_checkpoint_is_noticed() -> None:
    tried = 0
    for place, mask in ((place, 1 << bit) for place in range(len(RAW)) for bit in range(8)):
        changed = bytearray(RAW)
        changed[place] ^= mask
        with pytest.raises(LogError):
            checkpoints.verify(bytes(changed), KEY)
        tried += 1
    assert tried == len(RAW) * 8


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"text\n",
        RAW[:-1],
        RAW + b"\n",
        RAW + b" ",
        RAW + b"\x00",
        RAW + b"not a signature\n",
        RAW.replace(b"\n", b"\r\n"),
        RAW.replace("— ".encode(), b"- "),
        RAW.replace(b"=\n", b"\n"),
        RAW + "— name \n".encode(),
        RAW + "— name AAAA\n".encode(),
        RAW + "— name AAAAAB==\n".encode(),
        RAW + "— na+me AAAAAAAAAAA=\n".encode(),
        RAW + b"\xff",
        b"x" * (note.MAX_NOTE_BYTES + 1),
    ],
)
def test_what_is_not_exactly_a_note_is_refused(raw: bytes) -> None:
    with pytest.raises(LogError):
        checkpoints.verify(raw, KEY)


def test_lines_of_unknown_keys_are_kept_and_not_judged() -> None:
    other = Signature("witness.example/w1", b"abcd", bytes(72))
    raw = Note(CHECKPOINT.text, (*note.parse(RAW).signatures, other)).encode()
    assert checkpoints.verify(raw, KEY) == CHECKPOINT
    assert note.parse(raw).signatures[1] == other


def test_another_key_and_a_doubled_line_are_refused() -> None:
    stranger = LogSigner(SIGNER.name, 2)
    with pytest.raises(LogError, match="0 signatures by the key"):
        checkpoints.verify(RAW, VerifierKey(stranger.name, stranger.public_key))
    line = note.parse(RAW).signatures[0]
    with pytest.raises(LogError, match="2 signatures by the key"):
        checkpoints.verify(Note(CHECKPOINT.text, (line, line)).encode(), KEY)


def test_a_key_of_the_same_id_does_not_stand_in() -> None:
    forged = Signature(SIGNER.name, KEY.key_id, LogSigner(SIGNER.name, 2).sign(CHECKPOINT.text.encode()))
    with pytest.raises(LogError, match="does not verify"):
        checkpoints.verify(Note(CHECKPOINT.text, (forged,)).encode(), KEY)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    foreign = Checkpoint("example.org/other", 7, bytes(32))
    with pytest.raises(LogError, match=r"of the log 'example\.org/other'"):
        checkpoints.verify(checkpoints.sign(foreign, SIGNER), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n7\n",
        "origin\n07\n" + "A" * 43 + "=\n",
        "origin\n-1\n" + "A" * 43 + "=\n",
        "origin\n٧\n" + "A" * 43 + "=\n",
        "origin\n12345678901234567890\n" + "A" * 43 + "=\n",
        "origin\n7\nAAAA\n",
        "origin\n7\n" + "A" * 43 + "=\nextension\n",
        "\n7\n" + "A" * 43 + "=\n",
        "origin\n7\n" + "A" * 43 + "=",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LogError):
        checkpoints.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+abcdabcd",
        "name+abcdabcd+AAAA",
        KEY.text + "=",
        KEY.text.replace("payments", "payment"),
        KEY.text.replace(KEY.key_id.hex(), KEY.key_id.hex().upper()),
        "na me+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "name+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    ],
)
def test_a_verifier_key_has_one_spelling(text: str) -> None:
    with pytest.raises(LogError):
        VerifierKey.parse(text)


def test_a_faulty_signer_fails_before_anything_is_written() -> None:
    class Faulty(LogSigner):
        def sign(self, message: bytes) -> bytes:
            return super().sign(message + b"!")

    with pytest.raises(LogError, match="does not verify"):
        checkpoints.sign(CHECKPOINT, Faulty(SIGNER.name, 1))
    with pytest.raises(LogError, match="cannot name a log"):
        checkpoints.sign(CHECKPOINT, LogSigner("two words"))


def test_a_key_of_the_wrong_length_is_said_to_be_one() -> None:
    short = VerifierKey(SIGNER.name, b"short")
    line = Signature(SIGNER.name, short.key_id, bytes(64))
    with pytest.raises(LogError, match="not an Ed25519 key of 32 bytes"):
        note.verify(Note("text\n", (line,)), short)


def _cosigned(timestamp: int) -> tuple[Note, VerifierKey]:
    private = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x09")
    witness = VerifierKey("witness.example/w1", private.public_key().public_bytes_raw(), note.COSIGNATURE_V1)
    message = f"cosignature/v1\ntime {timestamp}\n{CHECKPOINT.text}".encode()
    line = Signature(witness.name, witness.key_id, timestamp.to_bytes(8, "big") + private.sign(message))
    return Note(CHECKPOINT.text, (*note.parse(RAW).signatures, line)), witness


def test_a_witness_says_when_it_saw_the_checkpoint() -> None:
    cosigned, witness = _cosigned(1_763_874_000)
    assert note.verify_cosignature(cosigned, witness) == 1_763_874_000
    assert VerifierKey.parse(witness.text) == witness
    assert checkpoints.verify(cosigned.encode(), KEY) == CHECKPOINT


def test_a_cosignature_does_not_move_in_time_or_to_another_checkpoint() -> None:
    cosigned, witness = _cosigned(1_763_874_000)
    line = cosigned.signatures[1]
    later = Signature(line.name, line.key_id, (1_763_874_001).to_bytes(8, "big") + line.value[8:])
    for changed in (Note(cosigned.text, (later,)), Note(cosigned.text.replace("7", "8"), (line,))):
        with pytest.raises(LogError, match="does not verify"):
            note.verify_cosignature(changed, witness)
    impossible, witness = _cosigned(1 << 63)
    with pytest.raises(LogError, match="impossible time"):
        note.verify_cosignature(impossible, witness)
