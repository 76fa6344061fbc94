"""The reference pages of the built-in policies, and of the controls that touch deployments, from their sources.

Used by tools/docs.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateproof.catalog import pack
from gateproof.catalog.enforcement import Topic, deployment_topics
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Severity

_GROUPS = (
    ("AWS", "aws_"),
    ("Azure", "azurerm_"),
    ("Google Cloud", "google_"),
)
_KINDS = (
    (InputKind.KUBERNETES, "Kubernetes"),
    (InputKind.GITHUB_WORKFLOW, "GitHub Actions"),
    (InputKind.DOCKERFILE, "Dockerfiles"),
)
_ORDER = {severity: number for number, severity in enumerate(sorted(Severity, key=list(Severity).index, reverse=True))}


def policies() -> str:
    """``docs/reference/policies.md``: every built-in policy by what it judges."""
    found = pack.builtin()
    lines = [
        "# Built-in policies",
        "",
        f"Generated from the policies; there are {len(found)}. Each links to its page: what it does, why, how to fix a",
        "finding, what it cannot see. Without a `gateproof.yaml` three judge: "
        + ", ".join(f"`{each}`" for each in pack.STARTER)
        + ".",
        "`policies.pack` in [gateproof.yaml](settings.md) turns on others, or all.",
        "",
    ]
    for title, group in _grouped(found):
        lines += [
            f"## {title}",
            "",
            "| policy | severity | what must be true | parameters |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(policy) for policy in sorted(group, key=lambda each: (_ORDER[each.severity], each.id))]
        lines.append("")
    return "\n".join(lines)


def controls() -> str:
    """``docs/reference/controls.md``: the controls that touch deployments, their ids and what enforces them."""
    found = pack.builtin()
    lines = [
        "# Controls that touch deployments",
        "",
        "Generated from the catalogue and the built-in policies. A policy is listed where it cites one of the ids that",
        "tell a control from the others. `gateproof controls --coverage` says the same of your own policies.",
        "",
    ]
    for topic in deployment_topics():
        lines += [*_topic(topic, found), ""]
    return "\n".join(lines)


def _grouped(found: Iterable[Policy]) -> Iterator[tuple[str, list[Policy]]]:
    left = list(found)
    for kind, title in _KINDS:
        group = [policy for policy in left if policy.kinds == (kind,)]
        left = [policy for policy in left if policy not in group]
        if group:
            yield title, group
    clouds = [(title, [policy for policy in left if _is_of(policy, prefix)]) for title, prefix in _GROUPS]
    rest = [policy for policy in left if not any(policy in group for _, group in clouds)]
    yield from ((title, group) for title, group in [*clouds, ("Several clouds", rest)] if group)


def _is_of(policy: Policy, prefix: str) -> bool:
    return bool(policy.resources) and all(type.startswith(prefix) for type in policy.resources)


def _row(policy: Policy) -> str:
    page = f"[`{policy.id}`](../../src/gateproof/policies/{policy.id}/README.md)"
    parameters = ", ".join(f"`{name}`" for name in sorted(policy.parameters))
    return f"| {page} | {policy.severity} | {policy.title} | {parameters} |"


def _topic(topic: Topic, found: Iterable[Policy]) -> Iterator[str]:
    yield f"## {topic.topic.capitalize()}"
    yield ""
    yield f"**Ids**: {', '.join(f'`{control}`' for control in topic.controls)}"
    yield ""
    yield "| layer | what can enforce it |"
    yield "| --- | --- |"
    for layer, means in topic.points.items():
        yield f"| {layer} | {means} |"
    yield ""
    enforcing = [policy.id for policy in found if set(policy.controls) & set(topic.telling)]
    links = (f"[`{each}`](../../src/gateproof/policies/{each}/README.md)" for each in enforcing)
    yield f"**Policies**: {', '.join(links) or 'none is shipped; it is enforced by other means'}"
