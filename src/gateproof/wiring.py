"""Settings → adapters: the only composition root. Surfaces ask it for what they need and know no adapter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof import engines, settings
from gateproof.adapters import git
from gateproof.adapters.files import read
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.policy import InputKind, Policy
from gateproof.documents.instants import is_instant
from gateproof.errors import ConfigError, DocumentError, InputError, PolicyError, TrustError, UsageError, placed
from gateproof.flow import Grounds, Judged
from gateproof.inputs.context import Claim, Context, Fact
from gateproof.settings import File, Flags, Resolved

if TYPE_CHECKING:
    from gateproof.adapters.bundle_opening import OpenedBundle
    from gateproof.adapters.bundles import BundleCache
    from gateproof.adapters.cluster import Cluster
    from gateproof.adapters.opa import Opa
    from gateproof.adapters.registry import Registry
    from gateproof.answers.reading import Reader, Seen
    from gateproof.catalog.frameworks import Catalog
    from gateproof.catalog.listing import Listed
    from gateproof.catalog.oci import Reference
    from gateproof.catalog.overlays import Applied, Overlay
    from gateproof.catalog.policy_bundle import PolicyBundle
    from gateproof.log.interface import Store
    from gateproof.log.note import VerifierKey
    from gateproof.log.reader import LogView
    from gateproof.log.receipt import Receipt
    from gateproof.trust import KeySigner, Trust

_MAX_BYTES = 16 * 1024 * 1024
_SNAPSHOT_AGE = 3600
"""Seconds for which manifests that are given as the objects of a cluster count: for one run."""
_RESERVED = ("trusted-time", "waiver-uses", "obligation/")
"""Facts that decide about waivers and obligations: adapters with a source of their own give them, not a flag."""


_IN_CLUSTER = "the cluster"


class Run(msgspec.Struct, frozen=True):
    """What judging needs: the context, the grounds, and the time (RFC 3339 UTC).

    ``catalog`` has the frameworks that are configured; None where there are none but those that are shipped.
    """

    context: Context
    grounds: Grounds
    now: str
    resolved: Resolved
    catalog: Catalog | None = None


def now() -> str:
    """The time, RFC 3339 UTC, in seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(flags: Flags) -> Run:
    """Everything for judging under ``flags``. Raises ConfigError, PolicyError, TrustError and UsageError."""
    return _run(settings.load(flags, folder=Path.cwd(), git=git), flags)


def served(flags: Flags, listed: Callable[[Sequence[str]], Mapping[str, str]] | None = None) -> Run:
    """The same for a server, whose ``flags.config`` is the file that counts, see ``settings.load_served``.

    ``listed`` gives the policies in collections of a cluster, as name to text. Raises StoreError where it does, and
    ConfigError where the file names collections and nothing lists them: without its policies nobody can say what it
    would.
    """
    resolved = settings.load_served(flags, git=git)
    collections = resolved.settings.admission.policies
    if collections and listed is None:
        raise ConfigError(
            "admission.policies names policies of a cluster, and no cluster is asked",
            where=str(flags.config),
            hint="serve with --cluster; anywhere else leave the setting out, and give the policies as files",
        )
    return _run(resolved, flags, listed(collections) if listed else None)


def recording(flags: Flags) -> Run:
    """The same for what records a server's decisions, each with the grounds that it was made on: without policies."""
    resolved = settings.load_served(flags, git=git)
    at = _at(flags.at) if flags.at else now()
    trusted, documents = _trust(resolved, at)
    bundle = Bundle((), (), GateTable(rows=()))
    return Run(resolved.context, Grounds(bundle=bundle, trust=trusted, trust_documents=documents), at, resolved)


def _run(resolved: Resolved, flags: Flags, in_cluster: Mapping[str, str] | None = None) -> Run:
    at = _at(flags.at) if flags.at else now()
    _cache_programs()
    trusted, documents = _trust(resolved, at)
    opened = open_bundles(resolved, at, trusted)
    known = catalog(resolved, bundles=opened)
    bundle, _, applied = _assembled(resolved, known, at, opened, in_cluster)
    grounds = Grounds(
        bundle=bundle,
        facts=_facts(flags.facts, at),
        waivers=tuple(_waivers(resolved.waivers)),
        trust=trusted,
        trust_documents=documents,
        policy_bundles=tuple(raw for each in opened for raw in each.evidence),
    )
    context = _with_bundles(_with_idle(resolved.context, applied.idle), opened)
    return Run(context, grounds, at, resolved, known)


