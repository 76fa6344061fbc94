"""Statements about a decision, sealed and opened again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Classification, Environment, Layer, Tier
from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.evidence import (
    DECISION_TYPE,
    PAYLOAD_TYPE,
    VSA_TYPE,
    Statement,
    VerificationResult,
    decision_predicate,
    open_statement,
    predicate_of,
    seal,
    state,
    verification_summary,
)
from gateproof.gate.decision import Core, Decision, Departure, Scene, Verdict, WaiverUse
from gateproof.inputs.input import Subject
from gateproof.trust import (
    DocumentKind,
    KeySigner,
    Role,
    Trust,
    TrustedKey,
    TrustPolicy,
    dsse,
    open_trust,
    sign_document,
)

NOW = "2026-11-23T05:00:00Z"
ROOT, CI, OTHER_CI = (KeySigner.generate() for _ in range(3))


def named(text: str) -> str:
    return canonical.digest(text.encode())


IMAGE = "registry.example/app@" + named("image")


def decision(verdict: Verdict = Verdict.ALLOW, *, layer: Layer = Layer.CI, **changes: Any) -> Decision:
    scene = Scene(
        service="payments/api",
        environment=Environment.PROD,
        tier=Tier.ONE,
        data_classification=Classification.RESTRICTED,
        artifact=changes.pop("artifact", ""),
    )
    core = Core(
        verdict=verdict,
        subject=Subject(InputKind.TERRAFORM_PLAN, named("plan"), 4),
        input=named("input"),
        bundle=named("bundle"),
        gate_table=named("gate table"),
        decided_at=NOW,
        scene=scene,
        tool="gateproof 0.1.0",
        facts={"inventory": named("inventory")},
        waivers=(WaiverUse(named("waiver"), counted=False, reason="it expired"),),
        trust=named("trust"),
    )
    return Decision(core=msgspec.structs.replace(core, **changes), layer=layer, actor="ci-bot", surface="cli")


def trust(*keys: tuple[KeySigner, Role]) -> Trust:
    policy = TrustPolicy(
        version=1,
        name="payments",
        log_origin="gateproof.example/payments",
        keys=tuple(
            TrustedKey(fingerprint=key.fingerprint, public_key=key.public_key_pem, name=role.value, roles=(role,))
            for key, role in ((ROOT, Role.TRUST), *keys)
        ),
    )
    return open_trust(sign_document(DocumentKind.TRUST, policy, ROOT), ROOT.fingerprint, None, NOW)


TRUST = trust((CI, Role.DECISION), (OTHER_CI, Role.WAIVER))


def test_the_decision_statement_names_all_that_a_replay_needs() -> None:
    made = decision()
    decided, _ = state(made)
    said = decision_predicate(open_statement(seal(decided, CI), TRUST, NOW))
    assert said == predicate_of(made)
    assert said.core == canonical.digest(made.encoded)
    assert said.facts == {"inventory": named("inventory")}
    assert (said.layer, said.actor, said.surface) == (Layer.CI, "ci-bot", "cli")
    assert decided.predicate_type == DECISION_TYPE
    assert decided.predicate["gateTable"] == named("gate table")


def test_the_subjects_are_the_judged_bytes_and_the_artifact() -> None:
    decided, summary = state(decision(artifact=IMAGE), name="plan.json")
    assert decided.subject == summary.subject
    assert [(subject.name, subject.digest) for subject in decided.subject] == [
        ("plan.json", {"sha256": named("plan")[7:]}),
        (IMAGE, {"sha256": named("image")[7:]}),
    ]


@pytest.mark.parametrize("artifact", ["", "registry.example/app:latest", "app@sha256:abc", named("plan")])
def test_an_artifact_without_a_digest_of_its_own_is_no_subject(artifact: str) -> None:
    decided, _ = state(decision(artifact=artifact))
    assert [subject.name for subject in decided.subject] == ["terraform-plan"]


@pytest.mark.parametrize(
    ("verdict", "result", "level"),
    [
        (Verdict.ALLOW, VerificationResult.PASSED, "GATEPROOF_ALLOW"),
        (Verdict.WARN, VerificationResult.PASSED, "GATEPROOF_WARN"),
        (Verdict.DENY, VerificationResult.FAILED, "FAILED"),
        (Verdict.UNDECIDED, VerificationResult.FAILED, "FAILED"),
    ],
)
def test_only_allow_and_warn_pass(verdict: Verdict, result: VerificationResult, level: str) -> None:
    _, summary = state(decision(verdict))
    said = verification_summary(summary)
    assert said.verification_result is result
    assert said.verified_levels == (level,)


def test_the_verdict_is_that_of_the_layer() -> None:
    departures = (Departure(Layer.CD, Verdict.UNDECIDED),)
    at_ci, at_cd = (decision(layer=layer, departures=departures) for layer in (Layer.CI, Layer.CD))
    assert at_ci.digest == at_cd.digest
    assert predicate_of(at_ci).verdict is Verdict.ALLOW
    assert predicate_of(at_cd).verdict is Verdict.UNDECIDED
    assert verification_summary(state(at_cd)[1]).verification_result is VerificationResult.FAILED


def test_the_summary_reads_as_slsa_writes_it() -> None:
    decided, summary = state(decision(), verifier="https://gates.example/ci")
    assert msgspec.json.decode(summary.encoded) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "terraform-plan", "digest": {"sha256": named("plan")[7:]}}],
        "predicateType": VSA_TYPE,
        "predicate": {
            "verifier": {"id": "https://gates.example/ci"},
            "timeVerified": NOW,
            "resourceUri": "urn:gateproof:service:payments%2Fapi:prod",
            "policy": {
                "uri": "urn:gateproof:bundle:" + named("bundle"),
                "digest": {"sha256": named("bundle")[7:]},
            },
            "inputAttestations": [
                {
                    "uri": "urn:gateproof:decision:" + decision().digest,
                    "digest": {"sha256": canonical.digest(decided.encoded)[7:]},
                }
            ],
            "verificationResult": "PASSED",
            "verifiedLevels": ["GATEPROOF_ALLOW"],
        },
    }


def test_the_same_decision_is_stated_in_the_same_bytes() -> None:
    assert [one.encoded for one in state(decision())] == [one.encoded for one in state(decision())]


def test_a_statement_counts_under_its_role_alone() -> None:
    envelope = seal(state(decision())[0], OTHER_CI)
    assert open_statement(envelope, TRUST, NOW, role=Role.WAIVER)
    with pytest.raises(TrustError, match="not signed by a key that may sign as 'decision'"):
        open_statement(envelope, TRUST, NOW)


@pytest.mark.parametrize("signer", [ROOT, KeySigner.generate()], ids=["root", "stranger"])
def test_other_keys_do_not_count(signer: KeySigner) -> None:
    with pytest.raises(TrustError, match="not signed by a key"):
        open_statement(seal(state(decision())[0], signer), TRUST, NOW)


def test_every_byte_of_an_envelope_matters() -> None:
    raw = seal(state(decision())[0], CI)
    assert open_statement(raw, TRUST, NOW)
    for index in range(len(raw)):
        with pytest.raises(TrustError):
            open_statement(raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :], TRUST, NOW)


def signed(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    return dsse.encode(dsse.seal(payload, payload_type, [CI]))


GOOD = state(decision())[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        signed(GOOD.encoded, "application/json"),
        signed(b""),
        signed(b"{}"),
        signed(b"[" * 100_000),
        signed(GOOD.encoded + b" "),
        signed(GOOD.encoded.replace(b"{", b'{"_type":"x",', 1)),
        signed(GOOD.encoded.replace(b"Statement/v1", b"Statement/v9")),
        signed(msgspec.structs.replace(GOOD, subject=()).encoded),
    ],
    ids=range(9),
)
def test_what_is_signed_and_still_no_statement(raw: bytes) -> None:
    with pytest.raises(TrustError) as caught:
        open_statement(raw, TRUST, NOW)
    assert caught.value.hint


def with_predicate(**changes: Any) -> Statement:
    return msgspec.structs.replace(GOOD, predicate={**GOOD.predicate, **changes})


@pytest.mark.parametrize(
    "statement",
    [
        state(decision())[1],
        with_predicate(extra=1),
        with_predicate(verdict="PASSED"),
        with_predicate(core="../../etc/passwd"),
        with_predicate(facts={"inventory": "sha256:short"}),
        with_predicate(trust="none"),
        msgspec.structs.replace(GOOD, predicate={}),
    ],
    ids=range(7),
)
def test_predicates_are_read_strictly(statement: Statement) -> None:
    with pytest.raises(TrustError, match="not a statement that gateproof reads"):
        decision_predicate(statement)


def test_a_decision_without_trust_has_none_to_name() -> None:
    assert decision_predicate(state(decision(trust=""))[0]).trust == ""


def test_a_summary_is_not_a_decision() -> None:
    with pytest.raises(TrustError, match="its predicate is"):
        verification_summary(GOOD)
