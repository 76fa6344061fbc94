"""Which objects a Constraint is for: ``spec.match``, every part of which has to hold.

As Gatekeeper decides it (https://open-policy-agent.github.io/gatekeeper/website/docs/howto/#the-match-field): a part
that is missing or empty holds; of an update the old object counts too. On purpose it differs in one thing: what an
object that names no namespace would have is not known before a request, so that an object of a kind that lives in
namespaces, or of a kind that nobody here knows, is never left out because of ``scope``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.engines.gatekeeper.review import Review, group_and_kind, labels_of, text_of
from gateproof.engines.kubernetes.selectors import LabelSelector
from gateproof.errors import EvaluationError

WILDCARD = "*"
_NAMESPACE = ("", "Namespace")
_CLUSTER, _NAMESPACED = "Cluster", "Namespaced"
_ALL = "All"


class Kinds(msgspec.Struct, frozen=True):
    """API groups and kinds; none, or ``*`` among them, means any."""

    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def selects(self, group: str, kind: str) -> bool:
        """Whether a kind is among them."""
        return _is_among(self.kinds, kind) and _is_among(self.groups, group)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """``spec.match`` of a Constraint. Globs (``kube-*``, ``*-system``, ``*sys*``) have ``*`` at their ends alone."""

    source: str = _ALL
    kinds: tuple[Kinds, ...] = ()
    scope: str = WILDCARD
    namespaces: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    labels: LabelSelector | None = None
    namespace_labels: LabelSelector | None = None
    name: str = ""

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Match:
        """The match in ``raw``, which is valid (see ``constraint``)."""
        labels, namespace_labels = raw.get("labelSelector"), raw.get("namespaceSelector")
        return cls(
            source=raw.get("source") or _ALL,
            kinds=tuple(
                Kinds(tuple(one.get("apiGroups") or ()), tuple(one.get("kinds") or ()))
                for one in raw.get("kinds") or ()
            ),
            scope=raw.get("scope") or WILDCARD,
            namespaces=tuple(raw.get("namespaces") or ()),
            excluded=tuple(raw.get("excludedNamespaces") or ()),
            labels=None if labels is None else LabelSelector.read(labels),
            namespace_labels=None if namespace_labels is None else LabelSelector.read(namespace_labels),
            name=raw.get("name") or "",
        )

    def selects(self, review: Review) -> bool:
        """Whether the constraint is for ``review``. Raises EvaluationError when that cannot be told."""
        return any(self._selects(one, review) for one in review.objects)

    def _selects(self, value: Mapping[str, Any], review: Review) -> bool:
        group, kind = group_and_kind(value)
        if self.kinds and not any(one.selects(group, kind) for one in self.kinds):
            return False
        is_namespace = (group, kind) == _NAMESPACE
        name, generated = text_of(value, "name"), text_of(value, "generateName")
        namespace = name if is_namespace else text_of(value, "namespace") or review.namespace
        return (
            self._is_in_scope(is_namespace, bool(namespace), review)
            and (not self.namespaces or not namespace or _any_glob(self.namespaces, namespace))
            and not (namespace and _any_glob(self.excluded, namespace))
            and (self.labels is None or self.labels.selects(labels_of(value)))
            and (not self.name or glob(self.name, name) or _is_glob_of_prefix(self.name, generated))
            and self.source in (_ALL, review.source)
            and self._is_in_namespace(is_namespace, namespace, value, review)
        )

    def _is_in_scope(self, is_namespace: bool, in_namespace: bool, review: Review) -> bool:
        if self.scope not in (_CLUSTER, _NAMESPACED):
            return True
        if is_namespace:
            return self.scope == _CLUSTER
        if in_namespace:
            return self.scope == _NAMESPACED
        return review.namespaced is None or (self.scope == _NAMESPACED) is review.namespaced

    def _is_in_namespace(self, is_namespace: bool, namespace: str, value: Mapping[str, Any], review: Review) -> bool:
        selector = self.namespace_labels
        if selector is None:
            return True
        if is_namespace:
            return selector.selects(labels_of(value))
        if not namespace:
            return True
        known = review.namespaces.get(namespace)
        if not known:
            raise EvaluationError(
                f"the labels of the namespace {namespace} are not known, and namespaceSelector asks for them",
                hint="give the Namespace with the manifests, or the fact that has the cluster's objects",
            )
        return any(selector.selects(labels_of(one)) for one in known)


def glob(pattern: str, text: str) -> bool:
    """Whether ``text`` matches: ``*`` counts at the ends of ``pattern`` alone."""
    starts, ends = pattern.startswith(WILDCARD), pattern.endswith(WILDCARD)
    if starts and ends:
        return pattern[1:-1] in text
    if starts:
        return text.endswith(pattern[1:])
    return text.startswith(pattern[:-1]) if ends else pattern == text


def _is_glob_of_prefix(pattern: str, prefix: str) -> bool:
    """Whether every name that is generated from ``prefix`` matches."""
    return pattern.endswith(WILDCARD) and glob(pattern, prefix)


def _any_glob(patterns: Sequence[str], text: str) -> bool:
    return any(glob(pattern, text) for pattern in patterns)


def _is_among(listed: Collection[str], one: str) -> bool:
    return not listed or WILDCARD in listed or one in listed