def _with_bundles(context: Context, opened: Iterable[OpenedBundle]) -> Context:
    """``context`` with the policy bundles that policies come from, each cited by its digest."""
    claims = [each.claim for each in opened]
    return msgspec.structs.replace(context, claims=(*context.claims, *claims)) if claims else context


def open_bundles(resolved: Resolved, at: str, trusted: Trust | None = None) -> tuple[OpenedBundle, ...]:
    """Every policy bundle that is configured, opened; ``trusted`` is the trust policy where it was opened already.

    Raises PolicyError, and TrustError for one that is not signed as the trust policy asks.
    """
    if not resolved.bundles:
        return ()
    from gateproof.adapters.bundle_opening import Opener

    opener = Opener(registry(), bundle_cache(), trusted or _trust(resolved, at)[0], at)
    return tuple(opener.open(place) for place in resolved.bundles)


def trusted(flags: Flags, at: str) -> Trust | None:
    """The trust policy that is configured or that ``flags`` name, opened; None without one. Raises TrustError."""
    return _trust(settings.load(flags, folder=Path.cwd(), git=git), at)[0]


def collected(
    paths: Sequence[str],
    *,
    name: str,
    version: str,
    description: str,
    from_settings: Path | None,
    frameworks: Sequence[Path],
) -> PolicyBundle:
    """The policy bundle of what is at ``paths`` (``pack``: the built-in policies), checked as `check` would.

    ``from_settings`` is a ``gateproof.yaml`` whose gate, parameters, disabled policies and frameworks count; nothing
    else is read. Raises PolicyError, ConfigError and UsageError.
    """
    from gateproof.adapters.frameworks import read_framework
    from gateproof.adapters.policies import read_tree
    from gateproof.catalog import frameworks as shipped_frameworks
    from gateproof.catalog import pack
    from gateproof.catalog.bundle import build
    from gateproof.catalog.policy_bundle import PolicyBundle

    said = settings.read_file(from_settings) if from_settings else settings.Settings()
    own = [read_framework(path) for path in (*map(Path, said.catalog.frameworks), *frameworks)]
    known = shipped_frameworks.shipped().plus(own) if own else None
    found: list[Policy] = []
    trees = {path: None if path == "pack" else read_tree(Path(path)) for path in dict.fromkeys(paths)}
    for tree in trees.values():
        beside = [other for other in trees.values() if other is not None and other is not tree]
        found += pack.builtin() if tree is None else pack.load(tree, known, beside=beside)
    chosen = [policy for policy in found if policy.id not in said.policies.disabled]
    table = GateTable(rows=said.gate.rows, obligations=said.gate.obligations)
    bundle = build(chosen, table, said.policies.parameters, catalog=known)
    engines.check(*bundle.policies)
    return PolicyBundle(
        name=name,
        version=version,
        description=description,
        policies=bundle.policies,
        gate=table,
        frameworks=tuple(sorted(own, key=lambda each: each.name)),
    )


def registry(*, plain_http: bool = False) -> Callable[[Reference], Registry]:
    """What connects to the registry of a reference, with the credentials that docker keeps for it."""
    from gateproof.adapters.registry import Registry
    from gateproof.adapters.registry_credentials import DockerConfig

    config = DockerConfig(settings.registry_credentials())
    return lambda reference: Registry(reference, config.credentials, plain_http=plain_http)


def bundle_cache() -> BundleCache:
    """The cache of policy bundles; it keeps nothing in CI."""
    from gateproof.adapters.bundles import BundleCache

    folder = settings.cache_folder()
    return BundleCache(folder / "bundles" if folder else None)


def _with_idle(context: Context, idle: Iterable[Overlay]) -> Context:
    """``context`` with the overlays that a change asserts in vain: only beside the policies is that known."""
    claims = [
        Claim("policies.overlays", f"{each.policy}: {each.said}", f"{settings.NAME} ({settings.LOOSER})", used=False)
        for each in idle
    ]
    return msgspec.structs.replace(context, claims=(*context.claims, *claims)) if claims else context


