"""Reading evidence: a store, a pinned root fingerprint, and nothing else to trust.

The steps, each of which must hold before the next:

1. The trust policy travels in the store. It is found through the newest decision and counts because the pinned root
   signed it, wherever it was found.
2. The checkpoint is signed by a key that the policy lets sign checkpoints, and extends the one seen last.
3. Entries are proved against the checkpoint's root; blobs against their digests.
4. Statements are signed by keys that may sign decisions at the time of their entry, and say what the stored core says.
5. Each decision was made under a trust policy that counts here and is no newer than the one found in step 1, and its
   entry names every blob that the decision cites, so that a check of all files misses none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

import msgspec

from gateproof.answers.index import Record
from gateproof.catalog.bundle import Bundle
from gateproof.documents import canonical
from gateproof.errors import LogError, TrustError
from gateproof.evidence import (
    DecisionPredicate,
    Statement,
    cited,
    decision_predicate,
    open_statement,
    state,
    verification_summary,
)
from gateproof.gate.decision import Core, Decision
from gateproof.inputs.context import Fact
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


class _PeekedPredicate(msgspec.Struct):
    trust: str


class _Peeked(msgspec.Struct):
    """What is read of a statement before anything is known about it: where the trust policy is."""

    predicate: _PeekedPredicate


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
        # Decisions come with their summaries, and many share a bundle and a trust policy.
        self._decided = lru_cache(maxsize=1)(self._read_decision)
        self._bundle = lru_cache(maxsize=16)(self._read_bundle)
        self._policy_version = lru_cache(maxsize=256)(self._read_policy_version)

    @property
    def seen(self) -> Seen:
        """What to remember of this visit."""
        checkpoint = self.view.checkpoint
        return Seen(checkpoint.origin, checkpoint.size, checkpoint.root, self.trust.policy.version)

    def record(self, entry: int) -> Record:
        """The decision in entry ``entry``."""
        return self._record(entry, self.view.entry(entry))

    def predicate(self, entry: int) -> DecisionPredicate:
        """What the signed statement of entry ``entry`` says."""
        return decision_predicate(self._statement(self.view.entry(entry)))

    def records(self, start: int = 0) -> Iterator[Record]:
        """Every decision from entry ``start`` on; the other entries are verified on the way."""
        for index, entry in self.view.entries(start):
            if entry.kind == DECISION:
                yield self._record(index, entry)
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

    def fact(self, digest: str) -> Fact:
        """The fact with this digest."""
        return self._decode(digest, Fact)

    def leaf(self, entry: int) -> str:
        """Digest of the leaf of entry ``entry``, by which its receipt is checked."""
        return canonical.digest(self.view.leaf(entry))

    def trust_of(self, core: Core) -> Trust | None:
        """The trust policy and roster that a decision was made under, as they counted then; None without any."""
        if not core.trust:
            return None
        record = read_trust_record(self.view.blob(core.trust))
        roster = self.view.blob(record.roster) if record.roster else None
        return open_trust(self.view.blob(record.policy), record.root, roster, core.decided_at)

    def _record(self, index: int, entry: Entry) -> Record:
        decision, statement = self._decided(index, entry)
        return Record(
            entry=index,
            digest=decision.digest,
            envelope=entry.envelope,
            name=statement.subject[0].name,
            layer=decision.layer,
            core=decision.core,
            bundle=self._bundle(decision.core.bundle),
        )

    def _read_decision(self, index: int, entry: Entry) -> tuple[Decision, Statement]:
        """The decision in an entry and the statement that was signed, everything about them checked."""
        # 1. Signed, and about this core: stated anew, the core gives the same statement.
        statement = self._statement(entry)
        predicate = decision_predicate(statement)
        core = self._decode(predicate.core, Core)
        decision = Decision(core=core, layer=predicate.layer, actor=predicate.actor, surface=predicate.surface)
        if state(decision, name=statement.subject[0].name)[0].encoded != statement.encoded:
            raise LogError(f"entry {index}: the statement and the stored decision disagree", hint=_HINT)
        # 2. Under a trust policy that counts here.
        self._check_trust(index, entry, core)
        # 3. With everything at hand that it was decided by.
        record = read_trust_record(self.view.blob(core.trust)) if core.trust else None
        if {decision.digest, *cited(core, record)} - set(entry.references):
            raise LogError(f"entry {index}: the decision refers to blobs that its entry does not name", hint=_HINT)
        if self._bundle(core.bundle).gate_table_digest != core.gate_table:
            raise LogError(f"entry {index}: the gate table is not the one of the bundle", hint=_HINT)
        return decision, statement

    def _check_trust(self, index: int, entry: Entry, core: Core) -> None:
        if not core.trust:
            return
        root = read_trust_record(self.view.blob(core.trust)).root
        if root not in self.trust.keys_for(Role.TRUST, entry.at):
            raise TrustError(
                f"entry {index} was decided under a trust policy of another root",
                where=root,
                hint="its waivers do not count here; have the decision made again under the pinned root",
            )
        version = self._policy_version(core.trust, core.decided_at)
        if version > self.trust.policy.version:
            raise TrustError(
                f"entry {index} was decided under version {version} of the trust policy, and the newest decision names"
                f" version {self.trust.policy.version}: the trust policy was rolled back",
                hint="record the next decision under the newest trust policy; an old one may trust keys revoked since",
            )

    def _read_policy_version(self, digest: str, at: str) -> int:
        record = read_trust_record(self.view.blob(digest))
        return open_trust(self.view.blob(record.policy), record.root, None, at).policy.version

    def _read_bundle(self, digest: str) -> Bundle:
        bundle = self._decode(digest, Bundle)
        if bundle.digest != digest:
            raise LogError(f"the blob {digest} is not the one spelling of its bundle", hint=_HINT)
        return bundle

    def _statement(self, entry: Entry) -> Statement:
        return open_statement(self.view.blob(entry.envelope), self.trust, entry.at, role=Role.DECISION)

    def _names(self, entry: Entry, digest: str) -> bool:
        return digest == entry.envelope or decision_predicate(self._statement(entry)).core == digest

    def _check_summary(self, index: int, entry: Entry) -> None:
        """A summary follows its decision and says nothing but what follows from it."""
        previous = self.view.entry(index - 1) if index else None
        if previous is None or previous.kind != DECISION or entry.references != (previous.envelope,):
            raise LogError(f"entry {index}: a verification summary without its decision", hint=_HINT)
        decision, statement = self._decided(index - 1, previous)
        stated = self._statement(entry)
        verifier = verification_summary(stated).verifier.id
        if state(decision, name=statement.subject[0].name, verifier=verifier)[1].encoded != stated.encoded:
            raise LogError(f"entry {index}: the verification summary and its decision disagree", hint=_HINT)

    def _decode(self, digest: str, shape: type[_Shape]) -> _Shape:
        raw = self.view.blob(digest)
        try:
            return msgspec.json.decode(raw, type=shape)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise LogError(f"the blob {digest} is no {shape.__name__}: {error}", hint=_HINT) from None


def open_evidence(store: Store, root: str, *, now: str, seen: Seen | None = None) -> Reader:
    """Open a store's evidence under the pinned ``root`` fingerprint; ``now`` is RFC 3339 UTC.

    ``seen`` is what the caller remembers of an earlier visit: a log or trust policy that was rolled back behind it is
    refused. Raises TrustError, LogError and StoreError.
    """
    trust = _trust(store, root, now, seen)
    key = _keys(store, trust, now)[0]
    return Reader(store, open_log(store, key, seen.checkpoint if seen else None), trust, key)


def _trust(store: Store, root: str, now: str, seen: Seen | None) -> Trust:
    unverified = _peek(store)
    for index in reversed(range(len(unverified))):
        entry = unverified.entry(index)
        if entry.kind == DECISION:
            break
    else:
        raise LogError("the log holds no decision", hint="record one with `gateproof check --evidence`")
    payload = dsse.payload_of(dsse.decode(unverified.blob(entry.envelope)))
    try:
        digest = msgspec.json.decode(payload, type=_Peeked).predicate.trust
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise TrustError(f"the newest decision cannot be read: {error}", hint=_HINT) from None
    if not digest:
        raise TrustError(
            "the newest decision names no trust policy", hint="record decisions under one: `gateproof check --trust`"
        )
    policy = unverified.blob(read_trust_record(unverified.blob(digest)).policy)
    lowest = seen.trust_version if seen else 1
    # The roster decided about waivers when they were admitted; whose signatures count now, the policy alone says.
    return open_trust(policy, root, None, now, lowest_version=lowest)


def _peek(store: Store) -> LogView:
    """The log as it presents itself, its signature not checked: good for finding what is then verified by itself."""
    raw = store.get(CHECKPOINT, MAX_NOTE_BYTES)
    if raw is None:
        raise LogError("the store holds no finished log", hint="check the store's path, or record a decision first")
    checkpoint = checkpoints.read(raw, None, CHECKPOINT)
    return LogView(store, checkpoint, raw, TileTree(checkpoint.size, checkpoint.root, store.get))


def checkpoint_keys(store: Store, root: str, *, now: str) -> list[VerifierKey]:
    """The keys that may sign the log's checkpoints, by the trust policy in the store; the one that did comes first.

    Raises TrustError, LogError and StoreError.
    """
    return _keys(store, _trust(store, root, now, None), now)


def _keys(store: Store, trust: Trust, now: str) -> list[VerifierKey]:
    pems = trust.keys_for(Role.CHECKPOINT, now).values()
    keys = [VerifierKey(trust.policy.log_origin, raw_ed25519(pem)) for pem in pems]
    if not keys:
        raise TrustError("the trust policy names no key that may sign checkpoints", hint="give a key that role")
    note = store.get(CHECKPOINT, MAX_NOTE_BYTES)
    return sorted(keys, key=lambda key: not (note and _is_signed(note, key)))


def _is_signed(note: bytes, key: VerifierKey) -> bool:
    try:
        checkpoints.verify(note, key)
    except LogError:
        return False
    return True


_HINT = "restore the store from a copy; run `gateproof log fsck` to see everything that is wrong"
