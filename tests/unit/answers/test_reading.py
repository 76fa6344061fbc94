"""Reading evidence: what must hold before anything in a store is believed, and errors that say what does not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gateproof import evidence, flow
from gateproof.answers.reading import Reader, Seen, checkpoint_keys, open_evidence
from gateproof.documents import canonical
from gateproof.errors import LogError, TrustError
from gateproof.inputs.context import Fact
from gateproof.log.append import append
from gateproof.log.entry import Entry, blob_name
from gateproof.log.lock import CHECKPOINT
from gateproof.testing import LogSigner, MemoryStore
from gateproof.testing.log import CrashingStore, SimulatedCrash
from gateproof.trust import Algorithm, KeySigner, Revocation, Role, TrustPolicy

if TYPE_CHECKING:
    from tests.conftest import Company

NOW = "2026-11-23T05:00:00Z"
LATER = "2026-11-23T06:00:00Z"


@pytest.fixture
def store(company: Company) -> MemoryStore:
    """Three decisions in two appends."""
    made = MemoryStore()
    company.fill(made)
    return made


def add(company: Company, store: MemoryStore, kind: str, envelope: bytes, *references: bytes) -> None:
    """An entry with any envelope, as whoever holds the log's key can add it."""
    blobs = {canonical.digest(raw): raw for raw in (envelope, *references)}
    cited = tuple(sorted({canonical.digest(raw) for raw in references}))
    entry = Entry(kind=kind, envelope=canonical.digest(envelope), at=NOW, references=cited)
    append(store, [entry], blobs, company.sequencer, now=NOW)


def enveloped(payload: bytes, payload_type: str = "application/vnd.in-toto+json") -> bytes:
    """An envelope around anything, with a signature that nobody has made."""
    signature = {"keyid": canonical.digest(b"key"), "sig": base64.b64encode(bytes(64)).decode()}
    text = base64.b64encode(payload).decode()
    return canonical.encode({"payload": text, "payloadType": payload_type, "signatures": [signature]})


# -- What is read ------------------------------------------------------------------------------------------------------


def test_records_are_what_was_decided(company: Company, store: MemoryStore) -> None:
    reader = company.open(store)
    records = list(reader.records())
    assert [(one.entry, one.name, one.core.verdict.value) for one in records] == [
        (0, "public.json", "DENY"),
        (2, "private.json", "ALLOW"),
        (4, "waived.json", "WARN"),
    ]
    assert [reader.record(one.entry) for one in records] == records
    assert all(one.bundle == company.bundle for one in records)
    assert [one.entry for one in reader.records(3)] == [4]
    assert [one.entry for one in reader.records(1)] == [2, 4]  # starts with the summary of a decision before it


def test_what_was_seen_is_what_to_remember(company: Company, store: MemoryStore) -> None:
    reader = company.open(store)
    checkpoint = reader.view.checkpoint
    assert reader.seen == Seen(company.sequencer.name, 6, checkpoint.root, 2)
    assert reader.seen.checkpoint == checkpoint
    assert company.open(store, reader.seen).seen == reader.seen


def test_decisions_are_found_by_their_digest_and_by_that_of_their_envelope(
    company: Company, store: MemoryStore
) -> None:
    reader = company.open(store)
    for record in reader.records():
        assert reader.find(record.digest) == reader.find(record.envelope) == record.entry
    for other in (company.bundle.digest, record.core.input, canonical.digest(b"nothing"), "", "x"):
        with pytest.raises(LogError, match="no decision with this digest"):
            reader.find(other)


def test_parts_of_a_decision_are_read_by_digest(company: Company) -> None:
    store = MemoryStore()
    fact = Fact(name="weather", source="test", observed_at=NOW, max_age=60, value={"sky": ["grey"]})
    grounds = company.grounds(company.waiver(), facts=(fact,))
    company.record(store, grounds, company.judged("change.json", company.plan(site="public-read"), grounds))
    reader = company.open(store)
    core = reader.record(0).core
    assert reader.fact(core.facts["weather"]) == fact
    assert reader.waiver(core.waivers[0].digest).ticket == "PAY-1"
    assert reader.trust_of(core) == grounds.trust
    assert reader.trust_of(msgspec.structs.replace(core, trust="")) is None
    assert reader.predicate(0).core == core_digest(reader)
    assert reader.leaf(0) == canonical.digest(reader.view.leaf(0))
    for read in (reader.fact, reader.waiver):
        with pytest.raises((LogError, TrustError)):
            read(core.input)


def core_digest(reader: Reader) -> str:
    return reader.record(0).digest


# -- The trust policy --------------------------------------------------------------------------------------------------


