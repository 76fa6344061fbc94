"""Show admission with a real API server: what kubectl is told, and the evidence that it leaves.

Usage: python tools/admission_transcript.py

Starts etcd, kube-apiserver and `gateproof serve --admission` on this machine, as tests/interop does (`make peers`
builds the first two), and prints commands with what they print. Nothing is left behind.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))

from tests.interop.apiserver import Cluster, Door, cluster, door, until  # noqa: E402 - the tests are no package

from gateproof import installation  # noqa: E402

SETTINGS = (
    "version: 1\nadmission: {namespace: gateproof-system}\npolicies: {pack: [container-hardening, workload-labels]}\n"
)
LABELS = "owner=payments,data_classification=restricted,tier=1"
NAMESPACES = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {owner: payments, environment: prod, data_classification: restricted, tier: "1"}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: {owner: payments, data_classification: restricted, tier: "1"}
spec:
  containers:
    - name: web
      image: registry.example/web:1
      securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}
"""
KUBECTL = (
    f"kubectl -n shop run shell --image=registry.example/shell:1 --labels={LABELS}",
    "kubectl apply --dry-run=server -f pod.yaml",
    "kubectl apply -f pod.yaml",
    "kubectl -n shop label pod web owner-",
    "kubectl -n shop delete pod web --now",
)


def main() -> None:
    """Run and print all of it."""
    with tempfile.TemporaryDirectory() as place:
        api_folder, door_folder = Path(place) / "api", Path(place) / "door"
        api_folder.mkdir()
        door_folder.mkdir()
        environment = {
            **os.environ,
            "GATEPROOF_KEY_PASSWORD": "of the transcript",
            "GATEPROOF_STATE": str(Path(place) / "state"),
            "NO_COLOR": "1",
        }
        with cluster(_peer, api_folder) as api:
            assert api("apply", "-f", "-", given=NAMESPACES).code == 0
            (door_folder / "namespaces.json").write_text(json.dumps(api.get("namespaces")))
            (door_folder / "pod.yaml").write_text(POD)
            with door(door_folder, SETTINGS, environment, "--namespaces", "namespaces.json") as gate:
                _guard(api, gate)
                _show(api, gate, environment)


def _peer(name: str) -> str:
    path = TOP / ".peers" / "bin" / name
    if not path.exists():
        raise SystemExit(f"{name} is not here: make peers builds it")
    return str(path)


def _guard(api: Cluster, gate: Door) -> None:
    """Have the API server ask the server at its address, by the configuration that `gateproof deploy` writes."""
    parameters = installation.Parameters(
        image=f"registry.example/gateproof@sha256:{'0' * 64}",
        owner="platform",
        files={installation.SETTINGS: installation.settings("gateproof-system", None)},
        ca_bundle=gate.ca_bundle,
    )
    configuration = installation.objects(parameters)[-1]
    for webhook in configuration["webhooks"]:
        webhook["clientConfig"] = {"url": gate.url, "caBundle": webhook["clientConfig"]["caBundle"]}
    assert api.create(configuration).code == 0
    tried = ("-n", "shop", "run", "probe", "--image=x", "--dry-run=server")
    until(lambda: "gateproof" in api(*tried).err, gate.folder / "serve.log")


def _show(api: Cluster, gate: Door, environment: dict[str, str]) -> None:
    for line in KUBECTL:
        name, *arguments = shlex.split(line)
        assert name == "kubectl"
        command = [api.kubectl, "--kubeconfig", str(api.kubeconfig), *arguments]
        _print(line, command, gate.folder, environment)
    gateproof = [sys.executable, "-m", "gateproof"]
    verify = [*gateproof, "verify", "store", "--root", gate.root]

    def verifies() -> bool:
        done = subprocess.run(verify, cwd=gate.folder, env=environment, capture_output=True, check=False)
        return done.returncode == 0

    # Decisions are recorded behind the answers.
    until(verifies, gate.folder / "serve.log")
    listed = [*gateproof, "log", "list", "store", "--root", gate.root]
    _print("gateproof log list store --root $ROOT", listed, gate.folder, environment)
    _print("gateproof verify store --root $ROOT", verify, gate.folder, environment)


def _print(line: str, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(f"$ {line}\n{done.stdout.rstrip()}\n[exit code {done.returncode}]\n")  # noqa: T201 - a tool says what it did


if __name__ == "__main__":
    main()
