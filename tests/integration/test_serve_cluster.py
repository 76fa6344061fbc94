"""`gateproof serve --admission --cluster`: policies that live in the cluster, and an API server that is in trouble."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.integration.conftest import Gateproof
from tests.integration.test_serve import Server, logged, response, serving
from tests.integration.test_serve import site as site
from tests.unit.server import reviews
from tests.unit.server.cluster_policies import Object, cluster_policy, exception

pytestmark = pytest.mark.integration

POLICIES = "kyverno.io/v1/clusterpolicies"
EXCEPTIONS = "kyverno.io/v2/policyexceptions"
TOKEN = "of the Pod"
RELOADS = "gateproof_policies_reloads_total"
FAILED = "gateproof_policies_reload_failed"


class ApiServer:
    """An API server that has Namespaces and policies, gives two objects a page, and fails when it is told to."""

    def __init__(self) -> None:
        self.has: dict[str, list[Object]] = {"/api/v1/namespaces": [reviews.namespace("shop")]}
        self.put(POLICIES)
        self.put(EXCEPTIONS)
        self.fails: Callable[[str], int] = lambda _: 200
        self.version = 0

    def put(self, collection: str, *objects: Object) -> None:
        """Let ``collection`` have these alone."""
        self.has[f"/apis/{collection}"] = list(objects)

    def answer(self, target: str) -> tuple[int, Any]:
        """Status and body."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        status = self.fails(target) if path in self.has else 404
        if status != 200:
            return status, {"kind": "Status", "code": status}
        self.version += 1
        begin = int(query.get("continue", ["0"])[0])
        page = [self._shown(one) for one in self.has[path][begin : begin + 2]]
        more = str(begin + 2) if begin + 2 < len(self.has[path]) else ""
        return 200, {
            "kind": "List",
            "metadata": {"continue": more, "resourceVersion": str(self.version)},
            "items": page,
        }

    def _shown(self, one: Object) -> Object:
        metadata = {**one["metadata"], "resourceVersion": str(self.version), "managedFields": [{"time": self.version}]}
        return {**one, "metadata": metadata, "status": {"seen": self.version}}


