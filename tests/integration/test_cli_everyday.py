"""What people meet in daily use of the command line, beyond its mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateproof import __version__

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

HARDENED = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web,"
    " securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}}]}\n"
)
NOW = "2026-11-23T05:00:00Z"


@pytest.fixture
def root(gateproof: Gateproof) -> str:
    """Fingerprint of the trust root of ``trust/``; decisions are recorded under it by settings."""
    made = gateproof("trust", "init", "trust", "--origin", "acme.example/web", "--person", "vera@acme.example,VP")
    assert made.code == 0, made.err
    fingerprint = made.out.strip()
    gateproof.write(
        "gateproof.yaml",
        "version: 1\nevidence: {store: store, key: trust/signer.key}\n"
        "trust: {policy: trust/trust.dsse.json, roster: trust/roster.dsse.json}\n",
    )
    gateproof.write("pod.yaml", HARDENED)
    return fingerprint


def test_version_needs_no_installed_distribution(gateproof: Gateproof) -> None:
    assert gateproof("--version").out == f"{__version__}\n"


def test_another_time_can_be_asked_about_where_evidence_is_configured(gateproof: Gateproof, root: str) -> None:
    asked = gateproof("check", "pod.yaml", "--root", root, "--at", NOW)
    assert (asked.code, asked.faults()) == (0, [])
    assert "ALLOW" in asked.out
    assert "proof" not in asked.out
    assert not (gateproof.folder / "store").exists()


def test_the_log_lists_verdicts_as_they_were_told(gateproof: Gateproof, root: str) -> None:
    told = gateproof("check", "pod.yaml", "--root", root, "--layer", "cd")
    assert told.code == 2, told.out
    assert "UNDECIDED" in told.out
    listed = gateproof("log", "list", "store", "--root", root)
    replayed = gateproof("replay", "--all", "--evidence", "store", "--root", root)
    assert (listed.code, replayed.code) == (0, 0)
    assert "UNDECIDED" in listed.out
    assert "UNDECIDED" in replayed.out


def test_nothing_is_recorded_where_that_is_asked(gateproof: Gateproof, root: str) -> None:
    asked = gateproof("check", "pod.yaml", "--root", root, "--no-record")
    assert (asked.code, asked.faults()) == (0, [])
    assert not (gateproof.folder / "store").exists()
    gateproof("check", "pod.yaml", "--root", root, "--no-record", "--evidence", "store").refused("exclude each other")
