"""Tests in Rego: what is a test, when it passes, and what is said about one that does not."""

from __future__ import annotations

from itertools import count

import pytest

from gateproof import rego
from gateproof.errors import UsageError
from gateproof.rego import testing
from gateproof.rego.failures import Failure, brief
from gateproof.rego.testing import Outcome

POLICY = """\
package app

default allow := false

allow if {
	some role in input.roles
	role == "admin"
	is_weekday(input.day)
}

is_weekday(day) if day in {"mo", "tu"}

is_weekday("we")

small if every x in input.xs {
	x > 1
	x < 10 # not more
}

level := 1 if {
	input.x == 1
} else := 2 if {
	input.y.z > 3
}
"""


def run(body: str, **options: object) -> tuple[testing.RuleTest, ...]:
    modules = {"app.rego": POLICY, "app_test.rego": f"package app\n\n{body}\n"}
    return rego.test(modules, **options).tests  # type: ignore[arg-type]


def failure(body: str) -> Failure:
    (test,) = run(body)
    assert test.outcome is Outcome.FAIL
    (found,) = test.failures
    return found


@pytest.mark.parametrize(
    ("rule", "outcome", "message"),
    [
        ("test_a if 1 == 1", "pass", ""),
        ("test_a := false", "fail", "the value is false, not true"),
        ("test_a if input.missing", "fail", "undefined"),
        ("test_a := 3", "fail", "the value is 3, not true"),
        ('test_a := "x"', "fail", 'the value is "x", not true'),
        ("test_a contains 1", "fail", "the value is {1}, not true"),
        ('test_a[name] := held if some name, held in {"one": true, "two": true}', "pass", ""),
        ('test_a[name] := held if some name, held in {"one": true, "two": 1}', "fail", "cases that are not true: two"),
        ('test_a[name].deep := 1 if some name in ["x"]', "fail", "cases that are not true: x/deep"),
        ('test_a := {"one": true}', "fail", 'the value is {"one": true}, not true'),
        ("test_a.one if true", "fail", 'the value is {"one": true}, not true'),
        ("test_a[n] if some n in []", "fail", "there was no case to try"),
        ('test_a[n] if { some n in ["x", "y"]; n == "x" }', "fail", "cases that are not true: y"),
        ('test_a[n] if { some n in ["x", "x"]; n == "x" }', "pass", ""),
        (
            'test_a[c.n] if { some c in [{"n": "x", "ok": true}, {"n": "y"}]; c.ok }',
            "fail",
            "cases that are not true: y",
        ),
        ('test_a[g][n] if { some g in [1, 2]; some n in ["x"]; g == 1 }', "fail", "cases that are not true: 2/x"),
        ('test_a.group[n] if { some n in ["x", "y"]; not n == "y" }', "fail", "cases that are not true: group/y"),
        ("test_a[n] if { n := input.n; n == 1 }", "fail", "there was no case to try"),
        ("deep.test_a if true", "pass", ""),
        ("todo_test_a if false", "skip", ""),
        ("test_a(x) if x", "error", "a function is no test: it is never called"),
        ("test_a if f(1)\nf(_) := 1\nf(_) := 2", "error", "functions must not produce multiple outputs"),
    ],
)
def test_a_test_passes_when_it_is_true(rule: str, outcome: str, message: str) -> None:
    (test,) = run(rule)
    assert test.outcome == outcome
    assert message in test.message
    assert bool(test.message) == bool(message)


def test_rules_of_one_name_are_several_tests() -> None:
    tests = run("test_a if false\ntest_a if true\ntest_a if { false } else if { true }")
    assert [(test.name, test.outcome) for test in tests] == [
        ("data.app.test_a", "fail"),
        ("data.app.test_a#01", "pass"),
        ("data.app.test_a#02", "pass"),
    ]
    assert [test.place for test in tests] == ["app_test.rego:3", "app_test.rego:4", "app_test.rego:5"]


def test_each_case_that_failed_has_its_own_values() -> None:
    body = 'test_a[name] if {\n\tsome name, x in {"one": 1, "two": 5, "four": 4}\n\tx < 4\n\tn := x\n\tn < 3\n}'
    (test,) = run(body)
    assert test.cases == {"one": True, "two": False, "four": False}
    assert [(each.case, each.expression, dict(each.values)) for each in test.failures] == [
        ("four", "x < 4", {"name": '"four"', "x": "4"}),
        ("two", "x < 4", {"name": '"two"', "x": "5"}),
    ]


def test_a_case_ends_where_the_one_around_it_goes_on() -> None:
    body = 'test_a[g][n] if {\n\tsome g in ["x", "y"]\n\tsome n in ["one"]\n\tn == g\n}'
    (test,) = run(body)
    assert [(each.case, each.expression, dict(each.values)["g"]) for each in test.failures] == [
        ("x/one", "n == g", '"x"'),
        ("y/one", "n == g", '"y"'),
    ]


def test_cases_of_one_name_are_several_tests_too() -> None:
    tests = run('test_a[n] if { some n in ["x"]; n == "y" }\ntest_a[n] if some n in ["x"]')
    assert [(test.name, test.outcome) for test in tests] == [
        ("data.app.test_a", "fail"),
        ("data.app.test_a#01", "pass"),
    ]


