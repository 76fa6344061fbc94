"""What a rule, or one element of ``foreach``, is checked with, and what a check says.

Every kind of check is a class of its own with one method; ``CHECKS`` says which key of ``validate`` is read by what. A
reader gets what stands under the key and ``Reading``, and refuses what it does not support by raising CheckError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno import references
from gateproof.engines.kyverno.conditions import ConditionError, Conditions, read_conditions
from gateproof.engines.kyverno.jmespath.values import weigh
from gateproof.engines.kyverno.pattern import Matcher, Mismatch, PatternError, compile_pattern
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope
from gateproof.engines.kyverno.variables import Document, TemplateError, compile_document


class CheckError(ValueError):
    """A check that cannot be read, or is not supported; the message says what."""


class Verdict(msgspec.Struct, frozen=True):
    """What a check says. ``detail`` follows the rule's message; ``path`` is where in the object, if at one place."""

    outcome: Outcome
    detail: str = ""
    path: Path = ()


PASSED = Verdict(Outcome.PASS)


class Check(Protocol):
    """One kind of check."""

    def judge(self, scope: Scope) -> Verdict:
        """What it says of ``scope``. Raises UndecidableError where that cannot be said, BudgetError at its limits."""


class Reading(msgspec.Struct, frozen=True):
    """What a reader may need beside its own part: the whole rule, and the namespace of a Policy."""

    rule: Mapping[str, Any] = {}
    namespace: str | None = None


class Patterns(msgspec.Struct, frozen=True):
    """The object must match one of the patterns; those without variables are compiled already."""

    patterns: tuple[tuple[Document, Matcher | None], ...]

    def judge(self, scope: Scope) -> Verdict:
        """See Check."""
        value = scope.element if scope.element is not None else scope.object
        if value is None:
            return Verdict(Outcome.SKIP, "what is deleted is not matched with patterns")
        mismatches: list[Mismatch] = []
        for document, match in self.patterns:
            mismatch = (match or _compiled(document.resolve(scope), scope))(value)
            if mismatch is None:
                return PASSED
            mismatches.append(mismatch)
        failed = [mismatch for mismatch in mismatches if not mismatch.skips]
        if not failed:
            return Verdict(Outcome.SKIP, mismatches[0].message)
        detail = "; ".join(mismatch.message for mismatch in failed)
        return Verdict(Outcome.FAIL, detail, failed[0].path if len(failed) == 1 and scope.element is None else ())


def _compiled(pattern: Any, scope: Scope) -> Matcher:
    weigh(scope.ctx, pattern)
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        raise UndecidableError(f"with its variables replaced, the pattern has {error}") from None


class Deny(msgspec.Struct, frozen=True):
    """The object is denied where the conditions hold."""

    conditions: Conditions

    def judge(self, scope: Scope) -> Verdict:
        """See Check."""
        holds, message = self.conditions.judge(scope)
        return Verdict(Outcome.FAIL, message) if holds else PASSED


def _read_pattern(raw: Any, _: Reading) -> Check:
    return _patterns([raw])


def _read_any_pattern(raw: Any, _: Reading) -> Check:
    if not isinstance(raw, list) or not raw:
        raise CheckError("anyPattern must be a list of patterns")
    return _patterns(raw)


def _patterns(raw: list[Any]) -> Patterns:
    try:
        documents = [compile_document(references.replace(one)) for one in raw]
        return Patterns(tuple((one, None if one.make else compile_pattern(one.fixed)) for one in documents))
    except (PatternError, references.UnresolvedError, TemplateError) as error:
        raise CheckError(f"the pattern has {error}") from None


def _read_deny(raw: Any, _: Reading) -> Check:
    if not isinstance(raw, dict) or raw.keys() - {"conditions"}:
        raise CheckError("deny has conditions")
    try:
        return Deny(read_conditions(raw.get("conditions")))
    except ConditionError as error:
        raise CheckError(f"deny: {error}") from None


def _read_assertion(raw: Any, reading: Reading) -> Check:
    from gateproof.engines.kyverno.assertion import read_assertion

    return read_assertion(raw, reading)


def _read_cel(_: Any, reading: Reading) -> Check:
    from gateproof.engines.kyverno.cel_rule import read

    return read(reading)


def _read_foreach(raw: Any, reading: Reading) -> Check:
    from gateproof.engines.kyverno.foreach import read_foreach

    return read_foreach(raw, reading)


def _read_pod_security(raw: Any, reading: Reading) -> Check:
    from gateproof.engines.kyverno.pod_security import read

    return read(raw, reading)


CHECKS: dict[str, Callable[[Any, Reading], Check]] = {
    "anyPattern": _read_any_pattern,
    "assert": _read_assertion,
    "cel": _read_cel,
    "deny": _read_deny,
    "foreach": _read_foreach,
    "pattern": _read_pattern,
    "podSecurity": _read_pod_security,
}
"""Key of ``validate`` → what reads it."""


def read_check(validate: Mapping[str, Any], reading: Reading) -> Check:
    """The one check of ``validate``. Raises CheckError."""
    found = [key for key in CHECKS if validate.get(key) is not None]
    if len(found) != 1:
        raise CheckError(f"validate needs exactly one of {', '.join(CHECKS)}")
    return CHECKS[found[0]](validate[found[0]], reading)
