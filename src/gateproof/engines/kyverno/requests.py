"""The scope that the evaluation of a policy on an object begins with: the request, who asks, and its images."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateproof.compiler import Limits
from gateproof.documents.instants import instant
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.images import ImageError, images_of
from gateproof.engines.kyverno.occasion import Occasion
from gateproof.engines.kyverno.scope import ABSENT, Evaluation, Load, Scope, VariableError
from gateproof.rego.context import Context

_LIMITS = Limits(steps=1_000_000)


def begin(occasion: Occasion, answers: Answers, now: str) -> Scope:
    """A scope with a budget of its own; ``now`` is RFC 3339 UTC, or empty where there is no time."""
    evaluation = Evaluation(answers, partial(_context, occasion, now), partial(_asking, occasion))
    return Scope(occasion.names, evaluation, _FROM_THE_OBJECT)


def _asking(occasion: Occasion) -> dict[str, Any]:
    """The roles of who asks, as far as the snapshot of the cluster says them."""
    found = {"roles": occasion.roles, "clusterRoles": occasion.cluster_roles}
    return {name: sorted(roles) for name, roles in found.items() if roles is not None}


def _context(occasion: Occasion, now: str) -> Context:
    now_ns = int(instant(now).timestamp()) * 10**9 if now else None
    return Context(occasion.names["request"], now_ns=now_ns, limits=_LIMITS)


def _images(scope: Scope) -> Any:
    value = scope.object or scope.data["request"].get("oldObject")
    try:
        return images_of(value) or ABSENT
    except ImageError as error:
        raise VariableError(str(error)) from None


_FROM_THE_OBJECT: tuple[tuple[str, Load], ...] = (("images", _images),)
