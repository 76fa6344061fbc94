"""Admission of waivers: a small company, a waiver of each kind that counts, and one change for each refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Environment
from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.inputs.context import Claim, Context, Fact
from gateproof.inputs.input import Subject
from gateproof.trust import (
    DocumentKind,
    Granted,
    KeySigner,
    Person,
    ReasonCode,
    Refusal,
    Refused,
    Revocation,
    Role,
    Roster,
    Trust,
    TrustedKey,
    TrustPolicy,
    Waiver,
    WaiverKind,
    WaiverLimits,
    admit,
    dsse,
    open_trust,
    sign_document,
)

NOW = "2026-11-23T05:00:00Z"
KEYS = {name: KeySigner.generate() for name in ("root", "vp", "manager", "lead", "ci", "stranger")}
SUBJECT = Subject(kind=InputKind.TERRAFORM_PLAN, digest=canonical.digest(b"a plan"), size=6)
OTHER_SUBJECT = canonical.digest(b"another plan")


def trusted(name: str, *roles: Role, identity: str = "") -> TrustedKey:
    signer = KEYS[name]
    return TrustedKey(
        fingerprint=signer.fingerprint, public_key=signer.public_key_pem, name=name, roles=roles, identity=identity
    )


POLICY = TrustPolicy(
    version=3,
    name="payments",
    log_origin="gateproof.example/payments",
    keys=(
        trusted("root", Role.TRUST, Role.ROSTER),
        trusted("vp", Role.WAIVER, identity="vera@example.com"),
        trusted("manager", Role.WAIVER, identity="max@example.com"),
        trusted("lead", Role.WAIVER, identity="lee@example.com"),
        trusted("ci", Role.DECISION, Role.CHECKPOINT),
    ),
)
ROSTER = Roster(
    version=7,
    people=(
        Person("vera@example.com", "Vera", "vp", ("vera-gh",)),
        Person("max@example.com", "Max", "manager"),
        Person("lee@example.com", "Lee", "lead"),
        Person("rita@example.com", "Rita", "engineer", ("rita-gh",)),
        Person("abe@example.com", "Abe", "engineer"),
    ),
)
EXCEPTION = Waiver(
    kind=WaiverKind.EXCEPTION,
    policies=("s3-public-access", "s3-encryption"),
    environment=Environment.PROD,
    service="payments",
    reason_code=ReasonCode.PLANNED_FIX,
    reason="The bucket moves to the new account next sprint.",
    risk_owner="vera@example.com",
    requester="rita@example.com",
    approver="max@example.com",
    ticket="PAY-17",
    not_before="2026-11-01T00:00:00Z",
    not_after="2026-12-01T00:00:00Z",
    subject=SUBJECT.digest,
    resources=("module.store.*",),
    errors=("s3-encryption",),
)
BREAK_GLASS = msgspec.structs.replace(
    EXCEPTION,
    kind=WaiverKind.BREAK_GLASS,
    reason_code=ReasonCode.INCIDENT,
    approver="vera@example.com",
    not_before="2026-11-23T04:30:00Z",
    not_after="2026-11-23T06:30:00Z",
)


def fact(name: str, value: Any, *, observed_at: str = NOW, max_age: int = 300) -> Fact:
    return Fact(name=name, source="test", observed_at=observed_at, max_age=max_age, value=value)


FACTS = {"trusted-time": fact("trusted-time", {"time": NOW}), "waiver-uses": fact("waiver-uses", {"uses": []})}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that admission looks at. ``envelope`` replaces the sealed waiver when it is given."""

    waiver: Waiver = EXCEPTION
    signer: str = "manager"
    policy: TrustPolicy = POLICY
    roster: Roster | None = ROSTER
    trusted: bool = True
    context: Context = Context(service="payments", author="abe@example.com")
    subject: Subject = SUBJECT
    facts: dict[str, Fact] = msgspec.field(default_factory=lambda: FACTS)
    now: str = NOW
    envelope: bytes = b""

    def but(self, **changes: Any) -> Case:
        return msgspec.structs.replace(self, **changes)

    def but_waiver(self, **changes: Any) -> Case:
        return self.but(waiver=msgspec.structs.replace(self.waiver, **changes))

    def but_policy(self, **changes: Any) -> Case:
        return self.but(policy=msgspec.structs.replace(self.policy, **changes))

    def sealed(self) -> bytes:
        return self.envelope or sign_document(DocumentKind.WAIVER, self.waiver, KEYS[self.signer])

    def trust(self) -> Trust | None:
        return opened(self.policy, self.roster, self.now) if self.trusted else None

    def outcome(self) -> Granted | Refused:
        (found,) = admit([self.sealed()], self.subject, self.context, self.trust(), self.facts, self.now)
        return found