def outside_engine(spelled: str) -> Opa:
    """The engine for Rego that ``spelled`` names: ``opa``, ``opa:PATH`` or ``opa:URL``. Raises UsageError."""
    from gateproof.adapters.opa import Opa

    name, _, place = spelled.partition(":")
    if name != "opa":
        raise UsageError(f"{spelled[:40]!r} is no engine", where="--engine", hint="write opa, opa:PATH or opa:URL")
    return Opa(place or name)


class Recorder:
    """Records the decisions of a run in its evidence store. Made before judging, so that a wrong key is told early."""

    def __init__(self, run: Run, signer: KeySigner, store: Store, seen: SeenMemory) -> None:
        self._run = run
        self._signer = signer
        self._store = store
        self._seen = seen
        self.place = run.resolved.settings.evidence.store

    def record(self, judged: Iterable[Judged], grounds: Grounds | None = None, *, at: str = "") -> list[Receipt]:
        """A receipt for each. Raises StoreError and LogError; then nothing was recorded by half.

        ``grounds`` and ``at`` (RFC 3339 UTC): what they were judged by, and the time, where it is not the run's: they
        come from a server then, and are many.
        """
        from gateproof.answers.reading import open_evidence as read
        from gateproof.flow import record
        from gateproof.log.sequencer import Sequencer

        trusted = self._run.grounds.trust
        assert trusted is not None  # noqa: S101 - recorder() made sure
        sequencer = Sequencer(trusted.policy.log_origin, self._signer)
        last = self._seen.load()
        at = at or self._run.now
        receipts = record(
            list(judged),
            grounds or self._run.grounds,
            self._signer,
            sequencer,
            self._store,
            now=at,
            last_seen=last.checkpoint if last else None,
            pointed=grounds is None,
        )
        self._seen.save(read(self._store, trusted.root, now=at, seen=last).seen)
        return receipts

    def log(self) -> LogView | None:
        """The log as it is now, verified; None where there is none yet. Raises StoreError, LogError and TrustError."""
        from gateproof.answers.reading import open_evidence as read

        trusted = self._run.grounds.trust
        assert trusted is not None  # noqa: S101 - recorder() made sure
        if not _log_exists(self._store):
            return None
        return read(self._store, trusted.root, now=now(), seen=self._seen.load()).view


def recorder(run: Run, password: bytes) -> Recorder:
    """The recorder for ``run``. Raises ConfigError for what is missing, TrustError for a key that may not sign."""
    from gateproof.adapters.keyfiles import read_signer
    from gateproof.trust import Role

    evidence = run.resolved.settings.evidence
    if not evidence.key:
        raise ConfigError(
            "no key is given to sign the evidence with", hint="--key FILE; make one: gateproof trust init"
        )
    trusted = run.grounds.trust
    if trusted is None:
        raise ConfigError(
            "evidence is recorded under a trust policy, and none is given",
            hint="--trust FILE --root FINGERPRINT; make one: gateproof trust init",
        )
    _check_path(evidence.key)
    signer = read_signer(Path(evidence.key), password)
    for role in (Role.DECISION, Role.CHECKPOINT):
        if signer.fingerprint not in trusted.keys_for(role, run.now):
            raise TrustError(
                f"the trust policy does not let this key sign as {role.value!r} now",
                where=evidence.key,
                hint="use the key that the trust policy names, or have the root key sign a policy with this one",
            )
    memory = SeenMemory(None, trusted.root)
    memory.check()
    opened = store(evidence.store)
    if _log_exists(opened):
        # Evidence that does not hold under this root must not be added to: nobody could verify it afterwards.
        from gateproof.answers.reading import open_evidence as read

        read(opened, trusted.root, now=run.now, seen=memory.load())
    return Recorder(run, signer, opened, memory)


def cluster() -> Cluster:
    """The API server of the cluster that this process is a Pod of. Raises UsageError outside of one."""
    from gateproof.adapters.cluster import Cluster

    address = settings.cluster_address()
    if address is None:
        raise UsageError("this is no Pod of a cluster", where="--cluster", hint="name a file with --namespaces")
    return Cluster(*address)


def store(place: str) -> Store:
    """The evidence store at ``place``: a folder. Raises UsageError for a place that no adapter serves."""
    from gateproof.adapters.filesystem import FileSystemStore

    if "://" in place:
        raise UsageError(f"no adapter serves {place.split('://')[0]}://", hint="give a folder")
    _check_path(place)
    return FileSystemStore(Path(place))


