"""Tamper evidence: whatever is changed in a store, by whomever, `gateproof verify` says so.

Whoever can write to the store but holds no key can change, remove and add files. Whoever holds the log's key, or the
one that signs decisions, can do more, and is caught by what the verifier brings: the pinned root and what it has seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gateproof import evidence
from gateproof.adapters.filesystem import FileSystemStore
from gateproof.documents import canonical
from gateproof.errors import GateproofError, LogError, TrustError
from gateproof.flow import Grounds, Judged, replay
from gateproof.log import entry as entries
from gateproof.log.append import append
from gateproof.log.entry import Entry
from gateproof.log.fsck import fsck
from gateproof.log.interface import MAX_OBJECT_BYTES
from gateproof.log.lock import CHECKPOINT, LOCK
from gateproof.testing import MemoryStore
from gateproof.trust import KeySigner, Role

if TYPE_CHECKING:
    from tests.conftest import Company

pytestmark = pytest.mark.integration

NOW = "2026-11-23T05:00:00Z"
LATER = "2026-11-23T06:00:00Z"


class ReadStore(MemoryStore):
    """A store that notes what is read."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        super().__init__()
        self.objects = dict(objects)
        self.read: set[str] = set()

    def get(self, name: str, max_bytes: int = MAX_OBJECT_BYTES) -> bytes | None:
        self.read.add(name)
        return super().get(name, max_bytes)


class Verifier:
    """`gateproof verify`, quick enough for every byte.

    Opening the evidence depends on nothing but what it reads. So where a change is in none of those files, opening
    gives what it gave for the intact store, and only the steps after it are run.
    """

    def __init__(self, company: Company, objects: Mapping[str, bytes]) -> None:
        self._company = company
        self._store = ReadStore(objects)
        self._reader = company.open(self._store)
        self._opening = frozenset(self._store.read)
        assert company.verify(self._store) == ""
        assert set(objects) > self._opening

    def notices(self, changes: Mapping[str, bytes | None]) -> bool:
        """Whether verification says that something is wrong when these objects have these bytes, or are gone."""
        intact = dict(self._store.objects)
        try:
            for name, raw in changes.items():
                if raw is None:
                    del self._store.objects[name]
                else:
                    self._store.objects[name] = raw
            return self._is_refused() if self._opening & changes.keys() else self._is_listed()
        finally:
            self._store.objects = intact

    def _is_refused(self) -> bool:
        try:
            return self._company.verify(self._store) != ""
        except GateproofError:
            return True

    def _is_listed(self) -> bool:
        if fsck(self._store, self._reader.key).problems:
            return True
        try:
            for _ in self._reader.records():
                pass
        except GateproofError:
            return True
        return False


@pytest.fixture(scope="module")
def objects(company: Company) -> dict[str, bytes]:
    """A whole store: DENY and ALLOW in one append, WARN by a waiver in the next."""
    store = MemoryStore()
    company.fill(store)
    assert [record.core.verdict.value for record in company.open(store).records()] == ["DENY", "ALLOW", "WARN"]
    return store.objects


@pytest.fixture(scope="module")
def verifier(company: Company, objects: dict[str, bytes]) -> Verifier:
    return Verifier(company, objects)


def test_a_flipped_bit_in_any_byte_of_any_file_is_noticed(verifier: Verifier, objects: dict[str, bytes]) -> None:
    tried, unnoticed = 0, []
    for name, raw in objects.items():
        changed = bytearray(raw)
        for place in range(len(raw)):
            changed[place] ^= 1 << place % 8
            if not verifier.notices({name: bytes(changed)}):
                unnoticed.append((name, place))
            changed[place] = raw[place]
            tried += 1
    assert unnoticed == []
    assert tried == sum(map(len, objects.values())) > 30_000


