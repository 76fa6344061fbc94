"""Reading evidence: a store, a pinned root fingerprint, and nothing else to trust.

The steps, each of which must hold before the next:

1. The trust policy travels in the store. It is found through the newest decision and counts because the pinned root
   signed it, wherever it was found.
2. The checkpoint is signed by a key that the policy lets sign checkpoints, and extends the one seen last.
3. Entries are proved against the checkpoint's root; blobs against their digests.
4. Statements are signed by keys that may sign decisions at the time of their entry, and say what the stored core says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from gateproof.answers.index import Record
from gateproof.catalog.bundle import Bundle
from gateproof.documents import canonical
from gateproof.errors import LogError, TrustError
from gateproof.evidence import (
    DecisionPredicate,
    Statement,
    decision_predicate,
    open_statement,
    predicate_of,
    verification_summary,
)
from gateproof.evidence.statement import VerificationResult
from gateproof.gate.decision import Core, Decision
from gateproof.log import checkpoint as checkpoints
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.entry import Entry
from gateproof.log.interface import Store
from gateproof.log.lock import CHECKPOINT
from gateproof.log.note import MAX_NOTE_BYTES, VerifierKey
from gateproof.log.reader import LogView, open_log
from gateproof.log.tiles import TileTree
from gateproof.trust import Role, Trust, Waiver, dsse, open_trust, read_trust_record
from gateproof.trust.forms import DocumentKind, read_payload
from gateproof.trust.keys import raw_ed25519

_Shape = TypeVar("_Shape")
DECISION = "decision"
SUMMARY = "summary"


class Seen(msgspec.Struct, frozen=True):
    """What a verifier remembers between visits: the newest checkpoint and the highest trust policy version."""

    origin: str
    size: int
    root: bytes
    trust_version: int

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that was seen."""
        return Checkpoint(self.origin, self.size, self.root)


class Reader:
    """Evidence, verified as it is read. Made by ``open_evidence``.

    Raises LogError, TrustError and StoreError for whatever does not hold.
    """

    def __init__(self, store: Store, view: LogView, trust: Trust, key: VerifierKey) -> None:
        self.store = store
        self.view = view
        self.trust = trust
        self.key = key

    @property
    def seen(self) -> Seen:
        """What to remember of this visit."""
        checkpoint = self.view.checkpoint
        return Seen(checkpoint.origin, checkpoint.size, checkpoint.root, self.trust.policy.version)

    def record(self, entry: int) -> Record:
        """The decision in entry ``entry``."""
        leaf = self.view.entry(entry)
        statement = self._statement(leaf)
        predicate = decision_predicate(statement)
        core = self._decode(predicate.core, Core)
        decision = _decision(core, predicate)
        if predicate_of(decision) != predicate or decision.digest != predicate.core:
            raise LogError(f"entry {entry}: the statement and the stored decision disagree", hint=_HINT)
        missing = {predicate.core, core.input, core.bundle} - set(leaf.references)
        if missing:
            raise LogError(f"entry {entry}: the decision refers to blobs that its entry does not name", hint=_HINT)
        bundle = self._decode(core.bundle, Bundle)
        return Record(
            entry=entry,
            digest=decision.digest,
            envelope=leaf.envelope,
            name=statement.subject[0].name,
            core=core,
            bundle=bundle,
        )

    def predicate(self, entry: int) -> DecisionPredicate:
        """What the signed statement of entry ``entry`` says."""
        return decision_predicate(self._statement(self.view.entry(entry)))

    def records(self, start: int = 0) -> Iterator[Record]:
        """Every decision from entry ``start`` on; the other entries are verified on the way."""
        for index, entry in self.view.entries(start):
            if entry.kind == DECISION:
                yield self.record(index)
            elif entry.kind == SUMMARY:
                self._check_summary(index, entry)
            else:
                raise LogError(f"entry {index} is of the unknown kind {entry.kind!r}", hint="use a newer gateproof")

    def find(self, digest: str) -> int:
        """The entry that holds the decision with this digest (of the decision or of its envelope)."""
        for index, entry in self.view.entries():
            if entry.kind == DECISION and digest in entry.blobs and self._names(entry, digest):
                return index
        raise LogError("no decision with this digest is in the log", where=digest, hint="see `gateproof log list`")

    def waiver(self, digest: str) -> Waiver:
        """The waiver in the envelope with this digest, as it was presented."""
        envelope = dsse.decode_single(self.view.blob(digest), DocumentKind.WAIVER.payload_type)
        waiver: Waiver = read_payload(DocumentKind.WAIVER, dsse.payload_of(envelope))
        return waiver

    def leaf(self, entry: int) -> str:
        """Digest of the leaf of entry ``entry``, by which its receipt is checked."""
        return canonical.digest(self.view.leaf(entry))

    def trust_documents(self, digest: str) -> tuple[bytes, ...]:
        """The envelopes (policy, and roster if any) behind the trust digest of a decision."""
        record = read_trust_record(self.view.blob(digest))
        return tuple(self.view.blob(each) for each in (record.policy, record.roster) if each)

    def _statement(self, entry: Entry) -> Statement:
        return open_statement(self.view.blob(entry.envelope), self.trust, entry.at, role=Role.DECISION)

    def _names(self, entry: Entry, digest: str) -> bool:
        return digest == entry.envelope or decision_predicate(self._statement(entry)).core == digest

    def _check_summary(self, index: int, entry: Entry) -> None:
        summary = verification_summary(self._statement(entry))
        previous = self.view.entry(index - 1) if index else None
        if previous is None or previous.kind != DECISION or entry.references != (previous.envelope,):
            raise LogError(f"entry {index}: a verification summary without its decision", hint=_HINT)
        statement = self._statement(previous)
        attested = {descriptor.digest.get("sha256", "") for descriptor in summary.input_attestations}
        verdict = decision_predicate(statement).verdict
        if attested != {canonical.digest(statement.encoded)[7:]} or (
            summary.verification_result is not VerificationResult.of(verdict)
        ):
            raise LogError(f"entry {index}: the verification summary and its decision disagree", hint=_HINT)

    def _decode(self, digest: str, shape: type[_Shape]) -> _Shape:
        raw = self.view.blob(digest)
        try:
            return msgspec.json.decode(raw, type=shape)
        except msgspec.MsgspecError as error:
            raise LogError(f"the blob {digest} is no {shape.__name__}: {error}", hint=_HINT) from None


