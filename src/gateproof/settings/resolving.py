"""Who may say what: the protected file, the working tree's file, flags and CI → Context and effective settings. Pure.

What a change asserts about itself can only tighten. The protected base is ``gateproof.yaml`` as it stands on the
default branch. Without one there is nothing to tighten but the strictest: tier 1, restricted data, every built-in
policy, the default gate table.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from gateproof.catalog.gate_table import Action, ObligationRule, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.scales import Classification, Environment, Layer, Scale, Tier
from gateproof.errors import UsageError
from gateproof.inputs.context import Claim, Context
from gateproof.settings.ci import CI
from gateproof.settings.schema import OCI, BundleSource, Evidence, Gate, Policies, Settings, Trust

LOOSER = "it is looser than what is protected"
UNPROTECTED = "nothing protects it: commit gateproof.yaml to the default branch, or name the branch with --base"
UNASKED = "it only tightens: ask with --env"

_FLAGS = {"environment": "--env", "tier": "--tier", "data_classification": "--classification", "service": "--service"}


class File(msgspec.Struct, frozen=True):
    """A ``gateproof.yaml`` that was read. ``ref`` is the git ref that it stands on, empty for the working tree;
    ``commit`` what that was when it was read.

    Places in ``settings`` are absolute, see ``anchored``.
    """

    settings: Settings
    path: Path
    digest: str
    ref: str = ""
    commit: str = ""

    @property
    def source(self) -> str:
        """Its name in claims."""
        return f"{self.ref}:{self.path.name}" if self.ref else self.path.name

    def shown(self, place: str) -> str:
        """``place`` as the file spells it, so that no claim depends on where the repository stands."""
        return place.removeprefix(f"{self.path.parent}/")


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says, None or empty where it says nothing. Paths are relative to the working directory."""

    environment: str | None = None
    tier: str | None = None
    classification: str | None = None
    service: str | None = None
    layer: str | None = None
    policies: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    evidence: str | None = None
    key: Path | None = None
    password_file: Path | None = None
    trust: str | None = None
    roster: str | None = None
    root: str | None = None
    config: Path | None = None
    base: str | None = None
    at: str | None = None
    artifact: str = ""
    surface: str = "cli"


def resolve_context(base: File | None, tree: File | None, flags: Flags, ci: CI) -> Context:
    """The Context of a change. Raises UsageError for a flag that is no member of its scale.

    Tier and classification are the protected ones, or the strictest, unless the working tree or a flag is stricter.
    The environment is the one asked for with a flag, tightened by both files; prod when nobody asks. The service is
    the protected one, else the one that a flag or the working tree names. Every claim is listed, used or not.
    """
    tier, tier_claims = _tightened("tier", Tier, base, tree, flags.tier)
    classification, data_claims = _tightened("data_classification", Classification, base, tree, flags.classification)
    environment, environment_claims = _environment(base, tree, flags.environment)
    service, service_claims = _service(base, tree, flags.service)
    return Context(
        service=service,
        environment=environment,
        tier=tier,
        data_classification=classification,
        commit=ci.commit,
        artifact=flags.artifact,
        author=ci.author,
        claims=(*service_claims, *environment_claims, *tier_claims, *data_claims),
        layer=_layer(flags.layer),
        actor=ci.actor or ci.author,
        surface=flags.surface,
    )


def resolve_settings(base: File | None, tree: File | None) -> tuple[Settings, tuple[Claim, ...]]:
    """The settings that count: the protected ones, or the defaults, with what the working tree's tighten.

    What the working tree says and does not count is listed as claims that are not used. ``policies.paths`` and
    ``catalog.frameworks`` are the protected ones alone; see ``added_paths`` and ``added_frameworks`` for the working
    tree's.
    """
    start = base.settings if base else Settings()
    if tree is None:
        return start, ()
    ignored = _Ignored(tree, LOOSER if base else UNPROTECTED)
    asserted = tree.settings
    settings = msgspec.structs.replace(
        start,
        policies=_policies(start.policies, asserted.policies, ignored),
        gate=_gate(start.gate, asserted.gate, ignored),
        evidence=_evidence(start.evidence, asserted.evidence, ignored),
        trust=_trust(start.trust, asserted.trust, ignored),
    )
    for path in sorted(set(start.catalog.frameworks) - set(asserted.catalog.frameworks)):
        ignored.note("catalog.frameworks", f"without {ignored.shown(path)}")
    if asserted.base != start.base:
        ignored.note("base", asserted.base or "(none)")
    return settings, tuple(ignored.claims)


def added_paths(base: File | None, tree: File | None) -> tuple[str, ...]:
    """Policies that the working tree's file names and the protected one does not: more policies only tighten."""
    return _added(base.settings.policies.paths if base else (), tree.settings.policies.paths if tree else ())


def names_bundle(place: str) -> bool:
    """Whether ``place``, given with ``--policy``, is a policy bundle: in a registry, or a file of that name."""
    return place.startswith(OCI) or place.endswith((".tar.gz", ".tgz"))


