"""The request that an object stands in, as far as rules are matched with it: who asks, for what, in which namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from msgspec import UnsetType

from gateproof.catalog.cluster_facts import CLUSTER_FACTS, INVENTORY
from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.images import images_of
from gateproof.inputs import admission, resources
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

Labels = Mapping[str, str]
_RBAC = "rbac.authorization.k8s.io/"
_SERVICE_ACCOUNT = "system:serviceaccount:"
# What rules are matched with; the reader gives None for a part of a wrong type.
_METADATA = ("name", "namespace", "labels", "annotations")
_NO_LABELS: tuple[Labels, ...] = ({},)


class Who(msgspec.Struct, frozen=True):
    """Somebody who asks. ``roles`` (``namespace:name``) and ``cluster_roles`` are None where no one has said them."""

    username: str
    groups: tuple[str, ...] = ()
    roles: frozenset[str] | None = None
    cluster_roles: frozenset[str] | None = None


class Subject(msgspec.Struct, frozen=True):
    """A User, Group or ServiceAccount, its names with wildcards."""

    kind: str
    name: str
    namespace: str = ""

    def matches(self, who: Who) -> bool:
        """Whether ``who`` is meant."""
        if self.kind == "Group":
            return any(wildcard.matches(self.name, group) for group in who.groups)
        if self.kind == "ServiceAccount":
            return wildcard.matches(f"{_SERVICE_ACCOUNT}{self.namespace}:{self.name}", who.username)
        return self.kind == "User" and wildcard.matches(self.name, who.username)


class About(NamedTuple):
    """What a request is about, as far as kinds tell it: an object, or a subresource of something.

    What is sent to a subresource may be of a kind of its own; then ``group``, ``version`` and ``plural`` are those of
    the resource that it belongs to.
    """

    group: str
    version: str
    kind: str
    subresource: str = ""
    plural: str = ""


class Occasion:
    """One request: a manifest's is to create it, and nobody is known to ask for it.

    ``facts`` and the Input's own documents say which labels a namespace has, and which roles somebody has. What few
    policies ask for is made when it is asked for. The Input is not kept: it keeps its occasions, and what refers to
    each other in a circle stays in memory until somebody looks for circles.

    ``request`` is the AdmissionRequest; nothing in it may be changed.
    """

    def __init__(
        self,
        subject: Input,
        resource: Resource,
        facts: Mapping[str, Fact] | None = None,
        who: Who | None = None,
        namespaces: dict[str, tuple[Labels, ...]] | None = None,
    ) -> None:
        """``namespaces`` is shared by the requests of an Input: the labels of those that were asked for."""
        self.resource = resource
        self.view = view = resource.view
        self.about = _about(subject, view)
        self.malformed = next((part for part in _METADATA if view[part] is None), "")
        self.request = admission.request(subject, resource)
        self._documents = subject.documents
        self._facts = facts or {}
        self._who = who
        self._namespaces = {} if namespaces is None else namespaces

    @property
    def operation(self) -> str:
        """CREATE, UPDATE, DELETE or CONNECT."""
        return str(self.request["operation"])

    @property
    def namespace(self) -> str:
        """Where the object goes, or the Namespace that it is; empty for what stands in none."""
        return str(self.request["namespace"])

    @cached_property
    def who(self) -> Who | None:
        """Who asks; None where nobody is known to."""
        return self._who or _asking(self.request["userInfo"])

    @cached_property
    def names(self) -> dict[str, Any]:
        """``request`` and what comes of it, as expressions see them; nothing in it may be changed."""
        asked = self.request
        placed = _placed(asked["object"], asked["namespace"])
        names: dict[str, Any] = {"request": asked if placed is asked["object"] else {**asked, "object": placed}}
        user = asked["userInfo"].get("username")
        if isinstance(user, str):
            namespace, _, account = user.removeprefix(_SERVICE_ACCOUNT).partition(":")
            known = user.startswith(_SERVICE_ACCOUNT) and account
            names["serviceAccountName"] = account.partition(":")[0] if known else ""
            names["serviceAccountNamespace"] = namespace if known else ""
        return names

    @cached_property
    def images(self) -> dict[str, dict[str, Any]]:
        """Those of the object, or of what is deleted. Raises ImageError."""
        request = self.names["request"]
        return images_of(request["object"] or request["oldObject"])

    @property
    def namespace_labels(self) -> tuple[Labels, ...]:
        """The labels of the namespace, in each state that is known of it; none where nothing is known."""
        name = self.namespace
        if not name:
            return _NO_LABELS
        found = self._namespaces.get(name)
        if found is None:
            from gateproof.engines.validating.cluster import Cluster

            found = Cluster(self._documents, self._facts).labels_of_namespace(name)
            self._namespaces[name] = found
        return found

    @property
    def roles(self) -> frozenset[str] | None:
        """The Roles of who asks, as ``namespace:name``; None where they are not known."""
        if self.who is None or self.who.roles is not None:
            return self.who.roles if self.who else None
        return self._bound and self._bound[0]

    @property
    def cluster_roles(self) -> frozenset[str] | None:
        """The ClusterRoles of who asks, in the namespace of the request; None where they are not known."""
        if self.who is None or self.who.cluster_roles is not None:
            return self.who.cluster_roles if self.who else None
        return self._bound and self._bound[1]

    @cached_property
    def _bound(self) -> tuple[frozenset[str], frozenset[str]] | None:
        """Roles and ClusterRoles that the bindings in the snapshot of the cluster give to who asks."""
        fact = self._facts.get(INVENTORY)
        if fact is None or self.who is None:
            return None
        value = fact.value.get("items") if isinstance(fact.value, dict) else fact.value
        roles, cluster_roles = set(), set()
        for binding in _bindings(value if isinstance(value, list) else ()):
            metadata, role = _object(binding, "metadata"), _object(binding, "roleRef")
            namespace = str(metadata.get("namespace") or "") if binding["kind"] == "RoleBinding" else ""
            if not any(_is_bound(one, namespace, self.who) for one in binding.get("subjects") or ()):
                continue
            if role.get("kind") == "Role":
                roles.add(f"{namespace}:{role.get('name')}")
            elif not namespace or namespace == self.namespace:
                cluster_roles.add(str(role.get("name")))
        return frozenset(roles), frozenset(cluster_roles)


def occasions(subject: Input, facts: Mapping[str, Fact]) -> tuple[Occasion, ...]:
    """The request of each resource of ``subject``.

    Kept with the Input, since every policy asks for the same; as long as the same is known of the cluster.
    """
    made = vars(subject)
    known = tuple(map(facts.get, CLUSTER_FACTS))
    kept: tuple[tuple[Fact | None, ...], tuple[Occasion, ...]] | None = made.get("kyverno_occasions")
    if kept is None or kept[0] != known:
        namespaces: dict[str, tuple[Labels, ...]] = {}
        each = (Occasion(subject, resource, facts, None, namespaces) for resource in resources(subject))
        kept = known, tuple(each)
        made["kyverno_occasions"] = kept
    return kept[1]


def _about(subject: Input, view: Mapping[str, Any]) -> About:
    asked = subject.request
    subresource = ""
    if not isinstance(asked, UnsetType):
        subresource = asked.get("requestSubResource") or asked.get("subResource") or ""
    if isinstance(asked, UnsetType) or not subresource:
        return About(view["group"], view["version"], view["kind"])
    served = asked["requestResource"]
    return About(served["group"], served["version"], view["kind"], subresource, served["resource"])


def _placed(value: Any, namespace: str) -> Any:
    """The object with the namespace that it goes to, as an API server has it."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not namespace or not isinstance(metadata, dict) or metadata.get("namespace") or value["kind"] == "Namespace":
        return value
    return {**value, "metadata": {**metadata, "namespace": namespace}}


def _asking(user: Mapping[str, Any]) -> Who | None:
    name, groups = user.get("username"), user.get("groups")
    if not isinstance(name, str):
        return None
    return Who(name, tuple(map(str, groups)) if isinstance(groups, list) else ())


def _bindings(objects: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for one in objects:
        of_rbac = isinstance(one, dict) and str(one.get("apiVersion")).startswith(_RBAC)
        if of_rbac and one.get("kind") in ("RoleBinding", "ClusterRoleBinding"):
            yield one


def _is_bound(subject: Any, namespace: str, who: Who) -> bool:
    """Whether a binding's subject is ``who``; service accounts stand in the binding's namespace if in no other."""
    if not isinstance(subject, dict):
        return False
    kind, name = subject.get("kind"), subject.get("name")
    if kind == "ServiceAccount":
        place = subject.get("namespace") or namespace
        return bool(place) and who.username == f"{_SERVICE_ACCOUNT}{place}:{name}"
    return who.username == name if kind == "User" else kind == "Group" and name in who.groups


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
