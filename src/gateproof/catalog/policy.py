"""Policy: one executable rule with everything that gates, reports and auditors need to know about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier

Day = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


LIBRARY = "lib/"
"""What the names of sources begin with that are of the library which gateproof ships, and not the policy's own."""


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
    ``gateproof.engines.rego``); ``kyverno`` is a Kyverno policy; ``gatekeeper`` is a Constraint of Gatekeeper with its
    template; ``validating-admission-policy`` is one of Kubernetes with its bindings;
    ``kyverno-validating-policy`` is one of ``policies.kyverno.io``.
    """

    REGO = "rego"
    REGO_RESOURCE = "rego-resource"
    KYVERNO = "kyverno"
    GATEKEEPER = "gatekeeper"
    VALIDATING = "validating-admission-policy"
    KYVERNO_VALIDATING = "kyverno-validating-policy"

    @property
    def is_rego(self) -> bool:
        """Whether such a policy is Rego itself, in ``.rego`` files."""
        return self in (EngineName.REGO, EngineName.REGO_RESOURCE)


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a policy applies at all. Empty means always; a value outside its scope gives SKIP, with the reason."""

    environments: tuple[Environment, ...] = ()
    tiers: tuple[Tier, ...] = ()
    classifications: tuple[Classification, ...] = ()


class Deprecation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Since when a policy is deprecated, until when it may be used (both ``2026-11-23``, UTC), and what replaces it.

    From ``until`` on, using it is a problem that is told. It judges as before: no date changes a verdict.
    """

    since: Day
    replaced_by: str = ""
    until: Day | None = None

    def is_over(self, now: str) -> bool:
        """Whether it should be gone at ``now`` (RFC 3339 UTC)."""
        return self.until is not None and self.until <= now[: len(self.until)]

    def told(self, now: str) -> str:
        """All of it at ``now`` (RFC 3339 UTC), in words that follow "it is"."""
        until = f", to be gone by {self.until}" if self.until else ""
        over = ", and that day has come" if self.is_over(now) else ""
        use = f": use {self.replaced_by}" if self.replaced_by else ""
        return f"deprecated since {self.since}{until}{over}{use}"


class Source(msgspec.Struct, frozen=True, order=True):
    """One file of a policy: its name relative to the policy's folder, and its text."""

    name: str
    text: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One executable rule.

    ``kinds``: what it can judge (empty: any). ``controls``: resolved control ids. ``facts``: names of facts it needs;
    a missing or stale one is an ERROR. ``parameters``: given to the rule as ``data.parameters``. ``resources``: the
    types that the rule reads (``aws_s3_bucket``, ``apps/Deployment``); it sees no others, and without any it is SKIP.
    ``finds_secrets``: what it finds is secret, so that reports do not show the lines around.
    ``version``: a semantic version (semver.org). What is not said of a version or deprecation is not encoded, so that a
    bundle of a time before there were any keeps its digest.
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
    finds_secrets: bool | UnsetType = UNSET
    sources: tuple[Source, ...] = ()
    version: str | UnsetType = UNSET
    deprecated: Deprecation | UnsetType = UNSET
