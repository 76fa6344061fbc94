"""Which lines count, which of them are covered, and how they are put together."""

from __future__ import annotations

from gateproof import rego
from gateproof.rego.coverage import Coverage, FileCoverage, merged, ranges

POLICY = """\
package a

limit := 3

unused := 4 if {
	input.x
}

deny contains msg if {
	some x in input.xs
	x > limit
	msg := sprintf("%d", [x])
}

deny contains "never" if {
	input.never
	false
}

quiet if every x in input.xs {
	x < 2
}
"""
TEST = 'package a\n\nmine := {"xs": [1, 5]}\n\ntest_a if {\n\tcount(deny) == 1 with input as mine\n}\n'


def covered(**modules: str) -> Coverage:
    report = rego.test({f"{name}.rego": text for name, text in modules.items()}, coverage=True)
    assert report.coverage is not None
    return report.coverage


def test_lines_are_covered_when_they_were_evaluated() -> None:
    policy, test = covered(policy=POLICY, policy_test=TEST).files
    assert policy.file == "policy.rego"
    assert policy.covered == [3, 9, 10, 11, 12, 16]
    assert policy.uncovered == [5, 6, 15, 17, 20, 21]
    assert policy.percent == 50
    assert (test.file, test.lines) == ("policy_test.rego", {3: 1})


def test_lines_count_how_often() -> None:
    policy = covered(policy=POLICY, policy_test=TEST).files[0]
    assert (policy.lines[10], policy.lines[11], policy.lines[12]) == (1, 2, 1)


def test_a_test_that_fails_covers_what_it_reached() -> None:
    (policy,) = covered(a="package a\nx if {\n\tinput.y\n\tinput.z\n}\ntest_a if x").files
    assert policy.covered == [3]


def test_ranges_go_on_across_lines_that_hold_nothing() -> None:
    assert ranges([], [1, 2]) == []
    assert ranges([1, 5, 9], [1, 5, 7, 9, 12]) == [(1, 5), (9, 9)]


def test_coverage_is_merged_by_file_and_line() -> None:
    one = Coverage((FileCoverage("a", {1: 1, 2: 0}),))
    other = Coverage((FileCoverage("b", {1: 0}), FileCoverage("a", {1: 1, 3: 0})))
    assert merged([one, other]) == Coverage((FileCoverage("a", {1: 2, 2: 0, 3: 0}), FileCoverage("b", {1: 0})))
    assert (merged([one, other]).percent, merged([one, other]).total) == (25, 4)
    assert Coverage().percent == 100


def test_programs_that_are_not_traced_report_nothing() -> None:
    assert "trace_" not in rego.explain(rego.compile({"a.rego": POLICY}))
