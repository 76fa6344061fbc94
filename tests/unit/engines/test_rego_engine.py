"""Bare Rego, and Rego written for gateproof."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines import rego
from gateproof.engines.interface import Outcome, Result
from gateproof.errors import GateproofError, PolicyError
from gateproof.inputs import Input
from gateproof.inputs.context import Fact

NOW = "2026-11-23T05:00:00Z"
ARTICLE = Path(__file__).parents[2] / "golden" / "article" / "s3.rego"


def plan(*changes: dict[str, Any]) -> Input:
    subject = inputs.parse(json.dumps({"format_version": "1.2", "resource_changes": changes}).encode())
    assert not subject.problem
    return subject


def change(address: str, after: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    kind, name = address.split(".")
    actions = ["create"] if after is not None else ["delete"]
    row = {"address": address, "mode": "managed", "type": kind, "name": name}
    return {**row, **more, "change": {"actions": actions, "before": None, "after": after}}


def policy(text: str, engine: EngineName = EngineName.REGO, **more: Any) -> Policy:
    return Policy(
        id=more.pop("id", "example"),
        engine=engine,
        title="Example",
        severity=Severity.HIGH,
        controls=("nist-800-53@5:SC-28",),
        sources=(Source("policy.rego", text),),
        **more,
    )


def run(subject: Input, text: str, engine: EngineName = EngineName.REGO, **more: Any) -> list[Result]:
    facts = more.pop("evidence", {})
    return list(rego.RegoEngine().evaluate(policy(text, engine, **more), subject, facts, now=NOW))


def messages(found: list[Result]) -> list[str]:
    return [finding.message for result in found for finding in result.findings]


# bare Rego.


def bucket(acl: str) -> dict[str, Any]:
    return change("aws_s3_bucket.cards", {"bucket": "acme-cards", "acl": acl})


def encryption(rule: Any) -> dict[str, Any]:
    return change("aws_s3_bucket_server_side_encryption_configuration.cards", {"rule": rule})


def key(arn: str) -> dict[str, Any]:
    return {"apply_server_side_encryption_by_default": {"kms_master_key_id": arn, "sse_algorithm": "aws:kms"}}


GOOD_KEY, BAD_KEY = "arn:aws:kms:us-east-1:123456789012:key/1", "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([bucket("public-read")], ["S3 acme-cards is public"]),
        ([bucket("private")], []),
        ([encryption(key(BAD_KEY))], ["S3 must use approved KMS key"]),
        ([encryption(key(GOOD_KEY))], []),
        (
            [bucket("public-read"), encryption(key(BAD_KEY))],
            ["S3 acme-cards is public", "S3 must use approved KMS key"],
        ),
        # A real plan has a list here, and the printed rule reads an object: it cannot fire.
        ([encryption([key(BAD_KEY)])], []),
    ],
)
def test_the_article_s_policy_as_printed(changes: list[dict[str, Any]], expected: list[str]) -> None:
    found = run(plan(*changes), ARTICLE.read_text())
    assert messages(found) == expected
    assert [(one.resource, one.outcome) for one in found] == [("plan", Outcome.FAIL if expected else Outcome.PASS)]


def test_the_article_s_policy_on_a_resource_that_is_removed() -> None:
    assert messages(run(plan(change("aws_s3_bucket.cards", None)), ARTICLE.read_text())) == []


RULES = """
package main

