"""``data.inventory``: objects of the cluster as templates read them.

Objects of namespaces are at ``namespace[NAMESPACE][GROUP_VERSION][KIND][NAME]``, those of the cluster at
``cluster[GROUP_VERSION][KIND][NAME]`` (https://open-policy-agent.github.io/gatekeeper/website/docs/sync).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gateproof.catalog.cluster_facts import INVENTORY, NAMESPACE
from gateproof.engines.gatekeeper.review import Namespaces, namespaces_in, text_of
from gateproof.errors import EvaluationError
from gateproof.inputs.context import Fact


def inventory(objects: Iterable[Any]) -> dict[str, Any]:
    """The inventory of ``objects``. Raises EvaluationError for one without apiVersion, kind and name."""
    found: dict[str, Any] = {}
    for value in objects:
        if not isinstance(value, dict):
            raise EvaluationError("an object of the inventory is no object")
        version, kind = value.get("apiVersion"), value.get("kind")
        name, namespace = text_of(value, "name"), text_of(value, "namespace")
        if not (isinstance(version, str) and isinstance(kind, str) and version and kind):
            raise EvaluationError("an object of the inventory has no apiVersion and kind")
        below = found.setdefault("namespace", {}).setdefault(namespace, {}) if namespace else None
        below = found.setdefault("cluster", {}) if below is None else below
        below.setdefault(version, {}).setdefault(kind, {})[name] = value
    return found


class Cluster(NamedTuple):
    """What is known of a cluster: ``data.inventory``, and its Namespaces by name."""

    inventory: Mapping[str, Any]
    namespaces: Namespaces


_NOTHING = Cluster({}, {})
_snapshots: list[tuple[Fact, Cluster]] = []
_latest: list[tuple[Fact | None, Fact, Cluster]] = []
"""What was read last: a snapshot of a cluster is large, and all constraints ask for the same."""


def cluster(facts: Mapping[str, Fact]) -> Cluster:
    """What the facts about the cluster say. Raises EvaluationError for those that say something else.

    The value of ``INVENTORY`` is a list of objects, or a List of them as ``kubectl get -o json`` gives it; that of
    ``NAMESPACE`` is one Namespace.
    """
    snapshot, namespace = facts.get(INVENTORY), facts.get(NAMESPACE)
    known = _snapshot(snapshot) if snapshot else _NOTHING
    if namespace is None:
        return known
    for one, other, found in _latest:
        if one is snapshot and other is namespace:
            return found
    more = {**known.namespaces, **namespaces_in([namespace.value])}
    _latest[:] = [(snapshot, namespace, Cluster(known.inventory, more))]
    return _latest[0][2]


def _snapshot(fact: Fact) -> Cluster:
    for known, found in _snapshots:
        if known is fact:
            return found
    objects = fact.value.get("items") if isinstance(fact.value, dict) else fact.value
    if not isinstance(objects, list):
        raise EvaluationError(
            f"the fact {fact.name} is no list of objects", hint="write what `kubectl get -o json` says"
        )
    _snapshots[:] = [(fact, Cluster(inventory(objects), namespaces_in(objects)))]
    return _snapshots[0][1]
