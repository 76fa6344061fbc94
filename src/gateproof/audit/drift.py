"""Drift: what runs and what admission let in, object by object.

A ``Ledger`` holds, for each object, the newest admission decision that let it in: the digest of its content, and where
the decision is. An object of the cluster is then in one of five ways not what passed the gate, see ``DriftKind``.

What is looked at: kinds that the gate is asked about, and others of which it has decided. Decisions on manifests (of
`gateproof check`), dry runs, and deletions let nothing in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET

from gateproof.audit.content import content, differences
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.errors import TrustError
from gateproof.gate.decision import Verdict
from gateproof.inputs.input import Input

Kind = tuple[str, str]
"""API group (empty: the core) and kind."""

_PATHS = 20
_EXEMPT = ("break-glass", "own namespace")
_DRY_RUN = "dry run"


class DriftKind(StrEnum):
    """How an object that runs is not what passed the gate."""

    UNSEEN = "unseen"
    """No admission decision let it in, although there were decisions when it was made."""

    OLDER = "older"
    """No admission decision is about it: it was there before the first one."""

    REFUSED = "refused"
    """There are admission decisions on it, and all of them refused it."""

    CHANGED = "changed"
    """It was let in, and what runs differs from what was decided."""

    DENIED_TODAY = "denied-today"
    """It was let in, and today's policies would not."""


class Identity(msgspec.Struct, frozen=True):
    """Which object it is, in whatever version of its API."""

    group: str
    kind: str
    namespace: str
    name: str


class Admitted(msgspec.Struct, frozen=True):
    """The newest decision that let an object in: log entry, digest and time, and what was let in.

    ``uid`` is empty where the request did not say it.
    """

    entry: int
    decision: str
    at: str
    api_version: str
    content: str
    uid: str


class Drift(msgspec.Struct, frozen=True):
    """An object that runs and is not what passed the gate. ``paths``: where it differs, the first of them.

    ``entry`` and ``at`` are of the decision that is spoken of; -1 and empty where there is none.
    """

    kind: DriftKind
    resource: str
    namespace: str
    reason: str
    paths: tuple[str, ...] = ()
    entry: int = -1
    at: str = ""


class Ledger:
    """What admission let in, from its decisions in the order of the log.

    ``undecided_passes``: whether the server lets in what it could not decide (``admission.undecided: warn``).
    """

    def __init__(self, *, undecided_passes: bool = False) -> None:
        self._admitted: dict[Identity, Admitted] = {}
        self._refused: dict[Identity, tuple[int, str]] = {}
        self._undecided_passes = undecided_passes
        self.since = ""
        """When the first decision was made; empty where there is none."""

    def add(self, subject: Input, *, verdict: Verdict, surface: str, decision: str, entry: int, at: str) -> None:
        """Take one decision: what was judged, and what was said; ``at`` is RFC 3339 UTC."""
        request = subject.request
        if request is UNSET or request["dryRun"] or _DRY_RUN in surface or len(subject.documents) != 1:
            return
        self.since = self.since or at
        if request["operation"] not in ("CREATE", "UPDATE"):
            return
        judged = subject.documents[0]
        identity = identity_of(judged)
        if self._lets_in(verdict, surface):
            self._admitted[identity] = Admitted(
                entry=entry,
                decision=decision,
                at=at,
                api_version=judged["apiVersion"],
                content=canonical.digest_of(content(judged)),
                uid=_uid(judged),
            )
        else:
            self._refused[identity] = (entry, at)

    def kinds(self) -> frozenset[Kind]:
        """The kinds of which anything was decided."""
        return frozenset((each.group, each.kind) for each in (*self._admitted, *self._refused))

    def __len__(self) -> int:
        return len(self._admitted)

    def compare(
        self,
        live: Mapping[str, Any],
        address: str,
        *,
        today: Verdict,
        watched: Collection[Kind],
        decided: Callable[[int], Mapping[str, Any]],
    ) -> Drift | None:
        """How ``live``, an object of the cluster (redacted), has drifted; None where it has not.

        ``today``: what today's policies say of it. ``watched``: kinds of which every object should have been
        seen. ``decided`` gives the object that the decision of a log entry was about.
        """
        identity = identity_of(live)
        admitted = self._admitted.get(identity)
        if admitted and admitted.uid and _uid(live) and admitted.uid != _uid(live):
            reason = "the object of this name that was let in was another one: it was deleted and made again"
            return Drift(DriftKind.UNSEEN, address, identity.namespace, reason, (), admitted.entry, admitted.at)
        if admitted is None:
            return self._without_admission(identity, live, address, watched)
        if admitted.api_version == live["apiVersion"] and admitted.content != canonical.digest_of(now := content(live)):
            paths = tuple(islice(differences(content(decided(admitted.entry)), now), _PATHS))
            reason = "it differs from what was let in"
            return Drift(DriftKind.CHANGED, address, identity.namespace, reason, paths, admitted.entry, admitted.at)
        if not self._lets_in(today):
            reason = "it was let in, and would not be today"
            return Drift(DriftKind.DENIED_TODAY, address, identity.namespace, reason, (), admitted.entry, admitted.at)
        return None

    def _without_admission(
        self, identity: Identity, live: Mapping[str, Any], address: str, watched: Collection[Kind]
    ) -> Drift | None:
        if identity in self._refused:
            entry, at = self._refused[identity]
            reason = "it was refused, and runs"
            return Drift(DriftKind.REFUSED, address, identity.namespace, reason, (), entry, at)
        if (identity.group, identity.kind) not in watched:
            return None
        # The API server says when it made an object, whatever the request said.
        made = _metadata(live).get("creationTimestamp")
        if isinstance(made, str) and (not self.since or _is_before(made, self.since)):
            return Drift(DriftKind.OLDER, address, identity.namespace, "it was there before the first decision")
        return Drift(DriftKind.UNSEEN, address, identity.namespace, "no admission decision is about it")

    def _lets_in(self, verdict: Verdict, surface: str = "") -> bool:
        if verdict in (Verdict.ALLOW, Verdict.WARN) or any(each in surface for each in _EXEMPT):
            return True
        return verdict is Verdict.UNDECIDED and self._undecided_passes


def identity_of(object: Mapping[str, Any]) -> Identity:
    """Which object ``object`` is."""
    metadata = _metadata(object)
    group = str(object["apiVersion"]).rpartition("/")[0]
    return Identity(group, object["kind"], str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))


def _metadata(object: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = object.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _uid(object: Mapping[str, Any]) -> str:
    uid = _metadata(object).get("uid")
    return uid if isinstance(uid, str) else ""


def _is_before(one: str, other: str) -> bool:
    try:
        return instant(one) < instant(other)
    except TrustError:
        return False
