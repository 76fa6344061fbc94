"""What is misconfigured: each problem with where it is, why it matters and what to do about it. Pure.

Times are RFC 3339 UTC. What is about to end is told ``SOON`` before, so that it is renewed and not found out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec

from gateproof.catalog.gate_table import GateTable, Loosening, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.policy import Deprecation, Policy
from gateproof.catalog.scales import Classification, Environment, Severity, Tier
from gateproof.documents.instants import instant, is_instant
from gateproof.engines.interface import Finding
from gateproof.errors import GateproofError
from gateproof.gate.table import NO_ROW, Lookup
from gateproof.onboarding import provable
from gateproof.onboarding.inventory import Repository
from gateproof.trust import DocumentKind, Role, Trust, Waiver

SOON = timedelta(days=14)
_NAME = "gateproof.yaml"


class Problem(msgspec.Struct, frozen=True):
    """Something that is wrong. ``check`` names the check, ``next`` is what to do."""

    check: str
    what: str
    where: str
    why: str
    next: str


class Unchecked(msgspec.Struct, frozen=True):
    """A check that could not be made, and why."""

    check: str
    why: str


class Diagnosis(msgspec.Struct, frozen=True):
    """All problems in the order of the checks. ``version`` is that of this form."""

    checked: tuple[str, ...]
    problems: tuple[Problem, ...]
    unchecked: tuple[Unchecked, ...]
    version: int = 1


class KeyFile(msgspec.Struct, frozen=True):
    """A file with a private key: its permission bits, None where there is no file, and whether it is in the repository.

    ``fingerprint``: that of its public half, empty where that is not beside it.
    """

    path: str
    mode: int | None
    inside: bool
    fingerprint: str = ""


class StorePlace(msgspec.Struct, frozen=True):
    """Where evidence goes: whether it, or the folder that it would be made in, can be written; whether it is inside."""

    path: str
    writable: bool
    inside: bool


class _Place(msgspec.Struct, frozen=True):
    environment: Environment
    tier: Tier
    data_classification: Classification


def of_error(check: str, error: GateproofError, why: str) -> Iterator[Problem]:
    """What an error says, each of its problems by itself."""
    hint = error.hint or "correct it and run again"
    for said in error.problems or (error.message,):
        yield Problem(check, said, error.where or "", why, hint)


def rows(own: Sequence[Row], table: GateTable, policies: Sequence[Policy], now: str) -> Iterator[Problem]:
    """Own rows of the gate ``table`` that are over, or that never decide anything: another row always comes first.

    Each is held against every environment, tier, classification, severity and layer with every one of ``policies``.
    """
    live = [row for row in own if row.loosens is None or not _is_over(row.loosens, now)]
    for row in own:
        if row.loosens is not None:
            yield from _ending("gate-rows", f"the row {row.name!r}", row.loosens, now)
    for row, winner in _losers(live, table, policies, now):
        why = (
            f"{winner.name!r} comes first: the row with most columns wins, and a tie goes to what blocks"
            if winner
            else "it matches no policy that is turned on here, nor the controls that they cite"
        )
        advice = (
            "fill in more of its columns, such as environments and severities" if winner else "correct its patterns"
        )
        yield Problem("gate-rows", f"the row {row.name!r} decides nothing", f"{_NAME}: gate.rows", why, advice)


def overlays(found: Sequence[Overlay], now: str) -> Iterator[Problem]:
    """Overlays whose time has come, or comes soon."""
    for overlay in found:
        if overlay.loosens is not None:
            yield from _ending("overlays", f"the overlay of {overlay.policy!r}", overlay.loosens, now)


def policies(
    enabled: Sequence[Policy],
    disabled: Iterable[str],
    known: Collection[str],
    repository: Repository,
    now: str,
    *,
    by_default: Collection[str] = (),
) -> Iterator[Problem]:
    """Policies that can read nothing of what is here, that are deprecated, and ids that are turned off and are none.

    Those that judge ``by_default``, chosen by nobody, may read nothing: they cost nothing until there is something.
    """
    for each in sorted(set(disabled) - set(known)):
        yield Problem(
            "policies",
            f"there is no policy {each!r} to turn off",
            f"{_NAME}: policies.disabled",
            "whoever wrote it believes that something is off, and it is not",
            "correct the id; `gateproof policy list` has all of them",
        )
    for policy in enabled:
        if isinstance(policy.deprecated, Deprecation) and policy.deprecated.is_over(now):
            yield Problem(
                "policies",
                f"{policy.id} is {policy.deprecated.told(now)}",
                "",
                "it is no longer kept up",
                "use what replaces it",
            )
    chosen = [policy for policy in enabled if policy.id not in by_default]
    idle = [policy.id for policy in chosen if repository.kinds and not provable.could_fit(policy, repository)]
    if idle:
        yield Problem(
            "policies",
            f"nothing here is read by {', '.join(idle)}",
            f"{_NAME}: policies",
            "a policy that never applies proves nothing, and looks as if it did",
            "choose others: `gateproof inventory` says which read what is here",
        )


def waivers(files: Mapping[str, bytes], enabled: Collection[str], trust: Trust | None, now: str) -> Iterator[Problem]:
    """Waivers (name → envelope) that are over or will be soon, are for policies that do not judge, or do not verify."""
    from gateproof.trust import dsse, forms
    from gateproof.trust.policy import key_map

    for name, raw in sorted(files.items()):
        try:
            envelope = dsse.decode_single(raw, DocumentKind.WAIVER.payload_type)
            waiver: Waiver = forms.read_payload(DocumentKind.WAIVER, dsse.payload_of(envelope))
            accepted = trust.keys_for(Role.WAIVER, now) if trust else {}
            verified = trust is None or bool(dsse.verify(envelope, key_map(trust.policy), list(accepted)))
        except GateproofError as error:
            yield Problem(
                "waivers", f"no waiver: {error.one_line}", name, "it is passed over", "take it away, or sign it again"
            )
            continue
        if not verified:
            why = "no key that may sign waivers now has signed it, so it does not count"
            yield Problem("waivers", "its signature does not count", name, why, "have its approver sign it again")
        if unknown := sorted(set(waiver.policies) - set(enabled)):
            said = f"it is for {', '.join(unknown)}, which does not judge here"
            yield Problem("waivers", said, name, "it waives nothing", "correct the ids, or take it away")
        yield from _until("waivers", "it", name, waiver.not_after, "what it waived blocks", now, "decide anew")


def trust(found: Trust, now: str) -> Iterator[Problem]:
    """A trust policy, roster or key that ends soon. One that has ended does not open at all; a key may have."""
    ask = "have the root key sign a new one"
    nothing = "nothing is recorded or verified any more"
    yield from _until("trust", "the trust policy", "trust.policy", found.policy.not_after, nothing, now, ask)
    if found.roster is not None:
        nobody = "nobody has a rank, and no waiver counts"
        yield from _until("trust", "the roster", "trust.roster", found.roster.not_after, nobody, now, ask)
    for key in found.policy.keys:
        lost = f"it no longer signs as {', '.join(key.roles)}"
        yield from _until("trust", f"the key {key.name!r}", "trust.policy", key.not_after, lost, now, ask)


def key(file: KeyFile, found: Trust | None, now: str) -> Iterator[Problem]:
    """What is wrong with the file of the key that signs evidence."""
    if file.mode is None:
        why = "no decision can be recorded"
        yield Problem(
            "key", "there is no such key file", file.path, why, "gateproof trust init, or correct evidence.key"
        )
        return
    if file.mode & 0o077:
        why = "others than its owner can read the private key, and it is refused"
        yield Problem("key", f"its mode is {file.mode:04o}", file.path, why, f"chmod 600 {file.path}")
    if file.inside:
        why = "whoever has the repository has the key, and a change could replace it"
        yield Problem(
            "key", "a private key in the repository", file.path, why, "keep it in the pipeline's secret store"
        )
    roles = (Role.DECISION, Role.CHECKPOINT)
    if found and file.fingerprint and any(file.fingerprint not in found.keys_for(role, now) for role in roles):
        why = "what it signs is not believed, so recording is refused"
        yield Problem("key", "the trust policy does not let it sign now", file.path, why, "use the key that it names")


def store(place: StorePlace) -> Iterator[Problem]:
    """What is wrong with the place of the evidence."""
    if not place.writable:
        why = "every check that records ends with an error"
        yield Problem(
            "evidence", "it cannot be written to", place.path, why, "correct evidence.store or its permissions"
        )
    if place.inside:
        why = "it is part of what is judged, is lost with a clean checkout, and a change could replace it"
        yield Problem(
            "evidence", "the evidence is inside the repository", place.path, why, "name a folder outside of it"
        )


def pipelines(repository: Repository) -> Iterator[Problem]:
    """Gates of ours in CI that see too little, or whose verdict stops nothing."""
    for pipeline in repository.pipelines:
        if pipeline.shallow:
            depth = 'GIT_DEPTH: "0"' if pipeline.system == "gitlab-ci" else "fetch-depth: 0"
            why = "the protected branch is not in a shallow clone, so what it protects cannot be read"
            yield Problem(
                "pipelines", "gateproof runs in a shallow clone", pipeline.path, why, f"check out with {depth}"
            )
    for gate in repository.gates:
        if gate.tool == "gateproof" and not gate.enforcing:
            why = "DENY and UNDECIDED pass like everything else"
            where = f"{gate.path}: {gate.place}"
            ask = "let it fail; to begin softly, use a row that warns until a date: `gateproof init --week 1`"
            yield Problem("pipelines", "what gateproof decides is ignored", where, why, ask)


def inputs(repository: Repository) -> Iterator[Problem]:
    """A repository in which nothing could be judged, or in which part was not seen."""
    if not repository.kinds:
        why = "a gate without an input decides nothing"
        ask = "run this where the Terraform, manifests, workflows or Dockerfiles are"
        yield Problem("inputs", "there is nothing that could be judged", repository.name, why, ask)
    for reason in repository.left_out:
        if reason.startswith("this and all that follows"):
            why = "what was not seen is not diagnosed"
            yield Problem("inputs", reason, repository.name, why, "diagnose parts of it")


def clock(now: str, seen: str) -> Iterator[Problem]:
    """A clock that is behind something that has happened at ``seen``."""
    if instant(now) + timedelta(minutes=5) < instant(seen):
        why = "what is signed would be dated wrongly, and what is over would still count"
        yield Problem("clock", f"it says {now}, and git wrote at {seen}", "this machine", why, "set the clock (NTP)")


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a ``Diagnosis`` as JSON."""
    schema = msgspec.json.schema(Diagnosis)
    for definition in schema["$defs"].values():
        definition["description"] = " ".join(definition.get("description", "").replace("``", "").split())
    title = "gateproof doctor --format json"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def _losers(
    live: Sequence[Row], table: GateTable, policies: Sequence[Policy], now: str
) -> Iterator[tuple[Row, Row | None]]:
    """Rows that win nowhere, each with a row that beats it, None where it does not even match."""
    waiting = {row.name: row for row in live}
    distinct = _told_apart(table, policies, now)
    beaten: dict[str, Row] = {}
    for values in product(Environment, Tier, Classification):
        place = _Place(*values)
        lookup = Lookup(table, place, now)
        alone = {name: Lookup(GateTable(rows=(row,)), place, now) for name, row in waiting.items()}
        for policy, severity, layer in product(distinct, Severity, (None, *sorted(lookup.layers))):
            if not waiting:
                return
            finding = _finding(policy, severity)
            winner = lookup.row_for(finding, layer)
            if waiting.pop(winner.name, None) is not None:
                beaten.pop(winner.name, None)
                continue
            for name, row in waiting.items():
                known = beaten.get(name)
                # The row that decides otherwise is the one that its writer should know of.
                telling = known is None or (known.action is row.action and winner.action is not row.action)
                if telling and alone[name].row_for(finding, layer) is not NO_ROW:
                    beaten[name] = winner
    for name, row in waiting.items():
        yield row, beaten.get(name)


