"""The first ``gateproof.yaml``: three policies that fit what is there, why each of them, and the text of the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import unified_diff
from typing import Any

import msgspec

from gateproof.catalog.pack import STARTER
from gateproof.catalog.policy import Deprecation, InputKind, Policy
from gateproof.onboarding import provable
from gateproof.onboarding.inventory import Repository

COUNT = 3
"""Policies to begin with: few enough that people read what they say."""

_KINDS = {
    InputKind.TERRAFORM_PLAN: "Terraform",
    InputKind.KUBERNETES: "Kubernetes",
    InputKind.GITHUB_WORKFLOW: "workflows",
    InputKind.DOCKERFILE: "Dockerfiles",
}
_SERVICE = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}", re.IGNORECASE)


class Choice(msgspec.Struct, frozen=True):
    """A policy to begin with, the kinds of what is here that it judges, and why it was chosen."""

    policy: Policy
    kinds: tuple[InputKind, ...]
    why: str


def choose(repository: Repository, policies: Sequence[Policy]) -> tuple[Choice, ...]:
    """The three of the built-in ``policies`` to begin with.

    Of those that read something here, one for each kind of input comes before a second one; those that are made to
    start with come before others, severe ones before mild ones. Where fewer fit, the rest is what judges by default.
    """
    fitting = {policy.id: found for policy in policies if (found := provable.fits(policy, repository))}
    waiting = [policy for policy in policies if policy.id in fitting and not isinstance(policy.deprecated, Deprecation)]
    chosen: list[Choice] = []
    covered: set[InputKind] = set()
    while waiting and len(chosen) < COUNT:
        policy = min(waiting, key=lambda each: _order(each, new=not covered.issuperset(fitting[each.id])))
        waiting.remove(policy)
        kinds = fitting[policy.id]
        covered.update(kinds)
        chosen.append(Choice(policy, kinds, _why(policy, kinds, repository)))
    taken = {choice.policy.id for choice in chosen}
    others = [policy for policy in policies if policy.id in STARTER and policy.id not in taken]
    nothing = "nothing here that it reads yet; it judges by default, and costs nothing until then"
    chosen += [Choice(policy, (), nothing) for policy in others[: COUNT - len(chosen)]]
    return tuple(chosen)


def compose(choices: Sequence[Choice], service: str) -> str:
    """A commented, minimal ``gateproof.yaml``. ``service`` is a name to suggest."""
    suggested = service if _SERVICE.fullmatch(service) else "my-service"
    return f"""\
# How gateproof judges changes of this repository. It counts as it stands on the protected branch: commit it there
# first. What a pull request changes in here can only tighten.
version: 1

# What the service is, how much depends on it, and what data it has. Until this is said, the strictest counts.
# service: {suggested}
# tier: 2  # 1, 2 or 3; 1 is the most critical
# data_classification: internal  # public, internal, confidential or restricted

{policies(choices)}"""


def policies(choices: Sequence[Choice]) -> str:
    """The part of the file that names the policies."""
    named = "".join(f"    - {choice.policy.id}  # {_comment(choice.policy)}\n" for choice in choices)
    return f"policies:\n  pack:\n{named}"


def missing(document: dict[str, Any]) -> tuple[str, ...]:
    """What an existing file does not say and a first one would: top-level keys."""
    return () if "policies" in document else ("policies",)


def completed(text: str, choices: Sequence[Choice], wanted: Sequence[str]) -> str:
    """An existing file with what it lacks; all of what it says stays as it is."""
    if "policies" not in wanted:
        return text
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}\n{policies(choices)}"


def diff(name: str, before: str | None, after: str) -> str:
    """The change of a file in unified form; ``before`` is None where there is none."""
    lines = unified_diff(
        (before or "").splitlines(),
        after.splitlines(),
        fromfile="/dev/null" if before is None else f"a/{name}",
        tofile=f"b/{name}",
        lineterm="",
    )
    return "\n".join(lines) + "\n"


def _order(policy: Policy, *, new: bool) -> tuple[bool, bool, int, str]:
    return not new, policy.id not in STARTER, -policy.severity.rank, policy.id


def _why(policy: Policy, kinds: Sequence[InputKind], repository: Repository) -> str:
    said = f"{policy.severity}; it judges {' and '.join(_KINDS[kind] for kind in kinds)}"
    if InputKind.TERRAFORM_PLAN in kinds and policy.resources:
        there = {name for module in repository.terraform for name in module.resources}
        there |= {name for plan in repository.plans for name in plan.resources}
        if read := sorted(there.intersection(policy.resources)):
            said += f", here {', '.join(read[:3])}{' and others' if len(read) > 3 else ''}"
    return said


def _comment(policy: Policy) -> str:
    return f"{policy.severity}: {' '.join(policy.title.split())}"
