"""A registry that is down, refuses, lies or goes on for ever: nothing of it is used, and the error says what it was."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateproof.adapters import registry_http
from gateproof.adapters.bundles import BundleCache, BundleFile, Repository
from gateproof.adapters.registry import Registry
from gateproof.adapters.registry_credentials import Credentials
from gateproof.catalog import oci
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.policy_bundle import MAX_BYTES, PolicyBundle, encode
from gateproof.catalog.scales import Severity
from gateproof.documents import canonical
from gateproof.errors import PolicyError

SECRET = "the-password"
TOKEN = "a.token-that_nobody/else+has="

BUNDLE = PolicyBundle(
    name="acme/base",
    version="1.0.0",
    policies=(
        Policy(
            id="a",
            engine=EngineName.REGO,
            title="A",
            severity=Severity.HIGH,
            sources=(Source("policy.rego", "package a\n"),),
        ),
    ),
)
RAW = encode(BUNDLE)
ENVELOPE = b'{"payload":"","payloadType":"x","signatures":[]}'

Reply = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """A server that says nothing about clients that go away."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


class Simulator:
    """A registry in memory that follows the specification, except where a test has said otherwise.

    ``replies``: what is done in place of the right thing, by method and the part of the path after the repository.
    """

    def __init__(self, *, referrers: bool = True) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.referrers = referrers
        self.replies: dict[tuple[str, str], Reply] = {}
        self.authorization: Callable[[str], bool] = lambda _: True
        self.challenge = ""
        self.asked: list[tuple[str, str, str]] = []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.simulator = self  # type: ignore[attr-defined]
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request to the simulator."""

    protocol_version = "HTTP/1.1"

    @property
    def simulator(self) -> Simulator:
        found: Simulator = self.server.simulator  # type: ignore[attr-defined]
        return found

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        simulator = self.simulator
        simulator.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        part = path.partition("/policies/")[2]
        kind, _, name = part.partition("/")
        reply = simulator.replies.get((self.command, part)) or simulator.replies.get((self.command, kind))
        if path.startswith("/token"):
            simulator.replies["POST" if self.command == "POST" else "GET", "token"](self)
        elif not simulator.authorization(self.headers.get("Authorization", "")):
            self.reply(401, b"who are you", WWW_Authenticate=simulator.challenge)
        elif reply:
            reply(self)
        else:
            getattr(self, f"_{self.command.lower()}_{kind}")(name, body, query)

    def _get_manifests(self, name: str, _: bytes, __: str) -> None:
        found = self.simulator.manifests.get(name)
        self.reply(200, found[1], Content_Type=found[0]) if found else self.reply(404)

    def _get_blobs(self, name: str, _: bytes, __: str) -> None:
        found = self.simulator.blobs.get(name)
        self.reply(200, found) if found is not None else self.reply(404)

    _head_blobs = _get_blobs

    def _get_referrers(self, name: str, _: bytes, __: str) -> None:
        if not self.simulator.referrers:
            self.reply(404)
            return
        listed = []
        for digest, (kind, raw) in self.simulator.manifests.items():
            value = json.loads(raw)
            if canonical.is_digest(digest) and value.get("subject", {}).get("digest") == name:
                about = {"mediaType": kind, "digest": digest, "size": len(raw), "artifactType": value["artifactType"]}
                listed.append(about)
        index = {"schemaVersion": 2, "mediaType": oci.INDEX_TYPE, "manifests": listed}
        self.reply(200, json.dumps(index).encode(), Content_Type=oci.INDEX_TYPE)

    def _post_blobs(self, _: str, __: bytes, ___: str) -> None:
        self.reply(202, Location="/v2/acme/policies/uploads/1?state=x")

    def _put_uploads(self, _: str, body: bytes, query: str) -> None:
        digest = urllib.parse.parse_qs(query)["digest"][0]
        if digest != canonical.digest(body):
            self.reply(400)
            return
        self.simulator.blobs[digest] = body
        self.reply(201)

    def _put_manifests(self, name: str, body: bytes, _: str) -> None:
        stored = (self.headers["Content-Type"], body)
        self.simulator.manifests |= {name: stored, canonical.digest(body): stored}
        subject = json.loads(body).get("subject", {}).get("digest", "")
        self.reply(201, **({"OCI_Subject": subject} if subject and self.simulator.referrers else {}))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    found = Simulator()
    yield found
    found.close()


def repository(simulator: Simulator, credentials: Credentials | None = None, cache: Path | None = None) -> Repository:
    reference = oci.parse_reference(f"{simulator.address}/acme/policies:1")
    return Repository(reference, lambda each: Registry(each, lambda _: credentials), BundleCache(cache))


def pushed(simulator: Simulator, *envelopes: bytes) -> oci.Reference:
    return repository(simulator).push(BUNDLE, BundleFile(RAW, envelopes, "a file"))


def pull(simulator: Simulator, pinned: oci.Reference, **more: Any) -> BundleFile:
    return repository(simulator, more.pop("credentials", None), more.pop("cache", None)).pull(
        pinned, **{"signed": True, **more}
    )


@pytest.mark.parametrize("referrers", [True, False], ids=["referrers", "fallback tag"])
def test_what_was_pushed_is_pulled(simulator: Simulator, referrers: bool) -> None:
    simulator.referrers = referrers
    pinned = pushed(simulator, ENVELOPE)
    assert pushed(simulator, ENVELOPE, b"another") == pinned
    found = pull(simulator, pinned)
    assert (found.raw, set(found.envelopes)) == (RAW, {ENVELOPE, b"another"})
    assert repository(simulator).resolve() == pinned
    fallback = oci.referrers_tag(pinned.digest)
    assert (fallback in simulator.manifests) != referrers


def test_the_tag_comes_after_the_signatures(simulator: Simulator) -> None:
    pinned = pushed(simulator, ENVELOPE)
    stored = [path.rpartition("/")[2] for method, path, _ in simulator.asked if method == "PUT" and "manifests" in path]
    assert (stored[0], stored[-1]) == (pinned.digest, "1")
    assert len(stored) == 3


def test_a_blob_that_is_there_is_not_sent_again(simulator: Simulator) -> None:
    pushed(simulator)
    simulator.asked.clear()
    pushed(simulator)
    assert [method for method, path, _ in simulator.asked if "uploads" in path] == []


def test_what_was_pulled_once_is_there_without_the_registry(simulator: Simulator, tmp_path: Path) -> None:
    pinned = pushed(simulator, ENVELOPE)
    pull(simulator, pinned, cache=tmp_path)
    simulator.close()
    found = pull(simulator, pinned, cache=tmp_path)
    assert (found.raw, found.envelopes, found.cached) == (RAW, (ENVELOPE,), True)
    with pytest.raises(PolicyError, match="cannot be asked"):
        pull(simulator, pinned, cache=tmp_path, fresh=True)


def test_a_cache_is_held_against_its_digests(simulator: Simulator, tmp_path: Path) -> None:
    pinned = pushed(simulator, ENVELOPE)
    pull(simulator, pinned, cache=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    for file in files:
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert pull(simulator, pinned, cache=tmp_path).raw == RAW
    simulator.close()
    for file in files:
        file.write_bytes(b"x")
    with pytest.raises(PolicyError, match="cannot be asked"):
        pull(simulator, pinned, cache=tmp_path)


def test_a_registry_that_is_down(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    simulator.close()
    with pytest.raises(PolicyError, match="the registry cannot be asked") as caught:
        pull(simulator, pinned)
    assert caught.value.hint
    assert simulator.address in str(caught.value)


@pytest.mark.parametrize("part", ["manifests", "blobs", "referrers"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429, 500, 502, 503, 304])
def test_every_refusal_is_an_error(simulator: Simulator, part: str, status: int) -> None:
    pinned = pushed(simulator, ENVELOPE)
    simulator.replies["GET", part] = lambda handler: handler.reply(status, b'{"errors":[]}')
    if (part, status) == ("referrers", 404):
        assert pull(simulator, pinned).envelopes == ()
        return
    with pytest.raises(PolicyError) as caught:
        pull(simulator, pinned)
    assert caught.value.hint
    assert str(status) in str(caught.value) or (part, status) == ("manifests", 404)


@pytest.mark.parametrize("status", [401, 403, 404, 413, 429, 500])
@pytest.mark.parametrize(("method", "part"), [("POST", "blobs"), ("PUT", "uploads"), ("PUT", "manifests")])
def test_a_refused_push_is_an_error(simulator: Simulator, method: str, part: str, status: int) -> None:
    simulator.replies[method, part] = lambda handler: handler.reply(status)
    with pytest.raises(PolicyError, match=str(status)):
        pushed(simulator)


def other_manifest(**changes: Any) -> bytes:
    return canonical.encode({**json.loads(oci.bundle_manifest(RAW, "acme/base", "1.0.0")), **changes})


LAYER = json.loads(oci.bundle_manifest(RAW, "a", "1"))["layers"][0]
MANIFESTS = {
    "no JSON": b"<html>",
    "nothing": b"",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "of another artifact": other_manifest(artifactType="application/vnd.cncf.helm.config.v1+json"),
    "of an image": other_manifest(artifactType=""),
    "an index": canonical.encode({"schemaVersion": 2, "mediaType": oci.INDEX_TYPE, "manifests": []}),
    "of docker": other_manifest(mediaType="application/vnd.docker.distribution.manifest.v2+json"),
    "of schema 1": other_manifest(schemaVersion=1),
    "without layers": other_manifest(layers=[]),
    "with two layers": other_manifest(layers=[LAYER, LAYER]),
    "with a layer of another type": other_manifest(layers=[{**LAYER, "mediaType": "application/gzip"}]),
    "with a layer of another digest's form": other_manifest(layers=[{**LAYER, "digest": "sha512:00"}]),
    "with a digest that is a path": other_manifest(layers=[{**LAYER, "digest": "sha256:../../../etc/passwd"}]),
    "with a negative size": other_manifest(layers=[{**LAYER, "size": -1}]),
    "with a huge layer": other_manifest(layers=[{**LAYER, "size": MAX_BYTES + 1}]),
    "with a layer that is there and longer": other_manifest(layers=[{**LAYER, "size": LAYER["size"] - 1}]),
    "with a layer that is there and shorter": other_manifest(layers=[{**LAYER, "size": LAYER["size"] + 1}]),
}


@pytest.mark.parametrize("raw", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_manifest_of_something_else_is_refused(simulator: Simulator, raw: bytes) -> None:
    pinned = pushed(simulator).at(canonical.digest(raw))
    simulator.manifests[pinned.digest] = (oci.MANIFEST_TYPE, raw)
    with pytest.raises(PolicyError) as caught:
        pull(simulator, pinned)
    assert caught.value.hint


@pytest.mark.parametrize("part", ["manifests", "blobs"])
def test_something_else_than_its_digest_says(simulator: Simulator, part: str) -> None:
    pinned = pushed(simulator)
    other = other_manifest(annotations={}) if part == "manifests" else RAW[:-1] + b"x"
    simulator.replies["GET", part] = lambda handler: handler.reply(200, other)
    with pytest.raises(PolicyError, match="something else than was asked for") as caught:
        pull(simulator, pinned)
    assert canonical.digest(other) in str(caught.value)


def truncated(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(RAW)))
    handler.end_headers()
    handler.wfile.write(RAW[: len(RAW) // 2])
    handler.close_connection = True


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):  # nobody listens any more
        while True:
            handler.wfile.write(bytes(1024 * 1024))


def no_http(handler: Handler) -> None:
    handler.wfile.write(b"\x16\x03\x01 hello\r\n\r\n")
    handler.close_connection = True


def many_headers(handler: Handler) -> None:
    handler.send_response(200)
    for number in range(500):
        handler.send_header(f"X-{number}", "x")
    handler.end_headers()
    handler.close_connection = True


@pytest.mark.parametrize("part", ["manifests", "blobs", "referrers"])
@pytest.mark.parametrize("reply", [truncated, endless, no_http, many_headers], ids=lambda each: each.__name__)
def test_answers_that_are_none(simulator: Simulator, part: str, reply: Reply) -> None:
    pinned = pushed(simulator)
    simulator.replies["GET", part] = reply
    with pytest.raises(PolicyError) as caught:
        pull(simulator, pinned)
    assert caught.value.hint


def dripping_headers(handler: Handler) -> None:
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X: x\r")
            time.sleep(0.01)


def dripping_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.01)


def silent(handler: Handler) -> None:
    handler.rfile.read(1)


@pytest.mark.parametrize("reply", [dripping_headers, dripping_body, silent], ids=lambda each: each.__name__)
def test_an_answer_that_drips_is_ended(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    pinned = pushed(simulator)
    simulator.replies["GET", "manifests"] = reply
    monkeypatch.setattr(registry_http, "_DEADLINE", 0.3)
    with pytest.raises(PolicyError, match="takes longer"):
        pull(simulator, pinned)


def test_a_huge_answer_is_refused_before_it_is_read(simulator: Simulator) -> None:
    pinned = pushed(simulator)

    def huge(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        handler.close_connection = True

    simulator.replies["GET", "manifests"] = huge
    with pytest.raises(PolicyError, match="longer than"):
        pull(simulator, pinned)


REDIRECTS = [
    "http://registry.example/x",
    "ftp://127.0.0.1/x",
    "file:///etc/passwd",
    "//registry.example/x",
    "http://[",
    "https://a:b@c/",
]


@pytest.mark.parametrize("target", REDIRECTS)
def test_a_redirect_without_https_is_not_followed(simulator: Simulator, target: str) -> None:
    pinned = pushed(simulator)
    simulator.replies["GET", "blobs"] = lambda handler: handler.reply(307, Location=target)
    with pytest.raises(PolicyError, match=r"HTTPS|no URL"):
        pull(simulator, pinned)


def test_a_circle_of_redirects_ends(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    simulator.replies["GET", "blobs"] = lambda handler: handler.reply(307, Location=handler.path)
    with pytest.raises(PolicyError, match="redirects"):
        pull(simulator, pinned)
    assert len(simulator.asked) < 20


def test_a_redirect_takes_no_credentials_along(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    store = Simulator()
    store.blobs = simulator.blobs
    url = f"http://{store.address}/v2/acme/policies/blobs/{canonical.digest(RAW)}?signature=x"
    simulator.replies["GET", "blobs"] = lambda handler: handler.reply(307, Location=url)
    simulator.challenge = 'Basic realm="registry"'
    simulator.authorization = lambda said: said != ""
    found = pull(simulator, pinned, credentials=Credentials("ann", SECRET))
    assert found.raw == RAW
    assert [said for *_, said in store.asked] == [""]
    store.close()


def test_an_upload_elsewhere_gets_no_credentials(simulator: Simulator) -> None:
    store = Simulator()
    location = f"http://{store.address}/v2/acme/policies/uploads/1"
    simulator.replies["POST", "blobs/uploads/"] = lambda handler: handler.reply(202, Location=location)
    simulator.challenge = 'Basic realm="registry"'
    simulator.authorization = lambda said: said != ""
    repository(simulator, Credentials("ann", SECRET)).push(BUNDLE, BundleFile(RAW, (), "a file"))
    assert canonical.digest(RAW) in store.blobs
    assert {said for *_, said in store.asked} == {""}
    store.close()


def test_basic_authentication(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    expected = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()
    simulator.challenge = 'Basic realm="registry"'
    simulator.authorization = lambda said: said == expected
    simulator.asked.clear()
    assert pull(simulator, pinned, credentials=Credentials("ann", SECRET)).raw == RAW
    assert simulator.asked[0][2] == ""
    for wrong in (None, Credentials("ann", "wrong")):
        with pytest.raises(PolicyError, match="401") as caught:
            pull(simulator, pinned, credentials=wrong)
        assert "log in" in (caught.value.hint or "")


def bearer(simulator: Simulator, *, scope: str = "repository:acme/policies:pull") -> None:
    """Let the simulator ask for a token of its own token service."""
    simulator.challenge = f'Bearer realm="http://{simulator.address}/token",service="registry",scope="{scope}"'
    simulator.authorization = lambda said: said == f"Bearer {TOKEN}"


def test_a_token_is_asked_for_without_and_with_credentials(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    bearer(simulator)
    simulator.replies["GET", "token"] = lambda handler: handler.reply(200, json.dumps({"token": TOKEN}).encode())
    for credentials, said in ((None, ""), (Credentials("ann", SECRET), Credentials("ann", SECRET).basic)):
        simulator.asked.clear()
        assert pull(simulator, pinned, credentials=credentials).raw == RAW
        asked = [(path, how) for _, path, how in simulator.asked if path.startswith("/token")]
        assert asked == [("/token?service=registry&scope=repository%3Aacme%2Fpolicies%3Apull", said)]


def test_a_token_is_asked_for_with_an_identity_token(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    bearer(simulator)
    simulator.replies["POST", "token"] = lambda handler: handler.reply(
        200, json.dumps({"access_token": TOKEN}).encode()
    )
    assert pull(simulator, pinned, credentials=Credentials(identity_token="identity")).raw == RAW
    assert not any("identity" in path for _, path, _ in simulator.asked)


TOKENS = [
    b"",
    b"{}",
    b"[]",
    b'{"token": ""}',
    b'{"token": "a\\r\\nX-Evil: 1"}',
    b'{"token": 1}',
    b"\xff",
    b"[" * 100_000,
]


@pytest.mark.parametrize("said", TOKENS, ids=lambda said: str(said[:20]))
def test_a_token_that_is_none(simulator: Simulator, said: bytes) -> None:
    pinned = pushed(simulator)
    bearer(simulator)
    simulator.replies["GET", "token"] = lambda handler: handler.reply(200, said)
    with pytest.raises(PolicyError, match="gives no token"):
        pull(simulator, pinned)


@pytest.mark.parametrize("realm", ["ftp://127.0.0.1/", "http://registry.example/token", "nonsense", "http://["])
def test_a_token_service_that_is_elsewhere_without_https(simulator: Simulator, realm: str) -> None:
    pinned = pushed(simulator)
    bearer(simulator)
    simulator.challenge = f'Bearer realm="{realm}"'
    with pytest.raises(PolicyError, match=r"HTTPS|no URL"):
        pull(simulator, pinned, credentials=Credentials("ann", SECRET))


@pytest.mark.parametrize("challenge", ["", "Negotiate", "Bearer", 'Bearer service="x"', "Basic", "=", '"'])
def test_a_challenge_that_cannot_be_answered(simulator: Simulator, challenge: str) -> None:
    pinned = pushed(simulator)
    simulator.challenge = challenge
    simulator.authorization = lambda _: False
    with pytest.raises(PolicyError, match="401"):
        pull(simulator, pinned, credentials=Credentials("ann", SECRET))


def test_no_error_has_a_secret_in_it(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    bearer(simulator)
    credentials = Credentials("ann", SECRET)
    said = []
    for status in (200, 401, 403, 500):
        reply = {"token": TOKEN, "why": SECRET}
        simulator.replies["GET", "token"] = lambda handler, s=status, r=reply: handler.reply(s, json.dumps(r).encode())  # type: ignore[misc]
        simulator.authorization = lambda _: False
        with pytest.raises(PolicyError) as caught:
            pull(simulator, pinned, credentials=credentials)
        said.append(f"{caught.value} {caught.value.hint}")
    said += [repr(credentials), str(credentials)]
    basic = credentials.basic.removeprefix("Basic ")
    assert not [text for text in said if SECRET in text or TOKEN in text or basic in text]


def test_https_is_asked_of_every_other_host() -> None:
    reference = oci.parse_reference("registry.example/acme/policies:1")
    assert Registry(reference, lambda _: None)._origin == "https://registry.example"
    assert Registry(reference, lambda _: None, plain_http=True)._origin == "http://registry.example"
    with pytest.raises(PolicyError, match="not HTTPS"):
        registry_http.Http().send("GET", "http://registry.example/v2/", {}, limit=1)


def certified(folder: Path, name: str) -> tuple[Path, Path]:
    """Files: a certificate for ``name``, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "registry")])
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(
        subject, subject, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    built = built.add_extension(alternatives, critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


@pytest.mark.parametrize(
    ("name", "trusted", "said"),
    [("127.0.0.1", True, ""), ("127.0.0.1", False, "self-signed certificate"), ("127.0.0.2", True, "not valid for")],
    ids=["its own", "an unknown authority's", "another host's"],
)
def test_certificates_are_verified(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, said: str
) -> None:
    certificate, private = certified(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    simulator.server.socket = context.wrap_socket(simulator.server.socket, server_side=True)
    monkeypatch.setattr(registry_http, "_LOOPBACK", re.compile(r"(?!)"))  # as if it were any other host
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    if said:
        with pytest.raises(PolicyError, match=said):
            pushed(simulator, ENVELOPE)
    else:
        assert pull(simulator, pushed(simulator, ENVELOPE)).raw == RAW
    assert bool(simulator.asked) == (not said)


def test_pages_of_referrers_are_followed_to_an_end(simulator: Simulator) -> None:
    pinned = pushed(simulator, ENVELOPE)
    empty = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    simulator.replies["GET", "referrers"] = lambda handler: handler.reply(
        200, empty, Link=f'<{handler.path}?n=1>; rel="next"'
    )
    simulator.asked.clear()
    assert pull(simulator, pinned).envelopes == ()
    assert len([path for _, path, _ in simulator.asked if "/referrers/" in path]) == 10


@pytest.mark.parametrize("kind", ["", oci.EMPTY_TYPE])
def test_a_registry_that_does_not_tell_types_gives_signatures(simulator: Simulator, kind: str) -> None:
    pinned = pushed(simulator, ENVELOPE)
    digest = canonical.digest(oci.signature_manifest(ENVELOPE, oci.bundle_manifest(RAW, "acme/base", "1.0.0")))
    entry = {"mediaType": oci.MANIFEST_TYPE, "digest": digest, "size": 1, "artifactType": kind}
    other = {**entry, "digest": pinned.digest, "artifactType": "application/spdx+json"}
    index = json.dumps({"schemaVersion": 2, "manifests": [other, entry]}).encode()
    simulator.replies["GET", "referrers"] = lambda handler: handler.reply(200, index)
    assert pull(simulator, pinned).envelopes == (ENVELOPE,)


def test_pages_of_another_place_are_not_asked_for(simulator: Simulator) -> None:
    pinned = pushed(simulator)
    empty = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    simulator.replies["GET", "referrers"] = lambda handler: handler.reply(
        200, empty, Link='<https://registry.example/v2/x>; rel="next"'
    )
    assert pull(simulator, pinned).envelopes == ()


def test_an_upload_that_leads_nowhere_is_an_error(simulator: Simulator) -> None:
    for location in ("http://[", "http://registry.example/", "ftp://127.0.0.1/", ""):
        simulator.replies["POST", "blobs/uploads/"] = lambda handler, to=location: handler.reply(202, Location=to)  # type: ignore[misc]
        with pytest.raises(PolicyError) as caught:
            pushed(simulator)
        assert caught.value.hint


def test_signatures_that_are_none_are_passed_over(simulator: Simulator) -> None:
    pinned = pushed(simulator, ENVELOPE)
    subject = json.dumps({"digest": pinned.digest, "size": 1, "mediaType": oci.MANIFEST_TYPE})
    for number in range(30):
        raw = f'{{"artifactType":"{oci.SIGNATURE_TYPE}","subject":{subject},"number":{number}}}'.encode()
        simulator.manifests[canonical.digest(raw)] = (oci.MANIFEST_TYPE, raw)
    assert pull(simulator, pinned).envelopes == (ENVELOPE,)
