"""Documents that people write: read as written, and every problem named at once."""

from __future__ import annotations

import msgspec
import pytest

from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.trust import DocumentKind, KeySigner, Roster, TrustPolicy, Waiver, dsse, parse_document, sign_document
from gateproof.trust.forms import read_payload

SIGNER, OTHER = KeySigner.generate(), KeySigner.generate()

WAIVER = b"""\
kind: exception
policies: [s3-public-access]
environment: prod
service: payments
reason_code: planned-fix
reason: The bucket moves next sprint.
risk_owner: vera@example.com
requester: rita@example.com
approver: max@example.com
ticket: PAY-17
not_before: 2026-11-01T00:00:00Z
not_after: 2026-12-01T00:00:00Z
resources: ["aws_s3_bucket.*"]
"""
ROSTER = b"""\
version: 1
people:
  - {id: vera@example.com, name: Vera, rank: vp, identities: [vera-gh]}
  - {id: max@example.com, name: Max, rank: manager}
"""


def policy_text(**changes: object) -> bytes:
    key = {
        "fingerprint": SIGNER.fingerprint,
        "public_key": SIGNER.public_key_pem,
        "name": "root",
        "roles": ["trust"],
    }
    return canonical.encode({"version": 1, "name": "x", "log_origin": "y", "keys": [key], **changes})


def test_a_waiver_is_read_and_signed() -> None:
    waiver = parse_document(DocumentKind.WAIVER, WAIVER)
    assert isinstance(waiver, Waiver)
    assert waiver.not_after == "2026-12-01T00:00:00Z"
    envelope = dsse.decode(sign_document(DocumentKind.WAIVER, waiver, SIGNER))
    assert envelope.payload_type == "application/vnd.gateproof.waiver+json"
    assert read_payload(DocumentKind.WAIVER, dsse.payload_of(envelope)) == waiver


def test_yaml_and_json_give_the_same_document() -> None:
    waiver = parse_document(DocumentKind.WAIVER, WAIVER)
    assert parse_document(DocumentKind.WAIVER, msgspec.json.format(canonical.encode(waiver))) == waiver


def test_a_roster_finds_people_by_any_of_their_names() -> None:
    roster = parse_document(DocumentKind.ROSTER, ROSTER)
    assert isinstance(roster, Roster)
    vera = roster.find(" Vera-GH ")
    assert vera is roster.find("vera@example.com")
    assert vera is not None
    assert roster.find("nobody") is None
    assert roster.find("") is None
    assert roster.rank("vp") > roster.rank("manager") > roster.rank("engineer") == 0
    assert roster.rank("king") == -1


def test_a_trust_policy_is_read() -> None:
    policy = parse_document(DocumentKind.TRUST, policy_text())
    assert isinstance(policy, TrustPolicy)
    assert policy.waivers.exception_days == 90
    assert policy.waivers.break_glass_minutes == 120


def problems(kind: DocumentKind, raw: bytes) -> list[str]:
    with pytest.raises(TrustError) as caught:
        parse_document(kind, raw)
    assert caught.value.hint
    first, *rest = str(caught.value).split("\n  ")
    assert first.startswith(f"the {kind.value} ")
    return rest


def test_all_misfits_are_named_at_once() -> None:
    raw = (
        WAIVER.replace(b"prod", b"production")
        .replace(b"ticket:", b"tickets:")
        .replace(b"[s3-public-access]", b"s3-public-access")
        .replace(b'["aws_s3_bucket.*"]', b"[5]")
    )
    assert problems(DocumentKind.WAIVER, raw) == [
        "tickets: unknown field; did you mean ticket?",
        "policies: Expected `array`, got `str`",
        "environment: 'production' is not one of dev, staging, prod",
        "ticket: missing",
        "resources[0]: Expected `str`, got `int`",
    ]


def test_all_contradictions_are_named_at_once() -> None:
    raw = (
        WAIVER.replace(b"[s3-public-access]", b'["*"]')
        .replace(b"PAY-17", b'" "')
        .replace(b"2026-12-01T00:00:00Z", b"tomorrow")
        .replace(b'["aws_s3_bucket.*"]', b'["*", "**.*"]')
        + b"subject: sha256:abc\nerrors: [other]\n"
    )
    assert [problem.split(":")[0] for problem in problems(DocumentKind.WAIVER, raw)] == [
        "ticket", "policies", "errors", "subject", "resources", "resources", "not_after",
    ]  # fmt: skip


def test_problems_of_a_roster() -> None:
    raw = b"""\
version: 0
ranks: [engineer, vp, vp]
not_after: never
people:
  - {id: vera@example.com, name: Vera, rank: king}
  - {id: VERA@example.com, name: Also Vera, rank: vp, identities: [""]}
"""
    assert problems(DocumentKind.ROSTER, raw) == [
        "version: must be 1 or more",
        "ranks: name each rank once, from low to high",
        "not_after: write a time in UTC such as 2026-11-23T05:00:00Z",
        "people[0].rank: 'king' is not one of engineer, vp, vp",
        "people[1]: 'VERA@example.com' already names people entry 'vera@example.com'; one name is one person",
        "people[1]: an id or identity is empty",
    ]
    assert problems(DocumentKind.ROSTER, b"version: 1\npeople: []\n") == [
        "people: a roster without people approves nothing"
    ]


