"""The requests of Kyverno's tests: each resource as it would be sent, by whom, and what is known of the cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from gateproof import inputs
from gateproof.catalog.gatekeeper import INVENTORY, KYVERNO_CONTEXT
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.occasion import Who
from gateproof.engines.kyverno.suite_values import Values
from gateproof.errors import InputError, PolicyError
from gateproof.inputs import admission
from gateproof.inputs.api_resources import resource_of
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

_HINT = "see `kyverno test`"
_OPERATIONS = ("", "CREATE", "UPDATE", "DELETE")


class Setting:
    """Who asks, what is known, and how a resource is sent."""

    def __init__(self, answers: Answers, user: Mapping[str, Any], who: Who | None, values: Values) -> None:
        self.answers = answers
        self.who = who
        self._user = user
        self._subresources = values.subresources

    def request(self, value: dict[str, Any], operation: str) -> tuple[Input, Resource]:
        """The request that does ``operation`` (empty: creates) with an object. Raises InputError and PolicyError."""
        if operation not in _OPERATIONS:
            raise PolicyError(f"the operation {operation[:40]!r} is not supported in a test", hint=_HINT)
        plain = _parsed(value)
        asked = dict(admission.request(plain, inputs.resources(plain)[0]))
        parent = next((each["parentResource"] for each in self._subresources if _is_of(each, value)), None)
        if parent is not None:
            asked |= _sent_to(parent, next(each["subresource"] for each in self._subresources if _is_of(each, value)))
        if operation not in ("", "CREATE"):
            asked |= {"operation": operation, "oldObject": value}
            asked["object"] = None if operation == "DELETE" else value
        elif not self._user and parent is None:
            return plain, inputs.resources(plain)[0]
        subject = _parsed(admission.review({**asked, "userInfo": dict(self._user)}, "test"))
        return subject, inputs.resources(subject)[0]


def setting(
    test: Mapping[str, Any], documents: Callable[[str], Sequence[dict[str, Any]]], values: Values, now: str
) -> Setting:
    """What a test says of the cluster and of who asks; ``documents`` reads the files under a key.

    Raises PolicyError.
    """
    cluster = [*_namespaces(values), *_cluster(documents("clusterResources"))]
    spec: Mapping[str, Any] = next((_object(one, "spec") for one in documents("context")), {})
    cluster += [one for one in spec.get("resources") or () if isinstance(one, dict)]
    listed = {str(_object(one, "metadata").get("name")) for one in cluster if one.get("kind") == "Namespace"}
    for one in documents("resources"):  # a namespace of which nothing is said has no labels
        name = str(_object(one, "metadata").get("namespace") or "default")
        if name not in listed:
            listed.add(name)
            cluster.append(_namespace(name, {}))
    known = {
        "apiCalls": [_call(one) for one in test.get("apiCallResponses") or ()],
        "globalContext": {str(one.get("name")): _entry(one) for one in test.get("globalContextEntries") or ()},
        "imageRegistry": {str(one.get("image")): one for one in spec.get("images") or () if isinstance(one, dict)},
    }
    facts = {
        name: _fact(name, value, now) for name, value in ((INVENTORY, {"items": cluster}), (KYVERNO_CONTEXT, known))
    }
    user = next(iter(documents("userinfo")), {})
    return Setting(Answers(facts), _object(user, "userInfo"), _who(user), values)


def _parsed(value: dict[str, Any]) -> Input:
    subject = inputs.parse(msgspec.json.encode(value))
    if subject.problem or not subject.documents:
        raise InputError(subject.problem or "it is no object", where=str(value.get("kind")), hint="correct it")
    return subject


def _is_of(each: Mapping[str, Mapping[str, Any]], value: Mapping[str, Any]) -> bool:
    sent = each.get("subresource", {})
    group, _, version = str(value.get("apiVersion")).rpartition("/")
    return (sent.get("group") or "", sent.get("version"), sent.get("kind")) == (group, version, value.get("kind"))


def _sent_to(parent: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    group, version, kind = (str(parent.get(key) or "") for key in ("group", "version", "kind"))
    resource = {"group": group, "version": version, "resource": resource_of(group, kind).plural}
    name = str(sent.get("name")).rpartition("/")[2]
    return {"resource": resource, "requestResource": resource, "subResource": name, "requestSubResource": name}


def _namespaces(values: Values) -> list[dict[str, Any]]:
    selected = {one.name: _namespace(one.name, one.labels) for one in values.namespace_selector}
    whole = {
        str(_object(one, "metadata").get("name")): {"apiVersion": "v1", "kind": "Namespace", **one}
        for one in values.namespaces
    }
    return [*{**selected, **whole}.values()]


def _namespace(name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels)}}


def _cluster(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in documents:
        listed = _object(one, "spec").get("resources") or []
        found += [each for each in listed if isinstance(each, dict)]
    return found


def _call(raw: Any) -> dict[str, Any]:
    one = raw if isinstance(raw, dict) else {}
    response = _object(one, "response")
    url = one.get("urlPath") or one.get("url")
    if not isinstance(url, str) or "body" not in response:
        raise PolicyError("apiCallResponses: an answer has urlPath (or url) and response.body", hint=_HINT)
    return {"urlPath": url, "method": str(one.get("method") or "GET").upper(), "answer": response["body"]}


def _entry(raw: Mapping[str, Any]) -> Any:
    if raw.get("fieldPath") or raw.get("projections") or raw.get("resourceFiles"):
        raise PolicyError("globalContextEntries: only data and resources are supported", hint=_HINT)
    return raw.get("data") if raw.get("data") is not None else raw.get("resources")


def _who(user: Mapping[str, Any]) -> Who | None:
    if not user:
        return None
    info = _object(user, "userInfo")
    roles, cluster_roles = (frozenset(map(str, user.get(key) or ())) for key in ("roles", "clusterRoles"))
    return Who(str(info.get("username") or ""), tuple(map(str, info.get("groups") or ())), roles, cluster_roles)


def _fact(name: str, value: Any, now: str) -> Fact:
    return Fact(name=name, source="the test", observed_at=now, max_age=60, value=value)


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
