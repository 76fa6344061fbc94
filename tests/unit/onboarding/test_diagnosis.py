from __future__ import annotations

import msgspec
import pytest
from tests.conftest import Company
from tests.unit.onboarding.conftest import KUBERNETES, TERRAFORM, surveyed

from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable, Loosening, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.policy import Deprecation, EngineName, InputKind, Policy
from gateproof.catalog.scales import Environment, Layer, Severity
from gateproof.gate.table import merge
from gateproof.onboarding import diagnosis
from gateproof.onboarding.diagnosis import KeyFile, Problem, StorePlace
from gateproof.onboarding.inventory import File, LeftOut
from gateproof.onboarding.survey import survey
from gateproof.testing import NOW
from gateproof.trust import Role, Trust, open_trust

BUCKETS = Policy(
    id="buckets",
    engine=EngineName.REGO_RESOURCE,
    title="Buckets",
    severity=Severity.HIGH,
    controls=("soc2@2017:CC6.1",),
    kinds=(InputKind.TERRAFORM_PLAN,),
    resources=("aws_s3_bucket",),
)
UNTIL = Loosening("a move", "vera@example.com", "2027-06-01T00:00:00Z")


def said(*own: Row) -> list[str]:
    """What is said of these rows beside the default table."""
    table = merge(DEFAULT, GateTable(rows=own))
    return [problem.what for problem in diagnosis.rows(own, table, [BUCKETS], NOW)]


@pytest.mark.parametrize(
    "row",
    [
        # Ties with a row of the default table, which blocks and so comes first.
        Row("mine", Action.WARN, environments=(Environment.PROD,), loosens=UNTIL),
        # Has fewer columns than every row of the default table that matches.
        Row("mine", Action.BLOCK, policies=("buckets",), environments=()),
        Row("mine", Action.BLOCK, policies=("other",), environments=(Environment.DEV,)),
        Row("mine", Action.BLOCK, controls=("soc2@2017:CC9.2",), environments=(Environment.DEV,)),
    ],
    ids=["tie", "fewer", "policy", "control"],
)
def test_rows_that_decide_nothing(row: Row) -> None:
    expected = ["the row 'mine' decides nothing"]
    # A row of one column ties with the warning of dev and is stricter: it decides there.
    assert said(row) == ([] if row.policies == ("buckets",) else expected)


@pytest.mark.parametrize(
    "row",
    [
        Row("mine", Action.BLOCK, environments=(Environment.DEV,)),
        Row("mine", Action.BLOCK, environments=(Environment.DEV,), layers=(Layer.CD,)),
        Row("mine", Action.BLOCK, environments=(Environment.DEV,), controls=("soc2@2017:CC6.*",)),
        Row("mine", Action.WARN, environments=(Environment.PROD,), policies=("buckets",), loosens=UNTIL),
    ],
    ids=["environment", "layer", "control", "policy"],
)
def test_rows_that_decide_something(row: Row) -> None:
    assert said(row) == []


def test_why_a_row_decides_nothing() -> None:
    tie = Row("mine", Action.WARN, environments=(Environment.PROD,), loosens=UNTIL)
    other = Row("theirs", Action.BLOCK, policies=("gone*",))
    table = merge(DEFAULT, GateTable(rows=(tie, other)))
    first, second = diagnosis.rows((tie, other), table, [BUCKETS], NOW)
    assert "'prod-everything' comes first" in first.why
    assert "matches no policy" in second.why


@pytest.mark.parametrize(
    ("at", "words"),
    [("2027-05-01T00:00:00Z", None), ("2027-05-25T00:00:00Z", "ends at"), ("2027-06-01T00:00:00Z", "ended at")],
)
def test_what_loosens_ends(at: str, words: str) -> None:
    row = Row("mine", Action.WARN, environments=(Environment.PROD,), policies=("buckets",), loosens=UNTIL)
    table = merge(DEFAULT, GateTable(rows=(row,)))
    found = [
        *diagnosis.rows((row,), table, [BUCKETS], at),
        *diagnosis.overlays([Overlay("buckets", enabled=False, loosens=UNTIL), Overlay("x")], at),
    ]
    assert [words in problem.what for problem in found] == ([True, True] if words else [])


def test_policies_that_read_nothing_and_ids_that_are_none() -> None:
    old = msgspec.structs.replace(
        BUCKETS, id="old", kinds=(), resources=(), deprecated=Deprecation("2026-01-01", until="2026-06-01")
    )
    found = list(diagnosis.policies([BUCKETS, old], ["buckets", "gone"], ["buckets", "old"], surveyed(KUBERNETES), NOW))
    assert [problem.what for problem in found] == [
        "there is no policy 'gone' to turn off",
        "old is deprecated since 2026-01-01, to be gone by 2026-06-01, and that day has come",
        "nothing here is read by buckets",
    ]
    assert list(diagnosis.policies([BUCKETS], [], [], surveyed(TERRAFORM), NOW)) == []
    assert list(diagnosis.policies([BUCKETS], [], [], surveyed(KUBERNETES), NOW, by_default=["buckets"])) == []


