"""The requests of Kyverno's tests: each resource as it would be sent, by whom, and what is known of the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gateproof import inputs
from gateproof.catalog.cluster_facts import INVENTORY, KYVERNO_CONTEXT
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.occasion import Who
from gateproof.engines.kyverno.suite_documents import (
    Call,
    ClusterResource,
    Context,
    GlobalEntry,
    UserInfo,
    call,
    read_all,
    read_one,
)
from gateproof.engines.kyverno.suite_expected import metadata_of
from gateproof.engines.kyverno.suite_files import HINT, KyvernoTest
from gateproof.engines.kyverno.suite_values import ApiResource, Subresource, Values
from gateproof.errors import InputError, PolicyError
from gateproof.inputs import admission
from gateproof.inputs.api_resources import resource_of
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

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
            raise PolicyError(f"the operation {operation[:40]!r} is not supported in a test", hint=HINT)
        plain = _parsed(value)
        asked = dict(admission.request(plain, inputs.resources(plain)[0]))
        sent = next((each for each in self._subresources if _is_sent(each.subresource, value)), None)
        if sent is not None:
            asked |= _sent_to(sent)
        if operation not in ("", "CREATE"):
            asked |= {"operation": operation, "oldObject": value}
            asked["object"] = None if operation == "DELETE" else value
        elif not self._user and sent is None:
            return plain, inputs.resources(plain)[0]
        subject = _parsed(admission.review({**asked, "userInfo": dict(self._user)}, "test"))
        return subject, inputs.resources(subject)[0]


def setting(test: KyvernoTest, values: Values, now: str) -> Setting:
    """What a test says of the cluster and of who asks. Raises PolicyError."""
    known = read_one(Context, test.documents(test.paths("context")), "context") or Context()
    cluster = [*_namespaces(values), *_cluster(test), *known.spec.resources]
    listed = {str(metadata_of(one).get("name")) for one in cluster if one.get("kind") == "Namespace"}
    for one in test.documents(test.paths("resources")):  # a namespace of which nothing is said has no labels
        name = str(metadata_of(one).get("namespace") or "default")
        if name not in listed:
            listed.add(name)
            cluster.append(_namespace(name, {}))
    calls = read_all(Call, test.value.get("apiCallResponses"), "apiCallResponses")
    entries = read_all(GlobalEntry, test.value.get("globalContextEntries"), "globalContextEntries")
    answered = {
        "apiCalls": [call(one) for one in calls],
        "globalContext": {one.name: one.value for one in entries},
        "imageRegistry": {one.image: msgspec.to_builtins(one) for one in known.spec.images},
    }
    facts = {
        name: _fact(name, value, now) for name, value in ((INVENTORY, {"items": cluster}), (KYVERNO_CONTEXT, answered))
    }
    user = read_one(UserInfo, test.documents(test.paths("userinfo")), "userinfo")
    return Setting(Answers(facts), msgspec.to_builtins(user.user_info) if user else {}, _who(user), values)


def _parsed(value: dict[str, Any]) -> Input:
    subject = inputs.parse(msgspec.json.encode(value))
    if subject.problem or not subject.documents:
        raise InputError(subject.problem or "it is no object", where=str(value.get("kind")), hint="correct it")
    return subject


def _is_sent(sent: ApiResource, value: Mapping[str, Any]) -> bool:
    group, _, version = str(value.get("apiVersion")).rpartition("/")
    return (sent.group, sent.version, sent.kind) == (group, version, value.get("kind"))


def _sent_to(sent: Subresource) -> dict[str, Any]:
    parent = sent.parent_resource
    plural = resource_of(parent.group, parent.kind).plural
    resource = {"group": parent.group, "version": parent.version, "resource": plural}
    name = sent.subresource.name.rpartition("/")[2]
    return {"resource": resource, "requestResource": resource, "subResource": name, "requestSubResource": name}


def _namespaces(values: Values) -> list[dict[str, Any]]:
    selected = {one.name: _namespace(one.name, one.labels) for one in values.namespace_selector}
    whole = {
        str(one.metadata.get("name")): {**msgspec.to_builtins(one), "apiVersion": "v1", "kind": "Namespace"}
        for one in values.namespaces
    }
    return [*{**selected, **whole}.values()]


def _namespace(name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels)}}


def _cluster(test: KyvernoTest) -> list[dict[str, Any]]:
    """What else is in the cluster: the test's resources and targets are only where it says what a cluster has."""
    found = [*test.documents(test.paths("paramResources"))]
    targets = test.documents(test.paths("targetResources"))
    listed = read_all(ClusterResource, test.documents(test.paths("clusterResources")), "clusterResources")
    if listed:
        crds = [path for each in listed for path in each.spec.crds]
        found += [*test.documents(crds), *test.documents(test.paths("resources")), *targets]
    return [*found, *(one for each in listed for one in each.spec.resources)]


def _who(user: UserInfo | None) -> Who | None:
    if user is None:
        return None
    roles, cluster_roles = frozenset(user.roles or ()), frozenset(user.cluster_roles or ())
    return Who(user.user_info.username, user.user_info.groups, roles, cluster_roles)


def _fact(name: str, value: Any, now: str) -> Fact:
    return Fact(name=name, source="the test", observed_at=now, max_age=60, value=value)
