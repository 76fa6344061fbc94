"""Reviews and their answers: the verdict as the gate gives it, in the API server's terms."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.unit.server import reviews
from tests.unit.server.reviews import pod, served

from gateproof.catalog.scales import Environment
from gateproof.gate.decision import Verdict
from gateproof.inputs.context import Fact
from gateproof.server.admission import MAX_WARNINGS, UnanswerableError, review, unrecorded
from gateproof.settings.schema import Admission
from gateproof.testing import NOW

OWNED = pod(owner="shop")
SYSTEM = {"namespace": "gateproof-system"}


def _answer(raw: bytes, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(review(raw, served(**given), NOW).response)
    assert answer["kind"] == "AdmissionReview"
    assert answer["apiVersion"] == "admission.k8s.io/v1"
    response: dict[str, Any] = answer["response"]
    return response


def test_what_passes_is_let_in() -> None:
    reviewed = review(reviews.review(OWNED, uid="abc"), served(), NOW)
    assert reviewed.allowed
    assert reviewed.verdict is Verdict.ALLOW
    assert json.loads(reviewed.response)["response"] == {
        "uid": "abc",
        "allowed": True,
        "auditAnnotations": {"verdict": "ALLOW", "decision": reviewed.judged.decision.digest},
    }


def test_what_does_not_is_refused_with_the_reason_and_the_decision() -> None:
    reviewed = review(reviews.review(), served(), NOW)
    response = json.loads(reviewed.response)["response"]
    assert response["allowed"] is False
    assert (response["status"]["code"], response["status"]["reason"]) == (403, "Forbidden")
    assert "web has no owner" in response["status"]["message"]
    assert reviewed.judged.decision.digest in response["status"]["message"]
    assert reviewed.judged.name == "CREATE pods/shop/web"
    assert reviewed.judged.decision.actor == reviews.USER


def test_the_gate_decides_by_where_it_goes() -> None:
    response = _answer(reviews.review(pod(namespace="dev-a")))
    assert response["allowed"] is True
    assert response["warnings"] == ["labels: web has no owner"]
    assert response["auditAnnotations"]["verdict"] == "WARN"


def test_labels_of_the_object_only_tighten() -> None:
    labels = {"environment": "prod", "tier": "1", "data_classification": "restricted"}
    assert _answer(reviews.review(pod(namespace="dev-a", **labels)))["allowed"] is False
    loose = {"environment": "dev", "tier": "3", "data_classification": "public"}
    assert _answer(reviews.review(pod(**loose)))["allowed"] is False


def test_labels_of_the_namespace_count() -> None:
    known = [reviews.namespace("shop", environment="dev", tier="3", data_classification="public")]
    reviewed = review(reviews.review(), served(namespaces=known), NOW)
    assert reviewed.allowed
    assert list(reviewed.grounds.facts) == ["kubernetes/namespace"]
    stale = review(reviews.review(), served(namespaces=known), "2026-11-23T05:05:01Z")
    assert not stale.allowed


def test_what_is_known_of_the_cluster_is_a_fact() -> None:
    inventory = Fact(name="kubernetes-objects", source="a test", observed_at=NOW, max_age=300, value=[])
    given = msgspec.structs.replace(served(), inventory=inventory)
    assert review(reviews.review(), given, NOW).judged.decision.core.facts == {inventory.name: inventory.digest}


def test_what_cannot_be_decided_is_refused() -> None:
    raw = reviews.review(uid="u", kind={"group": "", "version": "v1", "kind": "Service"})
    response = _answer(raw)
    assert response["allowed"] is False
    assert response["status"]["message"].startswith("UNDECIDED (prod, tier 1, restricted data")
    assert "request.kind says otherwise" in response["status"]["message"]
    lenient = _answer(raw, admission=Admission(undecided="warn"))
    assert lenient["allowed"] is True
    assert lenient["warnings"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"request": {"uid": 1}}',
        json.dumps(OWNED).encode(),
        b"[" * 100_000,
    ],
    ids=["empty", "no request", "a list", "no text", "a uid that is none", "a manifest", "deep"],
)
def test_what_names_no_request_cannot_be_answered(raw: bytes) -> None:
    with pytest.raises(UnanswerableError):
        review(raw, served(), NOW)


def test_another_version_is_refused_and_recorded() -> None:
    raw = reviews.review(OWNED).replace(b"admission.k8s.io/v1", b"admission.k8s.io/v1beta1")
    reviewed = review(raw, served(), NOW)
    assert not reviewed.allowed
    assert reviewed.verdict is Verdict.UNDECIDED
    assert "v1beta1" in json.loads(reviewed.response)["response"]["status"]["message"]


def test_a_manifest_with_a_request_is_no_review() -> None:
    raw = json.dumps({**OWNED, "request": {"uid": "7"}}).encode()
    reviewed = review(raw, served(), NOW)
    assert reviewed.uid == "7"
    assert reviewed.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "DELETE", "object": None, "oldObject": pod()},
        {"operation": "CONNECT", "subResource": "exec"},
        {"operation": "UPDATE", "oldObject": pod(), "subResource": "status"},
    ],
    ids=["DELETE", "CONNECT", "status"],
)
def test_what_policies_say_nothing_about_is_let_in(changed: dict[str, Any]) -> None:
    reviewed = review(reviews.review(**changed), served(), NOW)
    assert reviewed.allowed
    assert reviewed.judged.decision.core.coverage.applied == 0
    assert json.loads(reviewed.response)["response"].get("warnings") is None


def test_ephemeral_containers_are_judged() -> None:
    raw = reviews.review(operation="UPDATE", oldObject=pod(), subResource="ephemeralcontainers")
    assert not review(raw, served(), NOW).allowed


def test_a_dry_run_is_decided_alike_and_marked() -> None:
    real, dry = (review(reviews.review(dryRun=dry), served(), NOW) for dry in (False, True))
    assert (real.allowed, real.verdict) == (dry.allowed, dry.verdict)
    assert real.judged.decision.surface == "admission"
    assert dry.judged.decision.surface == "admission, dry run"
    assert dry.dry_run


def test_break_glass_lets_in_says_so_and_expires() -> None:
    raw = reviews.review(pod(namespace="break-glass"))
    reviewed = review(raw, served(), NOW)
    response = json.loads(reviewed.response)["response"]
    assert response["allowed"] is True
    assert response["warnings"][0] == "gateproof: break-glass: DENY is not enforced here"
    assert reviewed.verdict is Verdict.DENY
    assert reviewed.judged.decision.surface == "admission, break-glass"
    assert review(raw, served(), "2026-11-23T05:59:59Z").allowed
    assert not review(raw, served(), "2026-11-23T06:00:00Z").allowed


def test_the_namespace_for_break_glass_is_itself_judged() -> None:
    made = reviews.namespace("break-glass")
    assert not review(reviews.review(made, namespace="break-glass"), served(), NOW).allowed


def test_a_label_breaks_no_glass() -> None:
    assert not review(reviews.review(pod(**{"break-glass": "true"})), served(), NOW).allowed


def test_the_servers_own_namespace_is_never_locked() -> None:
    reviewed = review(reviews.review(pod(**SYSTEM)), served(), NOW)
    assert reviewed.allowed
    assert reviewed.judged.decision.surface == "admission, own namespace"
    elsewhere = served(admission=Admission(namespace="another"))
    assert not review(reviews.review(pod(**SYSTEM)), elsewhere, NOW).allowed


def test_warnings_are_few_and_short_and_harmless() -> None:
    rule = f"""{reviews.HEAD}
