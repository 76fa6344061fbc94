"""Reports to render: one of a real judgement, and one in which everything that comes from outside is hostile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from gateproof import flow, inputs
from gateproof.answers.answer import Answer, Exhibit, GrantedWaiver, LogState, PolicyText
from gateproof.answers.index import Record
from gateproof.answers.question import Question
from gateproof.catalog import Bundle, Control, build, pack
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import EngineName, InputKind, Policy, Source
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.gate.decision import (
    Core,
    Coverage,
    Decision,
    Disposition,
    Obligation,
    Scene,
    Treatment,
    Verdict,
    WaiverUse,
)
from gateproof.inputs.context import Claim, Context
from gateproof.inputs.input import Remark, Subject
from gateproof.render.places import spots
from gateproof.render.report import Item, Proof, Report, Spot
from gateproof.trust import ReasonCode, Waiver, WaiverKind

NOW = "2026-11-23T05:00:00Z"
ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "payments"
FILES = (
    "manifests/blocked.yaml",
    "manifests/fixed.yaml",
    "plans/1-public-bucket.json",
    "plans/2-private-bucket.json",
    "plans/3-partner-drop.json",
)
DIGEST = "sha256:" + 64 * "0"

Judge = Callable[..., Item]

HOSTILE = (
    "\x1b[2J\x1b]0;title\x07\x9b31m red",
    "first\r\nsecond\rthird\nfourth\x0b\x0c\x85\u2028\u2029",
    "::error file=x::pwned",
    "   ::set-output name=x::pwned",
    "a\n::add-mask::x",
    "##[error]pwned ###[group]x",
    "##vso[task.setvariable variable=x]y ##teamcity[x]",
    "[click](https://evil.example/) ![x](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example mail@evil.example @octocat @org/team #123 GH-123 org/repo#1",
    "| a | b |\\| c `code` ``` *b* _i_ ~~s~~ **B** \\` \\[ &#64;x &lt;b&gt; $x$ :smile: - [ ] 1. > #",
    90 * "`" + "[x](https://evil.example)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'--><!-- -->",
    "]]></testcase><testsuite name='x'> &amp; \ufffe\uffff\x00\x01",
    "=cmd()|' /C calc'!A0 +1 -1 @SUM(1)",
    "\u202egnp.exe\u202c \u2066x\u2069 zero\u200bwidth\u200d\ufeff \u3164\u034f\ufe0f soft\u00adhyphen \U000e0041",
    "{{ 7*7 }} {% raw %} ${{ secrets.X }} {0} %s %0A::error::x",
    "word " * 30 + "::error::wrapped to the start of a line",
    "x" * 88 + "::error::broken at the width",
    "long " * 2_000,
)
"""What a resource, a message or a policy may say. Canonical JSON holds no lone surrogates; file names do."""

HOSTILE_NAME = "a\x1b[31m\n::error::x\udcff\ud800|`[x](y)`<b>\u202e@octocat #1.json"


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """The pack under the default gate table."""
    return build(pack.builtin(pack.STARTER), DEFAULT)


def judged(bundle: Bundle, name: str, layer: Layer = Layer.CI) -> Item:
    """The item of one file of the example service, on its way to prod."""
    raw = (EXAMPLE / name).read_bytes()
    subject = inputs.parse(raw)
    context = Context(service="payments", layer=layer)
    decision = flow.judge_input(subject, bundle, {}, context, [], None, NOW, tool="gateproof")
    findings = [each.finding for each in decision.core.dispositions]
    return Item(name, decision, spots(raw, subject, findings), subject.remarks)


@pytest.fixture(scope="session")
def judge(bundle: Bundle) -> Judge:
    """Judges a file of the example service at a layer."""
    return lambda name, layer=Layer.CI: judged(bundle, name, layer)


@pytest.fixture(scope="session")
def example(bundle: Bundle) -> Report:
    """All files of the example service, and one that nobody can read."""
    unread = inputs.parse(b"{")
    broken = flow.judge_input(unread, bundle, {}, Context(), [], None, NOW, tool="gateproof")
    items = (*(judged(bundle, name) for name in FILES), Item("broken.json", broken))
    return Report(items, bundle, ("notes.yaml",), "gateproof")


def hostile_core(texts: Sequence[str]) -> Core:
    """A decision about resources, by policies and under waivers that say ``texts`` wherever they can say anything."""
    findings = [Finding(text, text, text, Severity.HIGH, (text,), path=(text, n)) for n, text in enumerate(texts)]
    treatments = (Treatment.BLOCK, Treatment.WARN, Treatment.WAIVED)
    dispositions = [
        Disposition(finding, treatments[n % 3], row=finding.message, waiver=DIGEST if n % 3 == 2 else "")
        for n, finding in enumerate(findings)
    ]
    results = [Result(each.policy, each.resource, Outcome.FAIL, findings=(each,)) for each in findings]
    results += [Result(text, f"error {text}", Outcome.ERROR, text) for text in texts]
    results += [Result(text, f"skip {text}", Outcome.SKIP, text) for text in texts]
    results += [Result(text, f"pass {text}", Outcome.PASS) for text in texts]
    first = texts[0]
    return Core(
        verdict=Verdict.DENY,
        subject=Subject(InputKind.KUBERNETES, DIGEST, 1),
        input=DIGEST,
        bundle=DIGEST,
        gate_table=DIGEST,
        decided_at=NOW,
        scene=Scene(
            service=texts[-1],
            environment=Environment.PROD,
            tier=Tier.ONE,
            data_classification=Classification.RESTRICTED,
            commit=first,
            claims=tuple(Claim("tier", text, text, used=False) for text in texts),
        ),
        tool="gateproof",
        waivers=tuple(WaiverUse(DIGEST, counted=False, reason=text) for text in texts),
        results=tuple(results),
        dispositions=tuple(dispositions),
        problems=tuple(texts),
        obligations=tuple(Obligation(text, text, reason=text) for text in texts),
        coverage=Coverage(1, 2),
        reasons=tuple(texts),
        smallest_change=tuple(texts),
    )


def hostile_report(texts: Sequence[str]) -> Report:
    """A report in which everything from outside is hostile."""
    core = hostile_core(texts)
    policies = [
        Policy(
            id=text,
            engine=EngineName.KYVERNO,
            title=text,
            severity=Severity.HIGH,
            description=text,
            remediation=text,
            controls=(text,),
            sources=(Source(text, f"{text}\n{text}"),),
        )
        for text in texts
    ]
    places = {
        (each.finding.document, each.finding.path): Spot(number, 1, ((number, text), (number + 1, f"\t{text}")))
        for number, (each, text) in enumerate(zip(core.dispositions, texts, strict=True), 1)
    }
    decision = Decision(core=core, layer=Layer.CD, actor=texts[0], surface="cli")
    remarks = tuple(Remark(0, (), text) for text in texts)
    item = Item(HOSTILE_NAME, decision, places, remarks, Proof(DIGEST, 7, "store"))
    controls = tuple(Control(text, text) for text in texts)
    return Report((item, msgspec.structs.replace(item, name=texts[-1])), Bundle(tuple(policies), controls, DEFAULT))


@pytest.fixture(scope="session")
def texts() -> tuple[str, ...]:
    """``HOSTILE``."""
    return HOSTILE


@pytest.fixture(scope="session")
def hostile() -> Report:
    """A report in which everything that comes from outside is hostile."""
    return hostile_report(HOSTILE)


@pytest.fixture(scope="session")
def large() -> Report:
    """A report of 10,000 findings and as many errors, skips and passes."""
    return hostile_report([f"::error::{number}\x1b[31m `|" for number in range(10_000)])


def _exhibit(entry: int, item: Item, bundle: Bundle, waivers: tuple[GrantedWaiver, ...] = ()) -> Exhibit:
    core, digest, layer = item.decision.core, item.decision.digest, item.decision.layer
    record = Record(entry=entry, digest=digest, envelope=DIGEST, name=item.name, layer=layer, core=core, bundle=bundle)
    return Exhibit(
        record=record,
        sealed=DIGEST,
        results=core.results,
        dispositions=core.dispositions,
        waivers=waivers,
        leaf=DIGEST,
        checks=("gateproof verify evidence --root " + DIGEST, f"gateproof replay {digest} --evidence evidence"),
    )


def _waiver(text: str = "") -> Waiver:
    return Waiver(
        kind=WaiverKind.EXCEPTION,
        policies=(text or "encryption-at-rest",),
        environment=Environment.PROD,
        service=text or "payments",
        reason_code=ReasonCode.PLANNED_FIX,
        reason=text or "the partner reads with its own key until its own is approved",
        risk_owner=text or "cfo@example.com",
        requester=text or "dev@example.com",
        approver=text or "ciso@example.com",
        ticket=text or "RISK-17",
        not_before="2026-11-20T00:00:00Z",
        not_after="2026-12-01T00:00:00Z",
    )


@pytest.fixture(scope="session")
def answer(example: Report, bundle: Bundle) -> Answer:
    """What the example's plans answer about encryption, one of them under a waiver."""
    blocked, allowed, waived = example.items[2:5]
    core = waived.decision.core
    dispositions = tuple(Disposition(d.finding, Treatment.WAIVED, d.row, DIGEST) for d in core.dispositions)
    core = msgspec.structs.replace(core, verdict=Verdict.WARN, dispositions=dispositions)
    waived = msgspec.structs.replace(waived, decision=msgspec.structs.replace(waived.decision, core=core))
    return Answer(
        question=Question(
            text="encryption at rest for restricted data",
            topic="encryption at rest for data",
            controls=tuple(control.id for control in bundle.controls[:4]),
            telling=tuple(control.id for control in bundle.controls[:1]),
            classification=Classification.RESTRICTED,
        ),
        asked_at=NOW,
        gaps=(
            "plans/3-partner-drop.json (2026-11-23T05:00:00Z) passed under a waiver of encryption-at-rest",
            "which deployments followed these decisions is not recorded in this store",
        ),
        controls=bundle.controls[:4],
        policies=tuple(PolicyText(policy, (bundle.digest,)) for policy in bundle.policies[1:]),
        exhibits=(
            _exhibit(4, waived, bundle, (GrantedWaiver(DIGEST, _waiver()),)),
            _exhibit(2, allowed, bundle),
            _exhibit(0, blocked, bundle),
        ),
        verdicts={"WARN": 1, "ALLOW": 1, "DENY": 1},
        more=2,
        log=LogState(
            origin="example.com/payments",
            size=6,
            checkpoint="example.com/payments\n6\nAAAA\n\n— example.com/payments AAAA\n",
            root=DIGEST,
            store="evidence",
        ),
    )


@pytest.fixture(scope="session")
def hostile_answer(hostile: Report) -> Answer:
    """An answer from evidence in which every text is hostile."""
    texts, bundle = HOSTILE, hostile.bundle
    waivers = tuple(GrantedWaiver(DIGEST, _waiver(text)) for text in texts)
    exhibit = msgspec.structs.replace(_exhibit(1, hostile.items[0], bundle, waivers), checks=texts)
    return Answer(
        question=Question(text="".join(texts[:-1]), topic=texts[2], controls=texts, service=texts[2]),
        asked_at=NOW,
        gaps=texts,
        controls=tuple(bundle.controls),
        policies=tuple(PolicyText(policy, (DIGEST,)) for policy in bundle.policies),
        exhibits=(exhibit,),
        verdicts={"DENY": 1, '"><script>': 1},
        more=0,
        log=LogState(origin=texts[2], size=1, checkpoint="\n".join(texts), root=texts[3], store=texts[4]),
    )
