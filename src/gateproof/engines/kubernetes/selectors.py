"""Label selectors, as Kubernetes reads them (``metav1.LabelSelector``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

Labels = Mapping[str, str]


class Requirement(msgspec.Struct, frozen=True):
    """One of a label selector's requirements; ``matchLabels`` are requirements ``In`` one value."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Labels) -> bool:
        """As Kubernetes reads it: ``NotIn`` also holds where the label is missing."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels


class LabelSelector(msgspec.Struct, frozen=True):
    """``matchLabels`` and ``matchExpressions``: all of them have to hold, and an empty selector selects everything."""

    requirements: tuple[Requirement, ...] = ()

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> LabelSelector:
        """The selector in ``raw``, of which :func:`wrong` finds nothing wrong."""
        labels = [Requirement(key, "In", frozenset((value,))) for key, value in (raw.get("matchLabels") or {}).items()]
        expressions = [
            Requirement(one["key"], one["operator"], frozenset(one.get("values") or ()))
            for one in raw.get("matchExpressions") or ()
        ]
        return cls((*labels, *expressions))

    def selects(self, labels: Labels) -> bool:
        """Whether ``labels`` satisfy it."""
        return all(one.holds(labels) for one in self.requirements)


def wrong(raw: Mapping[str, Any]) -> str:
    """What is wrong with a label selector of the right shape, in words; empty when nothing is."""
    for one in raw.get("matchExpressions") or ():
        operator, values = one["operator"], one.get("values")
        if operator in ("In", "NotIn"):
            if not values:
                return f"the operator {operator} needs values"
        elif operator not in ("Exists", "DoesNotExist"):
            return f"{operator!r} is no operator (In, NotIn, Exists or DoesNotExist)"
        elif values:
            return f"the operator {operator} takes no values"
    return ""
