"""Parameters of the policies about workflows and Dockerfiles that are empty by default."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome

NOW = "2026-11-23T05:00:00Z"
USES = b"on: push\njobs: {build: {steps: [{uses: Example/setup@v1}]}}\n"
DEPLOY = "on: push\njobs: {{deploy: {{environment: {}, steps: []}}}}\n"
DOCKERFILE = b"FROM registry.example/base:1\nCOPY --from=registry.example/tools:2 /x /x\n"


def outcome(policy_id: str, parameters: dict[str, Any], raw: bytes) -> Outcome:
    name = f"{policy_id}/policy.rego"
    (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
    policy = msgspec.structs.replace(policy, parameters={**policy.parameters, **parameters})
    (result,) = engines.engine_for(policy.engine).evaluate(policy, inputs.parse(raw), {}, now=NOW)
    return result.outcome


@pytest.mark.parametrize(
    ("owners", "expected"), [([], Outcome.FAIL), (["example"], Outcome.PASS), (["exam"], Outcome.FAIL)]
)
def test_tags_of_trusted_owners(owners: list[str], expected: Outcome) -> None:
    assert outcome("workflow-pinned-actions", {"trusted_owners": owners}, USES) is expected


def test_an_image_has_no_owner() -> None:
    raw = b"on: push\njobs: {build: {steps: [{uses: 'docker://alpine:3'}]}}\n"
    assert outcome("workflow-pinned-actions", {"trusted_owners": ["docker:"]}, raw) is Outcome.FAIL


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("production", Outcome.PASS), ("sandbox", Outcome.FAIL), ("'${{ inputs.where }}'", Outcome.ERROR)],
)
def test_environments_for_deployments(environment: str, expected: Outcome) -> None:
    raw = DEPLOY.format(environment).encode()
    assert outcome("workflow-environments", {"environments": ["production"]}, raw) is expected
    assert outcome("workflow-environments", {}, raw) is Outcome.PASS


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([], Outcome.FAIL),
        (["registry.example/base:*"], Outcome.FAIL),
        (["registry.example/base:*", "registry.example/tools:*"], Outcome.PASS),
    ],
)
def test_trusted_images(images: list[str], expected: Outcome) -> None:
    assert outcome("dockerfile-pinned-images", {"trusted_images": images}, DOCKERFILE) is expected
