"""The API server of the cluster that this process runs in, asked as the Pod's service account.

What a Pod finds is described in https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/: address in the
environment, token and CA in files, the token replaced by the kubelet before it expires.
"""

from __future__ import annotations

import http.client
import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from gateproof.errors import ConfigError, StoreError

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_MAX_BYTES = 64 * 1024 * 1024
"""Of a whole listing, not of a page: who lists more has no memory left to judge by it."""

_MAX_PAGES = 1_000
_SECONDS = 10
_PAGE = 500
_PLURAL = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_HINTS = {
    401: "let the token of the service account be mounted, and be renewed",
    403: "let the service account list it: `gateproof deploy kubernetes` writes the ClusterRole",
    404: "install what defines it, or correct group, version and plural: `kubectl api-resources` lists them",
}


class Cluster:
    """The API server at ``host``:``port``; ``account`` is the folder with token and CA."""

    def __init__(self, host: str, port: int, account: Path = ACCOUNT) -> None:
        self._host, self._port, self._account = host, port, account

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Every object of the collection at ``path`` (``/api/v1/namespaces``), page by page, with its kind.

        All of them are of one version of the collection, or none is given. Raises StoreError where the API server
        cannot be asked or refuses, answers with something else or with more than 64 MiB; ConfigError without a service
        account.
        """
        found: list[dict[str, Any]] = []
        more, left = "", _MAX_BYTES
        for _ in range(_MAX_PAGES):
            page, size = self._get(f"{path}?limit={_PAGE}{f'&continue={quote(more)}' if more else ''}", left)
            items, metadata = page.get("items"), page.get("metadata")
            if not isinstance(items, list) or not isinstance(metadata, dict) or not all(map(_is_object, items)):
                raise _no_list(path)
            said = {"apiVersion": page.get("apiVersion"), "kind": str(page.get("kind")).removesuffix("List")}
            found += [{**said, **item} for item in items]
            more = str(metadata.get("continue") or "")
            if not more:
                return found
            left -= size
        raise StoreError("the API server's list has no end", where=path, hint="check what serves there")

    def plurals(self, version: str) -> list[str]:
        """The collections of ``version`` (``GROUP/VERSION``) that can be listed, sorted. Raises as ``listed`` does."""
        path = f"/apis/{version}"
        served = self._get(path, _MAX_BYTES)[0].get("resources")
        if not isinstance(served, list) or not all(map(_is_object, served)):
            raise _no_list(path)
        named = {str(each.get("name")) for each in served if _can_be_listed(each)}
        if wrong := [name for name in named if not _PLURAL.fullmatch(name)]:
            raise StoreError(f"{wrong[0][:60]!r} is no collection", where=path, hint="check what serves there")
        return sorted(named)

    def _get(self, path: str, limit: int) -> tuple[dict[str, Any], int]:
        """The JSON object at ``path``, and how many bytes it takes, at most ``limit``."""
        try:
            token = (self._account / "token").read_text().strip()
            context = ssl.create_default_context(cafile=str(self._account / "ca.crt"))
        except OSError as error:
            raise ConfigError(
                f"the Pod has no usable service account: {error.strerror or error}",
                where=str(self._account),
                hint="let its token be mounted: automountServiceAccountToken: true",
            ) from None
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=_SECONDS, context=context)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
            response = connection.getresponse()
            raw = response.read(limit + 1)
        except (OSError, http.client.HTTPException) as error:
            raise StoreError(
                f"the API server cannot be asked: {error}", where=self._host, hint="check the network policy"
            ) from None
        finally:
            connection.close()
        if response.status != http.client.OK or len(raw) > limit:
            raise StoreError(
                f"the API server answers {response.status} with {_size(raw, limit)} bytes",
                where=path.partition("?")[0],
                hint=_HINTS.get(response.status, "see what the API server says; it is asked again in a moment"),
            )
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            value = None
        if not isinstance(value, dict):
            raise StoreError("the API server's answer is no JSON object", where=path, hint="check what serves there")
        return value, len(raw)


def _size(raw: bytes, limit: int) -> str:
    return f"more than {limit:,}" if len(raw) > limit else f"{len(raw):,}"


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _can_be_listed(resource: dict[str, Any]) -> bool:
    verbs = resource.get("verbs")
    return isinstance(verbs, list) and "list" in verbs


def _no_list(path: str) -> StoreError:
    return StoreError("the API server's answer is no list of objects", where=path, hint="check what serves there")