deny contains "plain" if true
deny_more contains {"msg": "object", "details": {"x": 1}} if true
violation contains {"msg": "violation"} if true
warn contains "careful" if true
warn_me_twice contains "twice" if true
denying contains "not a rule of ours" if true
"""


def test_every_rule_of_conftest() -> None:
    (result,) = run(plan(), RULES)
    found = {finding.message: finding.severity for finding in result.findings}
    assert found == {
        "plain": Severity.HIGH,
        "object": Severity.HIGH,
        "violation": Severity.HIGH,
        "careful": Severity.LOW,
        "twice": Severity.LOW,
    }
    assert result.findings[0].controls == ("nist-800-53@5:SC-28",)


def test_a_policy_named_after_a_package_is_that_package() -> None:
    sources = (
        Source("a.rego", "package a\n\ndeny contains data.b.name if true\n"),
        Source("b.rego", 'package b\n\nname := "b"\n\ndeny contains "of b" if true\n'),
    )
    for name, expected in (("a", ["b"]), ("b", ["of b"]), ("other", ["b", "of b"])):
        both = Policy(id=name, engine=EngineName.REGO, title="", severity=Severity.HIGH, sources=sources)
        assert messages(list(rego.RegoEngine().evaluate(both, plan(), {}, now=NOW))) == expected


def test_each_kubernetes_object_is_an_input() -> None:
    manifests = (
        b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b}\n"
    )
    text = 'package main\n\ndeny contains input.metadata.name if input.kind == "Service"\n'
    found = run(inputs.parse(manifests), text)
    assert [(one.resource, one.outcome) for one in found] == [
        ("v1/Pod/a", Outcome.PASS),
        ("v1/Service/b", Outcome.FAIL),
    ]
    assert found[1].findings[0].document == 1


def test_one_kubernetes_object_is_named() -> None:
    (result,) = run(inputs.parse(b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"), RULES)
    assert result.resource == "v1/Pod/a"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("deny := true", ["main.deny is true"]),
        ('deny := "text"', ["text"]),
        ('deny := ["a", "b"]', ["a", "b"]),
        ("deny := false", []),
        ("deny := true if false", []),
    ],
)
def test_rules_that_are_no_sets_are_taken_at_their_word(rule: str, expected: list[str]) -> None:
    assert messages(run(plan(), f"package main\n\n{rule}\n")) == expected


@pytest.mark.parametrize("rule", ["deny contains 1 if true", 'deny contains {"message": "x"} if true', "deny := 1"])
def test_what_is_no_message_is_an_error(rule: str) -> None:
    (result,) = run(plan(), f"package main\n\n{rule}\n")
    assert result.outcome is Outcome.ERROR
    assert result.reason == "main.deny holds a value that is neither a string nor an object with msg"


EXCEPTIONS = """
package main

import rego.v1

bucket := input.resource_changes[0].change.after

deny_public contains "public" if bucket.acl == "public-read"

deny_owner contains "no owner" if not bucket.owner

exception contains rules if {
	bucket.website
	rules := ["public"]
}
"""


def test_an_exception_is_a_skip_that_says_so() -> None:
    (result,) = run(plan(change("b.a", {"acl": "public-read", "website": True, "owner": "me"})), EXCEPTIONS)
    assert (result.outcome, result.reason) == (Outcome.SKIP, "exception in the policy: deny_public")


def test_an_exception_covers_the_rules_that_it_names_and_no_other() -> None:
    (result,) = run(plan(change("b.a", {"acl": "public-read", "website": True})), EXCEPTIONS)
    assert result.outcome is Outcome.FAIL
    assert messages([result]) == ["no owner"]
    assert result.reason == "exception in the policy: deny_public"


def test_an_exception_without_a_failure_is_a_pass() -> None:
    (result,) = run(plan(change("b.a", {"acl": "private", "website": True, "owner": "me"})), EXCEPTIONS)
    assert (result.outcome, result.reason) == (Outcome.PASS, "")


def test_without_its_condition_an_exception_is_none() -> None:
    (result,) = run(plan(change("b.a", {"acl": "public-read", "owner": "me"})), EXCEPTIONS)
    assert messages([result]) == ["public"]


@pytest.mark.parametrize("rule", ['exception contains "public"', 'exception := "public"', "exception contains 1"])
def test_exceptions_that_are_no_lists_are_an_error(rule: str) -> None:
    text = f'package main\n\nimport rego.v1\n\ndeny_public contains "x"\n\n{rule}\n'
    (result,) = run(plan(), text)
    assert result.outcome is Outcome.ERROR
    assert "lists of names" in result.reason


def test_an_evaluation_that_does_not_end_is_an_error() -> None:
    (result,) = run(plan(), 'package main\n\ndeny contains "x" if count(numbers.range(1, 1000000000)) == 1\n')
    assert result.outcome is Outcome.ERROR
    assert result.reason


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("package main\n\nallow := true\n", "no rule deny, violation or warn"),
        ("package main\n\ndeny contains x if true\n", "unsafe"),
        ("pakage main\n", "expected package"),
    ],
)
def test_what_is_refused(text: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        rego.RegoEngine().check(policy(text))


def test_a_policy_without_rego_is_refused() -> None:
    empty = Policy(
        id="a", engine=EngineName.REGO, title="", severity=Severity.LOW, sources=(Source("a_test.rego", ""),)
    )
    with pytest.raises(PolicyError, match="has no Rego file"):
        rego.RegoEngine().check(empty)


# Rego written for gateproof.

CONTRACT = """
package gateproof.policies.no_bad_names