def added_frameworks(base: File | None, tree: File | None) -> tuple[str, ...]:
    """Frameworks that the working tree's file names and the protected one does not: they name controls, no more."""
    return _added(base.settings.catalog.frameworks if base else (), tree.settings.catalog.frameworks if tree else ())


def added_overlays(base: File | None, tree: File | None) -> tuple[Overlay, ...]:
    """What the working tree's overlays may do: raise a severity. Whether they do is told where the policies are."""
    start = base.settings.policies.overlays if base else ()
    return tuple(
        Overlay(overlay.policy, severity=overlay.severity)
        for overlay in (tree.settings.policies.overlays if tree else ())
        if overlay not in start and overlay.severity is not None and overlay.loosens is None
    )


def _added(protected: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for path in dict.fromkeys(named) if path not in protected)


def anchored(settings: Settings, folder: Path) -> Settings:
    """``settings`` whose files and folders are absolute, relative ones being in ``folder``; URLs stay as they are."""

    def place(value: str) -> str:
        return value if not value or "://" in value else str(folder / value)

    policies, catalog, evidence, trust = settings.policies, settings.catalog, settings.evidence, settings.trust
    return msgspec.structs.replace(
        settings,
        policies=msgspec.structs.replace(
            policies,
            paths=tuple(map(place, policies.paths)),
            bundles=tuple(msgspec.structs.replace(each, path=place(each.path)) for each in policies.bundles),
        ),
        catalog=msgspec.structs.replace(catalog, frameworks=tuple(map(place, catalog.frameworks))),
        evidence=msgspec.structs.replace(evidence, store=place(evidence.store), key=place(evidence.key)),
        trust=msgspec.structs.replace(
            trust,
            policy=place(trust.policy),
            roster=place(trust.roster),
            waivers=tuple(map(place, trust.waivers)),
        ),
    )


_S = TypeVar("_S", bound=Scale)


def _tightened(
    field: str, scale: type[_S], base: File | None, tree: File | None, flag: str | None
) -> tuple[_S, list[Claim]]:
    protected: _S | None = getattr(base.settings, field) if base else None
    asserted = _asserted(field, scale, tree, flag)
    value = scale.tightest(protected or scale.strictest(), *(claim for claim, _ in asserted))
    return value, _claims(field, value, base if protected else None, protected, asserted)


def _environment(base: File | None, tree: File | None, flag: str | None) -> tuple[Environment, list[Claim]]:
    """As ``_tightened``, but a flag asks the question, so it is taken at its word where no file is stricter."""
    protected = base.settings.environment if base else None
    asserted = _asserted("environment", Environment, tree, flag)
    asked = _read("environment", Environment, flag)
    value = Environment.tightest(Environment.tightest(protected, asked), *(claim for claim, _ in asserted))
    return value, _claims("environment", value, base if protected else None, protected, asserted)


def _asserted(field: str, scale: type[_S], tree: File | None, flag: str | None) -> list[tuple[_S, str]]:
    """What the working tree and the flag say, each with its source."""
    said = []
    in_tree: _S | None = getattr(tree.settings, field) if tree else None
    if tree and in_tree is not None:
        said.append((in_tree, tree.source))
    asked = _read(field, scale, flag)
    if asked is not None:
        said.append((asked, _FLAGS[field]))
    return said


def _claims(
    field: str, value: Scale, base: File | None, protected: Scale | None, asserted: Iterable[tuple[Scale, str]]
) -> list[Claim]:
    claims = []
    loose = LOOSER if protected is not None else UNASKED if field == "environment" else UNPROTECTED
    if base is not None and protected is not None:
        claims.append(Claim(field, protected, base.source, protected=True, used=protected is value, digest=base.digest))
    for said, source in asserted:
        used = said is value
        claims.append(Claim(field, said, source if used else f"{source} ({loose})", used=used))
    return claims


def _service(base: File | None, tree: File | None, flag: str | None) -> tuple[str, list[Claim]]:
    said = []
    if base and base.settings.service:
        said.append(Claim("service", base.settings.service, base.source, protected=True, digest=base.digest))
    if flag:
        said.append(Claim("service", flag, _FLAGS["service"]))
    if tree and tree.settings.service:
        said.append(Claim("service", tree.settings.service, tree.source))
    value = said[0].value if said else ""
    return value, [msgspec.structs.replace(claim, used=claim.value == value) for claim in said]


def _read(field: str, scale: type[_S], flag: str | None) -> _S | None:
    if flag is None:
        return None
    value = scale.read(flag)
    if value is None:
        raise UsageError(f"{flag[:40]!r} is no {field.replace('_', ' ')}", hint=f"it is one of {', '.join(scale)}")
    return value


def _layer(flag: str | None) -> Layer:
    if flag is not None and flag not in [*Layer]:
        raise UsageError(f"{flag[:40]!r} is no layer", hint=f"it is one of {', '.join(Layer)}")
    return Layer(flag) if flag else Layer.CI


