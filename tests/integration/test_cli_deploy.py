"""`gateproof deploy kubernetes`: what it writes is what kubectl and Kustomize read, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateproof.documents import Format, read

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

IMAGE = f"registry.example/gateproof:1@sha256:{'a' * 64}"
BASICS = ("deploy", "kubernetes", "--image", IMAGE, "--owner", "platform")
SIGNED = (*BASICS, "--issuer", "ClusterIssuer/internal")
GLASS = ("--break-glass-until", "2026-12-31T00:00:00Z", "--break-glass-group", "oncall")


@pytest.fixture
def kubectl() -> str:
    """A real kubectl: on PATH, or the one that tools/peers builds."""
    peers = Path(__file__).parents[2] / ".peers" / "bin"
    found = shutil.which("kubectl") or shutil.which("kubectl", path=str(peers))
    if found is None:
        pytest.skip("kubectl is neither on PATH nor built: make peers")
    return found


def objects(text: str | bytes) -> dict[str, Any]:
    values = [document.value for document in read(text.encode() if isinstance(text, str) else text, Format.YAML)]
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in values}


def test_the_stream_is_allowed_by_check(gateproof: Gateproof) -> None:
    gateproof.write(
        "own.yaml",
        "version: 1\nadmission: {namespace: gateproof-system}\ntrust: {policy: trust.json, root: sha256:1}\n",
    )
    written = gateproof(*SIGNED, "--evidence-claim", "evidence", "--config", "own.yaml")
    assert written.code == 0, written.err
    checked = gateproof("check", "--policy", "pack", "-", stdin=written.out.encode())
    assert checked.code == 0, checked.out + checked.err


def test_kustomize_reads_the_base_as_it_is(gateproof: Gateproof, kubectl: str) -> None:
    stream = gateproof(*SIGNED, *GLASS)
    assert gateproof(*SIGNED, *GLASS, "--kustomize", "base").code == 0
    built = subprocess.run([kubectl, "kustomize", str(gateproof.folder / "base")], capture_output=True, check=True)
    assert objects(built.stdout) == objects(stream.out)


def test_kubectl_reads_the_stream_as_it_is(gateproof: Gateproof, kubectl: str) -> None:
    stream = gateproof(*SIGNED, *GLASS)
    labelled = [kubectl, "label", "--local", "-o", "json", "--overwrite", "-f", "-", "owner=platform"]
    done = subprocess.run(labelled, input=stream.out.encode(), capture_output=True, check=True)
    items = [json.loads(text) for text in _json_values(done.stdout.decode())]
    assert {f"{each['kind']}/{each['metadata']['name']}": each for each in items} == objects(stream.out)


def _json_values(text: str) -> list[str]:
    decoder, found, position = json.JSONDecoder(), [], 0
    while position < len(text.rstrip()):
        value, end = decoder.raw_decode(text, position)
        found.append(json.dumps(value))
        position = end + 1
    return found


def test_own_settings_and_files_go_with_it(gateproof: Gateproof) -> None:
    gateproof.write("own.yaml", "version: 1\npolicies:\n  paths: [own.rego]\nadmission:\n  namespace: gate\n")
    gateproof.write("own.rego", "package own\n")
    done = gateproof(*SIGNED, "--namespace", "gate", "--config", "own.yaml", "--file", "own.rego", "-o", "all.yaml")
    assert done.code == 0, done.err
    data = objects((gateproof.folder / "all.yaml").read_text())["ConfigMap/gateproof"]["data"]
    assert data["own.rego"] == "package own\n"
    assert data["gateproof.yaml"].startswith("version: 1\n")


def test_the_server_may_list_what_the_settings_name(gateproof: Gateproof) -> None:
    lists = "objects: [v1/configmaps], policies: [kyverno.io/v1/clusterpolicies]"
    gateproof.write("own.yaml", f"version: 1\nadmission: {{namespace: gateproof-system, {lists}}}\n")
    written = gateproof(*SIGNED, "--config", "own.yaml")
    assert written.code == 0, written.err
    rules = objects(written.out)["ClusterRole/gateproof-collections"]["rules"]
    assert [rule["resources"] for rule in rules] == [["configmaps"], ["clusterpolicies"]]
    checked = gateproof("check", "--policy", "pack", "-", stdin=written.out.encode())
    assert checked.code == 0, checked.out + checked.err
    assert gateproof(*SIGNED, "--config", "own.yaml", "--no-cluster").refused("v1/configmaps", "--cluster") == []
    gateproof.write("own.yaml", "version: 1\nadmission: {policies: [v1/secrets]}\n")
    assert gateproof(*SIGNED, "--config", "own.yaml").refused("admission.policies[0]") == []


def test_nothing_is_overwritten(gateproof: Gateproof) -> None:
    gateproof.write("chart/values.yaml", "mine: true\n")
    assert gateproof(*SIGNED, "--helm", "chart").refused("something of this name") == []
    assert (gateproof.folder / "chart/values.yaml").read_text() == "mine: true\n"
    assert sorted(path.name for path in (gateproof.folder / "chart").iterdir()) == ["values.yaml"]


def test_what_is_refused(gateproof: Gateproof) -> None:
    gateproof.write("empty.pem", "")
    gateproof.write("own.rego", b"\xff")
    calls = {
        "tag": ("deploy", "kubernetes", "--image", "gateproof:1", "--owner", "o", "--issuer", "Issuer/a"),
        "neither": BASICS,
        "bundle": (*BASICS, "--ca-bundle", "empty.pem"),
        "missing": (*BASICS, "--ca-bundle", "missing.pem"),
        "group": (*SIGNED, "--break-glass-group", "oncall"),
        "nobody": (*SIGNED, "--break-glass-until", "2026-12-31T00:00:00Z"),
        "resource": (*SIGNED, "--resource", "pods"),
        "two": (*SIGNED, "--kustomize", "a", "--helm", "b"),
        "beside": (*SIGNED, "--file", "own.rego"),
        "bytes": (*SIGNED, "--config", "own.rego"),
    }
    words = {
        "tag": "no digest",
        "neither": "either --issuer",
        "bundle": "either --issuer",
        "missing": "cannot be read",
        "group": "--break-glass-until",
        "nobody": "names nobody",
        "resource": "GROUP/PLURAL",
        "two": "exclude each other",
        "beside": "--config",
        "bytes": "no text in UTF-8",
    }
    assert {name: run.refused(words[name]) for name, run in gateproof.each(calls).items()} == {
        name: [] for name in calls
    }
