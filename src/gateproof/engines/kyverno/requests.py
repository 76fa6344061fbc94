"""The scope that the evaluation of a policy on an object begins with: the request, who asks, and its images."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from gateproof.compiler import Limits
from gateproof.documents.instants import instant
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.images import ImageError
from gateproof.engines.kyverno.occasion import Occasion
from gateproof.engines.kyverno.scope import ABSENT, Evaluation, Scope, VariableError
from gateproof.rego.context import Context

_LIMITS = Limits(steps=1_000_000)


def begin(occasion: Occasion, answers: Answers, now: str) -> Scope:
    """A scope with a budget of its own; ``now`` is RFC 3339 UTC, or empty where there is no time."""
    evaluation = Evaluation(answers, partial(_context, occasion, now), partial(_asking, occasion))
    return Scope(occasion.names, evaluation, (("images", partial(_images, occasion)),))


def _asking(occasion: Occasion) -> dict[str, Any]:
    """The roles of who asks, as far as the snapshot of the cluster says them."""
    found = {"roles": occasion.roles, "clusterRoles": occasion.cluster_roles}
    return {name: sorted(roles) for name, roles in found.items() if roles is not None}


def _context(occasion: Occasion, now: str) -> Context:
    return Context(occasion.names["request"], now_ns=_nanoseconds(now) if now else None, limits=_LIMITS)


@lru_cache(maxsize=16)
def _nanoseconds(now: str) -> int:
    return int(instant(now).timestamp()) * 10**9


def _images(occasion: Occasion, _: Scope) -> Any:
    try:
        return occasion.images or ABSENT
    except ImageError as error:
        raise VariableError(str(error)) from None
