"""What is known from outside of a request: ConfigMaps, answers of API servers and registries, and global context.

The fact ``kyverno-context`` has any of these members:

- ``apiCalls``: ``{"urlPath": …, "method": "GET", "data": {…}, "answer": …}`` each, ``data`` only for POST;
- ``globalContext``: name → value, ``name.projection`` for a projection;
- ``imageRegistry``: reference → what Kyverno makes of the image (``manifest``, ``configData`` …).

The snapshot of a cluster, which Gatekeeper's constraints read too, answers for ConfigMaps and for GET of an object, or
of all of a kind. That it has none of a kind is no answer: it may be a snapshot of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.cluster_facts import KYVERNO_CONTEXT as FACT
from gateproof.engines.kyverno.jmespath.values import equal
from gateproof.engines.kyverno.scope import UnansweredError
from gateproof.inputs.api_resources import defined, resource_of
from gateproof.inputs.context import Fact


class Request(msgspec.Struct, frozen=True):
    """What is asked of an API server; ``data`` is sent with POST."""

    method: str
    url: str
    data: dict[str, Any] | None = None


class Answers:
    """Lookups of what Facts and manifests say; each raises UnansweredError for what is not there."""

    def __init__(self, facts: Mapping[str, Fact], manifests: Sequence[Any] = ()) -> None:
        self.facts = facts
        self.manifests = manifests

    def config_map(self, namespace: str, name: str) -> dict[str, Any]:
        """The ConfigMap's ``data`` and ``metadata``. What the snapshot has, no manifest of the change can replace."""
        found = self._config_maps.get((namespace, name))
        if found is None:
            raise UnansweredError(f"there is no ConfigMap {namespace}/{name} among the manifests and facts")
        return {"data": found.get("data"), "metadata": found.get("metadata")}

    def api(self, request: Request) -> Any:
        """The answer to a request."""
        for call in self._list("apiCalls"):
            if (
                isinstance(call, dict)
                and call.get("urlPath") == request.url
                and call.get("method", "GET") == request.method
                and equal(call.get("data"), request.data)
                and "answer" in call
            ):
                return call["answer"]
        if request.method == "GET":
            found = _snapshot(self.facts.get(INVENTORY)).answers.get(request.url)
            if found is not None:
                return found
        raise UnansweredError(f"no fact has the answer to {request.method} {request.url}")

    def global_context(self, name: str) -> Any:
        """An entry of the global context."""
        entries = self._map("globalContext")
        if name not in entries:
            raise UnansweredError(f"no fact has the global context {name}")
        return entries[name]

    def image(self, reference: str) -> Any:
        """What is known of an image."""
        images = self._map("imageRegistry")
        if reference not in images:
            raise UnansweredError(f"no fact has what registries say of {reference}")
        return images[reference]

    def _map(self, key: str) -> Mapping[str, Any]:
        value = self._value.get(key)
        return value if isinstance(value, dict) else {}

    def _list(self, key: str) -> list[Any]:
        value = self._value.get(key)
        return value if isinstance(value, list) else []

    @property
    def _value(self) -> Mapping[str, Any]:
        fact = self.facts.get(FACT)
        return fact.value if fact is not None and isinstance(fact.value, dict) else {}

    @cached_property
    def _config_maps(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {**_config_maps(self.manifests), **_snapshot(self.facts.get(INVENTORY)).config_maps}


class _Snapshot:
    """The objects of a cluster by what they are asked for."""

    def __init__(self, objects: Any) -> None:
        items = objects.get("items") if isinstance(objects, dict) else objects
        self._objects = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []

    @cached_property
    def config_maps(self) -> dict[tuple[str, str], dict[str, Any]]:
        """ConfigMaps by namespace and name."""
        return _config_maps(self._objects)

    @cached_property
    def answers(self) -> dict[str, Any]:
        """URL → an object, or the list of all objects that it is of."""
        found: dict[str, Any] = {}
        custom = defined(self._objects)
        for one in self._objects:
            version, kind = str(one.get("apiVersion")), str(one.get("kind"))
            namespace, name = _place(one)
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            plural = resource_of(version.rpartition("/")[0], kind, custom).plural
            urls = [f"{root}/{plural}"]
            if namespace:
                urls.append(f"{root}/namespaces/{namespace}/{plural}")
            for url in urls:
                members = found.setdefault(url, {"apiVersion": version, "kind": f"{kind}List", "items": []})
                members["items"].append(one)
            found[f"{urls[-1]}/{name}"] = one
        return found


_latest: list[tuple[Fact, _Snapshot]] = []
"""The fact that was read last: a snapshot is large, and all policies ask for the same."""


def _snapshot(fact: Fact | None) -> _Snapshot:
    if fact is None:
        return _Snapshot(())
    for known, snapshot in _latest:
        if known is fact:
            return snapshot
    _latest[:] = [(fact, _Snapshot(fact.value))]
    return _latest[0][1]


def _config_maps(objects: Iterable[Any]) -> dict[tuple[str, str], dict[str, Any]]:
    maps = {}
    for one in objects:
        if isinstance(one, dict) and one.get("kind") == "ConfigMap" and one.get("apiVersion") == "v1":
            namespace, name = _place(one)
            maps[namespace or "default", name] = one
    return maps


def _place(value: Mapping[str, Any]) -> tuple[str, str]:
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
