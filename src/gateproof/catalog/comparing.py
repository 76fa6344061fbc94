"""Two states of policies: what differs in what they say about themselves, and each as a team would use it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.catalog import bundle, overlays
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.frameworks import Catalog
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.policy import Policy

_FIELDS = (
    "version",
    "severity",
    "title",
    "description",
    "remediation",
    "controls",
    "kinds",
    "resources",
    "layers",
    "scope",
    "facts",
    "parameters",
    "deprecated",
)


class Difference(msgspec.Struct, frozen=True):
    """What is different about a policy: the ``field`` with both values as JSON, null where there is none.

    ``policy`` as a field: the policy itself was added or removed; ``text``: the files of which the text changed.
    """

    policy: str
    field: str
    before: Any
    after: Any


def differences(old: Iterable[Policy], new: Iterable[Policy]) -> tuple[Difference, ...]:
    """Everything that ``new`` says otherwise than ``old``, by policy."""
    before, after = ({policy.id: policy for policy in policies} for policies in (old, new))
    return tuple(
        difference
        for policy_id in sorted(before.keys() | after.keys())
        for difference in _of(policy_id, before.get(policy_id), after.get(policy_id))
    )


def _of(policy_id: str, before: Policy | None, after: Policy | None) -> Iterator[Difference]:
    if before is None or after is None:
        there = [policy.title if policy else None for policy in (before, after)]
        yield Difference(policy_id, "policy", *there)
        return
    for field in _FIELDS:
        values = [_plain(getattr(policy, field)) for policy in (before, after)]
        if values[0] != values[1]:
            yield Difference(policy_id, field, *values)
    texts = [{source.name: source.text for source in policy.sources} for policy in (before, after)]
    changed = sorted(name for name in texts[0].keys() | texts[1].keys() if texts[0].get(name) != texts[1].get(name))
    if changed:
        yield Difference(policy_id, "text", *([name for name in changed if name in text] for text in texts))


def _plain(value: Any) -> Any:
    return None if value is msgspec.UNSET else msgspec.json.decode(msgspec.json.encode(value))


def as_used(
    policies: Sequence[Policy],
    gate_table: GateTable,
    *,
    parameters: Mapping[str, Mapping[str, Any]] = {},
    changes: Sequence[Overlay] = (),
    catalog: Catalog | None = None,
    now: str,
) -> Bundle:
    """The bundle of ``policies`` with what a team has set of them: values that they declare, and overlays, at ``now``.

    They count at every layer: what they would do is asked, not where. Raises PolicyError as ``build`` and ``apply`` do.
    """
    applied = overlays.apply(
        [msgspec.structs.replace(policy, layers=()) for policy in policies],
        [each for each in changes if each.policy in {policy.id for policy in policies}],
        now=now,
    )
    given: dict[str, dict[str, Any]] = {}
    for policy in applied.policies:
        own = {**parameters.get(policy.id, {}), **applied.parameters.get(policy.id, {})}
        given[policy.id] = {name: value for name, value in own.items() if name in policy.parameters}
    return bundle.build(applied.policies, gate_table, given, overlays=applied.overlays, catalog=catalog)
