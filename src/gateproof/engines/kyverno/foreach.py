"""``foreach``: a check on every element of lists, in their order, nested if need be."""

from __future__ import annotations

from typing import Any

import msgspec

from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.checks import CHECKS, Check, CheckError, Reading, Verdict
from gateproof.engines.kyverno.conditions import ConditionError, Conditions, read_conditions
from gateproof.engines.kyverno.context import ContextError, Entry, read_entries
from gateproof.engines.kyverno.jmespath import Expression, JmespathError, compile
from gateproof.engines.kyverno.jmespath.values import Int64
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope, UnansweredError, VariableError

_CHECKS = ("anyPattern", "deny", "foreach", "pattern")
_KEYS = {"list", "elementScope", "context", "preconditions", *_CHECKS}
_DEEPEST = 8
_ELEMENT = 10
"""Steps that it takes to go on to the next element."""


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """One list and what its elements are checked with.

    ``scoped``: whether patterns are matched with the element; None: if it is an object.
    """

    elements_of: Expression
    scoped: bool | None
    context: tuple[Entry, ...]
    preconditions: Conditions
    check: Check

    def elements(self, scope: Scope) -> list[Any]:
        """The elements; what is no list is one. Raises VariableError."""
        found = scope.query(self.elements_of)
        return found if isinstance(found, list) else [found]

    def judge(self, scope: Scope, element: Any, index: int, depth: int) -> Verdict | None:
        """What is said of one element; None where it is passed over. Raises UndecidableError."""
        if self.scoped and not isinstance(element, dict):
            raise UndecidableError("elementScope is true, and an element is no object")
        names = {
            "element": element,
            f"element{depth}": element,
            "elementIndex": Int64(index),
            f"elementIndex{depth}": Int64(index),
        }
        of_element = isinstance(element, dict) if self.scoped is None else self.scoped
        inner = scope.inner(names, self.context, element if of_element else None)
        try:
            holds, _ = self.preconditions.judge(inner)
        except UnansweredError:
            raise
        except VariableError:
            return None  # as Kyverno passes over an element whose preconditions it cannot evaluate
        return self.check.judge(inner) if holds else None


class ForEach(msgspec.Struct, frozen=True):
    """Several loops, one after the other. ``depth``: in how many others they are."""

    loops: tuple[Loop, ...]
    depth: int

    def judge(self, scope: Scope) -> Verdict:
        """See Check. Nothing to check is SKIP."""
        applied = False
        unreadable: VariableError | None = None
        for loop in self.loops:
            try:
                elements = loop.elements(scope)
            except UnansweredError:
                raise
            except VariableError as error:
                unreadable = unreadable if error.unknown else error
                continue
            scope.ctx.spend(_ELEMENT * len(elements))
            for index, element in enumerate(elements):
                verdict = loop.judge(scope, element, index, self.depth) if element is not None else None
                if verdict is None or verdict.outcome is Outcome.SKIP:
                    continue
                if verdict.outcome is not Outcome.PASS:
                    return Verdict(
                        verdict.outcome, f"element {index} of {loop.elements_of.text}: {verdict.detail}".rstrip(": ")
                    )
                applied = True
        if not applied and unreadable is not None:
            raise unreadable
        return Verdict(Outcome.PASS) if applied else Verdict(Outcome.SKIP, "there is no element to check")


def read_foreach(raw: Any, reading: Reading, depth: int = 0) -> Check:
    """Read what stands under ``foreach``. Raises CheckError."""
    if depth > _DEEPEST:
        raise CheckError(f"foreach is nested more than {_DEEPEST} deep")
    if not isinstance(raw, list) or not raw:
        raise CheckError("foreach is a list")
    return ForEach(tuple(_loop(one, reading, depth) for one in raw), depth)


def _loop(raw: Any, reading: Reading, depth: int) -> Loop:
    if not isinstance(raw, dict) or not isinstance(raw.get("list"), str):
        raise CheckError("foreach: a loop has a list")
    if unknown := raw.keys() - _KEYS:
        raise CheckError(f"foreach: unknown key {min(unknown)!r}")
    scoped, found = raw.get("elementScope"), [key for key in _CHECKS if raw.get(key) is not None]
    if not isinstance(scoped, bool | None) or len(found) != 1:
        raise CheckError(f"foreach: a loop has exactly one of {', '.join(_CHECKS)}, and elementScope is true or false")
    try:
        return Loop(
            elements_of=compile(raw["list"]),
            scoped=scoped,
            context=read_entries(raw.get("context"), reading.namespace),
            preconditions=read_conditions(raw.get("preconditions")),
            check=(
                read_foreach(raw["foreach"], reading, depth + 1)
                if found[0] == "foreach"
                else CHECKS[found[0]](raw[found[0]], reading)
            ),
        )
    except (ConditionError, ContextError, JmespathError) as error:
        raise CheckError(f"foreach: {error}") from None
