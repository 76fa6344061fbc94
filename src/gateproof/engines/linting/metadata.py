"""What a policy says about itself: METADATA, controls, README, version, deprecation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import UNSET

from gateproof.catalog import versions
from gateproof.catalog.enforcement import topics
from gateproof.catalog.policy import InputKind, Policy
from gateproof.engines.linting.interface import MAIN, Level, PolicyFiles, Problem, own_files

_LONGEST_TITLE = 100
_TERRAFORM_TYPE = r"[a-z][a-z0-9-]*_[a-z0-9_]+"
_KUBERNETES_TYPE = r"([a-z0-9.-]+/)?[A-Z][A-Za-z0-9]*"


def problems(files: PolicyFiles, policy: Policy, *, now: str, known: Collection[str]) -> Iterator[Problem]:
    """All that is wrong with them at ``now`` (RFC 3339 UTC); ``known`` are the ids of policies that there are."""
    for code, pattern, message in (
        *_texts(policy),
        *_controls(policy),
        *_types(policy),
        *_deprecation(policy, now, known),
    ):
        yield Problem(files.path(MAIN), files.line(pattern), _LEVELS.get(code, Level.ERROR), code, message)
    yield from _readme(files, policy)
    if files.compared:
        yield from _version(files, policy)


_LEVELS = {
    "controls-telling": Level.WARNING,
    "kinds": Level.WARNING,
    "layers": Level.WARNING,
    "replaced-by": Level.WARNING,
    "title": Level.WARNING,
}
_Said = tuple[str, str, str]


def _texts(policy: Policy) -> Iterator[_Said]:
    if len(policy.title) > _LONGEST_TITLE or policy.title.endswith("."):
        yield "title", r"# title:", f"the title is one line of at most {_LONGEST_TITLE} characters without a full stop"
    if not policy.description:
        yield "description", r"# METADATA", "there is no description: say in full what must be true"
    if not policy.remediation:
        yield "remediation", r"#\s+remediation:", "the remediation is empty: say what to write"
    if not policy.kinds:
        yield "kinds", r"# custom:", "custom.kinds is missing: the policy is tried on every input"
    if not policy.layers:
        yield "layers", r"# custom:", "custom.layers is missing: say where it is meant to run"


def _controls(policy: Policy) -> Iterator[_Said]:
    place = r"#\s+controls:"
    if not policy.controls:
        yield "controls", r"# custom:", "it cites no control: nobody who asks for one finds it"
    elif not {control for topic in topics() for control in topic.telling} & set(policy.controls):
        yield (
            "controls-telling",
            place,
            "none of its controls tells what it is about: cite one that does (`gateproof controls WORDS`)",
        )


def _types(policy: Policy) -> Iterator[_Said]:
    forms = {InputKind.TERRAFORM_PLAN: _TERRAFORM_TYPE, InputKind.KUBERNETES: _KUBERNETES_TYPE}
    wanted = [forms[kind] for kind in policy.kinds if kind in forms]
    for type in policy.resources if wanted else ():
        if not any(re.fullmatch(form, type) for form in wanted):
            place = rf"#\s+(- |resources:.*){re.escape(type)}"
            yield "resources-type", place, f"{type!r} is no type of what it judges ({', '.join(policy.kinds)})"


def _deprecation(policy: Policy, now: str, known: Collection[str]) -> Iterator[_Said]:
    deprecated = policy.deprecated
    if deprecated is UNSET:
        return
    place = r"#\s+deprecated:"
    if deprecated.until and deprecated.until <= deprecated.since:
        yield "deprecated", place, f"deprecated.until {deprecated.until} is not after since {deprecated.since}"
    if deprecated.is_over(now):
        yield "deprecated-over", place, f"it is {deprecated.told(now)}; remove it, or set another day"
    if deprecated.replaced_by and deprecated.replaced_by not in known:
        yield "replaced-by", place, f"deprecated.replaced_by: there is no policy {deprecated.replaced_by!r} here"


def _readme(files: PolicyFiles, policy: Policy) -> Iterator[Problem]:
    place = files.path("README.md")
    if files.readme is None:
        yield Problem(
            place, 0, Level.ERROR, "readme", "there is no README.md: say what it does, why, and how to fix it"
        )
        return
    head = files.readme.partition("\n")[0].rstrip()
    if head != f"# {policy.title}":
        yield Problem(place, 1, Level.ERROR, "readme-title", f"it must begin with the policy's title: # {policy.title}")
    for name in policy.parameters:
        if name not in files.readme:
            yield Problem(place, 0, Level.WARNING, "readme-parameter", f"it does not explain the parameter {name}")


def _version(files: PolicyFiles, policy: Policy) -> Iterator[Problem]:
    """Whether the version was raised with the text, where the policy is compared with its base."""
    before, place = files.before, files.line(r"#\s+version:")
    if before is not None and _text(before) == _text(policy):
        return
    if policy.version is UNSET:
        said = "it is new" if before is None else "its text has changed"
        yield Problem(
            files.path(MAIN), place, Level.WARNING, "version-missing", f"{said}, and it has no custom.version (1.0.0)"
        )
    elif before is not None and before.version is not UNSET and not _is_later(policy.version, before.version):
        message = f"its text has changed since {before.version} at the base: raise custom.version"
        yield Problem(files.path(MAIN), place, Level.ERROR, "version-not-raised", message)


def _is_later(version: str, other: str) -> bool:
    return versions.precedence(version) > versions.precedence(other)


def _text(policy: Policy) -> list[tuple[str, str]]:
    """Its own files without the line of the version."""
    return [(name, re.sub(r"(?m)^#\s+version:.*\n", "", text)) for name, text in own_files(policy)]