def opened(policy: TrustPolicy = POLICY, roster: Roster | None = ROSTER, now: str = NOW) -> Trust:
    root = KEYS["root"]
    return open_trust(
        sign_document(DocumentKind.TRUST, policy, root),
        root.fingerprint,
        None if roster is None else sign_document(DocumentKind.ROSTER, roster, root),
        now,
    )


BASE = Case()
URGENT = Case(waiver=BREAK_GLASS, signer="vp")

Change = Callable[[Case], Case]


def altered(case: Case) -> Case:
    """The waiver's text changed after it was signed."""
    envelope = dsse.decode(case.sealed())
    forged = canonical.encode(msgspec.structs.replace(case.waiver, reason="Because."))
    payload = dsse.seal(forged, envelope.payload_type, [KEYS[case.signer]]).payload
    return case.but(envelope=dsse.encode(msgspec.structs.replace(envelope, payload=payload)))


def resealed(case: Case, payload_type: str, *signers: str) -> Case:
    """The same waiver under another payload type, or other signatures."""
    payload = canonical.encode(case.waiver)
    return case.but(envelope=dsse.encode(dsse.seal(payload, payload_type, [KEYS[name] for name in signers])))


def without_keyid(case: Case) -> Case:
    envelope = dsse.decode(case.sealed())
    (signature,) = envelope.signatures
    stripped = msgspec.structs.replace(envelope, signatures=(msgspec.structs.replace(signature, keyid=""),))
    return case.but(envelope=dsse.encode(stripped))


def unchecked(case: Case, **changes: Any) -> Case:
    """A waiver that ``sign_document`` would not sign, signed all the same."""
    return resealed(case.but_waiver(**changes), DocumentKind.WAIVER.payload_type, case.signer)


def revoked(case: Case, digest: str, at: str = NOW) -> Case:
    return case.but_policy(revoked=(Revocation(digest=digest, reason="mistake", at=at),))


def with_key(case: Case, name: str, **changes: Any) -> Case:
    return case.but_policy(
        keys=tuple(msgspec.structs.replace(key, **changes) if key.name == name else key for key in case.policy.keys)
    )


def with_fact(case: Case, name: str, value: Any, **changes: Any) -> Case:
    return case.but(facts={**case.facts, name: fact(name, value, **changes)})


def without_fact(case: Case, name: str) -> Case:
    return case.but(facts={key: value for key, value in case.facts.items() if key != name})


def in_context(case: Case, **changes: Any) -> Case:
    return case.but(context=msgspec.structs.replace(case.context, **changes))


def used(case: Case, subject: str, waiver: str) -> Case:
    return with_fact(case, "waiver-uses", {"uses": [{"waiver": waiver, "subject": subject}]})


def at(time_of_day: str) -> dict[str, str]:
    return {"time": f"2026-11-23T{time_of_day}Z"}


WAIVER_TYPE = DocumentKind.WAIVER.payload_type
ENDLESS = with_fact(URGENT, "waiver-uses", {}, observed_at="2026-11-23T05:01:01Z", max_age=10**18)
BY_MANAGER = URGENT.but(signer="manager").but_waiver(approver="max@example.com")