import rego.v1

applies contains r.address if some r in input.resources

deny contains {"resource": r.address, "message": message, "path": ["name"]} if {
	some r in input.resources
	r.values.name in data.parameters.bad
	message := sprintf("%s is bad in a %s", [r.values.name, input.kind])
}

undecided contains {"resource": r.address, "reason": "name is known only after apply"} if {
	some r in input.resources
	r.unknown.name == true
}
"""
OURS = EngineName.REGO_RESOURCE


def ours(text: str, *changes: dict[str, Any], **more: Any) -> list[Result]:
    return run(plan(*changes), text, OURS, **{"id": "no-bad-names", "parameters": {"bad": ["x"]}, **more})


def test_a_result_for_each_resource() -> None:
    late = change("aws_a.late", {})
    late["change"]["after_unknown"] = {"name": True}
    found = ours(CONTRACT, change("aws_a.bad", {"name": "x"}), change("aws_a.good", {"name": "y"}), late)
    assert {one.resource: (one.outcome, one.reason) for one in found} == {
        "aws_a.bad": (Outcome.FAIL, ""),
        "aws_a.good": (Outcome.PASS, ""),
        "aws_a.late": (Outcome.ERROR, "name is known only after apply"),
    }
    (finding,) = found[0].findings
    assert finding.message == "x is bad in a terraform-plan"
    assert finding.path == ("resource_changes", 0, "change", "after", "name")


def test_a_failure_is_no_less_for_being_undecided_elsewhere() -> None:
    both = change("aws_a.both", {"name": "x"})
    both["change"]["after_unknown"] = {"name": True}
    (result,) = ours(CONTRACT, both)
    assert result.outcome is Outcome.FAIL


def test_what_is_denied_is_judged_even_where_applies_forgot_it() -> None:
    text = CONTRACT.replace(
        "applies contains r.address if", 'applies contains r.address if false; r := {"address": 1}; '
    )
    text = CONTRACT.replace("some r in input.resources\n\ndeny", "some r in []\n\ndeny")
    (result,) = ours(text, change("aws_a.bad", {"name": "x"}), change("aws_a.good", {"name": "y"}))
    assert (result.resource, result.outcome) == ("aws_a.bad", Outcome.FAIL)


def test_nothing_to_judge_is_a_skip() -> None:
    (result,) = ours(CONTRACT)
    assert (result.resource, result.outcome) == ("", Outcome.SKIP)
    assert result.reason == "it applies to no resource in this input"


def test_a_policy_need_not_say_what_it_cannot_decide() -> None:
    text = CONTRACT[: CONTRACT.index("undecided")]
    assert [one.outcome for one in ours(text, change("aws_a.good", {"name": "y"}))] == [Outcome.PASS]


def test_facts_and_kubernetes_paths() -> None:
    text = """
package gateproof.policies.example

applies contains r.address if some r in input.resources

