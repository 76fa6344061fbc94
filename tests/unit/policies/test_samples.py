"""Every sample of every policy of the pack, and that the pack is what it says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import InputKind, Policy
from gateproof.engines.interface import Outcome, Result
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
HOME = pack.POLICIES
IDS = sorted(path.parent.name for path in HOME.glob("*/policy.rego"))
KINDS = ("allowed", "denied", "undecided")


def load(policy_id: str) -> Policy:
    name = f"{policy_id}/policy.rego"
    (policy,) = pack.load({name: (HOME / name).read_text(encoding="utf-8")})
    return policy


def samples(kind: str) -> list[Path]:
    return [path for policy_id in IDS for path in sorted((HOME / policy_id / kind).glob("*"))]


def results(path: Path) -> list[Result]:
    policy = load(path.parts[-3])
    subject = inputs.parse(path.read_bytes())
    assert not subject.problem
    assert subject.subject.kind in policy.kinds
    return list(engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW))


def name(path: Path) -> str:
    return "/".join(path.parts[-3:])


@pytest.mark.parametrize("path", samples("allowed"), ids=name)
def test_allowed(path: Path) -> None:
    found = results(path)
    assert {one.outcome for one in found} == {Outcome.PASS}, [(one.resource, one.reason, one.findings) for one in found]


@pytest.mark.parametrize("path", samples("denied"), ids=name)
def test_denied(path: Path) -> None:
    found = results(path)
    assert Outcome.FAIL in {one.outcome for one in found}
    assert Outcome.ERROR not in {one.outcome for one in found}
    assert all(finding.message and finding.controls for one in found for finding in one.findings)


@pytest.mark.parametrize("path", samples("undecided"), ids=name)
def test_undecided(path: Path) -> None:
    found = results(path)
    assert Outcome.ERROR in {one.outcome for one in found}
    assert Outcome.FAIL not in {one.outcome for one in found}
    assert all(one.reason for one in found if one.outcome is Outcome.ERROR)


@pytest.mark.parametrize("policy_id", IDS)
def test_a_policy_has_its_parts(policy_id: str) -> None:
    policy = load(policy_id)
    assert policy.id == policy_id
    assert policy.title
    assert policy.description
    assert policy.remediation
    assert policy.controls
    assert policy.layers
    assert (HOME / policy_id / "README.md").read_text(encoding="utf-8").startswith(f"# {policy.title}")
    least = {"allowed": 2, "denied": 2, "undecided": 1 if InputKind.TERRAFORM_PLAN in policy.kinds else 0}
    for kind in KINDS:
        assert len(list((HOME / policy_id / kind).glob("*"))) >= least[kind]


def test_a_team_starts_with_three() -> None:
    assert sorted(pack.STARTER) == ["container-hardening", "encryption-at-rest", "s3-public-access"]
    assert set(pack.STARTER) <= set(IDS)


def test_a_control_that_is_not_in_the_catalogue_is_refused() -> None:
    path = HOME / "s3-public-access" / "policy.rego"
    text = path.read_text(encoding="utf-8").replace("soc2@2017:CC6.6", "soc2@2017:CC6.99")
    with pytest.raises(PolicyError):
        pack.load({"s3-public-access/policy.rego": text})


@pytest.mark.parametrize("path", samples("allowed") + samples("denied"), ids=name)
def test_a_policy_reads_no_other_types_than_it_says(path: Path) -> None:
    policy = load(path.parts[-3])
    if policy.resources:
        everything = msgspec.structs.replace(policy, resources=())
        subject = inputs.parse(path.read_bytes())
        engine = engines.engine_for(policy.engine)
        found, all_found = (list(engine.evaluate(each, subject, {}, now=NOW)) for each in (policy, everything))
        assert found == all_found


def test_a_policy_without_any_of_its_types_is_not_even_compiled() -> None:
    broken = msgspec.structs.replace(load("s3-public-access"), sources=())
    subject = inputs.parse((HOME / "encryption-at-rest" / "allowed" / "deleted-volume.json").read_bytes())
    (result,) = engines.engine_for(broken.engine).evaluate(broken, subject, {}, now=NOW)
    assert (result.outcome, result.reason) == (Outcome.SKIP, "it applies to no resource in this input")
