"""Kubernetes manifests → Input and resources: YAML streams, JSON, lists, what Helm and Kustomize render.

Objects are told by ``apiVersion`` and ``kind``. Lists are flattened as kubectl does: a kind that ends
in List and has ``items`` is one, and an item that names neither its kind nor its version takes them from the list
(https://github.com/kubernetes/apimachinery, ``UnstructuredJSONScheme``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gateproof.documents.interface import Document, Path, Place
from gateproof.errors import InputError
from gateproof.inputs.input import Input, Remark, Resource
from gateproof.inputs.redact import Redactor

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_TEMPLATE = ("spec", "template", "spec")
_POD_PATHS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""(API group, kind) → where its PodSpec stands; the pod's metadata stands beside it.

A kind that is not here is taken for a workload when it has containers where most have them: a Rollout of Argo, say.
"""


def is_object(value: object) -> bool:
    """Whether ``value`` is an object that says its apiVersion and kind."""
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) and value[name] for name in ("apiVersion", "kind")
    )


def read(
    stream: Sequence[Document], redactor: Redactor
) -> tuple[tuple[dict[str, Any], ...], tuple[Place, ...], tuple[Remark, ...]]:
    """Flatten a stream of manifests and redact its Secrets.

    Returns the objects, where each stands in the stream, and the reader's notes. Raises InputError, naming the
    document, when one of them is no Kubernetes object. What is given is not changed: YAML aliases share values.
    """
    objects: list[dict[str, Any]] = []
    places: list[Place] = []
    remarks: list[Remark] = []
    for document in stream:
        first = len(objects)
        for path, found in _flatten(document):
            objects.append(redacted(found, len(objects), redactor))
            places.append((document.index, path))
        remarks.extend(_remarks(document, first, places))
    return tuple(objects), tuple(places), tuple(remarks)


