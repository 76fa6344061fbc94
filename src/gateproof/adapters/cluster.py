"""The API server of the cluster that this process runs in, asked as the Pod's service account.

What a Pod finds is described in https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/: address in the
environment, token and CA in files, the token replaced by the kubelet before it expires.
"""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateproof.errors import ConfigError, StoreError

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_MAX_BYTES = 64 * 1024 * 1024
_SECONDS = 10
_PAGE = 500


class Cluster:
    """The API server at ``host``:``port``; ``account`` is the folder with token and CA."""

    def __init__(self, host: str, port: int, account: Path = ACCOUNT) -> None:
        self._host, self._port, self._account = host, port, account

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Every object of the collection at ``path`` (``/api/v1/namespaces``), page by page, with its kind.

        Raises StoreError where the API server cannot be asked or refuses, ConfigError without a service account.
        """
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            page = self._get(f"{path}?limit={_PAGE}{f'&continue={quote(more)}' if more else ''}")
            items, metadata = page.get("items"), page.get("metadata")
            if not isinstance(items, list) or not isinstance(metadata, dict):
                raise StoreError("the API server's answer is no list", where=path, hint="check what serves there")
            said = {"apiVersion": page.get("apiVersion"), "kind": str(page.get("kind")).removesuffix("List")}
            found += [{**said, **item} for item in items if isinstance(item, dict)]
            more = str(metadata.get("continue") or "")
            if not more:
                return found

    def _get(self, path: str) -> dict[str, Any]:
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
            raw = response.read(_MAX_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise StoreError(
                f"the API server cannot be asked: {error}", where=self._host, hint="check the network policy"
            ) from None
        finally:
            connection.close()
        if response.status != http.client.OK or len(raw) > _MAX_BYTES:
            raise StoreError(
                f"the API server answers {response.status} with {len(raw):,} bytes",
                where=path.partition("?")[0],
                hint="give the service account get and list on namespaces",
            )
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise StoreError("the API server's answer is no JSON object", where=path, hint="check what serves there")
        return value