def test_any_file_that_is_gone_or_of_another_length_is_noticed(verifier: Verifier, objects: dict[str, bytes]) -> None:
    tried = 0
    for name, raw in objects.items():
        for changed in (None, b"", raw[: len(raw) // 2], raw[:-1], raw + b"\0", raw + b"\n", raw + raw):
            assert verifier.notices({name: changed}), (name, changed)
            tried += 1
    assert tried == 7 * len(objects)


def test_any_two_files_that_changed_places_are_noticed(verifier: Verifier, objects: dict[str, bytes]) -> None:
    pairs = [(one, other) for one, other in itertools.combinations(objects, 2) if objects[one] != objects[other]]
    for one, other in pairs:
        assert verifier.notices({one: objects[other], other: objects[one]}), (one, other)
    assert len(pairs) == len(objects) * (len(objects) - 1) // 2


def test_files_that_do_not_belong_are_noticed(verifier: Verifier, objects: dict[str, bytes]) -> None:
    pointer = next(name for name in objects if name.startswith("evidence/"))
    blob = next(name for name in objects if name.startswith("blobs/"))
    strangers = (
        "notes",
        "log/other",
        "log/tile/1/000",
        "log/tile/0/000.p/5",
        "log/staging/00",
        pointer + "x",
        blob[:-1],
    )
    for name in strangers:
        assert verifier.notices({name: b"x"}), name


def test_a_blob_that_nothing_refers_to_is_counted_and_harmless(company: Company, objects: dict[str, bytes]) -> None:
    store = MemoryStore()
    store.objects = {**objects, entries.blob_name(canonical.digest(b"x")): b"x"}
    assert company.verify(store) == ""
    assert fsck(store, company.open(store).key).counts["orphans"] == 1


def test_on_a_file_system_only_the_files_of_locks_may_change(company: Company, tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path)
    company.fill(store)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    unnoticed = []
    for path in files:
        raw = path.read_bytes()
        path.write_bytes(bytes([raw[0] ^ 1]) + raw[1:] if raw else b"x")
        try:
            noticed = company.verify(store) != ""
        except GateproofError:
            noticed = True
        if not noticed:
            unnoticed.append(path.name)
        path.write_bytes(raw)
    # The system locks these files; what they hold is never read, and they are no objects of the store.
    assert unnoticed == [".swap.lock", ".write.lock"]
    assert len(files) == len(list(store.names())) + len(unnoticed)


# -- Histories that the log's own key signed ---------------------------------------------------------------------------


def leaves(company: Company, store: MemoryStore) -> list[Entry]:
    return [entry for _, entry in company.open(store).view.entries()]


def rewritten(company: Company, store: MemoryStore, kept: list[Entry]) -> MemoryStore:
    """A log of these entries, as whoever holds its key can write it."""
    made = MemoryStore()
    blobs = {d: store.objects[entries.blob_name(d)] for entry in kept for d in entry.blobs}
    append(made, kept, blobs, company.sequencer, now=NOW)
    return made


def test_a_history_without_an_entry_is_refused_by_whoever_has_seen_it(company: Company) -> None:
    store = MemoryStore()
    company.fill(store)
    seen = company.open(store).seen
    assert company.verify(store, seen) == ""
    whole = leaves(company, store)
    for dropped in range(len(whole)):
        shorter = rewritten(company, store, whole[:dropped] + whole[dropped + 1 :])
        with pytest.raises(LogError, match="rolled back"):
            company.verify(shorter, seen)
        grounds = company.grounds()
        company.record(shorter, grounds, company.judged("new.json", b"{}", grounds))
        assert fsck(shorter, company.open(shorter).key).problems == ()
        with pytest.raises(LogError, match="forked"):
            company.verify(shorter, seen)


def test_a_store_made_anew_under_other_keys_is_refused(company: Company, rival: Company) -> None:
    forged = MemoryStore()
    rival.fill(forged)
    assert rival.verify(forged) == ""
    with pytest.raises(TrustError, match="the pinned root key is not among the keys"):
        company.verify(forged)
    # With the right trust policy among its blobs, but without the keys that it names.
    grounds = company.grounds()
    forged = MemoryStore()
    forge(company, forged, company.judged("private.json", b"{}", grounds), grounds, signer=rival.ci, log=rival)
    with pytest.raises(LogError, match="signatures by the key"):
        company.verify(forged)


def test_a_store_that_is_older_than_what_was_seen_is_refused(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    company.record(store, grounds, company.judged("first.json", b"{}", grounds))
    older = dict(store.objects)
    assert company.verify(store) == ""
    seen_first = company.open(store).seen
    company.fill(store)
    seen = company.open(store).seen
    assert company.verify(store, seen_first) == ""  # growing is what logs do
    for names in ([*store.objects], [LOCK, CHECKPOINT], [CHECKPOINT]):
        rolled_back = MemoryStore()
        rolled_back.objects = {
            name: older[name] if name in names else raw
            for name, raw in store.objects.items()
            if name not in names or name in older
        }
        with pytest.raises(LogError, match="rolled back"):
            company.verify(rolled_back, seen)


def test_a_fork_is_refused_by_whoever_has_seen_the_other_side(company: Company) -> None:
    store, fork, grounds = MemoryStore(), MemoryStore(), company.grounds()
    for made, raw in ((store, b"{}"), (fork, b"[]")):
        company.record(made, grounds, company.judged("change.json", raw, grounds))
        assert company.verify(made) == ""
    seen = company.open(store).seen
    assert company.open(fork).seen.size == seen.size
    with pytest.raises(LogError, match="forked"):
        company.verify(fork, seen)


# -- Trust policies ----------------------------------------------------------------------------------------------------


def test_a_trust_policy_older_than_one_seen_is_refused(company: Company) -> None:
    old, new = MemoryStore(), MemoryStore()
    newer = company.grounds(policy=msgspec.structs.replace(company.policy, version=3))
    company.record(new, newer, company.judged("change.json", b"{}", newer))
    company.fill(old)
    seen = msgspec.structs.replace(company.open(old).seen, trust_version=company.open(new).seen.trust_version)
    with pytest.raises(TrustError, match="version 2, and version 3 has been seen"):
        company.verify(old, seen)


def test_a_decision_under_an_older_trust_policy_than_the_log_knows_is_refused(company: Company) -> None:
    store = MemoryStore()
    newer = company.grounds(policy=msgspec.structs.replace(company.policy, version=3))
    older = company.grounds()
    company.record(store, newer, company.judged("change.json", b"{}", newer))
    assert company.verify(store) == ""
    company.record(store, older, company.judged("change.json", b"{}", older, now=LATER), now=LATER)
    with pytest.raises(TrustError, match=r"entry 0 was decided under version 3 .* version 2: .* rolled back"):
        company.verify(store)
    company.record(store, newer, company.judged("last.json", b"{}", newer, now=LATER), now=LATER)
    assert company.verify(store) == ""


def test_a_decision_under_a_root_of_ones_own_is_refused(company: Company, rival: Company) -> None:
    store = MemoryStore()
    keys = (
        *rival.policy.keys,
        rival.trusted(company.ci, Role.DECISION),
        rival.trusted(company.log_key, Role.CHECKPOINT),
    )
    own = rival.grounds(rival.waiver(), policy=msgspec.structs.replace(rival.policy, keys=keys))
    forge(company, store, company.judged("waived.json", company.plan(site="public-read"), own), own)
    assert rival.open(store).record(0).core.verdict.value == "WARN"
    with pytest.raises(TrustError, match="pinned root"):
        company.verify(store)
    company.fill(store)
    with pytest.raises(TrustError, match="entry 0 was decided under a trust policy of another root"):
        company.verify(store)


def test_a_root_that_was_replaced_still_covers_what_was_decided_under_it(company: Company, rival: Company) -> None:
    store = MemoryStore()
    company.fill(store)
    after = "2026-11-23T07:00:00Z"
    for not_after, holds in ((after, True), (NOW, False)):
        retired = msgspec.structs.replace(company.policy.keys[0], not_after=not_after)
        keys = (*rival.policy.keys, retired, *company.policy.keys[1:3])
        policy = msgspec.structs.replace(rival.policy, version=3, keys=keys)
        made, grounds = MemoryStore(), rival.grounds(policy=policy)
        made.objects = dict(store.objects)
        company.record(
            made, grounds, company.judged("new.json", company.plan(site="public-read"), grounds, now=LATER), now=LATER
        )
        if holds:
            assert rival.verify(made) == ""
            assert all(replay(rival.open(made), record.entry).same for record in rival.open(made).records())
        else:
            with pytest.raises(TrustError, match="entry 0 was decided under a trust policy of another root"):
                rival.verify(made)


# -- Evidence that says something else ---------------------------------------------------------------------------------


def forge(
    company: Company,
    store: MemoryStore,
    judged: Judged,
    grounds: Grounds,
    *,
    signer: KeySigner | None = None,
    log: Company | None = None,
    decided: Callable[[dict[str, Any]], None] = lambda _: None,
    summed_up: Callable[[dict[str, Any]], None] = lambda _: None,
    omitted: str = "",
) -> None:
    """What somebody with the keys could append, who does not use ``record``.

    ``decided`` and ``summed_up`` change the statements before they are signed; ``omitted`` is a digest that the entry
    does not refer to.
    """
    assert grounds.trust is not None
    blobs = [judged.subject.encoded, judged.decision.encoded, grounds.bundle.encoded, grounds.trust.encoded]
    blobs += [canonical.encode(fact) for fact in grounds.facts.values()]
    blobs += [*grounds.waivers, *grounds.trust_documents]
    statement, summary = map(msgspec.to_builtins, evidence.state(judged.decision, name=judged.name))
    decided(statement)
    statement = msgspec.convert(statement, evidence.Statement)
    attested = {"sha256": canonical.digest(statement.encoded)[7:]}
    summary["predicate"]["inputAttestations"][0]["digest"] = attested
    summed_up(summary)
    summary = msgspec.convert(summary, evidence.Statement)
    sealed = [evidence.seal(each, signer or company.ci) for each in (statement, summary)]
    first, second = map(canonical.digest, sealed)
    references = {canonical.digest(raw) for raw in blobs} - {omitted}
    kept = {canonical.digest(raw): raw for raw in [*blobs, *sealed] if canonical.digest(raw) != omitted}
    new = [
        Entry(kind="decision", envelope=first, at=NOW, references=tuple(sorted(references))),
        Entry(kind="summary", envelope=second, at=NOW, references=(first,)),
    ]
    append(store, new, kept, (log or company).sequencer, now=NOW)


@pytest.fixture(scope="module")
def waived(company: Company) -> tuple[Grounds, Judged]:
    """A decision that cites everything that a decision can cite."""
    from gateproof.inputs.context import Fact

    fact = Fact(name="inventory", source="test", observed_at=NOW, max_age=60, value={"zones": 3})
    grounds = company.grounds(company.waiver(), facts=(fact,))
    return grounds, company.judged("waived.json", company.plan(site="public-read"), grounds)


def test_what_is_forged_without_a_change_holds(company: Company, waived: tuple[Grounds, Judged]) -> None:
    store = MemoryStore()
    forge(company, store, waived[1], waived[0])
    assert company.verify(store) == ""
    assert replay(company.open(store), 0).same


def test_a_decision_signed_by_a_key_that_may_not_is_refused(company: Company, waived: tuple[Grounds, Judged]) -> None:
    for signer in (company.vera, company.log_key, company.root, company.foreign):
        store = MemoryStore()
        forge(company, store, waived[1], waived[0], signer=signer)
        with pytest.raises(TrustError, match="not signed by a key that may sign as 'decision'"):
            company.verify(store)


def test_an_entry_that_omits_any_blob_it_needs_is_refused(company: Company, waived: tuple[Grounds, Judged]) -> None:
    grounds, judged = waived
    core = judged.decision.core
    assert grounds.trust is not None
    needed = {judged.decision.digest, *evidence.cited(core, grounds.trust.record)}
    # core, input, bundle, a fact, a waiver, the trust record, the trust policy, the roster
    assert len(needed) == 8
    for omitted in needed:
        store = MemoryStore()
        forge(company, store, judged, grounds, omitted=omitted)
        with pytest.raises(LogError):
            company.verify(store)
        # The blob may be at hand all the same: what no entry names, no check of all files would miss.
        forge(company, store, judged, grounds)
        with pytest.raises(LogError, match="entry 0: the decision refers to blobs that its entry does not name"):
            company.verify(store)


def saying(part: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda said: said.update({part: value})


def differently(value: Any) -> Iterator[Any]:
    """Other values of the same shape."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ({**value, name: other} for other in differently(member))
        if not value:
            yield {"more": canonical.digest(b"more")}
    elif isinstance(value, list | tuple):
        yield [*value, *value] if value else [{"digest": canonical.digest(b"w"), "counted": True, "reason": ""}]
        for place, member in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in differently(member))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif canonical.is_digest(value):
        yield canonical.digest(b"another")
    else:
        yield from {"WARN": ["ALLOW"], "PASSED": ["FAILED"], "ci": ["cd"]}.get(value, [value + "x"])


UNSIGNED = {("layer", "cd"), ("actor", "x"), ("surface", "clix")}
"""What a statement alone says: where the question was asked. It follows from nothing, so nothing contradicts it."""


def test_a_statement_that_says_anything_else_than_its_core_is_refused(
    company: Company, waived: tuple[Grounds, Judged]
) -> None:
    grounds, judged = waived
    statement = msgspec.to_builtins(evidence.state(judged.decision, name=judged.name)[0])
    tried, unnoticed = 0, set()
    for part in ("predicate", "subject"):
        for other in differently(statement[part]):
            if part == "subject" and other[0]["name"] != judged.name and len(other) == 1:
                continue  # the name is the one thing that is free: nothing else holds it
            store = MemoryStore()
            forge(company, store, judged, grounds, decided=saying(part, other))
            try:
                noticed = company.verify(store) != ""
            except GateproofError:
                noticed = True
            if not noticed:
                unnoticed |= {item for item in other.items() if item not in statement[part].items()}
            tried += 1
    assert unnoticed == UNSIGNED
    assert tried > 15


def test_a_summary_that_says_anything_else_than_its_decision_is_refused(
    company: Company, waived: tuple[Grounds, Judged]
) -> None:
    grounds, judged = waived
    summary = msgspec.to_builtins(evidence.state(judged.decision, name=judged.name)[1])
    tried = 0
    for part in ("predicate", "subject"):
        for other in differently(summary[part]):
            if part == "predicate" and other["verifier"] != summary[part]["verifier"]:
                continue  # who runs the gate is for the summary to say
            store = MemoryStore()
            forge(company, store, judged, grounds, summed_up=saying(part, other))
            with pytest.raises((LogError, TrustError)):
                company.verify(store)
            tried += 1
    assert tried > 8


def test_another_valid_core_in_the_place_of_the_signed_one_is_refused(company: Company) -> None:
    grounds = company.grounds()
    denied = company.judged("change.json", company.plan(site="public-read"), grounds)
    core = msgspec.structs.replace(denied.decision.core, verdict=type(denied.decision.core.verdict).ALLOW)
    allowed = msgspec.structs.replace(denied, decision=msgspec.structs.replace(denied.decision, core=core))
    # In the blob of the signed one.
    store = MemoryStore()
    company.record(store, grounds, denied)
    store.objects[entries.blob_name(denied.decision.digest)] = allowed.decision.encoded
    with pytest.raises(LogError, match="was altered"):
        company.open(store).record(0)
    assert "does not have the digest" in company.verify(store)
    # Under its own digest, which the statement names while it says the rest of the signed one.
    store = MemoryStore()
    denying = msgspec.to_builtins(evidence.state(denied.decision, name=denied.name)[0])["predicate"]

    forge(company, store, allowed, grounds, decided=saying("predicate", {**denying, "core": allowed.decision.digest}))
    with pytest.raises(LogError, match="the statement and the stored decision disagree"):
        company.verify(store)
    # Signed as it is: evidence of a decision that nobody can make again.
    store = MemoryStore()
    forge(company, store, allowed, grounds)
    assert company.verify(store) == ""
    assert not replay(company.open(store), 0).same
