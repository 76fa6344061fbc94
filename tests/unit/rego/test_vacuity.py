"""Vacuity: rules that could not hold are found, rules that merely did not are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateproof import rego
from gateproof.rego import vacuity

ARTICLE = Path(__file__).parents[2] / "golden" / "article" / "s3.rego"


def found(body: str, *inputs: Any, data: Any = None, rule: str = "data.p.deny") -> list[vacuity.Vacuous]:
    """What watching says of a module whose last rule, or rules, are ``body``."""
    program = vacuity.watched({"p.rego": f"package p\n{body}"}, v0=False)
    watch = vacuity.Watch(program)
    for given in inputs:
        program.evaluate(rule, given, data, observer=watch)
    return list(watch.vacuous())


def messages(body: str, *inputs: Any, data: Any = None) -> list[str]:
    return [one.message.partition("could not fire: ")[2] for one in found(body, *inputs, data=data)]


def plan(*rules: Any) -> dict[str, Any]:
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    other = {"type": "aws_s3_bucket", "change": {"after": {"bucket": "b", "acl": "private"}}}
    changes = [{"type": kind, "change": {"after": {"rule": rule}}} for rule in rules]
    return {"resource_changes": [other, *changes]}


BLOCK = {"apply_server_side_encryption_by_default": [{"kms_master_key_id": "arn:aws:kms:eu-west-1:1:key/k"}]}
OBJECT = {"apply_server_side_encryption_by_default": {"kms_master_key_id": "arn:aws:kms:us-east-1:1:key/k"}}


def article(*rules: Any) -> tuple[vacuity.Vacuous, ...]:
    program = vacuity.watched({"s3.rego": ARTICLE.read_text(encoding="utf-8")})
    watch = vacuity.Watch(program)
    program.evaluate("data.tf.aws.s3.deny", plan(*rules), observer=watch)
    return watch.vacuous()


def test_the_rule_of_the_article_cannot_fire_on_a_real_plan() -> None:
    (one,) = article([BLOCK], [BLOCK])
    assert one == vacuity.Vacuous(
        rule="tf.aws.s3.deny",
        file="s3.rego",
        line=13,
        text="sse := input.resource_changes[r].change.after.rule.apply_server_side_encryption_by_default",
        path="input.resource_changes[1].change.after.rule",
        found="array [{apply_server_side_encryption_by_default: […]}]",
        expected="object",
        evaluations=2,
    )
    path = "input.resource_changes[1].change.after.rule"
    assert one.message == f"the rule at s3.rego:13 could not fire: {path} is an array, not an object"


def test_it_can_where_one_resource_is_as_it_reads_it() -> None:
    assert article([BLOCK], OBJECT) == ()
    assert article(OBJECT, [BLOCK]) == ()


def test_what_is_not_there_says_nothing() -> None:
    assert article() == ()
    assert article(None) == ()
    assert [one.evaluations for one in article(None, [BLOCK], None)] == [1]


@pytest.mark.parametrize(
    ("body", "given", "said"),
    [
        ("deny if input.a.b.c", {"a": {"b": [1]}}, "input.a.b is an array, not an object"),
        ("deny if input.a.b", {"a": "text"}, "input.a is a string, not an object"),
        ("deny if input.a[0]", {"a": {"b": 1}}, "input.a is an object, not an array"),
        ("deny if { k := input.key; input.a[k] }", {"a": [1], "key": "b"}, "input.a is an array, not an object"),
        ("deny if input.a[_] == 1", {"a": 1}, "input.a is a number, not a collection"),
        ("deny if { some x in input.a; x }", {"a": True}, "input.a is a boolean, not a collection"),
        ("deny if { every x in input.a { x } }", {"a": "b"}, "input.a is a string, not a collection"),
        ('deny if input.n == "3"', {"n": 3}, "input.n is a number, not a string"),
        ('deny if "3" == input.n', {"n": 3}, "input.n is a number, not a string"),
        ("deny if input.flag == true", {"flag": "true"}, "input.flag is a string, not a boolean"),
        ("deny if input.n == 3", {"n": "3"}, "input.n is a string, not a number"),
        ("deny if input.a == input.b", {"a": 1, "b": "1"}, "input.a is a number, not a string"),
        ('deny if { x := input.a[_]; x.b == "c" }', {"a": ["b"]}, "input.a[0] is a string, not an object"),
        ('deny if startswith(input.a, "b")', {"a": ["b"]}, "input.a is an array, not a string"),
        ("deny if count(input.n) > 0", {"n": 3}, "input.n is a number, not array, object, set, string"),
        ("deny if input.n + 1 == 2", {"n": "1"}, "input.n is a string, not a number"),
        ("deny if data.limits.max.value", {}, "data.limits.max is a number, not an object"),
    ],
)
def test_each_kind_of_mismatch(body: str, given: Any, said: str) -> None:
    assert messages(body, given, data={"limits": {"max": 3}}) == [said]


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("deny if input.a.b", {"a": {}}),
        ("deny if input.a.b", {}),
        ("deny if input.a.b", {"a": None}),
        ("deny if input.a[5]", {"a": [1]}),
        ("deny if input.a[_]", {"a": []}),
        ('deny if input.a == "x"', {"a": "y"}),
        ('deny if input.a == "x"', {"a": None}),
        ('deny if input.a != "x"', {"a": 1}),
        ("deny if input.a == null", {"a": 1}),
        ("deny if input.n > 3", {"n": "text"}),
        ('deny if startswith(input.a, "b")', {"a": "c"}),
        ("deny if to_number(input.a) > 1", {"a": "text"}),
        ('deny if { walk(input, [_, v]); v.image == "x" }', {"a": [1, {"b": "c"}]}),
        ("deny if not input.a.b", {"a": [1]}),
        ('deny if { not startswith(input.a, "x"); input.b == "c" }', {"a": "y", "b": "d"}),
        ('deny if { print(input.a.b); input.c == "d" }', {"a": 1, "c": "e"}),
    ],
)
def test_what_is_no_mismatch(body: str, given: Any) -> None:
    assert found(body, given) == []


def test_a_rule_that_holds_somewhere_is_not_vacuous() -> None:
    body = "deny contains x.b.c if some x in input.a"
    assert found(body, {"a": [{"b": {"c": 1}}, {"b": [1]}]}) == []
    assert found(body, {"a": [{"b": [1]}, {"b": {"c": 1}}]}) == []
    assert found(body, {"a": [{"b": [1]}]}, {"a": [{"b": {"c": 1}}]}) == []
    assert [one.evaluations for one in found(body, {"a": [{"b": [1]}]}, {"a": [{"b": [1]}, {"b": "x"}]})] == [3]


def test_an_expression_that_was_passed_is_passed_whatever_follows() -> None:
    body = "deny contains x if { some x in input.a; y := x.b; z := y.c; not z }"
    assert found(body, {"a": [{"b": [1]}, {"b": {"c": True}}]}) == []
    assert found("deny contains x if { some x in input; y := [v | v := x.b]; count(y) > 5 }", [{"b": 1}, 1, 2]) == []


def test_each_clause_of_a_set_is_for_itself() -> None:
    body = "deny contains 1 if input.a.b\ndeny contains 2 if input.c"
    assert [one.line for one in found(body, {"a": [1], "c": True})] == [2]


@pytest.mark.parametrize(
    "helper",
    [
        'is_on if input.v == true\nis_on if input.v == "true"',
        'is_on if { input.v == true } else if input.v == "true"',
        "is_on := true if input.v.on\nis_on := true if input.v[_].on",
    ],
)
def test_ways_to_one_answer_are_vacuous_together(helper: str) -> None:
    body = f"deny if is_on\n{helper}"
    assert found(body, {"v": "false"}) == [] or "[_]" in helper
    assert found(body, {"v": [{"off": 1}]}) == [] or "[_]" not in helper
    assert {one.rule for one in found(body, {"v": 3})} == {"p.is_on"}


def test_functions_are_judged_over_all_their_calls() -> None:
    body = "deny if { some x in input; f(x) }\nf(x) if x.on == true"
    (one,) = found(body, [[1], "a"])
    assert (one.rule, one.path, one.found, one.evaluations) == ("p.f", "x", "array [number]", 2)
    assert found(body, [[1], {"on": False}]) == []


def test_inside_of_comprehensions() -> None:
    body = "deny if count([x | x := input.a[_].b]) > 0"
    assert messages(body, {"a": ["c", "d"]}) == ["input.a[0] is a string, not an object"]
    fired = "deny if count([x | x := input.a[_].b]) == 0"
    assert found(fired, {"a": ["c"]}) == []


def test_with_is_seen_with_its_document() -> None:
    body = "deny if input.a.b with input.a as [1]"
    assert messages(body, {"a": {"b": 1}}) == ["input.a is an array, not an object"]
    both = 'deny if { inner with input as 1 }\ndeny if { inner with input as {"a": 1} }\ninner if input.a'
    assert found(both, {}) == []


def test_values_of_the_input_are_not_shown() -> None:
    secret = {"password": "hunter2", "list": ["hunter2", {"deep": {"deeper": 1}}, 3]}
    (one,) = found("deny if input.a.b", {"a": [secret]})
    assert one.found == "array [{list: [string, …, …], password: string}]"
    (one,) = found('deny if input.a == "b"', {"a": [f"hunter2-{n}" for n in range(5)]})
    assert one.found == "array [string, string, …]"


def test_a_stored_program_can_be_watched() -> None:
    program = vacuity.watched({"p.rego": "package p\ndeny if input.a.b"}, v0=False)
    again = rego.Program.from_bytes(program.to_bytes())
    watch = vacuity.Watch(again)
    again.evaluate("data.p.deny", {"a": 1}, observer=watch)
    assert [one.line for one in watch.vacuous()] == [2]


def test_without_an_observer_nothing_is_noted() -> None:
    program = vacuity.watched({"p.rego": "package p\ndeny if input.a.b"}, v0=False)
    watch = vacuity.Watch(program)
    assert program.evaluate("data.p.deny", {"a": 1}) is rego.UNDEFINED
    assert watch.vacuous() == ()


def test_an_observer_is_of_one_program() -> None:
    program = vacuity.watched({"p.rego": "package p\ndeny if input.a.b"}, v0=False)
    other = vacuity.watched({"p.rego": "package p\ndeny if input.a"}, v0=False)
    with pytest.raises(rego.EvalError, match="another program"):
        other.evaluate("data.p.deny", {}, observer=vacuity.Watch(program))
