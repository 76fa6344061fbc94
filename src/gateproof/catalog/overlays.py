"""Overlays: what a team changes about a policy without forking it. Pure.

An overlay turns a policy off, changes its severity, narrows its scope or sets parameters. What makes it more lenient
(all but a higher severity and parameters, of which nobody can tell) needs ``loosens`` with a reason, an owner and a
time until which it counts; after that the policy is as it was. What a working tree asserts beside the protected file
can only raise a severity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from gateproof.catalog.gate_table import Loosening
from gateproof.catalog.policy import Policy, Scope
from gateproof.catalog.scales import Severity
from gateproof.documents.instants import instant, is_instant
from gateproof.errors import PolicyError


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What changes about the policy of this id. ``scope`` narrows the policy's own; ``enabled: false`` turns it off.

    ``loosens`` says why it may be more lenient than the policy itself, who answers for that, and until when.
    """

    policy: str
    enabled: bool = True
    severity: Severity | None = None
    scope: Scope = Scope()
    parameters: dict[str, Any] = {}
    loosens: Loosening | None = None

    def is_over(self, now: str) -> bool:
        """Whether it loosens something and its time has come at ``now`` (RFC 3339 UTC), or cannot be read."""
        if self.loosens is None:
            return False
        return not is_instant(self.loosens.expires) or instant(self.loosens.expires) <= instant(now)

    @property
    def said(self) -> str:
        """What it does, and why it may, in words."""
        parts = [] if self.enabled else ["turned off"]
        parts += [f"severity {self.severity}"] if self.severity else []
        allowed = (*self.scope.environments, *self.scope.tiers, *self.scope.classifications)
        parts += [f"only for {', '.join(allowed)}"] if allowed else []
        parts += [f"own {', '.join(sorted(self.parameters))}"] if self.parameters else []
        if self.loosens:
            parts.append(f"until {self.loosens.expires} ({self.loosens.reason}; {self.loosens.owner})")
        return ", ".join(parts)


class Applied(msgspec.Struct, frozen=True):
    """Policies as overlays leave them, those that are turned off aside.

    ``overlays`` are the parts that counted. ``parameters`` are the values that they set, by policy id. ``idle`` are the
    asserted ones that would not raise a severity.
    """

    policies: tuple[Policy, ...]
    overlays: tuple[Overlay, ...] = ()
    parameters: dict[str, dict[str, Any]] = {}
    idle: tuple[Overlay, ...] = ()


def check(overlays: Sequence[Overlay]) -> Iterator[tuple[int, str]]:
    """Why ``overlays`` may not stand whatever the policies are: the index of one, and what is wrong with it."""
    seen = set()
    for index, overlay in enumerate(overlays):
        if overlay.policy in seen:
            yield index, f"{overlay.policy}: there is another overlay for this policy"
        seen.add(overlay.policy)
        loosens = overlay.loosens
        if loosens and not is_instant(loosens.expires):
            yield index, f"{overlay.policy}: loosens.expires must look like 2026-11-23T05:00:00Z"
        if loosens and not (loosens.reason.strip() and loosens.owner.strip()):
            yield index, f"{overlay.policy}: loosens needs a reason and an owner"
        if loosens is None and (not overlay.enabled or overlay.scope != Scope()):
            yield index, f"{overlay.policy}: {_NEEDS}"


def apply(
    policies: Iterable[Policy], overlays: Sequence[Overlay], *, asserted: Sequence[Overlay] = (), now: str
) -> Applied:
    """``policies`` as the protected ``overlays`` and those that a change has ``asserted`` leave them at ``now``.

    ``now``: RFC 3339 UTC. Raises PolicyError with every problem: an overlay for a policy that there is not, a lower
    severity that nothing loosens, a scope that leaves nothing.
    """
    given = tuple(policies)
    known = {policy.id: policy for policy in given}
    problems = [problem for _, problem in check(overlays)]
    problems += [
        f"there is an overlay for {overlay.policy!r}, and no such policy is loaded"
        for overlay in (*overlays, *asserted)
        if overlay.policy not in known
    ]
    problems = problems or [problem for overlay in overlays for problem in _problems(overlay, known[overlay.policy])]
    if problems:
        raise PolicyError("the overlays do not fit the policies", problems=problems, hint=_HINT)
    counted = {each.policy: live for each in overlays if (live := _live(each, known[each.policy], now)) is not None}
    idle = []
    for overlay in asserted:
        before = counted.get(overlay.policy, Overlay(overlay.policy))
        severity = before.severity or known[overlay.policy].severity
        if overlay.severity is not None and overlay.severity.rank > severity.rank:
            counted[overlay.policy] = msgspec.structs.replace(before, severity=overlay.severity)
        else:
            idle.append(overlay)
    return Applied(
        policies=tuple(
            _changed(policy, counted[policy.id]) if policy.id in counted else policy
            for policy in given
            if policy.id not in counted or counted[policy.id].enabled
        ),
        overlays=tuple(overlay for _, overlay in sorted(counted.items())),
        parameters={each.policy: each.parameters for each in counted.values() if each.enabled and each.parameters},
        idle=tuple(idle),
    )


_HINT = "correct policies.overlays in gateproof.yaml; docs/guides/policy-lifecycle.md says what they may do"
_NEEDS = "this is more lenient than the policy: give it `loosens` with reason, owner and expires"


def _problems(overlay: Overlay, policy: Policy) -> list[str]:
    problems = []
    lower = overlay.severity is not None and overlay.severity.rank < policy.severity.rank
    if lower and overlay.loosens is None:
        problems.append(f"{policy.id}: severity {overlay.severity} is below {policy.severity}; {_NEEDS}")
    for name in Scope.__struct_fields__:
        wanted, own = getattr(overlay.scope, name), getattr(policy.scope, name)
        if wanted and own and not set(wanted) & set(own):
            problems.append(f"{policy.id}: scope.{name} leaves nothing: the policy is for {', '.join(own)}")
    return problems


def _live(overlay: Overlay, policy: Policy, now: str) -> Overlay | None:
    """The parts of ``overlay`` that count at ``now``; None when it changes nothing."""
    if overlay.is_over(now):
        raised = overlay.severity is not None and overlay.severity.rank > policy.severity.rank
        severity = overlay.severity if raised else None
        overlay = Overlay(overlay.policy, severity=severity, parameters=overlay.parameters)
    return None if overlay == Overlay(overlay.policy, loosens=overlay.loosens) else overlay


def _changed(policy: Policy, overlay: Overlay) -> Policy:
    scope = Scope(
        environments=_narrowed(policy.scope.environments, overlay.scope.environments),
        tiers=_narrowed(policy.scope.tiers, overlay.scope.tiers),
        classifications=_narrowed(policy.scope.classifications, overlay.scope.classifications),
    )
    return msgspec.structs.replace(policy, severity=overlay.severity or policy.severity, scope=scope)


_T = TypeVar("_T")


def _narrowed(own: tuple[_T, ...], wanted: tuple[_T, ...]) -> tuple[_T, ...]:
    return tuple(value for value in wanted if value in own) if own and wanted else own or wanted