def test_waivers(company: Company, rival: Company) -> None:
    trusted = company.grounds().trust
    files = {
        "good.json": company.waiver("acl"),
        "other.json": company.waiver("gone"),
        "foreign.json": rival.waiver("acl"),
        "broken.json": b"{",
    }
    found = {
        problem.where: problem.what for problem in diagnosis.waivers(files, {"acl"}, trusted, "2026-11-10T00:00:00Z")
    }
    assert found["other.json"] == "it is for gone, which does not judge here"
    assert found["foreign.json"] == "its signature does not count"
    assert found["broken.json"].startswith("no waiver: ")
    assert "good.json" not in found
    (soon,) = diagnosis.waivers({"good.json": files["good.json"]}, {"acl"}, trusted, NOW)
    assert soon.what == "it ends at 2026-12-01T00:00:00Z"
    (over,) = diagnosis.waivers({"good.json": files["good.json"]}, {"acl"}, trusted, "2026-12-01T00:00:00Z")
    assert over.what == "it ended at 2026-12-01T00:00:00Z"


def test_trust_that_ends(company: Company) -> None:
    trusted = company.grounds().trust
    assert trusted is not None
    assert list(diagnosis.trust(trusted, NOW)) == []
    keys = (
        company.trusted(company.root, Role.TRUST),
        company.trusted(company.ci, Role.DECISION, not_after="2026-11-01T00:00:00Z"),
    )
    policy = msgspec.structs.replace(company.policy, keys=keys, not_after="2026-12-01T00:00:00Z")
    assert trusted.roster is not None
    roster = msgspec.structs.replace(trusted.roster, not_after="2026-11-30T00:00:00Z")
    ending = Trust(record=trusted.record, policy=policy, roster=roster)
    assert [problem.what for problem in diagnosis.trust(ending, NOW)] == [
        "the trust policy ends at 2026-12-01T00:00:00Z",
        "the roster ends at 2026-11-30T00:00:00Z",
        "the key 'key' ended at 2026-11-01T00:00:00Z",
    ]


def test_keys(company: Company) -> None:
    from gateproof.trust import DocumentKind, sign_document

    trusted = open_trust(
        sign_document(DocumentKind.TRUST, company.policy, company.root), company.root.fingerprint, None, NOW
    )

    def what(file: KeyFile) -> list[str]:
        return [problem.what for problem in diagnosis.key(file, trusted, NOW)]

    assert what(KeyFile("k", None, inside=True)) == ["there is no such key file"]
    assert what(KeyFile("k", 0o600, inside=False)) == []
    assert what(KeyFile("k", 0o640, inside=True)) == ["its mode is 0640", "a private key in the repository"]
    assert what(KeyFile("k", 0o600, inside=False, fingerprint=company.ci.fingerprint)) == [
        "the trust policy does not let it sign now"
    ]


def test_the_place_of_the_evidence() -> None:
    assert list(diagnosis.store(StorePlace("e", writable=True, inside=False))) == []
    found = diagnosis.store(StorePlace("e", writable=False, inside=True))
    assert [problem.what for problem in found] == ["it cannot be written to", "the evidence is inside the repository"]


def test_pipelines_that_see_too_little_or_stop_nothing() -> None:
    soft = {
        ".gitlab-ci.yml": "gate:\n  allow_failure: true\n  script: [gateproof check plan.json]\n",
        ".github/workflows/a.yml": KUBERNETES[".github/workflows/ci.yml"],
        ".github/workflows/b.yml": (
            "on: push\njobs:\n  a:\n    steps:\n      - {uses: actions/checkout@v4, with: {fetch-depth: 0}}\n"
            "      - run: gateproof check plan.json\n"
        ),
    }
    found = [(problem.where, problem.what) for problem in diagnosis.pipelines(surveyed(soft))]
    assert found == [
        (".github/workflows/a.yml", "gateproof runs in a shallow clone"),
        (".gitlab-ci.yml", "gateproof runs in a shallow clone"),
        (".gitlab-ci.yml: gate", "what gateproof decides is ignored"),
    ]


def test_inputs_and_clock() -> None:
    assert [problem.what for problem in diagnosis.inputs(surveyed({}))] == ["there is nothing that could be judged"]
    assert list(diagnosis.inputs(surveyed(TERRAFORM))) == []
    cut = survey("x", [LeftOut("this and all that follows: more than 1 names", "a"), File("main.tf", b"")], ())
    assert [problem.next for problem in diagnosis.inputs(cut)] == ["diagnose parts of it"]
    assert list(diagnosis.clock("2026-11-23T05:00:00Z", "2026-11-23T05:04:00Z")) == []
    (behind,) = diagnosis.clock("2026-11-23T05:00:00Z", "2026-11-23T06:00:00Z")
    assert behind.where == "this machine"


def test_every_problem_says_what_to_do(company: Company, rival: Company) -> None:
    found: list[Problem] = [
        *diagnosis.inputs(surveyed({})),
        *diagnosis.waivers({"a": b"", "b": rival.waiver("x")}, set(), company.grounds().trust, NOW),
        *diagnosis.key(KeyFile("k", 0o644, inside=True), None, NOW),
        *diagnosis.store(StorePlace("e", writable=False, inside=True)),
        *diagnosis.policies([BUCKETS], ["x"], [], surveyed(KUBERNETES), NOW),
    ]
    assert len(found) >= 8
    assert all(problem.what and problem.where and problem.why and problem.next for problem in found)