REFUSED: list[tuple[str, Refusal, Case]] = [
    ("empty", Refusal.UNREADABLE, BASE.but(envelope=b" ")),
    ("not JSON", Refusal.UNREADABLE, BASE.but(envelope=b"kind: exception")),
    ("not an envelope", Refusal.UNREADABLE, BASE.but(envelope=canonical.encode(EXCEPTION))),
    ("another payload type", Refusal.UNREADABLE, resealed(BASE, DocumentKind.ROSTER.payload_type, "manager")),
    ("two signatures", Refusal.UNREADABLE, resealed(BASE, WAIVER_TYPE, "manager", "vp")),
    ("the same signature twice", Refusal.UNREADABLE, resealed(BASE, WAIVER_TYPE, "manager", "manager")),
    ("no key id", Refusal.UNREADABLE, without_keyid(BASE)),
    ("no policies", Refusal.UNREADABLE, unchecked(BASE, policies=(), errors=())),
    ("all policies", Refusal.UNREADABLE, unchecked(BASE, policies=("all",), errors=())),
    ("any policy", Refusal.UNREADABLE, unchecked(BASE, policies=("*",), errors=())),
    ("no scope", Refusal.UNREADABLE, unchecked(BASE, subject="", resources=())),
    ("every resource", Refusal.UNREADABLE, unchecked(BASE, subject="", resources=("*",))),
    ("an error of another policy", Refusal.UNREADABLE, unchecked(BASE, errors=("containers",))),
    ("a time zone", Refusal.UNREADABLE, unchecked(BASE, not_after="2026-12-01T00:00:00+01:00")),
    ("an empty interval", Refusal.UNREADABLE, unchecked(BASE, not_after=EXCEPTION.not_before)),
    ("no risk owner", Refusal.UNREADABLE, unchecked(BASE, risk_owner=" ")),
    ("no trust policy", Refusal.NO_TRUST, BASE.but(trusted=False)),
    ("no roster", Refusal.NO_TRUST, BASE.but(roster=None)),
    ("altered", Refusal.BAD_SIGNATURE, altered(BASE)),
    ("a foreign key", Refusal.BAD_SIGNATURE, BASE.but(signer="stranger")),
    ("a key for decisions", Refusal.KEY_NOT_ALLOWED, with_key(BASE, "manager", roles=(Role.DECISION,))),
    ("the root key", Refusal.KEY_NOT_ALLOWED, BASE.but(signer="root")),
    ("a key not valid yet", Refusal.KEY_NOT_ALLOWED, with_key(BASE, "manager", not_before="2026-11-23T05:00:01Z")),
    ("an expired key", Refusal.KEY_NOT_ALLOWED, with_key(BASE, "manager", not_after=NOW)),
    ("a revoked key", Refusal.KEY_NOT_ALLOWED, revoked(BASE, KEYS["manager"].fingerprint)),
    ("revoked by envelope", Refusal.REVOKED, revoked(BASE, canonical.digest(BASE.sealed()))),
    ("revoked by payload", Refusal.REVOKED, revoked(BASE, canonical.digest_of(BASE.waiver))),
    ("signed by another approver", Refusal.NOT_THE_APPROVER, BASE.but(signer="vp")),
    ("a key of nobody", Refusal.NOT_THE_APPROVER, with_key(BASE, "manager", identity="")),
    ("a key of an unknown", Refusal.NOT_THE_APPROVER, with_key(BASE, "manager", identity="bot@example.com")),
    ("a lead", Refusal.RANK_TOO_LOW, BASE.but(signer="lead").but_waiver(approver="lee@example.com")),
    ("a stricter policy", Refusal.RANK_TOO_LOW, BASE.but_policy(waivers=WaiverLimits(exception_rank="director"))),
    (
        "a manager's break-glass",
        Refusal.RANK_TOO_LOW,
        URGENT.but(signer="manager").but_waiver(approver="max@example.com"),
    ),
    ("approver asks", Refusal.SAME_PERSON, BASE.but_waiver(requester="max@example.com")),
    ("approver asks, other spelling", Refusal.SAME_PERSON, BASE.but_waiver(requester=" MAX@example.com ")),
    ("approver is author", Refusal.SAME_PERSON, in_context(BASE, author="max@example.com")),
    ("approver is author by login", Refusal.SAME_PERSON, in_context(URGENT, author="vera-gh")),
    ("requester is author", Refusal.SAME_PERSON, in_context(BASE, author="rita-gh")),
    ("no author", Refusal.UNKNOWN_PERSON, in_context(BASE, author="")),
    ("author not in the roster", Refusal.UNKNOWN_PERSON, in_context(BASE, author="guest@example.com")),
    ("requester not in the roster", Refusal.UNKNOWN_PERSON, BASE.but_waiver(requester="guest@example.com")),
    ("approver not in the roster", Refusal.UNKNOWN_PERSON, BASE.but_waiver(approver="guest@example.com")),
    ("91 days", Refusal.TOO_LONG, BASE.but_waiver(not_before="2026-11-01T00:00:00Z", not_after="2027-01-30T00:00:01Z")),
    ("a stricter cap", Refusal.TOO_LONG, BASE.but_policy(waivers=WaiverLimits(exception_days=29))),
    ("2 hours and a second", Refusal.TOO_LONG, URGENT.but_waiver(not_after="2026-11-23T06:30:01Z")),
    ("another environment", Refusal.OTHER_ENVIRONMENT, in_context(BASE, environment=Environment.STAGING)),
    ("another service", Refusal.OTHER_SERVICE, in_context(BASE, service="ledger")),
    ("no service", Refusal.OTHER_SERVICE, in_context(BASE, service="")),
    (
        "a service that only the change names",
        Refusal.OTHER_SERVICE,
        in_context(BASE, claims=(Claim("service", "payments", "gateproof.yaml"), Claim("tier", "1", "--tier"))),
    ),
    ("another subject", Refusal.OTHER_SUBJECT, BASE.but_waiver(subject=OTHER_SUBJECT)),
    ("early", Refusal.NOT_YET_VALID, BASE.but_waiver(not_before="2026-11-23T05:00:01Z")),
    ("late", Refusal.EXPIRED, BASE.but_waiver(not_after=NOW)),
    ("no outside time", Refusal.NO_TRUSTED_TIME, without_fact(URGENT, "trusted-time")),
    (
        "outside time ahead",
        Refusal.NO_TRUSTED_TIME,
        with_fact(URGENT, "trusted-time", at("05:01:01")),
    ),
    (
        "outside time behind",
        Refusal.NO_TRUSTED_TIME,
        with_fact(URGENT, "trusted-time", at("04:58:59")),
    ),
    ("outside time unreadable", Refusal.NO_TRUSTED_TIME, with_fact(URGENT, "trusted-time", {"time": 5})),
    ("outside time of another shape", Refusal.NO_TRUSTED_TIME, with_fact(URGENT, "trusted-time", [NOW])),
    (
        "outside time stale",
        Refusal.NO_TRUSTED_TIME,
        with_fact(URGENT, "trusted-time", {"time": NOW}, observed_at="2026-11-23T04:54:59Z"),
    ),
    ("uses never stale, of the future", Refusal.USES_UNKNOWN, ENDLESS),
    ("uses missing", Refusal.USES_UNKNOWN, without_fact(URGENT, "waiver-uses")),
    ("uses of another shape", Refusal.USES_UNKNOWN, with_fact(URGENT, "waiver-uses", {})),
    (
        "uses of the future",
        Refusal.USES_UNKNOWN,
        with_fact(URGENT, "waiver-uses", {"uses": []}, observed_at="2026-11-23T05:01:01Z"),
    ),
    ("uses undated", Refusal.USES_UNKNOWN, with_fact(URGENT, "waiver-uses", {"uses": []}, observed_at="today")),
    ("used", Refusal.USED_UP, used(URGENT, SUBJECT.digest, canonical.digest(URGENT.sealed()))),
    ("used, by payload", Refusal.USED_UP, used(URGENT, SUBJECT.digest, canonical.digest_of(BREAK_GLASS))),
]