class _Ignored:
    """Collects what the working tree's file says and does not count."""

    def __init__(self, tree: File, why: str) -> None:
        self._source = f"{tree.source} ({why})"
        self.unprotected = why == UNPROTECTED
        self.shown = tree.shown
        self.claims: list[Claim] = []

    def note(self, field: str, value: str) -> None:
        self.claims.append(Claim(field, value, self._source, used=False))


def _policies(start: Policies, asserted: Policies, ignored: _Ignored) -> Policies:
    pack = _wider(start.pack, asserted.pack)
    if asserted.pack != pack:
        ignored.note("policies.pack", _listed(asserted.pack))
    for policy in sorted(set(asserted.disabled) - set(start.disabled)):
        ignored.note("policies.disabled", policy)
    for path in sorted(set(start.paths) - set(asserted.paths)):
        ignored.note("policies.paths", f"without {ignored.shown(path)}")
    for policy in sorted(start.parameters.keys() | asserted.parameters.keys()):
        if start.parameters.get(policy) != asserted.parameters.get(policy):
            ignored.note("policies.parameters", policy)
    for overlay in asserted.overlays:
        raising = Overlay(overlay.policy, severity=overlay.severity)
        if overlay != raising and overlay not in start.overlays:
            ignored.note("policies.overlays", f"{overlay.policy}: {overlay.said or 'nothing'}")
    for policy in sorted({each.policy for each in start.overlays} - {each.policy for each in asserted.overlays}):
        ignored.note("policies.overlays", f"without {policy}")
    disabled = tuple(policy for policy in start.disabled if policy in asserted.disabled)
    bundles = _bundles(start, asserted, ignored)
    return msgspec.structs.replace(start, pack=pack, disabled=disabled, bundles=bundles)


def _bundles(start: Policies, asserted: Policies, ignored: _Ignored) -> tuple[BundleSource, ...]:
    """Those that are protected. The working tree's count only where nothing is: whoever asks for a change does not say
    which registry is asked, and with whose credentials.
    """
    if ignored.unprotected:
        return asserted.bundles
    for each in asserted.bundles:
        if each not in start.bundles:
            ignored.note("policies.bundles", each.oci or ignored.shown(each.path))
    for each in start.bundles:
        if each not in asserted.bundles:
            ignored.note("policies.bundles", f"without {each.oci or ignored.shown(each.path)}")
    return start.bundles


def _wider(one: bool | tuple[str, ...], other: bool | tuple[str, ...]) -> bool | tuple[str, ...]:
    if one is True or other is True:
        return True
    both = dict.fromkeys((*(one or ()), *(other or ())))
    return tuple(both) or False


def _listed(pack: bool | tuple[str, ...]) -> str:
    return ", ".join(pack) if isinstance(pack, tuple) else str(pack).lower()


def _gate(start: Gate, asserted: Gate, ignored: _Ignored) -> Gate:
    """Rows of the working tree are taken when they block and are new; a row that is gone or changed stays as it was."""
    names = {row.name for row in start.rows}
    added: list[Row] = []
    for row in asserted.rows:
        if row in start.rows:
            continue
        if row.action is Action.BLOCK and row.loosens is None and row.name not in names:
            added.append(row)
        else:
            ignored.note("gate.rows", row.name)
    for name in sorted(names - {row.name for row in asserted.rows}):
        ignored.note("gate.rows", f"without {name}")
    more: list[ObligationRule] = [rule for rule in asserted.obligations if rule not in start.obligations]
    for rule in start.obligations:
        if rule not in asserted.obligations:
            ignored.note("gate.obligations", f"without {rule.name}")
    return Gate(rows=(*start.rows, *added), obligations=(*start.obligations, *more))


def _evidence(start: Evidence, asserted: Evidence, ignored: _Ignored) -> Evidence:
    """Where evidence goes is no gate: what nobody protects, the working tree may say."""
    chosen = {}
    for field in Evidence.__struct_fields__:
        protected, said = getattr(start, field), getattr(asserted, field)
        chosen[field] = protected or said
        if protected and said != protected:
            ignored.note(f"evidence.{field}", ignored.shown(said) or "(none)")
    return Evidence(**chosen)


def _trust(start: Trust, asserted: Trust, ignored: _Ignored) -> Trust:
    """The root is never the working tree's. Waivers may be: they are signed, and say until when they count.

    A trust policy and a roster are signed, too, but an older one would still let in who was let go since: the working
    tree's count only where there is no protected file.
    """
    chosen = {}
    for field in ("policy", "roster", "root"):
        protected, said = getattr(start, field), getattr(asserted, field)
        chosen[field] = said if ignored.unprotected and field != "root" else protected
        if said != chosen[field]:
            ignored.note(f"trust.{field}", ignored.shown(said) or "(none)")
    return Trust(
        **chosen,
        waivers=tuple(dict.fromkeys((*start.waivers, *asserted.waivers))),
    )