def test_an_empty_store_and_one_whose_first_append_did_not_finish_say_so(company: Company) -> None:
    store = MemoryStore()
    with pytest.raises(LogError, match="no finished log") as caught:
        company.open(store)
    assert caught.value.hint
    with pytest.raises(SimulatedCrash):
        company.fill(CrashingStore(store, 15))
    with pytest.raises(LogError, match="no finished log"):
        company.open(store)


def test_a_log_without_decisions_says_so(company: Company) -> None:
    store = MemoryStore()
    add(company, store, "note", b"{}")
    with pytest.raises(LogError, match="holds no decision") as caught:
        company.open(store)
    assert caught.value.hint


@pytest.mark.parametrize("root", ["", "sha256:", "sha256:" + "0" * 64, "x" * 71, "sha256:" + "G" * 64])
def test_another_root_is_refused(store: MemoryStore, root: str) -> None:
    with pytest.raises(TrustError):
        open_evidence(store, root, now=NOW)


HOSTILE: tuple[Any, ...] = (
    None,
    True,
    17,
    1.5,
    "x",
    "../../../etc/passwd",
    ["sha256:" + "0" * 64],
    [0] * 71,
    {"sha256": "0" * 64},
    "sha256:" + "0" * 64,
    "sha256:" + "٠" * 64,
)


@pytest.mark.parametrize("trust", HOSTILE, ids=repr)
def test_a_newest_decision_that_names_anything_as_its_trust_is_an_error(
    company: Company, store: MemoryStore, trust: Any
) -> None:
    add(company, store, "decision", enveloped(msgspec.json.encode({"predicate": {"trust": trust}})))
    with pytest.raises((LogError, TrustError)) as caught:
        company.open(store)
    assert caught.value.hint


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"predicate":[]}',
        b'{"predicate":{"trust":"\xff"}}',
        b'{"a":' + b"[" * 100_000,
    ],
    ids=lambda payload: repr(payload[:30]),
)
def test_a_newest_decision_of_any_bytes_is_an_error(company: Company, store: MemoryStore, payload: bytes) -> None:
    for raw in (enveloped(payload), payload):
        add(company, store, "decision", raw)
        with pytest.raises((LogError, TrustError)):
            company.open(store)


def test_a_trust_record_of_any_bytes_is_an_error(company: Company, store: MemoryStore) -> None:
    good = msgspec.json.decode(company.grounds().trust.encoded)  # type: ignore[union-attr]
    for record in (
        b"",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        canonical.encode({**good, "policy": "x"}),
        canonical.encode({**good, "policy": good["roster"]}),
        canonical.encode({**good, "policy": canonical.digest(b"absent")}),
        canonical.encode({**good, "more": 1}),
    ):
        named = msgspec.json.encode({"predicate": {"trust": canonical.digest(record)}})
        add(company, store, "decision", enveloped(named), record)
        with pytest.raises((LogError, TrustError)):
            company.open(store)


def test_the_newest_decision_decides_which_policy_counts(company: Company, store: MemoryStore) -> None:
    newer = company.grounds(policy=msgspec.structs.replace(company.policy, version=3))
    company.record(store, newer, company.judged("change.json", b"{}", newer, now=LATER), now=LATER)
    add(company, store, "note", b"{}")  # what is no decision is passed over
    assert company.open(store).trust.policy.version == 3


def changed(company: Company, place: int, **changes: Any) -> TrustPolicy:
    keys = [*company.policy.keys]
    keys[place] = msgspec.structs.replace(keys[place], **changes)
    return msgspec.structs.replace(company.policy, version=3, keys=tuple(keys))


def under(company: Company, store: MemoryStore, policy: TrustPolicy) -> MemoryStore:
    """The store after one more decision, by a key that may sign under ``policy``."""
    key = KeySigner.generate()
    policy = msgspec.structs.replace(policy, keys=(*policy.keys, company.trusted(key, Role.DECISION)))
    grounds = company.grounds(policy=policy)
    judged = company.judged("change.json", b"{}", grounds, now=LATER)
    flow.record([judged], grounds, key, company.sequencer, store, now=LATER)
    return store


def test_a_key_that_is_retired_still_covers_what_it_signed_in_its_time(company: Company, store: MemoryStore) -> None:
    half = "2026-11-23T05:30:00Z"
    reader = company.open(under(company, store, changed(company, 1, not_after=half)))
    assert reader.record(0).core.verdict.value == "DENY"
    with pytest.raises(TrustError, match="not signed by a key that may sign as 'decision' at 2026-11-23T06:00:00Z"):
        reader.record(4)


