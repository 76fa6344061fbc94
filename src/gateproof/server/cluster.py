"""What a cluster has, listed again and again: its Namespaces, the objects that policies look up, and policies.

Policies are listed until two listings in a row say the same. Each collection is read at a time of its own; when none
has changed from its first reading to its second, all of them were so at one time. Half of an update is never judged by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from gateproof import wiring
from gateproof.adapters.cluster import Cluster
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.errors import DocumentError, StoreError
from gateproof.inputs.context import Fact
from gateproof.server.placement import Namespaces, by_name

_API_SERVER = "the API server"
_MAX_AGE = 300
"""Seconds for which what was seen of a cluster counts."""

_MOST_LISTINGS = 5
_LASTING = ("name", "namespace", "labels", "annotations")
"""What is said about an object by whoever wrote it."""

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}
"""Characters that JSON takes as they are and YAML does not, or not as text on one line."""


class Seen(msgspec.Struct, frozen=True):
    """What a cluster has: its Namespaces, and the objects that policies look up, if any, as a Fact."""

    namespaces: Namespaces = Namespaces()
    inventory: Fact | None = None


class Watch:
    """Lists what a cluster has, again and again."""

    def __init__(self, cluster: Cluster, now: Callable[[], str] = wiring.now) -> None:
        self._cluster = cluster
        self._now = now
        self._last: Fact | None = None
        self._policies: dict[str, str] = {}

    def look(self, collections: Sequence[str]) -> Seen:
        """The Namespaces, and the objects of ``collections`` (``v1/configmaps``). Raises StoreError and ConfigError.

        As long as nothing has changed, the fact stays the one that it was until half of its age: decisions cite it, and
        each that is another one is kept.
        """
        at = self._now()
        found = by_name(self._cluster.listed("/api/v1/namespaces"))
        namespaces = Namespaces(objects=found, source=_API_SERVER, observed_at=at, max_age=_MAX_AGE)
        if not collections:
            return Seen(namespaces)
        objects = [_lasting(one) for each in collections for one in self._cluster.listed(_path(each))]
        fact = Fact(name=INVENTORY, source=_API_SERVER, observed_at=at, max_age=_MAX_AGE, value=objects)
        last = self._last
        young = last is not None and (instant(at) - instant(last.observed_at)).total_seconds() < _MAX_AGE / 2
        if last is None or not young or last.value != objects:
            self._last = fact
        return Seen(namespaces, self._last)

    def policies(self, collections: Sequence[str]) -> dict[str, str]:
        """The policies in ``collections`` (``kyverno.io/v1/clusterpolicies``) as they were at one time, name to text.

        Raises StoreError where they cannot be listed, are none, or change all the time; ConfigError.
        """
        before = self._listed(collections)
        for _ in range(_MOST_LISTINGS):
            found = self._listed(collections)
            if found == before:
                self._policies = found
                return found
            before = found
        raise StoreError(
            "the policies change while they are listed", where=_API_SERVER, hint="they are listed again in a moment"
        )

    def has_changed(self, collections: Sequence[str]) -> bool:
        """Whether ``policies`` would give others than it last gave. Raises the same."""
        return self._listed(collections) != self._policies

    def _listed(self, collections: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for collection in dict.fromkeys(each for spelled in collections for each in self._resolved(spelled)):
            version = "/".join(collection.split("/")[:2])
            for one in self._cluster.listed(_path(collection)):
                name, text = _source(collection, version, one)
                if name in found:
                    raise StoreError(f"{name} is listed twice", where=collection, hint="name each collection once")
                found[name] = text
        return dict(sorted(found.items()))

    def _resolved(self, collection: str) -> Iterator[str]:
        """The collections that are meant: with ``*``, all that are served of a version."""
        version, _, plural = collection.rpartition("/")
        yield from (f"{version}/{each}" for each in self._cluster.plurals(version)) if plural == "*" else (collection,)


def _path(collection: str) -> str:
    return f"/{'apis' if collection.count('/') > 1 else 'api'}/{collection}"


def _lasting(one: dict[str, Any]) -> dict[str, Any]:
    """An object without what changes by itself."""
    metadata = one.get("metadata")
    if not isinstance(metadata, dict):
        return one
    kept = {key: value for key, value in metadata.items() if key not in ("managedFields", "resourceVersion")}
    return {**one, "metadata": kept}


def _source(collection: str, version: str, one: dict[str, Any]) -> tuple[str, str]:
    """Name and text of a policy as those who wrote it have it: JSON that is YAML, too. Raises StoreError."""
    metadata = one.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, namespace, annotations = metadata.get("name"), metadata.get("namespace", ""), metadata.get("annotations")
    if not (isinstance(name, str) and name and isinstance(namespace, str) and one.get("apiVersion") == version):
        raise StoreError(
            f"{str(name)[:60]!r} of {str(one.get('apiVersion'))[:60]} is no object of this collection",
            where=collection,
            hint="check what serves there",
        )
    if isinstance(annotations, dict):
        annotations = {key: value for key, value in annotations.items() if key != _APPLIED}
    said = {key: value for key in _LASTING if (value := {**metadata, "annotations": annotations}.get(key))}
    kept = {key: value for key, value in one.items() if key != "status"} | {"metadata": said}
    try:
        text = msgspec.json.format(canonical.encode(kept), indent=1).decode().translate(_ESCAPED)
    except DocumentError as error:
        raise StoreError(error.message, where=f"{collection} {name[:60]}", hint="correct the policy") from None
    folder = collection if not namespace else f"{version}/{collection.rpartition('/')[2]}/{quote(namespace, safe='')}"
    return f"cluster/{folder}/{quote(name, safe='')}.yaml", f"{text}\n"
