"""Where the peers are, and what they are asked about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

Peer = Callable[[str], str]


@pytest.fixture(scope="session")
def peer() -> Peer:
    """The path of a peer by its name: built by tools/peers, or on PATH. Skips where there is none."""

    def find(name: str) -> str:
        path = shutil.which(name, path=str(TOP / ".peers" / "bin")) or shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not here: make peers builds it")
        return path

    return find


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of cases. Skips where there is none."""
    root = os.environ.get("GATEPROOF_CASES")
    home = Path(root) if root else TOP.parent / "shared" / "cases"
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases are not here")
    return home


@pytest.fixture(scope="session")
def plans(cases: Path) -> list[Path]:
    """The real Terraform plans. Skips where there are none."""
    found = sorted((cases / "terraform-plans").glob("*.json"))
    if not found:
        pytest.skip("the plans of ../shared/cases/terraform-plans are not here")
    return found
