"""Terraform that `terraform fmt` would leave alone and that reads back to the JSON, within the platforms' limits."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from gateproof.catalog.enforcement import topics
from gateproof.catalog.frameworks import shipped
from gateproof.documents import Format, read
from gateproof.errors import UsageError
from gateproof.guardrails import Guardrail, Kind, Parameters, guardrails, render
from gateproof.guardrails.guardrail import AwsGuardrail, AzureGuardrail
from gateproof.guardrails.hcl import Expression, block
from gateproof.guardrails.iam import SCP_LIMIT, compact, service_control_policies

ROLES = tuple(f"arn:aws:iam::*:role/break-glass-{number}" for number in range(3))
TARGETS = {
    Kind.SCP: ("r-abcd", "ou-abcd-11112222"),
    Kind.BOUNDARY: (),
    Kind.AZURE: ("/providers/Microsoft.Management/managementGroups/acme",),
    Kind.GOOGLE: ("organizations/123456789012",),
}
BOUNDARY = ("arn:aws:iam::*:policy/boundary",)


def parameters(kind: Kind, **more: Any) -> Parameters:
    given = {
        "regions": ("eu-central-1",),
        "tags": ("owner", "data_classification", "tier"),
        "boundary": BOUNDARY,
        "customers": ("C03xgje4y",),
    }
    used = {name for each in guardrails(kind) for name in each.parameters}
    return Parameters(targets=TARGETS[kind], **{name: given[name] for name in used}, **more)


def made(kind: Kind, form: str) -> dict[str, str]:
    return render(kind, chosen(kind), parameters(kind), form)


def chosen(kind: Kind) -> tuple[Guardrail, ...]:
    """All that there are; a boundary has no room for the long lists, which are for service control policies."""
    few = [each for each in guardrails(kind) if each.id not in {"regions", "required-tags"}]
    return tuple(few) if kind is Kind.BOUNDARY else guardrails(kind)


def hcl(text: str) -> Any:
    return read(text.encode(), Format.HCL)[0].value


@pytest.mark.parametrize("kind", Kind)
def test_terraform_reads_back_to_the_json(kind: Kind) -> None:
    (text,) = made(kind, "terraform").values()
    documents = [json.loads(each) for each in made(kind, "json").values()]
    found = hcl(text)
    match kind:
        case Kind.SCP | Kind.BOUNDARY:
            assert list(found["locals"][0].values()) == documents
        case Kind.AZURE:
            rules = found["locals"][0]["rules"]
            definitions = [each["properties"] for each in documents if "policyRule" in each["properties"]]
            assert list(rules.values()) == [each["policyRule"] for each in definitions]
        case Kind.GOOGLE:
            resources = found["resource"]["google_org_policy_policy"].values()
            assert [google(each) for (each,) in resources] == documents


def google(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as the provider sends it."""
    ((rules,),) = ([spec["rules"] for spec in resource["spec"]],)
    return {
        "name": resource["name"].replace("${var.parent}", TARGETS[Kind.GOOGLE][0]),
        "spec": {"rules": [dict(rule_of(rule)) for rule in rules]},
    }