@pytest.mark.parametrize(("code", "case"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_one_change_is_enough_to_be_refused(code: Refusal, case: Case) -> None:
    found = case.outcome()
    assert isinstance(found, Refused)
    assert found.code is code
    assert found.reason
    assert "\n" not in found.reason
    assert found.digest == canonical.digest(case.sealed())


def test_every_refusal_has_a_case() -> None:
    assert {code for _, code, _ in REFUSED} == set(Refusal)


GRANTED: list[tuple[str, Case]] = [
    ("exception", BASE),
    ("break-glass", URGENT),
    ("an exception needs no facts", BASE.but(facts={})),
    ("exactly 90 days", BASE.but_waiver(not_after="2027-01-30T00:00:00Z")),
    ("no subject, resources only", BASE.but_waiver(subject="", resources=("module.store.*",))),
    ("a revocation of tomorrow", revoked(BASE, canonical.digest(BASE.sealed()), at="2026-11-24T00:00:00Z")),
    ("a revocation of something else", revoked(BASE, OTHER_SUBJECT)),
    ("outside time 60 s ahead", with_fact(URGENT, "trusted-time", at("05:01:00"))),
    ("outside time 60 s behind", with_fact(URGENT, "trusted-time", at("04:59:00"))),
    ("used for another subject", used(URGENT, OTHER_SUBJECT, canonical.digest(URGENT.sealed()))),
    ("another waiver used", used(URGENT, SUBJECT.digest, OTHER_SUBJECT)),
    ("a higher rank", BASE.but(signer="vp").but_waiver(approver="vera@example.com")),
    (
        "a key that the roster alone gives to its approver",
        with_key(BASE, "manager", identity="").but(
            roster=msgspec.structs.replace(
                ROSTER,
                people=tuple(
                    msgspec.structs.replace(person, identities=(KEYS["manager"].fingerprint,))
                    if person.name == "Max"
                    else person
                    for person in ROSTER.people
                ),
            )
        ),
    ),
]


@pytest.mark.parametrize("case", [row[1] for row in GRANTED], ids=[row[0] for row in GRANTED])
def test_what_is_in_order_is_granted(case: Case) -> None:
    found = case.outcome()
    assert isinstance(found, Granted)
    assert found.waiver == case.waiver
    assert found.signer == KEYS[case.signer].fingerprint
    assert found.digest == canonical.digest(case.sealed())
    assert found.errors == case.waiver.errors


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-23T04:29:59Z", Refusal.NOT_YET_VALID),
        ("2026-11-23T04:30:00Z", None),
        ("2026-11-23T06:29:59Z", None),
        ("2026-11-23T06:30:00Z", Refusal.EXPIRED),
        ("2026-11-23T06:30:01Z", Refusal.EXPIRED),
    ],
)
def test_the_interval_is_half_open_to_the_second(now: str, code: Refusal | None) -> None:
    facts = {
        "trusted-time": fact("trusted-time", {"time": now}, observed_at=now),
        "waiver-uses": fact("waiver-uses", {"uses": []}, observed_at=now),
    }
    found = URGENT.but(now=now, facts=facts).outcome()
    assert (found.code if isinstance(found, Refused) else None) is code


