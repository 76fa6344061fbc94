"""The schema of ``input`` names the members that views have, no more and no fewer."""

from __future__ import annotations

import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import InputKind
from gateproof.inputs.contract import VIEWS, schema

SAMPLES = {
    InputKind.TERRAFORM_PLAN: (pack.POLICIES / "s3-public-access/denied/partial-block.json").read_bytes(),
    InputKind.KUBERNETES: (pack.POLICIES / "container-hardening/allowed/pod.yaml").read_bytes(),
    InputKind.GITHUB_WORKFLOW: b"on: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n",
    InputKind.DOCKERFILE: b"FROM alpine AS a\nRUN make\n",
}


@pytest.mark.parametrize("kind", [kind for kind in InputKind if kind is not InputKind.UNKNOWN])
def test_a_view_has_the_members_of_the_schema(kind: InputKind) -> None:
    subject = inputs.parse(SAMPLES[kind])
    assert subject.subject.kind is kind
    for resource in inputs.resources(subject):
        assert sorted(resource.view) == sorted(VIEWS[kind]["properties"])
    document = inputs.document(subject)
    assert document is not None
    assert sorted(document) == sorted(schema([kind])["properties"])
    for instruction in (each for one in inputs.resources(subject) for each in one.view.get("instructions", ())):
        assert sorted(instruction) == sorted(VIEWS[kind]["properties"]["instructions"]["items"]["properties"])


def test_of_several_kinds_any() -> None:
    assert len(schema(())["properties"]["resources"]["items"]["anyOf"]) == len(VIEWS)
