"""What ``gateproof.yaml`` may say. Paths in it are relative to the file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gateproof.catalog.gate_table import ObligationRule, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.pack import STARTER
from gateproof.catalog.scales import Classification, Environment, Tier

OCI = "oci://"
"""How the place of a policy bundle in a registry begins."""

COLLECTION = r"^(?!v1/secrets$)([a-z0-9.-]+/)?v[a-z0-9]+/[a-z][a-z0-9-]*$"
"""How a collection of an API server is named."""

POLICY_COLLECTION = (
    r"^((policies\.)?kyverno\.io|(templates|constraints|expansion)\.gatekeeper\.sh|admissionregistration\.k8s\.io)"
    r"/v[a-z0-9]+/((namespaces/[a-z0-9-]+/)?[a-z][a-z0-9-]*|\*)$"
)
"""How a collection of policies is named: of an API group that has some, in one namespace or everywhere, or all of a
version. What is of another group would never judge, and is refused rather than read in vain.
"""

MAX_ROWS = 100
"""Rows, obligations, and overlays, that a file may have: more than a person can review is no gate."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Place = Annotated[str, Meta(min_length=1, max_length=1000)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A mapping of the file."""


class BundleSource(_Section, frozen=True):
    """Where a policy bundle comes from: ``oci``, a reference to a registry that is pinned by digest
    (``registry.example/team/policies@sha256:…``), or ``path``, a file.
    """

    oci: Annotated[str, Meta(max_length=500)] = ""
    path: Annotated[str, Meta(max_length=1000)] = ""


class Policies(_Section, frozen=True):
    """Which policies judge.

    ``pack``: the built-in ones, all (true), none (false) or those listed; by default three to start with. ``paths``:
    files and folders of Rego and Kyverno policies. ``bundles``: policy bundles; where ``trust.policy`` is given, signed
    by a key with the role ``bundle``. ``parameters``: values for policies' parameters, by policy id.
    ``disabled``: ids to leave out. ``overlays``: what is different about single policies; what makes one more lenient
    says why, who answers for it and until when.
    """

    pack: bool | tuple[Name, ...] = STARTER
    paths: tuple[Place, ...] = ()
    bundles: tuple[BundleSource, ...] = ()
    parameters: dict[str, dict[str, Any]] = {}
    disabled: tuple[Name, ...] = ()
    overlays: tuple[Overlay, ...] = ()


class Catalog(_Section, frozen=True):
    """Frameworks of one's own, beside those that are shipped: files, or OSCAL catalogues and profiles."""

    frameworks: tuple[Place, ...] = ()


class Gate(_Section, frozen=True):
    """Own rows and obligations beside the default gate table."""

    rows: tuple[Row, ...] = ()
    obligations: tuple[ObligationRule, ...] = ()


class Evidence(_Section, frozen=True):
    """Where decisions are recorded: the store, and the key file that signs them. The trust policy names the log."""

    store: str = ""
    key: str = ""


class Trust(_Section, frozen=True):
    """Signed trust policy and roster, the fingerprint of the trust root, and waivers (files, folders or patterns)."""

    policy: str = ""
    roster: str = ""
    root: str = ""
    waivers: tuple[Place, ...] = ()


class NamespaceRow(_Section, frozen=True):
    """What namespaces hold whose names match one of ``names`` (``*``: any run of characters); the first row counts."""

    names: Annotated[tuple[Name, ...], Meta(min_length=1)]
    service: Annotated[str, Meta(max_length=200)] = ""
    environment: Environment | None = None
    tier: Tier | None = None
    data_classification: Classification | None = None


class BreakGlass(_Section, frozen=True):
    """The one namespace, by its name, in which nothing is refused until ``expires`` (RFC 3339, UTC).

    What happens there is judged, recorded and counted all the same. Who may create workloads in it is for RBAC to say.
    """

    namespace: Name
    expires: Name


class Spool(_Section, frozen=True):
    """Decisions on their way to the evidence store: at most ``max_bytes`` of them wait.

    ``when_full``: ``deny`` refuses what could not be recorded, ``allow`` answers it without evidence.
    """

    max_bytes: Annotated[int, Meta(ge=1024 * 1024)] = 1024 * 1024 * 1024
    when_full: Literal["deny", "allow"] = "deny"


class Admission(_Section, frozen=True):
    """What `gateproof serve --admission` needs beside the rest; counts in the file that it is started with.

    ``namespace`` is the server's own, in which nothing is refused. ``undecided``: whether what could not be decided is
    refused, or let in with a warning. ``namespaces`` says what is in them where their labels are not to. ``objects``
    are what policies look up in the cluster, read from its API server: ``VERSION/PLURAL`` (``v1/configmaps``) or
    ``GROUP/VERSION/PLURAL``; Secrets are not among them. ``policies`` are collections of policies there
    (``kyverno.io/v1/clusterpolicies``, ``constraints.gatekeeper.sh/v1beta1/*``, or in one namespace alone
    ``kyverno.io/v2/namespaces/NAME/policyexceptions``), which judge as policies in files do.
    """

    namespace: Annotated[str, Meta(max_length=200)] = "gateproof-system"
    undecided: Literal["deny", "warn"] = "deny"
    namespaces: tuple[NamespaceRow, ...] = ()
    objects: tuple[Annotated[str, Meta(pattern=COLLECTION)], ...] = ()
    policies: tuple[Annotated[str, Meta(pattern=POLICY_COLLECTION)], ...] = ()
    break_glass: BreakGlass | None = None
    spool: Spool = Spool()


class Settings(_Section, frozen=True):
    """The whole file.

    ``environment`` in a file of the protected base is the least strict one that a change may be judged for. ``base``
    is the git ref that the protected file itself is read from; it counts only in a file that is protected already.
    """

    version: Literal[1] = 1
    service: Annotated[str, Meta(max_length=200)] = ""
    tier: Tier | None = None
    data_classification: Classification | None = None
    environment: Environment | None = None
    policies: Policies = Policies()
    catalog: Catalog = Catalog()
    gate: Gate = Gate()
    evidence: Evidence = Evidence()
    trust: Trust = Trust()
    admission: Admission = Admission()
    base: Annotated[str, Meta(max_length=200)] = ""


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``gateproof.yaml``. Tiers may be written as numbers, and ``version`` must be there."""
    from gateproof.catalog.oci import PINNED

    schema = msgspec.json.schema(Settings)
    definitions = schema["$defs"]
    definitions["Tier"]["enum"] = sorted(tier.value for tier in Tier) + sorted(int(tier) for tier in Tier)
    definitions["Settings"]["required"] = ["version"]
    tables = (*definitions["Gate"]["properties"].values(), definitions["Policies"]["properties"]["overlays"])
    for table in (*tables, definitions["Admission"]["properties"]["namespaces"]):
        table["maxItems"] = MAX_ROWS
    source = definitions["BundleSource"]
    source["oneOf"] = [{"required": ["oci"]}, {"required": ["path"]}]
    source["properties"]["oci"]["pattern"] = PINNED
    for definition in definitions.values():
        definition["description"] = " ".join(definition["description"].replace("``", "").split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gateproof.yaml",
        **schema,
    }
