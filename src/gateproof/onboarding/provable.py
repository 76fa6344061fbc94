"""For each control that touches deployments: what of it could be proved here today, and what it needs first."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from gateproof.catalog.enforcement import Topic, deployment_topics
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Layer
from gateproof.onboarding.inventory import Provable, Repository, State

PLAN_STEP = "a plan as JSON in CI: terraform plan -out=tfplan && terraform show -json tfplan > tfplan.json"
_CHART_STEP = "rendered manifests in CI: helm template {} | gateproof check -"
_KUSTOMIZE_STEP = "rendered manifests in CI: kubectl kustomize {} | gateproof check -"
_LOOK = "see what the plan, or the rendered manifests, hold: source elsewhere does not show it here"
_OURS = "gateproof check"
_REGISTRY = re.compile(r"[\w-]+/[\w-]+/[a-z0-9-]+").fullmatch
_TYPED = (InputKind.TERRAFORM_PLAN, InputKind.KUBERNETES)
"""Kinds whose resources an inventory tells by their types."""
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
    """The kinds of what is here that ``policy`` reads something of, at hand or after a step, as far as is known."""
    return tuple(kind for kind in repository.kinds if _reads(policy, kind, repository))


def could_fit(policy: Policy, repository: Repository) -> tuple[InputKind, ...]:
    """The same with what is not known: modules whose source is elsewhere, and templates, may hold anything.

    Of Terraform, anything of the providers that are in use.
    """
    return tuple(
        kind
        for kind in repository.kinds
        if _reads(policy, kind, repository) or (_judges(policy, kind) and _may_be_here(policy, kind, repository))
    )


def step(kind: InputKind, repository: Repository) -> str:
    """What has to be done before something of ``kind`` can be judged here; empty where nothing has to be."""
    if kind is InputKind.TERRAFORM_PLAN:
        made = repository.plans or any(pipeline.plans for pipeline in repository.pipelines)
        return "" if made else PLAN_STEP
    rendered = repository.manifests or any(pipeline.renders for pipeline in repository.pipelines)
    if kind is InputKind.KUBERNETES and not rendered:
        if repository.charts:
            return _CHART_STEP.format(shlex.quote(repository.charts[0].path))
        return _KUSTOMIZE_STEP.format(shlex.quote(repository.kustomizations[0]))
    return ""


def _topic(topic: Topic, repository: Repository, policies: Iterable[Policy]) -> Provable:
    gates = tuple(sorted({gate.tool for gate in repository.gates if topic.topic in gate.topics}))
    about = [policy for policy in policies if not set(policy.controls).isdisjoint(topic.telling)]
    if fitting := {policy.id: found for policy in about if (found := fits(policy, repository))}:
        kinds = _kinds(fitting)
        steps = [step(kind, repository) for kind in kinds]
        state = State.TODAY if "" in steps else State.STEP
        # What is ready is not held back by what is not: the other step is told all the same.
        needed = "; ".join(dict.fromkeys(filter(None, steps)))
        return _provable(topic, state, gates, policies=fitting, kinds=kinds, step=needed)
    elsewhere = topic.points.get(Layer.CI, "")
    if not elsewhere.startswith(_OURS) and (repository.kinds or repository.pipelines):
        return _provable(topic, State.ELSEWHERE, gates, step=elsewhere)
    if possible := {policy.id: found for policy in about if (found := could_fit(policy, repository))}:
        kinds = _kinds(possible)
        needed = "; ".join(dict.fromkeys(step(kind, repository) or _LOOK for kind in kinds))
        return _provable(topic, State.STEP, gates, policies=possible, kinds=kinds, step=needed)
    judged = _judged(topic.points)
    there = tuple(kind for kind in repository.kinds if kind in judged and _is_something(kind, repository))
    if not there:
        return _provable(topic, State.NOTHING, gates)
    telling = next((control for control in topic.telling if control.startswith("nist")), topic.telling[0])
    needed = f"a policy that cites {telling}"
    if about:
        needed = f"the built-in policies about it read none of what is here; where it matters, {needed}"
    return _provable(topic, State.POLICY, gates, kinds=there, step=needed)


def _provable(
    topic: Topic,
    state: State,
    gates: tuple[str, ...],
    *,
    policies: Iterable[str] = (),
    kinds: tuple[InputKind, ...] = (),
    step: str = "",
) -> Provable:
    return Provable(
        topic=topic.topic, state=state, policies=tuple(sorted(policies)), kinds=kinds, step=step, gates=gates
    )


def _kinds(fitting: Mapping[str, tuple[InputKind, ...]]) -> tuple[InputKind, ...]:
    return tuple(kind for kind in InputKind if any(kind in found for found in fitting.values()))


def _judges(policy: Policy, kind: InputKind) -> bool:
    return not policy.kinds or kind in policy.kinds


def _reads(policy: Policy, kind: InputKind, repository: Repository) -> bool:
    """Whether ``policy`` judges ``kind``, and names no types or some that are known to be here."""
    if not _judges(policy, kind):
        return False
    if not policy.resources or kind not in _TYPED:
        return _is_something(kind, repository)
    # Kubernetes' kinds come with their group, which an inventory does not keep.
    return not _types(kind, repository).isdisjoint(name.rpartition("/")[2] for name in policy.resources)


def _types(kind: InputKind, repository: Repository) -> frozenset[str]:
    """The types of resources of ``kind`` that are known to be here."""
    if kind is InputKind.TERRAFORM_PLAN:
        counted = [module.resources for module in repository.terraform] + [plan.resources for plan in repository.plans]
    else:
        counted = [manifest.kinds for manifest in repository.manifests]
    return frozenset(name for each in counted for name in each)


def _is_all_known(kind: InputKind, repository: Repository) -> bool:
    """Whether there is nothing of ``kind`` here but what was read."""
    if kind is InputKind.TERRAFORM_PLAN:
        calls = (call for module in repository.terraform for call in module.calls)
        return all(call.startswith(".") for call in calls) and all(plan.resources for plan in repository.plans)
    return not (kind is InputKind.KUBERNETES and (repository.charts or repository.kustomizations))


def _may_be_here(policy: Policy, kind: InputKind, repository: Repository) -> bool:
    """Whether what is not known of ``kind`` could hold something that ``policy`` reads."""
    if _is_all_known(kind, repository):
        return False
    if kind is not InputKind.TERRAFORM_PLAN or not policy.resources:
        return True
    providers = {name for module in repository.terraform for name in module.providers}
    # A module of a registry is called by namespace, name and provider.
    providers |= {call.split("/")[2] for module in repository.terraform for call in module.calls if _REGISTRY(call)}
    return not providers or not providers.isdisjoint(name.partition("_")[0] for name in policy.resources)


def _is_something(kind: InputKind, repository: Repository) -> bool:
    """Whether anything of ``kind`` could be judged here: an empty module is nothing."""
    return kind not in _TYPED or bool(_types(kind, repository)) or not _is_all_known(kind, repository)


def _judged(points: Mapping[Layer, str]) -> frozenset[InputKind]:
    """The kinds that ``gateproof check`` judges for a topic, by what is said of its enforcement points."""
    said = " ".join(text for text in points.values() if _OURS in text).lower()
    return frozenset(kind for kind, words in _MENTIONED.items() if any(word in said for word in words))
