"""Which objects a rule is for: ``match`` and ``exclude`` blocks, read by ``filters``.

As Kyverno matches (https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/), with who asks in view where a
request says so. Before there is a request nobody is asking, and the operation is CREATE: then ``subjects``, ``roles``
and ``clusterRoles`` are no condition in ``match``, as in Kyverno; in ``exclude`` they never exclude.

Kinds are compared once for each kind of object; what remains is asked of each object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

import msgspec

from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.occasion import About, Occasion, Subject, Who
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.inputs.api_resources import resource_of

_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?|\*")
_NAMESPACE = "Namespace"
_EPHEMERAL = "ephemeralcontainers"

Test = Callable[[Occasion], bool]
"""Whether an object is meant. Raises UndecidableError where something is not known."""


def always(_: Occasion) -> bool:
    """The test of what is meant by its kind alone."""
    return True


def never(_: Occasion) -> bool:
    """The test of what is not meant, because of its kind alone."""
    return False


class KindSelector(msgspec.Struct, frozen=True):
    """``group/version/Kind/subresource``, each with wildcards."""

    group: str
    version: str
    kind: str
    subresource: str

    @classmethod
    def parse(cls, text: str) -> KindSelector | None:
        """Read ``Pod``, ``v1/Pod``, ``apps/v1/Deployment``, ``Pod/exec`` or ``*/*``; None if it is none of them."""
        *head, last = text.split("/")
        parts = (*head, *last.split("."))
        if len(parts) == 1:
            return cls("*", "*", parts[0], "")
        if len(parts) == 2:
            if parts == ("*", "*"):
                return cls("*", "*", "*", "*")
            if parts[0] == "*" and parts[1].lower() == parts[1]:
                return cls("*", "*", "*", parts[1])
            if _VERSION.fullmatch(parts[0]):
                return cls("*", parts[0], parts[1], "")
            return cls("*", "*", parts[0], parts[1])
        if len(parts) == 3:
            if _VERSION.fullmatch(parts[0]):
                return cls("*", *parts)
            return cls(*parts, "")
        return cls(*parts) if len(parts) == 4 else None

    def selects(self, about: About) -> bool:
        """Whether an object of this kind, or the subresource of one that is asked for, is meant."""
        group, version, kind, subresource, plural = about
        if subresource and resource_of(group, self.kind).plural == plural:
            kind = self.kind
        matched = (
            wildcard.matches(self.kind, kind)
            and wildcard.matches(self.version, version)
            and wildcard.matches(self.group, group)
        )
        if not matched or wildcard.matches(self.subresource, subresource):
            return matched
        return (group, version, kind, subresource) == ("", "v1", "Pod", _EPHEMERAL)


class Requirement(msgspec.Struct, frozen=True):
    """One of a label selector's ``matchExpressions``."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Label selector semantics of Kubernetes: NotIn also holds where the label is missing."""
        if self.operator == "Exists":
            return self.key in labels
        if self.operator == "DoesNotExist":
            return self.key not in labels
        inside = labels.get(self.key) in self.values
        return inside if self.operator == "In" else not inside


class LabelSelector(msgspec.Struct, frozen=True):
    """``matchLabels``, whose keys and values may have wildcards, and ``matchExpressions``."""

    labels: tuple[tuple[str, str], ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether ``labels`` satisfy every part of the selector."""
        return _each_found(self.labels, labels) and all(one.holds(labels) for one in self.requirements)


class Filter(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One resource filter: every part that is not empty has to hold."""

    kinds: tuple[KindSelector, ...] = ()
    names: tuple[tuple[str, ...], ...] = ()
    namespaces: tuple[str, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    operations: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    roles: frozenset[str] = frozenset()
    cluster_roles: frozenset[str] = frozenset()

    @property
    def asks_who(self) -> bool:
        """Whether it has conditions about who asks."""
        return bool(self.subjects or self.roles or self.cluster_roles)

    @cached_property
    def of_objects(self) -> bool:
        """Whether it says anything about the object itself."""
        return self != Filter(subjects=self.subjects, roles=self.roles, cluster_roles=self.cluster_roles)

    def test(self, about: About, *, excluding: bool = False) -> Test:
        """What is left to ask of an object of this kind; an empty filter selects nothing.

        ``excluding``: nobody is excluded who is not known.
        """
        if not self.of_objects and not self.asks_who:
            return never
        if self.kinds and not any(one.selects(about) for one in self.kinds):
            return never
        return _joined(self._tests(excluding), all)

    def _tests(self, excluding: bool) -> Iterator[Test]:
        """What is asked beside the kind, in the order in which it is asked."""
        if self.asks_who and (excluding or not self.of_objects):
            yield _is_known
        if self.operations:
            yield lambda occasion: occasion.operation in self.operations
        if self.names:
            yield self._means_name
        if self.namespaces:
            yield lambda occasion: _any_matches(self.namespaces, _namespace(occasion))
        if self.annotations:
            yield lambda occasion: _each_found(self.annotations, _texts(occasion.view["annotations"]))
        if (selector := self.selector) is not None:
            yield lambda occasion: selector.selects(_texts(occasion.view["labels"]))
        if self.asks_who:
            yield self._means_asking
        if self.namespace_selector is not None:
            yield partial(_means_namespace, self.namespace_selector, all if excluding else any)

    def _means_name(self, occasion: Occasion) -> bool:
        name = _name(occasion.view)
        return all(_any_matches(alternatives, name) for alternatives in self.names)

    def _means_asking(self, occasion: Occasion) -> bool:
        who = occasion.who
        if who is None:
            return True
        if self.subjects and not any(one.matches(who) for one in self.subjects):
            return False
        return _has(self.roles, occasion.roles if self.roles else None, who) and _has(
            self.cluster_roles, occasion.cluster_roles if self.cluster_roles else None, who
        )


class Criteria(msgspec.Struct, frozen=True):
    """Filters joined by ``any`` or ``all``; a block with neither is one filter."""

    filters: tuple[Filter, ...] = ()
    need_all: bool = False

    def test(self, about: About, *, excluding: bool = False) -> Test:
        """What is left to ask of an object of this kind; ``excluding``: as an ``exclude`` block asks it."""
        if excluding and not self.filters:
            return never
        tests = [one.test(about, excluding=excluding) for one in self.filters]
        return _joined(tests, all) if self.need_all else _joined((test for test in tests if test is not never), any)


def _joined(tests: Iterable[Test], join: Callable[[Iterator[bool]], bool]) -> Test:
    """One test for several, made in their order."""
    each = tuple(tests)
    if not each:
        return always if join is all else never
    return each[0] if len(each) == 1 else lambda occasion: join(test(occasion) for test in each)


def _is_known(occasion: Occasion) -> bool:
    return occasion.who is not None


def _means_namespace(selector: LabelSelector, join: Callable[[Iterator[bool]], bool], occasion: Occasion) -> bool:
    """Where the input changes a namespace, neither state of it may exclude alone."""
    if occasion.about.kind == _NAMESPACE:
        return False
    found = occasion.namespace_labels
    if not found:
        raise UndecidableError(f"the labels of the namespace {occasion.namespace} are not known")
    return join(map(selector.selects, found))


def in_namespace(namespace: str, occasion: Occasion) -> bool:
    """Whether the object stands in ``namespace``; a Namespace stands in none."""
    return occasion.about.kind != _NAMESPACE and occasion.namespace == namespace


def _name(view: Mapping[str, Any]) -> str:
    """The name, or what a generated one begins with."""
    if view["name"]:
        return str(view["name"])
    metadata = view["object"].get("metadata")
    return str(metadata.get("generateName") or "") if isinstance(metadata, dict) else ""


def _namespace(occasion: Occasion) -> str:
    return str(occasion.view["name"]) if occasion.about.kind == _NAMESPACE else occasion.namespace


def _has(wanted: frozenset[str], held: frozenset[str] | None, who: Who) -> bool:
    """Whether ``who`` holds one of the roles, if any is wanted."""
    if not wanted:
        return True
    if held is None:
        raise UndecidableError(f"which roles {who.username or 'nobody'} has is not known")
    return bool(wanted & held)


def _any_matches(patterns: Iterable[str], text: str) -> bool:
    return any(wildcard.matches(pattern, text) for pattern in patterns)


def _each_found(wanted: Iterable[tuple[str, str]], labels: Mapping[str, str]) -> bool:
    """Whether for each wanted pair some label matches both its key and its value."""
    return all(
        any(wildcard.matches(key, name) and wildcard.matches(value, text) for name, text in labels.items())
        for key, value in wanted
    )


def _texts(labels: Any) -> Mapping[str, str]:
    """Labels or annotations; a map with anything but strings counts as none, as apimachinery reads it."""
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        return {}
    return labels
