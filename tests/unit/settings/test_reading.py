"""gateproof.yaml: what it may hold, and that all its problems are reported with their lines."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from gateproof.catalog.gate_table import Action, Loosening, Row
from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.errors import ConfigError
from gateproof.settings import Settings, json_schema
from gateproof.settings.reading import read_settings

ROOT = Path(__file__).parents[3]
FULL = """\
version: 1
service: payments
tier: 1
data_classification: restricted
environment: prod
policies:
  pack: [s3-public-access]
  paths: [policies/]
  parameters: {encryption-at-rest: {approved: [a, b]}}
  disabled: [tags]
gate:
  rows:
    - name: moving-buckets
      action: warn
      environments: [prod]
      tiers: [3]
      policies: ["s3-*"]
      controls: [CC-6.1, "soc2@2017:CC7.*"]
      loosens: {reason: migration, owner: ann, expires: "2026-12-01T00:00:00Z"}
  obligations:
    - {name: witness, detail: a witness cosigned the log, environments: [prod], tiers: [1]}
evidence: {store: evidence, key: key.pem}
trust: {policy: trust.json, roster: roster.json, root: "sha256:00", waivers: [waivers/]}
base: origin/release
"""


def problems(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as caught:
        read_settings(raw, "gateproof.yaml")
    assert caught.value.hint
    return str(caught.value)


def test_everything_that_a_file_may_say() -> None:
    settings = read_settings(FULL.encode(), "gateproof.yaml")
    assert (settings.service, settings.tier, settings.environment) == ("payments", Tier.ONE, Environment.PROD)
    assert settings.data_classification is Classification.RESTRICTED
    assert settings.policies.pack == ("s3-public-access",)
    assert settings.policies.parameters == {"encryption-at-rest": {"approved": ["a", "b"]}}
    assert settings.gate.rows == (
        Row(
            "moving-buckets",
            Action.WARN,
            environments=(Environment.PROD,),
            tiers=(Tier.THREE,),
            policies=("s3-*",),
            controls=("soc2@2017:CC6.1", "soc2@2017:CC7.*"),
            loosens=Loosening("migration", "ann", "2026-12-01T00:00:00Z"),
        ),
    )
    assert settings.gate.obligations[0].tiers == (Tier.ONE,)
    assert settings.trust.waivers == ("waivers/",)


def test_the_least_that_a_file_must_say() -> None:
    assert read_settings(b"version: 1\n", "gateproof.yaml") == Settings()


def test_every_problem_is_reported_with_its_line() -> None:
    said = problems(
        """\
service: 5
tier: 7
enviroment: prod
data_classification: secret
policies:
  pack: 3
  pths: []
  parameters: {a: 4}
gate:
  rows:
    - name: x
      action: ban
      environments: [prod, prd]
    - action: warn
      loosens: {reason: r}