def _log_exists(opened: Store) -> bool:
    """Whether a log has been begun and finished there."""
    from gateproof.log.lock import CHECKPOINT

    return opened.get(CHECKPOINT) is not None


def _check_path(path: str) -> None:
    """A file can say what a command line cannot. Raises UsageError."""
    if "\0" in path:
        raise UsageError("this is no path", where=path, hint="check the paths in gateproof.yaml")


def existing_store(place: str) -> Store:
    """The store at ``place``, which must be there. Raises UsageError."""
    opened = store(place)
    if not os.path.exists(place):
        raise UsageError("there is no evidence store", where=place, hint="check the path, or record a decision first")
    return opened


class SeenMemory:
    """What was seen of a log under a root: loaded when asked for, saved when everything held."""

    def __init__(self, folder: Path | None, root: str) -> None:
        from gateproof.adapters.state import SeenFile

        self._file = SeenFile(folder or settings.state_folder(), root)

    def load(self) -> Seen | None:
        """What is remembered, if anything."""
        return self._file.load()

    def check(self) -> None:
        """Raises StoreError where nothing could be saved."""
        self._file.check()

    def save(self, seen: Seen) -> None:
        """Remember ``seen``."""
        self._file.save(seen)


class Evidence:
    """Evidence opened under a pinned root; ``remember`` notes the checkpoint once everything held."""

    def __init__(self, reader: Reader, memory: SeenMemory) -> None:
        self.reader = reader
        self._memory = memory

    def remember(self) -> None:
        """Refuse anything older from now on."""
        self._memory.save(self.reader.seen)


def open_evidence(place: str, root: str | None, state: Path | None = None) -> Evidence:
    """The evidence at ``place`` under ``root`` (default: the protected ``trust.root``).

    Raises UsageError without a root; TrustError, LogError and StoreError for evidence that does not hold.
    """
    pinned = root or settings.load(Flags(), folder=Path.cwd(), git=git).settings.trust.root
    if not pinned:
        raise UsageError(
            "the fingerprint of the trust root is needed",
            hint="--root sha256:…, as its owner gave it to you; it must not come from the store itself",
        )
    from gateproof.answers.reading import open_evidence as read_evidence

    memory = SeenMemory(state, pinned)
    return Evidence(read_evidence(existing_store(place), pinned, now=now(), seen=memory.load()), memory)


def log_key(opened: Store, root: str) -> VerifierKey:
    """The key that signs the checkpoints of a store, under the trust ``root``. Raises TrustError and LogError."""
    from gateproof.answers.reading import checkpoint_keys

    return checkpoint_keys(opened, root, now=now())[0]


def configured_store() -> str:
    """The store of ``gateproof.yaml``, or an empty string."""
    return settings.load(Flags(), folder=Path.cwd(), git=git).settings.evidence.store


def catalog(resolved: Resolved, *named: str, bundles: Sequence[OpenedBundle] | None = None) -> Catalog | None:
    """The catalogue with the frameworks that are configured and the files that are ``named``; None without any.

    Raises PolicyError and ConfigError for a file that is no framework or takes another one's name.
    """
    opened = open_bundles(resolved, now()) if bundles is None else bundles
    brought = [framework for each in opened for framework in each.bundle.frameworks]
    if not (resolved.frameworks or named or brought):
        return None
    from gateproof.adapters.frameworks import read_framework
    from gateproof.catalog.frameworks import shipped

    found = [read_framework(each.path, each.ref) for each in resolved.frameworks]
    return shipped().plus([*brought, *found, *(read_framework(Path(each)) for each in named)])


def configured_catalog() -> Catalog | None:
    """The catalogue with the frameworks of ``gateproof.yaml``; None where it names none."""
    return catalog(settings.load(Flags(), folder=Path.cwd(), git=git))


def _with_gates(resolved: Resolved, opened: Iterable[OpenedBundle]) -> Resolved:
    """``resolved`` with the rows and obligations of policy bundles. Raises ConfigError where they do not fit."""
    from gateproof.catalog.default_gate import DEFAULT
    from gateproof.catalog.policy_bundle import merged_gate
    from gateproof.gate.table import check_table

    gate = resolved.settings.gate
    table = merged_gate(GateTable(gate.rows, gate.obligations), [each.bundle for each in opened])
    if problems := list(check_table(table, DEFAULT)):
        raise ConfigError(
            "the gate's rows and those of the policy bundles cannot stand together",
            problems=problems,
            hint="rename or narrow the row in gateproof.yaml; see docs/guides/bundles.md",
        )
    gate = msgspec.structs.replace(gate, rows=table.rows, obligations=table.obligations)
    return msgspec.structs.replace(resolved, settings=msgspec.structs.replace(resolved.settings, gate=gate))


