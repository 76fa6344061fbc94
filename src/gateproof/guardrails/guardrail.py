"""Guardrails as their files have them, and what a team says to fill them in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gateproof.errors import UsageError

_DATA = Path(__file__).parent / "data"
TAG = "<tag>"


class Kind(StrEnum):
    """What can be made."""

    SCP = "scp"
    BOUNDARY = "permission-boundary"
    AZURE = "azure-policy"
    GOOGLE = "org-policy"


class Guardrail(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a platform refuses.

    ``why``: what goes wrong without it. ``topics``: as the catalogue names them; ``controls``: canonical ids.
    ``parameters``: names of those that must be given. ``caveat``: what it also refuses, or does not see.
    """

    id: str
    title: str
    why: str
    topics: tuple[str, ...]
    controls: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    caveat: str = ""


class AwsGuardrail(Guardrail, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Statements that deny, in the language of IAM; ``kinds`` says in which documents they have a sense."""

    kinds: tuple[Kind, ...]
    statements: tuple[dict[str, Any], ...]


class AzureGuardrail(Guardrail, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ``policyRule`` of Azure Policy, and the mode of its definition."""

    mode: str
    rule: dict[str, Any]


class GoogleGuardrail(Guardrail, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of an organization policy. Its ``id`` is the name of the constraint."""

    rule: dict[str, Any]


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a team says of itself. Raises UsageError for what the platforms would not take, or would take too widely.

    ``regions``: in the platform's spelling. ``tags``: keys. ``boundary``: ARN patterns of policies that may be a
    boundary. ``customers``: customer ids of Cloud Identity. ``except_roles``: ARN patterns of roles that service
    control policies leave alone: break-glass, and the pipeline that maintains what they protect. ``targets``: roots
    and units, a management group, or an organization or folder.
    """

    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    except_roles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, (pattern, like) in _SHAPES.items():
            for text in getattr(self, name):
                if not re.fullmatch(pattern, text, re.ASCII):
                    option = OPTIONS[name]
                    raise UsageError(f"{text[:100]!r} cannot stand here", where=option, hint=f"expected is {like}")


OPTIONS = {
    "regions": "--region",
    "tags": "--tag",
    "boundary": "--boundary",
    "customers": "--customer",
    "except_roles": "--except-role",
    "targets": "--target",
}
"""The option of the command line by which each parameter is given."""

_ARN = r"arn:(?:aws[a-z-]*|\*):iam::(?:[0-9]{12}|\*):"
# A name that is all wildcards would exempt everybody, or let any policy be a boundary.
_NAME = r"(?!.*/[*?]+$)[\w+=,.@/-]*[\w+=,.@-][\w+=,.@/*?-]*"
_SHAPES = {
    "regions": (r"(?:in:)?[a-z][a-z0-9-]{1,62}", "a region such as eu-central-1, westeurope or in:eu-locations"),
    "tags": (r"[A-Za-z0-9][A-Za-z0-9_.:/=+@-]{0,127}", "a tag's key such as owner"),
    "boundary": (_ARN + "policy/" + _NAME, "the ARN of a policy such as arn:aws:iam::123456789012:policy/boundary"),
    "customers": (r"C[0-9a-z]{4,20}", "a customer id of Cloud Identity such as C03xgje4y"),
    "except_roles": (
        _ARN + "role/" + _NAME,
        "the ARN of a role such as arn:aws:iam::*:role/break-glass, and not of all roles",
    ),
    "targets": (
        r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}"
        r"|/providers/Microsoft\.Management/managementGroups/[\w().-]{1,90}"
        r"|organizations/[0-9]{1,20}|folders/[0-9]{1,20}",
        "a root (r-…) or unit (ou-…-…), a management group (/providers/Microsoft.Management/managementGroups/…), "
        "organizations/… or folders/…",
    ),
}


@cache
def _aws() -> tuple[AwsGuardrail, ...]:
    return msgspec.json.decode((_DATA / "aws.json").read_bytes(), type=tuple[AwsGuardrail, ...])


def guardrails(kind: Kind) -> tuple[Guardrail, ...]:
    """Every guardrail of a kind, in the order of its file."""
    if kind is Kind.AZURE:
        return msgspec.json.decode((_DATA / "azure.json").read_bytes(), type=tuple[AzureGuardrail, ...])
    if kind is Kind.GOOGLE:
        return msgspec.json.decode((_DATA / "google.json").read_bytes(), type=tuple[GoogleGuardrail, ...])
    return tuple(each for each in _aws() if kind in each.kinds)


def filled_in(value: Any, parameters: Parameters) -> Any:
    """``value`` with its placeholders replaced.

    A text that is a placeholder (``<regions>``) becomes the list of that parameter. An element of a list with ``<tag>``
    anywhere in it is there once for each tag.
    """
    if isinstance(value, str):
        name = value[1:-1]
        return list(getattr(parameters, name)) if value == f"<{name}>" and name in OPTIONS else value
    if isinstance(value, Mapping):
        return {key: filled_in(each, parameters) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled_in(each, parameters) for element in value for each in _each_tag(element, parameters.tags)]
    return value


def _each_tag(element: Any, tags: tuple[str, ...]) -> Iterator[Any]:
    text = msgspec.json.encode(element).decode()
    if TAG not in text:
        yield element
        return
    for tag in tags:  # keys of tags hold nothing that JSON escapes
        yield msgspec.json.decode(text.replace(TAG, tag))
