"""Code of the engine ``K8sNativeValidation``: a template's validations in CEL.

They are judged as those of a ValidatingAdmissionPolicy, and ``variables`` has two more: ``anyObject``, which of a
DELETE is the object that goes, and ``params``, the constraint's parameters
(https://open-policy-agent.github.io/gatekeeper/website/docs/validating-admission-policy). ``generateVAP`` is about
policies that Gatekeeper makes for the API server: it changes nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.gatekeeper.review import Review
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems
from gateproof.engines.validating import spec
from gateproof.engines.validating.expressions import Bindings, Compiler, Validations, Verdict

_TEXT = {"type": "string"}
_IGNORE = "Ignore"
_RESERVED = "gatekeeper_internal_"
_SOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "validations": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["expression"],
                "properties": {"expression": _TEXT, "message": _TEXT, "messageExpression": _TEXT},
            },
        },
        "matchCondition": spec.MATCH_CONDITIONS,
        "variables": spec.VARIABLES,
        "failurePolicy": {"type": "string", "enum": ["Fail", _IGNORE]},
        "generateVAP": {"type": "boolean"},
    },
    "required": ["validations"],
}
_OWN = (
    {"name": "anyObject", "expression": "object == null ? oldObject : object"},
    {"name": "params", "expression": "has(params.spec.parameters) ? params.spec.parameters : null"},
)
"""The variables that every template has."""
_OWN_NAMES = tuple(one["name"] for one in _OWN)


class Native(msgspec.Struct, frozen=True):
    """Validations of a template. ``ignores_errors``: its failurePolicy is Ignore."""

    validations: Validations
    ignores_errors: bool = False

    def judge(self, review: Review, parameters: Any) -> Verdict:
        """What they say about ``review`` with the parameters of a constraint; None where it has none."""
        return self.validations.judge(_bindings(review, parameters))


def read(manifest: Manifest, path: Path, source: Any, problems: Problems) -> Native | None:
    """The code in ``source``, which stands at ``path``; None after problems."""
    wrong = [*schema.problems(_SOURCE, source)]
    found = None
    if not wrong:
        found, told = _compiled(msgspec.json.encode(source))
        wrong += told
    for place, problem in wrong:
        problems.add(manifest, (*path, *place), problem)
    return None if wrong else found


@lru_cache(maxsize=256)
def _compiled(encoded: bytes) -> tuple[Native, tuple[schema.Problem, ...]]:
    """A source, as JSON, compiled once for all constraints of a template; and what is wrong with it."""
    source, problems = msgspec.json.decode(encoded), list[schema.Problem]()

    def report(path: Path, message: str) -> None:
        # The template's own variables are counted from behind those that every template has.
        if len(path) > 1 and path[0] == "variables" and isinstance(path[1], int):
            path = ("variables", path[1] - len(_OWN), *path[2:])
        problems.append((path, message))

    named = {name: source.get(name) or [] for name in ("variables", "matchCondition")}
    for name, listed in named.items():
        for index, one in enumerate(listed):
            if one["name"].startswith(_RESERVED) or (name == "variables" and one["name"] in _OWN_NAMES):
                problems.append(((name, index, "name"), f"{one['name']!r} is Gatekeeper's own"))
    validations = Compiler(report, params=True).compile(
        conditions=(("matchCondition",), named["matchCondition"]),
        variables=(("variables",), [*_OWN, *named["variables"]]),
        validations=(("validations",), source["validations"]),
        annotations=((), []),
    )
    return Native(validations, source.get("failurePolicy") == _IGNORE), tuple(problems)


def _bindings(review: Review, parameters: Any) -> Bindings:
    request: dict[str, Any] = {"name": "", "namespace": "", **review.request}
    del request["namespaceObject"]
    if review.operation == "DELETE":
        request["object"] = None
    name = request["namespace"]
    is_namespace = (request["kind"]["group"], request["kind"]["kind"]) == ("", "Namespace")
    namespace: Mapping[str, Any] | None = None
    known = True
    if name and review.operation and not is_namespace:
        found = review.namespaces.get(name)
        namespace, known = (found[0], True) if found else ({"metadata": {"name": name}}, False)
    given = {} if parameters is None else {"parameters": parameters}
    return Bindings(request=request, namespace=namespace, namespace_known=known, params={"spec": given})
