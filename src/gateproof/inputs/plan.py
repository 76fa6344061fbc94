"""The shape of Terraform plan JSON: what it must have the right type for, and what is not a plan at all.

Source: https://developer.hashicorp.com/terraform/internals/json-format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gateproof.errors import InputError

_MODES = frozenset({"", "managed", "data", "ephemeral"})
SHOW = "pass what `terraform show -json PLANFILE` prints"


class Change(msgspec.Struct, gc=False):
    """What happens to one resource or output. Its values stay plain JSON."""

    actions: list[str] | None = None
    before: Any = None
    after: Any = None
    after_unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None


class ResourceChange(msgspec.Struct, gc=False):
    """One entry of ``resource_changes`` or ``resource_drift``."""

    change: Change
    address: str = ""
    previous_address: str | None = None
    module_address: str | None = None
    mode: str = ""
    type: str = ""
    name: str = ""
    index: int | str | None = None
    deposed: str | None = None
    provider_name: str | None = None


class DeferredChange(msgspec.Struct):
    """One entry of ``deferred_changes``."""

    resource_change: ResourceChange


class Plan(msgspec.Struct):
    """A plan. Members that are not here decide nothing and are read with tolerance where they are needed."""

    format_version: str | None = None
    resource_changes: list[ResourceChange] | None = None
    resource_drift: list[ResourceChange] | None = None
    deferred_changes: list[DeferredChange] | None = None
    output_changes: dict[str, Change] | None = None
    planned_values: dict[str, Any] | None = None
    configuration: dict[str, Any] | None = None
    errored: bool = False


def objects(value: object) -> dict[str, Any]:
    """``value`` when it is an object, else an empty one: plans cut by hand lack members."""
    return value if isinstance(value, dict) else {}


def is_plan(document: object) -> bool:
    """Whether ``document`` has what every plan has, and neither state nor manifests have."""
    return isinstance(document, dict) and ("resource_changes" in document or "planned_values" in document)


def what_else(document: dict[str, Any]) -> str:
    """What ``document`` is when Terraform wrote it and it is no plan; empty when it did not."""
    if "terraform_version" in document and ("values" in document or "lineage" in document):
        return "it is Terraform state, which says what exists and not what is about to change"
    if "provider_schemas" in document:
        return "it holds Terraform provider schemas, not a plan"
    if "diagnostics" in document and "valid" in document:
        return "it is what `terraform validate -json` prints, not a plan"
    if "@level" in document and "@message" in document:
        return "it is a log that Terraform printed, not a plan"
    if "terraform_version" in document:
        return "it has neither resource_changes nor planned_values, so it is no Terraform plan"
    return ""


def check(document: dict[str, Any]) -> Plan:
    """The typed view of a plan; its values are those of ``document``, not copies.

    Missing members are tolerated. Raises InputError, with the place, for a member of a wrong type, a format version
    of an unknown major, and a plan whose changes have been cut out.
    """
    try:
        plan = msgspec.convert(document, Plan)
    except msgspec.ValidationError as error:
        # The message names types and the place, never values.
        raise InputError(f"the Terraform plan has a value of a wrong type: {error}", hint=SHOW) from None
    for index, resource in enumerate(plan.resource_changes or ()):
        change = resource.change
        for value in (change.before, change.after):
            if value is not None and type(value) is not dict:
                name = "after" if value is change.after else "before"
                place = f"$.resource_changes[{index}].change.{name}"
                raise InputError(
                    f"the Terraform plan has a value of a wrong type: Expected `object | null` - at `{place}`",
                    hint=SHOW,
                )
    version = plan.format_version
    if version is not None and version.partition(".")[0] not in ("0", "1"):
        raise InputError(f"plan format version {version[:20]!r} is unknown; 0.1 to 1.x are known", hint=SHOW)
    if plan.resource_changes is None and _has_resources(plan.planned_values or {}):
        raise InputError("the plan has planned_values but no resource_changes: it has been cut", hint=SHOW)
    return plan


def incomplete(plan: Plan) -> str:
    """What makes a plan say less than Terraform would, or say it twice; empty where nothing does.

    What is missing from it could be what a policy denies; Terraform writes every one of these members.
    """
    if plan.errored:
        return "planning ended with an error, so changes may be missing (correct what it says, and plan again)"
    changes = plan.resource_changes or []
    for index, resource in enumerate(changes):
        unknown = resource.change.after_unknown
        if resource.mode in _MODES and (type(unknown) is dict or unknown is None or unknown is False):
            continue
        problem = "does not say which values are unknown" if resource.mode in _MODES else "has an unknown mode"
        return f"the Terraform plan {problem} - at `$.resource_changes[{index}]` ({SHOW})"
    # A deposed object has the address of its resource.
    names = [(each.address, each.deposed) if each.deposed else each.address for each in changes if each.address]
    known = set(names)
    if len(known) < len(names):
        from collections import Counter

        twice = Counter(names).most_common(1)[0][0]
        return f"the Terraform plan changes {str(twice)[:200]} twice ({SHOW})"
    missing = next((name for name in _planned(plan.planned_values or {}) if name not in known), None)
    if missing is not None and plan.resource_changes is not None:
        return f"the plan has values for {missing[:200]} and no entry in resource_changes: it has been cut ({SHOW})"
    return ""


def _planned(planned_values: dict[str, Any]) -> Iterator[str]:
    """Addresses of the managed resources in ``planned_values``."""
    modules = [planned_values.get("root_module")]
    while modules:
        module = objects(modules.pop())
        resources, children = module.get("resources"), module.get("child_modules")
        modules.extend(children if isinstance(children, list) else ())
        for resource in resources if isinstance(resources, list) else ():
            if isinstance(resource, dict) and resource.get("mode", "managed") == "managed":
                address = resource.get("address")
                if isinstance(address, str):
                    yield address


def _has_resources(planned_values: dict[str, Any]) -> bool:
    root = objects(planned_values.get("root_module"))
    return bool(root.get("resources") or root.get("child_modules"))
