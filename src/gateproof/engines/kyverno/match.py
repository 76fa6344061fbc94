"""Which objects a rule is for: ``match`` and ``exclude`` blocks.

Judging happens before there is a request, so nobody is asking: as Kyverno does then, ``subjects``, ``roles`` and
``clusterRoles`` are no condition in ``match``; in ``exclude`` they never exclude. The operation is CREATE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateproof.engines.kyverno import wildcard

_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?|\*")
_DEFAULT_NAMESPACE = "default"
_OPERATION = "CREATE"


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

    def selects(self, group: str, version: str, kind: str) -> bool:
        """Whether an object (not one of its subresources) of this kind is meant."""
        return (
            self.subresource in ("", "*")
            and wildcard.matches(self.kind, kind)
            and wildcard.matches(self.version, version)
            and wildcard.matches(self.group, group)
        )


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


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """One resource filter: every part that is not empty has to hold. ``asks_who``: it also has user conditions."""

    kinds: tuple[KindSelector, ...] = ()
    names: tuple[tuple[str, ...], ...] = ()
    namespaces: tuple[str, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    selector: LabelSelector | None = None
    operations: tuple[str, ...] = ()
    asks_who: bool = False

    @property
    def empty(self) -> bool:
        """Whether it says nothing about the object itself."""
        return self == Filter(asks_who=self.asks_who)

    def selects(self, view: Mapping[str, Any]) -> bool:
        """Whether the object with this view (see ``inputs.resources``) is meant; an empty filter selects nothing."""
        name = view["name"]
        return (
            not self.empty
            and (not self.operations or _OPERATION in self.operations)
            and (not self.kinds or any(one.selects(view["group"], view["version"], view["kind"]) for one in self.kinds))
            and all(_any_matches(alternatives, name) for alternatives in self.names)
            and (not self.namespaces or _any_matches(self.namespaces, namespace_of(view)))
            and _each_found(self.annotations, _texts(view["annotations"]))
            and (self.selector is None or self.selector.selects(_texts(view["labels"])))
        )


class Criteria(msgspec.Struct, frozen=True):
    """Filters joined by ``any`` or ``all``; a block with neither is one filter."""

    filters: tuple[Filter, ...] = ()
    need_all: bool = False

    def match(self, view: Mapping[str, Any]) -> bool:
        """Whether a ``match`` block selects the object."""
        verdicts = (one.selects(view) for one in self.filters)
        return all(verdicts) if self.need_all else any(verdicts)

    def exclude(self, view: Mapping[str, Any]) -> bool:
        """Whether an ``exclude`` block leaves the object out."""
        if not self.filters:
            return False
        verdicts = (not one.asks_who and one.selects(view) for one in self.filters)
        return all(verdicts) if self.need_all else any(verdicts)


def _any_matches(patterns: Iterable[str], text: str) -> bool:
    return any(wildcard.matches(pattern, text) for pattern in patterns)


def _each_found(wanted: Iterable[tuple[str, str]], labels: Mapping[str, str]) -> bool:
    """Whether for each wanted pair some label matches both its key and its value."""
    return all(
        any(wildcard.matches(key, name) and wildcard.matches(value, text) for name, text in labels.items())
        for key, value in wanted
    )


def namespace_of(view: Mapping[str, Any]) -> str:
    """A Namespace stands in itself; an object without a namespace goes to ``default``, as ``kubectl apply`` puts it."""
    if view["kind"] == "Namespace":
        return str(view["name"])
    return str(view["namespace"] or _DEFAULT_NAMESPACE)


def _texts(labels: Any) -> Mapping[str, str]:
    """Labels or annotations; a map with anything but strings counts as none, as apimachinery reads it."""
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        return {}
    return labels
