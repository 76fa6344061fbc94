"""PolicyException: rules that a policy's owner does not want to hold for some objects, until a certain time.

Kyverno's exceptions last until somebody deletes them. Here one counts only while it says how long it does, by the
annotation ``gateproof.dev/expires`` (RFC 3339 in UTC, ``2026-12-31T00:00:00Z``): before that instant it counts, from
then on it does not. One that does not count is named in what is said of the object that it was for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.documents.instants import is_instant
from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.conditions import ConditionError, Conditions, read_conditions
from gateproof.engines.kyverno.filters import read_criteria
from gateproof.engines.kyverno.match import Criteria
from gateproof.engines.kyverno.occasion import Occasion
from gateproof.engines.kyverno.pod_security import Exclusion, read_exclusions
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope

EXPIRES = "gateproof.dev/expires"
_KEYS = {"background", "match", "conditions", "exceptions", "podSecurity"}


class PolicyException(msgspec.Struct, frozen=True, kw_only=True):
    """One exception. ``name`` is ``namespace/name``; ``rules`` are pairs of a policy and a rule, that with wildcards.

    ``exclusions``: the controls of podSecurity that it is about; none: the rule as a whole. ``expires`` is empty where
    it does not say until when it counts, and ``problem`` then says why.
    """

    name: str
    rules: tuple[tuple[str, str], ...]
    match: Criteria
    conditions: Conditions = Conditions()
    exclusions: tuple[Exclusion, ...] = ()
    expires: str = ""
    problem: str = ""

    def names(self, policy: str, rule: str) -> bool:
        """Whether it is about ``rule`` of ``policy``, which is ``namespace/name`` for a Policy."""
        return any(wanted == policy and wildcard.matches(pattern, rule) for wanted, pattern in self.rules)

    def idle(self, now: str) -> str:
        """Why it does not count at ``now`` (RFC 3339 UTC, or empty where no time is known); empty when it does."""
        if self.problem:
            return self.problem
        if not now:
            return "what time it is is not known"
        return "" if now < self.expires else f"it expired at {self.expires}"


class Excepted(msgspec.Struct, frozen=True):
    """The exceptions that are for an object, and why others that would be do not count."""

    counting: tuple[PolicyException, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def whole(self) -> PolicyException | None:
        """One that takes the whole rule away."""
        return next((one for one in self.counting if not one.exclusions), None)

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """The controls of podSecurity that they take away together."""
        return tuple(exclusion for one in self.counting for exclusion in one.exclusions)

    @property
    def said(self) -> str:
        """Which they are, and until when they count."""
        return (
            f"excepted by {', '.join(f'the PolicyException {one.name} until {one.expires}' for one in self.counting)}"
        )


def read_exception(raw: Mapping[str, Any], refuse: Callable[[str], None]) -> PolicyException:
    """The exception in ``raw``; ``refuse`` is told everything that is wrong with it."""
    metadata, spec = _object(raw, "metadata"), _object(raw, "spec")
    for key in sorted(spec.keys() - _KEYS):
        refuse(f"unknown key spec.{key}")
    match = read_criteria(spec, "match", refuse)
    if set(_object(spec, "match")) - {"any", "all"}:
        refuse("match: an exception has any or all")
    conditions = Conditions()
    try:
        conditions = read_conditions(spec.get("conditions")) if spec.get("conditions") else conditions
    except ConditionError as error:
        refuse(f"conditions: {error}")
    expires = _object(metadata, "annotations").get(EXPIRES)
    problem = ""
    if expires is None:
        problem = f"it has no annotation {EXPIRES}, so nothing says until when it counts"
    elif not isinstance(expires, str) or not is_instant(expires):
        refuse(f"the annotation {EXPIRES} is {str(expires)[:40]!r} (expected a time such as 2026-12-31T00:00:00Z)")
    return PolicyException(
        name=f"{metadata.get('namespace') or 'default'}/{metadata.get('name') or ''}",
        rules=tuple(_rules(spec.get("exceptions"), refuse)),
        match=match,
        conditions=conditions,
        exclusions=read_exclusions(spec.get("podSecurity"), refuse, "podSecurity"),
        expires="" if problem else str(expires),
        problem=problem,
    )


def excepted(
    exceptions: Sequence[PolicyException],
    policy: str,
    rule: str,
    occasion: Occasion,
    scope: Scope,
    now: str,
) -> Excepted:
    """The exceptions that are for ``rule`` of ``policy`` on the object of a request."""
    counting: list[PolicyException] = []
    idle: list[str] = []
    for one in exceptions:
        if not one.names(policy, rule):
            continue
        try:
            # It leaves objects out, so nobody who is not known has one.
            meant = one.match.test(occasion.about, excluding=True)
            if not meant(occasion) or not one.conditions.judge(scope)[0]:
                continue
            why = one.idle(now)
        except UndecidableError as error:
            why = str(error)
        if why:
            idle.append(f"the PolicyException {one.name} does not count: {why}")
        else:
            counting.append(one)
    return Excepted(tuple(counting), tuple(idle))


def _rules(raw: Any, refuse: Callable[[str], None]) -> list[tuple[str, str]]:
    found = []
    for one in raw if isinstance(raw, list) else ():
        policy = one.get("policyName") if isinstance(one, dict) else None
        rules = one.get("ruleNames") if isinstance(one, dict) else None
        if not policy or not isinstance(policy, str) or not isinstance(rules, list) or not all(map(_is_text, rules)):
            refuse(f"exceptions: {one!r} has no policyName and ruleNames")
            continue
        found += [(policy, rule) for rule in rules]
    if not found:
        refuse("exceptions names no policy and rule")
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
