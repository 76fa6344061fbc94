"""Admission requests: AdmissionReview v1 → Input, and the request that a manifest would come to an API server with.

Policies see a manifest and the AdmissionReview made from it alike: the object is the Input's one document, and
``request`` gives the AdmissionRequest of a resource in either case, as the API has it in JSON
(https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). What a manifest cannot say
(who asks) is missing in its request, and not made up.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from gateproof.documents.interface import Document
from gateproof.errors import InputError
from gateproof.inputs import kubernetes
from gateproof.inputs.api_resources import Defined, defined, resource_of
from gateproof.inputs.input import Input, Remark, Resource, Subject
from gateproof.inputs.redact import Redactor

API_VERSION = "admission.k8s.io/v1"
OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT")

_HINT = "pass the AdmissionReview as the API server sent it"
_KIND = ("group", "version", "kind")
_RESOURCE = ("group", "version", "resource")
_TEXTS = ("uid", "name", "namespace", "subResource", "requestSubResource")
_DEFAULT_NAMESPACE = "default"


def is_review(value: object) -> bool:
    """Whether ``value`` is an AdmissionReview, of whatever version."""
    return (
        isinstance(value, dict)
        and value.get("kind") == "AdmissionReview"
        and str(value.get("apiVersion")).startswith("admission.k8s.io/")
    )


def read(document: Document, subject: Subject, redactor: Redactor) -> Input:
    """An AdmissionReview as an Input; ``subject`` is of its bytes. Raises InputError when it cannot be judged.

    The document is the request's object, or for DELETE, which has none, its old object. Secrets in both are redacted.
    """
    review = document.value
    if review.get("apiVersion") != API_VERSION:
        raise InputError(
            f"the AdmissionReview is of {str(review.get('apiVersion'))[:40]!r}, not of {API_VERSION}",
            hint="write admissionReviewVersions: [v1] in the webhook configuration",
        )
    given = review.get("request")
    if not isinstance(given, dict):
        raise InputError("the AdmissionReview has no request", hint=_HINT)
    kept = _checked(given)
    deleted = kept["operation"] == "DELETE"
    judged = _object(given, "oldObject" if deleted else "object", kept["kind"])
    if not deleted and (kept["operation"] == "UPDATE" or given.get("oldObject") is not None):
        kept["oldObject"] = kubernetes.redacted(_object(given, "oldObject", None), 0, redactor, ("oldObject",))
    shown = kubernetes.redacted(judged, 0, redactor)
    holder = ("request", "oldObject" if deleted else "object")
    remarks = tuple(Remark(0, note.path[2:], note.message) for note in document.notes if note.path[:2] == holder)
    return Input(subject, (shown,), redactor.redactions, remarks, ((document.index, holder),), request=kept)


def check(decoded: Input) -> None:
    """Raises InputError when the request of a stored Input is none, or its documents are not those of one."""
    if decoded.request is not UNSET and _checked(decoded.request) and len(decoded.documents) != 1:
        raise InputError("a request has one object", hint=_HINT)


def request(subject: Input, resource: Resource) -> dict[str, Any]:
    """The AdmissionRequest that is judged when ``resource`` of ``subject`` is, with ``object`` and ``oldObject``.

    From an AdmissionReview, the one that it holds; from a manifest, what creating it would ask for. Either is kept
    with the Input, and nothing in it may be changed.
    """
    made: dict[int, dict[str, Any]] = vars(subject).setdefault("requests", {})
    if resource.document not in made:
        document = subject.documents[resource.document]
        if subject.request is UNSET:
            made[resource.document] = _from_manifest(resource.view, _defined(subject))
        elif subject.request["operation"] == "DELETE":
            made[resource.document] = {**subject.request, "object": None, "oldObject": document}
        else:
            made[resource.document] = {"oldObject": None, **subject.request, "object": document}
    return made[resource.document]


def review(asked: dict[str, Any], uid: str) -> dict[str, Any]:
    """The AdmissionReview that an API server would send for a request."""
    return {"apiVersion": API_VERSION, "kind": "AdmissionReview", "request": {**asked, "uid": uid}}


def _from_manifest(view: dict[str, Any], custom: Defined) -> dict[str, Any]:
    """The request that creates the object with this view; without a namespace it goes where ``kubectl`` puts it."""
    group, version = view["group"], view["version"]
    served = resource_of(group, view["kind"], custom)
    kind = {"group": group, "version": version, "kind": view["kind"]}
    resource = {"group": group, "version": version, "resource": served.plural}
    if view["kind"] == "Namespace" and not group:
        namespace = view["name"] or ""
    else:
        namespace = "" if served.namespaced is False else view["namespace"] or _DEFAULT_NAMESPACE
    return {
        "uid": "",
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": view["name"] or "",
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {},
        "object": view["object"],
        "oldObject": None,
        "dryRun": False,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    }


def _defined(subject: Input) -> Defined:
    made = vars(subject)
    if "defined" not in made:
        made["defined"] = defined(subject.documents)
    found: Defined = made["defined"]
    return found


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """What a request says beside its objects, checked: a part that is of a wrong type, or is needed and missing."""
    operation = given.get("operation")
    if operation not in OPERATIONS:
        raise InputError(f"request.operation is {str(operation)[:40]!r}, none of {', '.join(OPERATIONS)}", hint=_HINT)
    kept: dict[str, Any] = {"operation": operation}
    for name in _TEXTS:
        text = given.get(name)
        if text is not None and not isinstance(text, str):
            raise InputError(f"request.{name} is no text", hint=_HINT)
        if text or name in ("uid", "name", "namespace"):
            kept[name] = text or ""
    if not kept["uid"]:
        raise InputError("request.uid is missing", hint=_HINT)
    kept["kind"], kept["resource"] = _names(given, "kind", _KIND), _names(given, "resource", _RESOURCE)
    for name, parts, default in (("requestKind", _KIND, "kind"), ("requestResource", _RESOURCE, "resource")):
        kept[name] = kept[default] if given.get(name) is None else _names(given, name, parts)
    kept["dryRun"] = given.get("dryRun") or False
    if not isinstance(kept["dryRun"], bool):
        raise InputError("request.dryRun is neither true nor false", hint=_HINT)
    for name in ("userInfo", "options"):
        kept[name] = given.get(name) or {}
        if not isinstance(kept[name], dict):
            raise InputError(f"request.{name} is no object", hint=_HINT)
    return kept


def _names(given: dict[str, Any], name: str, parts: tuple[str, ...]) -> dict[str, str]:
    value = given.get(name)
    if not isinstance(value, dict):
        raise InputError(f"request.{name} is missing or no object", hint=_HINT)
    named = {part: value.get(part, "") for part in parts}
    if not all(isinstance(text, str) for text in named.values()) or not named[parts[-1]] or not named["version"]:
        raise InputError(f"request.{name} needs {', '.join(parts)}, each a text", hint=_HINT)
    return named


def _object(given: dict[str, Any], name: str, kind: dict[str, str] | None) -> dict[str, Any]:
    """The request's object or old object, which is of the kind that the request says it is of."""
    value = given.get(name)
    if not kubernetes.is_object(value):
        raise InputError(f"request.{name} is missing, or has no apiVersion and kind", hint=_HINT)
    assert isinstance(value, dict)  # noqa: S101 - is_object made sure
    if kind is not None:
        group, _, version = value["apiVersion"].rpartition("/")
        if {"group": group, "version": version, "kind": value["kind"]} != kind:
            raise InputError(
                f"request.{name} is a {value['apiVersion']} {value['kind']}, and request.kind says otherwise",
                hint=_HINT,
            )
    return value
