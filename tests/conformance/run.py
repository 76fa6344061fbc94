"""Every corpus runner, one after the other.

    python tests/conformance/run.py

Each prints ``NAME: cases=N identical=N refused=N wrong=N`` and why it refuses what it refuses. Exit 1 when any of them
found a wrong verdict, crashed, or had no cases; exit 0 when all is well, and where the whole folder of cases
(``$GATEPROOF_CASES``, or ``../shared/cases``) is missing, which is said.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

RUNNERS = ("opa", "gatekeeper", "kyverno", "merkle", "plans", "vectors")
ELSEWHERE = {"oscal": "source of the catalogue's data, read by tools/catalog.py"}
"""Corpora that something else than a runner reads."""


def corpora() -> Path:
    """The folder of all cases; it may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    return Path(root) if root else Path(__file__).parents[3] / "shared" / "cases"


def _run(name: str, environment: Mapping[str, str]) -> int:
    """Exit code of one runner; its lines go where ours go."""
    command = [sys.executable, str(Path(__file__).with_name(f"{name}.py"))]
    sys.stdout.flush()
    return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    """Run the runners; 1 when any of them gives anything but 0."""
    home = corpora().resolve()
    if not home.is_dir():
        print(f"conformance: nothing was checked, there are no cases at {home}")  # noqa: T201 - a runner prints
        return 0
    environment = {**os.environ, "GATEPROOF_CASES": str(home)}
    failed = [name for name in RUNNERS if _run(name, environment)]
    read = {*RUNNERS, "terraform-plans", *ELSEWHERE}
    unread = sorted(path.name for path in home.iterdir() if path.is_dir() and path.name not in read)
    if unread:
        print(f"no runner yet for: {', '.join(unread)}")  # noqa: T201
    print(f"conformance: {len(RUNNERS)} runners, failed: {', '.join(failed) or 'none'}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