deny contains msg if {{
    some i in numbers.range(1, 100)
    long := concat("", [x | some j in numbers.range(1, 300); x := sprintf("é%d", [j])])
    msg := sprintf("%d: \\u001b[31m%s", [i, long])
}}
"""
    warnings = _answer(reviews.review(pod(namespace="dev-a")), rule=rule)["warnings"]
    assert len(warnings) == MAX_WARNINGS
    assert all(len(each) <= 120 for each in warnings)
    assert not any("\x1b" in each for each in warnings)
    assert warnings[-1].startswith("gateproof: and 85 more; see decision sha256:")
    refused = _answer(reviews.review(), rule=rule)["status"]["message"]
    assert len(refused) <= 4096
    assert "\x1b" not in refused


@pytest.mark.parametrize(
    ("allowed", "judged", "expected"), [(True, OWNED, True), (True, None, False), (False, OWNED, False)]
)
def test_an_answer_without_evidence(allowed: bool, judged: dict[str, Any] | None, expected: bool) -> None:
    reviewed = review(reviews.review(judged), served(), NOW)
    response = json.loads(unrecorded(reviewed, "the spool is full", allowed=allowed))["response"]
    assert response["allowed"] is expected
    assert "the spool is full" in json.dumps(response)


def test_what_nobody_says_is_the_strictest() -> None:
    scene = review(reviews.review(), served(), NOW).judged.decision.core.scene
    assert scene.environment is Environment.PROD
    assert (scene.tier, scene.data_classification) == ("1", "restricted")


def test_what_counts_no_more_admits_no_waiver() -> None:
    before = served(waivers=[b"no waiver"])
    assert before.waivers.unreadable == 1
    after = msgspec.structs.replace(before, until=NOW)
    assert review(reviews.review(), after, NOW).grounds.waivers == ()
