"""Bundle: the policies, the controls they cite and the gate table that apply, content-addressed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

import msgspec

from gateproof.catalog import frameworks
from gateproof.catalog.frameworks import Catalog, Control
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.policy import Policy
from gateproof.documents import canonical
from gateproof.errors import PolicyError


class Bundle(msgspec.Struct, frozen=True, dict=True, omit_defaults=True):
    """What a Decision was made with. Policies are sorted by id, controls by id.

    ``asserted``: ids of policies that the change itself names, beside what is protected. They can deny like any other;
    that they judged something does not make it judged. ``overlays``: what a team has changed about policies; they stand
    here as that left them.
    """

    policies: tuple[Policy, ...]
    controls: tuple[Control, ...]
    gate_table: GateTable
    asserted: tuple[str, ...] = ()
    overlays: tuple[Overlay, ...] = ()

    @cached_property
    def encoded(self) -> bytes:
        """Canonical JSON: what is stored as evidence and read back by a replay."""
        return canonical.encode(self)

    @cached_property
    def digest(self) -> str:
        """Digest of ``encoded``; every Decision names it."""
        return canonical.digest(self.encoded)

    @cached_property
    def gate_table_digest(self) -> str:
        """Digest of the gate table alone."""
        return canonical.digest_of(self.gate_table)


def build(
    policies: Iterable[Policy],
    gate_table: GateTable,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    asserted: Collection[str] = (),
    overlays: tuple[Overlay, ...] = (),
    catalog: Catalog | None = None,
) -> Bundle:
    """The bundle of ``policies``: sorted, with the controls that they cite and their own values for parameters.

    ``parameters`` maps policy ids to values that replace the policy's defaults; ``asserted`` are ids of policies that
    the change itself names; ``overlays`` are those that were applied to the policies; ``catalog`` knows the controls
    that may be cited (default: those that are shipped). Raises PolicyError with every problem: two policies of one id,
    a control that is not known, a value for a policy or a parameter that there is not or whose type differs from the
    default's.
    """
    chosen = sorted(policies, key=lambda policy: (policy.id, policy.engine))
    given = parameters or {}
    problems = [*_twice(chosen), *_misplaced(chosen, given)]
    cited, known = set(), catalog.control if catalog else frameworks.control
    for policy in chosen:
        for spelled in policy.controls:
            try:
                cited.add(known(spelled))
            except PolicyError as error:
                problems.append(f"{policy.id}: {error.message}; {error.hint}")
    if problems:
        raise PolicyError("the policies do not make a bundle", problems=problems, hint="correct them and run again")
    return Bundle(
        policies=tuple(_with_parameters(policy, given.get(policy.id, {})) for policy in chosen),
        controls=tuple(sorted(cited, key=lambda control: control.id)),
        gate_table=gate_table,
        asserted=tuple(policy.id for policy in chosen if policy.id in asserted),
        overlays=overlays,
    )


def _with_parameters(policy: Policy, given: Mapping[str, Any]) -> Policy:
    return msgspec.structs.replace(policy, parameters={**policy.parameters, **given}) if given else policy


def _twice(policies: list[Policy]) -> Iterator[str]:
    for one, other in pairwise(policies):
        if one.id == other.id:
            yield f"{one.id}: two policies have this id"


def _misplaced(policies: list[Policy], given: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What ``given`` says about policies or parameters that there are not, or with values of another type."""
    known = {policy.id: policy for policy in policies}
    for policy_id, values in sorted(given.items()):
        policy = known.get(policy_id)
        if policy is None:
            yield f"parameters are given for {policy_id!r}, and no such policy is loaded"
            continue
        for name, value in sorted(values.items()):
            default = policy.parameters.get(name)
            if name not in policy.parameters:
                declared = ", ".join(sorted(policy.parameters)) or "none"
                yield f"{policy_id}: there is no parameter {name!r}; it declares {declared}"
            elif default is not None and type(value) is not type(default):
                yield f"{policy_id}: the parameter {name!r} is a {type(default).__name__}, not a {type(value).__name__}"
