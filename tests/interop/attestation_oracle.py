"""Reads an envelope of ours with the libraries of DSSE and in-toto themselves.

    python attestation_oracle.py ENVELOPE PUBLIC-KEY

Runs in an environment of its own, which tools/peers makes: securesystemslib and in-toto-attestation are no dependencies
of gateproof. Prints the statement's predicate type and the SHA-256 digests of its subjects; exit 1 where the signature
or the statement does not hold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format  # type: ignore[import-untyped]
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-not-found]
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage  # type: ignore[import-not-found]
from securesystemslib.dsse import Envelope  # type: ignore[import-not-found]
from securesystemslib.exceptions import VerificationError  # type: ignore[import-not-found]
from securesystemslib.signer import SSlibKey  # type: ignore[import-not-found]


def main(envelope_path: str, key_path: str) -> int:
    raw = json.loads(Path(envelope_path).read_bytes())
    public_key = load_pem_public_key(Path(key_path).read_bytes())
    key = SSlibKey.from_crypto(public_key, keyid=raw["signatures"][0]["keyid"])
    envelope = Envelope.from_dict(raw)
    try:
        envelope.verify([key], threshold=1)
    except VerificationError as error:
        sys.stderr.write(f"the signature does not hold: {error}\n")
        return 1
    message = StatementMessage()
    json_format.Parse(envelope.payload, message)
    statement = Statement.copy_from_pb(message)
    statement.validate()
    lines = [statement.pb.predicate_type, *(subject.digest["sha256"] for subject in statement.pb.subject)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
