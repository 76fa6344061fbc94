"""cosign, and the libraries of DSSE and in-toto themselves, read the envelopes that gateproof seals."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from gateproof import evidence, inputs
from gateproof.catalog import bundle, default_gate, pack
from gateproof.evidence import DECISION_TYPE, VSA_TYPE
from gateproof.flow import judge_input
from gateproof.inputs.context import Context
from gateproof.trust.keys import Algorithm, KeySigner

NOW = "2026-11-23T05:00:00Z"
TOP = Path(__file__).parents[2]
PLAN = TOP / "examples" / "payments" / "plans" / "1-public-bucket.json"
PYTHON = TOP / ".peers" / "attestation" / "bin" / "python"

Peer = Callable[[str], str]


class Sealed(NamedTuple):
    """Files: an envelope, the public key that it was signed with; and its predicate type."""

    envelope: Path
    key: Path
    predicate_type: str


def sealed(folder: Path, algorithm: Algorithm, predicate_type: str) -> Sealed:
    """The decision on PLAN, or its verification summary, signed with a new key."""
    policies = bundle.build(pack.builtin(pack.STARTER), default_gate.DEFAULT)
    decision = judge_input(inputs.parse(PLAN.read_bytes()), policies, {}, Context(), (), None, NOW)
    signer = KeySigner.generate(algorithm)
    statements = {statement.predicate_type: statement for statement in evidence.state(decision, name=PLAN.name)}
    files = Sealed(folder / "envelope.json", folder / "key.pub", predicate_type)
    files.envelope.write_bytes(evidence.seal(statements[predicate_type], signer))
    files.key.write_text(signer.public_key_pem, encoding="utf-8")
    return files


def flipped(text: str, position: int) -> str:
    """Base64 of the same bytes with one bit changed."""
    raw = bytearray(base64.b64decode(text))
    raw[position] ^= 1
    return base64.b64encode(raw).decode()


def tamper(path: Path, field: str) -> None:
    """Change one bit of the payload or of the signature."""
    envelope = json.loads(path.read_bytes())
    if field == "payload":
        envelope["payload"] = flipped(envelope["payload"], len(envelope["payload"]) // 2)
    else:
        envelope["signatures"][0]["sig"] = flipped(envelope["signatures"][0]["sig"], -1)
    path.write_text(json.dumps(envelope), encoding="utf-8")


def cosign(peer: Peer, files: Sealed, blob: Path) -> subprocess.CompletedProcess[str]:
    options = ["--key", str(files.key), "--signature", str(files.envelope), "--type", files.predicate_type]
    return subprocess.run(
        [peer("cosign"), "verify-blob-attestation", *options, "--insecure-ignore-tlog=true", str(blob)],
        env={**os.environ, "HOME": str(files.key.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def libraries(files: Sealed) -> subprocess.CompletedProcess[str]:
    if not PYTHON.exists():
        pytest.skip("securesystemslib and in-toto-attestation are not here: make peers installs them")
    script = Path(__file__).with_name("attestation_oracle.py")
    return subprocess.run([PYTHON, script, files.envelope, files.key], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("predicate_type", [DECISION_TYPE, VSA_TYPE])
@pytest.mark.parametrize("algorithm", list(Algorithm))
class TestCosign:
    def test_accepts_the_envelope(self, peer: Peer, tmp_path: Path, algorithm: Algorithm, predicate_type: str) -> None:
        done = cosign(peer, sealed(tmp_path, algorithm, predicate_type), PLAN)
        assert done.returncode == 0, done.stderr
        assert done.stderr.endswith("Verified OK\n")

    def test_refuses_another_subject(
        self, peer: Peer, tmp_path: Path, algorithm: Algorithm, predicate_type: str
    ) -> None:
        other = tmp_path / "plan.json"
        other.write_bytes(PLAN.read_bytes() + b"\n")
        assert cosign(peer, sealed(tmp_path, algorithm, predicate_type), other).returncode != 0

    @pytest.mark.parametrize("field", ["payload", "signature"])
    def test_refuses_a_changed_bit(
        self, peer: Peer, tmp_path: Path, algorithm: Algorithm, predicate_type: str, field: str
    ) -> None:
        files = sealed(tmp_path, algorithm, predicate_type)
        tamper(files.envelope, field)
        done = cosign(peer, files, PLAN)
        assert done.returncode != 0
        assert "signatures do not match threshold" in done.stderr


@pytest.mark.parametrize("predicate_type", [DECISION_TYPE, VSA_TYPE])
@pytest.mark.parametrize("algorithm", list(Algorithm))
class TestLibraries:
    def test_read_signature_and_statement(self, tmp_path: Path, algorithm: Algorithm, predicate_type: str) -> None:
        done = libraries(sealed(tmp_path, algorithm, predicate_type))
        digest = hashlib.sha256(PLAN.read_bytes()).hexdigest()
        assert (done.stdout, done.stderr) == (f"{predicate_type}\n{digest}\n", "")

    @pytest.mark.parametrize("field", ["payload", "signature"])
    def test_refuse_a_changed_bit(self, tmp_path: Path, algorithm: Algorithm, predicate_type: str, field: str) -> None:
        files = sealed(tmp_path, algorithm, predicate_type)
        tamper(files.envelope, field)
        done = libraries(files)
        assert done.returncode == 1
        assert "the signature does not hold" in done.stderr
