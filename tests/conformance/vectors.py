"""Published test vectors of the signature formats that gateproof reads.

    python tests/conformance/vectors.py

Reads ``$GATEPROOF_CASES/vectors.json`` or ``../shared/cases/vectors.json``. A vector of a format that nothing here
reads is refused, with the reason. Prints the figures; exit 1 on any wrong verdict, or where there are no cases.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from gateproof.trust import dsse, keys
from gateproof.trust.interface import Envelope, Signature

_P256_BYTES = 32


class Outcome(NamedTuple):
    """``verdict`` is identical, refused or wrong; ``reason`` says why it is not identical."""

    verdict: str
    reason: str = ""


def corpus() -> Path:
    """Where the vectors are; the file may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    return (Path(root) if root else Path(__file__).parents[3] / "shared" / "cases") / "vectors.json"


def check_dsse(vector: Mapping[str, str]) -> Outcome:
    """The encoding that is signed, the signature over it, and that one more byte in the payload undoes it.

    The specification gives the signature as ``r || s``; an envelope of ours holds it in DER.
    """
    payload, kind = vector["payload"].encode(), vector["payloadType"]
    if dsse.pae(kind, payload) != vector["pae"].encode():
        return Outcome("wrong", "another pre-authentication encoding")
    raw = base64.b64decode(vector["sig_b64_r_s"], validate=True)
    r, s = (int.from_bytes(half) for half in (raw[:_P256_BYTES], raw[_P256_BYTES:]))
    point = ec.EllipticCurvePublicNumbers(int(vector["p256_x"]), int(vector["p256_y"]), ec.SECP256R1())
    pem = (
        point.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    signature = utils.encode_dss_signature(r, s)
    name = keys.fingerprint(pem)

    def accepted(signed: bytes) -> bool:
        lines = (Signature(base64.b64encode(signature).decode()),)
        envelope = Envelope(payload=base64.b64encode(signed).decode(), payload_type=kind, signatures=lines)
        return dsse.verify(envelope, {name: pem}, [name]) == {name}

    if not accepted(payload):
        return Outcome("wrong", "the signature of the specification is not accepted")
    return Outcome("wrong", "a changed payload is accepted") if accepted(payload + b"!") else Outcome("identical")


def not_read(_vector: Mapping[str, str]) -> Outcome:
    """What becomes of a format that nothing here reads yet."""
    return Outcome("refused", "nothing here receives signed web requests")


CHECKS: dict[str, Callable[[Mapping[str, str]], Outcome]] = {
    "dsse_spec": check_dsse,
    "github_webhook_hmac": not_read,
    "slack_signing": not_read,
}


def main(_arguments: Sequence[str]) -> int:
    """Print the figures; 1 on anything wrong."""
    path = corpus()
    vectors = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    figures: Counter[str] = Counter()
    lines = []
    for name, vector in vectors.items():
        outcome = CHECKS[name](vector) if name in CHECKS else Outcome("wrong", "no check is written for it")
        figures[outcome.verdict] += 1
        if outcome.verdict != "identical":
            lines.append(f"  {outcome.verdict} {name}: {outcome.reason}")
    counted = " ".join(f"{name}={figures[name]}" for name in ("identical", "refused", "wrong"))
    print("\n".join([f"vectors: cases={figures.total()} {counted}", *lines]))  # noqa: T201 - a runner prints
    return 1 if figures["wrong"] or not figures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
