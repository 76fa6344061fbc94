"""Placement: the namespace of a request, its labels and the settings → the Context that the request is judged in. Pure.

For each of environment, tier and data classification, in this order: the row of ``admission.namespaces`` that names
the namespace; else the label of the Namespace, where its object is at hand and not too old; else the strictest value.
The file's own ``environment``, ``tier`` and ``data_classification`` are the least strict that labels of a Namespace may
say, and what counts for objects that stand in no namespace. Labels of the object that is judged only tighten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from gateproof.catalog.cluster_facts import NAMESPACE
from gateproof.catalog.scales import Classification, Environment, Layer, Scale, Tier
from gateproof.inputs.context import Claim, Context, Fact, why_unusable
from gateproof.settings.schema import NamespaceRow, Settings

SURFACE = "admission"
DRY_RUN = "admission, dry run"

_SCALES: dict[str, type[Scale]] = {
    "environment": Environment,
    "tier": Tier,
    "data_classification": Classification,
}
_S = TypeVar("_S", bound=Scale)


class Namespaces(msgspec.Struct, frozen=True, dict=True):
    """The Namespaces of a cluster at one moment: objects as the API has them, by name; see ``Fact`` for the rest."""

    objects: Mapping[str, dict[str, Any]] = {}
    source: str = ""
    observed_at: str = "1970-01-01T00:00:00Z"
    max_age: int = 300

    def fact(self, name: str) -> Fact | None:
        """The Namespace ``name`` as a Fact; None where it is not known."""
        made = self._facts
        if name not in made and name in self.objects:
            made[name] = Fact(
                name=NAMESPACE,
                source=self.source,
                observed_at=self.observed_at,
                max_age=self.max_age,
                value=self.objects[name],
            )
        return made.get(name)

    @cached_property
    def _facts(self) -> dict[str, Fact]:
        return {}


class Placement(msgspec.Struct, frozen=True, dict=True):
    """What settings say about namespaces. ``source`` names the file and ``digest`` is that of its bytes.

    ``claims`` are made about every request: which policy bundles its policies are from, say.
    """

    settings: Settings
    source: str
    digest: str
    claims: tuple[Claim, ...] = ()

    def context(self, request: Mapping[str, Any], judged: Mapping[str, Any], known: Fact | None, now: str) -> Context:
        """The Context of an AdmissionRequest about the object ``judged``; ``known`` is its Namespace, if at hand."""
        namespace: str = request["namespace"]
        row, index = self._row(namespace)
        if known is not None and why_unusable(known, now):
            known = None
        claims = list(self.claims)
        chosen = {
            field: self._tightened(field, scale, self._said(field, namespace, row, index), known, judged, claims)
            for field, scale in _SCALES.items()
        }
        user = request["userInfo"].get("username")
        author = user if isinstance(user, str) else ""
        service, claim = self._service(row, index, known)
        if claim:
            claims.append(claim)
        return Context(
            service=service,
            **chosen,
            author=author,
            claims=tuple(claims),
            layer=Layer.RUNTIME,
            actor=author,
            surface=DRY_RUN if request["dryRun"] else SURFACE,
        )

    def _row(self, namespace: str) -> tuple[NamespaceRow | None, int]:
        for index, row in enumerate(self.settings.admission.namespaces):
            if namespace and any(fnmatchcase(namespace, _literal(pattern)) for pattern in row.names):
                return row, index
        return None, -1

    def _said(self, field: str, namespace: str, row: NamespaceRow | None, index: int) -> tuple[Any, str]:
        """What the file says about the namespace, or about what is in none, and where; None where it says nothing."""
        if not namespace:
            return getattr(self.settings, field), field
        return (getattr(row, field), f"admission.namespaces[{index}]") if row else (None, "")

    def _tightened(
        self,
        field: str,
        scale: type[_S],
        settings: tuple[_S | None, str],
        known: Fact | None,
        judged: Mapping[str, Any],
        claims: list[Claim],
    ) -> _S:
        said, place = settings
        if said is not None:
            claims.append(self._claim(field, said, place))
        elif known is not None and (label := _labels(known.value).get(field)) is not None:
            said = scale.read(label) or scale.strictest()
            claims.append(Claim(field, str(label)[:200], "the Namespace's label", protected=True, digest=known.digest))
            floor: _S | None = getattr(self.settings, field)
            if floor is not None:
                claims.append(self._claim(field, floor, field))
                said = scale.tightest(said, floor)
        value = said if said is not None else scale.strictest()
        if (label := _labels(judged).get(field)) is not None:
            own = scale.read(label)
            tighter = own is not None and own.rank > value.rank
            claims.append(Claim(field, str(label)[:200], "the object's label", used=tighter))
            value = own if tighter and own is not None else value
        return value

    def _service(self, row: NamespaceRow | None, index: int, known: Fact | None) -> tuple[str, Claim | None]:
        if row and row.service:
            return row.service, self._claim("service", row.service, f"admission.namespaces[{index}]")
        label = _labels(known.value).get("service") if known is not None else None
        if known is not None and isinstance(label, str) and label:
            return label, Claim("service", label, "the Namespace's label", protected=True, digest=known.digest)
        service = self.settings.service
        return service, self._claim("service", service, "service") if service else None

    def _claim(self, field: str, value: str, place: str) -> Claim:
        return Claim(field, value, f"{self.source}: {place}", protected=True, digest=self.digest)


def by_name(objects: Iterable[object]) -> dict[str, dict[str, Any]]:
    """Those of ``objects`` that are Namespaces, by name, without what changes by itself and nobody judges."""
    found = {}
    for one in objects:
        if not isinstance(one, dict) or one.get("kind", "Namespace") != "Namespace":
            continue
        metadata = one.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
            kept = {key: metadata[key] for key in ("name", "labels", "annotations") if key in metadata}
            found[metadata["name"]] = {"apiVersion": "v1", "kind": "Namespace", "metadata": kept}
    return found


def _labels(value: Any) -> Mapping[str, Any]:
    metadata = value.get("metadata") if isinstance(value, Mapping) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}


def _literal(pattern: str) -> str:
    """``pattern`` for fnmatch, with nothing special in it but ``*``."""
    return pattern.replace("[", "[[]").replace("?", "[?]")
