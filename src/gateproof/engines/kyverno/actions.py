"""``failureAction`` of a rule and ``validationFailureAction`` of a policy: what Kyverno would do about a violation.

What is only audited gates as a warning does: with low severity, whatever the policy's. A rule that does not say what to
do is not taken for one that is only audited, although Kyverno does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.filters import read_selector
from gateproof.engines.kyverno.match import LabelSelector
from gateproof.engines.kyverno.occasion import Occasion

AUDIT = "Audit"
_ACTIONS = {"audit": AUDIT, "enforce": "Enforce"}


class Override(msgspec.Struct, frozen=True):
    """Another action in some namespaces: those with these names (with wildcards), and with these labels."""

    action: str
    namespaces: tuple[str, ...] = ()
    selector: LabelSelector | None = None

    def is_for(self, namespace: str, occasion: Occasion) -> bool:
        """Whether it is for ``namespace``; where its labels are not known, only to be stricter."""
        if self.namespaces and not any(wildcard.matches(one, namespace) for one in self.namespaces):
            return False
        if self.selector is None:
            return bool(self.namespaces)
        verdicts = [self.selector.selects(labels) for labels in occasion.namespace_labels]
        return any(verdicts) or not verdicts if self.action != AUDIT else bool(verdicts) and all(verdicts)


class Actions(msgspec.Struct, frozen=True):
    """What is done about a violation. ``default`` is empty where nothing is said."""

    default: str = ""
    overrides: tuple[Override, ...] = ()

    def action(self, occasion: Occasion) -> str:
        """``Audit``, ``Enforce``, or empty where nothing is said, for the object of a request."""
        if not self.overrides:
            return self.default
        view = occasion.view
        namespace = str(view["name"]) if view["kind"] == "Namespace" else occasion.namespace
        found = (one.action for one in self.overrides if one.is_for(namespace, occasion))
        return next(found, self.default)

    def beside(self, outer: Actions) -> Actions:
        """These of a rule, and those of its policy where they say nothing."""
        return Actions(self.default or outer.default, self.overrides or (() if self.default else outer.overrides))


def read_actions(holder: Mapping[str, Any], key: str, refuse: Callable[[str], None]) -> Actions:
    """The action called ``key`` and its overrides in ``holder``; ``refuse`` is told what is wrong with them."""
    overrides = []
    raw = holder.get(f"{key}Overrides")
    for one in raw if isinstance(raw, list) else ():
        names: Any = one.get("namespaces") or [] if isinstance(one, dict) else None
        known = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not known or one.keys() - {"action", "namespaces", "namespaceSelector"}:
            refuse(f"{key}Overrides: {one!r} has no action with namespaces or a namespaceSelector")
            continue
        selector = read_selector(one, "namespaceSelector", refuse)
        overrides.append(Override(_action(one.get("action"), f"{key}Overrides", refuse), tuple(names), selector))
    if raw is not None and not isinstance(raw, list):
        refuse(f"{key}Overrides must be a list")
    default = holder.get(key)
    return Actions("" if default is None else _action(default, key, refuse), tuple(overrides))


def _action(raw: Any, where: str, refuse: Callable[[str], None]) -> str:
    found = _ACTIONS.get(str(raw).lower())
    if found is None:
        refuse(f"{where}: {raw!r} is no action (expected Audit or Enforce)")
    return found or ""
