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
from gateproof.inputs import admission
from gateproof.inputs.input import Input, Resource
from gateproof.rego.context import Context

_LIMITS = Limits(steps=1_000_000)
_SERVICE_ACCOUNT = "system:serviceaccount:"


def begin(subject: Input, resource: Resource, answers: Answers, now: str, occasion: Occasion | None = None) -> Scope:
    """A scope with a budget of its own; ``now`` is RFC 3339 UTC, or empty where there is no time.

    ``occasion`` knows the roles of who asks.
    """
    names = _names(subject, resource)
    evaluation = Evaluation(answers, partial(_context, names["request"], now), partial(_asking, occasion))
    return Scope(names, evaluation, _FROM_THE_OBJECT)


def _asking(occasion: Occasion | None) -> dict[str, Any]:
    """The roles of who asks, as far as the snapshot of the cluster says them."""
    if occasion is None:
        return {}
    found = {"roles": occasion.roles, "clusterRoles": occasion.cluster_roles}
    return {name: sorted(roles) for name, roles in found.items() if roles is not None}


def _context(request: dict[str, Any], now: str) -> Context:
    now_ns = int(instant(now).timestamp()) * 10**9 if now else None
    return Context(request, now_ns=now_ns, limits=_LIMITS)


def _names(subject: Input, resource: Resource) -> dict[str, Any]:
    """``request`` and what comes of it; kept with the Input, since every policy asks for the same."""
    made: dict[int, dict[str, Any]] = vars(subject).setdefault("kyverno_names", {})
    if resource.document not in made:
        asked = admission.request(subject, resource)
        names: dict[str, Any] = {"request": {**asked, "object": _placed(asked["object"], asked["namespace"])}}
        user = asked["userInfo"].get("username")
        if isinstance(user, str):
            namespace, _, account = user.removeprefix(_SERVICE_ACCOUNT).partition(":")
            known = user.startswith(_SERVICE_ACCOUNT) and account
            names["serviceAccountName"] = account.partition(":")[0] if known else ""
            names["serviceAccountNamespace"] = namespace if known else ""
        made[resource.document] = names
    return made[resource.document]


def _placed(value: Any, namespace: str) -> Any:
    """The object with the namespace that it goes to, as an API server has it."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not namespace or not isinstance(metadata, dict) or metadata.get("namespace") or value["kind"] == "Namespace":
        return value
    return {**value, "metadata": {**metadata, "namespace": namespace}}


def _images(scope: Scope) -> Any:
    value = scope.object or scope.data["request"].get("oldObject")
    try:
        return images_of(value) or ABSENT
    except ImageError as error:
        raise VariableError(str(error)) from None


_FROM_THE_OBJECT: tuple[tuple[str, Load], ...] = (("images", _images),)
