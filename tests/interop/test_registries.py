"""oras, crane and cosign read what gateproof pushes, from two real registries, and gateproof what they copy."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gateproof.adapters.bundles import BundleCache, BundleFile, Repository
from gateproof.adapters.registry import Registry
from gateproof.catalog import oci
from gateproof.catalog.oci import Reference, parse_reference
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.policy_bundle import PolicyBundle, encode
from gateproof.catalog.scales import Severity
from gateproof.documents import canonical
from gateproof.evidence import seal
from gateproof.evidence.bundle_statement import BUNDLE_TYPE, state_bundle
from gateproof.trust.keys import Algorithm, KeySigner

Peer = Callable[[str], str]

POLICY = Policy(
    id="owners",
    engine=EngineName.REGO,
    title="Pods have an owner",
    severity=Severity.HIGH,
    sources=(Source("policy.rego", "package owners\n"),),
)
BUNDLE = PolicyBundle(name="acme/base", version="1.0.0", policies=(POLICY,))
RAW = encode(BUNDLE)
SIGNER = KeySigner.generate(Algorithm.ECDSA_P256)
ENVELOPE = seal(state_bundle(BUNDLE, RAW), SIGNER)
REGISTRIES = ("registry", "referrers")


class Running(NamedTuple):
    """A registry: its kind and address, and a folder to work in."""

    kind: str
    address: str
    folder: Path


def ready(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None
        try:
            with urllib.request.urlopen(f"http://{address}/v2/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the registry does not start")


@pytest.fixture(params=REGISTRIES)
def running(request: pytest.FixtureRequest, peer: Peer, tmp_path: Path) -> Iterator[Running]:
    """The CNCF's registry, which lists no referrers, and go-containerregistry's, which does; ended afterwards."""
    program = peer(request.param)
    with (tmp_path / "log").open("wb") as log:
        if request.param == "referrers":
            process = subprocess.Popen([program], stdout=subprocess.PIPE, stderr=log)
            assert process.stdout
            address = process.stdout.readline().decode().strip()
        else:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                address = f"127.0.0.1:{probe.getsockname()[1]}"
            storage = {"filesystem": {"rootdirectory": str(tmp_path / "data")}}
            config = {"version": "0.1", "log": {"level": "error"}, "storage": storage, "http": {"addr": address}}
            (tmp_path / "config.json").write_text(json.dumps(config))
            process = subprocess.Popen([program, "serve", str(tmp_path / "config.json")], stdout=log, stderr=log)
    try:
        ready(address, process)
        yield Running(request.param, address, tmp_path)
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


def run(running: Running, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a peer, away from this machine's credentials."""
    environment = {**os.environ, "HOME": str(running.folder), "DOCKER_CONFIG": str(running.folder)}
    return subprocess.run(arguments, cwd=running.folder, env=environment, capture_output=True, check=False, timeout=120)


def repository(running: Running, name: str = "acme/policies:1") -> Repository:
    reference = parse_reference(f"{running.address}/{name}")
    return Repository(reference, lambda each: Registry(each, lambda _: None), BundleCache(None))


def pushed(running: Running) -> Reference:
    return repository(running).push(BUNDLE, BundleFile(RAW, (ENVELOPE,), "a file"))


def named(reference: Reference) -> str:
    return f"{reference.name}@{reference.digest}"


def test_what_is_pushed_is_pulled(running: Running) -> None:
    pinned = pushed(running)
    found = repository(running).pull(pinned, signed=True)
    assert (found.raw, found.envelopes) == (RAW, (ENVELOPE,))
    assert repository(running).resolve() == pinned
    listed = Registry(pinned, lambda _: None)._http.send(
        "GET", f"http://{running.address}/v2/acme/policies/referrers/{pinned.digest}", {}, limit=10_000
    )
    assert (listed.status == 200) == (running.kind == "referrers"), "the two registries stand for the two ways"


def test_oras_pulls_the_bundle_and_finds_its_signature(running: Running, peer: Peer) -> None:
    pinned, oras = pushed(running), peer("oras")
    done = run(running, oras, "pull", "--plain-http", named(pinned), "-o", "pulled")
    assert done.returncode == 0, done.stderr
    assert (running.folder / "pulled" / "base-1.0.0.tar.gz").read_bytes() == RAW
    found = run(running, oras, "discover", "--plain-http", "--format", "json", named(pinned))
    assert found.returncode == 0, found.stderr
    referrers = json.loads(found.stdout)
    listed = referrers.get("manifests") or referrers.get("referrers")
    # go-containerregistry says the type of the empty config.
    assert [each["artifactType"] in (oci.SIGNATURE_TYPE, oci.EMPTY_TYPE) for each in listed] == [True]


def test_crane_reads_manifest_and_blob(running: Running, peer: Peer) -> None:
    pinned, crane = pushed(running), peer("crane")
    assert run(running, crane, "digest", f"{pinned.name}:1").stdout.decode().strip() == pinned.digest
    manifest = run(running, crane, "manifest", named(pinned)).stdout
    assert canonical.digest(manifest) == pinned.digest
    assert run(running, crane, "blob", f"{pinned.name}@{canonical.digest(RAW)}").stdout == RAW


def test_cosign_verifies_the_signature_on_what_oras_pulled(running: Running, peer: Peer) -> None:
    pinned = pushed(running)
    assert run(running, peer("oras"), "pull", "--plain-http", named(pinned), "-o", ".").returncode == 0
    (running.folder / "envelope.json").write_bytes(repository(running).pull(pinned, signed=True).envelopes[0])
    (running.folder / "key.pub").write_text(SIGNER.public_key_pem)
    options = ["--key", "key.pub", "--signature", "envelope.json", "--type", BUNDLE_TYPE, "--insecure-ignore-tlog=true"]
    verify = (peer("cosign"), "verify-blob-attestation", *options, "base-1.0.0.tar.gz")
    done = run(running, *verify)
    assert done.returncode == 0, done.stderr
    (running.folder / "base-1.0.0.tar.gz").write_bytes(RAW[:-1] + b"x")
    assert run(running, *verify).returncode != 0


def test_a_copy_by_oras_is_the_same_bundle_with_its_signature(running: Running, peer: Peer) -> None:
    pinned = pushed(running)
    copy = f"{running.address}/mirror/policies:1"
    done = run(running, peer("oras"), "cp", "-r", "--from-plain-http", "--to-plain-http", named(pinned), copy)
    assert done.returncode == 0, done.stderr
    mirrored = repository(running, "mirror/policies:1")
    assert mirrored.resolve().digest == pinned.digest
    assert mirrored.pull(mirrored.resolve(), signed=True).envelopes == (ENVELOPE,)


def test_a_bundle_that_oras_pushes_is_pulled(running: Running, peer: Peer) -> None:
    (running.folder / "b.tar.gz").write_bytes(RAW)
    target = f"{running.address}/acme/policies:2"
    pushing = ("push", "--plain-http", "--artifact-type", oci.BUNDLE_TYPE, target, f"b.tar.gz:{oci.ARCHIVE_TYPE}")
    done = run(running, peer("oras"), *pushing)
    assert done.returncode == 0, done.stderr
    found = repository(running, "acme/policies:2")
    assert found.pull(found.resolve(), signed=True).raw == RAW
