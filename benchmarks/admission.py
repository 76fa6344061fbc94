"""`gateproof serve --admission` under load, recording: reviews a second, delays, memory. Runs alone.

    python benchmarks/admission.py                     the figures of `make bench`
    python benchmarks/admission.py --reviews 200000    memory over so many reviews

One worker, 20 policies, Pods of 4 kB over keep-alive TLS, every decision durable in the spool before its answer. The
server has a core of its own where there are two; the load and the drain of the spool share the other.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import selectors
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

AIM = 1_500
_CONNECTIONS = 32
"""A flush of the disk serves all that wait for one: the rate is the processor's where enough do."""

_WARM = 2_000
_BUILT_IN = ("container-hardening", "image-digests", "rbac-wildcards", "service-accounts")
_PATTERNS: dict[str, tuple[str, str]] = {
    "require-labels": ("Pod", "{metadata: {labels: {app.kubernetes.io/name: '?*'}}}"),
    "require-owner": ("Pod", "{metadata: {labels: {owner: '?*'}}}"),
    "disallow-latest-tag": ("Pod", "{spec: {containers: [{image: '!*:latest'}]}}"),
    "disallow-privileged": ("Pod", "{spec: {containers: [{=(securityContext): {=(privileged): 'false'}}]}}"),
    "disallow-escalation": ("Pod", "{spec: {containers: [{securityContext: {allowPrivilegeEscalation: 'false'}}]}}"),
    "disallow-host-network": ("Pod", "{spec: {=(hostNetwork): 'false', =(hostPID): 'false', =(hostIPC): 'false'}}"),
    "disallow-host-path": ("Pod", "{spec: {=(volumes): [{X(hostPath): 'null'}]}}"),
    "restrict-registries": ("Pod", "{spec: {containers: [{image: 'registry.example/*'}]}}"),
    "require-limits": ("Pod", "{spec: {containers: [{resources: {limits: {memory: '?*'}}}]}}"),
    "drop-all": ("Pod", "{spec: {containers: [{securityContext: {capabilities: {drop: [ALL]}}}]}}"),
    "read-only-root": ("Pod", "{spec: {containers: [{securityContext: {readOnlyRootFilesystem: 'true'}}]}}"),
    "disallow-default-namespace": ("Pod", "{metadata: {namespace: '!default'}}"),
    "require-probes": ("Deployment", "{spec: {template: {spec: {containers: [{livenessProbe: '?*'}]}}}}"),
    "disallow-node-port": ("Service", "{spec: {=(type): '!NodePort'}}"),
    "ingress-host": ("Ingress", "{spec: {rules: [{host: '*.example.com'}]}}"),
    "quota-labels": ("Namespace", "{metadata: {labels: {owner: '?*'}}}"),
}
_LISTENING = re.compile(r"reviews: https://([^/]+)/validate status: http://([^/]+)/")


class Rate(NamedTuple):
    """What a run gave: reviews a second, the processor time of each (s), and the delays, sorted (s)."""

    rate: float
    processor: float
    delays: list[float]

    def at(self, share: float) -> float:
        """The delay that so large a share of the reviews stayed below."""
        return self.delays[min(int(len(self.delays) * share), len(self.delays) - 1)]


class Server(NamedTuple):
    """A server that runs: its process, where it listens, and the certificate that it shows."""

    process: subprocess.Popen[str]
    port: int
    status: int
    certificate: Path

    def processor(self) -> float:
        """Processor time that it has used (s)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """Memory that it holds (MiB)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def review(number: str) -> bytes:
    """The AdmissionReview of a Pod that every policy of the benchmark lets in, as an API server writes it."""
    container = {
        "name": "web",
        "image": f"registry.example/web@sha256:{'a' * 64}",
        "env": [{"name": f"SETTING_{index}", "value": "value of a setting"} for index in range(24)],
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "1Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    labels = {"app.kubernetes.io/name": "web", "owner": "shop", "tier": "2", "data_classification": "internal"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"web-{number}",
            "namespace": "shop",
            "labels": labels,
            "annotations": {f"example.com/note-{index}": "what somebody has noted about it" for index in range(8)},
        },
        "spec": {
            "automountServiceAccountToken": False,
            "serviceAccountName": "web",
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container, {**container, "name": "proxy"}],
        },
    }
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    request = {
        "uid": f"00000000-0000-0000-0000-{number}",
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": f"web-{number}",
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": pod,
        "oldObject": None,
        "dryRun": False,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    }
    whole = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return json.dumps(whole, separators=(",", ":")).encode()