deny contains {"resource": r.address, "message": "closed", "path": ["spec"]} if {
	some r in input.resources
	data.facts.freeze.on
}
"""
    fact = Fact(name="freeze", source="test", observed_at=NOW, max_age=60, value={"on": True})
    subject = inputs.parse(b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    (result,) = run(subject, text, OURS, evidence={"freeze": fact})
    assert result.findings[0].path == ("spec",)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('deny contains "text" if true', "deny holds something else"),
        ('deny contains {"resource": "aws_a.b"} if true', "deny holds something else"),
        ('deny contains {"resource": 1, "message": "x"} if true', "deny holds something else"),
        ('deny contains {"resource": "aws_a.b", "message": "x", "path": "name"} if true', "path that is not a list"),
        ('deny contains {"resource": "aws_a.b", "message": "x", "path": [true]} if true', "path that is not a list"),
        ('deny contains {"resource": "elsewhere", "message": "x"} if true', "'elsewhere', which is no resource"),
        ("deny := [1]", "the rule deny is not a set"),
        ('undecided contains "x" if true', "undecided holds something else"),
        ("applies contains 1 if true", "applies holds something else"),
    ],
)
def test_answers_outside_the_contract(rule: str, problem: str) -> None:
    head = "package gateproof.policies.example\n\n"
    rest = "" if rule.startswith("deny") else "deny contains {} if false\n"
    more = "" if rule.startswith("applies") else "applies contains r.address if some r in input.resources\n"
    with pytest.raises(GateproofError, match=problem):
        run(plan(change("aws_a.b", {})), f"{head}{rule}\n{rest}{more}", OURS)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("other", CONTRACT, "no rule applies and no rule deny in package gateproof.policies.other"),
        ("no-bad-names", CONTRACT.replace("deny contains", "denied contains"), "has no rule deny in package"),
        ("x.applies]\n}\n", CONTRACT, "is no id for a policy"),
    ],
)
def test_policies_outside_the_contract(name: str, text: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        rego.RegoEngine().check(policy(text, OURS, id=name))


def test_a_policy_may_have_several_files_of_any_name() -> None:
    head, rest = CONTRACT.split("deny contains", 1)
    package = "package gateproof.policies.no_bad_names\n\nimport rego.v1\n\n"
    several = Policy(
        id="no-bad-names",
        engine=OURS,
        title="",
        severity=Severity.LOW,
        parameters={"bad": ["x"]},
        sources=(Source("contract.rego", f"{package}deny contains{rest}"), Source("policy.rego", head)),
    )
    (result,) = rego.RegoEngine().evaluate(several, plan(change("aws_a.bad", {"name": "x"})), {}, now=NOW)
    assert result.outcome is Outcome.FAIL


def test_a_deposed_object_does_not_hide_the_resource() -> None:
    live = change("aws_a.b", {"name": "x"})
    deposed = change("aws_a.b", None, deposed="0a1b2c3d")
    for changes in ((live, deposed), (deposed, live)):
        (result,) = [one for one in ours(CONTRACT, *changes) if one.outcome is Outcome.FAIL]
        assert result.resource == "aws_a.b"


def test_time_comes_from_now_alone() -> None:
    text = "package main\n\ndeny contains time.format(time.now_ns()) if true\n"
    assert messages(run(plan(), text)) == [NOW]


# compiled policies.


class Shelf:
    """A cache in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, digest: str) -> bytes | None:
        return self.kept.get(digest)

    def put(self, digest: str, program: bytes) -> None:
        self.kept[digest] = program


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    kept = Shelf()
    rego.use_cache(kept)
    rego._loaded.cache_clear()
    yield kept
    rego.use_cache(None)
    rego._loaded.cache_clear()


def test_a_stored_program_gives_the_same_results(shelf: Shelf) -> None:
    compiled = run(plan(bucket("public-read")), ARTICLE.read_text())
    (digest,) = shelf.kept
    assert digest.startswith("sha256:")
    rego._loaded.cache_clear()
    assert run(plan(bucket("public-read")), ARTICLE.read_text()) == compiled


def test_a_stored_program_that_cannot_be_read_is_replaced(shelf: Shelf) -> None:
    compiled = run(plan(bucket("public-read")), ARTICLE.read_text())
    (digest,) = shelf.kept
    good = shelf.kept[digest]
    shelf.kept[digest] = b"\xc1 of another version"
    rego._loaded.cache_clear()
    assert run(plan(bucket("public-read")), ARTICLE.read_text()) == compiled
    assert shelf.kept[digest] == good


def test_strings_that_are_no_text_are_shown_as_go_shows_them() -> None:
    text = """package a
import rego.v1
deny contains msg if { msg := base64.decode("7aCA") }
deny contains "\\ud800 x"
deny contains msg if { msg := sprintf("%v", [time.clock([0, "Europe/Berlin"])]) }
"""
    assert set(messages(run(plan(), text))) == {"[1, 0, 0]", "\ufffd x", "\ufffd\ufffd\ufffd"}
