"""What a server judges by: loaded as a whole, and again when something that it is made of has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from gateproof import wiring
from gateproof.adapters import git
from gateproof.adapters.files import read
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Layer
from gateproof.documents import Format
from gateproof.documents import read as read_document
from gateproof.documents.instants import instant
from gateproof.errors import ConfigError, GateproofError
from gateproof.flow import Grounds
from gateproof.inputs.context import Fact
from gateproof.server.admission import Served
from gateproof.server.cluster import Watch
from gateproof.server.placement import Namespaces, Placement, by_name
from gateproof.server.waivers import WaiverIndex
from gateproof.settings import Flags

_MAX_NAMESPACES = 64 * 1024 * 1024
_YEAR = 366 * 24 * 3600
"""A file with namespaces counts as long as somebody keeps it there."""


Marks = tuple[tuple[str, int, int, int], ...]
"""What tells one state of files from another."""


class Loaded(msgspec.Struct, frozen=True):
    """What was loaded, and the places that it is from."""

    served: Served
    places: tuple[Path, ...]


def load(flags: Flags, namespaces: Path | None = None, cluster: Watch | None = None) -> Loaded:
    """Everything that ``flags`` name, with the policies of ``cluster``.

    Raises GateproofError with every problem; then what is in force should stay.
    """
    run = wiring.served(flags, cluster.policies if cluster else None)
    resolved, grounds = run.resolved, run.grounds
    file = resolved.base
    assert file is not None  # noqa: S101 - a server has one
    if not any(map(_judges, grounds.bundle.policies)):
        raise ConfigError(
            "no policy judges Kubernetes objects at runtime, so nothing could ever be decided",
            where=str(flags.config),
            hint="name policies in `policies`: `gateproof policy list` says at which layers they judge",
        )
    served = Served(
        grounds=msgspec.structs.replace(grounds, waivers=()),
        placement=Placement(resolved.settings, file.source, file.digest, run.context.claims),
        waivers=WaiverIndex(grounds.waivers),
        namespaces=from_file(namespaces) if namespaces else Namespaces(),
        until=_until(grounds, run.now),
        revision=", ".join(dict.fromkeys(each.ref for each in resolved.policies if each.ref)) or file.commit,
    )
    trust = resolved.settings.trust
    places: list[Path] = [
        *(each.path for each in (*resolved.policies, *resolved.frameworks)),
        *(each.path for each in resolved.bundles if not each.oci),
        *resolved.waivers,
        *(Path(each) for each in (trust.policy, trust.roster, *flags.facts) if each),
        *(each for each in (flags.config, namespaces) if each),
    ]
    return Loaded(served, tuple(dict.fromkeys(places)))


def from_file(path: Path) -> Namespaces:
    """The Namespaces in a file, as `kubectl get namespaces -o json` or `-o yaml` prints them. Raises ConfigError."""
    try:
        raw = read(path, _MAX_NAMESPACES)
        form = Format.JSON if raw.lstrip()[:1] == b"{" else Format.YAML
        values = [document.value for document in read_document(raw, form)]
        observed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (GateproofError, OSError) as error:
        hint = "write it with `kubectl get namespaces -o json`"
        raise ConfigError(f"the namespaces cannot be read: {error}", where=str(path), hint=hint) from None
    listed = [value.get("items", [value]) if isinstance(value, dict) else [] for value in values]
    objects = by_name(one for items in listed if isinstance(items, list) for one in items)
    return Namespaces(objects=objects, source=path.name, observed_at=observed, max_age=_YEAR)


def fingerprint(places: tuple[Path, ...]) -> Marks:
    """What changes when a file at or under ``places`` does, or the commit of the checkout that it is in."""
    return tuple(sorted(_marks(places)))


def _marks(places: tuple[Path, ...]) -> Iterator[tuple[str, int, int, int]]:
    for place in places:
        folder = place if place.is_dir() else place.parent
        if git.repository(folder) is not None:
            yield f"{git.resolve(folder, 'HEAD')} {folder}", 0, 0, 0
        for path in (str(place), *_below(place)):
            try:
                status = os.stat(path)
            except OSError:
                yield path, 0, 0, 0
            else:
                yield path, status.st_mtime_ns, status.st_size, status.st_ino


def _below(place: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name != ".git"]
        yield from (os.path.join(folder, name) for name in (*folders, *names))


def _judges(policy: Policy) -> bool:
    """Whether ``policy`` has anything to say at the door."""
    kinds, layers = policy.kinds, policy.layers
    return (not kinds or InputKind.KUBERNETES in kinds) and (not layers or Layer.RUNTIME in layers)


def _until(grounds: Grounds, now: str) -> str:
    """The next time at which something that was loaded ends: a fact, an overlay, the trust policy, the roster."""
    trust = grounds.trust
    ends = [_end(fact) for fact in grounds.facts.values()]
    ends += [overlay.loosens.expires for overlay in grounds.bundle.overlays if overlay.loosens]
    if trust is not None:
        ends += [trust.policy.not_after, trust.roster.not_after if trust.roster else ""]
    return min((end for end in ends if end and instant(end) > instant(now)), key=instant, default="")


def _end(fact: Fact) -> str:
    """The first time at which ``fact`` is too old."""
    try:
        end = instant(fact.observed_at) + timedelta(seconds=fact.max_age + 1)
    except OverflowError:
        return ""
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")
