"""Which requests a policy or a binding is for: MatchResources of ``admissionregistration.k8s.io``.

Selectors first, then what is excluded, then the resource rules, as an API server goes through them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.engines.kubernetes.selectors import Labels, LabelSelector, Requirement
from gateproof.errors import EvaluationError
from gateproof.inputs.api_resources import plural, resource_of

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that every Namespace has, with its name."""

LabelsOf = Callable[[str], Sequence[Labels]]
"""Gives the labels of the namespace of a name, of each that is known by it: as it is, and as it will be."""

_WILDCARD = "*"
_SUCCESSORS = {
    "extensions": frozenset({"apps", "networking.k8s.io", "policy"}),
    "apps": frozenset({"extensions"}),
    "networking.k8s.io": frozenset({"extensions"}),
    "policy": frozenset({"extensions"}),
    "": frozenset({"events.k8s.io"}),
    "events.k8s.io": frozenset({""}),
}
"""API groups that serve some of the same objects."""


class ResourceRule(msgspec.Struct, frozen=True, kw_only=True):
    """One of ``resourceRules`` or ``excludeResourceRules``."""

    groups: tuple[str, ...]
    versions: tuple[str, ...]
    operations: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...] = ()
    scope: str = _WILDCARD

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> ResourceRule:
        """The rule in ``raw``, which fits its schema."""
        return cls(
            groups=tuple(raw.get("apiGroups") or ()),
            versions=tuple(raw.get("apiVersions") or ()),
            operations=tuple(raw.get("operations") or ()),
            resources=tuple(raw.get("resources") or ()),
            names=tuple(raw.get("resourceNames") or ()),
            scope=raw.get("scope") or _WILDCARD,
        )

    def selects(self, request: Mapping[str, Any], name: str) -> bool:
        """Whether the request, for the resource ``name``, is for one of its resources, in a version that it names."""
        asked = request["resource"]
        versioned = _among(self.groups, asked["group"]) and _among(self.versions, asked["version"])
        return versioned and self._fits(request, name)

    def selects_equivalent(self, request: Mapping[str, Any], name: str) -> bool:
        """Whether it would be, were the object converted to another version or to a group that has it, too."""
        group = request["resource"]["group"]
        groups = {group, *_SUCCESSORS.get(group, ())}
        return any(_among(self.groups, one) for one in groups) and self._fits(request, name)

    def _fits(self, request: Mapping[str, Any], name: str) -> bool:
        return (
            self._is_in_scope(request)
            and _among(self.operations, request["operation"])
            and any(_selects(one, request, name) for one in self.resources)
            and (not self.names or request["name"] in self.names)
        )

    def _is_in_scope(self, request: Mapping[str, Any]) -> bool:
        if self.scope == _WILDCARD:
            return True
        asked = request["resource"]
        if (asked["group"], asked["resource"]) == ("", "namespaces"):
            return self.scope == "Cluster"
        return _is_guessed(request) or (self.scope == "Namespaced") is bool(request["namespace"])


