"""The section `admission` of gateproof.yaml: what it may say, and what it may not."""

from __future__ import annotations

import jsonschema_rs
import pytest

from gateproof.catalog.scales import Environment, Tier
from gateproof.documents import Format, read
from gateproof.errors import ConfigError
from gateproof.settings import json_schema
from gateproof.settings.reading import read_settings

TEXT = """\
version: 1
admission:
  namespace: gate
  undecided: warn
  namespaces:
    - {names: [dev-*, play], service: shop, environment: dev, tier: 3, data_classification: public}
  objects: [v1/configmaps, networking.k8s.io/v1/ingresses]
  break_glass: {namespace: glass, expires: 2026-12-31T00:00:00Z}
  spool: {max_bytes: 1048576, when_full: allow}
"""


def test_everything_is_read_and_fits_the_schema() -> None:
    admission = read_settings(TEXT.encode(), "gateproof.yaml").admission
    assert admission.break_glass is not None
    assert admission.break_glass.expires == "2026-12-31T00:00:00Z"
    assert (admission.namespaces[0].environment, admission.namespaces[0].tier) == (Environment.DEV, Tier.THREE)
    assert (admission.spool.max_bytes, admission.spool.when_full) == (1048576, "allow")
    assert jsonschema_rs.is_valid(json_schema(), read(TEXT.encode(), Format.YAML)[0].value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("2026-12-31T00:00:00Z", "tomorrow", "gateproof.yaml:8: admission.break_glass.expires: write a time in UTC"),
        ("namespace: glass, ", "", "gateproof.yaml:8: namespace is missing"),
        ("names: [dev-*, play], ", "", "gateproof.yaml:6: names is missing"),
        ("[dev-*, play]", "[]", "expected a list of length >= 1"),
        ("tier: 3", "tier: 4", "admission.namespaces[0].tier: invalid enum value '4'"),
        ("v1/configmaps", "v1/secrets", "gateproof.yaml:7: admission.objects[0]"),
        ("v1/configmaps", "configmaps", "gateproof.yaml:7: admission.objects[0]"),
        ("v1/configmaps", "v1/../../x", "gateproof.yaml:7: admission.objects[0]"),
        ("1048576", "10", "expected a number >= 1048576"),
        ("allow", "drop", "it is deny or allow"),
        ("undecided: warn", "undecided: allow", "it is deny or warn"),
    ],
)
def test_what_it_may_not_say(old: str, new: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(TEXT.replace(old, new).encode(), "gateproof.yaml")
    assert problem in str(caught.value)


def test_more_rows_than_a_person_can_review_are_refused() -> None:
    row = "    - {names: [a]}\n"
    many = TEXT.replace("  objects", f"{row * 100}  objects")
    with pytest.raises(ConfigError, match="101 are more"):
        read_settings(many.encode(), "gateproof.yaml")


@pytest.mark.parametrize(
    "collection",
    [
        "kyverno.io/v1/clusterpolicies",
        "kyverno.io/v2/namespaces/kyverno/policyexceptions",
        "policies.kyverno.io/v1/validatingpolicies",
        "templates.gatekeeper.sh/v1/constrainttemplates",
        "constraints.gatekeeper.sh/v1beta1/k8srequiredlabels",
        "constraints.gatekeeper.sh/v1beta1/*",
        "admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    ],
)
def test_collections_of_policies(collection: str) -> None:
    text = f"version: 1\nadmission: {{policies: ['{collection}']}}\n"
    assert read_settings(text.encode(), "gateproof.yaml").admission.policies == (collection,)


@pytest.mark.parametrize(
    "collection",
    [
        "v1/configmaps",
        "v1/secrets",
        "apps/v1/deployments",
        "kyvernoXio/v1/clusterpolicies",
        "evil.example/kyverno.io/v1/clusterpolicies",
        "kyverno.io/clusterpolicies",
        "kyverno.io/v1/../../../api/v1/secrets",
        "kyverno.io/v1/clusterpolicies?limit=1",
        "kyverno.io/v1/namespaces/*/policies",
        "kyverno.io/v1/namespaces/shop/*",
        "kyverno.io/*/clusterpolicies",
        "kyverno.io/v1/cluster*",
    ],
)
def test_what_has_no_policies_is_no_collection_of_them(collection: str) -> None:
    text = f"version: 1\nadmission: {{policies: ['{collection}']}}\n"
    with pytest.raises(ConfigError, match=r"admission\.policies\[0\]"):
        read_settings(text.encode(), "gateproof.yaml")