def open_evidence(store: Store, root: str, *, now: str, seen: Seen | None = None) -> Reader:
    """Open a store's evidence under the pinned ``root`` fingerprint; ``now`` is RFC 3339 UTC.

    ``seen`` is what the caller remembers of an earlier visit: a log or trust policy that was rolled back behind it is
    refused. Raises TrustError, LogError and StoreError.
    """
    trust = _trust(store, root, now, seen)
    view, key = _view(store, trust, now, seen)
    return Reader(store, view, trust, key)


def _trust(store: Store, root: str, now: str, seen: Seen | None) -> Trust:
    unverified = _peek(store)
    for index in reversed(range(len(unverified))):
        entry = unverified.entry(index)
        if entry.kind == DECISION:
            break
    else:
        raise LogError("the log holds no decision", hint="record one with `gateproof check --evidence`")
    envelope = dsse.decode(unverified.blob(entry.envelope))
    try:
        digest = msgspec.json.decode(dsse.payload_of(envelope))["predicate"]["trust"]
        record = read_trust_record(unverified.blob(digest))
        policy = unverified.blob(record.policy)
    except (msgspec.MsgspecError, KeyError, TypeError, UnicodeError) as error:
        raise TrustError(f"the newest decision names no trust policy ({type(error).__name__})", hint=_HINT) from None
    lowest = seen.trust_version if seen else 1
    # The roster decided about waivers when they were admitted; whose signatures count now, the policy alone says.
    return open_trust(policy, root, None, now, lowest_version=lowest)


def _peek(store: Store) -> LogView:
    """The log as it presents itself, its signature not checked: good for finding what is then verified by itself."""
    raw = store.get(CHECKPOINT, MAX_NOTE_BYTES)
    if raw is None:
        raise LogError("the store holds no finished log", hint="check the store's path, or record a decision first")
    checkpoint = checkpoints.read(raw, None)
    return LogView(store, checkpoint, raw, TileTree(checkpoint.size, checkpoint.root, store.get))


def checkpoint_keys(store: Store, root: str, *, now: str) -> list[VerifierKey]:
    """The keys that may sign the log's checkpoints, by the trust policy in the store. Raises TrustError, LogError."""
    return _keys(_trust(store, root, now, None), now)


def _keys(trust: Trust, now: str) -> list[VerifierKey]:
    pems = trust.keys_for(Role.CHECKPOINT, now).values()
    keys = [VerifierKey(trust.policy.log_origin, raw_ed25519(pem)) for pem in pems]
    if not keys:
        raise TrustError("the trust policy names no key that may sign checkpoints", hint="give a key that role")
    return keys


def _view(store: Store, trust: Trust, now: str, seen: Seen | None) -> tuple[LogView, VerifierKey]:
    failures: list[LogError] = []
    for key in _keys(trust, now):
        try:
            return open_log(store, key, seen.checkpoint if seen else None), key
        except LogError as error:
            failures.append(error)
    raise failures[0]


def _decision(core: Core, predicate: DecisionPredicate) -> Decision:
    return Decision(core=core, layer=predicate.layer, actor=predicate.actor, surface=predicate.surface)


_HINT = "restore the store from a copy; run `gateproof log fsck` to see everything that is wrong"
