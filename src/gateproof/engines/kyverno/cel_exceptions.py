"""PolicyException of ``policies.kyverno.io``: objects that a ValidatingPolicy is not to judge, until a certain time.

As those of ``kyverno.io``, one counts only while its annotation ``gateproof.dev/expires`` says so; see ``exceptions``.
With ``images`` or ``allowedValues`` it takes nothing away itself: the policy reads them as ``exceptions``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gateproof.documents.instants import is_instant
from gateproof.documents.interface import Path
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems
from gateproof.engines.kyverno.exceptions import EXPIRES
from gateproof.engines.validating import spec
from gateproof.engines.validating.expressions import Bindings, Compiler, Validations

KIND = "PolicyException"
_NAME = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": {"type": "string"}, "nullable": True}
_SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["policyRefs"],
    "properties": {
        "policyRefs": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "required": ["name", "kind"], "properties": {"name": _NAME, "kind": _NAME}},
        },
        "matchConditions": spec.MATCH_CONDITIONS,
        "images": _TEXTS,
        "allowedValues": _TEXTS,
        "reportResult": {"type": "string", "enum": ["skip", "pass"]},
    },
}


class CelException(msgspec.Struct, frozen=True, kw_only=True):
    """One exception. ``expires`` is empty where it does not say until when it counts, and ``problem`` says why."""

    name: str
    conditions: Validations
    images: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    expires: str = ""
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it takes the whole policy away."""
        return not self.images and not self.values

    def idle(self, now: str) -> str:
        """Why it does not count at ``now`` (RFC 3339 UTC); empty when it does."""
        return self.problem or ("" if now < self.expires else f"it expired at {self.expires}")


class Excepted(msgspec.Struct, frozen=True):
    """The exceptions that are for a request: ``whole`` is one that takes the policy away.

    ``idle``: why others that would be for it do not count.
    """

    whole: CelException | None = None
    images: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def excepted(exceptions: Iterable[CelException], bindings: Bindings, now: str) -> Excepted:
    """The exceptions that are for the request with these bindings."""
    counting: list[CelException] = []
    idle: list[str] = []
    for one in exceptions:
        verdict = one.conditions.judge(bindings)
        if verdict.unmet:
            continue
        why = one.idle(now) or "; ".join(verdict.errors)
        if why:
            idle.append(f"the PolicyException {one.name} does not count: {why}")
        else:
            counting.append(one)
    return Excepted(
        whole=next((one for one in counting if one.is_whole), None),
        images=tuple(image for one in counting for image in one.images),
        values=tuple(value for one in counting for value in one.values),
        idle=tuple(idle),
    )


def read(manifest: Manifest, compiler: Compiler, problems: Problems) -> CelException | None:
    """The exception in ``manifest``, whose expressions ``compiler`` compiles; None after problems."""

    def report(path: Path, message: str) -> None:
        problems.add(manifest, path, message)

    known = len(problems.found)
    for path, message in schema.problems(_SPEC, manifest.value.get("spec"), ("spec",)):
        report(path, message)
    metadata = manifest.value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    expires = annotations.get(EXPIRES) if isinstance(annotations, dict) else None
    if expires is not None and not (isinstance(expires, str) and is_instant(expires)):
        report(("metadata", "annotations", EXPIRES), "expected a time such as 2026-12-31T00:00:00Z")
    if len(problems.found) > known or not isinstance(metadata, dict):
        return None
    raw = manifest.value["spec"]
    return CelException(
        name=f"{metadata.get('namespace') or 'default'}/{manifest.name}",
        conditions=compiler.compile(
            conditions=(("matchConditions",), raw.get("matchConditions") or []),
            variables=((), []),
            validations=((), []),
            annotations=((), []),
            conditions_see_namespace=True,
        ),
        images=tuple(raw.get("images") or ()),
        values=tuple(raw.get("allowedValues") or ()),
        expires=expires or "",
        problem="" if expires else f"it has no annotation {EXPIRES}, so nothing says until when it counts",
    )
