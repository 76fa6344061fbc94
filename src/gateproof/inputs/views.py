"""What a policy written for gateproof sees of an input: ``input`` as docs/reference/policy-contract.md has it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from gateproof.catalog.policy import InputKind
from gateproof.inputs.detect import resources
from gateproof.inputs.input import Input, Resource

_Views = dict[str, list[dict[str, Any]]]


class _Grouped(NamedTuple):
    """The resources of an input by type: all of them, those that stay and those that are taken away."""

    all: dict[str, list[tuple[int, dict[str, Any]]]]
    planned: _Views
    removed: _Views


def document(subject: Input, types: Collection[str] = ()) -> dict[str, Any] | None:
    """``input`` for a policy that reads resources of ``types`` (empty: of all); None when there are none of these.

    ``resources`` are the views in the input's order, ``planned`` and ``removed`` the same by type, see the contract.
    They are shared by all policies; nothing in them may be changed.
    """
    grouped = _grouped(subject)
    if not types:
        found = [one.view for one in resources(subject)]
        return _document(subject, found, grouped.planned, grouped.removed)
    numbered = [view for type in types for view in grouped.all.get(type, ())]
    if not numbered:
        return None
    numbered.sort(key=lambda each: each[0])
    planned, removed = (
        {type: views[type] for type in types if type in views} for views in (grouped.planned, grouped.removed)
    )
    return _document(subject, [view for _, view in numbered], planned, removed)


def by_address(subject: Input) -> dict[str, Resource]:
    """Resources by the address that policies see.

    Deposed objects share it with the resource itself, which wins; else the first does.
    """
    made = vars(subject)
    if "by_address" not in made:
        first: dict[str, Resource] = {}
        for one in resources(subject):
            name = one.view["address"]
            if name not in first or (one.address == name and first[name].address != name):
                first[name] = one
        made["by_address"] = first
    found: dict[str, Resource] = made["by_address"]
    return found


def _document(subject: Input, found: list[dict[str, Any]], planned: _Views, removed: _Views) -> dict[str, Any]:
    return {"kind": str(subject.subject.kind), "resources": found, "planned": planned, "removed": removed}


def _grouped(subject: Input) -> _Grouped:
    """Made when first asked for and kept with the Input, as its resources are."""
    made = vars(subject)
    if "grouped" not in made:
        made["grouped"] = _group(resources(subject), subject.subject.kind)
    grouped: _Grouped = made["grouped"]
    return grouped


def _group(found: tuple[Resource, ...], kind: InputKind) -> _Grouped:
    grouped = _Grouped({}, {}, {})
    plan = kind is InputKind.TERRAFORM_PLAN
    for number, one in enumerate(found):
        view = one.view
        # Policies are about all versions of a kind.
        name = f"{view['group']}/{view['kind']}".lstrip("/") if kind is InputKind.KUBERNETES else one.type
        grouped.all.setdefault(name, []).append((number, view))
        if not plan or (view["mode"] == "managed" and not view["deleted"]):
            grouped.planned.setdefault(name, []).append(view)
        elif view["mode"] == "managed" and view["deposed"] is None and "delete" in view["actions"]:
            grouped.removed.setdefault(name, []).append(view)
    return grouped
