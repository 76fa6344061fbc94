"""Guardrails → files: Terraform, or JSON as the platform's API takes it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateproof.errors import UsageError
from gateproof.guardrails import iam
from gateproof.guardrails.guardrail import (
    OPTIONS,
    AzureGuardrail,
    GoogleGuardrail,
    Guardrail,
    Kind,
    Parameters,
    filled_in,
)
from gateproof.guardrails.guardrail import guardrails as every
from gateproof.guardrails.hcl import Expression, block, comment, quoted

NAMES = {
    Kind.SCP: "Service control policies",
    Kind.BOUNDARY: "Permission boundary",
    Kind.AZURE: "Policies of Azure",
    Kind.GOOGLE: "Organization policies of Google Cloud",
}
_OF_GUARDRAILS = {"regions", "tags", "boundary", "customers"}
_BOUNDARY_NAME = "permission-boundary"
_TARGETS = {
    Kind.SCP: ("r-", "ou-"),
    Kind.AZURE: ("/providers/",),
    Kind.GOOGLE: ("organizations/", "folders/"),
}


def render(kind: Kind, guardrails: Sequence[Guardrail], parameters: Parameters, form: str) -> dict[str, str]:
    """The files, name to text, for the guardrails that were chosen; ``form`` is ``terraform`` or ``json``.

    The same guardrails and parameters always give the same bytes. Raises UsageError for a target of another platform,
    for one that is missing, for what no guardrail
    of the kind uses, and where a document would be larger than the platform takes.
    """
    _check(kind, parameters)
    made = _FORMS[kind, form](guardrails, parameters)
    if form == "json":
        return {name: _json(kind, document) for name, document in made.items()}
    return {f"{kind}.tf": "\n".join([_header(kind, guardrails), *made.values()])}


def _check(kind: Kind, parameters: Parameters) -> None:
    starts = _TARGETS.get(kind, ())
    if wrong := [target for target in parameters.targets if not target.startswith(starts)]:
        raise UsageError(
            f"{wrong[0]} is no target of {kind}",
            where="--target",
            hint=f"targets of {kind} begin with {' or '.join(starts)}" if starts else "leave it out",
        )
    if len(parameters.targets) > 1 and kind is not Kind.SCP:
        raise UsageError("there is one target", where="--target", hint="run once for each target")
    used = {name for each in every(kind) for name in each.parameters}
    if idle := [OPTIONS[name] for name in OPTIONS if name in _OF_GUARDRAILS - used and getattr(parameters, name)]:
        raise UsageError(
            f"no guardrail of {kind} uses this", where=" ".join(idle), hint="leave it out, or look at another platform"
        )
    if parameters.except_roles and kind is not Kind.SCP:
        raise UsageError(
            f"{kind} has no roles that are left alone",
            where="--except-role",
            hint="leave it out: a boundary is on some roles only, and Azure and Google have exemptions of their own",
        )


def boundary_pattern() -> str:
    """The boundary that is made here, in whatever account."""
    return f"arn:*:iam::*:policy/{_BOUNDARY_NAME}"


def _header(kind: Kind, guardrails: Sequence[Guardrail]) -> str:
    paragraphs = [f"{NAMES[kind]}, made by `gateproof generate {kind}`."]
    for guardrail in guardrails:
        lines = [f"{guardrail.id}: {guardrail.title}.", f"  {', '.join(guardrail.controls)}"]
        if guardrail.caveat:
            lines.append(f"  Note: {guardrail.caveat}")
        paragraphs.append("\n".join(each for line in lines for each in _wrapped(line)))
    return comment("\n\n".join(paragraphs))


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, 106, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def _json(kind: Kind, document: Any) -> str:
    """White space counts in service control policies, so that those have none."""
    if kind is Kind.SCP:
        return iam.compact(document)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# AWS


def _scp_json(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, Any]:
    documents = iam.service_control_policies(guardrails, parameters)
    return {f"guardrails-{number}.json": document for number, document in enumerate(documents, 1)}


def _scp_terraform(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, str]:
    documents = iam.service_control_policies(guardrails, parameters)
    condition = 'alltrue([for target in var.targets : can(regex("^(r|ou)-", target))])'
    targets: dict[str, Any] = {
        "description": "Ids of the root or the units that the policies are attached to.",
        "type": Expression("set(string)"),
    }
    if parameters.targets:
        targets["default"] = list(parameters.targets)
    validation = block(
        "validation",
        {"condition": Expression(condition), "error_message": "A target is a root (r-…) or a unit (ou-…)."},
    )
    made = {
        "variables": block('variable "targets"', targets, validation),
        "locals": block("locals", {f"guardrails_{number}": each for number, each in enumerate(documents, 1)}),
    }
    for number in range(1, len(documents) + 1):
        name = f"guardrails_{number}"
        made[name] = block(
            f'resource "aws_organizations_policy" "{name}"',
            {
                "name": f"guardrails-{number}",
                "type": "SERVICE_CONTROL_POLICY",
                "content": Expression(f"jsonencode(local.{name})"),
            },
        )
        made[f"{name} attachment"] = block(
            f'resource "aws_organizations_policy_attachment" "{name}"',
            {
                "for_each": Expression("var.targets"),
                "policy_id": Expression(f"aws_organizations_policy.{name}.id"),
                "target_id": Expression("each.value"),
            },
        )
    return made


def _boundary_json(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, Any]:
    return {f"{_BOUNDARY_NAME}.json": iam.permission_boundary(guardrails, parameters)}


def _boundary_terraform(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, str]:
    return {
        "locals": block("locals", {"permission_boundary": iam.permission_boundary(guardrails, parameters)}),
        "policy": block(
            'resource "aws_iam_policy" "permission_boundary"',
            {
                "name": _BOUNDARY_NAME,
                "description": "The most that the roles of this account can ever do.",
                "policy": Expression("jsonencode(local.permission_boundary)"),
            },
        ),
        "output": block(
            'output "permission_boundary_arn"',
            {
                "description": "The permissions_boundary of every aws_iam_role and aws_iam_user.",
                "value": Expression("aws_iam_policy.permission_boundary.arn"),
            },
        ),
    }


# Azure


def _azure(guardrails: Sequence[Guardrail], parameters: Parameters) -> list[tuple[AzureGuardrail, Any]]:
    return [(each, filled_in(each.rule, parameters)) for each in guardrails if isinstance(each, AzureGuardrail)]


def _azure_json(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, Any]:
    target = _target(parameters, "a management group")
    made = {}
    for guardrail, rule in _azure(guardrails, parameters):
        metadata = _metadata(guardrail)
        made[f"policyDefinitions/{guardrail.id}.json"] = {
            "properties": {
                "displayName": guardrail.title,
                "description": guardrail.why,
                "policyType": "Custom",
                "mode": guardrail.mode,
                "metadata": metadata,
                "policyRule": rule,
            }
        }
        made[f"policyAssignments/{guardrail.id}.json"] = {
            "properties": {
                "displayName": guardrail.title,
                "enforcementMode": "Default",
                "metadata": metadata,
                "policyDefinitionId": f"{target}/providers/Microsoft.Authorization/policyDefinitions/{guardrail.id}",
            }
        }
    return made


def _azure_terraform(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, str]:
    pairs = _azure(guardrails, parameters)
    where = "/providers/Microsoft.Management/managementGroups/…: where the policies are defined and assigned."
    made = {
        "variable": _variable("management_group_id", where, parameters),
        "locals": block("locals", {"rules": {guardrail.id: rule for guardrail, rule in pairs}}),
    }
    for guardrail, _ in pairs:
        name = _identifier(guardrail.id)
        made[guardrail.id] = block(
            f'resource "azurerm_management_group_policy_definition" "{name}"',
            {
                "name": guardrail.id,
                "policy_type": "Custom",
                "mode": guardrail.mode,
                "display_name": guardrail.title,
                "description": guardrail.why,
                "management_group_id": Expression("var.management_group_id"),
                "metadata": Expression(f"jsonencode({_inline(_metadata(guardrail))})"),
                "policy_rule": Expression(f"jsonencode(local.rules[{quoted(guardrail.id)}])"),
            },
        )
        made[f"{guardrail.id} assignment"] = block(
            f'resource "azurerm_management_group_policy_assignment" "{name}"',
            {
                "name": guardrail.id,
                "display_name": guardrail.title,
                "management_group_id": Expression("var.management_group_id"),
                "policy_definition_id": Expression(f"azurerm_management_group_policy_definition.{name}.id"),
                "enforce": True,
            },
        )
    return made


def _metadata(guardrail: Guardrail) -> dict[str, Any]:
    return {"category": guardrail.topics[0].capitalize(), "controls": list(guardrail.controls)}


def _inline(values: Mapping[str, Any]) -> str:
    """An object on one line, which no aligning touches."""
    return "{ " + ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()) + " }"


# Google


def _google(guardrails: Sequence[Guardrail], parameters: Parameters) -> list[tuple[GoogleGuardrail, Any]]:
    return [(each, filled_in(each.rule, parameters)) for each in guardrails if isinstance(each, GoogleGuardrail)]


def _google_json(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, Any]:
    target = _target(parameters, "an organization or a folder")
    return {
        f"{guardrail.id}.json": {"name": f"{target}/policies/{guardrail.id}", "spec": {"rules": [rule]}}
        for guardrail, rule in _google(guardrails, parameters)
    }


def _google_terraform(guardrails: Sequence[Guardrail], parameters: Parameters) -> dict[str, str]:
    where = "organizations/… or folders/…: what the policies are for."
    made = {"variable": _variable("parent", where, parameters)}
    for guardrail, rule in _google(guardrails, parameters):
        made[guardrail.id] = block(
            f'resource "google_org_policy_policy" "{_identifier(guardrail.id)}"',
            {
                "name": Expression('"${var.parent}/policies/' + guardrail.id + '"'),
                "parent": Expression("var.parent"),
            },
            block("spec", {}, _google_rule(rule)),
        )
    return made


def _google_rule(rule: Mapping[str, Any]) -> str:
    """A rule of the API as the provider has it: numbers of words in another spelling, and truth as text."""
    if "values" in rule:
        return block("rules", {}, block("values", {_identifier(key): each for key, each in rule["values"].items()}))
    return block("rules", {_identifier(key): "TRUE" for key in rule})


def _variable(name: str, description: str, parameters: Parameters) -> str:
    variable: dict[str, Any] = {"description": description, "type": Expression("string")}
    if parameters.targets:
        variable["default"] = parameters.targets[0]
    return block(f'variable "{name}"', variable)


def _target(parameters: Parameters, what: str) -> str:
    if not parameters.targets:
        raise UsageError(f"the API takes {what}, and none is given", where="--target", hint="give one with --target")
    return parameters.targets[0]


def _identifier(text: str) -> str:
    """``storage.publicAccessPrevention`` → ``storage_public_access_prevention``."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in text)
    return words.replace(".", "_").replace("-", "_")


_Form = Callable[[Sequence[Guardrail], Parameters], Mapping[str, Any]]
_FORMS: dict[tuple[Kind, str], _Form] = {
    (Kind.SCP, "json"): _scp_json,
    (Kind.SCP, "terraform"): _scp_terraform,
    (Kind.BOUNDARY, "json"): _boundary_json,
    (Kind.BOUNDARY, "terraform"): _boundary_terraform,
    (Kind.AZURE, "json"): _azure_json,
    (Kind.AZURE, "terraform"): _azure_terraform,
    (Kind.GOOGLE, "json"): _google_json,
    (Kind.GOOGLE, "terraform"): _google_terraform,
}