def _told_apart(table: GateTable, policies: Sequence[Policy], now: str) -> list[Policy]:
    """One of ``policies`` for each set of rows that name it, or a control of it: the table treats the others alike."""
    anywhere = _Place(Environment.PROD, Tier.ONE, Classification.RESTRICTED)
    names = [
        Lookup(
            GateTable(rows=(Row(row.name, row.action, controls=row.controls, policies=row.policies),)), anywhere, now
        )
        for row in table.rows
        if row.controls or row.policies
    ]
    found: dict[tuple[bool, ...], Policy] = {}
    for policy in policies:
        finding = _finding(policy, Severity.LOW)
        found.setdefault(tuple(lookup.row_for(finding) is not NO_ROW for lookup in names), policy)
    return list(found.values())


def _finding(policy: Policy, severity: Severity) -> Finding:
    return Finding(policy=policy.id, message="", resource="", severity=severity, controls=policy.controls)


def _is_over(loosens: Loosening, now: str) -> bool:
    return is_instant(loosens.expires) and instant(loosens.expires) <= instant(now)


def _ending(check: str, what: str, loosens: Loosening, now: str) -> Iterator[Problem]:
    where = f"{_NAME}: {'gate.rows' if check == 'gate-rows' else 'policies.overlays'}"
    ask = f"take it out, or have {loosens.owner} decide anew"
    yield from _until(check, what, where, loosens.expires, "what it let pass blocks", now, ask)


def _until(check: str, what: str, where: str, end: str, then: str, now: str, ask: str) -> Iterator[Problem]:
    """A problem where ``end`` is past or ``SOON``; an empty one is no end."""
    if not is_instant(end):
        return
    if instant(end) <= instant(now):
        yield Problem(check, f"{what} ended at {end}", where, then, ask)
    elif instant(end) <= instant(now) + SOON:
        yield Problem(check, f"{what} ends at {end}", where, f"from then on {then}", ask)
