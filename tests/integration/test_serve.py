"""`gateproof serve --admission` as a real process: TLS, evidence, reloading, and deaths at the worst moment."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import TIMEOUT, Gateproof
from tests.unit.server import reviews
from tests.unit.server.certificates import write_certificate

from gateproof.documents import canonical

pytestmark = pytest.mark.integration

CONFIG = """\
version: 1
policies: {{pack: false, paths: [policies]}}
evidence: {{store: store, key: trust/signer.key}}
trust: {{policy: trust/trust.dsse.json, roster: trust/roster.dsse.json, root: "{root}"}}
admission:
  namespaces: [{{names: [dev-*], environment: dev, tier: 3, data_classification: public}}]
"""
_LISTENING = re.compile(r"reviews: https://127\.0\.0\.1:([0-9]+)/validate status: http://127\.0\.0\.1:([0-9]+)/")
OWNED = reviews.review(reviews.pod(owner="shop"))


class Server:
    """A server that runs, and what it has said."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.said: list[str] = []
        self._connections: list[http.client.HTTPConnection] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = self.status_port = 0

    def begin(self) -> None:
        """Wait until it listens."""
        found = self.until(lambda: _LISTENING.search("\n".join(self.said)))
        self.port, self.status_port = map(int, found.groups())

    def connect(self) -> http.client.HTTPSConnection:
        """A connection that trusts the certificate in the folder."""
        return self.connect_with(ssl.create_default_context(cafile=str(self.folder / "tls.crt")))

    def connect_with(self, context: ssl.SSLContext) -> http.client.HTTPSConnection:
        """A connection that is closed with the server."""
        made = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=TIMEOUT)
        self._connections.append(made)
        return made

    def close(self) -> None:
        """Stop the server by its process id, and close what is open."""
        for connection in self._connections:
            connection.close()
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self._reader.join(TIMEOUT)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def status(self, path: str) -> tuple[int, str]:
        """Status and text of ``/readyz`` and the like."""
        connection = http.client.HTTPConnection("127.0.0.1", self.status_port, timeout=TIMEOUT)
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        lines = self.status("/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(rf"{name}[ {{]", line))

    def until(self, holds: Callable[[], Any]) -> Any:
        """What ``holds`` gives once it is true."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            if found := holds():
                return found
            assert self.process.poll() is None or "ended" in "".join(self.said), self.said
            time.sleep(0.05)
        raise AssertionError("\n".join(self.said))

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip())


@pytest.fixture
def site(gateproof: Gateproof) -> Gateproof:
    """A folder with everything that a server needs."""
    made = gateproof("trust", "init", "trust", "--origin", "acme.example/door", "--person", "a@acme.example,engineer")
    root = re.search("sha256:[0-9a-f]{64}", made.out)
    assert root is not None, made.err
    gateproof.write("root", root[0])
    gateproof.write("gateproof.yaml", CONFIG.format(root=root[0]))
    gateproof.write("policies/labels.rego", reviews.RULE)
    write_certificate(gateproof.folder)
    return gateproof


GATEPROOF = (sys.executable, "-m", "gateproof")


@contextmanager
def serving(site: Gateproof, *options: str, command: Sequence[str] = GATEPROOF) -> Iterator[Server]:
    """A server of ``site``, which is stopped by its process id."""
    command = [*command, "serve", "--admission", "--config", "gateproof.yaml"]
    command += ["--listen", "127.0.0.1:0", "--status", "127.0.0.1:0", "--tls-cert", "tls.crt", "--tls-key", "tls.key"]
    process = subprocess.Popen(
        [*command, "--spool", "spool", "--grace", "0", *options],
        cwd=site.folder,
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process, site.folder)
    try:
        server.begin()
        yield server
    finally:
        server.close()


def ask(connection: http.client.HTTPSConnection, body: bytes, **changed: str) -> tuple[int, bytes]:
    """The answer to a review."""
    headers = {"Content-Type": "application/json", **changed}
    connection.request("POST", "/validate?timeout=5s", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def response(connection: http.client.HTTPSConnection, body: bytes) -> dict[str, Any]:
    """What was answered to a review."""
    status, raw = ask(connection, body)
    assert status == 200
    answer: dict[str, Any] = json.loads(raw)["response"]
    return answer


def logged(site: Gateproof) -> dict[str, str]:
    """Digest of each decision in the log, verified, to its line."""
    listed = site("log", "list", "store", "--root", (site.folder / "root").read_text())
    assert listed.code == 0, listed.err
    lines = listed.out.splitlines()
    return {lines[at + 1].strip(): lines[at].strip() for at in range(0, len(lines) - 1, 2)}


def test_a_server_judges_answers_and_leaves_evidence(site: Gateproof) -> None:
    with serving(site) as server:
        connection = server.connect()
        let_in, refused = response(connection, OWNED), response(connection, reviews.review())
        warned = response(connection, reviews.review(reviews.pod(namespace="dev-a")))
        dry = response(connection, reviews.review(uid="2", dryRun=True))
        assert [each["allowed"] for each in (let_in, refused, warned, dry)] == [True, False, True, False]
        assert ask(connection, b"{}")[0] == 400
        assert ask(connection, OWNED, **{"Content-Type": "text/plain"})[0] == 415
        assert server.status("/healthz") == (200, "ok\n")
        assert server.status("/readyz")[0] == 200
        assert server.metric("gateproof_admission_reviews_total") == 4
        server.until(lambda: server.metric("gateproof_spool_recorded_decisions") == 4)
        server.process.terminate()
        assert server.process.wait(TIMEOUT) == 0
    found = logged(site)
    assert set(found) == {each["auditAnnotations"]["decision"] for each in (let_in, refused, warned, dry)}
    assert "CREATE pods/shop/web" in found[refused["auditAnnotations"]["decision"]]
    verified = site("verify", "store", "--root", (site.folder / "root").read_text())
    assert verified.code == 0, verified.out + verified.err


def test_what_is_large_or_slow_is_refused_and_others_are_served(site: Gateproof) -> None:
    with serving(site, "--no-record") as server:
        large = server.connect()
        with suppress(OSError):  # the server may close while we still send
            status, _ = ask(large, b" " * (9 * 1024 * 1024))
            assert status == 413
        slow = server.connect()
        slow.putrequest("POST", "/validate")
        slow.putheader("Content-Length", "100")
        slow.endheaders(b"x")
        assert response(server.connect(), OWNED)["allowed"] is True
        assert "warning: nothing is recorded" in server.status("/readyz")[1]


def test_a_set_that_does_not_load_leaves_the_old_one_in_force(site: Gateproof) -> None:
    with serving(site, "--no-record") as server:
        connection = server.connect()
        assert response(connection, reviews.review())["allowed"] is False
        site.write("policies/labels.rego", "package labels\n\ndeny contains")
        server.until(lambda: server.metric("gateproof_policies_reload_failed") == 1)
        assert any("error: policies: what was in force stays" in line for line in server.said)
        status, text = server.status("/readyz")
        assert status == 200
        assert "warning: policies: what was in force stays" in text
        assert response(connection, reviews.review())["allowed"] is False
        site.write("policies/labels.rego", reviews.RULE.replace("input.metadata.labels.owner", "input.spec"))
        server.until(lambda: response(connection, reviews.review())["allowed"])
        server.until(lambda: server.metric("gateproof_policies_reload_failed") == 0)
        assert "warning: policies" not in server.status("/readyz")[1]


def test_a_certificate_is_renewed_and_a_wrong_one_is_not(site: Gateproof) -> None:
    with serving(site, "--no-record") as server:
        before = server.connect()
        assert response(before, OWNED)["allowed"] is True
        shown = ssl.get_server_certificate(("127.0.0.1", server.port))
        write_certificate(site.folder, hours=48)
        server.until(lambda: ssl.get_server_certificate(("127.0.0.1", server.port)) != shown)
        assert response(before, OWNED)["allowed"] is True
        assert response(server.connect(), OWNED)["allowed"] is True
        renewed = ssl.get_server_certificate(("127.0.0.1", server.port))
        site.write("tls.key", "no key")
        server.until(lambda: server.metric("gateproof_tls_reload_failed") == 1)
        assert ssl.get_server_certificate(("127.0.0.1", server.port)) == renewed
        assert "certificate: what was in force stays" in server.status("/readyz")[1]


def test_an_expired_certificate_is_not_ready(site: Gateproof) -> None:
    from datetime import UTC, datetime, timedelta

    write_certificate(site.folder, begins=datetime.now(UTC) - timedelta(hours=2), hours=1)
    with serving(site, "--no-record") as server:
        status, text = server.status("/readyz")
        assert status == 503
        assert "not ready: the certificate expired" in text
        assert server.status("/healthz")[0] == 200


def test_a_client_without_a_certificate_is_turned_away(site: Gateproof) -> None:
    with serving(site, "--no-record", "--client-ca", "tls.crt") as server:
        with pytest.raises(OSError, match=r"(?i)certificate|reset|closed|EOF"):
            response(server.connect(), OWNED)
        context = ssl.create_default_context(cafile=str(site.folder / "tls.crt"))
        context.load_cert_chain(site.folder / "tls.crt", site.folder / "tls.key")
        assert response(server.connect_with(context), OWNED)["allowed"] is True


def test_a_store_that_is_down_stops_no_review_and_loses_no_decision(site: Gateproof) -> None:
    site.write("store", "this is no folder")
    with pytest.raises(AssertionError, match="store"), serving(site):
        pass  # told before the first review comes
    (site.folder / "store").unlink()
    with serving(site) as server:
        connection = server.connect()
        first = response(connection, OWNED)
        server.until(lambda: server.metric("gateproof_spool_recorded_decisions") == 1)
        (site.folder / "store").rename(site.folder / "elsewhere")
        site.write("store", "this is no folder")
        more = [response(connection, reviews.review(reviews.pod(f"web-{n}", owner="shop"))) for n in range(20)]
        assert all(each["allowed"] for each in more)
        server.until(lambda: server.metric("gateproof_spool_drain_failed") == 1)
        assert "nothing gets into the log" in server.status("/readyz")[1]
        assert server.metric("gateproof_spool_bytes") > 0
        (site.folder / "store").unlink()
        (site.folder / "elsewhere").rename(site.folder / "store")
        server.until(lambda: server.metric("gateproof_spool_drain_failed") == 0)
    assert set(logged(site)) == {each["auditAnnotations"]["decision"] for each in (first, *more)}


def _more_than(found: dict[str, str], count: int) -> bool:
    return len(found) > count


def test_every_answered_review_has_its_evidence_after_kill_9(site: Gateproof) -> None:
    answered: dict[str, str] = {}
    sent = 0
    for turn in range(2):
        with serving(site) as server:
            ended = threading.Event()

            def load(number: int, server: Server = server, ended: threading.Event = ended, turn: int = turn) -> None:
                nonlocal sent
                connection = server.connect()
                with suppress(OSError, http.client.HTTPException):
                    for count in range(100_000):
                        body = reviews.review(reviews.pod(f"web-{turn}-{number}-{count}", owner="shop"))
                        sent += 1
                        answer = response(connection, body)
                        answered[canonical.digest(body)] = answer["auditAnnotations"]["decision"]
                ended.set()

            threads = [threading.Thread(target=load, args=(number,)) for number in range(6)]
            before = len(answered)
            for thread in threads:
                thread.start()
            server.until(partial(_more_than, answered, before + 150))
            os.kill(server.process.pid, signal.SIGKILL)
            for thread in threads:
                thread.join(TIMEOUT)
    assert sent >= len(answered) > 300
    drained = site("serve", "--drain", "--config", "gateproof.yaml", "--spool", "spool")
    # The drains of the servers that were killed may have had it until just now.
    while "another process" in drained.err:
        time.sleep(0.2)
        drained = site("serve", "--drain", "--config", "gateproof.yaml", "--spool", "spool")
    assert drained.code == 0, drained.err
    found = logged(site)
    assert set(answered.values()) <= set(found)
    # What was judged when the process died, and not answered, may have its evidence, too; nothing has it twice.
    assert len(found) <= sent
    assert len(site("log", "list", "store", "--root", (site.folder / "root").read_text()).out.splitlines()) == 2 * len(
        found
    )


def test_the_end_is_graceful(site: Gateproof) -> None:
    with serving(site, "--no-record", "--grace", "2") as server:
        connection = server.connect()
        assert response(connection, OWNED)["allowed"] is True
        server.process.terminate()
        server.until(lambda: server.status("/readyz")[0] == 503)
        assert "not ready: ending" in server.status("/readyz")[1]
        assert response(connection, OWNED)["allowed"] is True
        assert server.process.wait(TIMEOUT) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--admission", "--config", "missing.yaml"), ("missing.yaml",)),
        (("--admission", "--config", "gateproof.yaml", "--tls-cert", "missing.crt"), ("missing.crt",)),
        (("--admission", "--config", "gateproof.yaml", "--listen", "here"), ("--listen", "'here' is no address")),
        (("--admission", "--config", "gateproof.yaml", "--key", "trust/root.key"), ("sign as 'decision'",)),
        (("--admission", "--config", "gateproof.yaml", "--cluster", "--no-record"), ("no Pod of a cluster",)),
    ],
)
def test_a_server_that_cannot_begin_says_why(
    site: Gateproof, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert site("serve", "--spool", "spool", *arguments).refused(*words) == []
