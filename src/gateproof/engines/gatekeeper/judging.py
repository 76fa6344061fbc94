"""One constraint and one review: what its template finds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof.engines.gatekeeper import template as templates
from gateproof.engines.gatekeeper.constraint import Constraint
from gateproof.engines.gatekeeper.expansion import Expansion, expand
from gateproof.engines.gatekeeper.review import GENERATED, Review, of_object
from gateproof.engines.gatekeeper.template import Rego, Template
from gateproof.errors import EvaluationError

if TYPE_CHECKING:
    from gateproof.engines.gatekeeper.native import Native

_SURROGATE = re.compile("[\ud800-\udfff]")


class Violation(msgspec.Struct, frozen=True):
    """What a template says of an object: its message, details (any value) and the action that the constraint asks for.

    ``is_error``: it could not be evaluated, which Gatekeeper takes for a violation, unless the template says that such
    errors are to be ignored (``is_ignored``).
    """

    message: str
    action: str
    details: Any = None
    is_error: bool = False
    is_ignored: bool = False


class Judge(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint, its template, and what expands the objects that it is put to."""

    template: Template
    constraint: Constraint
    expansions: tuple[Expansion, ...] = ()

    def judge(
        self, review: Review, inventory: Mapping[str, Any], *, now_ns: int | None = None, seed: bytes = b""
    ) -> list[Violation] | None:
        """What is wrong with what is asked for, and with what would be made of it; None when it is for none of them.

        ``inventory`` is ``data.inventory``. ``now_ns`` (Unix nanoseconds) and ``seed`` are the template's time and
        chance. Never raises for what an object or a template does: that is a violation that is an error.
        """
        rounds = [self._one(review, inventory, now_ns, seed)]
        try:
            for made in expand(review.objects[0], self.expansions) if review.operation != "DELETE" else ():
                action = made.by.action or self.constraint.action
                generated = of_object(
                    made.value, source=GENERATED, namespaced=review.namespaced, namespaces=review.namespaces
                )
                found = self._one(generated, inventory, now_ns, seed)
                rounds.append(found and [_implied(each, made.by.name, action) for each in found])
        except EvaluationError as error:
            rounds.append([self._error(error.one_line)])
        if all(found is None for found in rounds):
            return None
        return [each for found in rounds for each in found or ()]

    def _one(
        self, review: Review, inventory: Mapping[str, Any], now_ns: int | None, seed: bytes
    ) -> list[Violation] | None:
        operations = self.template.operations
        if operations and review.operation and review.operation not in operations:
            return None
        try:
            if not self.constraint.match.selects(review):
                return None
            code = self.template.code
            if isinstance(code, Rego):
                return self._ask(code, review, inventory, now_ns, seed)
            return self._validate(code, review)
        except EvaluationError as error:
            return [self._error(error.one_line)]

    def _validate(self, code: Native, review: Review) -> list[Violation] | None:
        verdict = code.judge(review, self.constraint.parameters)
        if verdict.unmet:
            return None
        failed = [Violation(message, self.constraint.action) for message in verdict.failed]
        return [*failed, *(self._error(each, is_ignored=code.ignores_errors) for each in verdict.errors)]

    def _ask(
        self, rego: Rego, review: Review, inventory: Mapping[str, Any], now_ns: int | None, seed: bytes
    ) -> list[Violation]:
        from gateproof.rego import UNDEFINED, RegoSet

        rule = templates.rule(rego)
        parameters = self.constraint.parameters
        input = {"review": review.request, "parameters": {} if parameters is None else parameters}
        found = rule.program.evaluate(rule.path, input, {"inventory": inventory}, now_ns=now_ns, seed=seed)
        if found is UNDEFINED:
            return []
        if not isinstance(found, RegoSet):
            raise EvaluationError("violation is no set", hint='write `violation[{"msg": msg}] { … }`')
        # What differs in nothing that is told is told once.
        return [self._violation(each) for each in RegoSet.of(map(_told, found))]

    def _violation(self, found: Any) -> Violation:
        message = found["msg"]
        shown = message if message.isascii() else _SURROGATE.sub("\ufffd", message)
        return Violation(shown, self.constraint.action, found["details"])

    def _error(self, message: str, *, is_ignored: bool = False) -> Violation:
        return Violation(message, self.constraint.action, is_error=True, is_ignored=is_ignored)


def _told(found: Any) -> dict[str, Any]:
    """What a violation tells. Gatekeeper drops one without a message in silence: what was found would be lost."""
    message = found.get("msg") if isinstance(found, dict) else None
    if not isinstance(message, str):
        raise EvaluationError("violation holds something else than objects with a text msg")
    return {"msg": message, "details": found.get("details", {})}


def _implied(found: Violation, by: str, action: str) -> Violation:
    return msgspec.structs.replace(found, message=f"[Implied by {by}] {found.message}", action=action)
