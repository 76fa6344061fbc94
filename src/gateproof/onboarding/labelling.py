"""Which of owner, data_classification and tier stand on what: tags of Terraform, labels of Kubernetes. Keys only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateproof.onboarding.inventory import LABELS, Labelling
from gateproof.onboarding.terraform_source import Block

LABELLED = frozenset({"Namespace", "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"})
"""Kinds of objects that have an owner, data and a tier."""

_TAGS = ("tags", "labels", "tags_all")
_MOST_PLACES = 20


class Place(msgspec.Struct, frozen=True):
    """Something that could be labelled. ``keys`` is None where an expression says which there are."""

    name: str
    keys: frozenset[str] | None


def of_resource(path: str, block: Block) -> Place | None:
    """The tags of a block of Terraform; None for a resource that names none: not all can have any."""
    said = [name for name in _TAGS if name in block.names]
    if block.type != "resource" or len(block.labels) != 2 or not said:
        return None
    known = all(name in block.keys for name in said)
    keys = frozenset(key for name in said for key in block.keys.get(name, ())) if known else None
    return Place(f"{path}: {'.'.join(block.labels)}", keys)


def defaults(blocks: Iterable[Block]) -> frozenset[str]:
    """The tags that every resource of a module gets from its providers (``default_tags``)."""
    return frozenset(
        key
        for block in blocks
        if block.type == "provider"
        for inner in block.blocks
        if inner.type == "default_tags"
        for key in inner.keys.get("tags", ())
    )


def of_provider(path: str, block: Block) -> Place | None:
    """The tags that a provider gives to whatever can have any; None for a block that is no provider, or gives none."""
    given = [inner for inner in block.blocks if inner.type == "default_tags"]
    if block.type != "provider" or not given:
        return None
    known = all("tags" in inner.keys for inner in given)
    name = ".".join(("provider", *block.labels))
    return Place(f"{path}: {name}", defaults([block]) if known else None)


def of_object(path: str, document: Mapping[str, Any]) -> Place | None:
    """The labels of a Kubernetes object; None for a kind that needs none."""
    kind, metadata = document.get("kind"), document.get("metadata")
    if kind not in LABELLED:
        return None
    about = metadata if isinstance(metadata, dict) else {}
    labels = about.get("labels")
    name = about.get("name") if isinstance(about.get("name"), str) else "(no name)"
    return Place(f"{path}: {kind}/{name}", frozenset(labels) if isinstance(labels, dict) else frozenset())


def summary(places: Iterable[Place]) -> tuple[Labelling, ...]:
    """Each of ``LABELS`` over all ``places``."""
    found = sorted(places, key=lambda place: place.name)
    return tuple(_one(label, found) for label in LABELS) if found else ()


def _one(label: str, places: list[Place]) -> Labelling:
    wanted = _folded(label)
    known = [(place, {_folded(key) for key in place.keys}) for place in places if place.keys is not None]
    missing = [place.name for place, keys in known if wanted not in keys]
    return Labelling(
        label=label,
        seen=len(known) - len(missing),
        missing=len(missing),
        unknown=len(places) - len(known),
        missing_at=tuple(missing[:_MOST_PLACES]),
    )


def _folded(key: str) -> str:
    """``key`` without its prefix, its case and what joins its words: ``acme.example/Data-Classification``."""
    return re.sub(r"[-_. ]", "", key.rpartition("/")[2].rpartition(":")[2]).lower()
