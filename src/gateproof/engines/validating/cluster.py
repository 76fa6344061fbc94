"""What is known of the cluster beside the request: Namespaces and parameters, from the input and from a fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.catalog.cluster_facts import INVENTORY, NAMESPACE
from gateproof.engines.kubernetes.selectors import Labels, LabelSelector
from gateproof.engines.validating.matching import NAME_LABEL, labels_of
from gateproof.errors import EvaluationError
from gateproof.inputs.api_resources import resource_of
from gateproof.inputs.context import Fact

Kind = tuple[str, str]
"""apiVersion and kind."""

_NAMESPACES: Kind = ("v1", "Namespace")
_METADATA_OF_NAMESPACES = (
    *("name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "finalizers"),
)
"""What an API server shows of a Namespace's metadata as ``namespaceObject``."""


class ParamRef(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of a binding or rule, by name or by labels. ``required``: finding none is an error."""

    api_version: str
    kind: str
    name: str = ""
    namespace: str = ""
    selector: LabelSelector | None = None
    required: bool = True


class Cluster:
    """Objects that are known: those of facts, and the Namespaces of the input, which will be there.

    ``given``: objects that come with the policy; parameters are looked for among them first, then among facts. A change
    does not bring its own.
    """

    def __init__(
        self, documents: Sequence[Any], facts: Mapping[str, Fact], given: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self._documents = documents
        self._facts = facts
        self._given = given

    def namespace(self, name: str) -> dict[str, Any] | None:
        """The Namespace called ``name`` as ``namespaceObject`` has it; None when it is not known.

        What is in the cluster counts before what the input would make of it.
        """
        found = self._namespaces(name)
        return _shown(found[0]) if found else None

    def labels_of_namespace(self, name: str) -> tuple[Labels, ...]:
        """The labels of the Namespace called ``name``: as it is, and as the input has it; nothing when not known."""
        return tuple({**labels_of(one), NAME_LABEL: name} for one in self._namespaces(name))

    def _namespaces(self, name: str) -> list[Mapping[str, Any]]:
        fact = self._facts.get(NAMESPACE)
        known = [fact.value] if fact and isinstance(fact.value, dict) else []
        known += [*self._observed(_NAMESPACES), *_of_kind(self._documents, _NAMESPACES)]
        return [one for one in known if _metadata(one).get("name") == name]

    def _observed(self, kind: Kind) -> Sequence[dict[str, Any]]:
        fact = self._facts.get(INVENTORY)
        return _indexed(fact).get(kind, ()) if fact else ()

    def parameters(self, wanted: ParamRef, namespace: str) -> list[dict[str, Any]]:
        """The parameters for a request in ``namespace`` (empty: of the cluster); none where that is no error.

        Raises EvaluationError when they are missing or cannot be told.
        """
        kind = (wanted.api_version, wanted.kind)
        candidates = [*_of_kind(self._given, kind), *self._observed(kind)]
        if self._is_namespaced(wanted, candidates):
            where = wanted.namespace or namespace
            if not where:
                raise EvaluationError(
                    "parameters in namespaces cannot be found for an object of the cluster",
                    hint="name the parameters' namespace in paramRef",
                )
            candidates = [one for one in candidates if (_metadata(one).get("namespace") or "default") == where]
        if wanted.name:
            found = [one for one in candidates if _metadata(one).get("name") == wanted.name][:1]
        else:
            selector = wanted.selector or LabelSelector()
            found = [one for one in candidates if selector.selects(labels_of(one))]
        if not found:
            self._missing(wanted)
        return found

    @staticmethod
    def _is_namespaced(wanted: ParamRef, candidates: Iterable[Mapping[str, Any]]) -> bool:
        served = resource_of(wanted.api_version.rpartition("/")[0], wanted.kind).namespaced
        if served is None:
            return bool(wanted.namespace) or any(_metadata(one).get("namespace") for one in candidates)
        return served

    def _missing(self, wanted: ParamRef) -> None:
        """Raises EvaluationError unless it is known that there are none, and that is no error."""
        which = f"the {wanted.kind} {wanted.name}" if wanted.name else f"a {wanted.kind} that the selector means"
        if INVENTORY not in self._facts:
            raise EvaluationError(
                f"{which}, which has the parameters, is not known, and the fact {INVENTORY} is missing",
                hint="put the parameters beside the policy, or give the fact that has the cluster's objects",
            )
        if wanted.required:
            raise EvaluationError(f"{which} with the parameters is missing", hint="create it, or correct its name")


def _of_kind(objects: Iterable[Any], kind: Kind) -> Iterator[dict[str, Any]]:
    return (one for one in objects if isinstance(one, dict) and (one.get("apiVersion"), one.get("kind")) == kind)


_latest: list[tuple[Fact, dict[Kind, list[dict[str, Any]]]]] = []
"""The fact that was read last: a snapshot of a cluster is large, and all policies ask for the same."""


def _indexed(fact: Fact) -> dict[Kind, list[dict[str, Any]]]:
    """The objects of a fact by apiVersion and kind. Raises EvaluationError when it has something else."""
    for known, found in _latest:
        if known is fact:
            return found
    value = fact.value.get("items") if isinstance(fact.value, dict) else fact.value
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise EvaluationError(
            f"the fact {fact.name} is no list of objects", hint="write what `kubectl get -o json` says"
        )
    by_kind: dict[Kind, list[dict[str, Any]]] = {}
    for one in value:
        by_kind.setdefault((str(one.get("apiVersion")), str(one.get("kind"))), []).append(one)
    _latest[:] = [(fact, by_kind)]
    return by_kind


def _metadata(value: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _shown(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """A Namespace without what an API server does not show, and with the label that it puts on every one."""
    metadata = {key: value for key, value in _metadata(namespace).items() if key in _METADATA_OF_NAMESPACES}
    name = metadata.get("name")
    labels = metadata.get("labels")
    if isinstance(name, str) and (labels is None or isinstance(labels, dict)):
        metadata["labels"] = {**(labels or {}), NAME_LABEL: name}
    return {"metadata": metadata, **{key: namespace.get(key) or {} for key in ("spec", "status")}}