class MatchResources(msgspec.Struct, frozen=True, kw_only=True):
    """``matchConstraints`` of a policy or ``matchResources`` of a binding. Without any rule it is for all resources."""

    rules: tuple[ResourceRule, ...] = ()
    excluded: tuple[ResourceRule, ...] = ()
    namespaces: LabelSelector = LabelSelector()
    objects: LabelSelector = LabelSelector()
    exact: bool = False

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> MatchResources:
        """The match in ``raw``, which fits its schema."""
        return cls(
            rules=tuple(map(ResourceRule.read, raw.get("resourceRules") or ())),
            excluded=tuple(map(ResourceRule.read, raw.get("excludeResourceRules") or ())),
            namespaces=LabelSelector.read(raw.get("namespaceSelector") or {}),
            objects=LabelSelector.read(raw.get("objectSelector") or {}),
            exact=raw.get("matchPolicy") == "Exact",
        )

    def selects(self, request: Mapping[str, Any], labels_of_namespace: LabelsOf) -> bool:
        """Whether ``request`` (an AdmissionRequest with its objects) is meant.

        Raises EvaluationError when that cannot be told: labels of the namespace are asked for and not known, or the
        object is of another version than those that the rules name.
        """
        if not self._selects_object(request):
            return False
        names = _names(request)
        if any(all(self._means(one, request, name) for name in names) for one in self.excluded):
            return False
        exactly = not self.rules or any(one.selects(request, name) for one in self.rules for name in names)
        if not exactly and not any(self._means(one, request, name) for one in self.rules for name in names):
            return False
        if not self._selects_namespace(request, labels_of_namespace):
            return False
        if not exactly:
            found, version = request["resource"], request["resource"]["version"]
            group = f"{found['group']}/" if found["group"] else ""
            raise EvaluationError(
                f"{found['resource']} come as {group}{version}, which the rules do not name: they would be converted",
                hint="write the manifest in the version that the policy names, or name this version in the policy",
            )
        return True

    def _means(self, rule: ResourceRule, request: Mapping[str, Any], name: str) -> bool:
        return rule.selects(request, name) or (not self.exact and rule.selects_equivalent(request, name))

    def _selects_object(self, request: Mapping[str, Any]) -> bool:
        """Either of the new and the old object may have the labels."""
        if not self.objects.requirements:
            return True
        objects = (request["object"], request["oldObject"])
        return any(self.objects.selects(labels_of(one)) for one in objects if one is not None)

    def _selects_namespace(self, request: Mapping[str, Any], of_namespace: LabelsOf) -> bool:
        requirements = self.namespaces.requirements
        if not requirements:
            return True
        asked, namespace = request["resource"], request["namespace"]
        itself = (asked["group"], asked["resource"]) == ("", "namespaces") and not request.get("subResource")
        if itself and request["object"] is not None:
            return self.namespaces.selects({**labels_of(request["object"]), NAME_LABEL: request["name"]})
        if not namespace:
            return True
        if known := of_namespace(namespace):
            return any(map(self.namespaces.selects, known))
        return _selects_unknown(requirements, namespace)


def _selects_unknown(requirements: Collection[Requirement], namespace: str) -> bool:
    """Of a namespace that is only named, the label with its name is known."""
    told = [one for one in requirements if one.key == NAME_LABEL]
    if not all(one.holds({NAME_LABEL: namespace}) for one in told):
        return False
    if len(told) < len(requirements):
        raise EvaluationError(
            f"the labels of the namespace {namespace} are not known, and namespaceSelector asks for them",
            hint="give the Namespace with the manifests, or the fact that has the cluster's objects",
        )
    return True


def labels_of(value: Mapping[str, Any]) -> Labels:
    """The labels of an object. Raises EvaluationError for what an API server would not take."""
    metadata = value.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if labels is None and (metadata is None or isinstance(metadata, dict)):
        return {}
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        raise EvaluationError("metadata.labels is no map of strings", hint="correct the object")
    return labels


def _is_guessed(request: Mapping[str, Any]) -> bool:
    """Whether nobody knows how the kind is served: it is none of Kubernetes' own, and no API server asks.

    A definition beside the object may be the change's own, and does not leave the object out of anything.
    """
    kind = request["kind"]
    return not request["userInfo"] and resource_of(kind["group"], kind["kind"]).namespaced is None


def _names(request: Mapping[str, Any]) -> tuple[str, ...]:
    """What the resource of the request may be called."""
    name = request["resource"]["resource"]
    return (name, plural(request["kind"]["kind"])) if _is_guessed(request) else (name,)


def _among(listed: Collection[str], one: str) -> bool:
    return _WILDCARD in listed or one in listed


def _selects(pattern: str, request: Mapping[str, Any], name: str) -> bool:
    """Whether ``pods``, ``pods/exec``, ``*/scale``, ``pods/*``, ``*`` or ``*/*`` is the resource ``name``."""
    resource, _, subresource = pattern.partition("/")
    return resource in (_WILDCARD, name) and subresource in (_WILDCARD, request.get("subResource", ""))
