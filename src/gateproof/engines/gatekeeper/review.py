"""What a Constraint judges: an object as Gatekeeper puts it to a template, ``input.review``.

``input.review`` is an AdmissionRequest (https://pkg.go.dev/k8s.io/api/admission/v1#AdmissionRequest) as Go encodes it:
members that have no value and are not optional are there, empty. ``namespaceObject`` stands beside them, an empty
object where it is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from gateproof.engines.kubernetes.selectors import Labels
from gateproof.errors import EvaluationError

Namespaces = Mapping[str, Sequence[Mapping[str, Any]]]

_EMPTY: dict[str, Any] = {
    "uid": "",
    "kind": {"group": "", "version": "", "kind": ""},
    "resource": {"group": "", "version": "", "resource": ""},
    "operation": "",
    "userInfo": {},
    "object": None,
    "oldObject": None,
    "options": None,
    "namespaceObject": {},
}
_DELETE = "DELETE"
NONE: Namespaces = {}
ORIGINAL, GENERATED = "Original", "Generated"


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One object, or a request about one.

    ``request`` is ``input.review``. ``objects``: those that a match looks at, the new one and the old one. ``source``:
    whether it was asked for, or would be made by an expansion. ``namespace``: of objects that name none themselves,
    where it is known. ``namespaced``: whether such an object has one all the same; None where nobody knows.
    ``namespaces``: name to the Namespaces of this name, as they are or will be by what is known of them.
    """

    request: dict[str, Any]
    objects: tuple[dict[str, Any], ...]
    source: str = ORIGINAL
    namespace: str = ""
    namespaced: bool | None = False
    namespaces: Namespaces = {}

    @property
    def operation(self) -> str:
        """CREATE, UPDATE, DELETE or CONNECT; empty where nothing is asked for."""
        return str(self.request["operation"])


def of_object(
    value: dict[str, Any],
    *,
    source: str = ORIGINAL,
    namespaced: bool | None = False,
    namespaces: Namespaces = NONE,
) -> Review:
    """The review of an object with apiVersion and kind that nobody asks about, as in Gatekeeper's audit and gator.

    ``namespaced``: see Review. Raises EvaluationError where its metadata cannot be read.
    """
    group, kind = group_and_kind(value)
    about = {name: text for name in ("name", "namespace") if (text := text_of(value, name))}
    version = value["apiVersion"].rpartition("/")[2]
    return Review(
        request={**_EMPTY, "kind": {"group": group, "version": version, "kind": kind}, **about, "object": value},
        objects=(value,),
        source=source,
        namespaced=namespaced,
        namespaces=namespaces,
    )


def of_request(
    request: Mapping[str, Any],
    *,
    namespaced: bool | None = None,
    namespaces: Namespaces = NONE,
) -> Review:
    """The review of an AdmissionRequest. Of a DELETE, the object is the one that goes.

    ``namespaced``: whether the kind lives in namespaces. An object that names no namespace, as in manifests, may yet
    get any; a request about a subresource names that of its object. Raises EvaluationError for a request without an
    object.
    """
    _check(request)
    namespace = request.get("namespace") or ""
    made = {**_EMPTY, **request, "namespaceObject": next(iter(namespaces.get(namespace, ())), {})}
    if made["operation"] == _DELETE:
        if made["oldObject"] is None:
            raise EvaluationError("a request to delete something without oldObject")
        made["object"] = made["oldObject"]
    objects = tuple(each for each in (made["object"], made["oldObject"]) if each is not None)
    if not objects or not all(map(_is_object, objects)):
        raise EvaluationError("the request has neither object nor oldObject with apiVersion and kind")
    return Review(
        request=made,
        objects=objects[:1] if made["operation"] == _DELETE else objects,
        namespace=namespace if request.get("subResource") else "",
        namespaced=namespaced if namespace else False,
        namespaces=namespaces,
    )


def _check(request: Mapping[str, Any]) -> None:
    """Raises EvaluationError for parts of a request that are of a wrong type."""
    texts = {name: request.get(name) for name in ("name", "namespace", "operation", "subResource")}
    kind = request.get("kind")
    if isinstance(kind, dict):
        texts |= {f"kind.{name}": kind.get(name, 0) for name in ("group", "version", "kind")}
    elif kind is not None:
        raise EvaluationError("request.kind is no object")
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise EvaluationError(f"request.{name} is no text")


def group_and_kind(value: Mapping[str, Any]) -> tuple[str, str]:
    """API group (empty for the core group) and kind of an object."""
    return str(value["apiVersion"]).rpartition("/")[0], str(value["kind"])


def text_of(value: Mapping[str, Any], name: str) -> str:
    """A string of the metadata of an object, empty where there is none. Raises EvaluationError when it is no string."""
    found = metadata(value).get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise EvaluationError(f"metadata.{name} is no string")
    return found


def labels_of(value: Mapping[str, Any]) -> Labels:
    """The labels of an object. Raises EvaluationError for what an API server would not take."""
    found = metadata(value).get("labels")
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise EvaluationError("metadata.labels is no map of strings")
    return found


def metadata(value: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an object, empty where there is none. Raises EvaluationError when it is no object."""
    found = value.get("metadata")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise EvaluationError("metadata is no object")
    return found


def namespaces_in(objects: Iterable[Any]) -> dict[str, tuple[dict[str, Any], ...]]:
    """Name → each Namespace of this name among ``objects``; one that cannot be read is none."""
    found: dict[str, tuple[dict[str, Any], ...]] = {}
    for value in objects:
        if not _is_object(value) or (value["apiVersion"], value["kind"]) != ("v1", "Namespace"):
            continue
        with suppress(EvaluationError):
            name, _ = text_of(value, "name"), labels_of(value)
            found[name] = (*found.get(name, ()), value)
    return found


def _is_object(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str)
