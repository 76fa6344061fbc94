"""Values at places: what is there, what is not, what is known only after apply, what stays hidden."""

from __future__ import annotations

import json

import pytest

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.readings import at, named

AFTER = {"acl": "private", "rules": [{"days": 3}], "tags": None, "secret": "x", "long": "y" * 500}
UNKNOWN = {"id": True, "rules": [{"name": True}]}
PLAN = inputs.parse(
    json.dumps(
        {
            "format_version": "1.2",
            "resource_changes": [
                {
                    "address": "aws_s3_bucket.a",
                    "mode": "managed",
                    "type": "aws_s3_bucket",
                    "name": "a",
                    "change": {
                        "actions": ["create"],
                        "before": None,
                        "after": AFTER,
                        "after_unknown": UNKNOWN,
                        "after_sensitive": {"secret": True},
                    },
                }
            ],
        }
    ).encode()
)
ROOT = ("resource_changes", 0, "change", "after")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("acl",), '"private"'),
        (("tags",), "null"),
        (("rules", 0, "days"), "3"),
        (("rules", 1, "days"), "(not set)"),
        (("rules", 0, "name"), "(known only after apply)"),
        (("id",), "(known only after apply)"),
        (("id", "more"), "(known only after apply)"),
        (("owner",), "(not set)"),
        (("acl", "more"), "(not set)"),
    ],
)
def test_what_stands_at_a_place(path: tuple[str | int, ...], shown: str) -> None:
    assert at(PLAN, 0, (*ROOT, *path)).shown == shown
    assert at(PLAN, 1, path).shown == "(not set)"


def test_long_values_are_cut_and_secrets_stay_hidden() -> None:
    assert len(at(PLAN, 0, (*ROOT, "long")).shown) == 120
    assert at(PLAN, 0, (*ROOT, "secret")).shown.startswith('"redacted:sha256:')


def test_what_a_policy_names() -> None:
    text = 'package gateproof.policies.p\nimport rego.v1\nx := ["days", "id"]\ny if input.planned.a[0].values.acl\n'
    source = (Source("policy.rego", text), Source("lib/l.rego", 'package gateproof.lib.l\nz := "long"\n'))
    policy = Policy(id="p", engine=EngineName.REGO_RESOURCE, title="P", severity=Severity.LOW, sources=source)
    found = {reading.path: reading.shown for reading in named(policy, PLAN)["aws_s3_bucket.a"]}
    assert found == {("acl",): '"private"', ("rules", 0, "days"): "3", ("id",): "(known only after apply)"}
