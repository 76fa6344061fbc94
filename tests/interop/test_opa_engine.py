"""`--engine opa` gives the results that our own engine gives, by a binary and by a running server."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateproof import inputs
from gateproof.adapters.opa import Opa
from gateproof.catalog import pack
from gateproof.catalog.policy import Policy
from gateproof.engines.interface import Engine, Outcome, Result
from gateproof.engines.rego import RegoEngine
from gateproof.errors import GateproofError, PolicyError, UsageError
from gateproof.inputs import Input

TOP = Path(__file__).parents[2]
ARTICLE = TOP / "tests" / "golden" / "article" / "s3.rego"
NOW = "2026-11-23T05:00:00Z"

Peer = Callable[[str], str]

EXEMPTING = """package exempting

import rego.v1

deny_many contains sprintf("%d changes", [count(input.resource_changes)]) if count(input.resource_changes) > 3

deny_tags contains msg if {
	some change in input.resource_changes
	not change.change.after.tags
	msg := sprintf("%s has no tags", [change.address])
}

warn contains {"msg": "no changes"} if not input.resource_changes

exception contains rules if {
	count(input.resource_changes) > 6
	rules := ["many", "tags"]
}
"""

CONFLICTING = """package conflicting

import rego.v1

deny := "a" if input.kind

deny := "b" if input.metadata.name == "x"
"""


def loaded(path: Path) -> Policy:
    [policy] = pack.load({path.name: path.read_text(encoding="utf-8")})
    return policy


def results(engine: Engine, policy: Policy, subject: Input) -> list[Result]:
    return list(engine.evaluate(policy, subject, {}, now=NOW))


def parsed(plans: list[Path]) -> list[Input]:
    return [inputs.parse(plan.read_bytes()) for plan in plans]


@pytest.fixture(scope="module")
def opa(peer: Peer) -> Iterator[Opa]:
    with Opa(peer("opa")) as found:
        yield found


@contextmanager
def serving(binary: str, *arguments: str) -> Iterator[str]:
    """The address of an OPA server with what ``arguments`` name, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [binary, "run", "--server", "--addr", f"127.0.0.1:{port}", "--skip-version-check", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with socket.socket() as client:
                    if client.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_the_article_on_real_plans(opa: Opa, plans: list[Path]) -> None:
    policy, subjects = loaded(ARTICLE), parsed(plans)
    found = [results(RegoEngine(), policy, subject) for subject in subjects]
    assert found == [results(opa.engine, policy, subject) for subject in subjects]
    assert any(result.outcome is Outcome.FAIL for one in found for result in one)
    assert len(found) >= 198


def test_a_policy_with_exceptions_on_real_plans(opa: Opa, plans: list[Path], tmp_path: Path) -> None:
    file = tmp_path / "exempting.rego"
    file.write_text(EXEMPTING, encoding="utf-8")
    policy, subjects = loaded(file), parsed(plans)
    found = [results(RegoEngine(), policy, subject) for subject in subjects]
    assert found == [results(opa.engine, policy, subject) for subject in subjects]
    assert {result.outcome for one in found for result in one} >= {Outcome.FAIL, Outcome.SKIP}


def test_the_pack_on_its_samples(opa: Opa) -> None:
    samples = sorted(path for folder in pack.POLICIES.iterdir() if folder.is_dir() for path in folder.glob("*/*"))
    subjects = parsed(samples)
    for policy in pack.builtin():
        for subject in subjects:
            assert results(opa.engine, policy, subject) == results(RegoEngine(), policy, subject)


def test_a_running_server(peer: Peer, plans: list[Path]) -> None:
    policy, subjects = loaded(ARTICLE), parsed(plans)
    with serving(peer("opa"), "--v0-compatible", str(ARTICLE)) as address, Opa(address) as opa:
        for subject in subjects:
            assert results(opa.engine, policy, subject) == results(RegoEngine(), policy, subject)


def test_a_server_without_the_policy_is_refused(peer: Peer, plans: list[Path]) -> None:
    with (
        serving(peer("opa")) as address,
        Opa(address) as opa,
        pytest.raises(PolicyError, match="the server does not have"),
    ):
        results(opa.engine, loaded(ARTICLE), parsed(plans[:1])[0])


def test_a_server_that_went_away_is_an_error(peer: Peer, plans: list[Path]) -> None:
    with serving(peer("opa"), "--v0-compatible", str(ARTICLE)) as address:
        opa = Opa(address)
    with opa, pytest.raises(GateproofError, match="does not answer"):
        results(opa.engine, loaded(ARTICLE), parsed(plans[:1])[0])


def test_a_conflict_in_a_policy_is_an_error_of_that_document(opa: Opa, tmp_path: Path) -> None:
    file = tmp_path / "conflicting.rego"
    file.write_text(CONFLICTING, encoding="utf-8")
    manifest = "\n---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}" for name in "xy")
    subject = inputs.parse(manifest.encode())
    outcomes = [result.outcome for result in results(opa.engine, loaded(file), subject)]
    assert outcomes == [Outcome.ERROR, Outcome.FAIL]
    assert outcomes == [result.outcome for result in results(RegoEngine(), loaded(file), subject)]


def test_what_is_no_opa_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no OPA to run"):
        Opa(str(tmp_path / "opa"))
    with pytest.raises(UsageError, match="this is not OPA"):
        Opa("true")
    for address in ("ftp://127.0.0.1", "http://", "http://127.0.0.1/v1", "http://[::1"):
        with pytest.raises(UsageError, match="no address of an OPA server"):
            Opa(address)
