"""Waivers at the door: found by what they name, expired to the second; of ten thousand, few are looked at."""

from __future__ import annotations

import base64

import msgspec
from tests.conftest import Company
from tests.unit.server import reviews

from gateproof import inputs
from gateproof.catalog.scales import Environment
from gateproof.gate.decision import Verdict
from gateproof.inputs import Input
from gateproof.server.admission import Served, review
from gateproof.server.waivers import WaiverIndex
from gateproof.settings.schema import Admission, NamespaceRow
from gateproof.testing import NOW
from gateproof.trust import DocumentKind, ReasonCode, Waiver, WaiverKind, open_trust, sign_document

ASKED = {"username": "abe@example.com"}
ROW = NamespaceRow(names=("shop",), service="payments", environment=Environment.PROD)


def _waiver(company: Company, *resources: str, not_after: str = "2026-12-01T00:00:00Z", subject: str = "") -> bytes:
    said = Waiver(
        kind=WaiverKind.EXCEPTION,
        policies=("labels",),
        environment=Environment.PROD,
        service="payments",
        reason_code=ReasonCode.ACCEPTED_RISK,
        reason="It has none.",
        risk_owner="vera@example.com",
        requester="rita@example.com",
        approver="vera@example.com",
        ticket="PAY-1",
        not_before="2026-11-01T00:00:00Z",
        not_after=not_after,
        resources=resources,
        subject=subject,
    )
    return sign_document(DocumentKind.WAIVER, said, company.vera)


def _served(company: Company, *waivers: bytes) -> Served:
    signed = sign_document(DocumentKind.TRUST, company.policy, company.root)
    trust = open_trust(signed, company.root.fingerprint, company.roster, NOW)
    return reviews.served(admission=Admission(namespaces=(ROW,)), waivers=waivers, trust=trust)


def test_a_waiver_lets_in_until_the_second_in_which_it_expires(company: Company) -> None:
    served = _served(company, _waiver(company, "v1/Pod/shop/web", not_after="2026-11-23T05:00:10Z"))
    raw = reviews.review(userInfo=ASKED)
    waived = review(raw, served, "2026-11-23T05:00:09Z")
    assert waived.verdict is Verdict.WARN
    assert b"waived: labels: web has no owner" in waived.response
    expired = review(raw, served, "2026-11-23T05:00:10Z")
    assert expired.verdict is Verdict.DENY
    assert [use.reason for use in expired.judged.decision.core.waivers] == ["it expired at 2026-11-23T05:00:10Z"]


def test_who_asks_cannot_have_approved(company: Company) -> None:
    served = _served(company, _waiver(company, "v1/Pod/shop/web"))
    assert review(reviews.review(userInfo={"username": "vera@example.com"}), served, NOW).verdict is Verdict.DENY
    assert review(reviews.review(userInfo={"username": "nobody@example.com"}), served, NOW).verdict is Verdict.DENY


def _subject(name: str) -> Input:
    return inputs.parse(reviews.review(reviews.pod(name)))


def test_waivers_are_found_by_resource_and_by_subject(company: Company) -> None:
    subject = _subject("web-1")
    exact, starred, other, own = (
        _waiver(company, "v1/Pod/shop/web-1"),
        _waiver(company, "apps/v1/Deployment/*", "v1/Pod/*/web-*"),
        _waiver(company, "v1/Pod/shop/api"),
        _waiver(company, subject=subject.subject.digest),
    )
    index = WaiverIndex([exact, starred, other, own])
    assert set(index.for_input(subject)) == {exact, starred, own}
    assert index.for_input(_subject("api")) == (starred, other)


def test_ten_thousand_waivers_of_others_are_not_looked_at(company: Company) -> None:
    own = _waiver(company, "v1/Pod/shop/web")
    decoy = msgspec.json.decode(own)
    payload = msgspec.json.decode(base64.b64decode(decoy["payload"]))

    def other(number: int) -> bytes:
        said = msgspec.json.encode({**payload, "resources": [f"v1/Pod/shop/other-{number}"]}, order="sorted")
        return msgspec.json.encode({**decoy, "payload": base64.b64encode(said).decode()}, order="sorted")

    index = WaiverIndex([*(other(number) for number in range(10_000)), own])
    assert (index.size, index.unreadable) == (10_001, 0)
    assert index.for_input(_subject("web")) == (own,)


def test_what_is_no_waiver_is_counted() -> None:
    index = WaiverIndex([b"", b"{}", b"\xff"])
    assert (index.size, index.unreadable) == (3, 3)
    assert index.for_input(_subject("web")) == ()
