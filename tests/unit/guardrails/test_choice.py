"""Which guardrails serve what is asked for, and what is said where none does."""

from __future__ import annotations

import pytest

from gateproof.catalog.frameworks import shipped
from gateproof.catalog.policy import EngineName, Policy
from gateproof.catalog.scales import Severity
from gateproof.errors import UsageError
from gateproof.guardrails import Choice, Kind, Parameters, choose, guardrails

NOTHING = Parameters()
POLICY = Policy(
    id="two-eyes",
    engine=EngineName.REGO,
    title="t",
    severity=Severity.LOW,
    controls=("nist-800-53@5:CM-5", "soc2@2017:CC8.1"),
)


def choice(kind: Kind, *wanted: str, parameters: Parameters = NOTHING) -> Choice:
    return choose(kind, wanted, parameters, shipped(), lambda: [POLICY])


def ids(found: Choice) -> list[str]:
    return [each.id for each in found.chosen]


@pytest.mark.parametrize(
    "spelled", ["SC-28", "nist sc-28", "nist-800-53@5:SC-28", "encryption at rest", "Data  At Rest"]
)
def test_controls_and_topics_as_the_catalogue_spells_them(spelled: str) -> None:
    expected = ["ebs-encryption", "ebs-encryption-default", "rds-encryption", "efs-encryption"]
    assert ids(choice(Kind.SCP, spelled)) == expected


def test_several_are_joined_in_the_order_of_the_file() -> None:
    assert ids(choice(Kind.SCP, "tls-only", "protect-config")) == ["protect-config", "tls-only"]
    assert ids(choice(Kind.GOOGLE, "encryption in transit", "sql.restrictPublicIp")) == [
        "storage.secureHttpTransport",
        "sql.restrictPublicIp",
        "gcp.restrictTLSVersion",
    ]


def test_nothing_wanted_is_everything_that_has_its_parameters() -> None:
    found = choice(Kind.SCP)
    assert {each.id: options for each, options in found.left_out} == {
        "boundary-required": ("--boundary",),
        "boundary-stays": ("--boundary",),
        "regions": ("--region",),
        "required-tags": ("--tag",),
    }
    assert len(found.chosen) + len(found.left_out) == len(guardrails(Kind.SCP))
    assert choice(Kind.SCP, parameters=Parameters(regions=("eu-west-1",))).chosen[-1].id == "regions"


def test_what_only_lacks_a_parameter_is_left_out_where_something_else_serves() -> None:
    found = choice(Kind.AZURE, "network boundaries")
    assert "nsg-admin-ports" in ids(found)
    assert [each.id for each, _ in found.left_out] == ["locations"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("asset tagging and data classification", "give --tag for required-tags"),
        ("CM-5", "not by a platform lock; policies serve it: two-eyes"),
        ("change approval", "not by a platform lock; policies serve it: two-eyes"),
        ("vendor risk", "not by a platform lock, and by no policy of the pack"),
        ("CC1.1", "not by a platform lock: "),
        ("nonsense", "neither a control, nor a topic, nor a guardrail"),
        ("web-https-only", "neither a control, nor a topic, nor a guardrail"),
    ],
)
def test_what_no_guardrail_serves_is_refused_with_what_does(wanted: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        choice(Kind.SCP, wanted)
    (problem,) = caught.value.problems
    assert said in problem
    assert caught.value.hint == "`gateproof generate scp --list` shows what there is"


def test_another_platform_that_serves_it_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        choice(Kind.GOOGLE, "backup and recovery")
    assert caught.value.problems == (
        "backup and recovery: not by this platform's lock; `gateproof generate scp`, `gateproof generate "
        "permission-boundary`, `gateproof generate azure-policy` serves it",
    )


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        choice(Kind.SCP, "SC-28", "nonsense", "CM-5")
    assert len(caught.value.problems) == 2