_NUMBER = b"0" * 12
"""What stands for the number of a review, which makes no two alike."""

_BODY = review(_NUMBER.decode())
_MESSAGE = (
    b"POST /validate?timeout=5s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY


def run(reviews: int = 20_000) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as server:
        _load(server, 0, _WARM, None)
        full = max((_load(server, (1 + turn) * 10_000, 4_000, None) for turn in range(3)), key=lambda each: each.rate)
        detail = f"{full.rate:.0f} a second, {full.processor * 1e6:.0f} µs of the processor each"
        measure.report("admission: reviews a second / 1,500", full.rate / AIM, "at least 1", detail)
        half = [_load(server, (4 + turn) * 10_000, 4_000, full.rate / 2) for turn in range(3)]
        calm = min(half, key=lambda each: each.at(0.99))
        detail = f"p50 {calm.at(0.5) * 1e3:.2f} ms, p99 {calm.at(0.99) * 1e3:.2f} ms, {full.rate / 2:.0f} a second"
        measure.report("admission: p99 / p50 at half load", calm.at(0.99) / calm.at(0.5), "at most 5", detail)
        disk = _disk(Path(folder), full.rate / 2)
        detail = f"p50 {disk.at(0.5) * 1e3:.2f} ms, p99 {disk.at(0.99) * 1e3:.2f} ms, the server being idle"
        measure.report("the disk alone: p99 / p50 of flushes", disk.at(0.99) / disk.at(0.5), "", detail)
        before = server.resident()
        _load(server, 100_000, reviews, None)
        after = server.resident()
        detail = f"{before:.0f} MiB, {after:.0f} MiB after {reviews:,} more reviews"
        measure.report("admission: growth of memory", after / before - 1, "at most 0.05", detail)


def _load(server: Server, first: int, count: int, rate: float | None) -> Rate:
    """Send ``count`` reviews over several connections: one after the other, or ``rate`` of them a second.

    The delay of a review that is due while its connection waits counts from when it is due. One thread serves all
    connections: what loads a server should take little of what they share, caches above all.
    """
    context = ssl.create_default_context(cafile=str(server.certificate))
    delays: list[float] = []
    with ExitStack() as stack, selectors.DefaultSelector() as answering:
        clients = [stack.enter_context(_Client(server.port, context)) for _ in range(_CONNECTIONS)]
        for client in clients:
            answering.register(client.connection, selectors.EVENT_READ, client)
        began, processor = time.perf_counter(), server.processor()
        turns = iter(range(count))

        def due(turn: int) -> float:
            return began + turn / rate if rate else time.perf_counter()

        idle = [(due(turn), turn, client) for client, turn in zip(clients, turns, strict=False)]
        while len(delays) < count:
            now = time.perf_counter()
            while idle and idle[0][0] <= now:
                at, turn, client = heappop(idle)
                client.ask(first + turn, at)
            for key, _ in answering.select(idle[0][0] - now if idle else None):
                client = key.data
                if client.answered():
                    delays.append(time.perf_counter() - client.due)
                    if (turn := next(turns, -1)) >= 0:
                        heappush(idle, (due(turn), turn, client))
        seconds = time.perf_counter() - began
    return Rate(count / seconds, (server.processor() - processor) / count, sorted(delays))


def _disk(folder: Path, rate: float) -> Rate:
    """How long the disk under the spool takes to flush what a review leaves, so often: no answer can be quicker."""
    delays = []
    with open(folder / "flushed", "ab", buffering=0) as file:
        for _ in range(2_000):
            file.write(bytes(10_000))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            delays.append(time.perf_counter() - began)
            time.sleep(max(0.0, 1 / rate - delays[-1]))
    return Rate(rate, 0.0, sorted(delays))


class _Client:
    """A connection that asks for one review after the other. ``due``: when the last one was to be sent."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = context.wrap_socket(plain, server_hostname="localhost")
        self.connection.setblocking(False)
        self.due = 0.0
        self._said = b""

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, number: int, due: float) -> None:
        """Send review ``number``."""
        self.due, self._said = due, b""
        self.connection.sendall(_MESSAGE.replace(_NUMBER, f"{number:0{len(_NUMBER)}}".encode()))

    def answered(self) -> bool:
        """Whether the answer is there as a whole; it must let in."""
        try:
            more = self.connection.recv(65536)
        except ssl.SSLWantReadError:  # a ticket, say
            return False
        self._said += more
        if more and not (b"\r\n\r\n" in self._said and self._said.endswith(b"}}")):
            return False
        if b'"allowed":true' not in self._said:
            raise RuntimeError(f"a review was not let in: {self._said.decode(errors='replace')[:2000]}")
        return True


@contextmanager
def _server(folder: Path) -> Iterator[Server]:
    environment = {**os.environ, "GATEPROOF_STATE": str(folder / "state"), "GATEPROOF_KEY_PASSWORD": "a password"}
    certificate, key = _certificate(folder)
    gateproof = [sys.executable, "-m", "gateproof"]
    made = subprocess.run(
        [*gateproof, "trust", "init", "trust", "--origin", "example/bench", "--person", "a@example.com,engineer"],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    root = re.search("sha256:[0-9a-f]{64}", made.stdout)
    assert root is not None
    _configure(folder, root[0])
    command = [*gateproof, "serve", "--admission", "--config", "gateproof.yaml", "--spool", "spool", "--grace", "0"]
    command += ["--listen", "127.0.0.1:0", "--status", "127.0.0.1:0", "--tls-cert", certificate.name]
    process = subprocess.Popen(
        [*command, "--tls-key", key.name], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := _LISTENING.search(line):
                break
        else:
            raise RuntimeError("".join(said))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        port, status = (int(place.rpartition(":")[2]) for place in found.groups())
        server = Server(process, port, status, certificate)
        _separate(server)
        yield server
    finally:
        process.terminate()
        process.wait(60)


def _separate(server: Server) -> None:
    """The server's threads on one core; the drain, which is a process of its own, and the load on the others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return
    connection = http.client.HTTPConnection("127.0.0.1", server.status)
    connection.request("GET", "/readyz")  # by now its drain is about to be there
    connection.getresponse().read()
    time.sleep(2)
    for child in Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split():
        os.sched_setaffinity(int(child), cores[1:])
    for thread in Path(f"/proc/{server.process.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores[:1])
    os.sched_setaffinity(0, cores[1:])


def _configure(folder: Path, root: str) -> None:
    policies = folder / "policies"
    policies.mkdir()
    for name, (kind, pattern) in _PATTERNS.items():
        policies.joinpath(f"{name}.yaml").write_text(
            "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n"
            f"metadata: {{name: {name}}}\nspec:\n  validationFailureAction: Enforce\n  rules:\n"
            f"    - name: {name}\n      match: {{any: [{{resources: {{kinds: [{kind}]}}}}]}}\n"
            f"      validate: {{message: not so, pattern: {pattern}}}\n"
        )
    settings = {
        "version": 1,
        "policies": {"pack": _BUILT_IN, "paths": ["policies"]},
        "evidence": {"store": "store", "key": "trust/signer.key"},
        "trust": {"policy": "trust/trust.dsse.json", "roster": "trust/roster.dsse.json", "root": root},
        "admission": {
            "namespaces": [{"names": ["shop"], "environment": "dev", "tier": "3", "data_classification": "public"}],
        },
    }
    (folder / "gateproof.yaml").write_text(json.dumps(settings))


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that is good for a day, and its key."""
    from tests.unit.server.certificates import write_certificate

    return write_certificate(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reviews", type=int, default=20_000)
    run(parser.parse_args(arguments).reviews)


if __name__ == "__main__":
    main()