def _with_own_controls(resolved: Resolved, known: Catalog) -> Resolved:
    """``resolved`` with the ids in the gate's rows that only ``known`` has made canonical, and the table checked again.

    Raises ConfigError for an id that is no control.
    """
    from gateproof.catalog.default_gate import DEFAULT
    from gateproof.gate.table import check_table

    gate = resolved.settings.gate
    try:
        rows = tuple(
            msgspec.structs.replace(row, controls=tuple(map(known.pattern, row.controls))) for row in gate.rows
        )
    except PolicyError as error:
        raise ConfigError(error.message, where="gate.rows in gateproof.yaml", hint=error.hint) from None
    if problems := list(check_table(GateTable(rows=rows, obligations=gate.obligations), DEFAULT)):
        raise ConfigError("the gate's rows may not stand", problems=problems, hint="see docs/guides/gating.md")
    gate = msgspec.structs.replace(gate, rows=rows)
    return msgspec.structs.replace(resolved, settings=msgspec.structs.replace(resolved.settings, gate=gate))


def enabled(flags: Flags, *frameworks: str) -> tuple[Catalog, Bundle]:
    """The catalogue, with the frameworks of the files named, and the bundle that ``flags`` and settings enable."""
    from gateproof.catalog.frameworks import shipped

    resolved = settings.load(flags, folder=Path.cwd(), git=git)
    opened = open_bundles(resolved, at := now())
    known = catalog(resolved, *frameworks, bundles=opened)
    return known or shipped(), _assembled(resolved, known, at, opened)[0]


def listed(flags: Flags) -> tuple[Bundle, tuple[Listed, ...]]:
    """The bundle that ``flags`` and settings enable, and every policy at hand, by id: the built-in ones that do not
    judge, too.
    """
    from gateproof.catalog import pack
    from gateproof.catalog.listing import PACK, Listed

    resolved = settings.load(flags, folder=Path.cwd(), git=git)
    opened = open_bundles(resolved, at := _at(flags.at) if flags.at else now())
    known = catalog(resolved, bundles=opened)
    bundle, loaded, _ = _assembled(resolved, known, at, opened)
    judging = {policy.id: policy for policy in bundle.policies}
    overlays = {overlay.policy: overlay for overlay in bundle.overlays}
    rest = [_Loaded(policy, PACK) for policy in pack.builtin() if policy.id not in {one.policy.id for one in loaded}]
    found = [
        Listed(
            written=one.policy,
            policy=judging.get(one.policy.id, one.policy),
            origin=one.origin,
            off="" if one.policy.id in judging else "not chosen" if one in rest else _why_off(one.policy, resolved),
            asserted=one.asserted,
            overlay=overlays.get(one.policy.id),
        )
        for one in (*loaded, *rest)
    ]
    return bundle, tuple(sorted(found, key=lambda each: each.policy.id))


def controls_named(flags: Flags, controls: Iterable[str], topic: str) -> tuple[str, ...]:
    """Ids of the controls that are spelled, and of those that tell a topic. Raises PolicyError and UsageError."""
    from gateproof.catalog.frameworks import shipped
    from gateproof.catalog.topics import telling

    known = catalog(settings.load(flags, folder=Path.cwd(), git=git)) or shipped()
    found = [known.resolve(each) for each in controls]
    by_topic = telling(topic, known) if topic else ()
    if topic and not by_topic:
        raise UsageError(f"no control is about {topic[:80]!r}", where="--topic", hint="`gateproof controls` finds them")
    return tuple(dict.fromkeys([*found, *by_topic]))


def control_titles(flags: Flags, controls: Iterable[str]) -> dict[str, str]:
    """Titles of controls, by id."""
    from gateproof.catalog.frameworks import shipped

    known = catalog(settings.load(flags, folder=Path.cwd(), git=git)) or shipped()
    return {control: known.controls[control].title for control in controls}


