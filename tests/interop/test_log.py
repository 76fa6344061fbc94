"""Go's own implementation of signed notes and transparency logs reads a log that gateproof wrote."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateproof.adapters.filesystem import FileSystemStore
from gateproof.log.append import append
from gateproof.log.note import VerifierKey
from gateproof.log.receipt import Receipt
from gateproof.testing import LogSigner
from gateproof.testing.log import numbered_entries
from gateproof.trust.keys import raw_ed25519

NOW = "2026-11-23T05:00:00Z"
SIGNER = LogSigner("example.org/payments", 1)
VKEY = VerifierKey(SIGNER.name, SIGNER.public_key).text

TOP = Path(__file__).parents[2]

Peer = Callable[[str], str]


def grown(root: Path, batches: list[int]) -> list[Receipt]:
    """A log that grew by these numbers of entries; the receipts of the last append, which fit its checkpoint."""
    store, first, receipts = FileSystemStore(root), 0, []
    for count in batches:
        entries, blobs = numbered_entries(first, count)
        receipts = append(store, entries, blobs, SIGNER, now=NOW)
        first += count
    return receipts


def check(peer: Peer, root: Path, receipt: Receipt | None = None, vkey: str = VKEY) -> subprocess.CompletedProcess[str]:
    arguments = [peer("tlogcheck"), vkey, str(root / "log")]
    if receipt is not None:
        hashes = (receipt.leaf_hash, *receipt.proof)
        arguments += [str(receipt.index), *(base64.b64encode(one).decode() for one in hashes)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("batches", [[1], [1, 2, 4], [255], [256], [257], [200, 100, 300]], ids=str)
def test_every_entry_and_tile_is_under_the_checkpoint(peer: Peer, tmp_path: Path, batches: list[int]) -> None:
    grown(tmp_path, batches)
    done = check(peer, tmp_path)
    assert (done.stdout, done.stderr) == (f"{sum(batches)}\n", "")


def test_inclusion_proofs_in_receipts_hold(peer: Peer, tmp_path: Path) -> None:
    receipts = grown(tmp_path, [300, 7])
    for receipt in receipts:
        assert check(peer, tmp_path, receipt).stdout == "307\n"


def test_a_receipt_of_another_entry_is_refused(peer: Peer, tmp_path: Path) -> None:
    receipts = grown(tmp_path, [5])
    mixed = Receipt(
        index=receipts[1].index,
        leaf_hash=receipts[2].leaf_hash,
        proof=receipts[1].proof,
        checkpoint=receipts[1].checkpoint,
        retention="",
    )
    done = check(peer, tmp_path, mixed)
    assert done.returncode == 1
    assert "malformed record proof" in done.stderr or "invalid transparency proof" in done.stderr


def test_another_key_is_refused(peer: Peer, tmp_path: Path) -> None:
    grown(tmp_path, [2])
    other = LogSigner(SIGNER.name, 2)
    done = check(peer, tmp_path, vkey=VerifierKey(other.name, other.public_key).text)
    assert done.returncode == 1
    assert "no verifiable signatures" in done.stderr


def test_a_changed_byte_anywhere_is_refused(peer: Peer, tmp_path: Path) -> None:
    grown(tmp_path, [3])
    for name in ("checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"):
        path = tmp_path / "log" / name
        whole = path.read_bytes()
        for position in (0, len(whole) // 2, len(whole) - 1):
            path.chmod(0o600)
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
            assert check(peer, tmp_path).returncode == 1, (name, position)
        path.write_bytes(whole)
    assert check(peer, tmp_path).returncode == 0


def test_what_the_command_line_recorded(peer: Peer, tmp_path: Path) -> None:
    """Decisions on the example's plans, two entries each, under the key that `trust init` made."""

    def gateproof(*arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "gateproof", *map(str, arguments)],
            env={**os.environ, "GATEPROOF_KEY_PASSWORD": "only for tests", "GATEPROOF_STATE": str(tmp_path / "state")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout.strip()

    root = gateproof("trust", "init", "keys", "--origin", SIGNER.name)
    signed = ("--key", "keys/signer.key", "--trust", "keys/trust.dsse.json", "--root", root)
    plans = TOP / "examples" / "payments" / "plans"
    gateproof("check", plans, "--env", "prod", "--evidence", "store", *signed)
    key = VerifierKey(SIGNER.name, raw_ed25519((tmp_path / "keys" / "signer.key.pub").read_text(encoding="utf-8")))
    done = check(peer, tmp_path / "store", vkey=key.text)
    assert (done.stdout, done.stderr) == (f"{2 * len(list(plans.glob('*.json')))}\n", "")
