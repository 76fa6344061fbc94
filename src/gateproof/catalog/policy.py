"""Policy: one executable rule with everything that gates, reports and auditors need to know about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier


class InputKind(StrEnum):
    """What kinds of change can be judged."""

    TERRAFORM_PLAN = "terraform-plan"
    KUBERNETES = "kubernetes"
    GITHUB_WORKFLOW = "github-workflow"
    DOCKERFILE = "dockerfile"
    UNKNOWN = "unknown"


class EngineName(StrEnum):
    """How a policy is written.

    ``rego`` is bare Rego as conftest runs it (``deny``, ``violation``, ``warn`` on a whole document);
    ``rego-resource`` is Rego written for gateproof, which says for every resource whether it applies (see
    ``gateproof.engines.rego``); ``kyverno`` is a Kyverno policy.
    """

    REGO = "rego"
    REGO_RESOURCE = "rego-resource"
    KYVERNO = "kyverno"


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a policy applies at all. Empty means always; a value outside its scope gives SKIP, with the reason."""

    environments: tuple[Environment, ...] = ()
    tiers: tuple[Tier, ...] = ()
    classifications: tuple[Classification, ...] = ()


class Source(msgspec.Struct, frozen=True, order=True):
    """One file of a policy: its name relative to the policy's folder, and its text."""

    name: str
    text: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One executable rule.

    ``kinds``: what it can judge (empty: any). ``controls``: resolved control ids. ``facts``: names of facts it needs;
    a missing or stale one is an ERROR. ``parameters``: given to the rule as ``data.parameters``. ``resources``: the
    types that the rule reads (``aws_s3_bucket``, ``apps/Deployment``); it sees no others, and without any it is SKIP.
    """

    id: str
    engine: EngineName
    title: str
    severity: Severity
    description: str = ""
    remediation: str = ""
    controls: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    kinds: tuple[InputKind, ...] = ()
    scope: Scope = Scope()
    facts: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    resources: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
