"""Two decisions on one input, by other policies: for which resources the outcome is another. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from gateproof.engines.interface import Outcome, Result
from gateproof.gate.decision import Decision, Treatment


class State(StrEnum):
    """What became of a resource under a policy, from lenient to strict."""

    NOT_JUDGED = "not judged"
    PASSED = "passed"
    WARNED = "warned"
    UNDECIDED = "undecided"
    BLOCKED = "blocked"


class Shift(msgspec.Struct, frozen=True):
    """A resource of which the outcome under a policy is another, and why it is what it is now."""

    input: str
    policy: str
    resource: str
    before: State
    after: State
    why: tuple[str, ...] = ()


def shifts(name: str, old: Decision, new: Decision) -> tuple[Shift, ...]:
    """The shifts from ``old`` to ``new``, two decisions on the input called ``name``, by policy and resource."""
    before, after = _states(old), _states(new)
    why = _reasons(new)
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, is_now = (states.get(key, State.NOT_JUDGED) for states in (before, after))
        if was is not is_now:
            found.append(Shift(name, *key, was, is_now, why.get(key, ())))
    return tuple(found)


_Key = tuple[str, str]
_OUTCOMES = {
    Outcome.PASS: State.PASSED,
    Outcome.FAIL: State.WARNED,
    Outcome.ERROR: State.UNDECIDED,
    Outcome.SKIP: State.NOT_JUDGED,
}


def _states(decision: Decision) -> dict[_Key, State]:
    states = {(result.policy, result.resource): _OUTCOMES[result.outcome] for result in decision.core.results}
    for disposition in decision.core.dispositions_at(decision.layer):
        if disposition.treatment is Treatment.BLOCK:
            states[disposition.finding.policy, disposition.finding.resource] = State.BLOCKED
    return {key: state for key, state in states.items() if state is not State.NOT_JUDGED}


def _reasons(decision: Decision) -> dict[_Key, tuple[str, ...]]:
    return {(result.policy, result.resource): tuple(_said(result)) for result in decision.core.results}


def _said(result: Result) -> Iterable[str]:
    return [finding.message for finding in result.findings] or ([result.reason] if result.reason else [])
