"""A real API server with its store, and our admission server at its door: processes for tests."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

TOP = Path(__file__).parents[2]
TOKEN = "of-the-tests"
PATIENCE = 60
"""Seconds that a process may take to be ready; a machine under load must not reach it."""


class Ran(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str


class Cluster:
    """An API server, and kubectl for it."""

    def __init__(self, kubectl: str, folder: Path, server: str) -> None:
        self.kubectl = kubectl
        self.folder = folder
        self.server = server
        self.kubeconfig = folder / "kubeconfig"
        user = {"name": "tests", "user": {"token": TOKEN}}
        place = {"name": "tests", "cluster": {"server": server, "insecure-skip-tls-verify": True}}
        context = {"name": "tests", "context": {"cluster": "tests", "user": "tests"}}
        kubeconfig = {"apiVersion": "v1", "kind": "Config", "current-context": "tests"}
        lists = {"users": [user], "clusters": [place], "contexts": [context]}
        self.kubeconfig.write_text(json.dumps({**kubeconfig, **lists}))

    def __call__(self, *arguments: str, given: object = None) -> Ran:
        """Run kubectl; ``given`` is written to its standard input, as JSON if it is no text."""
        text = given if isinstance(given, str) else json.dumps(given)
        command = [self.kubectl, "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=PATIENCE)
        return Ran(done.returncode, done.stdout, done.stderr)

    def create(self, *objects: dict[str, Any], dry_run: bool = False) -> Ran:
        """Create objects."""
        options = ["--dry-run=server"] if dry_run else []
        listed = {"apiVersion": "v1", "kind": "List", "items": objects}
        return self("create", "--validate=strict", *options, "-f", "-", given=listed)

    def get(self, *arguments: str) -> Any:
        """What ``kubectl get`` prints, read."""
        done = self("get", *arguments, "-o", "json")
        assert done.code == 0, done.err
        return json.loads(done.out)


@contextmanager
def cluster(find: Callable[[str], str], folder: Path) -> Iterator[Cluster]:
    """A cluster that has an API server and nothing else: nothing runs in it, and what is stored is what was let in."""
    etcd, apiserver, kubectl = find("etcd"), find("kube-apiserver"), find("kubectl")
    client, peers, secure = free_port(), free_port(), free_port()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "accounts.key").write_bytes(pem(key))
    (folder / "tokens.csv").write_text(f'{TOKEN},tests,tests,"system:masters"\n')
    store = [
        *(etcd, "--data-dir", str(folder / "etcd"), "--unsafe-no-fsync"),
        *(f"--listen-client-urls=http://127.0.0.1:{client}", f"--advertise-client-urls=http://127.0.0.1:{client}"),
        f"--listen-peer-urls=http://127.0.0.1:{peers}",
    ]
    server = [
        *(apiserver, f"--etcd-servers=http://127.0.0.1:{client}", f"--cert-dir={folder / 'pki'}"),
        *("--bind-address=127.0.0.1", f"--secure-port={secure}", "--service-cluster-ip-range=10.0.0.0/24"),
        *(f"--service-account-key-file={folder / 'accounts.key'}", "--authorization-mode=RBAC"),
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
        *("--service-account-issuer=https://kubernetes.default.svc", f"--token-auth-file={folder / 'tokens.csv'}"),
        # Nothing makes ServiceAccounts or starts Pods here.
        "--disable-admission-plugins=ServiceAccount",
    ]
    with process(store, folder / "etcd.log"), process(server, folder / "apiserver.log"):
        made = Cluster(kubectl, folder, f"https://127.0.0.1:{secure}")
        until(lambda: made("get", "--raw", "/readyz").code == 0, folder / "apiserver.log")
        until(lambda: made("get", "namespace", "default").code == 0, folder / "apiserver.log")
        yield made


class Door(msgspec.Struct, frozen=True):
    """Our admission server: where it listens, who signed its certificate, and where its evidence is."""

    url: str
    status: str
    ca_bundle: bytes
    folder: Path
    root: str

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        with urllib.request.urlopen(f"{self.status}/metrics", timeout=PATIENCE) as answer:  # noqa: S310 - http
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)


GATEPROOF = (sys.executable, "-m", "gateproof")


@contextmanager
def door(
    folder: Path, settings: str, environment: dict[str, str], *options: str, command: Sequence[str] = GATEPROOF
) -> Iterator[Door]:
    """`gateproof serve --admission` with keys, a trust policy and a certificate of its own; it records."""
    root = _run(["trust", "init", "trust", "--origin", "acme.example/door"], folder, environment).strip()
    (folder / "gateproof.yaml").write_text(
        f"{settings}\nevidence: {{store: store, key: trust/signer.key}}\n"
        f"trust: {{policy: trust/trust.dsse.json, root: '{root}'}}\n"
    )
    ca_bundle = certificate(folder)
    listen, status = free_port(), free_port()
    command = [
        *(*command, "serve", "--admission", "--config", "gateproof.yaml"),
        *("--listen", f"127.0.0.1:{listen}", "--status", f"127.0.0.1:{status}", "--spool", "spool"),
        *("--tls-cert", "tls.crt", "--tls-key", "tls.key", "--grace", "0", *options),
    ]
    made = Door(f"https://127.0.0.1:{listen}/validate", f"http://127.0.0.1:{status}", ca_bundle, folder, root)
    with process(command, folder / "serve.log", cwd=folder, env=environment):
        until(lambda: _answers(f"{made.status}/readyz"), folder / "serve.log")
        yield made


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - http
            return bool(answer.status == 200)
    except OSError:
        return False


def _run(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "gateproof", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def process(command: Sequence[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process for the block; what it prints goes to ``log``."""
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file, **options) as started:
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                started.kill()


def until(holds: Callable[[], bool], log: Path) -> None:
    """Wait for something to become true; fails with the end of ``log``."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-3_000:]
        time.sleep(0.2)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def certificate(folder: Path) -> bytes:
    """Write ``tls.crt`` and ``tls.key`` for 127.0.0.1; gives the certificate (PEM) of the CA that signed it."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])

    def begun(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        built = x509.CertificateBuilder().subject_name(name).issuer_name(ca_name).public_key(public)
        return (
            built.serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )

    authority = begun(ca_name, ca_key.public_key()).add_extension(x509.BasicConstraints(True, 0), critical=True)
    signed = authority.sign(ca_key, hashes.SHA256())
    server = begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "door")]), key.public_key())
    addresses = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    leaf = server.add_extension(addresses, critical=False).sign(ca_key, hashes.SHA256())
    (folder / "tls.crt").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(pem(key))
    bundle = signed.public_bytes(serialization.Encoding.PEM)
    assert ssl.PEM_cert_to_DER_cert(bundle.decode())
    return bundle


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """A private key as PEM, PKCS #8."""
    encryption = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