def _flatten(document: Document) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each object of one document, with its path, in order; lists in lists are flattened too."""
    work: list[tuple[Path, Any, str, str]] = [((), document.value, "", "")]
    while work:
        path, value, version, kind = work.pop()
        if kind and isinstance(value, dict) and "kind" not in value and "apiVersion" not in value:
            value = {"apiVersion": version, "kind": kind, **value}
        if not is_object(value):
            raise InputError(_complaint(document.index, path, value), hint=_hint(value))
        items = value.get("items")
        if not isinstance(items, list):
            if items is not None and value["kind"].endswith("List") and "spec" not in value:
                raise InputError(
                    f"{_where(document.index, path)}.items is no list, so what is in it cannot be judged",
                    hint="make items a list of objects",
                )
            yield path, value
            continue
        if not value["kind"].endswith("List"):
            # kubectl would take it for a list and a server for an object: each would see what the other does not.
            raise InputError(
                f"{_where(document.index, path)} has items, but its kind is not that of a list",
                hint="remove the items, or make it a List",
            )
        kind = value["kind"].removesuffix("List")
        work.extend(
            ((*path, "items", index), items[index], value["apiVersion"], kind) for index in reversed(range(len(items)))
        )


def _where(index: int, path: Path) -> str:
    return f"document {index + 1}" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _complaint(index: int, path: Path, value: object) -> str:
    where = _where(index, path)
    if not isinstance(value, dict):
        return f"{where} is not an object, so it is no Kubernetes object"
    missing = [name for name in ("apiVersion", "kind") if not (isinstance(value.get(name), str) and value[name])]
    return f"{where} has no {' and no '.join(missing)}, so it is no Kubernetes object"


def _hint(value: object) -> str:
    if isinstance(value, dict) and {"NAME", "NOTES", "MANIFEST", "HOOKS", "LAST DEPLOYED"} & value.keys():
        return "this is Helm's report about a release: pass what `helm template` prints"
    return "pass manifests alone; every document needs apiVersion and kind"


def _remarks(document: Document, first: int, places: list[Place]) -> Iterator[Remark]:
    """The reader's notes on a document, each at the flattened object that it belongs to.

    A note on a list itself is put at the first object that came out of it.
    """
    objects = {path: index for index, (_, path) in enumerate(places[first:], first)}
    for note in document.notes:
        depth = next((n for n in range(len(note.path) + 1) if note.path[:n] in objects), 0)
        yield Remark(objects.get(note.path[:depth], first), note.path[depth:], note.message)


def redacted(object: dict[str, Any], index: int, redactor: Redactor, base: Path = ()) -> dict[str, Any]:
    """A Secret without its values, and without the copy of them that ``kubectl apply`` leaves in an annotation.

    Anything else as it is. The object stands at ``base`` in document ``index``.
    """
    if object["kind"] != "Secret":
        return object
    shown = dict(object)
    for name in ("data", "stringData"):
        if name in shown:
            shown[name] = redactor.hide(shown[name], index, (*base, name))
    metadata = shown.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(annotations, dict) and _LAST_APPLIED in annotations:
        path = (*base, "metadata", "annotations", _LAST_APPLIED)
        copy = redactor.hide(annotations[_LAST_APPLIED], index, path)
        shown["metadata"] = {**metadata, "annotations": {**annotations, _LAST_APPLIED: copy}}
    return shown


def resources(subject: Input) -> tuple[Resource, ...]:
    """One Resource for each object, in order. Its view has

    - ``address``: ``apps/v1/Deployment/<namespace>/<name>``, without the namespace where the object names none; a
      generated name is its prefix and ``*``;
    - ``kind``, ``apiVersion``, ``group`` (empty for the core group), ``version``, ``namespace`` and ``name`` (empty
      when missing), ``labels`` and ``annotations`` (empty when missing);
    - ``object``: the whole;
    - ``pod``: the PodSpec that the object is or makes, ``pod_path``: its path as a list, ``pod_labels``; null for
      kinds that have none.

    A part of a wrong type is null: ``pod_path`` without ``pod`` means a workload whose PodSpec cannot be read.
    """
    return tuple(_resource(index, value) for index, value in enumerate(subject.documents))


def _resource(index: int, value: dict[str, Any]) -> Resource:
    group, _, version = value["apiVersion"].rpartition("/")
    metadata = _object(value, "metadata")
    namespace, name = _text(metadata, "namespace"), _text(metadata, "name")
    generated = _text(metadata, "generateName")
    shown = name or (f"{generated}*" if generated else "?")
    resource_type = f"{value['apiVersion']}/{value['kind']}"
    address = "/".join(part for part in (resource_type, namespace, shown) if part)
    pod_path = _POD_PATHS.get((group, value["kind"])) or _template(value)
    pod = pod_labels = None
    if pod_path:
        owner: dict[str, Any] | None = value
        for step in pod_path[:-1]:
            owner = _object(owner, step)
        pod = _object(owner, pod_path[-1]) if owner and owner.get(pod_path[-1]) is not None else None
        pod_labels = _object(_object(owner, "metadata"), "labels")
    view = {
        "address": address,
        "kind": value["kind"],
        "apiVersion": value["apiVersion"],
        "group": group,
        "version": version,
        "namespace": namespace,
        "name": name,
        "labels": _object(metadata, "labels"),
        "annotations": _object(metadata, "annotations"),
        "object": value,
        "pod": pod,
        "pod_path": list(pod_path) if pod_path else None,
        "pod_labels": pod_labels,
    }
    return Resource(address, resource_type, index, (), view)


def _template(value: dict[str, Any]) -> tuple[str, ...] | None:
    """Where an object of a kind that we do not know has a Pod template, if it has one."""
    holder: Any = value
    for step in _TEMPLATE:
        holder = holder.get(step) if isinstance(holder, dict) else None
    return _TEMPLATE if isinstance(holder, dict) and "containers" in holder else None


def _object(holder: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    """The object at ``name``; an empty one when there is nothing, None when it is something else."""
    if holder is None:
        return None
    value = holder.get(name)
    if value is None:  # to a cluster, null is the same as nothing
        return {}
    return value if isinstance(value, dict) else None


def _text(holder: dict[str, Any] | None, name: str) -> str | None:
    """The string at ``name``; empty when there is nothing, None when it is something else."""
    if holder is None:
        return None
    value = holder.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else None
