"""Which rules conftest asks, what counts as what, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof.engines.conftest import Checked, File, Location, Message, Policies
from gateproof.engines.conftest.evaluation import exempt_name
from gateproof.errors import EvaluationError, GateproofError, PolicyError

NOW_NS = 1_800_000_000_000_000_000


def check(rules: str, configuration: Any, *, namespace: str = "main", data: dict[str, Any] | None = None) -> Checked:
    policies = Policies({"main.rego": f"package main\n\nimport rego.v1\n\n{rules}\n"}, data or {})
    return policies.check(File("f.json", configuration, "f.json", "/x"), namespace, now_ns=NOW_NS)


def texts(messages: tuple[Message, ...]) -> list[str]:
    return [message.text for message in messages]


def test_messages_successes_and_their_number() -> None:
    rules = (
        'deny contains "a"\n\ndeny contains "b" if false\n\nwarn_x contains {"msg": "w", "k": 1}\n\ndeny_y contains ""'
    )
    found = check(rules, {})
    assert texts(found.failures) == ["a"]
    assert found.warnings == (Message("w", metadata={"k": 1, "query": "data.main.warn_x"}),)
    assert (found.successes, found.tests) == (2, 4)


def test_each_member_of_a_list_is_tested() -> None:
    found = check('deny contains sprintf("%v", [input.n]) if input.n > 1', [{"n": 1}, {"n": 2}, {"n": 3}])
    assert (texts(found.failures), found.successes) == (["2", "3"], 1)


def test_an_exception_stands_in_for_what_its_rule_finds() -> None:
    rules = 'deny_a contains "x"\n\ndeny_b contains "y"\n\nexception contains ["a", "other"]'
    found = check(rules, {})
    assert texts(found.exceptions) == ['data.main.exception[_][_] == "a"']
    assert texts(found.failures) == ["y"]


@pytest.mark.parametrize(
    ("rule", "name"), [("deny", ""), ("warn", ""), ("deny_a", "a"), ("violation_deny_a_b", "a_b"), ("warn_x", "x")]
)
def test_names_of_exceptions(rule: str, name: str) -> None:
    assert exempt_name(rule) == name


def test_a_namespace_that_no_policy_has() -> None:
    assert check('deny contains "x"', {}, namespace="absent") == Checked("f.json", "absent")


def test_namespaces_are_spelled_as_references() -> None:
    policies = Policies({"a.rego": "package b.c", "b.rego": 'package a["x-y"].z', "c.rego": "package b.c"}, {})
    assert policies.namespaces == ("b.c", 'a["x-y"].z')


def test_policies_see_data_and_the_file() -> None:
    data = {"conftest": {"kept": 1}, "limit": 2}
    rules = """deny contains concat(" ", [data.conftest.file.name, data.conftest.file.dir]) if {
	data.conftest.kept + 1 == data.limit
}"""
    assert texts(check(rules, {}, data=data).failures) == ["f.json /x"]


def test_combined_configurations_are_one_test() -> None:
    policies = Policies({"m.rego": "package main\n\nimport rego.v1\n\ndeny contains input[_].path"}, {})
    found = policies.check_combined({"b": {}, "a": [1, 2]}, "/x", "main", now_ns=NOW_NS)
    assert (found.file, texts(found.failures)) == ("Combined", ["a", "b"])


def test_locations() -> None:
    rules = """deny contains {"msg": "a", "_loc": {"file": "x", "line": 3}}

warn contains {"msg": "b", "_loc": {"line": "3"}}"""
    found = check(rules, {})
    assert found.failures[0].location == Location("x", 3)
    assert found.warnings[0].location is None


def test_prints_are_kept_with_their_query() -> None:
    found = check('deny contains "x" if print("seen", input.a)', {"a": 1})
    assert [query.printed for query in found.queries if query.query == "data.main.deny"] == [("main.rego:5: seen 1",)]


def test_parse_config_reads_with_the_same_parsers() -> None:
    rules = 'deny contains parse_config("ini", "[s]\\na = b").s.a\n\nwarn contains "bad" if parse_config("json", "{")'
    found = check(rules, {})
    assert (texts(found.failures), texts(found.warnings)) == (["b"], [])


@pytest.mark.parametrize("builtin", ["parse_config_file(input.a)", "parse_combined_config_files([input.a])"])
def test_builtins_that_read_files_end_the_evaluation(builtin: str) -> None:
    with pytest.raises(EvaluationError, match="reads files"):
        check(f'deny contains "x" if not {builtin}', {"a": "/etc/hostname"})


@pytest.mark.parametrize(
    "rule",
    [
        "deny[x] if x := 1",
        "deny.x if true",
        "deny.x.y := true",
        "deny(x) := x",
        'deny_a contains "x"\n\nexception contains "a"',
        'exception(x) := x\n\ndeny contains "x"',
        'deny contains {"message": "x"}',
        'deny contains {"msg": 1}',
        'deny := "a"\n\ndeny := "b"',
        "deny contains x",
    ],
)
def test_what_is_refused(rule: str) -> None:
    with pytest.raises((PolicyError, EvaluationError)):
        check(rule, {})


def test_versions_of_the_language() -> None:
    old = {"a.rego": "package main\n\ndeny[msg] { msg := input.a } { msg := input.b }"}
    file = File("f", {"a": "x", "b": "y"}, "f", "/")
    found = Policies(old, {}, version="v0").check(file, "main", now_ns=NOW_NS)
    assert texts(found.failures) == ["x", "y"]
    with pytest.raises(GateproofError):
        Policies(old, {})