def test_problems_of_a_trust_policy() -> None:
    key = {"fingerprint": OTHER.fingerprint, "public_key": SIGNER.public_key_pem, "name": "a", "roles": []}
    broken = {**key, "public_key": "rubbish", "not_after": "soon"}
    raw = policy_text(
        version=0,
        name=" ",
        log_origin="",
        not_after="x",
        keys=[key, {**key, "fingerprint": SIGNER.fingerprint, "roles": ["decision"]}, broken],
        revoked=[{"digest": "x", "reason": "", "at": "y"}],
        waivers={"exception_days": 91, "break_glass_minutes": 0},
    )
    assert problems(DocumentKind.TRUST, raw) == [
        "version: must be 1 or more",
        "name: must not be empty",
        "log_origin: must not be empty",
        "not_after: write a time in UTC such as 2026-11-23T05:00:00Z",
        "keys: no key has the role 'trust', so nobody could sign this policy",
        f"keys[0].fingerprint: the public key's is {SIGNER.fingerprint}",
        "keys[0].roles: a key without roles signs nothing",
        "keys[1].public_key: listed twice; give one entry all its roles",
        "keys[2].public_key: this is not a public key in PEM form",
        "keys[2].roles: a key without roles signs nothing",
        "keys[2].not_after: write a time in UTC such as 2026-11-23T05:00:00Z",
        "revoked[0].digest: must be sha256:<64 hex digits>",
        "revoked[0].reason: must not be empty",
        "revoked[0].at: write a time in UTC such as 2026-11-23T05:00:00Z",
        "waivers.exception_days: must be between 1 and 90",
        "waivers.break_glass_minutes: must be between 1 and 120",
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"---\n---\n",
        WAIVER + b"---\n" + WAIVER,
        WAIVER + b"service: ledger\n",
        b"a: &a [x]\nb: *a\n",
        b"[1, 2]",
        b"5",
        b"{",
        b'{"kind": "exception", "kind": "break-glass"}',
        b"\xff\xfe\xfa",
        b"a: [",
        b"[" * 100_000,
        b"a" * 2_000_000,
    ],
    ids=range(13),
)
def test_what_is_no_document_is_refused(raw: bytes) -> None:
    problems(DocumentKind.WAIVER, raw)


def test_only_documents_in_order_are_signed() -> None:
    waiver = parse_document(DocumentKind.WAIVER, WAIVER)
    with pytest.raises(TrustError, match="policies: name at least one"):
        sign_document(DocumentKind.WAIVER, msgspec.structs.replace(waiver, policies=()), SIGNER)
    with pytest.raises(TrustError, match="this is no roster"):
        sign_document(DocumentKind.ROSTER, waiver, SIGNER)


@pytest.mark.parametrize("payload", [b"", b"\xff", b"{} ", b'{"a":1,"a":1}', b'{"b":1,"a":1}', b"[" * 100_000])
def test_a_payload_is_canonical(payload: bytes) -> None:
    with pytest.raises(TrustError, match="not canonical JSON"):
        read_payload(DocumentKind.WAIVER, payload)


def test_a_payload_that_predates_an_optional_field_is_read() -> None:
    waiver = parse_document(DocumentKind.WAIVER, WAIVER)
    value = msgspec.to_builtins(waiver)
    del value["errors"]
    assert read_payload(DocumentKind.WAIVER, canonical.encode(value)) == waiver


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs", True),
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs2", False),
        ("aws_s3_bucket.*", "aws_s3_bucket.logs", True),
        ("aws_s3_bucket.*", "module.a.aws_s3_bucket.logs", False),
        ("*.logs", "aws_s3_bucket.logs", True),
        ("module.*.logs", "module.a.b.logs", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-c-b", False),
        ("a*b*b*c", "a-b-c", False),
        ("a*b*b*c", "abbc", True),
        ("a[0-9]", "a5", False),
        ('a["x"]', 'a["x"]', True),
        ("a.c", "abc", False),
    ],
)
def test_resource_patterns(pattern: str, address: str, expected: bool) -> None:
    waiver = msgspec.structs.replace(parse_document(DocumentKind.WAIVER, WAIVER), resources=(pattern,))
    assert waiver.covers("s3-public-access", address, "sha256:any") is expected


def test_problems_are_shown_up_to_a_limit() -> None:
    found = problems(DocumentKind.WAIVER, b"".join(b"unknown%d: 1\n" % number for number in range(10_000)))
    assert len(found) == 101
    assert found[-1] == "and more"


def test_a_document_too_long_to_read_again_is_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = parse_document(DocumentKind.WAIVER, WAIVER)
    payload = canonical.encode(waiver)
    monkeypatch.setattr("gateproof.trust.forms._PAYLOAD_LIMIT", len(payload) - 1)
    with pytest.raises(TrustError, match="is the limit"):
        sign_document(DocumentKind.WAIVER, waiver, SIGNER)
    with pytest.raises(TrustError, match="not canonical JSON"):
        read_payload(DocumentKind.WAIVER, payload)


def test_a_lone_surrogate_signs_nothing() -> None:
    waiver = msgspec.structs.replace(parse_document(DocumentKind.WAIVER, WAIVER), subject="\ud800")
    assert not waiver.covers("s3-public-access", "aws_s3_bucket.logs", canonical.digest(b""))
    with pytest.raises(TrustError, match="subject: must be sha256"):
        sign_document(DocumentKind.WAIVER, waiver, SIGNER)
