"""Run the proof verifiers on the test vectors of transparency-dev/merkle.

Usage: ``python tests/conformance/merkle.py [CASES]``. CASES defaults to ``$GATEPROOF_CASES/merkle`` or
``../shared/cases/merkle``. Prints one summary line; exit status 1 when a case goes wrong or there are none.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from gateproof.errors import LogError
from gateproof.log import merkle

ROOT = Path(__file__).resolve().parents[2]


def default_cases() -> Path:
    """Where the vectors are expected."""
    return Path(os.environ.get("GATEPROOF_CASES", ROOT.parent / "shared" / "cases")) / "merkle"


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


def run(cases: Path) -> tuple[Counter[str], list[str]]:
    """Counts of ``identical`` (accepted as expected), ``refused`` (refused as expected), ``wrong``; the wrong ones."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for line in (cases / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        try:
            check(row["kind"], json.loads((cases / row["file"]).read_text(encoding="utf-8")))
            accepted = True
        except LogError:
            accepted = False
        if accepted == row["want_err"]:
            counts["wrong"] += 1
            wrong.append(f"{row['file']}: {'accepted' if accepted else 'refused'}")
        else:
            counts["identical" if accepted else "refused"] += 1
    return counts, wrong


def main(arguments: list[str]) -> int:
    """Run, print, and give the exit status."""
    cases = Path(arguments[0]) if arguments else default_cases()
    counts, wrong = run(cases) if (cases / "cases.jsonl").is_file() else (Counter[str](), [])
    for line in wrong:
        sys.stderr.write(line + "\n")
    summary = " ".join(f"{name}={counts[name]}" for name in ("identical", "refused", "wrong"))
    sys.stdout.write(f"merkle: cases={counts.total()} {summary}\n")
    return 1 if wrong or not counts.total() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