def _why_off(policy: Policy, resolved: Resolved) -> str:
    return "policies.disabled" if policy.id in resolved.settings.policies.disabled else "turned off by an overlay"


class _Loaded(msgspec.Struct, frozen=True):
    """A policy and where it is from; ``asserted`` by the change itself. ``checked``: it was, when it was packed."""

    policy: Policy
    origin: str
    asserted: bool = False
    checked: bool = False


def _loaded(
    resolved: Resolved,
    known: Catalog | None,
    opened: Iterable[OpenedBundle],
    in_cluster: Mapping[str, str] | None,
) -> list[_Loaded]:
    from gateproof.adapters.policies import read_ref, read_tree
    from gateproof.catalog import pack
    from gateproof.catalog.listing import PACK

    chosen = resolved.settings.policies
    found: list[_Loaded] = []
    if chosen.pack:
        shipped = pack.builtin(None if isinstance(chosen.pack, bool) else chosen.pack)
        found += [_Loaded(policy, PACK, checked=True) for policy in shipped]
    for one in opened:
        with placed(one.file.where):
            policies = one.bundle.with_canonical_controls(known).policies
        found += [_Loaded(policy, one.name, checked=True) for policy in policies]
    read = [(each, read_ref(each.path, each.ref) if each.ref else read_tree(each.path)) for each in resolved.policies]
    for each, sources in read:
        shown = os.path.relpath(each.path)
        origin = f"{resolved.base.ref}:{shown}" if each.ref and resolved.base else shown
        # What the change asserts cannot lend anything to what is protected.
        beside = [other for one, other in read if other is not sources and one.asserted <= each.asserted]
        found += [_Loaded(policy, origin, each.asserted) for policy in pack.load(sources, known, beside=beside)]
    if in_cluster:
        found += [_Loaded(policy, _IN_CLUSTER) for policy in pack.load(in_cluster, known)]
    return found


def _assembled(
    resolved: Resolved,
    known: Catalog | None,
    at: str,
    opened: Sequence[OpenedBundle],
    in_cluster: Mapping[str, str] | None = None,
) -> tuple[Bundle, list[_Loaded], Applied]:
    """The bundle, every policy that is configured, and what the overlays did to them at ``at``."""
    from gateproof.catalog.bundle import build
    from gateproof.catalog.overlays import apply

    chosen = resolved.settings.policies
    loaded = _loaded(resolved, known, opened, in_cluster)
    applied = apply(
        [one.policy for one in loaded if one.policy.id not in chosen.disabled],
        [each for each in chosen.overlays if each.policy not in chosen.disabled],
        asserted=[each for each in resolved.overlays if each.policy not in chosen.disabled],
        now=at,
    )
    # What an overlay has turned off for a while keeps its parameters for afterwards.
    off = {overlay.policy for overlay in applied.overlays if not overlay.enabled}
    parameters = {policy_id: values for policy_id, values in chosen.parameters.items() if policy_id not in off}
    for policy_id, values in applied.parameters.items():
        parameters[policy_id] = {**parameters.get(policy_id, {}), **values}
    if any(each.bundle.gate.rows or each.bundle.gate.obligations for each in opened):
        resolved = _with_gates(resolved, opened)
    if known and resolved.settings.gate.rows:
        resolved = _with_own_controls(resolved, known)
    bundle = build(
        applied.policies,
        resolved.gate_table,
        parameters,
        asserted={one.policy.id for one in loaded if one.asserted},
        overlays=applied.overlays,
        catalog=known,
    )
    # What is shipped or in a policy bundle was loaded when it was packed; should it not load here, it is an ERROR where
    # it judges. Anything else that does not load is told now, even when it is not for this input.
    checked = {one.policy.id for one in loaded if one.checked}
    engines.check(*(policy for policy in bundle.policies if policy.id not in checked))
    return bundle, loaded, applied


def _trust(resolved: Resolved, at: str) -> tuple[Trust | None, tuple[bytes, ...]]:
    trust = resolved.settings.trust
    if not trust.policy:
        if trust.roster:
            raise ConfigError(
                "a roster counts under a trust policy, and none is given",
                where=trust.roster,
                hint="--trust FILE --root FINGERPRINT",
            )
        return None, ()
    if not trust.root:
        raise ConfigError(
            "a trust policy is given, but not the fingerprint of its root",
            hint="--root sha256:…; a trust root counts from the protected branch or the command line only",
        )
    from gateproof.trust import open_trust

    policy = _protected(resolved.base, trust.policy)
    with placed(trust.policy):
        opened = open_trust(policy, trust.root, None, at)
    if not trust.roster:
        return opened, (policy,)
    roster = _protected(resolved.base, trust.roster)
    with placed(trust.roster):
        return open_trust(policy, trust.root, roster, at), (policy, roster)


