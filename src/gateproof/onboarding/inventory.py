"""The nouns of an inventory, as they are written as JSON, too. Paths are relative to the repository, with ``/``."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Layer

LABELS = ("owner", "data_classification", "tier")
"""The tags and labels by which policies are scoped and findings find somebody."""


class File(msgspec.Struct, frozen=True):
    """A file that was read. ``whole`` is false where only its beginning was."""

    path: str
    raw: bytes
    whole: bool = True


class LeftOut(msgspec.Struct, frozen=True, order=True):
    """Something that was not looked at, and why. ``path`` is empty where it is about the repository as a whole."""

    reason: str
    path: str = ""


class Module(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A folder of Terraform source.

    ``root``: whether it is applied by itself, as far as the source tells. ``resources``: how many blocks of each type
    it has; ``calls``: sources of the modules that it calls; ``backend``: the kind of its backend.
    """

    path: str
    root: bool
    resources: dict[str, int] = {}
    providers: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    backend: str = ""


class Plan(msgspec.Struct, frozen=True):
    """A Terraform plan as JSON. ``resources``: how many changes of each type it has; empty where it is too large."""

    path: str
    resources: dict[str, int] = {}


class Chart(msgspec.Struct, frozen=True):
    """A Helm chart."""

    path: str
    name: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """A file of Kubernetes objects, with how many there are of each kind."""

    path: str
    kinds: dict[str, int]


class Image(msgspec.Struct, frozen=True, order=True):
    """An image that is named somewhere. ``pinned``: by digest."""

    name: str
    pinned: bool
    used_in: tuple[str, ...]


class Pipeline(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A file of a CI system.

    ``environments``: names of deployment environments that its jobs use; ``plans``, ``renders``: whether it makes a
    plan as JSON, or manifests from templates; ``shallow``: whether it checks out a shallow clone and runs gateproof.
    """

    path: str
    system: str
    environments: tuple[str, ...] = ()
    plans: bool = False
    renders: bool = False
    shallow: bool = False


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A check that is there already. ``place``: the hook, job or line; ``enforcing``: whether it can stop anything."""

    tool: str
    layer: Layer
    path: str
    place: str
    enforcing: bool
    topics: tuple[str, ...] = ()


class ExistingPolicy(msgspec.Struct, frozen=True, order=True):
    """A policy, or a configuration of a scanner, that is there already."""

    engine: str
    path: str


class Owners(msgspec.Struct, frozen=True):
    """A file that says who owns what. ``everything``: whether one of its rules covers every file."""

    path: str
    rules: int
    owners: tuple[str, ...]
    everything: bool


class Labelling(msgspec.Struct, frozen=True, kw_only=True):
    """One of ``LABELS``: on how many resources and objects it is, and where it is missing.

    ``seen`` have it; ``missing`` have tags or labels without it, or could have and have none; ``unknown`` get theirs
    from an expression, so that only a plan tells.
    """

    label: str
    seen: int
    missing: int
    unknown: int
    missing_at: tuple[str, ...] = ()


class State(StrEnum):
    """How far a topic is from being proved with gateproof."""

    TODAY = "today"
    STEP = "one more step"
    POLICY = "needs a policy"
    ELSEWHERE = "by another tool"
    NOTHING = "nothing here"


class Provable(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of deployments: what of it could be proved here.

    ``policies``: built-in ones that read something of what is here; ``kinds``: what they judge; ``step``: what has to
    be done first, empty where nothing has to be; ``gates``: tools that are here already and work on the same topic.
    """

    topic: str
    state: State
    policies: tuple[str, ...] = ()
    kinds: tuple[InputKind, ...] = ()
    step: str = ""
    gates: tuple[str, ...] = ()


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found in one repository, each list sorted by path.

    ``workflow_files`` are those that gateproof judges. ``left_out`` counts what was not looked at by reason, and
    ``left_out_at`` names the first of it.
    """

    name: str
    configured: tuple[str, ...] = ()
    terraform: tuple[Module, ...] = ()
    plans: tuple[Plan, ...] = ()
    charts: tuple[Chart, ...] = ()
    kustomizations: tuple[str, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    dockerfiles: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    workflow_files: tuple[str, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    policies: tuple[ExistingPolicy, ...] = ()
    owners: tuple[Owners, ...] = ()
    labels: tuple[Labelling, ...] = ()
    gates: tuple[Gate, ...] = ()
    provable: tuple[Provable, ...] = ()
    files: int = 0
    left_out: dict[str, int] = {}
    left_out_at: tuple[LeftOut, ...] = ()

    @property
    def roots(self) -> tuple[Module, ...]:
        """Terraform that is applied by itself."""
        return tuple(module for module in self.terraform if module.root)

    @property
    def kinds(self) -> tuple[InputKind, ...]:
        """What could be judged here, at hand or after a step."""
        found = {
            InputKind.TERRAFORM_PLAN: self.terraform or self.plans,
            InputKind.KUBERNETES: self.manifests or self.charts or self.kustomizations,
            InputKind.GITHUB_WORKFLOW: self.workflow_files,
            InputKind.DOCKERFILE: self.dockerfiles,
        }
        return tuple(kind for kind, there in found.items() if there)


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What ``gateproof inventory`` found. ``version`` is that of this form."""

    version: int = 1
    repositories: tuple[Repository, ...]


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of an ``Inventory`` as JSON."""
    schema = msgspec.json.schema(Inventory)
    for definition in schema["$defs"].values():
        definition["description"] = " ".join(definition.get("description", "").replace("``", "").split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gateproof inventory --format json",
        **schema,
    }