tier: 2
evidence: []
"""
    )
    for problem in (
        "gateproof.yaml:1: service: expected text, got a number",
        "gateproof.yaml:1: version is missing: write `version: 1`",
        "gateproof.yaml:3: there is no setting 'enviroment' here; there are version, service,",
        "gateproof.yaml:4: data_classification: invalid enum value 'secret'; it is public or internal or",
        "gateproof.yaml:6: policies.pack: expected true/false | a list, got a number",
        "gateproof.yaml:7: there is no setting 'pths' here",
        "gateproof.yaml:8: policies.parameters: expected a mapping, got a number",
        "gateproof.yaml:12: gate.rows[0].action: invalid enum value 'ban'; it is warn or block",
        "gateproof.yaml:13: gate.rows[0].environments[1]: invalid enum value 'prd'; it is dev or staging or prod",
        "gateproof.yaml:14: name is missing",
        "gateproof.yaml:15: owner is missing",
        "gateproof.yaml:15: expires is missing",
        "gateproof.yaml:16: duplicate key 'tier'",
        "gateproof.yaml:17: evidence: expected a mapping, got a list",
    ):
        assert problem in said, said


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("version: 1", "version: 2", "gateproof.yaml:1: version: invalid enum value 2; it is 1"),
        ("CC-6.1", "CC-66.1", "gateproof.yaml:18: there is no control 'CC-66.1'; the nearest known ids are soc2"),
        ("soc2@2017:CC7.*", "CC7.*", "gateproof.yaml:18: no control matches 'CC7.*'; write the framework too"),
        ('"2026-12-01T00:00:00Z"', "soon", "loosens.expires must look like 2026-11-23T05:00:00Z, not 'soon'"),
        ('loosens: {reason: migration, owner: ann, expires: "2026-12-01T00:00:00Z"}', "layers: [ci]",
         "gateproof.yaml:13: row 'moving-buckets' warns where the default table blocks (prod, tier 3, public"),
        ("name: moving-buckets", "name: prod-everything", "there is another row of this name"),
        ("tier: 1\n", "tier: one\n", "gateproof.yaml:3: tier: invalid enum value 'one'; it is 3 or 2 or 1"),
        ("service: payments", "service: " + "x" * 201, "gateproof.yaml:2: service: "),
        ("paths: [policies/]", "paths: ['']", "policies.paths[0]: "),
    ],
)  # fmt: skip
def test_single_problems(old: str, new: str, problem: str) -> None:
    assert problem in problems(FULL.replace(old, new))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"text",
        b"version: 1\n---\nversion: 1\n",
        b"version: [",
        b"\xff\xfe\xff",
        b"- " * 1000,
        b"a: &a [x]\nb: " + b"[*a, *a, *a]\n" * 3,
        b"version: 1\n" + b"#" * (1024 * 1024),
        b"version: 1\ngate: {rows: {a: 1}}\n",
        b"version: 1\ngate: 5\n",
        b"version: 1\n1: 2\n",
    ],
)
def test_what_is_no_settings_file_is_a_config_error(raw: bytes) -> None:
    assert "gateproof.yaml" in problems(raw)


def test_a_table_that_nobody_can_review_is_refused() -> None:
    rows = "\n".join(f"    - {{name: r{number}, action: block}}" for number in range(101))
    assert "gate.rows: 101 are more than the 100" in problems(f"version: 1\ngate:\n  rows:\n{rows}\n")


def test_the_published_schema_is_fresh() -> None:
    spec = importlib.util.spec_from_file_location("schema", ROOT / "tools" / "schema.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.TARGET.read_text(encoding="utf-8") == generator.generate(), "run tools/schema.py"


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"version": 1}, True),
        ({"version": 1, "tier": 2}, True),
        ({"version": 1, "tier": "2"}, True),
        ({"version": 1, "policies": {"pack": False, "paths": ["p"]}}, True),
        ({"version": 1, "gate": {"rows": [{"name": "x", "action": "block", "tiers": [1]}]}}, True),
        ({}, False),
        ({"version": 2}, False),
        ({"version": 1, "tier": 4}, False),
        ({"version": 1, "teir": 1}, False),
        ({"version": 1, "gate": {"rows": [{"name": "x"}]}}, False),
    ],
)
def test_the_schema_and_the_reader_agree(value: dict[str, Any], valid: bool) -> None:
    assert jsonschema_rs.is_valid(json_schema(), value) is valid
    raw = json.dumps(value).encode()
    if valid:
        assert isinstance(read_settings(raw, "gateproof.yaml"), Settings)
    else:
        problems(raw)


def test_the_full_example_is_valid_by_the_schema() -> None:
    from gateproof.documents import Format, read

    assert jsonschema_rs.is_valid(json_schema(), read(FULL.encode(), Format.YAML)[0].value)
    assert msgspec.json.decode(msgspec.json.encode(read_settings(FULL.encode(), "f")), type=Settings).tier is Tier.ONE


OVERLAYS = """\
version: 1
policies:
  overlays:
    - {policy: a, severity: critical}
    - policy: b
      scope: {environments: [prod], tiers: [1, 2]}
      loosens: {reason: moving, owner: ann, expires: "2026-12-01T00:00:00Z"}
    - {policy: c, parameters: {x: [1]}}
"""


def test_overlays_are_read_and_fit_the_schema() -> None:
    overlays = read_settings(OVERLAYS.encode(), "gateproof.yaml").policies.overlays
    assert [overlay.policy for overlay in overlays] == ["a", "b", "c"]
    assert overlays[1].scope.tiers == (Tier.ONE, Tier.TWO)
    assert jsonschema_rs.is_valid(json_schema(), yaml_value(OVERLAYS))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("policy: c", "policy: a", "gateproof.yaml:8: a: there is another overlay"),
        ("severity: critical", "enabled: false", "gateproof.yaml:4: a: this is more lenient than the policy"),
        ("severity: critical", "severity: worst", "gateproof.yaml:4: policies.overlays[0].severity: invalid enum"),
        ("owner: ann", 'owner: ""', "gateproof.yaml:5: b: loosens needs a reason and an owner"),
        ("2026-12-01T00:00:00Z", "soon", "gateproof.yaml:5: b: loosens.expires must look like"),
        ("tiers: [1, 2]", "tiers: [4]", "policies.overlays[1].scope.tiers[0]: invalid enum"),
        ("tiers: [1, 2]", "teams: [4]", "there is no setting 'teams' here"),
    ],
)
def test_what_overlays_may_not(old: str, new: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(OVERLAYS.replace(old, new).encode(), "gateproof.yaml")
    assert problem in str(caught.value)


def yaml_value(text: str) -> Any:
    from gateproof.documents import Format, read

    return read(text.encode(), Format.YAML)[0].value