def rule_of(rule: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in rule.items():
        name = re.sub("_([a-z])", lambda match: match[1].upper(), key)
        yield (
            name,
            True
            if value == "TRUE"
            else dict(pair for each in value for pair in rule_of(each))
            if isinstance(value, list) and value and isinstance(value[0], dict)
            else value,
        )


@pytest.mark.parametrize("kind", Kind)
def test_terraform_would_leave_it_alone(kind: Kind) -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("there is no terraform")
    (text,) = made(kind, "terraform").values()
    environment = os.environ | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [terraform, "fmt", "-"], input=text, capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == text


def test_attachments_and_assignments_are_for_everything_that_is_made() -> None:
    (scp,) = made(Kind.SCP, "terraform").values()
    found = hcl(scp)["resource"]
    policies, attachments = found["aws_organizations_policy"], found["aws_organizations_policy_attachment"]
    assert policies.keys() == attachments.keys()
    for name, (attachment,) in attachments.items():
        assert attachment == {
            "for_each": "${var.targets}",
            "policy_id": f"${{aws_organizations_policy.{name}.id}}",
            "target_id": "${each.value}",
        }
    assert hcl(scp)["variable"]["targets"][0]["default"] == list(TARGETS[Kind.SCP])
    (azure,) = made(Kind.AZURE, "terraform").values()
    found = hcl(azure)["resource"]
    definitions = found["azurerm_management_group_policy_definition"]
    assignments = found["azurerm_management_group_policy_assignment"]
    assert definitions.keys() == assignments.keys()
    assert len(definitions) == len(guardrails(Kind.AZURE))
    for name, (definition,) in definitions.items():
        (assignment,) = assignments[name]
        assert assignment["enforce"] is True
        assert assignment["policy_definition_id"] == f"${{azurerm_management_group_policy_definition.{name}.id}}"
        assert assignment["name"] == definition["name"]


@pytest.mark.parametrize("kind", Kind)
def test_the_header_names_every_control(kind: Kind) -> None:
    (text,) = made(kind, "terraform").values()
    header = text.partition("\n\n")[0].replace("\n#  ", "").replace("\n# ", " ")
    for guardrail in chosen(kind):
        assert all(control in header for control in guardrail.controls)


@pytest.mark.parametrize("roles", [(), ROLES], ids=["nobody", "three"])
def test_service_control_policies_are_within_the_limit_and_few(roles: tuple[str, ...]) -> None:
    given = parameters(Kind.SCP, except_roles=roles)
    documents = service_control_policies(guardrails(Kind.SCP), given)
    sizes = [len(compact(each)) for each in documents]
    assert max(sizes) <= SCP_LIMIT
    statements = sum(len(compact(each)) + 1 for document in documents for each in document["Statement"])
    assert len(documents) == -(-statements // (SCP_LIMIT - len(compact({"Version": "2012-10-17", "Statement": []}))))
    texts = render(Kind.SCP, guardrails(Kind.SCP), given, "json").values()
    assert [len(each) for each in texts] == sizes


def test_nothing_is_lost_or_doubled_in_packing() -> None:
    seeded = random.Random(7)  # noqa: S311 - which guardrails are chosen is no secret
    everything = guardrails(Kind.SCP)
    for _ in range(60):
        some = seeded.sample(everything, seeded.randrange(1, len(everything)))
        documents = service_control_policies(some, parameters(Kind.SCP))
        sids = [statement["Sid"] for each in documents for statement in each["Statement"]]
        assert len(sids) == len(set(sids))
        alone = [service_control_policies([each], parameters(Kind.SCP)) for each in some]
        assert sorted(sids) == sorted(s["Sid"] for one in alone for each in one for s in each["Statement"])
        assert documents == service_control_policies(some, parameters(Kind.SCP))


def test_what_is_too_large_is_refused() -> None:
    regions = tuple(f"xx-nowhere-{number}" for number in range(400))
    only = [each for each in guardrails(Kind.SCP) if each.id == "regions"]
    with pytest.raises(UsageError, match="Regions alone is larger than 5120 characters"):
        service_control_policies(only, Parameters(regions=regions))
    many = Parameters(tags=tuple(f"tag-{number}" for number in range(12)), boundary=BOUNDARY, regions=("a1",))
    with pytest.raises(UsageError, match="a managed policy at most 6144"):
        render(Kind.BOUNDARY, guardrails(Kind.BOUNDARY), many, "json")


def test_every_guardrail_is_whole() -> None:
    known = {each.topic: each for each in topics()}
    for kind in Kind:
        found = guardrails(kind)
        assert len({each.id for each in found}) == len(found)
        for each in found:
            assert each.title
            assert each.why
            assert set(each.controls) <= set(shipped().controls), each.id
            for topic in each.topics:
                assert set(known[topic].telling) & set(each.controls), (each.id, topic)
            text = msgspec.json.encode(each.statements if isinstance(each, AwsGuardrail) else each).decode()
            placeholders = {name.strip("<>") for name in re.findall("<[a-z_]+>", text)}
            assert placeholders - {"tag"} | ({"tags"} if "tag" in placeholders else set()) == set(each.parameters)


def test_azure_names_fit_an_assignment() -> None:
    for each in guardrails(Kind.AZURE):
        assert isinstance(each, AzureGuardrail)
        assert re.fullmatch("[a-z-]{1,24}", each.id)  # longest name of an assignment to a management group
        assert each.mode in {"All", "Indexed"}
        assert each.rule["then"]["effect"] in {"deny", "denyAction"}


def test_statements_only_deny() -> None:
    for each in guardrails(Kind.SCP):
        assert isinstance(each, AwsGuardrail)
        for statement in each.statements:
            assert statement["Effect"] == "Deny"
            assert statement.keys() <= {"Effect", "Action", "NotAction", "Resource", "Condition"}
            for action in (*statement.get("Action", ()), *statement.get("NotAction", ())):
                assert re.fullmatch(r"\*|[a-z0-9-]+:(\*|[A-Z][A-Za-z0-9]+)", action), action


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"except_roles": ("*",)}, "--except-role"),
        ({"except_roles": ("arn:aws:iam::*:role/*",)}, "--except-role"),
        ({"except_roles": ("arn:aws:iam::*:role/a/*",)}, "--except-role"),
        ({"except_roles": ("arn:aws:iam::*:role/a/**",)}, "--except-role"),
        ({"except_roles": ("arn:aws:iam::*:role/?*",)}, "--except-role"),
        ({"except_roles": ("arn:aws:iam::*:root",)}, "--except-role"),
        ({"except_roles": ("arn:aws:iam::*:role/x\n",)}, "--except-role"),
        ({"boundary": ("arn:aws:iam::aws:policy/AdministratorAccess",)}, "--boundary"),
        ({"boundary": ("arn:aws:iam::*:policy/*",)}, "--boundary"),
        ({"tags": ('a"b',)}, "--tag"),
        ({"tags": ("${x}",)}, "--tag"),
        ({"regions": ("*",)}, "--region"),
        ({"customers": ("acme.example",)}, "--customer"),
        ({"targets": ("123456789012",)}, "--target"),
    ],
)
def test_parameters_that_would_open_or_break_it_are_refused(given: dict[str, tuple[str, ...]], option: str) -> None:
    with pytest.raises(UsageError) as caught:
        Parameters(**given)
    assert caught.value.where == option
    assert caught.value.hint