def test_a_key_that_was_revoked_covers_nothing_since_then(company: Company, store: MemoryStore) -> None:
    revoked = (Revocation(company.ci.fingerprint, "lost", LATER),)
    reader = company.open(under(company, store, msgspec.structs.replace(company.policy, version=3, revoked=revoked)))
    assert reader.record(0)
    with pytest.raises(TrustError, match="not signed by a key that may"):
        reader.record(4)


def test_a_log_key_that_counts_no_more_is_refused(company: Company, store: MemoryStore) -> None:
    under(company, store, changed(company, 2, not_after=NOW))
    with pytest.raises(TrustError, match="names no key that may sign checkpoints") as caught:
        company.open(store)
    assert caught.value.hint


def test_an_expired_trust_policy_is_refused(company: Company, store: MemoryStore) -> None:
    policy = msgspec.structs.replace(company.policy, version=3, not_after=LATER)
    grounds = company.grounds(policy=policy)
    company.record(store, grounds, company.judged("change.json", b"{}", grounds))
    assert open_evidence(store, company.root.fingerprint, now=NOW).seen.trust_version == 3
    with pytest.raises(TrustError, match="expired"):
        company.open(store)


# -- The log's key -----------------------------------------------------------------------------------------------------


def test_any_of_several_log_keys_may_have_signed_and_is_found(company: Company, store: MemoryStore) -> None:
    standby = LogSigner(company.sequencer.name, 999)
    pem = company.trusted(standby.key, Role.CHECKPOINT)
    for keys in ((pem, *company.policy.keys), (*company.policy.keys, pem)):
        made = MemoryStore()
        made.objects = dict(store.objects)
        grounds = company.grounds(policy=msgspec.structs.replace(company.policy, version=3, keys=keys))
        company.record(made, grounds, company.judged("change.json", b"{}", grounds))
        reader = company.open(made)
        assert reader.key.public_key == company.sequencer.public_key
        found = checkpoint_keys(made, company.root.fingerprint, now=LATER)
        assert [key.public_key for key in found] == [company.sequencer.public_key, standby.public_key]
        # And what is wrong is told of the key that signed, not of the one that happens to come first.
        with pytest.raises(LogError, match="rolled back"):
            company.open(made, msgspec.structs.replace(reader.seen, size=99))


