"""The proof verifiers on the test vectors of transparency-dev/merkle.

    python tests/conformance/merkle.py

Reads ``$GATEPROOF_CASES/merkle`` or ``../shared/cases/merkle``. A case says whether its proof holds (36 do) or must be
turned down (482, by ``want_err``): ``identical`` counts those on which the verifiers say the same, ``wrong`` the
others. No kind of proof is unsupported, so none is ``refused``. Exit 1 on anything wrong, or where there are no cases.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateproof.errors import LogError
from gateproof.log import merkle


def corpus() -> Path:
    """Where the vectors are; the folder may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    return (Path(root) if root else Path(__file__).parents[3] / "shared" / "cases") / "merkle"


def check(kind: str, case: dict[str, Any]) -> None:
    """Verify the proof of one case. Raises LogError where it does not hold."""

    def raw(field: str) -> bytes:
        return base64.b64decode(case[field] or "", validate=True)

    proof = [base64.b64decode(value, validate=True) for value in case["proof"] or []]
    match kind:
        case "inclusion":
            merkle.verify_inclusion(case["leafIdx"], case["treeSize"], raw("leafHash"), raw("root"), proof)
        case "consistency":
            merkle.verify_consistency(case["size1"], case["size2"], raw("root1"), raw("root2"), proof)
        case "subtreeinclusion":
            merkle.verify_subtree_inclusion(
                case["leafIdx"], case["start"], case["end"], raw("leafHash"), raw("root"), proof
            )
        case "subtreeconsistency":
            merkle.verify_subtree_consistency(
                case["start"], case["end"], case["size"], raw("root1"), raw("root2"), proof
            )
        case _:
            raise ValueError(f"unknown kind of case: {kind}")


def holds(kind: str, case: dict[str, Any]) -> bool:
    """Whether the verifiers accept the proof of one case."""
    try:
        check(kind, case)
    except LogError:
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 on anything wrong."""
    home = corpus()
    index = home / "cases.jsonl"
    figures: Counter[str] = Counter()
    for line in index.read_text(encoding="utf-8").splitlines() if index.is_file() else ():
        row = json.loads(line)
        accepted = holds(row["kind"], json.loads((home / row["file"]).read_text(encoding="utf-8")))
        verdict = "wrong" if accepted == row["want_err"] else "identical"
        figures[verdict] += 1
        figures["accepted" if accepted else "turned down"] += 1
        if verdict == "wrong" or "-v" in arguments:
            print(f"  {verdict} {row['file']}: {'accepted' if accepted else 'turned down'}")  # noqa: T201 - a runner prints
    total = figures["identical"] + figures["wrong"]
    print(f"merkle: cases={total} identical={figures['identical']} refused=0 wrong={figures['wrong']}")  # noqa: T201
    for what in ("accepted", "turned down"):
        print(f"  {figures[what]:5} proofs {what}")  # noqa: T201
    return 1 if figures["wrong"] or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
