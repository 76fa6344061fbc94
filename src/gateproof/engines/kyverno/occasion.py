"""The request beside its object, as far as rules are matched with it: who asks, for what, in which namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from gateproof.catalog.gatekeeper import INVENTORY
from gateproof.engines.kyverno import wildcard
from gateproof.inputs import admission
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

Labels = Mapping[str, str]
_RBAC = "rbac.authorization.k8s.io/"
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
            return wildcard.matches(f"system:serviceaccount:{self.namespace}:{self.name}", who.username)
        return self.kind == "User" and wildcard.matches(self.name, who.username)


class Occasion:
    """One request: a manifest's is to create it, and nobody is known to ask for it.

    ``facts`` and the Input's own documents say which labels a namespace has, and which roles somebody has.
    """

    def __init__(
        self, subject: Input, resource: Resource, facts: Mapping[str, Fact] | None = None, who: Who | None = None
    ) -> None:
        asked = admission.request(subject, resource)
        served = asked["requestResource"]
        self.operation: str = asked["operation"]
        self.namespace: str = asked["namespace"]
        self.subresource: str = asked.get("requestSubResource") or asked.get("subResource") or ""
        self.group: str = served["group"]
        self.version: str = served["version"]
        self.plural: str = served["resource"]
        self.who = who or _asking(asked["userInfo"])
        self._facts = facts or {}
        self._documents = subject.documents

    @cached_property
    def namespace_labels(self) -> tuple[Labels, ...]:
        """The labels of the namespace, in each state that is known of it; none where nothing is known."""
        if not self.namespace:
            return _NO_LABELS
        from gateproof.engines.validating.cluster import Cluster

        return Cluster(self._documents, self._facts).labels_of_namespace(self.namespace)

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
        return bool(place) and who.username == f"system:serviceaccount:{place}:{name}"
    return who.username == name if kind == "User" else kind == "Group" and name in who.groups


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