@pytest.mark.parametrize(
    ("kind", "given", "form", "message"),
    [
        (Kind.SCP, {"targets": ("organizations/1",)}, "terraform", "no target of scp"),
        (Kind.BOUNDARY, {"targets": ("r-abcd",)}, "terraform", "no target of permission-boundary"),
        (Kind.GOOGLE, {"targets": ("organizations/1", "folders/2")}, "json", "one target"),
        (Kind.GOOGLE, {}, "json", "none is given"),
        (Kind.AZURE, {}, "json", "none is given"),
        (Kind.AZURE, {"except_roles": ROLES}, "terraform", "no roles that are left alone"),
        (Kind.BOUNDARY, {"except_roles": ROLES}, "terraform", "no roles that are left alone"),
        (Kind.SCP, {"customers": ("C03xgje4y",)}, "json", "no guardrail of scp uses this"),
        (Kind.GOOGLE, {"tags": ("owner",)}, "terraform", "no guardrail of org-policy uses this"),
    ],
)
def test_targets_and_roles_of_another_platform(
    kind: Kind, given: dict[str, tuple[str, ...]], form: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        render(kind, guardrails(kind)[:1], Parameters(**given), form)
    assert caught.value.hint


def test_hcl_is_laid_out() -> None:
    values = {
        "a": 1,
        "long_name": [True, None],
        "empty": {},
        "nested": {"aws:key": '${x} %{y} "q"', "b": []},
        "after": Expression("var.x"),
        "wide": ["x" * 60, "y" * 60],
    }
    assert block("locals", values, block("inner", {"a": "b"})) == (
        "locals {\n"
        "  a         = 1\n"
        "  long_name = [true, null]\n"
        "  empty     = {}\n"
        "  nested = {\n"
        '    "aws:key" = "$${x} %%{y} \\"q\\""\n'
        "    b         = []\n"
        "  }\n"
        "  after = var.x\n"
        "  wide = [\n"
        f'    "{"x" * 60}",\n'
        f'    "{"y" * 60}",\n'
        "  ]\n"
        "\n"
        "  inner {\n"
        '    a = "b"\n'
        "  }\n"
        "}\n"
    )
