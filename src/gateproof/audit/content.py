"""What of an object was decided by who asked for it, and not filled in afterwards: the part that can drift.

A validating webhook sees an object after defaults and mutating webhooks, nearly as it is stored. What differs later
although nobody passed the gate anew is left out:

- ``status``, and of the metadata what the API server keeps: ``resourceVersion``, ``generation``, ``uid``,
  ``creationTimestamp``, ``managedFields``, ``selfLink``, ``deletionTimestamp``, ``deletionGracePeriodSeconds``,
  ``finalizers``; ``kubectl``'s copy of the manifest;
- what subresources write that the gate is not asked about: ``spec.replicas`` of what can be scaled, a Pod's
  ``spec.nodeName`` and its labels ``topology.kubernetes.io/…``, which binding sets, ``spec`` of a Namespace;
- values of Secrets, which are redacted before judging: that they are there counts;
- null, which to a cluster is nothing.

Ephemeral containers and resized containers stay: the gate is asked about the first and should be about the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateproof.documents.interface import Path
from gateproof.inputs.redact import is_redacted

_KEPT_BY_SERVER = frozenset(
    (
        *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generation"),
        *("managedFields", "resourceVersion", "selfLink", "uid"),
    )
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TOPOLOGY = "topology.kubernetes.io/"
_SCALED = frozenset(
    (("", "ReplicationController"), *(("apps", kind) for kind in ("Deployment", "ReplicaSet", "StatefulSet")))
)
_HIDDEN = "redacted"


def content(object: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``object`` (JSON values) without what is left out. Two contents are equal when nothing has drifted."""
    group, kind = str(object.get("apiVersion", "")).rpartition("/")[0], object.get("kind")
    kept = {name: _without_nulls(value) for name, value in object.items() if name != "status" and value is not None}
    metadata = kept.get("metadata")
    if isinstance(metadata, dict):
        kept["metadata"] = _metadata(metadata, is_pod=(group, kind) == ("", "Pod"))
    spec = kept.get("spec")
    if isinstance(spec, dict):
        if (group, kind) in _SCALED:
            spec.pop("replicas", None)
        elif (group, kind) == ("", "Pod"):
            spec.pop("nodeName", None)
        elif (group, kind) == ("", "Namespace"):
            del kept["spec"]
    return kept


def differences(one: Any, other: Any) -> Iterator[str]:
    """Paths at which two contents differ, as people write them: ``spec.containers[0].image``."""
    for path in _differences(one, other, ()):
        yield "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _differences(one: Any, other: Any, path: Path) -> Iterator[Path]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys((*one, *other)):
            if name not in one or name not in other:
                yield (*path, name)
            else:
                yield from _differences(one[name], other[name], (*path, name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, (*path, index))
    elif one != other or isinstance(one, bool) is not isinstance(other, bool):
        yield path


def _metadata(metadata: dict[str, Any], *, is_pod: bool) -> dict[str, Any]:
    kept = {name: value for name, value in metadata.items() if name not in _KEPT_BY_SERVER}
    for name, drops in (("annotations", _is_copy), ("labels", _is_topology if is_pod else None)):
        found = kept.get(name)
        if isinstance(found, dict):
            kept[name] = {key: value for key, value in found.items() if not (drops and drops(key))}
            if not kept[name]:  # none left is as good as none there
                del kept[name]
    return kept


def _is_copy(annotation: str) -> bool:
    return annotation == _LAST_APPLIED


def _is_topology(label: str) -> bool:
    return label.startswith(_TOPOLOGY)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(child) for name, child in value.items() if child is not None}
    if isinstance(value, list):
        return [_without_nulls(child) for child in value]
    return _HIDDEN if is_redacted(value) else value