def test_v0_is_tested_too() -> None:
    report = rego.test({"a.rego": "package a\ntest_a { input.x == 1 with input as {} }\ntest_b { true }"})
    assert [test.outcome for test in report.tests] == ["fail", "pass"]


def test_only_those_that_match_are_run() -> None:
    assert [test.name for test in run("test_a := true\ntest_b := false", only="app.*_a$")] == ["data.app.test_a"]
    with pytest.raises(UsageError, match="not a regular expression"):
        run("test_a := true", only="(")


def test_what_is_printed_is_kept() -> None:
    (test,) = run('test_a if { print("x is", 1); false }')
    assert test.output == ("x is 1",)


def test_data_and_time_are_given() -> None:
    tests = run("test_a if data.limit == 3\ntest_b if time.now_ns() == 7", data={"limit": 3}, now_ns=7)
    assert [test.outcome for test in tests] == ["pass", "pass"]


def test_times_come_from_the_clock_that_is_given() -> None:
    ticks = count(step=1_000)
    (test,) = run("test_a := true", clock=lambda: next(ticks))
    assert (test.nanoseconds, test.runs) == (1_000, 1)
    slow = count(step=50_000_000)
    (test,) = run("test_a := true", clock=lambda: next(slow), bench=True)
    assert (test.nanoseconds, test.runs) == (50_000_000, 4)


def test_a_failure_names_the_expression_and_the_values_around_it() -> None:
    found = failure('test_a if {\n\tn := 3\n\tm := {"a": [n]}\n\tcount(m.a) == 2 # comment\n}')
    assert found.rule == "data.app.test_a"
    assert found.place == "app_test.rego:6"
    assert found.expression == "count(m.a) == 2"
    assert found.values == (("n", "3"), ("m", '{"a": [3]}'), ("m.a", "[3]"), ("count(m.a)", "1"))


def test_a_failure_leads_to_the_rule_that_did_not_hold() -> None:
    found = failure('test_a if allow with input as {"roles": ["dev", "admin"], "day": "su"}')
    assert ("allow", "false") in found.values
    (rule,) = found.inner
    assert (rule.rule, rule.place, rule.expression) == ("data.app.allow", "app.rego:8", "is_weekday(input.day)")
    assert rule.values == (("role", '"admin"'), ("input.day", '"su"'), ("is_weekday(input.day)", "undefined"))
    first, second = rule.inner
    assert (first.place, first.expression, first.values) == ("app.rego:11", 'day in {"mo", "tu"}', (("day", '"su"'),))
    assert (second.place, second.expression) == ("app.rego:13", 'is_weekday("we")')
    assert second.values == (("argument 1", '"su"'),)


def test_a_failure_of_every_names_the_member() -> None:
    (rule,) = failure('test_a if small with input as {"xs": [2, 11, 3]}').inner
    (member,) = rule.inner
    assert (member.place, member.expression, member.values, member.times) == (
        "app.rego:17",
        "x < 10",
        (("x", "11"),),
        2,
    )


def test_a_failure_of_a_chain_names_each_branch() -> None:
    found = failure('test_a if level == 2 with input as {"x": 2, "y": {"z": 3}}')
    assert [inner.expression for inner in found.inner] == ["input.x == 1", "input.y.z > 3"]


def test_a_negated_expression_shows_what_it_negates() -> None:
    found = failure('test_a if not is_weekday("mo")')
    assert found.expression == 'not is_weekday("mo")'
    assert found.values == (('is_weekday("mo")', "true"),)
    assert found.inner == ()


def test_a_value_that_is_undefined_is_the_heads() -> None:
    found = failure('test_a := is_weekday("su")')
    assert found.expression == 'test_a := is_weekday("su")'
    assert [inner.place for inner in found.inner] == ["app.rego:11", "app.rego:13"]


def test_the_last_of_many_is_shown() -> None:
    found = failure("test_a if {\n\tsome x in [1, 2, 3]\n\tx > 5\n}")
    assert (found.expression, found.values, found.times) == ("x > 5", (("x", "3"),), 3)


def test_values_are_cut_before_they_are_read_whole() -> None:
    assert brief([1, "a", {"k": None}, rego.RegoSet.of([2, 1]), True]) == '[1, "a", {"k": null}, {1, 2}, true]'
    assert brief("x" * 1_000_000, limit=10) == '"xxxxxxxxx…'
    assert brief([list(range(1_000_000))], limit=10) == "[[0, 1, 2,…"
    assert (brief(rego.UNDEFINED), brief({}), brief(rego.RegoSet.of([]))) == ("undefined", "{}", "set()")


def test_deep_calls_end_with_a_message() -> None:
    chain = "\n".join(f"f{n}(x) := f{n + 1}(x)" for n in range(100)) + "\nf100(x) := x"
    (test,) = run(f"{chain}\ntest_a if f0(1) == 2")
    assert test.outcome in ("fail", "error")


def test_problems_of_all_files_are_told_at_once() -> None:
    with pytest.raises(rego.CompileError) as raised:
        rego.test({"a.rego": "package a\nx := {", "b.rego": "package b\ny := }"})
    assert [problem.partition(":")[0] for problem in raised.value.problems] == ["a.rego", "b.rego"]