def test_a_checkpoint_of_a_key_that_the_policy_does_not_name_is_refused(company: Company, rival: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    judged = company.judged("change.json", b"{}", grounds)
    flow.record([judged], grounds, company.ci, rival.sequencer, store, now=NOW)
    with pytest.raises(LogError, match="0 signatures by the key") as caught:
        company.open(store)
    assert caught.value.hint
    assert checkpoint_keys(store, company.root.fingerprint, now=NOW)  # they are named, whoever signed


def test_a_log_key_that_cannot_sign_notes_is_an_error(company: Company, store: MemoryStore) -> None:
    ecdsa = company.trusted(KeySigner.generate(Algorithm.ECDSA_P256), Role.CHECKPOINT)
    under(company, store, msgspec.structs.replace(company.policy, version=3, keys=(*company.policy.keys, ecdsa)))
    with pytest.raises(TrustError, match="an Ed25519 key is needed"):
        company.open(store)


def test_another_log_under_the_same_root_is_refused(company: Company, store: MemoryStore) -> None:
    seen = msgspec.structs.replace(company.open(store).seen, origin="log.example/other")
    with pytest.raises(LogError, match="the checkpoint seen before is of the log"):
        company.open(store, seen)


# -- Entries -----------------------------------------------------------------------------------------------------------


def test_an_entry_of_an_unknown_kind_is_no_silent_pass(company: Company, store: MemoryStore) -> None:
    add(company, store, "note", b"{}")
    with pytest.raises(LogError, match="unknown kind 'note'") as caught:
        list(company.open(store).records())
    assert caught.value.hint == "use a newer gateproof"


def test_a_summary_without_its_decision_is_refused(company: Company, store: MemoryStore) -> None:
    view = company.open(store).view
    decision, summary = view.entry(0), view.entry(1)
    for entries in (
        [decision, summary, summary],
        [decision, decision, msgspec.structs.replace(summary, references=())],
    ):
        made = MemoryStore()
        blobs = {digest: view.blob(digest) for entry in entries for digest in entry.blobs}
        append(made, entries, blobs, company.sequencer, now=NOW)
        with pytest.raises(LogError, match="entry 2: a verification summary without its decision"):
            list(company.open(made).records())
    made = MemoryStore()
    blobs = {digest: view.blob(digest) for entry in (summary, decision) for digest in entry.blobs}
    append(made, [summary, decision], blobs, company.sequencer, now=NOW)
    with pytest.raises(LogError, match="entry 0: a verification summary without its decision"):
        list(company.open(made).records())


def test_a_summary_is_no_decision_and_the_other_way_round(company: Company, store: MemoryStore) -> None:
    reader = company.open(store)
    with pytest.raises(TrustError, match="its predicate is"):
        reader.record(1)
    decision = reader.view.entry(0)
    as_summary = msgspec.structs.replace(decision, kind="summary", references=(decision.envelope,), pointers=())
    made = MemoryStore()
    blobs = {digest: reader.view.blob(digest) for digest in decision.blobs}
    append(made, [decision, as_summary], blobs, company.sequencer, now=NOW)
    with pytest.raises(TrustError, match="its predicate is"):
        list(company.open(made).records())


@pytest.mark.parametrize("entry", [-1, 6, 10**9])
def test_there_is_no_entry_beyond_the_log(company: Company, store: MemoryStore, entry: int) -> None:
    with pytest.raises(LogError, match="there is no entry"):
        company.open(store).record(entry)


Change = Callable[[dict[str, Any]], None]


def unchanged(_: dict[str, Any]) -> None: ...


def forged(company: Company, change: Change, **blobs: bytes) -> MemoryStore:
    """A log whose one decision is signed as it should be, over a core of which ``change`` made another.

    ``blobs`` take the place of what the core names: the field's value becomes their digest.
    """
    grounds = company.grounds(company.waiver())
    assert grounds.trust is not None
    judged = company.judged("change.json", company.plan(site="public-read"), grounds)
    core = msgspec.to_builtins(judged.decision.core)
    core.update({field: canonical.digest(raw) for field, raw in blobs.items()})
    change(core)
    encoded = canonical.encode(core)
    statement = msgspec.to_builtins(evidence.state(judged.decision, name=judged.name)[0])
    said = statement["predicate"]
    said.update({"core": canonical.digest(encoded), **{field: core[field] for field in ("input", "bundle", "trust")}})
    said["gateTable"] = core["gate_table"]
    sealed = evidence.seal(msgspec.convert(statement, evidence.Statement), company.ci)
    store = MemoryStore()
    trusted = (grounds.trust.encoded, *grounds.trust_documents)
    own = (judged.subject.encoded, grounds.bundle.encoded, *grounds.waivers, *trusted, *blobs.values())
    add(company, store, "decision", sealed, encoded, *own)
    return store


def test_a_core_that_says_more_or_less_than_one_is_refused(company: Company) -> None:
    assert company.open(forged(company, unchanged)).record(0)
    changes: list[Change] = [
        lambda core: core.update(more=1),
        lambda core: core.pop("verdict"),
        lambda core: core.update(verdict="MAYBE"),
        lambda core: core.update(results="x"),
        lambda core: core["scene"].update(tier="0"),
    ]
    for change in changes:
        with pytest.raises(LogError) as caught:
            company.open(forged(company, change)).record(0)
        assert caught.value.hint


@pytest.mark.parametrize("bundle", [b"", b"\xff", b"{}", b'{"policies":' + b"[" * 100_000, b'"\xff"'])
def test_a_bundle_of_any_bytes_is_an_error(company: Company, bundle: bytes) -> None:
    reader = company.open(forged(company, unchanged, bundle=bundle))
    with pytest.raises(LogError, match="is no Bundle") as caught:
        reader.record(0)
    assert caught.value.hint


def test_a_bundle_has_one_spelling_and_its_own_gate_table(company: Company) -> None:
    spaced = msgspec.json.format(company.bundle.encoded, indent=1)
    with pytest.raises(LogError, match="not the one spelling"):
        company.open(forged(company, unchanged, bundle=spaced)).record(0)
    other = canonical.digest(b"another table")
    with pytest.raises(LogError, match="the gate table is not the one of the bundle"):
        company.open(forged(company, lambda core: core.update(gate_table=other))).record(0)


def test_a_store_that_loses_files_while_it_is_read_is_an_error(company: Company, store: MemoryStore) -> None:
    reader = company.open(store)
    needed = [record.digest for record in reader.records()] + [record.envelope for record in reader.records()]
    for digest in needed:
        raw = store.objects.pop(blob_name(digest))
        with pytest.raises(LogError, match="is missing") as caught:
            list(company.open(store).records())
        assert caught.value.hint
        store.objects[blob_name(digest)] = raw
    store.objects.pop(CHECKPOINT)  # a reader stays with the checkpoint that it has verified
    assert len(list(reader.records())) == 3
    store.objects.pop(blob_name(reader.view.entry(0).envelope))
    with pytest.raises(LogError, match="is missing"):
        reader.record(0)