def test_a_grant_covers_what_it_names_and_nothing_else() -> None:
    granted = BASE.outcome()
    assert isinstance(granted, Granted)
    address = 'module.store.aws_s3_bucket.logs["eu"]'
    assert granted.covers("s3-public-access", address, SUBJECT.digest)
    assert granted.covers("s3-encryption", address, SUBJECT.digest)
    assert not granted.covers("containers", address, SUBJECT.digest)
    assert not granted.covers("s3-public-access", "module.web.aws_s3_bucket.logs", SUBJECT.digest)
    assert not granted.covers("s3-public-access", "", SUBJECT.digest)
    assert not granted.covers("s3-public-access", address, OTHER_SUBJECT)


def test_order_and_repetition_of_files_decide_nothing() -> None:
    envelopes = [BASE.sealed(), URGENT.sealed(), b"rubbish"]
    forwards = admit(envelopes, SUBJECT, BASE.context, opened(), FACTS, NOW)
    backwards = admit([*reversed(envelopes), BASE.sealed()], SUBJECT, BASE.context, opened(), FACTS, NOW)
    assert forwards == backwards
    assert [found.digest for found in forwards] == sorted(map(canonical.digest, envelopes))
    assert sum(isinstance(found, Granted) for found in forwards) == 2


def test_every_byte_of_a_waiver_matters() -> None:
    raw, trust = BASE.sealed(), opened()
    flips = [
        raw[:index] + bytes([raw[index] ^ bit]) + raw[index + 1 :] for index in range(len(raw)) for bit in (0x01, 0x20)
    ]
    found = admit(flips, SUBJECT, BASE.context, trust, FACTS, NOW)
    assert len(found) == len(flips)
    assert {type(one) for one in found} == {Refused}


def test_a_malformed_now_is_an_error() -> None:
    with pytest.raises(TrustError, match="not a time in UTC"):
        admit([], SUBJECT, BASE.context, None, FACTS, "2026-11-23 05:00")


@pytest.mark.parametrize(
    "claims",
    [
        (),
        (Claim("service", "payments", "origin/main:gateproof.yaml", protected=True),),
        (Claim("service", "payments", "--service"), Claim("service", "payments", "gateproof.yaml")),
        (Claim("service", "payments", "gateproof.yaml"), Claim("service", "payments", "x", protected=True)),
    ],
)
def test_a_service_that_somebody_else_names_counts(claims: tuple[Claim, ...]) -> None:
    assert not Context(service="payments", claims=claims).asserts_its_service
