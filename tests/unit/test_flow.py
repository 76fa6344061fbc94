"""The one way through: judged, recorded, replayed; and what ``record`` refuses before the log could not forget it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gateproof import flow, inputs
from gateproof.catalog.scales import Layer
from gateproof.documents import canonical
from gateproof.errors import DocumentError, GateproofError, LogError, TrustError
from gateproof.gate.decision import Decision, Verdict
from gateproof.inputs.context import Fact
from gateproof.log import entry as entries
from gateproof.log.note import VerifierKey
from gateproof.log.receipt import verify_receipt
from gateproof.testing import MemoryStore
from gateproof.trust import Algorithm, KeySigner, Role

if TYPE_CHECKING:
    from tests.conftest import Company

NOW = "2026-11-23T05:00:00Z"
BYTES_TRIED = 400


def judge(company: Company, raw: bytes, **changes: Any) -> Decision:
    context = msgspec.structs.replace(company.context, **changes)
    return flow.judge(raw, company.bundle, {}, context, (), None, NOW)


# -- judge -------------------------------------------------------------------------------------------------------------


def test_a_change_is_denied_or_allowed(company: Company) -> None:
    assert judge(company, company.plan(site="public-read")).verdict is Verdict.DENY
    assert judge(company, company.plan(site="private")).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\xfd", b"{", b"[" * 100_000, b'{"format_version":"1.2"}', b"\0" * 64, b"a: *b"]
)
def test_bad_bytes_are_undecided(company: Company, raw: bytes) -> None:
    decision = judge(company, raw)
    assert decision.verdict is Verdict.UNDECIDED
    assert decision.core.problems
    assert decision.core.subject.digest == canonical.digest(raw)


def test_bytes_and_an_input_are_judged_alike(company: Company) -> None:
    raw = company.plan(site="public-read")
    parsed = flow.judge_input(inputs.parse(raw), company.bundle, {}, company.context, (), None, NOW)
    assert parsed == judge(company, raw)


def test_the_core_says_nothing_of_where_it_was_asked(company: Company) -> None:
    raw = company.plan(site="public-read")
    cores = {
        judge(company, raw, layer=layer, actor=actor, surface=surface).encoded
        for layer in Layer
        for actor in ("", "abe@example.com")
        for surface in ("cli", "webhook")
    }
    assert len(cores) == 1


def test_the_core_says_everything_else(company: Company) -> None:
    raw = company.plan(site="public-read")
    grounds = company.grounds(company.waiver())
    fact = Fact(name="weather", source="test", observed_at=NOW, max_age=1, value="fair")

    def core(**changes: Any) -> bytes:
        given = {"facts": {}, "waivers": (), "trusted": None, "now": NOW, **changes}
        return flow.judge_input(
            inputs.parse(given.pop("raw", raw)), company.bundle, context=company.context, **given
        ).encoded

    cores = [
        core(),
        core(raw=raw + b" "),
        core(facts={"weather": fact}),
        core(trusted=grounds.trust),
        core(trusted=grounds.trust, waivers=grounds.waivers),
        core(now="2026-11-23T05:00:01Z"),
        core(tool="gateproof 0"),
    ]
    assert len(set(cores)) == len(cores)


# -- record ------------------------------------------------------------------------------------------------------------


def test_receipts_come_in_the_order_of_the_decisions(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    judged = [company.judged(f"{number}.json", company.plan(site=str(number)), grounds) for number in range(3)]
    receipts = company.record(store, grounds, *judged)
    reader = company.open(store)
    key = VerifierKey(company.sequencer.name, company.sequencer.public_key)
    for one, receipt in zip(judged, receipts, strict=True):
        record = reader.record(receipt.index)
        assert (record.name, record.digest) == (one.name, one.decision.digest)
        assert verify_receipt(receipt, reader.view.leaf(receipt.index), key).size == 6


def test_decisions_that_are_many_are_in_the_log_alone(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    judged = [company.judged("plan.json", company.plan(data="private"), grounds)]
    flow.record(judged, grounds, company.ci, company.sequencer, store, now=NOW, pointed=False)
    assert list(store.names("evidence/")) == []
    assert company.verify(store) == ""


def test_nothing_to_record_writes_nothing(company: Company) -> None:
    store = MemoryStore()
    assert company.record(store, company.grounds()) == []
    assert store.objects == {}


def test_one_decision_may_be_recorded_again(company: Company) -> None:
    """Under another name, at another layer, by a key that never signs twice alike: one core, several entries."""
    store, grounds = MemoryStore(), company.grounds()
    one = company.judged("one.json", company.plan(site="private"), grounds)
    late = msgspec.structs.replace(one.decision, layer=Layer.CD)
    company.record(store, grounds, one, msgspec.structs.replace(one, name="other.json"))
    company.record(store, grounds, one, msgspec.structs.replace(one, decision=late))
    assert company.verify(store) == ""
    assert len({record.digest for record in company.open(store).records()}) == 1

    ecdsa = KeySigner.generate(Algorithm.ECDSA_P256)
    keys = (*company.policy.keys, company.trusted(ecdsa, Role.DECISION))
    grounds = company.grounds(policy=msgspec.structs.replace(company.policy, keys=keys))
    one = company.judged("one.json", company.plan(site="private"), grounds)
    for _ in range(2):
        flow.record([one], grounds, ecdsa, company.sequencer, store, now=NOW)
    assert company.verify(store) == ""


@pytest.mark.parametrize(
    ("commit", "artifact", "release"),
    [
        ("a" * 40, "", "a" * 40),
        ("feature/größe 1", "", "feature-gr--e-1"),
        ("../../etc", "", "-.-..-etc"),
        ("", "localhost:5000/app", "5000-app"),
        ("", "registry.example/app@sha256:" + "b" * 64, "b" * 40),
        ("", "app:v1.0", "v1.0"),
        ("", "", "unreleased"),
        ("", "app:", "unreleased"),
    ],
)
def test_pointers_have_names_whatever_the_release_is_called(
    company: Company, commit: str, artifact: str, release: str
) -> None:
    store, grounds = MemoryStore(), company.grounds()
    context = msgspec.structs.replace(company.context, commit=commit, artifact=artifact)
    raw = company.plan(site="private")
    decision = flow.judge(raw, grounds.bundle, {}, context, (), grounds.trust, NOW)
    company.record(store, grounds, flow.Judged("change.json", inputs.parse(raw), decision))
    (name,) = store.names("evidence/")
    assert name.startswith(f"evidence/soc2@2017:CC6.1/2026-11-23/{release}/decision-")
    assert company.verify(store) == ""


def test_a_key_that_may_not_sign_decisions_records_nothing(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    judged = company.judged("change.json", b"{}", grounds)
    for signer in (company.foreign, company.log_key, company.vera, company.root):
        with pytest.raises(TrustError, match="does not let this key sign decisions now") as caught:
            flow.record([judged], grounds, signer, company.sequencer, store, now=NOW)
        assert caught.value.hint
    expired = company.trusted(company.ci, Role.DECISION, not_after=NOW)
    keys = (company.policy.keys[0], expired, *company.policy.keys[2:])
    over = company.grounds(policy=msgspec.structs.replace(company.policy, keys=keys))
    with pytest.raises(TrustError, match="does not let this key sign decisions now"):
        company.record(store, over, company.judged("change.json", b"{}", over))
    assert store.objects == {}


def test_what_could_not_be_replayed_is_not_recorded(company: Company, rival: Company) -> None:
    """The log forgets nothing: an entry without what it was decided by would be refused by every verifier, for ever."""
    store = MemoryStore()
    fact = Fact(name="weather", source="test", observed_at=NOW, max_age=1, value="fair")
    whole = company.grounds(company.waiver(), facts=(fact,))
    judged = company.judged("change.json", company.plan(site="public-read"), whole)
    bundle = msgspec.structs.replace(whole.bundle, policies=())
    for grounds in (
        msgspec.structs.replace(whole, bundle=bundle),
        msgspec.structs.replace(whole, facts={}),
        msgspec.structs.replace(whole, waivers=()),
        msgspec.structs.replace(whole, trust_documents=whole.trust_documents[:1]),
        msgspec.structs.replace(whole, trust_documents=()),
        msgspec.structs.replace(whole, trust=None),
    ):
        with pytest.raises(LogError, match="made by other grounds") as caught:
            company.record(store, grounds, judged)
        assert caught.value.hint
    other = msgspec.structs.replace(judged, subject=inputs.parse(b"{}"))
    with pytest.raises(LogError, match="or another input"):
        company.record(store, whole, other)
    with pytest.raises(TrustError):
        company.record(store, rival.grounds(), judged)
    assert store.objects == {}
    company.record(store, whole, judged)
    assert company.verify(store) == ""


def test_a_store_that_was_rolled_back_is_not_added_to(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    judged = company.judged("change.json", b"{}", grounds)
    company.record(store, grounds, judged)
    older = dict(store.objects)
    company.record(store, grounds, judged)
    seen = company.open(store).seen.checkpoint
    store.objects = dict(older)
    with pytest.raises(LogError, match="rolled back"):
        flow.record([judged], grounds, company.ci, company.sequencer, store, now=NOW, last_seen=seen)
    assert store.objects == older


def test_decisions_without_a_trust_policy_are_recorded_and_verify_once_one_is_named(company: Company) -> None:
    store, bare = MemoryStore(), flow.Grounds(bundle=company.bundle)
    raw = company.plan(site="private")
    decision = flow.judge(raw, company.bundle, {}, company.context, (), None, NOW)
    company.record(store, bare, flow.Judged("bare.json", inputs.parse(raw), decision))
    with pytest.raises(TrustError, match="names no trust policy"):
        company.open(store)
    company.fill(store)
    assert company.verify(store) == ""
    assert flow.replay(company.open(store), 0).same


# -- replay ------------------------------------------------------------------------------------------------------------


def test_every_decision_is_replayed_to_the_same_bytes(company: Company) -> None:
    store = MemoryStore()
    receipts = company.fill(store)
    fact = Fact(name="weather", source="test", observed_at=NOW, max_age=1, value={"b": [1, 2.5], "a": None})
    grounds = company.grounds(company.waiver(), b"no waiver", facts=(fact,))
    unreadable = company.judged("broken.json", b"\xff", grounds)
    pods = company.judged("pod.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n", grounds)
    receipts += company.record(store, grounds, unreadable, pods)
    reader = company.open(store)
    replayed = [flow.replay(reader, receipt.index) for receipt in receipts]
    assert len(replayed) == 5
    for one in replayed:
        assert one.same
        assert one.decision.encoded == reader.view.blob(one.signed)


def test_a_replay_repeats_the_layer_and_the_tool(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    raw = company.plan(site="private")
    context = msgspec.structs.replace(company.context, layer=Layer.CD, actor="abe@example.com", surface="webhook")
    decision = flow.judge_input(
        inputs.parse(raw), grounds.bundle, {}, context, (), grounds.trust, NOW, tool="gateproof 0.0.0-older"
    )
    company.record(store, grounds, flow.Judged("change.json", inputs.parse(raw), decision))
    assert flow.replay(company.open(store), 0).decision == decision


def test_a_decision_that_nobody_can_make_again_is_told_apart(company: Company) -> None:
    store, grounds = MemoryStore(), company.grounds()
    judged = company.judged("change.json", company.plan(site="public-read"), grounds)
    core = msgspec.structs.replace(judged.decision.core, verdict=Verdict.ALLOW)
    allowed = msgspec.structs.replace(judged.decision, core=core)
    company.record(store, grounds, msgspec.structs.replace(judged, decision=allowed))
    replayed = flow.replay(company.open(store), 0)
    assert not replayed.same
    assert replayed.signed == allowed.digest
    assert replayed.decision.core.verdict is Verdict.DENY


def test_a_replay_of_damaged_evidence_is_an_error(company: Company) -> None:
    store = MemoryStore()
    company.fill(store)
    core = company.open(store).record(4).core
    for digest in (core.input, core.bundle, core.trust, core.waivers[0].digest):
        intact = dict(store.objects)
        store.objects[entries.blob_name(digest)] = b"{}"
        with pytest.raises((LogError, TrustError, DocumentError)):
            flow.replay(company.open(store), 4)
        store.objects = intact


# -- Tamper evidence, a sample -----------------------------------------------------------------------------------------


def test_flipped_bytes_are_noticed(company: Company) -> None:
    """A sample, drawn with a fixed seed; ``tests/integration/test_evidence_tamper.py`` flips every byte there is."""
    store = MemoryStore()
    company.fill(store)
    intact = dict(store.objects)
    places = [(name, place) for name, raw in sorted(intact.items()) for place in range(len(raw))]
    unnoticed = []
    for name, place in random.Random(1).sample(places, BYTES_TRIED):  # noqa: S311 - a sample, not a secret
        raw = intact[name]
        store.objects[name] = raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :]
        try:
            if not company.verify(store):
                unnoticed.append((name, place))
        except GateproofError:
            pass
        store.objects[name] = raw
    assert unnoticed == []
    assert company.verify(store) == ""