def _protected(base: File | None, path: str) -> bytes:
    """Bytes of a trust policy or roster: where the protected file names it, as it stands on the base.

    An older one was signed, too, and a change could bring it back. What lies outside of the repository is nothing that
    a change could replace.
    """
    file = Path(path)
    named = base is not None and path in (base.settings.trust.policy, base.settings.trust.roster)
    if base is None or not base.commit or not named or git.repository(file.parent) != git.repository(base.path.parent):
        return _read(path)
    raw = git.show(file.parent, base.commit, file.name)
    if raw is None:
        raise ConfigError(
            "the protected file names this one, and it is not on the base",
            where=f"{base.ref}:{file.name}",
            hint="commit it to the protected branch, or name one with --trust and --roster",
        )
    return raw


def _waivers(paths: Iterable[Path]) -> Iterable[bytes]:
    for path in map(str, paths):
        if os.path.isdir(path):
            walk = os.walk(path)
            matches = [
                os.path.join(folder, name) for folder, _, names in walk for name in names if name.endswith(".json")
            ]
        elif os.path.lexists(path):
            matches = [path]
        else:
            import glob

            matches = glob.glob(path)
            if not matches:
                raise UsageError("there is no such waiver", where=path, hint="check --waiver and trust.waivers")
        yield from (_read(match) for match in sorted(matches))


def _facts(paths: Iterable[str], at: str) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for path in paths:
        fact = _fact(path, at)
        if fact.name in facts:
            raise ConfigError(f"the fact {fact.name!r} is given twice", where=path, hint="give each fact once")
        facts[fact.name] = fact
    return facts


def _fact(path: str, at: str) -> Fact:
    """The fact in a file; manifests are one, too: the objects of the cluster, taken to be so ``at`` this time."""
    from gateproof.documents import Format
    from gateproof.documents import read as read_document

    raw = _read(path)
    if objects := _manifests(raw):
        return Fact(name=INVENTORY, source=path, observed_at=at, max_age=_SNAPSHOT_AGE, value=objects)
    hint = "a fact has name, source, observed_at, max_age and value; manifests are the objects of the cluster"
    try:
        fact = msgspec.convert(read_document(raw, Format.JSON)[0].value, Fact)
    except (msgspec.ValidationError, DocumentError) as error:
        raise ConfigError(f"this is no fact: {error}", where=path, hint=hint) from None
    if not (fact.name and is_instant(fact.observed_at) and fact.max_age > 0):
        raise ConfigError(
            "a fact has a name, an observed_at such as 2026-11-23T05:00:00Z, and a max_age of at least one second",
            where=path,
            hint="correct what produces it",
        )
    if fact.name.startswith(_RESERVED):
        raise ConfigError(
            f"the fact {fact.name!r} cannot be given by a file",
            where=path,
            hint="it decides about waivers or obligations, so it must come from a source of its own",
        )
    return fact


def _manifests(raw: bytes) -> list[Any]:
    """The objects in manifests, the values of Secrets redacted; none in anything else."""
    from gateproof import inputs

    if b"apiVersion" not in raw:
        return []
    subject = inputs.parse(raw)
    readable = subject.subject.kind is InputKind.KUBERNETES and not subject.problem
    return list(subject.documents) if readable and subject.request is msgspec.UNSET else []


def _read(path: str) -> bytes:
    try:
        return read(Path(path), _MAX_BYTES)
    except InputError as error:
        raise ConfigError(error.message, where=error.where, hint=error.hint) from None


def _at(text: str) -> str:
    if not is_instant(text):
        raise UsageError(f"{text[:40]!r} is not a time", where="--at", hint="write it in UTC: 2026-11-23T05:00:00Z")
    return text


def _cache_programs() -> None:
    folder = settings.cache_folder()
    if folder is not None:
        from gateproof.adapters.program_cache import FileProgramCache
        from gateproof.engines.rego import use_cache

        use_cache(FileProgramCache(folder))
