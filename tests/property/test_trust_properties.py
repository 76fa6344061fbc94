"""What holds for every waiver, envelope and document, whatever its values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Environment
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.errors import TrustError
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Subject
from gateproof.trust import (
    Algorithm,
    DocumentKind,
    Granted,
    KeySigner,
    Person,
    ReasonCode,
    Refusal,
    Refused,
    Role,
    Roster,
    TrustedKey,
    TrustPolicy,
    Waiver,
    WaiverKind,
    admit,
    dsse,
    open_trust,
    parse_document,
    sign_document,
)

ROOT, VP = KeySigner.generate(), KeySigner.generate(Algorithm.ECDSA_P256)
SUBJECT = Subject(kind=InputKind.KUBERNETES, digest=canonical.digest(b"manifests"), size=9)
CONTEXT = Context(service="payments", author="abe@example.com")
CAPS = {WaiverKind.EXCEPTION: timedelta(days=90), WaiverKind.BREAK_GLASS: timedelta(hours=2)}


def spelled(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def trusted(signer: KeySigner, *roles: Role, identity: str = "") -> TrustedKey:
    return TrustedKey(
        fingerprint=signer.fingerprint, public_key=signer.public_key_pem, name="key", roles=roles, identity=identity
    )


TRUST = open_trust(
    sign_document(
        DocumentKind.TRUST,
        TrustPolicy(
            version=1,
            name="payments",
            log_origin="gateproof.example/payments",
            keys=(trusted(ROOT, Role.TRUST, Role.ROSTER), trusted(VP, Role.WAIVER, identity="vera@example.com")),
        ),
        ROOT,
    ),
    ROOT.fingerprint,
    sign_document(
        DocumentKind.ROSTER,
        Roster(
            version=1,
            people=tuple(
                Person(f"{name}@example.com", name, rank)
                for name, rank in (("vera", "vp"), ("rita", "engineer"), ("abe", "engineer"))
            ),
        ),
        ROOT,
    ),
    "2026-01-01T00:00:00Z",
)


def sealed(kind: WaiverKind, start: datetime, end: datetime) -> bytes:
    waiver = Waiver(
        kind=kind,
        policies=("containers",),
        environment=Environment.PROD,
        service="payments",
        reason_code=ReasonCode.INCIDENT,
        reason="Down since four.",
        risk_owner="vera@example.com",
        requester="rita@example.com",
        approver="vera@example.com",
        ticket="PAY-1",
        not_before=spelled(start),
        not_after=spelled(end),
        subject=SUBJECT.digest,
    )
    return sign_document(DocumentKind.WAIVER, waiver, VP)


def answer(envelope: bytes, now: datetime) -> Granted | Refused:
    moment = spelled(now)
    values = {"trusted-time": {"time": moment}, "waiver-uses": {"uses": []}}
    facts = {
        name: Fact(name=name, source="test", observed_at=moment, max_age=60, value=value)
        for name, value in values.items()
    }
    (found,) = admit([envelope], SUBJECT, CONTEXT, TRUST, facts, moment)
    return found


starts = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))


@given(kind=st.sampled_from(WaiverKind), start=starts, data=st.data())
def test_a_waiver_counts_inside_its_interval_and_never_outside(
    kind: WaiverKind, start: datetime, data: st.DataObject
) -> None:
    seconds = data.draw(st.integers(1, int(CAPS[kind].total_seconds())), label="duration")
    end = start + timedelta(seconds=seconds)
    envelope = sealed(kind, start, end)
    inside = [start, end - timedelta(seconds=1), start + timedelta(seconds=data.draw(st.integers(0, seconds - 1)))]
    before = [start - timedelta(seconds=offset) for offset in (1, data.draw(st.integers(1, 10**8)))]
    after = [end + timedelta(seconds=offset) for offset in (0, data.draw(st.integers(0, 10**8)))]
    assert {type(answer(envelope, now)) for now in inside} == {Granted}
    assert {getattr(answer(envelope, now), "code", None) for now in before} == {Refusal.NOT_YET_VALID}
    assert {getattr(answer(envelope, now), "code", None) for now in after} == {Refusal.EXPIRED}


@given(kind=st.sampled_from(WaiverKind), start=starts, excess=st.integers(1, 10**8), now=starts)
def test_a_waiver_beyond_the_cap_never_counts(kind: WaiverKind, start: datetime, excess: int, now: datetime) -> None:
    envelope = sealed(kind, start, start + CAPS[kind] + timedelta(seconds=excess))
    found = [answer(envelope, at) for at in (now, start, start + CAPS[kind])]
    assert {getattr(one, "code", None) for one in found} == {Refusal.TOO_LONG}


@given(text=st.text("ab.*", max_size=12), address=st.text("ab.", max_size=12))
def test_patterns_mean_what_a_regular_expression_would(text: str, address: str) -> None:
    waiver = Waiver(
        kind=WaiverKind.EXCEPTION,
        policies=("p",),
        environment=Environment.PROD,
        service="s",
        reason_code=ReasonCode.INCIDENT,
        reason="r",
        risk_owner="o",
        requester="q",
        approver="a",
        ticket="t",
        not_before="",
        not_after="",
        resources=(text,),
    )
    expected = re.fullmatch(".*".join(map(re.escape, text.split("*"))), address) is not None
    assert waiver.covers("p", address, SUBJECT.digest) is expected


@given(
    payload=st.binary(max_size=200),
    payload_type=st.text(max_size=30),
    position=st.integers(0),
    byte=st.binary(max_size=2),
)
def test_an_envelope_opens_as_sealed_and_not_once_edited(
    payload: bytes, payload_type: str, position: int, byte: bytes
) -> None:
    keys = {signer.fingerprint: signer.public_key_pem for signer in (ROOT, VP)}
    raw = dsse.encode(dsse.seal(payload, payload_type, [ROOT, VP]))
    assert dsse.payload_of(dsse.decode(raw)) == payload
    assert dsse.verify(dsse.decode(raw), keys, keys) == set(keys)
    place = position % len(raw)
    edited = raw[:place] + byte + raw[place + 1 :]
    if edited != raw:
        try:
            found = dsse.verify(dsse.decode(edited), keys, keys)
        except TrustError:
            found = frozenset()
        assert found != set(keys)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field_names = sorted(
    {field.encode_name for shape in (TrustPolicy, Roster, Waiver) for field in msgspec.structs.fields(shape)}
)


@given(
    kind=st.sampled_from(DocumentKind),
    raw=st.binary(max_size=60)
    | (json_values | st.dictionaries(st.sampled_from(field_names), json_values)).map(canonical.encode),
)
def test_a_document_is_read_or_refused_with_a_next_step(kind: DocumentKind, raw: bytes) -> None:
    try:
        parse_document(kind, raw)
    except TrustError as error:
        assert error.hint  # noqa: PT017 - most examples are refused, some need not be


@given(raws=st.lists(st.binary(max_size=60) | json_values.map(canonical.encode), max_size=3), order=st.randoms())
def test_admission_answers_every_distinct_file(raws: list[bytes], order: Any) -> None:
    expected = admit(raws, SUBJECT, CONTEXT, TRUST, {}, "2026-01-01T00:00:00Z")
    shuffled = [*raws, *raws]
    order.shuffle(shuffled)
    assert admit(shuffled, SUBJECT, CONTEXT, TRUST, {}, "2026-01-01T00:00:00Z") == expected
    assert [found.digest for found in expected] == sorted({canonical.digest(raw) for raw in raws})


@given(
    st.text(max_size=25)
    | st.from_regex(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z", fullmatch=True)
)
def test_an_instant_has_one_spelling(text: str) -> None:
    try:
        moment = instant(text)
    except TrustError:
        return
    assert spelled(moment) == text


@given(starts)
def test_every_second_can_be_spelled(moment: datetime) -> None:
    assert instant(spelled(moment)) == moment