@contextmanager
def listening(api: ApiServer, folder: Path) -> Iterator[int]:
    """The port that ``api`` listens on, with the certificate in ``folder``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
            status, body = api.answer(self.path) if allowed else (401, {})
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def api(site: Gateproof) -> Iterator[ApiServer]:
    """An API server, and a site whose server is in a Pod of its cluster and judges by its policies alone."""
    text = (site.folder / "gateproof.yaml").read_text()
    text = text.replace("paths: [policies]", "paths: []")
    site.write("gateproof.yaml", f"{text}  policies: [{POLICIES}, {EXCEPTIONS}]\n")
    shutil.rmtree(site.folder / "policies")
    site.write("account/token", TOKEN)
    shutil.copy(site.folder / "tls.crt", site.folder / "account" / "ca.crt")
    made = ApiServer()
    with listening(made, site.folder) as port:
        site.environment |= {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(port)}
        yield made


def in_pod(site: Gateproof, *options: str) -> AbstractContextManager[Server]:
    """A server that runs in a Pod."""
    command = (sys.executable, str(Path(__file__).with_name("in_pod.py")), str(site.folder / "account"))
    return serving(site, "--cluster", *options, command=command)


def allows(server: Server, **labels: str) -> bool:
    """Whether a Pod with these labels is let in."""
    allowed: bool = response(server.connect(), reviews.review(reviews.pod(**labels)))["allowed"]
    return allowed


def settled(server: Server) -> None:
    """Wait until files that may have changed before they were looked at are loaded once more."""
    server.until(lambda: server.metric(RELOADS) == 2)


def test_policies_change_while_it_runs_and_evidence_has_them(site: Gateproof, api: ApiServer) -> None:
    api.put(POLICIES, cluster_policy("owned"))
    with in_pod(site) as server:
        assert not allows(server)
        assert allows(server, owner="shop")
        api.put(POLICIES, *(cluster_policy(f"owned-{label}", label) for label in ("owner", "team", "tier")))
        server.until(lambda: not allows(server, owner="shop"))
        assert allows(server, owner="shop", team="a", tier="1")
        api.put(EXCEPTIONS, exception("old", "owned-team"))
        server.until(lambda: allows(server, owner="shop", tier="1"))
        digests = {found[0] for line in server.said if (found := re.search(r"bundle sha256:[0-9a-f]{64}", line))}
        assert len(digests) == 3
        assert digests & set(server.status("/readyz")[1].splitlines()[-1].split(", "))
    # Nothing of the cluster is there any more.
    api.has.clear()
    recorded = logged(site)
    assert sum("DENY" in line for line in recorded.values()) >= 2
    replayed = site("replay", "--all", "--evidence", "store", "--root", (site.folder / "root").read_text())
    assert replayed.code == 0, replayed.out + replayed.err
    assert replayed.out.count("same bytes") == len(recorded)


def test_only_what_lasts_is_a_change(site: Gateproof, api: ApiServer) -> None:
    api.put(POLICIES, *(cluster_policy(f"owned-{number}") for number in range(5)))
    with in_pod(site, "--no-record") as server:
        settled(server)
        before = api.version
        server.until(lambda: api.version > before + 30)
        api.put(POLICIES, *reversed(api.has[f"/apis/{POLICIES}"]))
        before = api.version
        server.until(lambda: api.version > before + 60)
        assert server.metric(RELOADS) == 2
        assert not [line for line in server.said if "changed" in line]


def test_what_does_not_load_leaves_the_old_set_in_force(site: Gateproof, api: ApiServer) -> None:
    api.put(POLICIES, cluster_policy("owned"))
    with in_pod(site, "--no-record") as server:
        broken = cluster_policy("broken")
        broken["spec"]["rules"][0]["match"] = {"any": [{"nobody": "knows this"}]}
        api.put(POLICIES, cluster_policy("teamed", "team"), broken)
        server.until(lambda: server.metric(FAILED) == 1)
        status, text = server.status("/readyz")
        assert status == 200
        assert "warning: policies: what was in force stays" in text
        assert "broken" in text
        assert allows(server, owner="shop")
        assert not allows(server, team="a")
        api.put(POLICIES, cluster_policy("teamed", "team"))
        server.until(lambda: server.metric(FAILED) == 0)
        assert "warning: policies" not in server.status("/readyz")[1]
        assert allows(server, team="a")


def test_what_did_not_load_is_tried_again(site: Gateproof, api: ApiServer) -> None:
    api.put(POLICIES, cluster_policy("owned"))
    with in_pod(site, "--no-record") as server:
        settled(server)
        api.fails = lambda _: 500
        site.write("gateproof.yaml", f"{(site.folder / 'gateproof.yaml').read_text()}# changed\n")
        server.until(lambda: any("error: policies: what was in force stays" in line for line in server.said))
        assert server.metric(RELOADS) == 2
        api.fails = lambda _: 200
        server.until(lambda: server.metric(RELOADS) == 3)
        server.until(lambda: server.metric(FAILED) == 0)


def test_the_last_policy_stays_in_force_when_it_is_deleted(site: Gateproof, api: ApiServer) -> None:
    api.put(POLICIES, cluster_policy("owned"))
    with in_pod(site, "--no-record") as server:
        api.put(POLICIES)
        server.until(lambda: server.metric(FAILED) == 1)
        assert "nothing could ever be decided" in server.status("/readyz")[1]
        assert not allows(server)


def _later_pages(target: str) -> int:
    return 500 if "continue" in target else 200


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(_later_pages, id="a page"),
        pytest.param(lambda target: 404 if POLICIES in target else 200, id="not there"),
        pytest.param(lambda target: 403 if POLICIES in target else 200, id="not allowed"),
        pytest.param(lambda target: 410 if "continue" in target else 200, id="expired"),
    ],
)
def test_a_listing_that_fails_is_not_an_empty_one(site: Gateproof, api: ApiServer, fails: Callable[[str], int]) -> None:
    api.put(POLICIES, *(cluster_policy(f"owned-{number}") for number in range(3)), cluster_policy("teamed", "team"))
    with in_pod(site, "--no-record") as server:
        settled(server)
        api.fails = fails
        server.until(lambda: server.metric(FAILED) == 1)
        assert "warning: policies of the cluster: what was in force stays" in server.status("/readyz")[1]
        assert server.status("/readyz")[0] == 200
        assert not allows(server, owner="shop")
        api.fails = lambda _: 200
        server.until(lambda: server.metric(FAILED) == 0)
        assert "warning: policies" not in server.status("/readyz")[1]
        assert server.metric(RELOADS) == 2


def test_a_server_without_the_policies_of_its_cluster_does_not_begin(site: Gateproof, api: ApiServer) -> None:
    def refused(*words: str) -> None:
        with pytest.raises(AssertionError) as caught, in_pod(site, "--no-record"):
            pass
        assert not [word for word in words if word not in str(caught.value)], caught.value

    refused("no policy judges Kubernetes objects")
    api.put(POLICIES, cluster_policy("owned"), cluster_policy("teamed", "team"), cluster_policy("tiered", "tier"))
    api.fails = _later_pages
    refused("answers 500", POLICIES)
    del api.has[f"/apis/{EXCEPTIONS}"]
    api.fails = lambda _: 200
    refused("answers 404", EXCEPTIONS)
    site.write("account/token", "another")
    refused("answers 401", "service account")
    outside = site("serve", "--admission", "--config", "gateproof.yaml", "--no-record")
    assert outside.refused("admission.policies names policies of a cluster", "--cluster") == []
