"""What is generated passes the policies that judge it in a plan; without a part of it, or detached, it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.documents import Format, read
from gateproof.engines.interface import Outcome
from gateproof.guardrails import Kind, Parameters, guardrails, render

NOW = "2026-11-23T05:00:00Z"
PARAMETERS = {
    Kind.SCP: Parameters(
        targets=("r-abcd",),
        except_roles=("arn:aws:iam::*:role/break-glass",),
        regions=("eu-central-1",),
        tags=("owner",),
        boundary=("arn:aws:iam::*:policy/boundary",),
    ),
    Kind.BOUNDARY: Parameters(boundary=("arn:aws:iam::*:policy/permission-boundary",)),
    Kind.AZURE: Parameters(
        targets=("/providers/Microsoft.Management/managementGroups/acme",), regions=("westeurope",), tags=("owner",)
    ),
    Kind.GOOGLE: Parameters(
        targets=("organizations/123456789012",), regions=("in:eu-locations",), customers=("C03xgje4y",)
    ),
}
POLICIES = {
    Kind.SCP: "organizations-required-denies",
    Kind.BOUNDARY: "iam-permission-boundary",
    Kind.AZURE: "azure-required-policies",
    Kind.GOOGLE: "google-required-org-policies",
}
Resource = dict[str, Any]
Change = Callable[[list[Resource]], list[Resource]]


def resources(kind: Kind) -> list[Resource]:
    """The generated configuration as Terraform plans it: what it computes is unknown, with its reference."""
    chosen = [each for each in guardrails(kind) if all(getattr(PARAMETERS[kind], name) for name in each.parameters)]
    (text,) = render(kind, chosen, PARAMETERS[kind], "terraform").values()
    found = read(text.encode(), Format.HCL)[0].value
    values = {f"local.{name}": each for name, each in (found.get("locals") or [{}])[0].items()}
    values |= {f"var.{name}": variable["default"] for name, (variable,) in found.get("variable", {}).items()}
    if kind is Kind.BOUNDARY:
        arn = "${aws_iam_policy.permission_boundary.arn}"
        found["resource"]["aws_iam_role"] = {"cards": [{"name": "cards", "permissions_boundary": arn}]}
    return [
        planned
        for type, named in found["resource"].items()
        for name, (body,) in named.items()
        for planned in instances(type, name, body, values)
    ]


def instances(type: str, name: str, body: dict[str, Any], values: dict[str, Any]) -> Iterator[Resource]:
    each = body.pop("for_each", None)
    for key in values["var.targets"] if each else [None]:
        after: dict[str, Any] = {}
        unknown: dict[str, Any] = {"id": True}
        expressions: dict[str, Any] = {}
        for attribute, value in body.items():
            references = re.findall(r"(?:aws|azurerm)_[a-z_]+\.[a-z0-9_]+", str(value)) if "${" in str(value) else []
            if references:
                unknown[attribute] = True
                expressions[attribute] = {"references": [value[2:-1], *references]}
            else:
                after[attribute] = evaluated(value, {**values, "each.value": key})
        index = "" if key is None else f'["{key}"]'
        yield {
            "address": f"{type}.{name}{index}",
            "type": type,
            "name": name,
            "after": after,
            "unknown": unknown,
            "expressions": expressions,
            "actions": ["create"],
        }


def evaluated(value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [evaluated(each, values) for each in value]
    if isinstance(value, dict):
        return {key: evaluated(each, values) for key, each in value.items()}
    if not isinstance(value, str) or "${" not in value:
        return value
    if (whole := re.fullmatch(r"\$\{([\w.]+)\}", value)) and whole[1] in values:
        return values[whole[1]]
    if encoded := re.fullmatch(r'\$\{jsonencode\(([\w.]+)(?:\["([^"]+)"\])?\)\}', value):
        document = values[encoded[1]]
        return json.dumps(document[encoded[2]] if encoded[2] else document)
    if value.startswith("${jsonencode({ category"):
        return "{}"
    return re.sub(r"\$\{([\w.]+)\}", lambda match: str(values[match[1]]), value)


def plan(found: list[Resource]) -> bytes:
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "resource_changes": [
                {
                    "address": each["address"],
                    "mode": "managed",
                    "type": each["type"],
                    "name": each["name"],
                    "provider_name": f"registry.terraform.io/hashicorp/{each['type'].split('_')[0]}",
                    "change": {
                        "actions": each["actions"],
                        "before": each["after"] if each["actions"] == ["delete"] else None,
                        "after": None if each["actions"] == ["delete"] else each["after"],
                        "after_unknown": {} if each["actions"] == ["delete"] else each["unknown"],
                        "before_sensitive": {},
                        "after_sensitive": {},
                    },
                }
                for each in found
            ],
            "configuration": {
                "root_module": {
                    "resources": [
                        {
                            "address": each["address"].partition("[")[0],
                            "mode": "managed",
                            "type": each["type"],
                            "name": each["name"],
                            "provider_config_key": each["type"].split("_")[0],
                            "expressions": each["expressions"],
                        }
                        for each in found
                        if each["actions"] != ["delete"]
                    ]
                }
            },
        }
    ).encode()


def outcomes(kind: Kind, found: list[Resource]) -> tuple[set[Outcome], list[str]]:
    name = f"{POLICIES[kind]}/policy.rego"
    (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
    subject = inputs.parse(plan(found))
    assert not subject.problem
    results = engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW)
    return {each.outcome for each in results}, [finding.message for each in results for finding in each.findings]


@pytest.mark.parametrize("kind", Kind)
def test_what_is_generated_passes(kind: Kind) -> None:
    found = resources(kind)
    assert outcomes(kind, found) == ({Outcome.PASS}, [])
    settled = [{**each, "actions": ["no-op"]} for each in found]
    assert outcomes(kind, settled) == ({Outcome.PASS}, [])


def without(part: str) -> Change:
    """The plan without the resources of which the address has ``part``."""
    return lambda found: [each for each in found if part not in each["address"]]


def removing(part: str) -> Change:
    return lambda found: [{**each, "actions": ["delete"]} if part in each["address"] else each for each in found]


def setting(part: str, **values: Any) -> Change:
    return lambda found: [
        {**each, "after": each["after"] | values} if part in each["address"] else each for each in found
    ]


def replacing(old: str, new: str) -> Change:
    return lambda found: [{**each, "after": json.loads(json.dumps(each["after"]).replace(old, new))} for each in found]


def detached(found: list[Resource]) -> list[Resource]:
    return [each for each in found if "attachment" not in each["type"] and "assignment" not in each["type"]]


WORSE: dict[str, tuple[Kind, Change]] = {
    "scp detached": (Kind.SCP, detached),
    "scp attachments removed": (Kind.SCP, removing("attachment")),
    "scp attached to an account": (Kind.SCP, setting("attachment", target_id="123456789012")),
    "scp without one action": (Kind.SCP, replacing("cloudtrail:StopLogging", "cloudtrail:GetTrail")),
    "scp for one region": (
        Kind.SCP,
        replacing(
            '\\"ArnNotLike\\": {', '\\"StringEquals\\": {\\"aws:RequestedRegion\\": \\"x\\"}, \\"ArnNotLike\\": {'
        ),
    ),
    "scp exempting everybody": (Kind.SCP, replacing("role/break-glass", "role/*")),
    "boundary that bounds nothing": (
        Kind.BOUNDARY,
        setting(
            "aws_iam_policy",
            policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        ),
    ),
    "azure detached": (Kind.AZURE, detached),
    "azure assignment removed": (Kind.AZURE, removing("assignment.storage_public_blobs")),
    "azure assignment missing": (Kind.AZURE, without("assignment.storage_public_blobs")),
    "azure not enforced": (Kind.AZURE, setting("assignment.storage_public_blobs", enforce=False)),
    "azure audited": (Kind.AZURE, replacing('\\"effect\\": \\"deny\\"', '\\"effect\\": \\"audit\\"')),
    "google policy missing": (Kind.GOOGLE, without("sql_restrict_public_ip")),
    "google policy removed": (Kind.GOOGLE, removing("sql_restrict_public_ip")),
    "google not enforced": (Kind.GOOGLE, replacing('"enforce": "TRUE"', '"enforce": "FALSE"')),
    "google all machines": (Kind.GOOGLE, replacing('"deny_all": "TRUE"', '"allow_all": "TRUE"')),
}


@pytest.mark.parametrize("name", WORSE)
def test_what_is_worse_is_a_finding(name: str) -> None:
    kind, change = WORSE[name]
    found = resources(kind)
    worse = change(found)
    assert worse != found
    assert Outcome.FAIL in outcomes(kind, worse)[0]


def test_a_role_without_the_boundary_is_a_finding() -> None:
    found = resources(Kind.BOUNDARY)
    bare = [each for each in found if each["type"] != "aws_iam_role"]
    (role,) = (each for each in found if each["type"] == "aws_iam_role")
    bare.append({**role, "unknown": {"id": True}, "expressions": {}})
    assert outcomes(Kind.BOUNDARY, bare) == ({Outcome.FAIL}, ["there is no permissions boundary"])


def test_every_required_deny_is_generated() -> None:
    """The defaults of the policies ask for nothing that guardrails do not give."""
    for kind in (Kind.SCP, Kind.AZURE, Kind.GOOGLE):
        name = f"{POLICIES[kind]}/policy.rego"
        (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
        ids = {each.id for each in guardrails(kind)}
        if kind is Kind.GOOGLE:
            assert set(policy.parameters["required_constraints"]) <= ids
        if kind is Kind.AZURE:
            assert all(names[0] in ids for names in policy.parameters["required_policies"].values())
