"""The four verdicts, what a Decision lists, and that its core does not depend on where it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable, Loosening, Row
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.errors import TrustError
from gateproof.gate import Decision, Disposition, Treatment, Verdict, WaiverUse, decide, merge
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Input, Subject
from gateproof.trust.admission import Granted, Refusal, Refused
from gateproof.trust.waiver import ReasonCode, Waiver, WaiverKind

NOW = "2026-11-23T05:00:00Z"
DIGEST = "sha256:" + "1" * 64
PLAN = Input(Subject(InputKind.TERRAFORM_PLAN, DIGEST, 10))
S3 = Policy(
    id="s3",
    engine=EngineName.REGO_RESOURCE,
    title="No public buckets",
    severity=Severity.HIGH,
    remediation="Make it private.",
    controls=("soc2@2017:CC6.1",),
    kinds=(InputKind.TERRAFORM_PLAN,),
)
ANY = Policy(id="any", engine=EngineName.REGO, title="Anything", severity=Severity.LOW)
PODS = Policy(id="pods", engine=EngineName.KYVERNO, title="Pods", severity=Severity.HIGH, kinds=(InputKind.KUBERNETES,))
DEV = Context(environment=Environment.DEV, tier=Tier.THREE, data_classification=Classification.PUBLIC)
PROD = Context(environment=Environment.PROD, tier=Tier.TWO, data_classification=Classification.INTERNAL)
OBLIGED = Context(environment=Environment.PROD, tier=Tier.ONE, data_classification=Classification.PUBLIC, author="bob")

PASSED = Result("s3", "bucket.a", Outcome.PASS)
SKIPPED = Result("s3", "", Outcome.SKIP, "no bucket")
BROKEN = Result("s3", "bucket.b", Outcome.ERROR, "its name is known only after apply")


def failed(severity: Severity = Severity.HIGH, resource: str = "bucket.a", policy: str = "s3") -> Result:
    finding = Finding(policy, resource, "it is public", severity, ("soc2@2017:CC6.1",))
    return Result(policy, resource, Outcome.FAIL, findings=(finding,))


def bundle(*policies: Policy, rows: tuple[Row, ...] = ()) -> Bundle:
    return build(policies or (S3,), merge(DEFAULT, GateTable(rows)))


def judged(results: Iterable[Result], context: Context = PROD, **given: Any) -> Decision:
    asked: dict[str, Any] = {"bundle": bundle(), "now": NOW, "tool": "gateproof 0", **given}
    return decide(
        given.pop("subject", PLAN), results, context=context, **{k: asked[k] for k in asked if k != "subject"}
    )


def waiver(digest: str = "sha256:" + "a" * 64, **given: Any) -> Granted:
    fields: dict[str, Any] = {
        "kind": WaiverKind.EXCEPTION,
        "policies": ("s3",),
        "environment": Environment.PROD,
        "service": "payments",
        "reason_code": ReasonCode.PLANNED_FIX,
        "reason": "soon",
        "risk_owner": "olga",
        "requester": "rita",
        "approver": "ann",
        "ticket": "T-1",
        "not_before": "2026-11-01T00:00:00Z",
        "not_after": "2026-12-01T00:00:00Z",
        "subject": DIGEST,
        **given,
    }
    return Granted(digest, Waiver(**fields), "sha256:key")


# Rule 1


@pytest.mark.parametrize("others", [[], [BROKEN], [Result("any", "", Outcome.PASS)]])
def test_a_finding_that_its_row_blocks_denies_whatever_else_there_is(others: list[Result]) -> None:
    decision = judged([*others, failed()], bundle=bundle(S3, ANY))
    assert decision.verdict is Verdict.DENY
    assert [d.row for d in decision.core.dispositions if d.treatment is Treatment.BLOCK] == ["prod-everything"]


def test_a_failure_denies_although_the_input_has_a_problem() -> None:
    assert judged([failed()], subject=Input(PLAN.subject, problem="truncated")).verdict is Verdict.DENY


def test_a_fail_without_findings_is_a_finding_of_the_policys_severity() -> None:
    [disposition] = judged([Result("s3", "bucket.a", Outcome.FAIL, "because")]).core.dispositions
    assert disposition.finding == Finding("s3", "bucket.a", "because", Severity.HIGH, ("soc2@2017:CC6.1",))
    assert disposition.treatment is Treatment.BLOCK


# Rule 2


@pytest.mark.parametrize(
    ("results", "given", "problem"),
    [
        ([], {"subject": Input(PLAN.subject, problem="not JSON at byte 7")}, "not JSON at byte 7"),
        ([], {"bundle": bundle(PODS)}, "no policy is loaded for this kind of input: terraform-plan"),
        ([], {"bundle": Bundle((), (), DEFAULT)}, "no policy is loaded for this kind of input: terraform-plan"),
        ([PASSED], {"bundle": bundle(S3, ANY)}, "the policy any gave no result"),
        ([PASSED, Result("ghost", "", Outcome.PASS)], {}, "there are results of ghost, which is not in the bundle"),
    ],
)
def test_what_could_not_be_judged_is_undecided(results: list[Result], given: dict[str, Any], problem: str) -> None:
    decision = judged(results, DEV, **given)
    assert decision.verdict is Verdict.UNDECIDED
    assert any(found.startswith(problem) for found in decision.core.problems)
    assert any(problem in line for line in decision.core.reasons)
    assert any(problem in line for line in decision.core.smallest_change)


def test_an_error_is_undecided_even_in_dev_and_with_warnings() -> None:
    decision = judged([BROKEN, failed(Severity.LOW)], DEV)
    assert decision.verdict is Verdict.UNDECIDED
    assert decision.core.smallest_change == (
        "make it decidable: s3 could not be evaluated on bucket.b: its name is known only after apply",
    )


def test_a_policy_for_another_kind_owes_no_result() -> None:
    assert judged([PASSED], bundle=bundle(S3, PODS)).verdict is Verdict.ALLOW


def test_policies_of_other_layers_are_left_out_with_their_results() -> None:
    late = Policy(id="late", engine=EngineName.REGO, title="Late", severity=Severity.HIGH, layers=(Layer.RUNTIME,))
    decision = judged([PASSED, failed(policy="late")], bundle=bundle(S3, late))
    assert decision.verdict is Verdict.ALLOW
    assert decision.core.results == (PASSED,)
    assert (decision.core.coverage.applied, decision.core.coverage.policies) == (1, 1)
    assert judged([], bundle=bundle(late)).verdict is Verdict.UNDECIDED


# Rules 3 and 4


def test_a_finding_that_its_row_warns_about_warns() -> None:
    decision = judged([failed()], DEV)
    assert decision.verdict is Verdict.WARN
    assert decision.core.smallest_change == ()
    assert "row dev-rest warns about s3 (high) on bucket.a" in decision.core.reasons


def test_what_passes_is_allowed() -> None:
    decision = judged([PASSED, SKIPPED])
    assert decision.verdict is Verdict.ALLOW
    assert decision.core.reasons == ("ALLOW: prod, tier 2, internal data",)


@pytest.mark.parametrize(("context", "verdict"), [(DEV, Verdict.ALLOW), (PROD, Verdict.WARN)])
def test_when_every_policy_was_skipped_prod_warns(context: Context, verdict: Verdict) -> None:
    decision = judged([SKIPPED], context)
    assert decision.verdict is verdict
    assert any("coverage 0/1" in reason for reason in decision.core.reasons)


# Waivers


def test_a_waived_finding_warns_and_names_the_waiver() -> None:
    granted = waiver()
    decision = judged([failed()], granted=[granted])
    assert decision.verdict is Verdict.WARN
    assert decision.core.dispositions == (
        Disposition(failed().findings[0], Treatment.WAIVED, "prod-everything", granted.digest),
    )
    assert [(use.digest, use.counted) for use in decision.core.waivers] == [(granted.digest, True)]


@pytest.mark.parametrize(
    "given", [{"policies": ("other",)}, {"subject": "sha256:" + "2" * 64}, {"resources": ("bucket.z",)}]
)
def test_a_waiver_for_something_else_changes_nothing_and_is_listed(given: dict[str, Any]) -> None:
    decision = judged([failed()], granted=[waiver(**given)])
    assert decision.verdict is Verdict.DENY
    [use] = decision.core.waivers
    assert not use.counted
    assert use.reason == WaiverUse.IDLE


def test_a_refused_waiver_is_listed_with_its_reason() -> None:
    refused = Refused("sha256:" + "b" * 64, Refusal.EXPIRED, "it expired yesterday")
    decision = judged([failed()], refused=[refused])
    assert decision.verdict is Verdict.DENY
    assert f"waiver {refused.digest} does not count: it expired yesterday" in decision.core.reasons
    [use] = decision.core.waivers
    assert (use.digest, use.counted, use.reason) == (refused.digest, False, "it expired yesterday")


def test_a_waiver_of_one_resource_leaves_the_others_blocked() -> None:
    decision = judged([failed(), failed(resource="bucket.b")], granted=[waiver(resources=("bucket.a",))])
    assert decision.verdict is Verdict.DENY
    fix, instead = decision.core.smallest_change
    assert fix == "fix s3 on bucket.b: Make it private."
    assert instead.startswith("or, in place of a fix, a waiver for s3, approved by somebody of sufficient rank")


@pytest.mark.parametrize(("errors", "verdict"), [((), Verdict.UNDECIDED), (("s3",), Verdict.WARN)])
def test_an_error_is_waived_only_where_the_waiver_names_it(errors: tuple[str, ...], verdict: Verdict) -> None:
    assert judged([BROKEN], granted=[waiver(errors=errors)]).verdict is verdict


def test_a_waiver_does_not_turn_a_problem_of_the_input_into_a_pass() -> None:
    granted = [waiver(errors=("s3",))]
    assert judged([], subject=Input(PLAN.subject, problem="cut"), granted=granted).verdict is Verdict.UNDECIDED


def test_a_warning_uses_up_no_waiver() -> None:
    decision = judged([failed()], DEV, granted=[waiver()])
    assert [d.treatment for d in decision.core.dispositions] == [Treatment.WARN]
    assert [use.counted for use in decision.core.waivers] == [False]


# Obligations and layers


def fact(name: str, value: Any, observed_at: str = "2026-11-23T04:59:00Z") -> dict[str, Fact]:
    name = f"obligation/{name}"
    return {name: Fact(name=name, source="test", observed_at=observed_at, max_age=3600, value=value)}


MET = {
    **fact("approval", {"met": True, "subject": DIGEST, "by": "ann"}),
    **fact("canary", {"met": True, "subject": DIGEST}),
}


def test_obligations_are_pending_before_cd_and_decide_at_cd() -> None:
    decision = judged([PASSED], OBLIGED)
    assert decision.verdict is Verdict.ALLOW
    assert [(o.name, o.met) for o in decision.core.obligations] == [("approval", False), ("canary", False)]
    assert decision.core.verdict_at(Layer.CD) is Verdict.UNDECIDED
    departure = decision.core.departure_at(Layer.CD)
    assert departure is not None
    assert len(departure.reasons) == 2
    assert "the fact obligation/approval is missing" in departure.reasons[0]


def test_a_decision_asked_at_cd_has_the_verdict_of_cd() -> None:
    at_cd = Context(environment=Environment.PROD, tier=Tier.ONE, author="bob", layer=Layer.CD)
    assert judged([PASSED], at_cd).verdict is Verdict.UNDECIDED
    assert judged([PASSED], at_cd, facts=MET).verdict is Verdict.ALLOW
    assert judged([failed()], at_cd).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (fact("approval", {"met": True, "subject": DIGEST, "by": "bob"}), "the author of the change cannot approve it"),
        (fact("approval", {"met": True, "subject": DIGEST, "by": " BOB "}), "the author of the change cannot"),
        (fact("approval", {"met": True, "subject": DIGEST}), "does not say who"),
        (fact("approval", {"met": True, "subject": "sha256:other", "by": "ann"}), "about something else"),
        (fact("approval", {"met": True, "subject": "", "by": "ann"}), "about something else"),
        (fact("approval", {"met": "true", "subject": DIGEST, "by": "ann"}), "does not say that it is met"),
        (fact("approval", ["met"]), "does not say that it is met"),
        (fact("canary", {"met": True, "subject": DIGEST}, "2026-11-23T03:59:59Z"), "is stale"),
        (fact("canary", {"met": True, "subject": DIGEST}, "2026-11-23T05:00:01Z"), "after 2026-11-23T05:00:00Z"),
        (fact("canary", {"met": True, "subject": DIGEST}, "yesterday"), "no usable time"),
    ],
)
def test_what_does_not_meet_an_obligation(changed: dict[str, Fact], reason: str) -> None:
    decision = judged([PASSED], OBLIGED, facts={**MET, **changed})
    [unmet] = [o for o in decision.core.obligations if not o.met]
    assert reason in unmet.reason
    assert decision.core.verdict_at(Layer.CD) is Verdict.UNDECIDED


def test_nobody_can_approve_when_the_author_is_not_known() -> None:
    context = Context(environment=Environment.PROD, tier=Tier.ONE)
    assert judged([PASSED], context, facts=MET).core.verdict_at(Layer.CD) is Verdict.UNDECIDED


def test_the_core_is_the_same_at_every_layer_also_with_rows_that_name_layers() -> None:
    loose = Loosening(reason="fast feedback", owner="ann", expires="2027-01-01T00:00:00Z")
    rows = (
        Row("hooks", Action.WARN, environments=(Environment.PROD,), layers=(Layer.PRE_COMMIT,), loosens=loose),
        Row("late", Action.BLOCK, environments=(Environment.DEV,), layers=(Layer.CD, Layer.RUNTIME)),
    )
    decisions = {
        layer: judged(
            [failed()],
            Context(environment=Environment.PROD, author="bob", layer=layer, actor=f"at {layer}", surface=str(layer)),
            bundle=bundle(rows=rows),
        )
        for layer in Layer
    }
    assert len({decision.encoded for decision in decisions.values()}) == 1
    assert {layer: decision.verdict for layer, decision in decisions.items()} == {
        Layer.PRE_COMMIT: Verdict.WARN,
        Layer.CI: Verdict.DENY,
        Layer.REGISTRY: Verdict.DENY,
        Layer.CD: Verdict.DENY,
        Layer.RUNTIME: Verdict.DENY,
    }
    core = decisions[Layer.CI].core
    assert [d.row for d in core.dispositions_at(Layer.PRE_COMMIT)] == ["hooks"]
    assert [d.row for d in core.dispositions_at(Layer.RUNTIME)] == ["prod-everything"]


# Words


def test_words_stay_short_however_many_findings_there_are() -> None:
    results = [failed(resource=f"bucket.{number:05}") for number in range(500)]
    results += [Result("s3", f"queue.{number}", Outcome.ERROR, f"reason {number}") for number in range(500)]
    core = judged(results).core
    assert len(core.dispositions) == 500
    assert any("and 490 more" in reason for reason in core.reasons)
    assert any("and 490 more causes" in reason for reason in core.reasons)
    assert max(map(len, core.reasons + core.smallest_change)) < 600
    assert len(core.reasons + core.smallest_change) < 40


def test_long_names_and_reasons_are_cut_in_words_and_whole_in_results() -> None:
    core = judged([failed(resource="x" * 5000), Result("s3", "y", Outcome.ERROR, "z" * 5000)]).core
    assert max(map(len, core.reasons + core.smallest_change)) < 700
    assert core.dispositions[0].finding.resource == "x" * 5000


def test_a_decision_is_named_by_the_digest_of_its_core() -> None:
    one, same, other = judged([PASSED]), judged([PASSED]), judged([failed()])
    assert one.digest == same.digest != other.digest


def test_a_malformed_now_is_refused() -> None:
    with pytest.raises(TrustError):
        judged([PASSED], now="yesterday")
