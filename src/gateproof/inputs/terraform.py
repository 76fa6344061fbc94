"""Terraform plans → Input and resources: every format version from 0.1 on, from Terraform or OpenTofu."""

from __future__ import annotations

from typing import Any

from gateproof.inputs import plan as plans
from gateproof.inputs import sensitive
from gateproof.inputs.configuration import Configuration, Located, Scope, locate
from gateproof.inputs.input import Input, Remark, Resource, Subject
from gateproof.inputs.plan import Change, Plan, ResourceChange
from gateproof.inputs.redact import Redactor

_REMOVING = frozenset({"delete", "forget"})
_CHECKED = "checked_plan"
"""The typed view of a plan, kept with its Input from reading it until its resources are asked for."""


def read(document: dict[str, Any], subject: Subject, redactor: Redactor) -> Input:
    """Check a freshly decoded plan and redact it in place.

    The ``problem`` of the Input says why it may not be all of the change. Raises InputError, with the place, when it
    cannot be judged.
    """
    plan = plans.check(document)
    problem = plans.incomplete(plan)
    sensitive.redact(document, plan, redactor)
    remarks = []
    if plan.deferred_changes:
        remarks.append(Remark(0, ("deferred_changes",), "changes that Terraform has deferred are not judged"))
    found = Input(subject, (document,), redactor.redactions, tuple(remarks), problem=problem)
    if not found.redactions:  # else the typed view has what was replaced
        vars(found)[_CHECKED] = plan
    return found


def resources(subject: Input) -> tuple[Resource, ...]:
    """One Resource for each entry of ``resource_changes``, in order. Its view has

    - ``address``, ``previous_address``, ``module_address`` (null in the root module), ``mode`` (managed or data),
      ``type``, ``name``, ``index``, ``deposed`` (key of a deposed object, or null), ``provider``;
    - ``actions`` as Terraform lists them; ``action``: the single one, or ``replace``; ``deleted``: nothing of it
      remains (delete, forget);
    - ``before``, ``values``, ``unknown``, ``sensitive``: the change's before, after, after_unknown, after_sensitive;
      ``values`` is null only where nothing remains;
    - ``references``: attribute path without list indices → addresses of the resources that it refers to. More than
      one address for one attribute means that the plan does not say which (or that it is all of them);
    - ``source``: the module calls on the way to it, each with ``call``, ``source`` and ``version_constraint``;
    - ``configured``: names of the attributes and blocks that the configuration sets; ``provider_config``: the key of
      its provider configuration (``aws.replica``). Both null where the plan does not have its configuration.

    The values are those of the document, not copies; nothing of a view may be changed.
    """
    document = subject.documents[0]
    plan: Plan = vars(subject).pop(_CHECKED, None) or plans.check(document)
    configuration = Configuration(document.get("configuration"))
    placed = []
    for index, resource in enumerate(plan.resource_changes or ()):
        where = locate(resource)
        scope = configuration.scope(where.modules)
        address = resource.address or f"resource_changes[{index}]"  # cut by hand, and nothing else names it
        if not resource.deposed:
            scope.add(where.resource, where.key, address)
        placed.append((resource, where, scope, address))
    return tuple(
        _resource(index, resource, address, scope, configuration.references(scope, where.resource, where.key), where)
        for index, (resource, where, scope, address) in enumerate(placed)
    )


def _resource(
    index: int,
    resource: ResourceChange,
    address: str,
    scope: Scope,
    references: dict[str, list[str]],
    where: Located,
) -> Resource:
    change = resource.change
    actions = change.actions or []
    gone = _is_gone(change)
    view = {
        "address": address,
        "previous_address": resource.previous_address,
        "module_address": where.module_address or None,
        "mode": where.mode,
        "type": where.type,
        "name": where.name,
        "index": where.key,
        "deposed": resource.deposed,
        "provider": resource.provider_name,
        "actions": actions,
        "action": _action(resource),
        "deleted": gone,
        "before": change.before,
        # What stays has values, all of them unset where the plan says none: policies read null as nothing to judge.
        "values": {} if change.after is None and not gone else change.after,
        "unknown": {} if change.after_unknown is None else change.after_unknown,
        "sensitive": {} if change.after_sensitive is None else change.after_sensitive,
        "references": references,
        "source": scope.module.sources,
        "configured": scope.module.configured(where.resource),
        "provider_config": scope.module.provider_config(where.resource),
    }
    # A resource and a deposed object of it have the same address; results must tell them apart.
    shown = f"{address} (deposed object {resource.deposed})" if resource.deposed else address
    return Resource(shown, where.type, 0, ("resource_changes", index), view)


def _is_gone(change: Change) -> bool:
    """Whether nothing remains: what was there is removed, or nothing was there and nothing is done."""
    actions = change.actions or []
    removed = bool(actions) and _REMOVING.issuperset(actions)
    return change.after is None and (removed or (actions == ["no-op"] and change.before is None))


def _action(resource: ResourceChange) -> str:
    """One word for what happens. Plans cut by hand may lack the actions; then the values tell."""
    change = resource.change
    if not change.actions:
        return "update" if change.before else "create"
    return change.actions[0] if len(change.actions) == 1 else "replace"
