"""For each control that touches deployments: what of it could be proved here today, and what it needs first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateproof.catalog.enforcement import Topic, deployment_topics
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Layer
from gateproof.onboarding.inventory import Provable, Repository, State

PLAN_STEP = "a plan as JSON in CI: terraform plan -out=tfplan && terraform show -json tfplan > tfplan.json"
_CHART_STEP = "rendered manifests in CI: helm template {} | gateproof check -"
_KUSTOMIZE_STEP = "rendered manifests in CI: kubectl kustomize {} | gateproof check -"
_OURS = "gateproof check"
_MENTIONED = {
    InputKind.TERRAFORM_PLAN: ("plan",),
    InputKind.KUBERNETES: ("manifest",),
    InputKind.GITHUB_WORKFLOW: ("workflow",),
    InputKind.DOCKERFILE: ("dockerfile",),
}
"""How the enforcement points of a topic speak of what can be judged."""


def topics(repository: Repository, policies: Sequence[Policy]) -> tuple[Provable, ...]:
    """Every topic that touches deployments, in the catalogue's order."""
    return tuple(_topic(topic, repository, policies) for topic in deployment_topics())


def fits(policy: Policy, repository: Repository) -> tuple[InputKind, ...]:
    """The kinds of what is here that ``policy`` reads something of, at hand or after a step; none where it never can.

    A policy that names resource types fits Terraform that has some of them, or calls modules whose source is
    elsewhere, or makes plans that were not read.
    """
    return tuple(kind for kind in repository.kinds if _reads(policy, kind, repository))


def step(kind: InputKind, repository: Repository) -> str:
    """What has to be done before something of ``kind`` can be judged here; empty where nothing has to be."""
    if kind is InputKind.TERRAFORM_PLAN:
        made = repository.plans or any(pipeline.plans for pipeline in repository.pipelines)
        return "" if made else PLAN_STEP
    rendered = repository.manifests or any(pipeline.renders for pipeline in repository.pipelines)
    if kind is InputKind.KUBERNETES and not rendered:
        if repository.charts:
            return _CHART_STEP.format(repository.charts[0].path)
        return _KUSTOMIZE_STEP.format(repository.kustomizations[0])
    return ""


def _topic(topic: Topic, repository: Repository, policies: Iterable[Policy]) -> Provable:
    gates = tuple(sorted({gate.tool for gate in repository.gates if topic.topic in gate.topics}))
    about = [policy for policy in policies if not set(policy.controls).isdisjoint(topic.telling)]
    fitting = {policy.id: found for policy in about if (found := fits(policy, repository))}
    kinds = tuple(kind for kind in InputKind if any(kind in found for found in fitting.values()))
    if kinds:
        steps = [step(kind, repository) for kind in kinds]
        ready = "" in steps
        return Provable(
            topic=topic.topic,
            state=State.TODAY if ready else State.STEP,
            policies=tuple(sorted(fitting)),
            kinds=kinds,
            # What is ready is not held back by what is not: the other step is told all the same.
            step="; ".join(dict.fromkeys(filter(None, steps))),
            gates=gates,
        )
    elsewhere = topic.points.get(Layer.CI, "")
    if not elsewhere.startswith(_OURS) and (repository.kinds or repository.pipelines):
        return Provable(topic=topic.topic, state=State.ELSEWHERE, step=elsewhere, gates=gates)
    judged = _judged(topic.points)
    possible = tuple(kind for kind in repository.kinds if kind in judged and _types(kind, repository) != frozenset())
    if not possible:
        return Provable(topic=topic.topic, state=State.NOTHING, gates=gates)
    telling = next((control for control in topic.telling if control.startswith("nist")), topic.telling[0])
    needed = f"a policy that cites {telling}"
    if about:
        needed = f"the built-in policies about it read none of what is here; where it matters, {needed}"
    return Provable(topic=topic.topic, state=State.POLICY, kinds=possible, step=needed, gates=gates)


def _reads(policy: Policy, kind: InputKind, repository: Repository) -> bool:
    if policy.kinds and kind not in policy.kinds:
        return False
    if not policy.resources:
        return True
    there = _types(kind, repository)
    # Kubernetes' kinds come with their group, which an inventory does not keep.
    return there is None or not there.isdisjoint(name.rpartition("/")[2] for name in policy.resources)


def _types(kind: InputKind, repository: Repository) -> frozenset[str] | None:
    """The types of resources of ``kind`` that are here; None where that is not known: a template may make any."""
    if kind is InputKind.TERRAFORM_PLAN:
        outside = any(not call.startswith(".") for module in repository.terraform for call in module.calls)
        if outside or any(not plan.resources for plan in repository.plans):
            return None
        counted = [module.resources for module in repository.terraform] + [plan.resources for plan in repository.plans]
        return frozenset(name for each in counted for name in each)
    if kind is InputKind.KUBERNETES and not (repository.charts or repository.kustomizations):
        return frozenset(name for manifest in repository.manifests for name in manifest.kinds)
    return None


def _judged(points: Mapping[Layer, str]) -> frozenset[InputKind]:
    """The kinds that ``gateproof check`` judges for a topic, by what is said of its enforcement points."""
    said = " ".join(text for text in points.values() if _OURS in text).lower()
    return frozenset(kind for kind, words in _MENTIONED.items() if any(word in said for word in words))
