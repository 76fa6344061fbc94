"""Obligations: which ones the gate table puts on a change, and whether facts show that they are met.

A fact named ``obligation/<name>`` shows it when it is fresh and its value is an object with

- ``met``: true;
- ``subject``: what it was given for: the digest of the subject, the artifact or the commit of the change;
- ``by``: for ``approval``, the human who approved, who must not be the author of the change.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateproof.catalog.gate_table import GateTable, ObligationRule
from gateproof.gate.decision import Obligation, Scene
from gateproof.inputs.context import Fact, why_unusable

APPROVAL = "approval"


def obligations(
    table: GateTable, scene: Scene, facts: Mapping[str, Fact], *, subject: str, now: str
) -> tuple[Obligation, ...]:
    """What ``table`` obliges the change to, by name; ``subject`` is the digest of what is judged."""
    due = {rule.name: rule for rule in sorted(table.obligations, key=_order) if _applies(rule, scene)}
    found = []
    for name, rule in sorted(due.items()):
        reason = _why_unmet(name, facts.get(f"obligation/{name}"), scene, subject=subject, now=now)
        found.append(Obligation(name, rule.detail, met=not reason, reason=reason))
    return tuple(found)


def _why_unmet(name: str, fact: Fact | None, scene: Scene, *, subject: str, now: str) -> str:
    unusable = why_unusable(fact, now)
    if fact is None or unusable:
        return f"the fact obligation/{name} {unusable}"
    value = fact.value if isinstance(fact.value, dict) else {}
    if value.get("met") is not True:
        return f"the fact obligation/{name} does not say that it is met"
    if value.get("subject") not in {subject, scene.artifact, scene.commit} - {""}:
        return f"the fact obligation/{name} is about something else"
    return _why_no_approval(value.get("by"), scene.author) if name == APPROVAL else ""


def _why_no_approval(approver: object, author: str) -> str:
    if not isinstance(approver, str) or not approver.strip():
        return "the approval does not say who gave it"
    if not author:
        return "the author of the change is not known, so nobody can be told apart from the author"
    if approver.strip().casefold() == author.strip().casefold():
        return "the author of the change cannot approve it"
    return ""


def _applies(rule: ObligationRule, scene: Scene) -> bool:
    return (
        (not rule.environments or scene.environment in rule.environments)
        and (not rule.tiers or scene.tier in rule.tiers)
        and (not rule.classifications or scene.data_classification in rule.classifications)
    )


def _order(rule: ObligationRule) -> tuple[str, str]:
    return rule.name, rule.detail
