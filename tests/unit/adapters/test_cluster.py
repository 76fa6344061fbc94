"""The API server, asked from within a Pod: page by page, and what is said when it does not answer."""

from __future__ import annotations

import http.client
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.server.certificates import write_certificate

from gateproof.adapters import cluster as adapter
from gateproof.adapters.cluster import Cluster
from gateproof.errors import ConfigError, GateproofError, StoreError
from gateproof.settings import cluster_address

LIST = {"apiVersion": "v1", "kind": "NamespaceList"}


class ApiServer:
    """Stands in for the connection: gives ``pages`` in turn, and keeps what it was asked."""

    def __init__(self, *pages: Any, status: int = 200) -> None:
        self._pages = list(pages)
        self._status = status
        self.asked: list[tuple[str, str]] = []

    def __call__(self, *_: object, **__: object) -> ApiServer:
        return self

    def request(self, method: str, path: str, headers: dict[str, str]) -> None:
        self.asked.append((f"{method} {path}", headers["Authorization"]))

    def getresponse(self) -> Any:
        page = self._pages.pop(0)
        if isinstance(page, Exception):
            raise page
        answer = io.BytesIO(page if isinstance(page, bytes) else json.dumps(page).encode())
        answer.status = self._status  # type: ignore[attr-defined]
        return answer

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def account(tmp_path: Path) -> Path:
    write_certificate(tmp_path)
    (tmp_path / "tls.crt").rename(tmp_path / "ca.crt")
    (tmp_path / "token").write_text("a token\n")
    return tmp_path


NAMESPACES = "/api/v1/namespaces"


def _listed(account: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setattr(http.client, "HTTPSConnection", server)
    return Cluster("10.0.0.1", 443, account).listed(NAMESPACES)


def test_pages(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ApiServer(
        {**LIST, "metadata": {"continue": "a b"}, "items": [{"n": 1}]},
        {**LIST, "metadata": {}, "items": [{"n": 2}]},
    )
    said = {"apiVersion": "v1", "kind": "Namespace"}
    assert _listed(account, server, monkeypatch) == [{**said, "n": 1}, {**said, "n": 2}]
    assert server.asked == [
        ("GET /api/v1/namespaces?limit=500", "Bearer a token"),
        ("GET /api/v1/namespaces?limit=500&continue=a%20b", "Bearer a token"),
    ]


@pytest.mark.parametrize(
    ("page", "status", "said"),
    [
        (b"no JSON", 200, "no JSON object"),
        ([], 200, "no JSON object"),
        ({"items": {}}, 200, "no list of objects"),
        ({"items": [{}, "none"], "metadata": {}}, 200, "no list of objects"),
        ({"items": [], "metadata": []}, 200, "no list of objects"),
        (b"[" * 100_000, 200, "no JSON object"),
        (b'{"items": [], "metadata": {}, "a": NaN}', 200, "no JSON object"),
        (b'{"items": [], "metadata": {}, "a": 1e999}', 200, "no JSON object"),
        (b'{"items": [], "metadata": {}, "a": "\xff"}', 200, "no JSON object"),
        ({}, 403, "answers 403"),
        ({}, 404, "answers 404"),
        (TimeoutError("timed out"), 200, "cannot be asked: timed out"),
        (http.client.BadStatusLine("x"), 200, "cannot be asked"),
    ],
)
def test_answers_that_are_none(
    account: Path, monkeypatch: pytest.MonkeyPatch, page: Any, status: int, said: str
) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        _listed(account, ApiServer(page, status=status), monkeypatch)
    assert caught.value.hint


@pytest.mark.parametrize("broken", [b'{"kind": "Status"}', TimeoutError("timed out"), {"items": "none"}])
def test_a_page_that_is_missing_leaves_no_list(account: Path, monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    first = {**LIST, "metadata": {"continue": "a"}, "items": [{"n": 1}]}
    with pytest.raises(StoreError):
        _listed(account, ApiServer(first, broken), monkeypatch)


def test_a_list_without_an_end(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = {**LIST, "metadata": {"continue": "a"}, "items": []}
    with pytest.raises(StoreError, match="no end"):
        _listed(account, ApiServer(*[page] * 1_001), monkeypatch)


def test_a_list_that_is_too_large(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_MAX_BYTES", 200)
    pages = [{**LIST, "metadata": {"continue": "a"}, "items": [{"n": number}]} for number in range(3)]
    with pytest.raises(StoreError, match=r"200 with more than [0-9]{1,2} bytes"):
        _listed(account, ApiServer(*pages), monkeypatch)


def test_collections_of_a_version(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = [
        {"name": "k8srequiredlabels/status", "verbs": ["get"]},
        {"name": "k8srequiredlabels", "verbs": ["delete", "list"]},
        {"name": "k8sallowedrepos", "verbs": ["list"]},
        {"name": "reviews", "verbs": ["create"]},
        {"name": "odd", "verbs": 1},
    ]
    server = ApiServer({"kind": "APIResourceList", "resources": served})
    monkeypatch.setattr(http.client, "HTTPSConnection", server)
    found = Cluster("10.0.0.1", 443, account).plurals("constraints.gatekeeper.sh/v1beta1")
    assert found == ["k8sallowedrepos", "k8srequiredlabels"]
    assert server.asked[0][0] == "GET /apis/constraints.gatekeeper.sh/v1beta1"


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ({}, 404),
        ({"resources": ["k8srequiredlabels"]}, 200),
        ({"resources": {}}, 200),
        ({"resources": [{"name": "../../v1/secrets", "verbs": ["list"]}]}, 200),
        ({"resources": [{"name": None, "verbs": ["list"]}]}, 200),
    ],
)
def test_versions_that_are_none(account: Path, monkeypatch: pytest.MonkeyPatch, page: Any, status: int) -> None:
    monkeypatch.setattr(http.client, "HTTPSConnection", ApiServer(page, status=status))
    with pytest.raises(StoreError) as caught:
        Cluster("10.0.0.1", 443, account).plurals("constraints.gatekeeper.sh/v1beta1")
    assert caught.value.hint


@pytest.mark.parametrize("missing", ["token", "ca.crt"])
def test_a_pod_without_an_account(account: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    (account / missing).unlink()
    with pytest.raises(ConfigError, match="service account") as caught:
        _listed(account, ApiServer(), monkeypatch)
    assert isinstance(caught.value, GateproofError)


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, None),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, ("10.0.0.1", 443)),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}, ("10.0.0.1", 6443)),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "tcp"}, None),
    ],
)
def test_where_the_api_server_is(environ: dict[str, str], address: tuple[str, int] | None) -> None:
    assert cluster_address(environ) == address
