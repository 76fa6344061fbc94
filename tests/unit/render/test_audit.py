"""Audits as text, JSON and PolicyReports: everything counted, what is listed bounded, nothing that a reader obeys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from msgspec import UNSET

from gateproof import inputs
from gateproof.audit import Audit, Drift, DriftKind, audit
from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.documents import Format, read
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.gate import decide
from gateproof.gate.decision import Decision
from gateproof.inputs.context import Context
from gateproof.render import audit_json, audit_text, policy_report

NOW = "2026-11-23T05:00:00Z"
SCHEMA = json.loads((Path(__file__).parent / "policy_report.schema.json").read_text("utf-8"))
IDS = ("alpha", "beta")
PLANS = Policy(
    id="plans", engine=EngineName.REGO, title="Plans", severity=Severity.LOW, kinds=(InputKind.TERRAFORM_PLAN,)
)
LENIENT = Context(
    environment=Environment.DEV, tier=Tier.THREE, data_classification=Classification.PUBLIC, layer=Layer.RUNTIME
)
HOSTILE = "\x1b[31mred\n::error::obey <b> ##[command]"


@pytest.fixture
def bundle() -> Bundle:
    policies = [
        Policy(
            id=name,
            engine=EngineName.REGO,
            title=f"Title of {name}",
            severity=Severity.HIGH,
            controls=("soc2@2017:CC6.1", "nist-800-53@5:AC-6"),
        )
        for name in IDS
    ]
    return build([*policies, PLANS], DEFAULT)


def pod(name: str, namespace: str = "shop") -> dict[str, Any]:
    placed = {"namespace": namespace} if namespace else {}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **placed, "uid": f"u-{name}"}}


def add(
    audited: Audit,
    live: dict[str, Any],
    alpha: Outcome,
    beta: Outcome = Outcome.PASS,
    *,
    context: Context = Context(layer=Layer.RUNTIME),  # noqa: B008 - frozen
    message: str = "it is wrong",
    rule: str = "",
    drift: Drift | None = None,
) -> Decision:
    subject = inputs.parse(json.dumps(live).encode())
    (resource,) = inputs.resources(subject)
    results = [Result("plans", "", Outcome.SKIP, "judges plans")]
    for policy, outcome in zip(IDS, (alpha, beta), strict=True):
        finding = Finding(policy, resource.address, message, Severity.HIGH, (), 0, ("spec", 0, "x"), rule=rule or UNSET)
        failed = outcome is Outcome.FAIL
        reason = "" if failed or outcome is Outcome.PASS else message
        results.append(Result(policy, resource.address, outcome, reason, (finding,) if failed else ()))
    decision = decide(subject, results, bundle=audited.bundle, context=context, now=NOW, tool="t")
    audited.add(live, resource.address, decision, drift)
    return decision


def reports(audited: Audit) -> list[dict[str, Any]]:
    found = [document.value for document in read(policy_report.render(audited).encode(), Format.YAML)]
    for each in found:
        jsonschema_rs.validate(SCHEMA, each)
    return found


def test_every_outcome_is_counted_and_what_is_open_is_listed(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW)
    add(audited, pod("a"), Outcome.FAIL)
    add(audited, pod("b"), Outcome.FAIL, Outcome.ERROR, context=LENIENT)
    add(audited, pod("c"), Outcome.SKIP)
    (report,) = reports(audited)
    assert (report["kind"], report["metadata"]["namespace"]) == ("PolicyReport", "shop")
    assert report["summary"] == {"fail": 1, "error": 1, "warn": 1, "pass": 2, "skip": 1}
    listed = [(each["result"], each["policy"], each["resources"][0]["name"]) for each in report["results"]]
    assert listed == [("fail", "alpha", "a"), ("error", "beta", "b"), ("warn", "alpha", "b")]
    first = report["results"][0]
    assert first["timestamp"] == {"seconds": 1795410000, "nanos": 0}
    assert (first["severity"], first["source"], first["scored"]) == ("high", "gateproof", True)
    assert first["category"] in ("soc2@2017:CC6.1", "nist-800-53@5:AC-6")
    assert first["resources"] == [
        {"apiVersion": "v1", "kind": "Pod", "name": "a", "namespace": "shop", "uid": "u-a"},
    ]
    assert (first["properties"]["path"], first["properties"]["treatment"]) == ("spec.0.x", "block")


def test_the_rule_of_a_policy_is_named_where_it_has_a_name(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW)
    add(audited, pod("a"), Outcome.FAIL, rule="autogen-has-owner")
    add(audited, pod("b"), Outcome.FAIL)
    add(audited, pod("c"), Outcome.FAIL, rule=HOSTILE)
    (report,) = reports(audited)
    named, unnamed, hostile = report["results"]
    assert (named["policy"], named["rule"]) == ("alpha", "autogen-has-owner")
    assert "rule" not in unnamed
    assert not {"\x1b", "\n"} & set(hostile["rule"])


def test_all_results_are_listed_when_asked_for(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW, whole=True)
    add(audited, pod("a"), Outcome.SKIP)
    (report,) = reports(audited)
    assert [each["result"] for each in report["results"]] == ["pass", "skip"]


def test_a_report_for_each_namespace_and_one_for_what_is_in_none(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW)
    for namespace in ("shop", "", "bank"):
        add(audited, pod("a", namespace), Outcome.FAIL)
    found = [(each["kind"], each["metadata"].get("namespace")) for each in reports(audited)]
    assert found == [("ClusterPolicyReport", None), ("PolicyReport", "bank"), ("PolicyReport", "shop")]


def test_a_report_fits_into_the_api_server_and_says_what_it_leaves_out(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MAX_RESULTS", 10)
    audited = Audit(bundle, NOW)
    for number in range(55):
        outcome = Outcome.FAIL if number % 11 == 0 else Outcome.ERROR
        add(audited, pod(f"p{number:03}"), outcome, message="x" * 5_000)
    (report,) = reports(audited)
    assert report["summary"]["fail"] == 5
    assert report["summary"]["error"] == 50
    assert [each["result"] for each in report["results"]] == ["fail"] * 5 + ["error"] * 5
    assert report["metadata"]["annotations"]["gateproof.dev/results-left-out"] == "45"
    assert max(len(json.dumps(each)) for each in report["results"]) * 1_000 < 1_500_000
    assert json.loads(audit_json.render(audited))["namespaces"][0]["left_out"] == 45


def test_the_order_of_the_dump_does_not_matter(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_RESULTS", 7)
    forwards, backwards = Audit(bundle, NOW), Audit(bundle, NOW)
    for number in range(40):
        add(forwards, pod(f"p{number}"), Outcome.FAIL)
        add(backwards, pod(f"p{39 - number}"), Outcome.FAIL)
    for render in (policy_report.render, audit_json.render, audit_text.render):
        assert render(forwards) == render(backwards)


def test_no_kind_of_drift_crowds_out_another(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_LISTED", 3)
    audited = Audit(bundle, NOW)
    audited.compared = 0
    for number in range(9):
        kind = DriftKind.REFUSED if number == 8 else DriftKind.OLDER
        add(audited, pod(f"p{number}"), Outcome.PASS, drift=Drift(kind, f"p{number}", "shop", "why"))
    drift = json.loads(audit_json.render(audited))["drift"]
    assert drift["counts"] == {"older": 8, "refused": 1}
    assert [each["kind"] for each in drift["objects"]] == ["older"] * 3 + ["refused"]
    text = audit_text.render(audited)
    assert text.index("1 objects run although they were refused") < text.index("8 objects are older")


def test_json_has_counts_results_and_drift(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW)
    drift = Drift(DriftKind.CHANGED, "v1/Pod/shop/a", "shop", "it differs", ("spec.x",), 3, NOW)
    add(audited, pod("a"), Outcome.FAIL, drift=drift)
    audited.add_unread("dump.json: broken")
    assert json.loads(audit_json.render(audited))["drift"] is None
    audited.compared = 2
    found = json.loads(audit_json.render(audited))
    assert (found["version"], found["bundle"], found["objects"]) == (1, bundle.digest, 1)
    assert found["verdicts"] == {"ALLOW": 0, "WARN": 0, "DENY": 1, "UNDECIDED": 1}
    assert found["policies"]["alpha"]["fail"] == 1
    assert set(found["policies"]) == {"alpha", "beta"}
    assert found["unread"] == {"count": 1, "problems": ["dump.json: broken"]}
    assert found["drift"]["let_in"] == 2
    assert found["drift"]["counts"] == {"changed": 1}
    assert found["drift"]["objects"][0]["paths"] == ["spec.x"]


def test_text_says_what_how_many_and_where(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW)
    for number in range(12):
        kind = DriftKind.UNSEEN if number % 2 else DriftKind.CHANGED
        drift = Drift(kind, f"v1/Pod/shop/p{number}", "shop", "why", ("spec.x",) if number == 0 else (), number, NOW)
        add(audited, pod(f"p{number}", "shop" if number % 3 else "bank"), Outcome.FAIL, drift=drift)
    audited.add_unread("dump.json: broken")
    audited.compared = 5
    text = audit_text.render(audited)
    for part in ("Title of alpha  (alpha: 12 fail)", "… and 2 more", "6 objects run without a decision"):
        assert part in text
    for part in ("6 objects differ from what was let in", "at spec.x", "1 pieces of the dump", "shop 8, bank 4"):
        assert part in text
    assert "12 objects, 2 policies: 1 UNDECIDED, 12 DENY; 12 drifted, 5 were let in" in text


def test_nothing_from_a_cluster_is_obeyed(bundle: Bundle) -> None:
    audited = Audit(bundle, NOW)
    drift = Drift(DriftKind.UNSEEN, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), -1, "")
    add(audited, pod(HOSTILE, HOSTILE), Outcome.FAIL, message=HOSTILE, drift=drift)
    audited.add_unread(HOSTILE)
    audited.compared = 1
    for text in (audit_text.render(audited), audit_json.render(audited)):
        assert "\x1b" not in text
        assert "##[" not in text
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert "\x1b" not in policy_report.render(audited)
    assert reports(audited)[0]["summary"]["fail"] == 1
