"""What a change of policies changes → text, JSON, or Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gateproof.catalog.comparing import Difference
from gateproof.gate.comparing import Shift, State
from gateproof.render.untrusted import code, encodable, json_document, markdown, plain

VERSION = 1
"""Raised when a field of the JSON changes its meaning or goes away; new fields do not raise it."""

SHOWN = 25
"""Shifts of each sort that text and Markdown list; JSON has all."""

_ORDER = (State.BLOCKED, State.UNDECIDED, State.WARNED, State.PASSED, State.NOT_JUDGED)
_HEADS = {
    State.BLOCKED: "newly blocked",
    State.UNDECIDED: "newly undecided",
    State.WARNED: "now a warning",
    State.PASSED: "newly passed",
    State.NOT_JUDGED: "no longer judged",
}
_LIMIT = 300


class PolicyDiff(msgspec.Struct, frozen=True):
    """Two places of policies, what differs between them, and what that changed on ``judged`` inputs."""

    old: str
    new: str
    differences: tuple[Difference, ...]
    shifts: tuple[Shift, ...]
    judged: int

    def after(self, state: State) -> list[Shift]:
        """The shifts that end in ``state``."""
        return [shift for shift in self.shifts if shift.after is state]


def text(diff: PolicyDiff) -> str:
    """What a person reads."""
    lines = [plain(f"{diff.old} → {diff.new}"), ""]
    lines += [f"  {plain(_said(each), _LIMIT)}" for each in diff.differences] or ["  the policies are the same"]
    for state, found in _sorted(diff):
        lines += ["", f"{_HEADS[state]}: {len(found)}"]
        for shift in found[:SHOWN]:
            lines.append(f"  {plain(shift.policy)}  {plain(shift.resource) or 'the whole input'}")
            lines.append(f"      {plain(shift.input)} (was {shift.before})")
            lines += [f"      {plain(why, _LIMIT)}" for why in shift.why[:3]]
        if len(found) > SHOWN:
            lines.append(f"  … and {len(found) - SHOWN} more (--format json has them all)")
    return "\n".join([*lines, "", _counted(diff), ""])


def json(diff: PolicyDiff) -> str:
    """One object: ``version``, ``old``, ``new``, ``inputs`` (how many), ``differences``, ``counts``, ``shifts``."""
    document: dict[str, Any] = {
        "version": VERSION,
        "old": encodable(diff.old),
        "new": encodable(diff.new),
        "inputs": diff.judged,
        "differences": diff.differences,
        "counts": {state.value: len(diff.after(state)) for state in _ORDER},
        "shifts": [{**msgspec.structs.asdict(shift), "input": encodable(shift.input)} for shift in diff.shifts],
    }
    return json_document(msgspec.json.encode(document))


def _counts(diff: PolicyDiff) -> Iterator[str]:
    """How many shifts of each sort there are, in words."""
    yield from (f"{len(found)} {_HEADS[state]}" for state, found in _sorted(diff))


def as_markdown(diff: PolicyDiff) -> str:
    """A comment on a pull request."""
    lines = [f"### Policies: {code(diff.old)} → {code(diff.new)}", "", _counted(diff), ""]
    lines += [f"- {markdown(_said(each), _LIMIT)}" for each in diff.differences] or ["- the policies are the same"]
    for state, found in _sorted(diff):
        lines += ["", f"**{_HEADS[state]}: {len(found)}**", ""]
        for shift in found[:SHOWN]:
            where = code(shift.resource, _LIMIT) if shift.resource else "the whole input"
            why = f": {markdown('; '.join(shift.why[:3]), _LIMIT)}" if shift.why else ""
            lines.append(f"- {code(shift.policy)} {where} in {code(shift.input, _LIMIT)} (was {shift.before}){why}")
        if len(found) > SHOWN:
            lines.append(f"- … and {len(found) - SHOWN} more")
    return "\n".join([*lines, ""])


def _sorted(diff: PolicyDiff) -> Iterator[tuple[State, Sequence[Shift]]]:
    for state in _ORDER:
        if found := diff.after(state):
            yield state, found


def _counted(diff: PolicyDiff) -> str:
    inputs = f"{diff.judged} {'input' if diff.judged == 1 else 'inputs'}"
    if not diff.judged:
        return "no inputs were given: --input PATH or --from-evidence STORE says what changes in effect"
    return f"{inputs}: {', '.join(_counts(diff)) or 'no outcome is another'}"


def _said(difference: Difference) -> str:
    before, after = difference.before, difference.after
    head = difference.policy
    match difference.field:
        case "policy":
            return f"{head} is new: {after}" if before is None else f"{head} is gone: {before}"
        case "text":
            return f"{head}: the text of {', '.join(sorted({*before, *after}))} changed"
        case "controls" | "kinds" | "resources" | "layers" | "facts":
            gone = [f"without {each}" for each in before if each not in after]
            added = [f"with {each}" for each in after if each not in before]
            return f"{head}: {difference.field} {', '.join((*gone, *added)) or 'in another order'}"
        case field:
            return f"{head}: {field} {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    return "(none)" if value in (None, "") else msgspec.json.encode(value).decode()
