"""`gateproof test` as it is used: reports, exit codes, coverage, samples, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

PACK = Path(__file__).resolve().parents[2] / "src" / "gateproof" / "policies"
POLICY = """\
package app

allow if {
	input.user == data.owner
	not blocked
}

blocked if input.user == "mallory"
"""
KINDS = """\
package kinds

test_fails if false
test_error if f(1) == 1
test_prints if print("x")
todo_test_later if false
test_passes := true
f(_) := 1
f(_) := 2
"""
PASSES = 'package app\n\ntest_owner if allow with input as {"user": "ann"} with data.owner as "ann"\n'
FAILS = 'package app\n\ntest_other if {\n\tuser := "bob"\n\tallow with input.user as user\n}\n'
REPORT = """\
FAIL   data.app.test_other  policy/other_test.rego:3
      policy/other_test.rego:5: allow with input.user as user
          user = "bob"
          allow = undefined
          data.app.allow
            policy/app.rego:4: input.user == data.owner
                input.user = "bob"
                data.owner = "ann"
tests: 1 passed, 1 failed
"""


@pytest.fixture
def policy(gateproof: Gateproof) -> Gateproof:
    gateproof.write("policy/app.rego", POLICY)
    gateproof.write("policy/app_test.rego", PASSES)
    gateproof.write("policy/data.json", '{"owner": "ann"}')
    gateproof.write("policy/other.json", "[")
    return gateproof


def test_all_pass(policy: Gateproof) -> None:
    ran = policy("test", "policy")
    assert (ran.code, ran.out, ran.err) == (0, "tests: 1 passed\n", "")
    verbose = policy("test", "-v", "policy/app.rego", "policy/app_test.rego")
    assert verbose.out.startswith("PASS   data.app.test_owner  policy/app_test.rego:3\n")


def test_a_failure_says_what_was_undefined(policy: Gateproof) -> None:
    policy.write("policy/other_test.rego", FAILS)
    ran = policy("test", "policy")
    assert (ran.code, ran.out, ran.err) == (1, REPORT, "")
    assert policy("test", "-r", "owner", "policy").code == 0


def test_reports_for_machines(policy: Gateproof) -> None:
    policy.write("policy/other_test.rego", FAILS)
    document = json.loads(policy("test", "--format", "json", "policy").out)
    assert [(test["name"], test["outcome"]) for test in document["tests"]] == [
        ("data.app.test_owner", "pass"),
        ("data.app.test_other", "fail"),
    ]
    assert document["tests"][1]["failures"][0]["place"] == "policy/other_test.rego:5"
    assert policy("test", "--format", "junit", "-o", "report.xml", "policy").code == 1
    suites = ET.fromstring((policy.folder / "report.xml").read_text())  # noqa: S314 - our own report
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    failure = suites.find(".//failure")
    assert failure is not None
    assert "allow with input.user as user" in (failure.text or "")


def test_coverage(policy: Gateproof) -> None:
    text = policy("test", "--coverage", "text", "--fail-under", "100", "policy")
    assert text.code == 0
    assert text.out == "tests: 1 passed\n 100.0 %      4 lines  policy/app.rego\n 100.0 %      4 lines\n"
    policy.write("policy/more.rego", "package more\n\nx if {\n\tinput.a\n\tinput.b\n}\n")
    low = policy("test", "--fail-under", "90", "policy")
    assert low.code == 1
    assert low.err == "coverage is 57.1 %, below 90 %\n"
    assert "not covered: 3-5" in low.out
    lcov = policy("test", "--coverage", "lcov", "policy")
    assert lcov.err == "tests: 1 passed\n"
    assert "SF:policy/more.rego\nDA:3,0\nDA:4,0\nDA:5,0\nLF:3\nLH:0\nend_of_record\n" in lcov.out
    policy("test", "--coverage", "json", "--coverage-output", "coverage.json", "policy")
    document = json.loads((policy.folder / "coverage.json").read_text())
    assert document["files"]["policy/more.rego"]["not_covered"] == [{"start": {"row": 3}, "end": {"row": 5}}]


def test_bench_says_how_long(policy: Gateproof) -> None:
    ran = policy("test", "--bench", "policy")
    assert ran.code == 0
    first = ran.out.splitlines()[0]
    (steps,) = re.findall(r"  [\d,]+ ns, (\d+) steps, [\d,]+ bytes at most, median of [\d,]+ runs$", first)
    again = policy("test", "--bench", "--format", "gobench", "policy")
    assert re.fullmatch(rf"BenchmarkDataAppTestOwner\t\d+\t\d+ ns/op\t{steps} steps/op\t\d+ peak-B/op\n", again.out)


def test_samples(gateproof: Gateproof) -> None:
    shutil.copytree(PACK / "container-hardening", gateproof.folder / "container-hardening")
    ran = gateproof("test", ".", "--coverage", "text")
    assert ran.out.startswith("samples: 14 passed\n")
    assert [line.split()[-1] for line in ran.out.splitlines() if ".rego" in line] == ["container-hardening/policy.rego"]
    rules = gateproof("eval", "data.gateproof.policies.container_hardening.applies", "-d", ".", "-f", "raw")
    assert rules.out == "[]\n"
    allowed = gateproof.folder / "container-hardening" / "allowed"
    shutil.copy(gateproof.folder / "container-hardening" / "denied" / "nothing-set.yaml", allowed)
    wrong = gateproof("test", "container-hardening")
    assert wrong.code == 1
    assert "FAIL   container-hardening/allowed/nothing-set.yaml, which must be allowed" in wrong.out
    gateproof.write("container-hardening/denied/broken.json", "{")
    assert gateproof("test", "container-hardening").code == 2


def test_junit_has_what_the_schema_of_jenkins_has(policy: Gateproof) -> None:
    """Facts of junit-10.xsd of the xUnit plugin: the attributes and children of each element, required ones first."""
    schema = {
        "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
        "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "time"}, {"testcase"}),
        "testcase": ({"name"}, {"time", "classname"}, {"failure", "error", "skipped", "system-out"}),
        "failure": (set(), {"message"}, set()),
        "error": (set(), {"message"}, set()),
        "skipped": (set(), {"message"}, set()),
        "system-out": (set(), set(), set()),
    }
    policy.write("policy/kinds_test.rego", KINDS)
    document = ET.fromstring(policy("test", "policy", "--format", "junit").out)  # noqa: S314 - our own
    for element in document.iter():
        required, optional, children = schema[element.tag]
        assert required <= set(element.attrib) <= required | optional, element.tag
        assert {child.tag for child in element} <= children
    assert {element.tag for element in document.iter()} == set(schema)
    assert (document.attrib["tests"], document.attrib["failures"], document.attrib["errors"]) == ("6", "1", "1")


def test_cases_are_named(policy: Gateproof) -> None:
    cases = 'package app\n\ntest_users[name] if {\n\tsome name in ["ann", "bob"]\n\tname == "ann"\n}\n'
    policy.write("policy/cases_test.rego", cases)
    ran = policy("test", "-v", "policy/cases_test.rego")
    assert ran.out == (
        "FAIL   data.app.test_users  policy/cases_test.rego:3\n      pass  ann\n      fail  bob\n"
        '      cases that are not true: bob\n      policy/cases_test.rego:5: name == "ann"  (case bob)\n'
        '          name = "bob"\ntests: 1 failed\n'
    )
    (test,) = json.loads(policy("test", "policy/cases_test.rego", "--format", "json").out)["tests"]
    assert test["cases"] == {"ann": True, "bob": False}


def test_the_pack_is_covered(gateproof: Gateproof) -> None:
    ran = gateproof("test", str(PACK), "--fail-under", "85")
    assert (ran.code, ran.err) == (0, "")


def test_what_is_refused(policy: Gateproof) -> None:
    policy.write("untested/app.rego", POLICY)
    policy.write("broken/app.rego", "package app\nx := {\n")
    policy.write("unsafe/app.rego", "package app\nx if y\n")
    policy.write("twice/data.json", '{"a": 1}')
    policy.write("twice/data.yaml", "a: 2")
    policy.write("twice/a_test.rego", "package a\ntest_a := true")
    policy.write("list/data.json", "[1]")
    policy.write("notes.txt", "")
    calls = {
        "there are no rules test_…": ("test", "untested"),
        "no test matches": ("test", "-r", "nothing", "policy"),
        "not a regular expression": ("test", "-r", "(", "policy"),
        "rego_parse_error": ("test", "broken"),
        "the policy does not compile: 1 problem": ("test", "unsafe"),
        "in other base data": ("test", "twice"),
        "not an object": ("test", "list"),
        "not a Rego file": ("test", "notes.txt"),
        "No such file": ("test", "gone.rego"),
        "--format gobench is about times": ("test", "policy", "--format", "gobench"),
        "would both go to standard output": ("test", "policy", "--coverage", "lcov", "--format", "json"),
    }
    assert {words: ran.refused(words) for words, ran in policy.each(calls).items() if ran.refused(words)} == {}


def test_watching_runs_again_and_ends_with_ctrl_c(policy: Gateproof) -> None:
    # What runs in the background of a shell ignores SIGINT, and so would what it starts.
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    command = [sys.executable, "-m", "gateproof", "test", "--watch", "policy"]
    with subprocess.Popen(
        command, cwd=policy.folder, env=policy.environment, stdout=subprocess.PIPE, preexec_fn=heeding
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"tests: 1 passed\n"
            policy.write("policy/more_test.rego", "package more\n\ntest_more := true\n")
            assert process.stdout.readline() == b"tests: 2 passed\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_hostile_tests_end(gateproof: Gateproof) -> None:
    bodies = {
        "steps": "some a in r; some b in r; some c in r; a + b + c < 0",
        "larger than": "count(numbers.range(1, 1000000000)) == 0",
        "deeper than 150 levels": "p0",
    }
    deep = "\n".join(f"p{n} if p{n + 1}" for n in range(200))
    for number, (words, body) in enumerate(bodies.items()):
        rules = f"r := numbers.range(1, 3000)\ntest_a if {{ {body} }}\n{deep}\np200 := true\n"
        ran = gateproof("test", gateproof.write(f"{number}_test.rego", f"package a\n{rules}"), "--coverage", "text")
        assert (ran.code, ran.faults()) == (2, [])
        assert words in ran.out
    nested = "[" * 100 + "x" + "]" * 100
    ran = gateproof("test", gateproof.write("n_test.rego", f"package a\ntest_a if {{ x := 1; {nested} == input.x }}\n"))
    assert (ran.code, ran.faults()) == (1, [])


def test_text_of_policies_is_harmless(gateproof: Gateproof) -> None:
    gateproof.write("a_test.rego", 'package a\ntest_a if { x := "\\u001b[31m"; print(x); x == "##[error]" }\n')
    for form in ("text", "json", "junit"):
        ran = gateproof("test", "a_test.rego", "--format", form)
        assert ran.code == 1
        assert ran.faults() == []
